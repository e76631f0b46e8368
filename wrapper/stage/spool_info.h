/* SPDX-License-Identifier: MIT */
/* spool_info.h - what a spool holds, told without touching it */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct cJSON;

enum spool_state {
	SPOOL_RUNS,        /* its command, or somebody works on it */
	SPOOL_WAITS,       /* its command has ended: to be sent */
	SPOOL_INTERRUPTED, /* nobody saw how its command ended */
	SPOOL_EMPTY,       /* it holds no run (yet) */
	SPOOL_BROKEN,      /* 'problem' says why */
};

struct spool_info {
	char *dir;
	enum spool_state state;
	char *problem;
	char *run_id; /* NULL: the run is not made yet */
	char *run_name;
	char *experiment;
	char *store; /* without a password */
	char *image; /* of the interposed library, may be NULL */
	int64_t start_time;
	const char *status; /* "FINISHED", …; NULL: not known */
	int exit_code;      /* with 'status' */
	int signal;
	int files; /* to be sent; -1: not known before it is sent */
	int64_t bytes;
	int client_files; /* what an MLflow client has put there */
};

/* Fills *ret, whatever is there; spool_info_free() frees it. */
void spool_info_read(const char *dir, struct spool_info *ret);
void spool_info_free(struct spool_info *i);
#define cleanup_spool_info __attribute__((cleanup(spool_info_free)))

const char *spool_state_name(enum spool_state state);

struct cJSON *spool_info_json(const struct spool_info *i);

/* One line: id, state, age, files, size, name; for a table. */
void spool_info_line(const struct spool_info *i, int64_t now, struct buf *to);
