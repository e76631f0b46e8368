/* SPDX-License-Identifier: MIT */
/* test_match.c - the library's filter against what the wrapper declares */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/declared.h"
#include "stage/capture_rules.h"

/* The library's own sources: they need nothing but their headers. */
#include "../../preload/match.c"
#include "../../preload/quick.c"
#include "../../preload/table.c"

struct fixture {
	struct declared_list list;
	struct rule_tables tables;
	struct view view;
};

static void
add(struct fixture *f, enum declared_kind kind, const char *path,
    const char *suffix)
{
	struct declared *d = declared_add(&f->list);

	d->kind = kind;
	d->path = mem_dup(path);
	d->suffix = mem_dup(suffix);
}

static void
compile(struct fixture *f)
{
	rule_tables_make(&f->list, &f->tables);
	f->view = (struct view){
	    .names = f->tables.names,
	    .names_mask = (uint32_t)(f->tables.n_names - 1),
	    .nodes = f->tables.nodes,
	    .nodes_mask = (uint32_t)(f->tables.n_nodes - 1),
	    .flags = f->tables.flags,
	    .prefix = f->tables.prefix,
	    .prefix_len = (uint32_t)strlen(f->tables.prefix),
	};
	match_prefix(&f->view);
}

static void
fixture_free(struct fixture *f)
{
	rule_tables_free(&f->tables);
	declared_free(&f->list);
	*f = (struct fixture){.list = {.v = NULL}};
}

static uint32_t rule;
static unsigned doubts;

/* What the library would say of 'path', opened in 'cwd'. */
static unsigned
match(const struct fixture *f, const char *cwd, const char *path)
{
	static struct dir dir;
	struct text t;
	uint64_t ext;
	struct doubt d;
	unsigned ret;

	memcpy(dir.text, cwd, strlen(cwd) + 1);
	dir.len = (uint32_t)strlen(cwd);
	match_dir(&f->view, &dir);
	rule = KMLFLOW_NO_RULE;
	if (!text_scan(path, &t))
		return 0;
	ext = match_ext(&f->view, &t);
	ret = match_path(&f->view, &t, ext, &dir, &rule);
	ret |= match_name(&f->view, &t);
	/* The quick look may be in doubt, but never against the other. */
	if (match_rejects(&f->view, path, &dir, &d)) {
		assert_false(ret & MATCH_ANY);
		return ret;
	}
	doubts++;
	/* What it found out is what the other does. */
	if (d.hash) {
		assert_int_equal(d.match, match_name(&f->view, &t));
		assert_memory_equal(&d.text, &t, offsetof(struct text, messy));
		assert_int_equal(d.text.messy, t.messy);
	}
	return ret;
}

static void
test_kinds(void **state)
{
	struct fixture f = {.list = {.v = NULL}};

	(void)state;
	add(&f, DECLARED_FILE, "/no/p/a.csv", NULL);
	add(&f, DECLARED_VERSIONED, "/no/p/v.json", NULL);
	add(&f, DECLARED_DIR, "/no/p/dir", NULL);
	add(&f, DECLARED_DIR, "/no/p/parts", ".pq");
	add(&f, DECLARED_GLOB, "/no/p/g/*.txt", NULL);
	add(&f, DECLARED_GLOB, "/no/p/deep/**/*.tar.gz", NULL);
	add(&f, DECLARED_GLOB, "/no/p/h/x*", NULL);
	add(&f, DECLARED_GLOB, "/no/q/*/metrics.json", NULL);
	compile(&f);

	assert_int_equal(match(&f, "/", "/no/p/a.csv") & MATCH_ANY, MATCH_ANY);
	assert_int_equal(rule, 0);
	assert_true(match(&f, "/no/p", "a.csv") & MATCH_PATH);
	assert_int_equal(rule, 0);
	/* Elsewhere by its name only: it may be the same by another way. */
	assert_int_equal(match(&f, "/x", "a.csv"), MATCH_NAME);
	/* A declared file can turn out to be a directory. */
	assert_true(match(&f, "/no/p", "a.csv/part-0") & MATCH_PATH);
	assert_true(match(&f, "/no/p", "v.json/2020/v.json") & MATCH_PATH);
	assert_int_equal(rule, 1);
	assert_true(match(&f, "/no/p/dir", "x") & MATCH_PATH);
	assert_true(match(&f, "/no/p/dir/y", "z/x") & MATCH_PATH);
	assert_int_equal(rule, 2);
	assert_true(match(&f, "/no/p/", "./x/..//dir/y") & MATCH_PATH);
	assert_true(match(&f, "/no/p/x", "../dir/y") & MATCH_PATH);
	assert_false(match(&f, "/no/p/dir", "../y") & MATCH_ANY);
	assert_true(match(&f, "/", "no/p/parts/1.pq") & MATCH_PATH);
	assert_int_equal(rule, 3);
	assert_false(match(&f, "/", "no/p/parts/1.tmp") & MATCH_ANY);
	assert_true(match(&f, "/no/p/g", "1.txt") & MATCH_PATH);
	assert_int_equal(rule, 4);
	assert_false(match(&f, "/no/p/g/sub", "1.txt") & MATCH_ANY);
	assert_false(match(&f, "/no/p", "1.txt") & MATCH_ANY);
	assert_true(match(&f, "/no/p/deep/a", "1.tar.gz") & MATCH_PATH);
	assert_true(match(&f, "/no/p/h", "xyz") & MATCH_PATH);
	assert_true(match(&f, "/", "/no/q/1/metrics.json") & MATCH_NAME);
	assert_int_equal(match(&f, "/tmp", "b.csv"), 0);
	assert_int_equal(match(&f, "/tmp", "/dev/null"), 0);
	fixture_free(&f);
}

static void
test_directories(void **state)
{
	struct fixture f = {.list = {.v = NULL}};

	(void)state;
	add(&f, DECLARED_FILE, "/no/p/out/a.csv", NULL);
	add(&f, DECLARED_GLOB, "/no/p/g/**/*.txt", NULL);
	compile(&f);
	/* What a renamed directory would bring or take away. */
	assert_true(match(&f, "/no/p", "out") & MATCH_ABOVE);
	assert_true(match(&f, "/no/p", "out/") & MATCH_ABOVE);
	assert_true(match(&f, "/no", "p") & MATCH_ABOVE);
	assert_true(match(&f, "/no/p", "g") & MATCH_ABOVE);
	assert_true(match(&f, "/no/p", "g/sub") & MATCH_TREE);
	assert_int_equal(match(&f, "/no/p", "new"), 0);
	fixture_free(&f);
}

static void
test_odd_paths(void **state)
{
	struct fixture f = {.list = {.v = NULL}};
	char *longest = mem_alloc(9000);
	struct text t;

	(void)state;
	add(&f, DECLARED_DIR, "/", NULL);
	compile(&f);
	assert_true(match(&f, "/tmp", "x") & MATCH_PATH);
	assert_true(match(&f, "/", "/x") & MATCH_PATH);
	assert_int_equal(match(&f, "/", "..") & MATCH_NAME, 0);
	assert_false(text_scan(NULL, &t));
	assert_false(text_scan("", &t));
	assert_false(text_scan((const char *)-1, &t));
	memset(longest, 'a', 8000);
	assert_false(text_scan(longest, &t));
	assert_true(text_scan("///", &t));
	assert_true(text_scan("a/b///", &t));
	assert_int_equal(t.len, 3);
	assert_int_equal(t.name, 2);
	/* More components than are noted: recorded rather than lost. */
	for (int i = 0; i < 2000; i += 4)
		memcpy(longest + i, "/./b", 5);
	assert_true(match(&f, "/", longest) & MATCH_PATH);
	free(longest);
	fixture_free(&f);
}

static uint64_t seed = 1;

static unsigned
chance(unsigned limit)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % limit;
}

/* Components from so few words that paths and rules often meet. */
static char *
random_path(int words)
{
	static const char *const word[] = {"a",    "b.csv", "out", "c.json",
	                                   "data", "x.csv", "v1",  "v2"};
	cleanup_free char *path = mem_dup("");

	for (int n = 1 + (int)chance(5); n > 0; n--)
		mem_replace(&path,
		            mem_printf("%s/%s", path, word[chance(words)]));
	return mem_steal(&path);
}

static const char *const globs[] = {
    "/a/*.csv",   "/out/**/*.json", "/data/*",
    "/a/*/b.csv", "/**/x.csv",      "/v1/x*",
    "/**",        "/out/[bc]*",     "/a/**/v?",
};

/* Whatever a rule covers, the library must record, however it is spelled. */
static void
test_no_false_negative(void **state)
{
	int covered = 0;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct fixture f = {.list = {.v = NULL}};

		for (int i = 0; i < 4; i++) {
			unsigned kind = chance(4);
			cleanup_free char *path = random_path(8);

			add(&f, (enum declared_kind)kind,
			    kind == DECLARED_GLOB
			        ? globs[chance(ARRAY_LEN(globs))]
			        : path,
			    kind == DECLARED_DIR && chance(2) ? ".csv" : NULL);
		}
		compile(&f);
		for (int i = 0; i < 200; i++) {
			cleanup_free char *cwd = random_path(8);
			cleanup_free char *tail = random_path(8);
			cleanup_free char *messy =
			    mem_printf("../%s", tail + 1);
			cleanup_free char *whole =
			    mem_printf("%s/%s", cwd, messy);
			cleanup_free char *clean = fs_normalise(whole);

			for (size_t r = 0; r < f.list.n; r++) {
				if (!declared_match(&f.list.v[r], clean))
					continue;
				covered++;
				assert_true(match(&f, cwd, messy) & MATCH_ANY);
				assert_true(match(&f, "/", clean) & MATCH_ANY);
				assert_true(match(&f, "/", clean + 1) &
				            MATCH_ANY);
			}
		}
		fixture_free(&f);
	}
	assert_true(covered > 1000);
}

static void
test_many_rules(void **state)
{
	struct fixture f = {.list = {.v = NULL}};
	int wrong = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		cleanup_free char *path =
		    mem_printf("/no/p/%d/set_%d.parquet", i % 100, i);

		add(&f, DECLARED_FILE, path, NULL);
	}
	compile(&f);
	for (int i = 0; i < 100000; i++) {
		cleanup_free char *other =
		    mem_printf("/no/p/%d/get_%d.parquet", i % 100, i);

		if (!(match(&f, "/", f.list.v[i].path) & MATCH_PATH) ||
		    rule != (uint32_t)i)
			wrong++;
		doubts = 0;
		if (match(&f, "/", other) & MATCH_ANY || doubts)
			wrong++;
	}
	/* A hash of 32 bits may take another path for one of ours. */
	assert_in_range(wrong, 0, 20);
	fixture_free(&f);
}

/* Another way to the same directory: by text, the one that is declared. */
static void
test_spellings(void **state)
{
	struct fixture f = {.list = {.v = NULL}};
	char root[] = "/tmp/kmlflow-match-XXXXXX";
	cleanup_free char *real = NULL;
	cleanup_free char *link = NULL;
	cleanup_free char *path = NULL;
	cleanup_free char *physical = NULL;

	(void)state;
	assert_non_null(mkdtemp(root));
	real = mem_printf("%s/real", root);
	link = mem_printf("%s/link", root);
	assert_int_equal(mkdir(real, 0700), 0);
	assert_int_equal(symlink("real", link), 0);
	path = mem_printf("%s/out", link);
	add(&f, DECLARED_DIR, path, NULL);
	compile(&f);
	physical = mem_printf("%s/out", real);
	assert_true(match(&f, path, "x") & MATCH_PATH);
	assert_true(match(&f, physical, "x") & MATCH_PATH);
	assert_false(match(&f, real, "x") & MATCH_ANY);
	fixture_free(&f);
	assert_int_equal(fs_remove_tree(root, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_directories),
	    cmocka_unit_test(test_odd_paths),
	    cmocka_unit_test(test_no_false_negative),
	    cmocka_unit_test(test_many_rules),
	    cmocka_unit_test(test_spellings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
