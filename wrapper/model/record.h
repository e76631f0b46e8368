/* SPDX-License-Identifier: MIT */
/* record.h - what a spool says of its run: all that publishing needs */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strv.h"
#include "model/declared.h"

struct cJSON;
struct err;

struct record {
	char *invocation_id; /* 32 hex digits; also the spool's name */
	char *tracking_uri;
	char *experiment_id;
	char *experiment_name;
	char *run_id; /* NULL until the store has made the run */
	bool pending; /* the store has not been told of the run: publish does */
	char *run_name;
	char *artifact_uri;
	char *key;          /* of a job that continues its run; NULL: none */
	char *parent_spool; /* of an exec around that had no store either */
	bool joined;        /* somebody else's run: neither renamed nor ended */
	char *user;
	char *cwd;
	char *project;       /* root, NULL outside of one */
	int64_t start_time;  /* ms since 1970 */
	struct kvs tags;     /* written with the run */
	struct kvs end_tags; /* written when CMD has ended */
	struct kvs params;   /* written when CMD has ended */
	char *image;         /* of the interposed library; NULL: none */
	struct declared_list declared;
	struct strv warnings;
	struct strv given; /* files that CMD finds open for writing, as
	                      holders.h names them */
	/* How to make the experiment, while the run is pending. */
	struct {
		bool create;
		bool restore;
		char *location;
		struct kvs tags;
	} experiment;
};

/*
 * JSON of format 1, see kmlflow-spool(7), without the password that the URI of
 * a server may hold.  record_free() frees *ret.
 */
int record_save(const struct record *r, const char *path, struct err *err);
int record_load(const char *path, struct record *ret, struct err *err);
void record_free(struct record *r);

/* One of its declared paths as JSON, as it is saved; owned. */
struct cJSON *record_declared(const struct declared *d);

#define cleanup_record __attribute__((cleanup(record_free)))
