/* SPDX-License-Identifier: MIT */
/* dataset_type.h - what the 'type' of a catalog entry means to kmlflow */
#pragma once

#include <stdbool.h>

enum dataset_family {
	DATASET_PLAIN,    /* nothing in particular */
	DATASET_ARTIFACT, /* kedro-mlflow's wrapper, of any release */
	DATASET_METRIC,   /* logs metrics */
	DATASET_MODEL,    /* logs a model */
	DATASET_UNKNOWN,  /* of kedro_mlflow, but no release has it */
};

enum dataset_family dataset_family(const char *type);

/* PartitionedDataset, IncrementalDataset and their older spellings. */
bool dataset_is_partitioned(const char *type);

/* CachedDataset, which stands around another one. */
bool dataset_is_cached(const char *type);

/* Whether a dataset of this type writes a directory at its 'filepath'. */
bool dataset_is_directory(const char *type);

/* A class of that name that there is, owned; NULL: none is near. */
char *dataset_nearest(const char *type);

/* By what it insists on. */
enum dataset_model {
	MODEL_NONE,
	MODEL_TRACKED,
	MODEL_LOCAL,
	MODEL_REGISTERED,
};

enum dataset_model dataset_model(const char *type);

/* Of the metric family: several by name, or one with its history. */
bool dataset_is_metrics(const char *type);
bool dataset_is_metric_history(const char *type);
