/* SPDX-License-Identifier: MIT */
/* test_omega.c - "${…}" by OmegaConf's grammar, values and refusals */
#include "load.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/interp.h"
#include "model/omega.h"
#include "model/pystr.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

#define TREE                                                                   \
	"a: {b: 1, l: [10, 20, {q: 5}], n: null, m: '\?\?\?', s: text}\n"      \
	"k: b\ni: 1\nf: 1.5\n"

/* 'x' is put after TREE, and its value, or what is said of it, expected. */
static const struct {
	const char *x, *expected;
} cases[] = {
    /* names */
    {"'${a.b}'", "1"},
    {"'${ a.b }'", "1"},
    {"'${a[b]}'", "1"},
    {"'${a.l[-1].q}${a.l.0}'", "'510'"},
    {"'${a.n}'", "None"},
    {"'v${a.n}'", "'vNone'"},
    {"'${a.${k}}'", "1"},
    {"'${a[${k}]}'", "1"},
    {"{y: 1, z: '${.y}', u: {v: '${..y}', w: '${...i}'}}",
     "{'y': 1, 'z': 1, 'u': {'v': 1, 'w': 1}}"},
    {"'${a.l}'", "[10, 20, {'q': 5}]"},
    {"'v${a.l}'", "\"v[10, 20, {'q': 5}]\""},
    {"'${f}/${i}'", "'1.5/1'"},
    /* letters that are not one */
    {"'$${a.b}'", "'$1'"},
    {"'\\${a.b}'", "'${a.b}'"},
    {"'\\\\${a.b}'", "'\\\\1'"},
    {"'\\\\\\${a.b}'", "'\\\\${a.b}'"},
    {"'c:\\d\\e'", "'c:\\\\d\\\\e'"},
    {"'${a.b}}'", "'1}'"},
    {"'$a {b}'", "'$a {b}'"},
    /* resolvers and their arguments */
    {"'${oc.select:a.zz}'", "None"},
    {"'${oc.select:a.zz, 7}'", "7"},
    {"'${oc.select:a.zz, 1e3}'", "1000.0"},
    {"'${oc.select:a.zz, 1_0}'", "10"},
    {"'${oc.select:a.zz, 01}'", "'01'"},
    {"'${oc.select:a.zz, -inf}'", "-inf"},
    {"'${oc.select:a.zz, TRUE}'", "True"},
    {"'${oc.select:a.zz, a : b  }'", "'a : b'"},
    {"'${oc.select:a.zz, }'", "''"},
    {"'${oc.select:a.zz, \\,}'", "','"},
    {"'${oc.select:a.zz, \"${k}}\"}'", "'b}'"},
    {"'${oc.select:a.zz, [1, x, \"y, z\", {p q: ${i}}]}'",
     "[1, 'x', 'y, z', {'p q': 1}]"},
    {"'${oc.select:a.m, 3}'", "3"},
    {"'${oc.select:a.n, 3}'", "None"},
    {"'${oc.select:a.b.c, 3}'", "3"},
    {"'${oc.select:${k}, 2}'", "2"},
    {"'${oc.decode:\"[1, null]\"}'", "[1, None]"},
    {"'${oc.create:{p: 1}}'", "{'p': 1}"},
    {"'${oc.dict.keys:a}'", "['b', 'l', 'n', 'm', 's']"},
    {"'${oc.dict.values:oc_v}'\noc_v: {p: '${i}', q: 2}", "[1, 2]"},
    {"'${globals:g}-${globals:deep.h}'", "'G-[1]'"},
    {"'${globals:no, ${a.b}}'", "1"},
    {"'${runtime_params:r}'", "2"},
    {"'${runtime_params:no, ${globals:g}}'", "'G'"},
    {"'${oc.env:OMEGA_TEST}'", "'set'"},
    {"'${oc.env:OMEGA_NOT_SET, 5}'", "'5'"},
    {"'${oc.env:OMEGA_NOT_SET, null}'", "None"},
    /* what has no value */
    {"'${a.zz}'", "!p.yml:5:4: '${a.zz}': there is no 'a.zz' in the files of "
                  "this kind and environment"},
    {"'${a.tex}'\na2: 1",
     "!p.yml:5:4: '${a.tex}': there is no 'a.tex' in the files of this kind "
     "and environment"},
    {"'${nme}'\nname: 1",
     "!p.yml:5:4: '${nme}': there is no 'nme' in the files of this "
     "kind and environment; did you mean 'name'?"},
    {"'${..a}'", "!p.yml:5:4: '${..a}': has more dots than there are mappings "
                 "around it"},
    {"'${x}'", "!p.yml:5:4: '${x}': refers to itself, by way of others"},
    {"'${y}'\ny: '${z}'\nz: 'v${x}'",
     "!p.yml:5:4: '${y}': refers to itself, by way of others"},
    {"{u: '${x}'}",
     "!p.yml:5:8: '${x}': stands for something that it is part of"},
    {"{u: '${y}'}\ny: {v: '${x}'}", "!p.yml:6:8: '${x}': contains itself"},
    {"'${a.m}'", "!p.yml:5:4: '${a.m}': stands for a value that is yet to be "
                 "given (three question marks)"},
    {"'${a.b'", "!p.yml:5:4: '${a.b': the text ends where '}' should be; "
                "close the '${', or write '\\${' for the letters"},
    {"'${}'", "!p.yml:5:4: '${}': a name should be where '}' begins; put texts "
              "with other letters in quotes, or write '\\${' for the "
              "letters"},
    {"'${globals:no}'",
     "!p.yml:5:4: '${globals:no}': there is no 'no' in globals.yml, and no "
     "default ('${globals: no, DEFAULT}')"},
    {"'${globals:_g}'",
     "!p.yml:5:4: '${globals:_g}': globals whose name begins with '_' cannot "
     "be referred to; rename it"},
    {"'${runtime_params:no}'",
     "!p.yml:5:4: '${runtime_params:no}': there is no 'no' in the run's "
     "--params, and no default ('${runtime_params: no, DEFAULT}')"},
    {"'${oc.select:a,b,c}'", "!p.yml:5:4: '${oc.select:a,b,c}': oc.select "
                             "takes 1 to 2 arguments, not 3"},
    {"'${oc.env:OMEGA_NOT_SET}'", "?the environment variable 'OMEGA_NOT_SET' "
                                  "is not set, and there is no default"},
    /* Python's own */
    {"'${my.own:1}'", "?the resolver 'my.own' is Python of the project's "
                      "settings.py, which kmlflow cannot run"},
    {"'v${a[${my:1}]}'", "?the resolver 'my' is Python of the project's "
                         "settings.py, which kmlflow cannot run"},
};

static struct value *
parse(const char *text, struct arena *arena)
{
	struct err err = ERR_INIT;
	struct ynode *node;
	struct value *v;

	if (yaml_parse("p.yml", text, strlen(text), arena, &node, &err) ||
	    value_from_yaml(node, DIALECT_OMEGACONF, "p.yml", arena, &v, &err))
		fail_msg("%s", err.msg);
	return v;
}

static void
resolve(const char *text, struct buf *to)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	const struct omega_scope scope = {
	    .globals = parse("{g: G, _g: 1, deep: {h: [1]}}", &arena),
	    .runtime = parse("{r: 2}", &arena),
	    .env = true};
	struct value *tree = parse(text, &arena);
	struct err err = ERR_INIT;
	const struct value *x;

	if (omega_resolve(tree, &scope, &arena, &tree, &err)) {
		buf_addf(to, "!%s", err.msg);
		return;
	}
	x = value_get(tree, "x");
	if (interp_is(x))
		buf_addf(to, "?%s", x->text.unresolved);
	else
		pyrepr(x, to);
}

static void
the_table(void **state)
{
	(void)state;
	setenv("OMEGA_TEST", "set", 1);
	unsetenv("OMEGA_NOT_SET");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *text =
		    mem_printf(TREE "x: %s\n", cases[i].x);
		cleanup_buf struct buf got = BUF_INIT;

		resolve(text, &got);
		assert_string_equal(got.s, cases[i].expected);
	}
}

/* An alias stands in several places, and is relative to each. */
static void
aliases_are_where_they_stand(void **state)
{
	cleanup_buf struct buf got = BUF_INIT;

	(void)state;
	resolve("_t: &t\n  n: 0\n  v: '${.n}'\nx:\n"
	        "  p: {<<: *t, n: 1}\n  q: {<<: *t, n: 2}\n",
	        &got);
	assert_string_equal(got.s,
	                    "{'p': {'v': 1, 'n': 1}, 'q': {'v': 2, 'n': 2}}");
}

static void
bombs_are_refused(void **state)
{
	cleanup_buf struct buf texts = BUF_INIT;
	cleanup_buf struct buf lists = BUF_INIT;
	cleanup_buf struct buf chain = BUF_INIT;
	cleanup_buf struct buf got = BUF_INIT;

	(void)state;
	buf_adds(&texts, "x: '${a0}'\n");
	buf_adds(&lists, "x: '${a0}'\n");
	buf_adds(&chain, "x: '${a0}'\n");
	for (int i = 0; i < 40; i++) {
		buf_addf(&texts, "a%d: '${a%d}${a%d}'\n", i, i + 1, i + 1);
		buf_addf(&lists, "a%d: ['${a%d}', '${a%d}']\n", i, i + 1,
		         i + 1);
	}
	buf_adds(&texts, "a40: x\n");
	buf_adds(&lists, "a40: x\n");
	for (int i = 0; i < 5000; i++)
		buf_addf(&chain, "a%d: ['${a%d}']\n", i, i + 1);
	buf_adds(&chain, "a5000: x\n");
	resolve(texts.s, &got);
	assert_non_null(strstr(got.s, "becomes too long"));
	buf_reset(&got);
	resolve(lists.s, &got);
	assert_non_null(strstr(got.s, "are more than 1000000"));
	buf_reset(&got);
	resolve(chain.s, &got);
	assert_non_null(strstr(got.s, "more than 400 levels deep"));
	buf_reset(&got);
	buf_reset(&chain);
	buf_adds(&chain, "x: '");
	for (int i = 0; i < 5000; i++)
		buf_adds(&chain, "${a.");
	buf_adds(&chain, "'\n");
	resolve(chain.s, &got);
	assert_non_null(strstr(got.s, "nested too deeply"));
}

/* base and the environment are each complete in themselves. */
static void
environments_do_not_see_each_other(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, "conf/base/globals.yml", "g: base\nh: ${g}/h\n");
	tree_write(dir, "conf/local/globals.yml", "g: local\n");
	tree_write(
	    dir, "conf/base/parameters.yml",
	    "_v: base\na: ${_v}\nb: '${globals:g}'\nh: '${globals:h}'\n");
	tree_write(dir, "conf/base/parameters/more.yml", "c: ${a}\n");
	tree_write(dir, "conf/base/mlflow.yml",
	           "tracking:\n  run: {name: '${globals:g}-${km.random_name:}'}"
	           "\n");
	load(dir, NULL, &s);
	assert_string_equal(kvs_get(&s.params, "a"), "base");
	assert_string_equal(kvs_get(&s.params, "b"), "local");
	assert_string_equal(kvs_get(&s.params, "c"), "base");
	assert_string_equal(kvs_get(&s.params, "h"), "base/h");
	assert_int_equal(strncmp(s.tracking.run_name, "local-", 6), 0);
	tree_write(dir, "conf/local/parameters.yml", "\nb: ${_v}\n");
	load_refused(
	    dir, NULL,
	    "conf/local/parameters.yml:2:4: '${_v}': there is no '_v' in "
	    "the files of this kind and environment");
	tree_write(dir, "conf/local/parameters.yml", "b: ${my:1}\n");
	load_refused(dir, NULL,
	             "conf/local/parameters.yml:1:4: parameter 'b': '${my:1}' "
	             "cannot be read: the resolver 'my' is Python of the "
	             "project's settings.py, which kmlflow cannot run");
	tree_write(dir, "conf/base/globals.yml", "g: ${runtime_params:x, 1}\n");
	load_refused(dir, NULL,
	             "conf/base/globals.yml:1:4: '${runtime_params:x, 1}': "
	             "runtime_params cannot be used in globals.yml");
}

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table),
	    cmocka_unit_test(aliases_are_where_they_stand),
	    cmocka_unit_test(bombs_are_refused),
	    cmocka_unit_test_setup(environments_do_not_see_each_other, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
