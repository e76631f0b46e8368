/* SPDX-License-Identifier: MIT */
/* file_put.h - files to an FTP or SFTP server, by libcurl */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct err;
struct file_server; /* a connection that is kept; for one thread at a time */
struct strv;

/* All borrowed until file_server_free(). */
struct file_login {
	const char *user;
	const char *password;    /* NULL: none */
	const char *key;         /* file of a private key; NULL: an agent's */
	const char *known_hosts; /* file of the keys of servers */
	int timeout_ms;          /* to connect, and without a byte moving */
};

/* ERR_CONFIG: libcurl cannot be loaded. */
int file_server_new(const struct file_login *login, struct file_server **ret,
                    struct err *err);
void file_server_free(struct file_server *s); /* NULL is a no-op */

/* All borrowed. */
struct file_put {
	const char *url;  /* "ftp" or "sftp", without user */
	const void *data; /* the body, or of 'fd' where that is NULL */
	int fd;
	off_t size;
	const struct strv *after; /* commands that follow it; or NULL */
};

/* What became of it, for who may try again. */
enum file_fate {
	FILE_DONE,
	FILE_FAILED,
	FILE_LOST,    /* worth trying again: ERR_RETRY */
	FILE_REFUSED, /* who we are */
	FILE_UNTOLD,  /* it is there, but a command was refused */
	FILE_SHORTER, /* our file got shorter */
};

/* Stores a file, making missing directories; replaces what is there. */
enum file_fate file_server_put(struct file_server *s, const struct file_put *p,
                               struct err *err);

/* Commands alone, in the directory that 'url' names. */
enum file_fate file_server_do(struct file_server *s, const char *url,
                              const struct strv *commands, struct err *err);
