/* SPDX-License-Identifier: MIT */
/* cmd_new.c - kmlflow new: a small project that runs at once */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "adopt.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "starter.h"

/* The one that is made where none is named. */
static const char default_starter[] = "plain";

static int
unknown_starter(const char *word)
{
	cleanup_strv struct strv names = STRV_INIT;
	cleanup_buf struct buf list = BUF_INIT;
	const char *near;

	starter_names(&names);
	near = cli_nearest(word, (const char *const *)names.v);
	for (size_t i = 0; i < names.n; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", names.v[i]);
	if (near)
		log_error("no starter '%s'; did you mean '%s'?", word, near);
	else
		log_error("no starter '%s'; there are: %s", word, list.s);
	return 2;
}

static int
make(const struct starter *starter, const char *dir, const char *shown)
{
	cleanup_free char *name = fs_basename(dir);
	cleanup_strv struct strv made = STRV_INIT;
	cleanup_strv struct strv kept = STRV_INIT;
	struct err err = ERR_INIT;
	struct err later = ERR_INIT;

	if (starter_check_name(name, &err)) {
		log_error("%s", err.msg);
		return 2;
	}
	if (mkdir(dir, 0777)) {
		log_error("%s: %s", shown, strerror(errno));
		return 1;
	}
	if (starter_write(starter, dir, name, &made, &kept, &err)) {
		log_error("%s", err.msg);
		(void)fs_remove_tree(dir, &later);
		return 1;
	}
	printf("'%s' is ready: cd there, then 'kmlflow exec -- ./run.sh'\n",
	       shown);
	return fflush(stdout) ? 1 : 0;
}

static int
run_new(const struct options *o)
{
	cleanup_free char *cwd = fs_cwd();
	cleanup_free char *dir = NULL;
	const char *name = o->starter ? o->starter : default_starter;
	const struct starter *starter = starter_find(name);

	if (o->from_dir)
		return adopt(o);
	if (!starter || *name == '_')
		return unknown_starter(name);
	if (o->before.n != 1 || !*o->before.v[0] || o->words[0]) {
		log_error("new wants one name, of a directory that it makes");
		return 2;
	}
	dir = fs_join(cwd, o->before.v[0]);
	return make(starter, dir, o->before.v[0]);
}

const struct command command_new = {
    .name = "new",
    .bit = VERB_NEW,
    .arguments = "[OPTIONS] NAME | [NAME] --from-dir DIR [-- CMD [ARG…]]",
    .summary = "Makes a small project that runs at once, or one of a pipeline.",
    .run = run_new,
};
