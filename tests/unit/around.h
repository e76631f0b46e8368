/* SPDX-License-Identifier: MIT */
/* around.h - a run to collect from, whose events the test writes down */
#pragma once

#include "model/manifest.h"
#include "model/record.h"
#include "stage/capture.h"
#include "stage/collect.h"
#include "stage/snapshot.h"
#include "stage/spool.h"
#include "temp.h"

/* --- a capture whose events the test writes down -------------------------- */

static struct event events[16];
static size_t n_events;
static size_t next_event;
static bool overflowed;
static uint64_t surplus;
static uint64_t missing;
static int survivors;

int
capture_open(const char *path, struct capture **ret, struct err *err)
{
	if (strcmp(path, "fake") != 0)
		return err_set(err, ERR_SYS, "no image");
	next_event = 0;
	*ret = NULL;
	return 0;
}

void
capture_close(struct capture *c)
{
	(void)c;
}

int
capture_next(struct capture *c, struct event *ret)
{
	(void)c;
	if (next_event == n_events)
		return 0;
	*ret = events[next_event++];
	return 1;
}

void
capture_get_health(const struct capture *c, struct capture_health *ret)
{
	(void)c;
	*ret = (struct capture_health){
	    .overflow = overflowed,
	    .surplus = surplus,
	    .missing = missing,
	};
}

/* The name says it: "seen-2-of-3". */
void
capture_get_program(const struct capture *c, const char *name,
                    struct capture_program *ret)
{
	const char *at = strstr(name, "seen-");

	(void)c;
	*ret = (struct capture_program){.launches = 1};
	if (at)
		sscanf(at, "seen-%u-of-%u", &ret->arrivals, &ret->launches);
}

bool
capture_is_dirty(const struct capture *c, size_t index)
{
	(void)c;
	return overflowed && index == 0;
}

/* --- a run around it ------------------------------------------------------ */

struct found {
	struct manifest_entry v[32];
	size_t n;
};

struct run_around {
	char *top;
	char *dir; /* of the project */
	struct spool spool;
	struct record record;
	struct collect_result result;
	struct found found;
};

static inline void
set_up(struct run_around *r)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";
	cleanup_free char *place = NULL;
	struct err err = ERR_INIT;

	*r = (struct run_around){.top = temp_dir()};
	r->dir = fs_join(r->top, "p");
	assert_int_equal(mkdir(r->dir, 0755), 0);
	place = fs_join(r->top, "spools");
	setenv("KMLFLOW_SPOOL_DIR", place, 1);
	assert_ok(spool_create("/", id, &r->spool, &err));
	r->record.invocation_id = mem_dup(id);
	n_events = 0;
	overflowed = false;
	surplus = missing = 0;
	survivors = 0;
}

static inline void
tear_down(struct run_around *r)
{
	for (size_t i = 0; i < r->found.n; i++)
		manifest_entry_free(&r->found.v[i]);
	buf_free(&r->result.note);
	strv_free(&r->result.blind);
	record_free(&r->record);
	spool_close(&r->spool);
	free(r->dir);
	temp_free(&r->top);
}

#define cleanup_around __attribute__((cleanup(tear_down)))

static inline struct declared *
declare(struct run_around *r, enum declared_kind kind, const char *path)
{
	struct declared *d = declared_add(&r->record.declared);

	d->kind = kind;
	d->name = mem_dup(path);
	d->path = fs_join(r->dir, path);
	return d;
}

/* An event about 'path' of the project, the strings of which leak by will. */
static inline void
add_event(struct run_around *r, enum event_kind kind, const char *path,
          const char *path2)
{
	static char *strings[32];
	static size_t n;
	struct event *e = &events[n_events++];

	free(strings[n % 32]);
	free(strings[(n + 1) % 32]);
	strings[n % 32] = fs_join(r->dir, path);
	strings[(n + 1) % 32] = path2 ? fs_join(r->dir, path2) : NULL;
	*e = (struct event){
	    .kind = kind,
	    .pid = 4242,
	    .rule = -1,
	    .path = strings[n % 32],
	    .path2 = strings[(n + 1) % 32],
	};
	n += 2;
	if (!r->record.image)
		r->record.image = mem_dup("fake");
}

static inline void
before(struct run_around *r)
{
	cleanup_free char *path = spool_path(&r->spool, "before");
	struct snapshot s;
	struct err err = ERR_INIT;

	snapshot_take(&r->record.declared, &s);
	assert_ok(snapshot_save(&s, path, &err));
	snapshot_free(&s);
}

static inline void
after(struct run_around *r)
{
	cleanup_free char *path = spool_path(&r->spool, "manifest");
	struct manifest_reader reader;
	struct err err = ERR_INIT;

	assert_ok(collect(&r->spool, &r->record, survivors, &r->result, &err));
	assert_ok(manifest_open(path, &reader, &err));
	while (manifest_next(&reader, &r->found.v[r->found.n], &err) == 1)
		r->found.n++;
	manifest_close(&reader);
}

/* What the manifest says of 'path'; no path where it says nothing. */
static inline const struct manifest_entry *
of(const struct run_around *r, const char *path)
{
	static const struct manifest_entry none = {
	    .fate = (enum manifest_fate)99,
	};
	cleanup_free char *whole = fs_join(r->dir, path);

	for (size_t i = 0; i < r->found.n; i++)
		if (!strcmp(r->found.v[i].path, whole))
			return &r->found.v[i];
	return &none;
}

static inline void
assert_artifact(const struct run_around *r, const char *path, const char *key)
{
	const struct manifest_entry *e = of(r, path);

	if (!e->path)
		fail_msg("nothing is said of %s", path);
	if (e->fate != FATE_ARTIFACT)
		fail_msg("%s: %s", path, e->reason ? e->reason : "missing");
	assert_string_equal(e->key, key);
}

static inline void
assert_skipped(const struct run_around *r, const char *path, const char *why)
{
	const struct manifest_entry *e = of(r, path);

	if (!e->path)
		fail_msg("nothing is said of %s", path);
	assert_int_equal(e->fate, FATE_SKIPPED);
	if (!e->reason || !strstr(e->reason, why))
		fail_msg("%s: %s", path, e->reason ? e->reason : "no reason");
}
