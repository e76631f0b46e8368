/* SPDX-License-Identifier: MIT */
/* ssh_config.h - what ssh_config(5) says of a host */
#pragma once

#include "base/strv.h"

/* All owned; NULL where nothing is said. */
struct ssh_config {
	char *host_name;
	char *user;
	char *port;
	char *known_hosts;
	struct strv keys; /* IdentityFile, in order */
};

/*
 * By the text of such a file, "~" being 'home'; the first value of each counts,
 * as with ssh(1).  "Match" blocks and "Include" are passed over.
 */
void ssh_config_parse(const char *text, const char *host, const char *home,
                      struct ssh_config *ret);

/* By the user's own file, where it is there. */
void ssh_config_load(const char *host, struct ssh_config *ret);
void ssh_config_free(struct ssh_config *c);
