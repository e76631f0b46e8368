/* SPDX-License-Identifier: MIT */
/* rank.h - which of many equal processes of one launch this is */
#pragma once

#include <stdbool.h>

/* 'key' is the same for all ranks of a launch, and for no other launch. */
struct rank {
	int number;
	int size;  /* how many there are; 0: this is not one of many */
	char *key; /* 16 hex digits; NULL where 'size' is 0 */
};

/*
 * By the variables of mpirun, srun and torchrun.  An exec within a rank, as
 * rank_enter() marks it, is not a rank again: 'size' is 0, as it is alone.
 * rank_free() frees *ret.
 */
void rank_find(struct rank *ret);
void rank_free(struct rank *r);

/*
 * How long ranks wait for one another to come, in milliseconds:
 * KMLFLOW_RANK_TIMEOUT, else 'seconds'.
 */
int rank_timeout_ms(int seconds);

/* Marks the environment of what is started from here on. */
void rank_enter(const struct rank *r);

/* The first of all, whose run it is. */
bool rank_leads(const struct rank *r);

/* One of the others. */
bool rank_follows(const struct rank *r);
