/* SPDX-License-Identifier: MIT */
/* omega_call.c - the resolvers: Kedro's, OmegaConf's own, kedro-mlflow's */
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/strv.h"
#include "model/omega_node.h"
#include "model/pystr.h"
#include "model/run_name.h"
#include "model/value.h"

struct call {
	struct omega *o;
	struct node *site;
	const char *name;
	struct node *const *args;
	size_t n;
};

struct resolver {
	const char *name;
	size_t min, max; /* arguments */
	int (*run)(const struct call *c, struct node **ret);
};

static struct node *
null_node(const struct call *c)
{
	return omega_literal(c->o, c->site,
	                     value_new(c->o->arena, VALUE_NULL, NULL, 0));
}

/* The argument that must be a text; NULL: it is none, and 'err' says so. */
static const char *
text_arg(const struct call *c, size_t i)
{
	const char *text = value_text(c->args[i]->raw);

	if (!text)
		omega_wrong(c->o, c->site,
		            "%s needs a text as its first argument, not %s",
		            c->name, value_type_name(c->args[i]->raw));
	return text;
}

/* *ret NULL: there is no such key, or '???' stands there. */
static int
look_up(const struct call *c, struct node *root, const char *key,
        struct node **ret)
{
	cleanup_strv struct strv parts = STRV_INIT;
	struct node *last;

	*ret = NULL;
	if (!root)
		return 0;
	omega_split(key, &parts);
	if (omega_select(c->o, root, &parts, ret, &last))
		return -1;
	if (*ret && omega_missing(*ret))
		*ret = NULL;
	return 0;
}

static struct node *
root_of(const struct call *c, struct node **cached, struct value *from)
{
	if (!*cached && from) {
		*cached = arena_alloc(c->o->arena, sizeof(**cached));
		(*cached)->raw = from;
	}
	return *cached;
}

static int
found_or_default(const struct call *c, struct node *found, const char *what,
                 const char *key, struct node **ret)
{
	if (found) {
		*ret = found;
		return 0;
	}
	if (c->n > 1) {
		*ret = c->args[1];
		return 0;
	}
	return omega_wrong(c->o, c->site,
	                   "there is no '%.80s' in %s, and no default ('${%s: "
	                   "%.40s, DEFAULT}')",
	                   key, what, c->name, key);
}

static int
call_globals(const struct call *c, struct node **ret)
{
	const char *key = text_arg(c, 0);
	struct node *found;

	if (!key)
		return -1;
	if (c->o->scope->in_globals)
		return omega_wrong(c->o, c->site,
		                   "globals.yml cannot refer to globals; leave "
		                   "'globals:' out");
	if (*key == '_')
		return omega_wrong(c->o, c->site,
		                   "globals whose name begins with '_' cannot "
		                   "be referred to; rename it");
	if (look_up(c, root_of(c, &c->o->globals, c->o->scope->globals), key,
	            &found))
		return -1;
	return found_or_default(c, found, "globals.yml", key, ret);
}

static int
call_runtime(const struct call *c, struct node **ret)
{
	const char *key = text_arg(c, 0);
	struct node *found;

	if (!key)
		return -1;
	if (c->o->scope->in_globals)
		return omega_wrong(c->o, c->site,
		                   "runtime_params cannot be used in "
		                   "globals.yml");
	if (look_up(c, root_of(c, &c->o->runtime, c->o->scope->runtime), key,
	            &found))
		return -1;
	return found_or_default(c, found, "the run's --params", key, ret);
}

static int
call_select(const struct call *c, struct node **ret)
{
	const char *key = text_arg(c, 0);
	size_t dots;

	if (!key)
		return -1;
	dots = strspn(key, ".");
	if (look_up(c, omega_start(c->site, dots), key + dots, ret))
		return -1;
	if (!*ret)
		*ret = c->n > 1 ? c->args[1] : null_node(c);
	return 0;
}

static int
call_deprecated(const struct call *c, struct node **ret)
{
	const char *key = text_arg(c, 0);

	if (!key)
		return -1;
	if (look_up(c, omega_start(c->site, 0), key, ret))
		return -1;
	if (!*ret)
		return omega_wrong(c->o, c->site, "there is no '%.80s'", key);
	return 0;
}

static int
call_env(const struct call *c, struct node **ret)
{
	const char *key = text_arg(c, 0);
	const char *found = key ? getenv(key) : NULL;
	cleanup_buf struct buf text = BUF_INIT;

	if (!key)
		return -1;
	if (!c->o->scope->env) {
		*ret = omega_poison(c->o, c->site,
		                    "oc.env works in credentials only, unless "
		                    "settings.py registers it");
		return 0;
	}
	/* Of many credentials a run may need none. */
	if (!found && c->n < 2) {
		cleanup_free char *why =
		    mem_printf("the environment variable '%.80s' is not set, "
		               "and there is no default",
		               key);

		*ret = omega_poison(c->o, c->site, why);
		return 0;
	}
	if (!found && c->args[1]->raw->type == VALUE_NULL) {
		*ret = c->args[1];
		return 0;
	}
	if (found)
		buf_adds(&text, found);
	else
		pystr(c->args[1]->raw, &text);
	*ret =
	    omega_literal(c->o, c->site,
	                  value_str(c->o->arena,
	                            arena_ndup(c->o->arena, text.s, text.len)));
	return 0;
}

static int
call_decode(const struct call *c, struct node **ret)
{
	const char *text;

	if (c->args[0]->raw->type == VALUE_NULL) {
		*ret = c->args[0];
		return 0;
	}
	text = text_arg(c, 0);
	return text ? omega_element(c->o, c->site, text, ret) : -1;
}

static int
call_create(const struct call *c, struct node **ret)
{
	enum value_type type = c->args[0]->raw->type;

	*ret = c->args[0];
	if (type != VALUE_DICT && type != VALUE_LIST)
		*ret = omega_poison(c->o, c->site,
		                    "oc.create is read with a mapping or a "
		                    "list only");
	return 0;
}

/* The mapping that oc.dict.keys and oc.dict.values are about. */
static int
dict_arg(const struct call *c, struct node **ret)
{
	const char *key;
	size_t dots;

	*ret = c->args[0];
	if ((*ret)->raw->type == VALUE_DICT)
		return 0;
	key = text_arg(c, 0);
	if (!key)
		return -1;
	dots = strspn(key, ".");
	if (look_up(c, omega_start(c->site, dots), key + dots, ret))
		return -1;
	if (*ret && (*ret)->raw->type == VALUE_DICT)
		return 0;
	return omega_wrong(c->o, c->site, "'%.80s' is no mapping", key);
}

static int
call_dict(const struct call *c, struct node **ret)
{
	struct value *v = value_new(c->o->arena, VALUE_LIST, NULL, 0);
	bool keys = !strcmp(c->name, "oc.dict.keys");
	struct value *all;
	struct node *dict = NULL;

	if (dict_arg(c, &dict) || !dict)
		return -1;
	all = dict->raw;
	if (!keys && omega_deep(c->o, dict, &all))
		return -1;
	v->list.n = all->dict.n;
	v->list.v =
	    arena_alloc(c->o->arena, (v->list.n + 1) * sizeof(*v->list.v));
	for (size_t i = 0; i < v->list.n; i++)
		v->list.v[i] = keys ? all->dict.v[i].key : all->dict.v[i].item;
	*ret = omega_literal(c->o, c->site, v);
	return 0;
}

static int
call_random_name(const struct call *c, struct node **ret)
{
	char seed[33];
	cleanup_free char *name = NULL;

	clock_uuid_hex(seed);
	name = run_name_make(seed);
	*ret =
	    omega_literal(c->o, c->site,
	                  value_str(c->o->arena, arena_dup(c->o->arena, name)));
	return 0;
}

static const struct resolver resolvers[] = {
    {"globals", 1, 2, call_globals},
    {"runtime_params", 1, 2, call_runtime},
    {"km.random_name", 0, 0, call_random_name},
    {"oc.create", 1, 1, call_create},
    {"oc.decode", 1, 1, call_decode},
    {"oc.deprecated", 1, 2, call_deprecated},
    {"oc.dict.keys", 1, 1, call_dict},
    {"oc.dict.values", 1, 1, call_dict},
    {"oc.env", 1, 2, call_env},
    {"oc.select", 1, 2, call_select},
};

static int
run(const struct call *c, const struct resolver *r, struct node **ret)
{
	if (c->n < r->min || c->n > r->max)
		return omega_wrong(c->o, c->site,
		                   "%s takes %zu to %zu arguments, not %zu",
		                   c->name, r->min, r->max, c->n);
	if (r->run(c, ret))
		return -1;
	if (!omega_unresolved(*ret) && omega_missing(*ret))
		return omega_wrong(c->o, c->site,
		                   "stands for a value that is yet to be given "
		                   "(three question marks)");
	return 0;
}

int
omega_call(struct omega *o, struct node *site, const char *name,
           struct node *const *args, size_t n, struct node **ret)
{
	const struct call c = {
	    .o = o, .site = site, .name = name, .args = args, .n = n};
	cleanup_free char *why = NULL;

	for (size_t i = 0; i < ARRAY_LEN(resolvers); i++)
		if (!strcmp(resolvers[i].name, name))
			return run(&c, &resolvers[i], ret);
	why = mem_printf("the resolver '%.80s' is Python of the project's "
	                 "settings.py, which kmlflow cannot run",
	                 name);
	*ret = omega_poison(o, site, why);
	return 0;
}
