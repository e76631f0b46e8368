/* SPDX-License-Identifier: MIT */
/* tracking.c - picks the store by the scheme of its URI */
#include "store/tracking.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/local_uri.h"
#include "store/tracking_impl.h"

static const struct tracking_ops *const backends[] = {
    &tracking_file_ops,
    &tracking_sqlite_ops,
    &tracking_rest_ops,
};

static const struct tracking_ops *
find_backend(const char *scheme)
{
	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		for (const char *const *s = backends[i]->schemes; *s; s++)
			if (!strcmp(*s, scheme))
				return backends[i];
	return NULL;
}

/* Those whose tables are a tracking server's to keep. */
static bool
is_database(const char *scheme)
{
	static const char *const names[] = {"postgresql", "postgres", "mysql",
	                                    "mariadb",    "mssql",    "oracle"};
	size_t len = strcspn(scheme, "+");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == len && !strncmp(names[i], scheme, len))
			return true;
	return false;
}

int
tracking_open(const char *uri, struct tracking **ret, struct err *err)
{
	cleanup_free char *scheme = local_uri_scheme(uri);
	const struct tracking_ops *ops = find_backend(scheme);

	/* The rest of the URI may hold a password: it is not shown. */
	if (!ops && is_database(scheme))
		return err_set(
		    err, ERR_CONFIG,
		    "the tracking URI names a database ('%s:'), which kmlflow "
		    "does not write into itself: start 'mlflow server "
		    "--backend-store-uri URI' for it, or ask for its address, "
		    "and set MLFLOW_TRACKING_URI, or mlflow_tracking_uri in "
		    "mlflow.yml, to that: 'http://HOST:5000'",
		    scheme);
	if (!ops)
		return err_set(
		    err, ERR_CONFIG,
		    "the tracking URI has the scheme '%s', but this "
		    "build records into a local directory, an SQLite "
		    "file, a tracking server or Databricks: set "
		    "mlflow_tracking_uri in mlflow.yml, or "
		    "MLFLOW_TRACKING_URI, to one such as 'mlruns', "
		    "'sqlite:///mlflow.db', 'http://HOST:5000' or "
		    "'databricks'",
		    scheme);
	return ops->open(uri, ret, err);
}

void
tracking_close(struct tracking *t)
{
	if (t)
		t->ops->close(t);
}

char *
tracking_new_store(struct tracking *t)
{
	return t->ops->new_store ? t->ops->new_store(t) : NULL;
}

int
tracking_experiment(struct tracking *t, const struct experiment_spec *spec,
                    bool dry, char **id, char **name, struct err *err)
{
	if (!spec->id && !spec->name)
		return err_set(err, ERR_CONFIG, "no experiment is named");
	return t->ops->experiment(t, spec, dry, id, name, err);
}

int
tracking_create_run(struct tracking *t, const struct run_spec *spec,
                    struct run *ret, struct err *err)
{
	return t->ops->create_run(t, spec, ret, err);
}

int
tracking_get_run(struct tracking *t, const char *run_id, struct run *ret,
                 struct err *err)
{
	return t->ops->get_run(t, run_id, ret, err);
}

int
tracking_read(struct tracking *t, const char *run_id, struct kvs *params,
              struct kvs *tags, struct err *err)
{
	return t->ops->read(t, run_id, params, tags, err);
}

int
tracking_last_steps(struct tracking *t, const char *run_id,
                    struct metrics *points, struct err *err)
{
	return t->ops->last_steps(t, run_id, points, err);
}

int
tracking_find_by_tag(struct tracking *t, const char *experiment_id,
                     const char *key, const char *value, struct run *ret,
                     struct err *err)
{
	if (tracking_check_key(key, err))
		return -1;
	return t->ops->find_by_tag(t, experiment_id, key, value, ret, err);
}

int
tracking_running(struct tracking *t, const char *host, struct strv *ret,
                 struct err *err)
{
	return t->ops->running(t, host, ret, err);
}

int
tracking_log(struct tracking *t, const char *run_id,
             const struct run_data *data, int *conflicts, struct err *err)
{
	int ignored = 0;
	int failed =
	    t->ops->log(t, run_id, data, conflicts ? conflicts : &ignored, err);

	if (!data->end || t->ops->logs_end ||
	    (failed && err->kind != ERR_FORMAT))
		return failed;
	return tracking_set_status(t, run_id, data->end->status,
	                           data->end->time, err)
	           ? -1
	           : failed;
}

int
tracking_set_status(struct tracking *t, const char *run_id, unsigned status,
                    int64_t end_time, struct err *err)
{
	return t->ops->set_status(t, run_id, status, end_time, err);
}

int
tracking_delete_tag(struct tracking *t, const char *run_id, const char *key,
                    struct err *err)
{
	if (tracking_check_key(key, err))
		return -1;
	return t->ops->delete_tag(t, run_id, key, err);
}

int
tracking_param_limit(struct tracking *t)
{
	if (t->ops->ask_param_limit && !t->param_limit)
		t->ops->ask_param_limit(t);
	return t->param_limit;
}

void
tracking_set_patience(struct tracking *t, int ms)
{
	if (t->ops->set_patience)
		t->ops->set_patience(t, ms);
}
