/* SPDX-License-Identifier: MIT */
/* sqlite_schema.h - the tables of a new SQLite database, from sqlite_schema.sql
 */
#pragma once

/* The lines of the script, up to a NULL. */
extern const char *const sqlite_schema[];

/* The release of MLflow that it is from: no older one opens such tables. */
extern const char sqlite_schema_release[];
