/* SPDX-License-Identifier: MIT */
/* file_place.h - where files of an FTP or SFTP server lie, and who we are */
#pragma once

#include <stdbool.h>

#include "base/strv.h"

struct buf;
struct err;

/* All owned. */
struct file_place {
	bool sftp;
	char *host;
	int port;
	char *root; /* absolute; no slash at its end but in "/" */
	char *user;
	char *password;    /* NULL: none */
	char *known_hosts; /* SFTP: the keys of servers */
	struct strv keys;  /* SFTP: files of private keys to be tried */
};

/*
 * "ftp://[USER[:PASSWORD]@]HOST[:PORT]/PATH", or "sftp://…", where
 * ~/.ssh/config counts as well.  ERR_CONFIG; no message shows the password.
 */
int file_place_load(const char *uri, struct file_place *ret, struct err *err);
void file_place_free(struct file_place *p);

/* The absolute path of an artifact; owned. */
char *file_place_path(const struct file_place *p, const char *artifact);

/* Appends the URL of an absolute path. */
void file_place_url(const struct file_place *p, const char *path,
                    struct buf *to);
