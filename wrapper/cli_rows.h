/* SPDX-License-Identifier: MIT */
/* cli_rows.h - the options of all verbs, a row each */
#pragma once

#include <stddef.h>

/* What to do with an option's argument. */
enum action {
	SET_STRING, /* const char * */
	ADD_STRING, /* struct strv */
	ADD_PAIR,   /* struct kvs, K=V */
	SET_TRUE,
	SET_FALSE,
	SET_MODE,
	SET_RANKS,
	SET_SECONDS, /* int64_t, in milliseconds */
	MORE,        /* verbosity */
	LESS,
};

struct option_row {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* NULL: none */
	unsigned verbs;       /* bits of enum verb_bit */
	enum action action;
	size_t offset; /* in struct options */
	const char *help;
};

/* Ends in a row without a name. */
extern const struct option_row cli_rows[];

enum { CLI_ROWS_MAX = 48 };
