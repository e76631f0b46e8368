/* SPDX-License-Identifier: MIT */
/* sqlite_schema.h - the tables of a new SQLite database, from sqlite_schema.sql
 */
#pragma once

/* The lines of the script, up to a NULL. */
extern const char *const sqlite_schema[];
