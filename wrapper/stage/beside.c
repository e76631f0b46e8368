/* SPDX-License-Identifier: MIT */
/* beside.c - what was written beside the declared files, and is not declared */
#include "stage/beside.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "model/declared.h"
#include "model/manifest.h"
#include "model/record.h"
#include "stage/spool.h"
#include "stage/walk.h"
#include "wire/json.h"

enum {
	LOOKS = 4096, /* names */
	TOLD = 100,   /* files */
	DEPTH = 2,    /* below CMD's directory */
	SAVED_MAX = 1 << 24,
};

static const char saved[] = "beside.json";

/* By their names no results: what programs are made of, and their litter. */
static const char *const no_results[] = {
    "*.py",  "*.pyc",   "*.o",    "*.so",   "*.a",    "*.c",
    "*.h",   "*.cc",    "*.cpp",  "*.f90",  "*.R",    "*.sh",
    "*.d",   "*.class", "*.tmp",  "*.temp", "*.swp",  "*~",
    "*.bak", "*.orig",  "*.part", "*.lock", "*.lck",  "*.pid",
    "*.log", "*-wal",   "*-shm",  "core",   "core.*", "mlflow.db",
};

static const char *const no_places[] = {
    "__pycache__", "node_modules", "conf",       "mlruns",
    "mlartifacts", "venv",         "CMakeFiles",
};

/* A directory that is to be looked through. */
struct place {
	char *path;
	int depth;
};

/* What may be told. */
struct found {
	int64_t size;
	int64_t modified;
	bool declared;
};

struct search {
	const struct record *record;
	struct place *places;
	size_t n_places;
	struct map dirs;  /* resolved → anything */
	struct map files; /* resolved → struct found */
	int looks;
	bool more;
};

static bool
matches(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!fnmatch(list[i], name, 0))
			return true;
	return false;
}

static void
add_place(struct search *s, const char *path, int depth)
{
	char *resolved;
	void **known;

	/* Of ten thousand declared directories most may not be there. */
	if (s->n_places == LOOKS || !fs_is_dir(path))
		return;
	resolved = fs_resolve(path);
	known = map_at(&s->dirs, resolved);
	if (*known) {
		free(resolved);
		return;
	}
	*known = s;
	s->places = mem_grow(s->places, s->n_places + 1, sizeof(*s->places));
	s->places[s->n_places++] = (struct place){resolved, depth};
}

/* All that a declared path can stand for lies in it or below. */
static void
add_declared(struct search *s, const struct declared *d)
{
	cleanup_free char *dir = d->kind == DECLARED_GLOB
	                             ? walk_glob_root(d->path)
	                             : fs_dirname(d->path);

	add_place(s, dir, d->kind == DECLARED_GLOB ? 0 : 1);
}

static int64_t
milliseconds(struct statx_timestamp t)
{
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Written since the run began, or brought here with an older time. */
static bool
is_new(const struct search *s, const struct statx *st)
{
	int64_t start = s->record->start_time;

	return milliseconds(st->stx_mtime) >= start ||
	       (st->stx_mask & STATX_BTIME &&
	        milliseconds(st->stx_btime) >= start);
}

static void
look(struct search *s, const struct place *place, int fd, const char *name)
{
	unsigned want =
	    STATX_TYPE | STATX_UID | STATX_SIZE | STATX_MTIME | STATX_BTIME;
	cleanup_free char *path = NULL;
	struct found *f;
	struct statx st;
	void **to;

	if (statx(fd, name, AT_SYMLINK_NOFOLLOW, want, &st))
		return;
	path = fs_join(place->path, name);
	if (S_ISDIR(st.stx_mode) && place->depth < DEPTH &&
	    !matches(no_places, ARRAY_LEN(no_places), name))
		add_place(s, path, place->depth + 1);
	if (!S_ISREG(st.stx_mode) || !st.stx_size || st.stx_uid != geteuid() ||
	    !is_new(s, &st) ||
	    matches(no_results, ARRAY_LEN(no_results), name) ||
	    declared_excluded(&s->record->declared, path))
		return;
	to = map_at(&s->files, path);
	if (*to)
		return;
	*to = f = mem_alloc(sizeof(*f));
	f->size = (int64_t)st.stx_size;
	f->modified = milliseconds(st.stx_mtime);
}

static void
look_through(struct search *s, const struct place *place)
{
	DIR *d = opendir(place->path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		if (s->looks++ == LOOKS) {
			s->more = true;
			break;
		}
		look(s, place, dirfd(d), e->d_name);
	}
	if (d)
		closedir(d);
}

/* Strikes out what the manifest tells of already. */
static int
strike_declared(struct search *s, const struct spool *spool, struct err *err)
{
	cleanup_free char *path = spool_path(spool, "manifest");
	cleanup_manifest struct manifest_reader reader = {.file = NULL};
	int more = s->files.n > 0;

	if (more && manifest_open(path, &reader, err))
		return -1;
	while (more > 0) {
		cleanup_entry struct manifest_entry e = {.path = NULL};
		struct found *f;

		more = manifest_next(&reader, &e, err);
		f = more > 0 ? map_get(&s->files, e.path) : NULL;
		if (f)
			f->declared = true;
	}
	return more;
}

static int
save(struct search *s, const struct spool *spool, struct err *err)
{
	cleanup_free char *path = spool_path(spool, saved);
	cleanup_json struct cJSON *o = json_object();
	struct cJSON *files = json_array();
	int told = 0;

	for (size_t i = 0; i < s->files.n; i++) {
		const struct found *f = s->files.v[i].value;
		struct cJSON *one;

		if (f->declared)
			continue;
		if (told++ == TOLD) {
			s->more = true;
			break;
		}
		one = json_object();
		json_set_str(one, "path", s->files.v[i].key);
		json_set_int(one, "size", f->size);
		json_set_int(one, "modified", f->modified);
		json_push(files, one);
	}
	json_set(o, "files", files);
	json_set_bool(o, "more", s->more);
	return json_write(o, false, path, 0600, err);
}

int
beside_save(const struct spool *spool, const struct record *r, struct err *err)
{
	struct search s = {
	    .record = r,
	    .dirs = MAP_INIT,
	    .files = MAP_INIT,
	};
	int failed;

	for (size_t i = 0; i < r->declared.n; i++)
		add_declared(&s, &r->declared.v[i]);
	if (r->cwd)
		add_place(&s, r->cwd, 0);
	/* Places are added while they are looked through, and may move. */
	for (size_t i = 0; i < s.n_places && !s.more; i++) {
		struct place place = s.places[i];

		look_through(&s, &place);
	}
	failed = strike_declared(&s, spool, err) || save(&s, spool, err);
	for (size_t i = 0; i < s.n_places; i++)
		free(s.places[i].path);
	free(s.places);
	map_free(&s.dirs, NULL);
	map_free(&s.files, free);
	return failed ? -1 : 0;
}

struct cJSON *
beside_load(const struct spool *s)
{
	cleanup_free char *path = spool_path(s, saved);
	struct cJSON *ret = NULL;
	struct err err = ERR_INIT;

	(void)json_read(path, SAVED_MAX, &ret, &err);
	return ret;
}
