/* SPDX-License-Identifier: MIT */
/* driver.c - the stores from a command line, for the read-back tests */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/run.h"
#include "store/artifact.h"
#include "store/tracking.h"

static const char usage[] =
    "usage: store_driver URI VERB [ARG…]\n"
    "  experiment name|id VALUE [create] [restore] [dry] [LOCATION]\n"
    "  create EXPERIMENT INVOCATION NAME|- START [KEY VALUE]…\n"
    "  get RUN\n"
    "  read RUN\n"
    "  find EXPERIMENT|- KEY VALUE\n"
    "  log RUN [param KEY VALUE | tag KEY VALUE |\n"
    "           metric KEY VALUE TIMESTAMP STEP]…\n"
    "  status RUN NUMBER END\n"
    "  put RUN [FILE KEY]…\n"
    "  same RUN FILE KEY\n";

static const char *store_uri; /* of the command line */

/* One "key value" line, both percent-encoded. */
static void
tell(const char *key, const char *value)
{
	cleanup_buf struct buf line = BUF_INIT;

	enc_percent(&line, key, "/");
	buf_addc(&line, ' ');
	enc_percent(&line, value ? value : "", "/");
	puts(line.s);
}

static int
tell_run(struct run *r)
{
	tell("id", r->id);
	tell("experiment_id", r->experiment_id);
	tell("experiment_name", r->experiment_name);
	tell("name", r->name);
	tell("artifact_uri", r->artifact_uri);
	tell("status", run_status_name(r->status));
	tell("deleted", r->deleted ? "1" : "0");
	printf("start_time %lld\n", (long long)r->start_time);
	run_free(r);
	return 0;
}

static int
do_experiment(struct tracking *t, int argc, char **argv, struct err *err)
{
	struct experiment_spec spec = {.id = NULL};
	cleanup_free char *id = NULL;
	cleanup_free char *name = NULL;
	bool dry = false;

	if (argc < 2)
		return err_set(err, ERR_USAGE, "%s", usage);
	if (!strcmp(argv[0], "id"))
		spec.id = argv[1];
	else
		spec.name = argv[1];
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "create"))
			spec.create = true;
		else if (!strcmp(argv[i], "restore"))
			spec.restore_if_deleted = true;
		else if (!strcmp(argv[i], "dry"))
			dry = true;
		else
			spec.artifact_location = argv[i];
	}
	if (tracking_experiment(t, &spec, dry, &id, &name, err))
		return -1;
	tell("id", id);
	tell("name", name);
	return 0;
}

static int
do_create(struct tracking *t, int argc, char **argv, struct err *err)
{
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct run_spec spec = {.user = "tester", .tags = &tags};
	struct run run = {.id = NULL};

	if (argc < 4)
		return err_set(err, ERR_USAGE, "%s", usage);
	spec.experiment_id = argv[0];
	spec.invocation_id = argv[1];
	spec.name = strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
	spec.start_time = strtoll(argv[3], NULL, 10);
	for (int i = 4; i + 1 < argc; i += 2)
		kvs_set(&tags, argv[i], argv[i + 1]);
	if (tracking_create_run(t, &spec, &run, err))
		return -1;
	return tell_run(&run);
}

static int
do_get(struct tracking *t, int argc, char **argv, struct err *err)
{
	struct run run = {.id = NULL};

	if (argc != 1)
		return err_set(err, ERR_USAGE, "%s", usage);
	if (tracking_get_run(t, argv[0], &run, err))
		return -1;
	return tell_run(&run);
}

static int
do_find(struct tracking *t, int argc, char **argv, struct err *err)
{
	struct run run = {.id = NULL};

	if (argc != 3)
		return err_set(err, ERR_USAGE, "%s", usage);
	if (tracking_find_by_tag(t, strcmp(argv[0], "-") != 0 ? argv[0] : NULL,
	                         argv[1], argv[2], &run, err))
		return -1;
	return tell_run(&run);
}

static void
tell_all(const char *what, const struct kvs *k)
{
	for (size_t i = 0; i < k->n; i++) {
		printf("%s ", what);
		tell(k->v[i].key, k->v[i].value);
	}
}

static int
do_read(struct tracking *t, int argc, char **argv, struct err *err)
{
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;

	if (argc != 1)
		return err_set(err, ERR_USAGE, "%s", usage);
	if (tracking_read(t, argv[0], &params, &tags, err))
		return -1;
	tell_all("param", &params);
	tell_all("tag", &tags);
	return 0;
}

static int
do_log(struct tracking *t, int argc, char **argv, struct err *err)
{
	cleanup_kvs struct kvs params = KVS_INIT;
	cleanup_kvs struct kvs tags = KVS_INIT;
	struct metrics metrics = METRICS_INIT;
	struct run_data data = {&params, &metrics, &tags, NULL};
	int conflicts = 0;
	int ret;

	for (int i = 1; i + 2 < argc; i += 3) {
		if (!strcmp(argv[i], "metric") && i + 4 < argc) {
			metrics_add(&metrics, argv[i + 1],
			            strtod(argv[i + 2], NULL),
			            strtoll(argv[i + 3], NULL, 10),
			            strtoll(argv[i + 4], NULL, 10));
			i += 2;
		} else {
			kvs_set(!strcmp(argv[i], "tag") ? &tags : &params,
			        argv[i + 1], argv[i + 2]);
		}
	}
	ret = argc < 1 ? err_set(err, ERR_USAGE, "%s", usage)
	               : tracking_log(t, argv[0], &data, &conflicts, err);
	metrics_free(&metrics);
	printf("conflicts %d\n", conflicts);
	return ret;
}

static int
do_status(struct tracking *t, int argc, char **argv, struct err *err)
{
	if (argc != 3)
		return err_set(err, ERR_USAGE, "%s", usage);
	return tracking_set_status(t, argv[0],
	                           (unsigned)strtoul(argv[1], NULL, 10),
	                           strtoll(argv[2], NULL, 10), err);
}

static int
one_file(struct artifact *a, char **argv, bool put, struct err *err)
{
	cleanup_fd int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	struct stat st;
	int ret;

	if (fd < 0 || fstat(fd, &st))
		return err_sys(err, "open '%s'", argv[0]);
	if (put)
		return artifact_put(a, argv[1], fd, st.st_size, err);
	ret = artifact_same(a, argv[1], fd, st.st_size, err);
	if (ret >= 0)
		printf("same %d\n", ret);
	return ret < 0 ? -1 : 0;
}

static int
do_files(struct tracking *t, int argc, char **argv, bool put, struct err *err)
{
	struct run run = {.id = NULL};
	struct artifact *a;
	int ret = 0;

	if (argc < 3 || argc % 2 != 1)
		return err_set(err, ERR_USAGE, "%s", usage);
	if (tracking_get_run(t, argv[0], &run, err))
		return -1;
	ret = artifact_open(run.artifact_uri, store_uri, &a, err);
	run_free(&run);
	if (ret)
		return -1;
	for (int i = 1; i + 1 < argc && !ret; i += 2)
		ret = one_file(a, argv + i, put, err);
	artifact_close(a);
	return ret;
}

static int
do_put(struct tracking *t, int argc, char **argv, struct err *err)
{
	return do_files(t, argc, argv, true, err);
}

static int
do_same(struct tracking *t, int argc, char **argv, struct err *err)
{
	return do_files(t, argc, argv, false, err);
}

static const struct verb {
	const char *name;
	int (*run)(struct tracking *t, int argc, char **argv, struct err *err);
} verbs[] = {
    {"experiment", do_experiment},
    {"create", do_create},
    {"get", do_get},
    {"find", do_find},
    {"read", do_read},
    {"log", do_log},
    {"status", do_status},
    {"put", do_put},
    {"same", do_same},
};

int
main(int argc, char **argv)
{
	struct tracking *t = NULL;
	struct err err = ERR_INIT;
	int ret = -1;

	if (argc < 3) {
		fputs(usage, stderr);
		return 2;
	}
	store_uri = argv[1];
	if (tracking_open(store_uri, &t, &err)) {
		fprintf(stderr, "%d: %s\n", err.kind, err.msg);
		return 1;
	}
	err_set(&err, ERR_USAGE, "%s", usage);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (!strcmp(verbs[i].name, argv[2]))
			ret = verbs[i].run(t, argc - 3, argv + 3, &err);
	tracking_close(t);
	if (ret)
		fprintf(stderr, "%d: %s\n", err.kind, err.msg);
	return ret ? 1 : 0;
}
