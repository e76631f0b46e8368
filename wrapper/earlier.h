/* SPDX-License-Identifier: MIT */
/* earlier.h - what earlier attempts of the same job have left */
#pragma once

struct plan;
struct spool;

/*
 * The run of the plan's key, if there is one: the record takes it over, so
 * that it is continued.  ERR_CONFIG: its last attempt still runs here.
 */
struct err;
int earlier_take(struct plan *p, struct err *err);

/* Sends the spools beside 's' that attempts of the same key have left. */
void earlier_send(const struct plan *p, const struct spool *s);
