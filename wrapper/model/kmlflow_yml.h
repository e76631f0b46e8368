/* SPDX-License-Identifier: MIT */
/* kmlflow_yml.h - what kmlflow.yml says beyond mlflow.yml */
#pragma once

struct arena;
struct err;
struct value;

/*
 *     artifacts:
 *       - model                        # the name of a catalog entry
 *       - name: predictions            # the same, with more to say
 *         artifact_path: out
 *       - path: "logs/?.txt"           # as -a, from the project's root
 *         artifact_path: logs
 *     metrics:
 *       - losses                       # the name of a catalog entry
 *       - name: scores                 # the same, with more to say
 *         filepath: out/scores.json
 *         prefix: test
 *     exclude: ["*.tmp"]               # as -x, from the project's root
 *
 * Values are borrowed; NULL where nothing is said.
 */
struct kmlflow_yml {
	struct value *names;         /* a dict: name to item (see above) */
	struct value *metrics;       /* the same */
	const struct value *paths;   /* a list of items with 'path' */
	const struct value *exclude; /* a list of strings */
};

/* 'yml' is the merged mapping, or NULL.  ERR_CONFIG as mlflow_yml_read(). */
int kmlflow_yml_read(const struct value *yml, struct arena *arena,
                     struct kmlflow_yml *ret, struct err *err);
