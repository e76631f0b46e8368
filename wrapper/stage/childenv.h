/* SPDX-License-Identifier: MIT */
/* childenv.h - the environment that CMD gets */
#pragma once

#include <stdbool.h>

#include "base/strv.h"

struct client_store;
struct record;

struct childenv_request {
	const struct record *record;
	const struct client_store *client; /* instead of the record's store */
	const char *spool;                 /* directory, NULL: none */
	const char *library; /* of the interposed library; NULL: no capture */
	const char *image;   /* value of KMLFLOW_IMAGE, with 'library' */
	const struct kvs *credentials; /* from credentials.yml */
	bool export_run_id;
};

/* Our environment with what kmlflow adds to it and takes from it. */
void childenv_build(const struct childenv_request *request, struct strv *ret);
