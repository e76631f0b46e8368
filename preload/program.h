/* SPDX-License-Identifier: MIT */
/* program.h - counts programs that are started, and those that we are in */
#pragma once

struct env_vars;
struct exec_call;
struct kmlflow_program;

/* This process has come so far as to have us in it. */
void program_arrived(void);

/*
 * 'c' is about to be made with an environment of which 'vars' are the
 * variables that matter.  NULL: nothing is counted; else program_failed()
 * takes it back.  Both keep errno; that one takes NULL too.
 */
struct kmlflow_program *program_launch(const struct exec_call *c,
                                       const struct env_vars *vars);
void program_failed(struct kmlflow_program *p);
