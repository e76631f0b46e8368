/* SPDX-License-Identifier: MIT */
/* secrets.h - what a spool does not hold: passwords of its project */
#pragma once

#include "base/strv.h"

struct record;

/* Variables as they were before, to be put back. */
struct secrets {
	struct kvs old;
	struct strv unset;
};

/*
 * Sets the variables of the credentials.yml that the record's project names,
 * and puts the userinfo back into the URI of its server where the project's
 * configuration has it.  A project that is gone or broken changes nothing.
 */
void secrets_recall(struct record *r, struct secrets *ret);

/* Undoes the variables: another project's server must not see them. */
void secrets_forget(struct secrets *s);
