/* SPDX-License-Identifier: MIT */
/* collect.c - from what was seen to what is uploaded */
#include "stage/collect.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "model/declared.h"
#include "model/factory.h"
#include "model/manifest.h"
#include "model/metric_file.h"
#include "model/record.h"
#include "stage/artifact_key.h"
#include "stage/blind.h"
#include "stage/file_unfit.h"
#include "stage/metric_points.h"
#include "stage/others.h"
#include "stage/sightings.h"
#include "stage/snapshot.h"
#include "stage/spool.h"
#include "stage/walk.h"

struct collecting {
	const struct spool *spool;
	const struct record *record;
	struct snapshot before;
	struct sightings seen;
	struct manifest_writer out;
	struct others others;
	char *other; /* who wrote a file of this rule, and is not of this run */
	struct map taken; /* "RUN KEY" → path of what is in the manifest */
	struct collect_result *result;
	const struct declared *rule;
	size_t index; /* of it, or of the pattern that has made it */
	size_t metric_files;
	int rule_hits;
	char *version; /* the newest that was written, once it is known */
	bool newest;   /* second walk: take that one */
	bool started;  /* CMD was, for all that we know */
	int failed;
	struct err *err;
};

static void
put(struct collecting *c, const struct manifest_entry *e)
{
	if (c->failed)
		return;
	c->failed = manifest_add(&c->out, e, c->err);
	switch (e->fate) {
	case FATE_ARTIFACT:
		c->result->artifacts++;
		break;
	case FATE_SKIPPED:
		c->result->skipped++;
		break;
	case FATE_MISSING:
		c->result->missing++;
		break;
	case FATE_METRICS:
		break;
	}
}

/*
 * What holds this place in the run already, NULL if nothing does: the same
 * file where two transcoded entries name it.
 */
static const char *
place(struct collecting *c, const char *key, const char *path)
{
	const char *run = c->rule->run_id ? c->rule->run_id : "";
	cleanup_free char *whole = mem_printf("%s %s", run, key);
	void **at = map_at(&c->taken, whole);
	const char *before = *at;

	if (!before)
		*at = mem_dup(path);
	return before;
}

static void take(struct collecting *c, struct manifest_entry *e,
                 const char *relative, const struct stat *st);

/* As the dataset that the pattern makes of this file, if it makes one. */
static void
take_made(struct collecting *c, struct manifest_entry *e, const char *relative,
          const struct stat *st)
{
	const struct declared *rule = c->rule;
	cleanup_free char *root = walk_glob_root(rule->path);
	cleanup_free char *spelled = fs_join(root, relative);
	cleanup_free char *own = NULL;
	struct declared one;

	if (factory_resolve(rule, spelled, &one, &own))
		return;
	c->rule = &one;
	take(c, e, own, st);
	c->rule = rule;
	declared_clear(&one);
}

/* Metrics are read from it, or it becomes an artifact. */
static int
keep_or_name(struct collecting *c, struct manifest_entry *e,
             const char *relative, struct err *err)
{
	if (!c->rule->metric)
		return artifact_key(c->rule, relative, &e->key, err);
	e->key = mem_printf("%zu", c->index);
	e->metric = mem_dup(c->rule->metric->key);
	return metric_points_keep(c->spool, c->metric_files++, e, err);
}

static void
take(struct collecting *c, struct manifest_entry *e, const char *relative,
     const struct stat *st)
{
	const char *source = e->source ? e->source : e->path;
	const char *reason = file_unfit(source, st);
	const char *other = NULL;
	struct err err = ERR_INIT;

	if (c->rule->factory) {
		take_made(c, e, relative, st);
		return;
	}
	e->dataset = mem_dup(c->rule->name);
	e->run_id = mem_dup(c->rule->run_id);
	e->size = st->st_size;
	e->modified = stamp_written(st, c->record->start_time);
	c->rule_hits++;
	if (!reason && keep_or_name(c, e, relative, &err))
		reason = err.msg;
	if (!reason && e->fate == FATE_ARTIFACT)
		other = place(c, e->key, e->path);
	if (other && !strcmp(other, e->path))
		return;
	if (reason || other) {
		e->fate = FATE_SKIPPED;
		e->reason =
		    reason ? mem_dup(reason)
			   : mem_printf("'%s' has its place in the run", other);
	}
	if (e->fate == FATE_ARTIFACT && e->seen == SEEN_STAT)
		c->result->by_stat = true;
	put(c, e);
}

/* Nobody of ours was seen to write it, and somebody else was. */
static bool
is_anothers(struct collecting *c, const char *path, const struct stat *st)
{
	const char *who = others_get(&c->others, path, st);

	if (who)
		mem_replace(&c->other, mem_dup(who));
	return who != NULL;
}

/* A pattern of -x may be about the path without symbolic links or as declared.
 */
static bool
excluded(const struct collecting *c, const char *path, const char *relative)
{
	const struct declared_list *list = &c->record->declared;
	const struct declared *d = c->rule;
	cleanup_free char *root = d->kind == DECLARED_GLOB
	                              ? walk_glob_root(d->path)
	                              : mem_dup(d->path);
	cleanup_free char *spelled = NULL;

	if (!list->n_exclude)
		return false;
	spelled = relative ? fs_join(root, relative) : mem_steal(&root);
	return declared_excluded(list, path) ||
	       declared_excluded(list, spelled);
}

/* Of several versions only the newest is this run's result. */
static bool
is_newest(struct collecting *c, const char *path, const char *relative)
{
	cleanup_free char *version = NULL;

	if (c->rule->kind != DECLARED_VERSIONED &&
	    c->rule->kind != DECLARED_VERSIONED_DIR)
		return true;
	version = mem_ndup(path, strlen(path) - strlen(relative) +
	                             strcspn(relative, "/"));
	if (c->newest)
		return !strcmp(version, c->version);
	if (!c->version || strcmp(version, c->version) > 0)
		mem_replace(&c->version, mem_steal(&version));
	return false;
}

static bool
is_as_before(struct collecting *c, const char *path, const struct stat *st,
             bool event)
{
	enum snapshot_verdict v = snapshot_compare(&c->before, path, st);

	if (v == SNAPSHOT_SAME || event)
		return v == SNAPSHOT_SAME;
	return v == SNAPSHOT_RACY ||
	       (v == SNAPSHOT_TOUCHED && !others_blind(&c->others));
}

/* Called for each file that is there at the end. */
static void
look(void *arg, const char *path, const char *relative, const struct stat *st)
{
	struct collecting *c = arg;
	const struct sighting *seen = sightings_writer(&c->seen, path);
	bool event = seen != NULL;
	cleanup_entry struct manifest_entry e = {
	    .fate = FATE_ARTIFACT,
	    .seen = event ? SEEN_EVENT : SEEN_STAT,
	};

	/* An event that found no room has left a mark at its rule. */
	if (!event && c->seen.health.overflow &&
	    c->rule->kind == DECLARED_FILE &&
	    sightings_dirty(&c->seen, c->index)) {
		event = true;
		e.seen = SEEN_EVENT;
	}
	if (is_as_before(c, path, st, event))
		return;
	if (excluded(c, path, relative) || (!event && is_anothers(c, path, st)))
		return;
	if (!is_newest(c, path, relative))
		return;
	e.path = mem_dup(path);
	if (seen) {
		e.pid = seen->pid;
		e.program = mem_dup(seen->program);
	}
	take(c, &e, relative, st);
}

/* What could not be looked at is not what was not written. */
static void
unseen(void *arg, const char *path, int reason)
{
	struct collecting *c = arg;
	cleanup_entry struct manifest_entry e = {
	    .fate = FATE_SKIPPED,
	    .path = mem_dup(path),
	    .dataset = mem_dup(c->rule->name),
	    .reason = mem_dup(strerror(reason)),
	};

	c->rule_hits++;
	put(c, &e);
}

/* A declared file that has vanished, but was kept before it did. */
static void
take_kept(struct collecting *c, const char *path, const struct sighting *seen)
{
	const struct declared_list *list = &c->record->declared;
	cleanup_free char *relative = NULL;
	struct stat st;

	if (!seen->kept || seen->moved || fs_exists(path) ||
	    stat(seen->kept, &st))
		return;
	for (size_t i = 0; i < list->n; i++) {
		cleanup_free char *root = NULL;
		cleanup_entry struct manifest_entry e = {
		    .fate = FATE_ARTIFACT,
		    .seen = SEEN_EVENT,
		};
		const struct declared *d = &list->v[i];

		/* What is deleted within a directory was scratch there. */
		if (d->kind == DECLARED_DIR ||
		    d->kind == DECLARED_VERSIONED_DIR ||
		    ((int)i != seen->rule && !declared_match(d, path)))
			continue;
		c->rule = d;
		c->index = i;
		if (d->kind == DECLARED_GLOB) {
			root = walk_glob_root(d->path);
			mem_replace(&root, fs_resolve(root));
			if (strncmp(root, path, strlen(root)) != 0)
				continue;
			mem_replace(&relative, mem_dup(path + strlen(root) +
			                               (root[1] != '\0')));
		}
		if (excluded(c, path, relative))
			continue;
		e.path = mem_dup(path);
		e.source = mem_dup(seen->kept);
		e.pid = seen->pid;
		e.program = mem_dup(seen->program);
		take(c, &e, relative, &st);
	}
}

static void
collect_rule(struct collecting *c, size_t index)
{
	const struct declared *d = &c->record->declared.v[index];
	bool by_name = d->kind == DECLARED_FILE ||
	               d->kind == DECLARED_VERSIONED ||
	               d->kind == DECLARED_VERSIONED_DIR;
	cleanup_entry struct manifest_entry e = {.fate = FATE_MISSING};
	const struct sighting *seen;
	cleanup_free char *path = NULL;

	c->rule = d;
	c->index = index;
	c->rule_hits = 0;
	mem_replace(&c->other, NULL);
	c->newest = false;
	walk_declared(d, look, unseen, c);
	if (c->version) {
		c->newest = true;
		walk_declared(d, look, NULL, c);
		mem_replace(&c->version, NULL);
		c->newest = false;
	}
	if (c->rule_hits || !by_name)
		return;
	if (c->seen.files.n)
		path = fs_resolve(d->path);
	seen = path ? sightings_get(&c->seen, path) : NULL;
	if (seen && seen->kept && !seen->moved)
		return; /* take_kept() has it */
	e.path = mem_dup(d->path);
	e.dataset = mem_dup(d->name);
	if (c->other)
		e.reason = mem_printf("written by %s", c->other);
	put(c, &e);
}

static int
collect_all(struct collecting *c, const char *manifest)
{
	const struct declared_list *list = &c->record->declared;

	if (manifest_create(manifest, &c->out, c->err))
		return -1;
	for (size_t i = 0; c->started && i < list->n; i++)
		collect_rule(c, i);
	for (size_t i = 0; i < c->seen.files.n; i++)
		take_kept(c, c->seen.files.v[i].key, c->seen.files.v[i].value);
	if (!c->failed)
		c->failed = manifest_commit(&c->out, c->err);
	manifest_abandon(&c->out);
	return c->failed;
}

int
collect(const struct spool *s, const struct record *r, int survivors,
        struct collect_result *ret, struct err *err)
{
	cleanup_free char *before = spool_path(s, "before");
	cleanup_free char *manifest = spool_path(s, "manifest");
	struct collecting c = {
	    .spool = s,
	    .record = r,
	    .taken = MAP_INIT,
	    .others = {.record = r, .survivors = survivors},
	    .result = ret,
	    .err = err,
	};
	int failed;

	*ret = (struct collect_result){.note = BUF_INIT, .blind = STRV_INIT};
	/* Without it an exec was killed before it came to start CMD. */
	c.started = !fs_is_absent(before);
	if (c.started && snapshot_load(before, &c.before, err)) {
		others_free(&c.others);
		return -1;
	}
	/* An image that is gone (a reboot) leaves the comparison. */
	sightings_read_all(r->image, s->dir, &r->declared, &c.seen);
	c.others.place = fs_dirname(s->dir);
	c.others.seen = &c.seen;
	failed = collect_all(&c, manifest);
	if (r->declared.n && c.started)
		blind_list(&c.seen, survivors, ret->by_stat, &ret->blind);
	blind_note(&ret->blind, &ret->note);
	snapshot_free(&c.before);
	sightings_free(&c.seen);
	map_free(&c.taken, free);
	others_free(&c.others);
	free(c.other);
	return failed;
}
