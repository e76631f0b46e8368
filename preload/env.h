/* SPDX-License-Identifier: MIT */
/* env.h - keeps our two variables in the environment of new programs */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Values of the variables that matter, NULL where there is none. */
struct env_vars {
	const char *preload;
	const char *image;
	size_t preload_at; /* index in the environment */
	size_t n;          /* how many variables there are */
	bool capture_off;  /* the program opted out */
};

/* 'envp' may be NULL, as execve(2) takes it for an empty one. */
void env_find(char *const *envp, struct env_vars *ret);

/* Of LD_PRELOAD's value, the entry that is this library, if there is one. */
bool env_own_entry(const char *preload, const char **entry, size_t *len);

/* Limits of env_plan(). */
enum { ENV_MAX_SLOTS = 2048, ENV_MAX_TEXT = 8192 };

/* What has to be added to an environment, and the room that it takes. */
struct env_plan {
	struct env_vars vars;
	char *const *envp;
	bool add_preload;
	bool add_image;
	size_t slots; /* of the new array */
	size_t text;  /* bytes for a merged LD_PRELOAD, 0: none needed */
};

/*
 * Sets ret->vars.  False: it can go as it is, or is too large for the stack of
 * a small thread, on which the new one is built; what such programs write is
 * then found by the wrapper's comparison of before and after.
 */
bool env_plan(char *const *envp, struct env_plan *ret);

/*
 * Fills 'slots', our variables first, then those of plan->envp in order.
 * 'text' holds the merged LD_PRELOAD and must live as long.
 */
void env_build(const struct env_plan *plan, char **slots, char *text);
