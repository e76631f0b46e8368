/* SPDX-License-Identifier: MIT */
/* yaml.c - text to a tree of nodes that know where they stood */
#include "wire/yaml.h"

#include <stdint.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"

struct anchor {
	const char *name;
	struct ynode *node;
	bool open; /* still being read: an alias to it would be a cycle */
};

/* A list or mapping that has begun; its items lie on the stack of nodes. */
struct frame {
	struct ynode *node;
	size_t first;
	struct anchor *anchor;
};

struct loader {
	yaml_parser_t parser;
	const char *file;
	const char *text;
	size_t len;
	struct arena *arena;
	struct ynode **stack;
	size_t n;
	size_t cap;
	struct frame frames[YAML_MAX_DEPTH];
	int depth;
	struct anchor *anchors;
	size_t n_anchors;
	struct err *err;
};

static bool
line_has(const struct loader *l, size_t line, const char *what)
{
	const char *s = l->text;
	const char *end = l->text + l->len;
	const char *stop;

	while (s && line--) {
		s = memchr(s, '\n', (size_t)(end - s));
		s = s ? s + 1 : NULL;
	}
	if (!s)
		return false;
	stop = memchr(s, '\n', (size_t)(end - s));
	return memmem(s, (size_t)((stop ? stop : end) - s), what, strlen(what));
}

/* What usually helps; libyaml tells only what it stumbled over. */
static const char *
remedy(const struct loader *l, const char *problem, size_t line)
{
	static const struct {
		const char *problem;
		const char *remedy;
	} known[] = {
	    {"mapping values are not allowed",
	     "put a text that contains ': ' in quotes, and line up the keys of "
	     "a mapping"},
	    {"could not find expected ':'",
	     "a key is followed by ': '; is a quote or an indentation "
	     "missing?"},
	    {"did not find expected key",
	     "line up the keys of a mapping; is a quote missing?"},
	    {"did not find expected '-'", "line up the dashes of a list"},
	    {"did not find expected ',' or",
	     "close the bracket, or put a comma between the items"},
	    {"unexpected end of stream", "close the quote"},
	    {"escape", "in double quotes a backslash is doubled"},
	    {"did not find expected node content",
	     "a value is missing; is a bracket left open?"},
	    {"invalid", "save the file as UTF-8"},
	    {"incomplete UTF-8", "save the file as UTF-8"},
	    {"control characters", "remove the control characters"},
	};

	if (memmem(l->text, l->len, "{%", 2) || line_has(l, line, "{{"))
		return "Jinja2 templates are not supported";
	if (line_has(l, line, "\t"))
		return "indent with spaces, not with tabs";
	if (line_has(l, line, "%") || line_has(l, line, "@") ||
	    line_has(l, line, "`"))
		return "put the value in quotes";
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strstr(problem, known[i].problem))
			return known[i].remedy;
	return "correct it there";
}

static int
syntax_error(struct loader *l)
{
	const yaml_parser_t *p = &l->parser;
	const char *problem = p->problem ? p->problem : "cannot be read";
	size_t line = p->problem_mark.line;
	size_t column = p->problem_mark.column + 1;

	/* The reader knows an offset, but no line. */
	if (p->error == YAML_READER_ERROR) {
		line = 0;
		column = 1;
		for (size_t i = 0; i < l->len && i < p->problem_offset; i++) {
			line += l->text[i] == '\n';
			column = l->text[i] == '\n' ? 1 : column + 1;
		}
	}
	return err_at(l->err, l->file, (int)line + 1, (int)column,
	              "broken YAML: %s; %s", problem, remedy(l, problem, line));
}

static int
too_much(struct loader *l, const struct ynode *node, const char *what, int max)
{
	return err_at(l->err, l->file, node->line, node->column,
	              "%s (at most %d)", what, max);
}

static int
push(struct loader *l, struct ynode *node)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->stack = mem_grow(l->stack, l->cap, sizeof(*l->stack));
	}
	l->stack[l->n++] = node;
	return 0;
}

static struct anchor *
find_anchor(struct loader *l, const char *name)
{
	for (size_t i = l->n_anchors; i--;)
		if (!strcmp(l->anchors[i].name, name))
			return &l->anchors[i];
	return NULL;
}

/* NULL without 'name'; a name that is used again means the newer node. */
static int
add_anchor(struct loader *l, struct ynode *node, const yaml_char_t *name,
           struct anchor **ret)
{
	struct anchor *a;

	*ret = NULL;
	if (!name)
		return 0;
	if (l->n_anchors == YAML_MAX_ANCHORS)
		return too_much(l, node, "too many anchors", YAML_MAX_ANCHORS);
	if (!l->anchors)
		l->anchors =
		    arena_alloc(l->arena, YAML_MAX_ANCHORS * sizeof(*a));
	a = &l->anchors[l->n_anchors++];
	a->name = arena_dup(l->arena, (const char *)name);
	a->node = node;
	a->open = node->kind != YNODE_SCALAR;
	*ret = a;
	return 0;
}

static struct ynode *
new_node(struct loader *l, const yaml_event_t *event, enum ynode_kind kind,
         const yaml_char_t *tag)
{
	struct ynode *node = arena_alloc(l->arena, sizeof(*node));

	node->kind = kind;
	node->line = (int)event->start_mark.line + 1;
	node->column = (int)event->start_mark.column + 1;
	node->weight = 1;
	if (tag)
		node->tag = arena_dup(l->arena, (const char *)tag);
	return node;
}

static int
scalar(struct loader *l, const yaml_event_t *event)
{
	struct ynode *node =
	    new_node(l, event, YNODE_SCALAR, event->data.scalar.tag);
	struct anchor *anchor;

	node->plain = event->data.scalar.plain_implicit;
	node->len = event->data.scalar.length;
	node->text =
	    arena_ndup(l->arena, (const char *)event->data.scalar.value,
	               node->len);
	if (add_anchor(l, node, event->data.scalar.anchor, &anchor))
		return -1;
	return push(l, node);
}

static int
begin(struct loader *l, struct ynode *node, const yaml_char_t *anchor)
{
	struct frame *f = &l->frames[l->depth];

	if (l->depth == YAML_MAX_DEPTH)
		return too_much(l, node, "nested too deeply", YAML_MAX_DEPTH);
	l->depth++;
	f->node = node;
	f->first = l->n;
	return add_anchor(l, node, anchor, &f->anchor);
}

static int
end(struct loader *l)
{
	struct frame *f = &l->frames[--l->depth];
	struct ynode *node = f->node;

	node->n = l->n - f->first;
	node->v = arena_alloc(l->arena, (node->n + 1) * sizeof(*node->v));
	if (node->n)
		memcpy(node->v, l->stack + f->first,
		       node->n * sizeof(*node->v));
	l->n = f->first;
	for (size_t i = 0; i < node->n; i++) {
		node->weight += node->v[i]->weight;
		if (node->v[i]->depth > node->depth)
			node->depth = node->v[i]->depth;
	}
	node->depth++;
	if (node->depth > YAML_MAX_DEPTH)
		return too_much(l, node, "nested too deeply by its aliases",
		                YAML_MAX_DEPTH);
	if (node->weight > YAML_MAX_NODES)
		return too_much(l, node, "too many values, aliases included",
		                YAML_MAX_NODES);
	if (f->anchor)
		f->anchor->open = false;
	return push(l, node);
}

static int
alias(struct loader *l, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *a = find_anchor(l, name);
	int line = (int)event->start_mark.line + 1;
	int column = (int)event->start_mark.column + 1;

	if (!a)
		return err_at(l->err, l->file, line, column,
		              "alias '*%s' without an anchor '&%s' above it",
		              name, name);
	if (a->open)
		return err_at(l->err, l->file, line, column,
		              "alias '*%s' stands inside what it names", name);
	return push(l, a->node);
}

/* 1: the document has ended. */
static int
take(struct loader *l, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return scalar(l, event);
	case YAML_ALIAS_EVENT:
		return alias(l, event);
	case YAML_SEQUENCE_START_EVENT:
		return begin(l,
		             new_node(l, event, YNODE_LIST,
		                      event->data.sequence_start.tag),
		             event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return begin(l,
		             new_node(l, event, YNODE_MAP,
		                      event->data.mapping_start.tag),
		             event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return end(l);
	case YAML_DOCUMENT_START_EVENT:
		if (!l->n)
			return 0;
		return err_at(l->err, l->file, (int)event->start_mark.line + 1,
		              (int)event->start_mark.column + 1,
		              "a second YAML document begins; keep one in a "
		              "file");
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	default:
		return 0;
	}
}

static int
load(struct loader *l)
{
	for (;;) {
		yaml_event_t event;
		int done;

		if (!yaml_parser_parse(&l->parser, &event))
			return syntax_error(l);
		done = take(l, &event);
		yaml_event_delete(&event);
		if (done)
			return done < 0 ? -1 : 0;
	}
}

int
yaml_parse(const char *file, const char *text, size_t len, struct arena *arena,
           struct ynode **ret, struct err *err)
{
	struct loader l = {
	    .file = file, .text = text, .len = len, .arena = arena, .err = err};
	int failed;

	if (len > YAML_MAX_BYTES)
		return err_at(err, file, 0, 0, "larger than %d bytes",
		              YAML_MAX_BYTES);
	if (!yaml_parser_initialize(&l.parser))
		mem_grow(NULL, SIZE_MAX, 2); /* ends the program */
	yaml_parser_set_input_string(&l.parser, (const unsigned char *)text,
	                             len);
	failed = load(&l);
	yaml_parser_delete(&l.parser);
	if (!failed)
		*ret = l.n ? l.stack[0] : NULL;
	free(l.stack);
	return failed;
}
