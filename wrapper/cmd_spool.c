/* SPDX-License-Identifier: MIT */
/* cmd_spool.c - kmlflow spool: looks at spools, and throws them away */
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "spool_pick.h"
#include "stage/spool.h"
#include "stage/spool_info.h"
#include "wire/json.h"

enum { EXIT_USAGE = 2 };

static int
print(const struct buf *text)
{
	fwrite(text->s, 1, text->len, stdout);
	return fflush(stdout) ? 1 : 0;
}

static int
print_json(const struct cJSON *node)
{
	cleanup_buf struct buf text = BUF_INIT;

	json_print(node, true, &text);
	return print(&text);
}

static int
list(const struct options *o)
{
	cleanup_strv struct strv spools = STRV_INIT;
	cleanup_json struct cJSON *all = json_array();
	cleanup_buf struct buf text = BUF_INIT;

	spool_pick_all(o, &spools);
	for (size_t k = 0; k < spools.n; k++) {
		cleanup_spool_info struct spool_info i = {.dir = NULL};

		spool_info_read(spools.v[k], &i);
		json_push(all, spool_info_json(&i));
		if (!k)
			buf_addf(&text, "%-32s  %-11s %5s %6s %12s  %s\n",
			         "SPOOL", "STATE", "AGE", "FILES", "BYTES",
			         "RUN");
		spool_info_line(&i, clock_now_ms(), &text);
	}
	if (o->json)
		return print_json(all);
	if (!spools.n)
		log_info("no spools: everything is recorded");
	return print(&text);
}

static void
add(struct buf *to, const char *head, const char *value)
{
	if (!value)
		return;
	buf_addf(to, "%-12s", head);
	enc_printable(to, value, strlen(value));
	buf_addc(to, '\n');
}

static void
describe(const struct spool_info *i, struct buf *to)
{
	cleanup_buf struct buf start = BUF_INIT;

	if (i->start_time)
		clock_rfc3339(i->start_time, &start);
	add(to, "spool", i->dir);
	add(to, "state", spool_state_name(i->state));
	add(to, "problem", i->problem);
	add(to, "run", i->run_id ? i->run_id : "not made yet");
	add(to, "name", i->run_name);
	add(to, "experiment", i->experiment);
	add(to, "store", i->store);
	add(to, "started", start.len ? start.s : NULL);
	add(to, "status", i->status);
	if (i->files < 0)
		add(to, "files", "known when it is sent");
	else
		buf_addf(to, "%-12s%d to be sent, %lld bytes\n", "files",
		         i->files + i->client_files, (long long)i->bytes);
}

/* The only spool that the word means; NULL: none, or more than one. */
static const char *
find(const struct strv *spools, const char *word)
{
	const char *found = NULL;

	for (size_t i = 0; i < spools->n; i++) {
		if (!spool_is_named(word, spools->v[i]))
			continue;
		if (found) {
			log_error("more than one spool begins with '%s'", word);
			return NULL;
		}
		found = spools->v[i];
	}
	if (!found)
		log_error("there is no spool '%s' here", word);
	return found;
}

static int
show(const struct options *o, const char *dir)
{
	cleanup_spool_info struct spool_info i = {.dir = NULL};
	cleanup_buf struct buf text = BUF_INIT;

	spool_info_read(dir, &i);
	if (o->json) {
		cleanup_json struct cJSON *node = spool_info_json(&i);

		return print_json(node);
	}
	describe(&i, &text);
	return print(&text);
}

static void
say_removed(const struct spool_info *i)
{
	if (i->run_id)
		log_info("removed; the run %s stays as it is in %s", i->run_id,
		         i->store);
	else
		log_info("removed; its run is nowhere");
}

/* Under the lock, unless nobody has come to make one. */
static int
throw_away(const char *dir)
{
	cleanup_spool_info struct spool_info i = {.dir = NULL};
	struct spool s = SPOOL_INIT;
	struct err err = ERR_INIT;
	int failed = 0;

	spool_info_read(dir, &i);
	if (spool_open(dir, &s, &err))
		failed = err.kind != ERR_NOTFOUND || !spool_is_stillborn(dir);
	if (!failed && i.image && unlink(i.image))
		log_debug("no '%s' to remove", i.image);
	if (!failed)
		failed =
		    s.dir ? spool_remove(&s, &err) : fs_remove_tree(dir, &err);
	if (failed)
		log_error("not removed: %s", err.msg);
	else
		say_removed(&i);
	spool_close(&s);
	return failed ? 1 : 0;
}

static int
each(const struct options *o, bool remove)
{
	cleanup_strv struct strv spools = STRV_INIT;
	int failed = 0;

	spool_pick_all(o, &spools);
	for (char *const *w = o->words + 1; *w; w++) {
		const char *dir = find(&spools, *w);

		if (!dir)
			failed = 1;
		else
			failed |= remove ? throw_away(dir) : show(o, dir);
	}
	return failed;
}

static int
run_spool(const struct options *o)
{
	const char *what = o->words[0] ? o->words[0] : "list";
	bool named = o->words[0] && o->words[1];

	if (!strcmp(what, "list") && !named)
		return list(o);
	if (!strcmp(what, "show") && named)
		return each(o, false);
	if (!strcmp(what, "remove") && named)
		return each(o, true);
	log_error("usage: kmlflow spool [OPTIONS] list | show SPOOL… | remove "
	          "SPOOL…");
	return EXIT_USAGE;
}

const struct command command_spool = {
    .name = "spool",
    .bit = VERB_SPOOL,
    .arguments = "[OPTIONS] list | show SPOOL… | remove SPOOL…",
    .summary = "Tells what is still in spools, or throws it away.",
    .run = run_spool,
};
