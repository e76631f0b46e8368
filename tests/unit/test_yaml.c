/* SPDX-License-Identifier: MIT */
/* test_yaml.c - trees from text, places, caps */
#include "tree.h"

#include "base/arena.h"
#include "base/buf.h"
#include "wire/yaml.h"

static struct ynode *
parse(struct arena *arena, const char *text)
{
	struct err err = ERR_INIT;
	struct ynode *node = NULL;

	if (yaml_parse("f", text, strlen(text), arena, &node, &err))
		fail_msg("%s", err.msg);
	return node;
}

static void
refuse(const char *text, const char *message)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	struct err err = ERR_INIT;
	struct ynode *node = NULL;

	if (!yaml_parse("f", text, strlen(text), &arena, &node, &err))
		fail_msg("accepted: %.200s", text);
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.msg, message))
		fail_msg("'%s' lacks '%s'", err.msg, message);
	assert_null(node);
}

static void
nodes_know_where_they_stood(void **state)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	const struct ynode *n =
	    parse(&arena, "a: 1\nb:\n  - 'x'\n  - !!str 2\n");

	(void)state;
	assert_int_equal(n->kind, YNODE_MAP);
	assert_int_equal(n->n, 4);
	assert_string_equal(n->v[0]->text, "a");
	assert_true(n->v[1]->plain);
	n = n->v[3];
	assert_int_equal(n->kind, YNODE_LIST);
	assert_int_equal(n->line, 3);
	assert_int_equal(n->column, 3);
	assert_false(n->v[0]->plain);
	assert_false(n->v[1]->plain);
	assert_string_equal(n->v[1]->tag, "tag:yaml.org,2002:str");
}

static void
nothing_is_no_node(void **state)
{
	cleanup_arena struct arena arena = {.chunk = NULL};

	(void)state;
	assert_null(parse(&arena, ""));
	assert_null(parse(&arena, "# only a comment\n"));
	assert_string_equal(parse(&arena, "---\n")->text, "");
}

static void
aliases_share_their_node(void **state)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	const struct ynode *n = parse(&arena, "[&x {a: 1}, *x, &x 2, *x]");

	(void)state;
	assert_ptr_equal(n->v[0], n->v[1]);
	assert_ptr_equal(n->v[2], n->v[3]);
	assert_int_equal(n->weight, 1 + 3 + 3 + 1 + 1);
}

static void
broken_text_names_place_and_remedy(void **state)
{
	(void)state;
	refuse("a: 1\nb: c: d\n", "f:2:5: ");
	refuse("a: 1\nb: c: d\n", "in quotes");
	refuse("a:\n\tb: 1\n", "not with tabs");
	refuse("a: [1, 2\nb: 3\n", "bracket");
	refuse("a: 'x\n", "close the quote");
	refuse("{% for x in y %}\na: 1\n", "Jinja2");
	refuse("a: {{ x }}: y\n", "Jinja2");
	refuse("a: \xff\xfe\n", "UTF-8");
	refuse("a: 1\n---\nb: 2\n", "f:2:1: a second YAML document");
	refuse("a: @x\n", "quotes");
}

static void
aliases_without_or_inside_their_anchor(void **state)
{
	(void)state;
	refuse("a: *x\n", "without an anchor '&x'");
	refuse("a: &x\n  b: *x\n", "f:2:6: alias '*x' stands inside");
	refuse("&x [*x]", "stands inside");
}

static void
bombs_are_refused_before_they_go_off(void **state)
{
	cleanup_buf struct buf bomb = BUF_INIT;
	cleanup_buf struct buf deep = BUF_INIT;
	cleanup_buf struct buf chain = BUF_INIT;

	(void)state;
	buf_adds(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 12; i++)
		buf_addf(&bomb,
		         "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
		         i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	refuse(bomb.s, "too many values");
	for (int i = 0; i < 200; i++)
		buf_addc(&deep, '[');
	refuse(deep.s, "too deeply");
	buf_adds(&chain, "- &a0 [x]\n");
	for (int i = 1; i < 200; i++)
		buf_addf(&chain, "- &a%d [*a%d]\n", i, i - 1);
	refuse(chain.s, "too deeply");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nodes_know_where_they_stood),
	    cmocka_unit_test(nothing_is_no_node),
	    cmocka_unit_test(aliases_share_their_node),
	    cmocka_unit_test(broken_text_names_place_and_remedy),
	    cmocka_unit_test(aliases_without_or_inside_their_anchor),
	    cmocka_unit_test(bombs_are_refused_before_they_go_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
