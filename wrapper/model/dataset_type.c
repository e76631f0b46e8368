/* SPDX-License-Identifier: MIT */
/* dataset_type.c - what the 'type' of a catalog entry means to kmlflow */
#include "model/dataset_type.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/strv.h"
#include "model/nearest.h"

static const char prefix[] = "kedro_mlflow.";

static const struct {
	const char *name; /* without "DataSet" or "Dataset" */
	enum dataset_family family;
} families[] = {
    {"Mlflow", DATASET_ARTIFACT},
    {"MlflowArtifact", DATASET_ARTIFACT},
    {"MlflowMetric", DATASET_METRIC},
    {"MlflowMetrics", DATASET_METRIC},
    {"MlflowMetricHistory", DATASET_METRIC},
    {"MlflowMetricsHistory", DATASET_METRIC},
    {"MlflowModelLogger", DATASET_MODEL},
    {"MlflowModelTracking", DATASET_MODEL},
    /* These two log nothing by themselves. */
    {"MlflowModelSaver", DATASET_PLAIN},
    {"MlflowModelLocalFileSystem", DATASET_PLAIN},
    {"MlflowModelRegistry", DATASET_PLAIN},
};

static const char *
last_component(const char *type)
{
	const char *dot = strrchr(type, '.');

	return dot ? dot + 1 : type;
}

/* Whether 'class' is 'name' and then "DataSet" or "Dataset". */
static bool
is_class(const char *class, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(class, name, len) && (!strcmp(class + len, "DataSet") ||
	                                      !strcmp(class + len, "Dataset"));
}

enum dataset_family
dataset_family(const char *type)
{
	const char *class = last_component(type);

	if (class != type && strncmp(type, prefix, strlen(prefix)))
		return DATASET_PLAIN;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (is_class(class, families[i].name))
			return families[i].family;
	return class == type ? DATASET_PLAIN : DATASET_UNKNOWN;
}

char *
dataset_nearest(const char *type)
{
	const char *class = last_component(type);
	cleanup_strv struct strv names = STRV_INIT;
	struct nearest near = {.word = NULL};

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		strv_take(&names, mem_printf("%sDataset", families[i].name));
		strv_take(&names, mem_printf("%sDataSet", families[i].name));
	}
	for (size_t i = 0; i < names.n; i++)
		nearest_offer(&near, class, names.v[i]);
	return mem_dup(near.word);
}

enum dataset_model
dataset_model(const char *type)
{
	const char *class = last_component(type);

	if (strncmp(type, prefix, strlen(prefix)) != 0)
		return MODEL_NONE;
	if (is_class(class, "MlflowModelTracking") ||
	    is_class(class, "MlflowModelLogger"))
		return MODEL_TRACKED;
	if (dataset_is_directory(type))
		return MODEL_LOCAL;
	return is_class(class, "MlflowModelRegistry") ? MODEL_REGISTERED
	                                              : MODEL_NONE;
}

bool
dataset_is_partitioned(const char *type)
{
	const char *class = last_component(type);

	return is_class(class, "Partitioned") || is_class(class, "Incremental");
}

bool
dataset_is_cached(const char *type)
{
	return is_class(last_component(type), "Cached");
}

bool
dataset_is_directory(const char *type)
{
	const char *class = last_component(type);

	return is_class(class, "MlflowModelLocalFileSystem") ||
	       is_class(class, "MlflowModelSaver");
}

bool
dataset_is_metrics(const char *type)
{
	const char *class = last_component(type);

	return is_class(class, "MlflowMetrics") ||
	       is_class(class, "MlflowMetricsHistory");
}

bool
dataset_is_metric_history(const char *type)
{
	return is_class(last_component(type), "MlflowMetricHistory");
}
