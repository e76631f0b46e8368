/* SPDX-License-Identifier: MIT */
/* objects.h - what all stores of objects share; for their backends */
#pragma once

#include <sys/types.h>

#include "base/map.h"
#include "store/artifact_impl.h"
#include "store/body.h"

enum objects_listing {
	LISTING_UNKNOWN,
	LISTING_WHOLE, /* what it does not name is not there */
	LISTING_PART,  /* what it does not name may be there */
	LISTING_NONE,  /* the store tells us nothing */
};

struct object {
	off_t size;
	char tag[64]; /* what the store says of the bytes; "": nothing */
};

/* First member of such a backend's own struct. */
struct objects {
	struct artifact base;
	const struct objects_ops *ops;
	enum objects_listing listing;
	struct map there; /* artifact path → struct object */
	struct map put;   /* artifact paths that we have put */
};

/* 'artifact' is the path below the run's URI. */
struct objects_ops {
	int (*put)(struct objects *o, const char *artifact,
	           const struct body *b, bool *shrank, struct err *err);
	/*
	 * One page of what is there, from *token (NULL: from the start) on,
	 * by objects_add().  Replaces *token by where to go on; NULL: at the
	 * end.  *status: of a refusal.
	 */
	int (*list)(struct objects *o, char **token, int *status,
	            struct err *err);
	/* 1: it is there; 0: it is not, or we are not told: *hidden. */
	int (*head)(struct objects *o, const char *artifact, struct object *ret,
	            bool *hidden, struct err *err);
	/* 1: those are the bytes of the file; 0: not, or who knows. */
	int (*matches)(const char *tag, int fd, off_t size, struct err *err);
};

void objects_free(struct objects *o);

/* 'put' and 'same' of struct artifact_ops. */
int objects_put(struct artifact *a, const char *key, int fd, off_t size,
                struct err *err);
int objects_same(struct artifact *a, const char *key, int fd, off_t size,
                 struct err *err);

/* What a listing names; a 'tag' that is too long counts as none. */
void objects_add(struct objects *o, const char *artifact, off_t size,
                 const char *tag);
void object_set_tag(struct object *o, const char *tag, size_t len);

/* The same by an MD5 in base64; NULL and what is none: "". */
void object_set_md5(struct object *o, const char *md5);

/* *ret: the MD5 of part of a file, in hex; see digest_add_file(). */
int objects_md5_hex(int fd, off_t offset, off_t size, char ret[33],
                    struct err *err);

/* 'matches' where tags are an MD5 in hex. */
int objects_md5_matches(const char *tag, int fd, off_t size, struct err *err);

/*
 * The size of each part but the last of a file: 'least', or as much more of
 * whole MiB as it takes to have no more than 'max' of them.
 */
off_t objects_part_size(off_t size, off_t least, int max);

/* Bytes, as a variable of MLflow says; none, or not above 0: the fallback. */
off_t objects_size_setting(const char *name, off_t fallback);
