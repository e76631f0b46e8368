/* SPDX-License-Identifier: MIT */
/* parameters.c - params of the run from the merged parameters */
#include "model/parameters.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/strv.h"
#include "model/interp.h"
#include "model/pystr.h"
#include "model/settings.h"
#include "model/unicode.h"
#include "model/value.h"

/* A param on its way; 'origin' NULL: a flag. */
struct param {
	const char *name;
	const struct value *origin;
	struct buf value;
};

struct renderer {
	const struct params_settings *rules;
	const struct params_out *out;
	struct arena arena;
	struct value *params; /* name to value, both strings */
	struct value *tags;
	struct err *err;
};

static int
wrong(struct renderer *r, const struct param *p, const char *what)
{
	const struct value *o = p->origin;

	if (o)
		return err_at(r->err, o->file, o->line, o->column,
		              "parameter '%.120s' %s", p->name, what);
	return err_set(r->err, ERR_USAGE, "-p '%.120s' %s", p->name, what);
}

static uint32_t
code_point(const char *s, size_t n)
{
	uint32_t c = (unsigned char)*s;

	if (n > 1)
		c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/* The bytes of the first 'max' characters; *rest: characters after them. */
static size_t
cut_at(const struct buf *text, size_t max, size_t *count)
{
	size_t at = 0;
	size_t cut = text->len;

	*count = 0;
	while (at < text->len) {
		size_t n = enc_utf8_len(text->s + at, text->len - at);

		if (*count == max)
			cut = at;
		at += n ? n : 1;
		++*count;
	}
	return cut;
}

/* Letters that MLflow refuses in a name become "_", as kedro-mlflow has it. */
static bool
clean_name(const char *name, struct buf *to)
{
	size_t len = strlen(name);
	bool same = true;
	size_t n;

	for (; len; name += n, len -= n) {
		n = enc_utf8_len(name, len);
		if (n && (unicode_word(code_point(name, n)) ||
		          (n == 1 && strchr("/.- :", *name)))) {
			buf_add(to, name, n);
			continue;
		}
		buf_addc(to, '_');
		same = false;
		n = n ? n : 1;
	}
	return same;
}

/* As posixpath.normpath() would leave it, not upwards, not absolute. */
static bool
is_normal_path(const char *name)
{
	bool first = true;

	do {
		size_t n = strcspn(name, "/");

		bool up = !strncmp(name, "..", 2) && (first || n == 2);

		if (!n || up || (n == 1 && *name == '.'))
			return false;
		first = false;
		name += n;
	} while (*name++);
	return true;
}

static void
store(struct renderer *r, struct value *in, const char *name,
      const struct buf *value)
{
	const char *key = arena_dup(&r->arena, name);
	const char *text = arena_ndup(&r->arena, value->s, value->len);

	value_put(in, value_str(&r->arena, key), value_str(&r->arena, text),
	          &r->arena);
}

/* Under its cleaned name, shortened or as a tag where it is too long. */
static int
put(struct renderer *r, struct param *p)
{
	cleanup_buf struct buf name = BUF_INIT;
	struct value *in = r->params;
	size_t length, cut;

	if (strlen(p->value.s) != p->value.len)
		return wrong(r, p,
		             "holds a NUL character, which no store "
		             "takes");
	if (!clean_name(p->name, &name))
		strv_take(r->out->warnings,
		          mem_printf("parameter '%s' is logged as '%s': "
		                     "MLflow takes letters, digits and "
		                     "'_-./: ' in names",
		                     p->name, name.s));
	if (!is_normal_path(name.s))
		return wrong(r, p,
		             "has a name that MLflow refuses: it looks "
		             "like a path, but '.', '..' and empty "
		             "parts are not allowed");
	cut_at(&name, PARAM_MAX_NAME, &length);
	if (length > PARAM_MAX_NAME)
		return wrong(r, p,
		             "has a name of more than 250 characters; "
		             "shorten it");
	cut = cut_at(&p->value, PARAM_MAX_VALUE, &length);
	if (length > PARAM_MAX_VALUE) {
		cleanup_free char *what =
		    mem_printf("has %zu characters, MLflow takes %d; set "
		               "long_params_strategy to 'tag' or 'truncate'",
		               length, PARAM_MAX_VALUE);

		if (r->rules->strategy == LONG_PARAMS_FAIL)
			return wrong(r, p, what);
		if (r->rules->strategy == LONG_PARAMS_TAG)
			in = r->tags;
		else
			buf_cut(&p->value, cut);
	}
	store(r, in, name.s, &p->value);
	return 0;
}

static int
put_value(struct renderer *r, const char *name, const struct value *origin,
          const struct value *v)
{
	struct param p = {.name = name, .origin = origin, .value = BUF_INIT};
	int failed;

	pystr(v, &p.value);
	failed = put(r, &p);
	buf_free(&p.value);
	return failed;
}

static int
flatten(struct renderer *r, const char *prefix, const struct value *dict,
        bool top)
{
	bool deeper = r->rules->flatten && (top || r->rules->recursive);

	for (size_t i = 0; i < dict->dict.n; i++) {
		const struct value_pair *p = &dict->dict.v[i];
		cleanup_buf struct buf name = BUF_INIT;
		int failed;

		buf_adds(&name, prefix);
		pystr(p->key, &name);
		if (deeper && p->item->type == VALUE_DICT) {
			buf_adds(&name, r->rules->sep);
			failed = flatten(r, name.s, p->item, false);
		} else {
			failed = put_value(r, name.s, p->key, p->item);
		}
		if (failed)
			return -1;
	}
	return 0;
}

static int
render(struct renderer *r, const struct value *merged, const struct kvs *flags)
{
	for (size_t i = 0; merged && i < merged->dict.n; i++) {
		const struct value_pair *p = &merged->dict.v[i];
		cleanup_buf struct buf what = BUF_INIT;

		buf_adds(&what, "parameter '");
		pystr(p->key, &what);
		buf_addc(&what, '\'');
		if (interp_refuse(p->item, what.s, r->err))
			return -1;
	}
	if (merged && flatten(r, "", merged, true))
		return -1;
	for (size_t i = 0; flags && i < flags->n; i++) {
		struct value *v = value_str(&r->arena, flags->v[i].value);

		if (put_value(r, flags->v[i].key, NULL, v))
			return -1;
	}
	return 0;
}

static void
hand_over(const struct value *from, struct kvs *to)
{
	for (size_t i = 0; i < from->dict.n; i++)
		kvs_push(to, from->dict.v[i].key->text.s,
		         from->dict.v[i].item->text.s);
}

int
parameters_render(const struct value *merged, const struct kvs *flags,
                  const struct params_settings *rules,
                  const struct params_out *out, struct err *err)
{
	struct renderer r = {.rules = rules, .out = out, .err = err};
	int failed;

	r.params = value_new(&r.arena, VALUE_DICT, NULL, 0);
	r.tags = value_new(&r.arena, VALUE_DICT, NULL, 0);
	failed = render(&r, merged, flags);
	if (!failed) {
		hand_over(r.params, out->params);
		hand_over(r.tags, out->tags);
	}
	arena_free(&r.arena);
	return failed;
}
