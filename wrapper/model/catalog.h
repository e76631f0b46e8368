/* SPDX-License-Identifier: MIT */
/* catalog.h - which entries of the catalog declare artifacts */
#pragma once

struct arena;
struct declared_list;
struct err;
struct strv;
struct value;

struct catalog_request {
	const char *root;            /* of the project */
	const struct value *catalog; /* merged; NULL: there is none */
	const struct value *names;   /* of kmlflow.yml; NULL: none */
	struct arena *arena;
	struct value *seen;             /* a dict of this file's own, empty */
	struct declared_list *declared; /* is added to */
	struct strv *warnings;          /* is added to */
};

/*
 * Only entries that declare something are judged: what is wrong, or not
 * supported yet, in others is Kedro's business.  ERR_CONFIG.
 */
int catalog_declare(const struct catalog_request *request, struct err *err);
