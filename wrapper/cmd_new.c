/* SPDX-License-Identifier: MIT */
/* cmd_new.c - kmlflow new: a small project that runs at once */
#include <errno.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"

static const struct {
	const char *path;
	mode_t mode;
	const char *text;
} files[] = {
    {"README.md", 0644,
     "Run `kmlflow exec -- ./run.sh`, then `kmlflow explain` and `kmlflow "
     "ui`.\n\n"
     "- `run.sh` is the pipeline: any programs, in any language.\n"
     "- `conf/base/catalog.yml` says which files are results.\n"
     "- `conf/base/parameters.yml` is recorded as params.\n"
     "- `conf/base/mlflow.yml` says where runs are recorded.\n"
     "- `conf/local/` is for what is yours alone; it is not committed.\n"},
    {"run.sh", 0755,
     "#!/bin/sh\n"
     "# The pipeline: squares of the numbers in data/01_raw, and their mean.\n"
     "set -eu\n"
     "cd \"$(dirname \"$0\")\"\n"
     "mkdir -p data/02_results\n"
     "awk '{ print $1, $1 * $1 }' data/01_raw/numbers.txt "
     ">data/02_results/squares.txt\n"
     "awk '{ sum += $2 } END { printf \"{\\\"mean_square\\\": %g}\\n\", "
     "sum / NR }' \\\n"
     "\tdata/02_results/squares.txt >data/02_results/metrics.json\n"},
    {"conf/base/catalog.yml", 0644,
     "numbers:\n"
     "  type: text.TextDataset\n"
     "  filepath: data/01_raw/numbers.txt\n\n"
     "squares:\n"
     "  type: text.TextDataset\n"
     "  filepath: data/02_results/squares.txt\n"
     "  metadata: {kmlflow: {artifact: true}}\n\n"
     "metrics:\n"
     "  type: json.JSONDataset\n"
     "  filepath: data/02_results/metrics.json\n"
     "  metadata: {kmlflow: {metrics: true}}\n"},
    {"conf/base/parameters.yml", 0644, "exponent: 2\n"},
    {"conf/base/mlflow.yml", 0644,
     "tracking:\n  experiment:\n    name: \"%s\"\n"},
    {"conf/local/.gitkeep", 0644, ""},
    {"data/01_raw/numbers.txt", 0644, "1\n2\n3\n4\n5\n"},
    {".gitignore", 0644,
     "/mlruns/\n/mlflow.db\n/.kmlflow/\n/conf/local/*\n"
     "!/conf/local/.gitkeep\n/data/02_results/\n"},
};

static int
write_file(const char *dir, size_t i, const char *name, struct err *err)
{
	cleanup_free char *path = fs_join(dir, files[i].path);
	const char *slot = strstr(files[i].text, "%s");
	cleanup_buf struct buf text = BUF_INIT;

	/* Only mlflow.yml wants the name; "%g" of the script is its own. */
	if (slot && strstr(files[i].path, "mlflow.yml")) {
		buf_add(&text, files[i].text, (size_t)(slot - files[i].text));
		buf_adds(&text, name);
		buf_adds(&text, slot + 2);
	} else {
		buf_adds(&text, files[i].text);
	}
	if (fs_mkparents(path, 0777, err))
		return -1;
	return fs_write_atomic(path, text.s, text.len, files[i].mode, err);
}

static int
run_new(const struct options *o)
{
	cleanup_free char *cwd = fs_cwd();
	cleanup_free char *dir = NULL;
	cleanup_free char *name = NULL;
	struct err err = ERR_INIT;

	if (!o->words[0] || !*o->words[0] || o->words[1]) {
		log_error("new wants one name, of a directory that it makes");
		return 2;
	}
	dir = fs_join(cwd, o->words[0]);
	name = fs_basename(dir);
	if (strpbrk(name, "\"\\\n")) {
		log_error("'%s': choose a name without quotes", name);
		return 2;
	}
	if (mkdir(dir, 0777)) {
		log_error("%s: %s", o->words[0], strerror(errno));
		return 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (write_file(dir, i, name, &err)) {
			log_error("%s", err.msg);
			return 1;
		}
	printf("'%s' is ready: cd there, then 'kmlflow exec -- ./run.sh'\n",
	       o->words[0]);
	return fflush(stdout) ? 1 : 0;
}

const struct command command_new = {
    .name = "new",
    .bit = VERB_NEW,
    .arguments = "NAME",
    .summary = "Makes a small project that runs at once.",
    .run = run_new,
};
