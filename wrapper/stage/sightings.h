/* SPDX-License-Identifier: MIT */
/* sightings.h - the events of the interposed library, by file */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/map.h"
#include "stage/capture.h"

struct declared_list;
struct err;

/* One path, spelled as walk.h spells it. */
struct sighting {
	bool written;   /* opened for writing, made, renamed or linked here */
	bool directory; /* was moved here, with all in it */
	bool moved;     /* renamed to another declared path */
	pid_t pid;      /* of the last writer */
	char *program;  /* its name, NULL where unknown */
	char *kept;     /* where it was kept when it vanished, NULL */
	int rule;       /* of the event, -1 if it named none */
};

/* A program that was started, by the path that its caller gave. */
struct launch {
	char *name; /* by which it is counted */
	bool on;    /* was so with the capture switched on */
	bool off;   /* with it switched off */
	struct capture_program count;
};

struct sightings {
	struct map files;    /* path → struct sighting */
	struct map dirs;     /* directory → the same, resolved */
	struct map programs; /* number of a process → what it runs */
	bool *dirty;         /* by rule: was seen written, also on overflow */
	size_t n_dirty;
	bool available;      /* false: no image, or it could not be read */
	struct map launches; /* path → struct launch */
	struct capture_health health;
};

/* 'image' NULL gives an empty result. */
int sightings_read(const char *image, const struct declared_list *list,
                   struct sightings *ret, struct err *err);

/*
 * The same with what ranks on other machines have left in the spool 'dir'; an
 * image that cannot be read has nothing.
 */
void sightings_read_all(const char *image, const char *dir,
                        const struct declared_list *list,
                        struct sightings *ret);

/* NULL when nothing was seen of 'path'. */
const struct sighting *sightings_get(const struct sightings *s,
                                     const char *path);

/*
 * Who wrote it: the same, or the directory above that was moved here.  NULL
 * when that was not seen.
 */
const struct sighting *sightings_writer(const struct sightings *s,
                                        const char *path);

/* Whether a file of rule 'index' was seen being written, whichever. */
bool sightings_dirty(const struct sightings *s, size_t index);

void sightings_free(struct sightings *s);
