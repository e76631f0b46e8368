/* SPDX-License-Identifier: MIT */
/* spool_pick.c - the spools that a command line means */
#include "spool_pick.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/strv.h"
#include "cli.h"
#include "commands.h"
#include "stage/places.h"
#include "stage/spool.h"
#include "stage/spool_list.h"

bool
spool_is_named(const char *word, const char *dir)
{
	cleanup_free char *name = fs_basename(dir);

	return (*word && !strncmp(name, word, strlen(word))) ||
	       !strcmp(dir, word);
}

void
spool_pick_all(const struct options *o, struct strv *to)
{
	cleanup_free char *root = command_root(o);
	cleanup_strv struct strv places = STRV_INIT;

	spool_places(root, &places);
	if (o->all)
		places_known(&places);
	for (size_t i = 0; i < places.n; i++)
		spool_list(places.v[i], to);
}

static bool
is_wanted(const struct options *o, const char *dir)
{
	if (!o->words[0])
		return true;
	for (char *const *w = o->words; *w; w++)
		if (spool_is_named(*w, dir))
			return true;
	return false;
}

void
spool_pick(const struct options *o, struct strv *to)
{
	cleanup_strv struct strv all = STRV_INIT;

	spool_pick_all(o, &all);
	for (size_t i = 0; i < all.n; i++)
		if (is_wanted(o, all.v[i]))
			strv_add(to, all.v[i]);
}
