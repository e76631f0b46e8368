/* SPDX-License-Identifier: MIT */
/* lead.h - what rank 0 does for the other ranks of its launch */
#pragma once

struct beginning;
struct err;
struct options;
struct outcome;
struct plan;

/*
 * With --rank-runs=nested the run around captures nothing, and the command of
 * each rank is this very kmlflow, which makes the run of that rank.
 * lead_nest() changes the plan so, for rank 0 and for the others.
 */
int lead_nest(const struct options *o, struct plan *p, struct err *err);

/* What an exec that was started so changes of its options. */
void lead_unnest(struct options *o);

/* Lets the others in; where it fails they run unwatched, which is told. */
void lead_open(const struct plan *p, const struct beginning *b);

/* Lets them know that there will be no run. */
void lead_refuse(const struct plan *p, const struct err *err);

/* Waits for their ends; 'o' becomes the outcome of all. */
void lead_end(const struct plan *p, const struct beginning *b,
              struct outcome *o);
