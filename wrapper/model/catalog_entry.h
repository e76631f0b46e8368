/* SPDX-License-Identifier: MIT */
/* catalog_entry.h - for catalog*.c alone: one entry while it is looked at */
#pragma once

#include <stdbool.h>

#include "model/catalog.h"

struct declared;
struct destination;

struct entry {
	const struct catalog_request *request;
	const char *name;
	const struct value *key;
	const struct value *dict;
	char what[128]; /* "dataset 'name'", for messages */
	struct err *err;
};

/* ERR_CONFIG at 'at', or at the entry where that has no place. */
int entry_wrong(const struct entry *e, const struct value *at,
                const char *what);
void entry_warn(const struct entry *e, const struct value *at,
                const char *what);

/*
 * What Kedro or a class of kedro-mlflow would refuse, of the entry as a whole,
 * and of a mapping that describes a dataset.  ERR_CONFIG.
 */
int entry_check(const struct entry *e);
int entry_check_type(const struct entry *e, const struct value *dict);

/* Declares what 'dataset', a mapping of Kedro's own kind, writes. */
int entry_declare(const struct entry *e, const struct value *dataset,
                  const struct destination *dest);

/* Declares a copy of 'd', by the name and the place of the entry. */
void entry_add(const struct entry *e, const struct declared *d);

/*
 * Declares what a pattern of datasets writes, by 'd', of which copies are
 * kept.  Each placeholder of a text that is filled must be one of its path.
 */
int entry_declare_factory(const struct entry *e, const struct declared *d,
                          const struct value *at);

/*
 * 1: the entry names a file of metrics, which is now declared, by
 * metadata.kmlflow.filepath of a metric dataset ('family') or by
 * metadata.kmlflow.metrics of any other, or kmlflow.yml does; 0: neither.
 * ERR_CONFIG.
 */
int catalog_metric(const struct entry *e, bool family);
