/* SPDX-License-Identifier: MIT */
/* sightings.c - the events of the interposed library, by file */
#include "stage/sightings.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"
#include "model/declared.h"
#include "stage/capture.h"
#include "stage/group.h"

/* 'path' with its parents resolved, each directory only once; owned. */
static char *
spell(struct sightings *s, const char *path)
{
	cleanup_free char *dir = fs_dirname(path);
	cleanup_free char *base = fs_basename(path);
	void **resolved = map_at(&s->dirs, dir);

	if (!*resolved)
		*resolved = fs_resolve(dir);
	return fs_join(*resolved, base);
}

static struct sighting *
at(struct sightings *s, const char *path)
{
	cleanup_free char *spelled = spell(s, path);
	void **to = map_at(&s->files, spelled);

	if (!*to) {
		struct sighting *new = mem_alloc(sizeof(*new));

		new->rule = -1;
		*to = new;
	}
	return *to;
}

/* Where the name of the program of process 'pid' lies. */
static char **
program_of(struct sightings *s, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)pid);
	return (char **)map_at(&s->programs, number);
}

static void
note_written(struct sightings *s, const char *path, const struct event *e)
{
	struct sighting *seen = at(s, path);
	const char *program = *program_of(s, e->pid);

	seen->written = true;
	seen->pid = e->pid;
	mem_replace(&seen->program, mem_dup(program));
	if (e->rule >= 0)
		seen->rule = e->rule;
}

static void
note_launch(struct sightings *s, const struct event *e)
{
	void **to = map_at(&s->launches, e->path);
	struct launch *l = *to;

	if (!l)
		*to = l = mem_alloc(sizeof(*l));
	mem_replace(&l->name,
	            e->path2 ? fs_basename(e->path2) : fs_basename(e->path));
	if (e->kind == EVENT_LAUNCH_OFF)
		l->off = true;
	else
		l->on = true;
}

static bool
is_declared(const struct declared_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (declared_match(&list->v[i], path))
			return true;
	return false;
}

static void
note(struct sightings *s, const struct declared_list *list,
     const struct event *e)
{
	switch (e->kind) {
	case EVENT_WRITE:
		note_written(s, e->path, e);
		break;
	case EVENT_RENAME:
		at(s, e->path)->moved |= is_declared(list, e->path2);
		note_written(s, e->path2, e);
		break;
	case EVENT_LINK:
		note_written(s, e->path2, e);
		break;
	case EVENT_KEPT:
		mem_replace(&at(s, e->path)->kept, mem_dup(e->path2));
		at(s, e->path)->rule = e->rule;
		break;
	case EVENT_EXEC:
		mem_replace(program_of(s, e->pid), mem_dup(e->path));
		break;
	case EVENT_LAUNCH:
	case EVENT_LAUNCH_OFF:
		note_launch(s, e);
		break;
	case EVENT_RESCAN:
		if (e->path2) {
			note_written(s, e->path2, e);
			at(s, e->path2)->directory = true;
		}
		break;
	case EVENT_UNLINK:
	case EVENT_READ:
		/* What is there at the end is looked at in any case. */
		break;
	}
}

static void
add_health(struct capture_health *to, const struct capture_health *more)
{
	to->overflow |= more->overflow;
	to->dropped += more->dropped;
	to->processes += more->processes;
	to->crowded += more->crowded;
	to->missing += more->missing;
	to->surplus += more->surplus;
}

/* Adds what an image holds. */
static int
add_image(struct sightings *s, const char *image,
          const struct declared_list *list, struct err *err)
{
	struct capture_health health;
	struct capture *c = NULL;
	struct event e;

	if (capture_open(image, &c, err))
		return -1;
	s->available = true;
	/* The numbers of processes are another machine's. */
	map_free(&s->programs, free);
	while (capture_next(c, &e) > 0)
		note(s, list, &e);
	capture_get_health(c, &health);
	add_health(&s->health, &health);
	for (size_t i = 0; i < s->launches.n; i++) {
		struct launch *l = s->launches.v[i].value;
		struct capture_program count;

		capture_get_program(c, l->name, &count);
		l->count.launches += count.launches;
		l->count.arrivals += count.arrivals;
	}
	for (size_t i = 0; i < list->n; i++)
		s->dirty[i] |= capture_is_dirty(c, i);
	capture_close(c);
	return 0;
}

int
sightings_read(const char *image, const struct declared_list *list,
               struct sightings *ret, struct err *err)
{
	*ret = (struct sightings){
	    .files = MAP_INIT,
	    .dirs = MAP_INIT,
	    .programs = MAP_INIT,
	    .launches = MAP_INIT,
	};
	ret->n_dirty = list->n;
	ret->dirty = mem_alloc((list->n + 1) * sizeof(*ret->dirty));
	return image ? add_image(ret, image, list, err) : 0;
}

void
sightings_read_all(const char *image, const char *dir,
                   const struct declared_list *list, struct sightings *ret)
{
	cleanup_strv struct strv images = STRV_INIT;
	struct err unread = ERR_INIT;

	(void)sightings_read(image, list, ret, &unread);
	group_images(dir, &images);
	for (size_t i = 0; i < images.n; i++) {
		struct err ignored = ERR_INIT;

		/* One that is damaged leaves the comparison. */
		(void)add_image(ret, images.v[i], list, &ignored);
	}
}

const struct sighting *
sightings_get(const struct sightings *s, const char *path)
{
	return map_get(&s->files, path);
}

const struct sighting *
sightings_writer(const struct sightings *s, const char *path)
{
	const struct sighting *seen = sightings_get(s, path);
	cleanup_free char *above = mem_dup(path);

	if (seen && seen->written)
		return seen;
	for (char *end; (end = strrchr(above, '/')) && end != above;) {
		*end = '\0';
		seen = sightings_get(s, above);
		if (seen && seen->directory)
			return seen;
	}
	return NULL;
}

bool
sightings_dirty(const struct sightings *s, size_t index)
{
	return index < s->n_dirty && s->dirty[index];
}

static void
free_sighting(void *p)
{
	struct sighting *s = p;

	free(s->program);
	free(s->kept);
	free(s);
}

static void
free_launch(void *p)
{
	struct launch *l = p;

	free(l->name);
	free(l);
}

void
sightings_free(struct sightings *s)
{
	map_free(&s->files, free_sighting);
	map_free(&s->dirs, free);
	map_free(&s->programs, free);
	map_free(&s->launches, free_launch);
	free(s->dirty);
}
