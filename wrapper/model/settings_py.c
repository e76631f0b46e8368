/* SPDX-License-Identifier: MIT */
/* settings_py.c - what a project's settings.py says without being run */
#include "model/settings_py.h"

#include <dirent.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/project.h"
#include "model/pyread.h"
#include "model/settings.h"
#include "model/value.h"

enum { N_KEYS = PY_CUSTOM_RESOLVERS + 1 };

struct settings_py {
	struct arena arena;
	enum loader loader;
	struct value *class; /* of a loader that we do not know; NULL */
	struct value *args;  /* CONFIG_LOADER_ARGS where it is computed; NULL */
	struct value *keys[N_KEYS];
};

static const struct {
	const char *class;
	enum loader loader;
} loaders[] = {
    {"OmegaConfigLoader", LOADER_OMEGACONF},
    {"ConfigLoader", LOADER_PLAIN},
    {"TemplatedConfigLoader", LOADER_TEMPLATED},
};

static const struct {
	enum py_key key;
	const char *name;
} arguments[] = {
    {PY_BASE_ENV, "base_env"},
    {PY_RUN_ENV, "default_run_env"},
    {PY_GLOBALS_PATTERN, "globals_pattern"},
    {PY_GLOBALS_DICT, "globals_dict"},
    {PY_MERGE_STRATEGY, "merge_strategy"},
    {PY_CONFIG_PATTERNS, "config_patterns"},
    {PY_CUSTOM_RESOLVERS, "custom_resolvers"},
};

static struct value *
get(const struct value *dict, const char *key)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	struct value *text = value_str(&arena, key);
	const struct value_pair *p = value_find(dict, text);

	return p ? p->item : NULL;
}

static void
take_arguments(struct settings_py *s, const struct value *args)
{
	for (size_t i = 0; i < ARRAY_LEN(arguments); i++) {
		struct value *v = get(args, arguments[i].name);

		if (v && v->type != VALUE_NULL)
			s->keys[arguments[i].key] = v;
	}
}

static void
take_class(struct settings_py *s, struct value *class)
{
	const char *name = value_text(class);
	const char *dot = name ? strrchr(name, '.') : NULL;

	if (!class)
		return;
	for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
		if (name && !strcmp(dot ? dot + 1 : name, loaders[i].class)) {
			s->loader = loaders[i].loader;
			return;
		}
	s->class = class;
}

static char *
read_source(struct settings_py *s, const char *dir, const char *name,
            const char *cwd, const char **shown)
{
	cleanup_free char *path = mem_printf("%s/%s", dir, name);
	cleanup_free char *text = project_shown(path, cwd);
	cleanup_buf struct buf source = BUF_INIT;
	struct err err = ERR_INIT;

	/* Kedro itself will say so, where it cannot be read. */
	if (fs_read(path, PYREAD_MAX_BYTES, &source, &err))
		return NULL;
	*shown = arena_dup(&s->arena, text);
	return buf_detach(&source);
}

static void
read_settings(struct settings_py *s, const char *dir, const char *cwd)
{
	const char *shown;
	cleanup_free char *text =
	    read_source(s, dir, "settings.py", cwd, &shown);
	struct value *all, *args;

	if (!text)
		return;
	all = pyread_assignments(text, shown, &s->arena);
	s->keys[PY_CONF_SOURCE] = get(all, "CONF_SOURCE");
	take_class(s, get(all, "CONFIG_LOADER_CLASS"));
	args = get(all, "CONFIG_LOADER_ARGS");
	if (args && args->type != VALUE_DICT)
		s->args = args;
	take_arguments(s, args);
}

/* Before 0.18 a hook, or the context, made the loader. */
static void
read_old(struct settings_py *s, const char *dir, const char *cwd)
{
	static const char *const names[] = {"hooks.py", "run.py",
	                                    "settings.py"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *shown;
		cleanup_free char *text =
		    read_source(s, dir, names[i], cwd, &shown);
		struct value *args =
		    text ? pyread_call(text, "TemplatedConfigLoader", shown,
		                       &s->arena)
			 : NULL;

		if (!args)
			continue;
		s->loader = LOADER_TEMPLATED;
		take_arguments(s, args);
		return;
	}
}

/* Where the sources of the project lie: the one package that has them. */
static char *
find_package(const struct project *p)
{
	const char *source = p->source_dir ? p->source_dir : "src";
	cleanup_free char *dir = mem_printf("%s/%s", p->root, source);
	cleanup_strv struct strv names = STRV_INIT;
	struct dirent *entry;
	DIR *d;

	if (p->package_dir)
		return mem_dup(p->package_dir);
	if (p->package_name)
		return mem_printf("%s/%s", dir, p->package_name);
	d = opendir(dir);
	while (d && (entry = readdir(d))) {
		cleanup_free char *path =
		    mem_printf("%s/%s/settings.py", dir, entry->d_name);

		if (*entry->d_name != '.' && fs_exists(path))
			strv_add(&names, entry->d_name);
	}
	if (d)
		closedir(d);
	strv_sort(&names);
	return names.n ? mem_printf("%s/%s", dir, names.v[0]) : NULL;
}

struct settings_py *
settings_py_read(const struct project *p, bool old, const char *cwd)
{
	struct settings_py *s = mem_alloc(sizeof(*s));
	cleanup_free char *dir = find_package(p);

	s->loader = old ? LOADER_PLAIN : LOADER_OMEGACONF;
	if (!dir)
		return s;
	if (old)
		read_old(s, dir, cwd);
	read_settings(s, dir, cwd);
	return s;
}

void
settings_py_free(struct settings_py *s)
{
	if (!s)
		return;
	arena_free(&s->arena);
	free(s);
}

enum loader
settings_py_loader(const struct settings_py *s)
{
	return s->loader;
}

struct value *
settings_py_value(const struct settings_py *s, enum py_key key)
{
	return s ? s->keys[key] : NULL;
}

const char *
settings_py_text(const struct settings_py *s, enum py_key key,
                 const char *fallback)
{
	const struct value *v = settings_py_value(s, key);
	const char *text = value_text(v);

	return text && *text && !v->text.unresolved ? text : fallback;
}

bool
settings_py_unread(const struct settings_py *s)
{
	return s->args;
}

void
settings_py_warn(const struct settings_py *s, struct strv *warnings)
{
	const struct value *source;

	if (!s)
		return;
	source = s->keys[PY_CONF_SOURCE];
	if (s->class)
		strv_take(warnings,
		          mem_printf("%s:%d: CONFIG_LOADER_CLASS is none of "
		                     "Kedro's own loaders; conf/ is read as "
		                     "Kedro's default one does",
		                     s->class->file, s->class->line));
	if (s->args)
		strv_take(warnings,
		          mem_printf("%s:%d: CONFIG_LOADER_ARGS is computed "
		                     "by Python, so it is not read",
		                     s->args->file, s->args->line));
	if (source && (source->type != VALUE_STR || source->text.unresolved))
		strv_take(warnings,
		          mem_printf("%s:%d: CONF_SOURCE is computed by "
		                     "Python; 'conf' is read",
		                     source->file, source->line));
	for (size_t i = 0; i < ARRAY_LEN(arguments); i++) {
		const struct value *v = s->keys[arguments[i].key];

		if (v && v->type == VALUE_STR && v->text.unresolved)
			strv_take(warnings,
			          mem_printf("%s:%d: %s is computed by "
			                     "Python, so it is not read",
			                     v->file, v->line,
			                     arguments[i].name));
	}
}
