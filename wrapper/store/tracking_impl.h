/* SPDX-License-Identifier: MIT */
/* tracking_impl.h - what a backend of tracking.h provides */
#pragma once

#include "store/tracking.h"

/*
 * The verbs are those of tracking.h, with the same contracts; strings and
 * pointers that the caller may leave out arrive as NULL.
 */
struct tracking_ops {
	/* NULL-terminated; "" stands for a URI without a scheme. */
	const char *const *schemes;
	int (*open)(const char *uri, struct tracking **ret, struct err *err);
	void (*close)(struct tracking *t);
	char *(*new_store)(struct tracking *t); /* may be NULL */
	int (*experiment)(struct tracking *t,
	                  const struct experiment_spec *spec, bool dry,
	                  char **id, char **name, struct err *err);
	int (*create_run)(struct tracking *t, const struct run_spec *spec,
	                  struct run *ret, struct err *err);
	int (*get_run)(struct tracking *t, const char *run_id, struct run *ret,
	               struct err *err);
	int (*read)(struct tracking *t, const char *run_id, struct kvs *params,
	            struct kvs *tags, struct err *err);
	int (*last_steps)(struct tracking *t, const char *run_id,
	                  struct metrics *points, struct err *err);
	int (*find_by_tag)(struct tracking *t, const char *experiment_id,
	                   const char *key, const char *value, struct run *ret,
	                   struct err *err);
	/* With 'logs_end' it sets the end too, in the same step. */
	int (*running)(struct tracking *t, const char *host, struct strv *ret,
	               struct err *err);
	int (*log)(struct tracking *t, const char *run_id,
	           const struct run_data *data, int *conflicts,
	           struct err *err);
	bool logs_end;
	int (*set_status)(struct tracking *t, const char *run_id,
	                  unsigned status, int64_t end_time, struct err *err);
	int (*delete_tag)(struct tracking *t, const char *run_id,
	                  const char *key, struct err *err);
	/* These may be NULL.  The first sets t->param_limit, if that is 0. */
	void (*ask_param_limit)(struct tracking *t);
	void (*set_patience)(struct tracking *t, int ms);
};

/* First member of every backend's own struct. */
struct tracking {
	const struct tracking_ops *ops;
	int param_limit; /* what is known of it so far */
};

extern const struct tracking_ops tracking_file_ops;
extern const struct tracking_ops tracking_sqlite_ops;
extern const struct tracking_ops tracking_rest_ops;
