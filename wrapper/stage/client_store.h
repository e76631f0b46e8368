/* SPDX-License-Identifier: MIT */
/* client_store.h - where an MLflow client inside CMD records without a store */
#pragma once

struct err;
struct record;
struct spool;

/* What such a client is told; client_store_free() frees it. */
struct client_store {
	char *uri;
	char *experiment_id;
	char *run_id;
};

/*
 * A local store within the spool of a pending run, with its experiment and the
 * run itself: under the id that it has, else that of the invocation.  What a
 * client writes there is sent when the run is published.
 */
int client_store_make(const struct spool *s, const struct record *r,
                      struct client_store *ret, struct err *err);
void client_store_free(struct client_store *c);

/* The directory of that store, whether it is there or not; owned. */
char *client_store_path(const char *spool);
