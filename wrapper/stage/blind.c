/* SPDX-License-Identifier: MIT */
/* blind.c - what of CMD's processes nobody could see */
#include "stage/blind.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/strv.h"
#include "stage/program.h"
#include "stage/sightings.h"

/* So many are in the tag. */
enum { NOTE_LINES = 5 };

/* Programs of one name: the counts are theirs together. */
struct group {
	const struct sightings *s;
	const char *name;
	uint32_t launches;
	uint32_t missing; /* that never arrived */
	struct strv *lines;
};

static void
add(const struct group *g, const char *what, const char *path,
    const char *behind, bool alone)
{
	char *line = mem_printf("%s %s%s", what, path, behind);

	if (alone && g->missing > 1)
		mem_replace(&line,
		            mem_printf("%s (%u times)", line, g->missing));
	strv_take(g->lines, line);
}

/* A line for each reason that is known; how many there are. */
static int
add_reasons(const struct group *g)
{
	size_t n_paths = 0;
	int added = 0;

	for (size_t i = 0; i < g->s->launches.n; i++) {
		const struct launch *l = g->s->launches.v[i].value;

		n_paths += !strcmp(l->name, g->name);
	}
	for (size_t i = 0; i < g->s->launches.n; i++) {
		const struct launch *l = g->s->launches.v[i].value;
		const char *path = g->s->launches.v[i].key;
		cleanup_free char *found = program_find(path);
		cleanup_free char *words = NULL;

		if (strcmp(l->name, g->name) != 0)
			continue;
		if (found)
			path = found;
		words = program_obstacle(path);
		if (words)
			add(g, words, path, "", n_paths == 1);
		if (l->off)
			add(g, "program", path,
			    ", switched off by KMLFLOW_CAPTURE", false);
		added += words || l->off;
	}
	return added;
}

/* Programs that may account for some that never arrived. */
struct excuses {
	uint64_t surplus; /* arrived under other names than they started */
	uint64_t young;   /* still run, and may not have come to load it yet */
};

static bool
excuse(uint64_t *of, uint32_t missing)
{
	if (*of < missing)
		return false;
	*of -= missing;
	return true;
}

/* No reason is known. */
static bool
add_unexplained(const struct group *g, const char *path, struct excuses *left)
{
	cleanup_free char *found = program_find(path);
	cleanup_free char *times = NULL;

	if (found)
		path = found;
	if (program_is_proxy(path) && excuse(&left->surplus, g->missing))
		return false;
	if (excuse(&left->young, g->missing))
		return true; /* the line of survivors tells of it */
	if (g->launches > 1)
		times =
		    mem_printf(" (%u of %u times)", g->missing, g->launches);
	strv_take(g->lines, mem_printf("program %s did not load the library%s",
	                               path, times ? times : ""));
	return true;
}

static bool
add_programs(const struct sightings *s, int survivors, struct strv *lines)
{
	struct excuses left = {
	    .surplus = s->health.surplus,
	    .young = (uint64_t)survivors,
	};
	uint64_t named = 0;
	struct map names = MAP_INIT;
	bool any = false;

	for (size_t i = 0; i < s->launches.n; i++) {
		const struct launch *l = s->launches.v[i].value;
		void **known = map_at(&names, l->name);
		struct group g = {
		    .s = s,
		    .name = l->name,
		    .launches = l->count.launches,
		    .lines = lines,
		};

		if (*known || l->count.launches <= l->count.arrivals)
			continue;
		*known = s->launches.v[i].value;
		g.missing = l->count.launches - l->count.arrivals;
		named += g.missing;
		if (add_reasons(&g) ||
		    add_unexplained(&g, s->launches.v[i].key, &left))
			any = true;
	}
	map_free(&names, NULL);
	/* Their starter could count, but had no room for a record. */
	if (s->health.missing <= named)
		return any;
	strv_take(lines,
	          mem_printf("%llu programs without a name",
	                     (unsigned long long)(s->health.missing - named)));
	return true;
}

void
blind_list(const struct sightings *s, int survivors, bool by_stat,
           struct strv *ret)
{
	bool explained;

	if (!s->available) {
		strv_add(ret, "the interposed library was not there");
		return;
	}
	explained = add_programs(s, survivors, ret);
	if (s->health.overflow)
		strv_add(ret, "more events than their buffer holds");
	if (s->health.crowded)
		strv_add(ret, "more programs than could be counted");
	if (survivors)
		strv_take(ret,
		          mem_printf("%d process%s still running", survivors,
		                     survivors == 1 ? "" : "es"));
	strv_sort(ret);
	if (by_stat && !explained && !s->health.overflow && !s->health.crowded)
		strv_add(ret, "a writer was not seen");
}

void
blind_note(const struct strv *blind, struct buf *to)
{
	buf_adds(to, blind->n ? "partial: " : "complete");
	for (size_t i = 0; i < blind->n && i < NOTE_LINES; i++)
		buf_addf(to, "%s%s", i ? "; " : "", blind->v[i]);
	if (blind->n > NOTE_LINES)
		buf_addf(to, "; and %zu more", blind->n - NOTE_LINES);
}
