/* SPDX-License-Identifier: MIT */
/* catalog.h - which entries of the catalog declare artifacts */
#pragma once

#include <stdbool.h>

struct arena;
struct declared_list;
struct err;
struct strv;
struct value;

struct catalog_request {
	const char *root;                /* of the project */
	const struct value *catalog;     /* merged; NULL: there is none */
	const struct value *names;       /* of kmlflow.yml; NULL: none */
	const struct value *metrics;     /* the same */
	const struct value *credentials; /* merged; NULL: there are none */
	bool kedro;                      /* it is Kedro that will read it */
	struct arena *arena;
	struct value *seen;             /* a dict of this file's own, empty */
	struct declared_list *declared; /* is added to */
	struct strv *warnings;          /* is added to */
};

/*
 * What Kedro, or a class of kedro-mlflow, would refuse of any entry is
 * ERR_CONFIG, as far as no Python tells it; the names of credentials only
 * where Kedro will look for them.
 */
int catalog_declare(const struct catalog_request *request, struct err *err);
