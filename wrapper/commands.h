/* SPDX-License-Identifier: MIT */
/* commands.h - the verbs, one file each */
#pragma once

struct command;

extern const struct command command_exec;
extern const struct command command_sync;
extern const struct command command_spool;
extern const struct command command_gc;
extern const struct command command_explain;
extern const struct command command_ui;
extern const struct command command_init;
extern const struct command command_new;
extern const struct command command_config;
extern const struct command command_help;
extern const struct command command_version;

/* All of them, in the order of the help; ends in NULL. */
extern const struct command *const commands[];

/* NULL: no such verb. */
const struct command *command_find(const char *name);

/* Where a project's spools and summaries are looked for: -C, or upwards. */
struct options;
char *command_root(const struct options *o);
