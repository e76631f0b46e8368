/* SPDX-License-Identifier: MIT */
/* test_bad_config.c - what is wrong in a project, and what is said of it */
#include "load.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define BASE "conf/base/"

/* One case of tests/data/bad_config.txt, which tells the form. */
struct bad_case {
	int refused;  /* cases so far */
	bool program; /* a command or a variable matters: not for us */
	char *dir;
	char *file;
	struct buf text;
};

/* "\xHH" becomes a byte, all else stays. */
static void
add_text(struct buf *to, const char *s)
{
	for (; *s; s++) {
		char hex[3] = {s[0] == '\\' ? s[2] : '\0',
		               s[0] == '\\' ? s[3] : '\0', '\0'};

		if (*hex) {
			buf_addc(to, (char)strtol(hex, NULL, 16));
			s += 3;
		} else {
			buf_addc(to, *s);
		}
	}
}

static void
end_file(struct bad_case *c)
{
	cleanup_free char *path = NULL;
	struct err err = ERR_INIT;

	if (c->file) {
		path = mem_printf("%s/%s", c->dir, c->file);
		assert_int_equal(fs_mkparents(path, 0755, &err), 0);
		assert_int_equal(fs_write_atomic(path, c->text.s, c->text.len,
		                                 0644, &err),
		                 0);
	}
	mem_replace(&c->file, NULL);
	buf_reset(&c->text);
}

static void
begin_case(struct bad_case *c)
{
	tree_free(&c->dir);
	c->dir = tree_new();
	tree_mkdir(c->dir, "conf/base");
	tree_mkdir(c->dir, "conf/local");
	c->program = false;
}

static void
take_line(struct bad_case *c, const char *line)
{
	char *end = NULL;

	switch (*line) {
	case '=':
		begin_case(c);
		break;
	case '@':
		end_file(c);
		c->file = mem_dup(line + 2);
		break;
	case '|':
		add_text(&c->text, line + 1);
		buf_addc(&c->text, '\n');
		break;
	case '.':
		add_text(&c->text, line + 1);
		break;
	case '*':
		for (long n = strtol(line + 1, &end, 10); n > 0; n--)
			add_text(&c->text, end + 1);
		break;
	case '$':
	case '!':
		c->program = true;
		break;
	case '>':
		end_file(c);
		if (c->program)
			break;
		load_refused(c->dir, NULL, line + 2);
		c->refused++;
		break;
	default:
		break;
	}
}

static int
setup(void **state)
{
	(void)state;
	load_clean_environment();
	return 0;
}

static void
the_table(void **state)
{
	const char *data = getenv("KMLFLOW_TEST_DATA");
	cleanup_free char *path =
	    mem_printf("%s/bad_config.txt", data ? data : "tests/data");
	cleanup_buf struct buf table = BUF_INIT;
	struct bad_case c = {.text = BUF_INIT};
	struct err err = ERR_INIT;
	char *next;

	(void)state;
	assert_int_equal(fs_read(path, 1 << 20, &table, &err), 0);
	for (char *line = table.s; *line; line = next) {
		next = strchr(line, '\n') + 1;
		next[-1] = '\0';
		take_line(&c, line);
	}
	tree_free(&c.dir);
	buf_free(&c.text);
	assert_true(c.refused > 100);
}

static void
one_key_in_two_files(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};

	(void)state;
	tree_write(dir, BASE "parameters.yml", "m:\n  a: 1\n_x: 1\n");
	tree_write(dir, BASE "parameters_b.yml", "m:\n  b: 2\n_x: 2\n");
	load(dir, NULL, &s);
	assert_string_equal(kvs_get(&s.params, "m"), "{'a': 1, 'b': 2}");
	assert_string_equal(kvs_get(&s.params, "_x"), "2");
	tree_write(dir, BASE "parameters_b.yml", "m:\n  b: 2\n  a: 3\n");
	load_refused(dir, NULL,
	             BASE "parameters_b.yml:3:3: 'a' is also on line 2 of " BASE
	                  "parameters.yml; within one environment keep it in "
	                  "one file");
	tree_write(dir, BASE "parameters_b.yml", "");
	tree_write(dir, BASE "catalog.yml", "x: {type: a.B}\n");
	tree_write(dir, BASE "catalog_b.yml", "\nx: {type: a.B}\n");
	load_refused(dir, NULL,
	             BASE "catalog_b.yml:2:1: 'x' is also on line 1 of " BASE
	                  "catalog.yml; within one environment keep it in one "
	                  "file");
}

static void
places_that_are_not_there(void **state)
{
	const struct settings_request nowhere = {.directory = "nowhere"};
	const struct settings_request empty = {.directory = "empty"};
	const struct settings_request prod = {.env = "prod"};
	const struct settings_request up = {.env = "../up"};
	cleanup_tree char *dir = tree_new();

	(void)state;
	tree_mkdir(dir, "empty");
	load_refused(dir, &nowhere,
	             "-C nowhere: no such directory; name the directory of a "
	             "project");
	load_refused(dir, &empty,
	             "-C empty: no project there (no .kedro.yml, no "
	             "pyproject.toml with [tool.kedro], no conf/base)");
	tree_write(dir, "pyproject.toml", "[tool.kedro]\n");
	load_refused(dir, NULL,
	             "conf/base: no such directory; a project keeps its "
	             "configuration there");
	tree_mkdir(dir, "conf/base");
	load_refused(dir, &prod,
	             "conf/prod: no such directory; make it, or choose another "
	             "environment with --env or KEDRO_ENV");
	load_refused(dir, &up,
	             "environment '../up': not the name of a directory in "
	             "conf/");
}

static void
flags_that_make_no_sense(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_strv struct strv a = STRV_INIT;
	cleanup_strv struct strv b = STRV_INIT;
	cleanup_strv struct strv c = STRV_INIT;
	const struct settings_request none = {.artifacts = &a};
	const struct settings_request outside = {.artifacts = &b};
	const struct settings_request file = {.params_files = &c};

	(void)state;
	strv_add(&a, "=x");
	strv_add(&b, "x=../y");
	strv_add(&c, "p.yml");
	load_refused(dir, &none, "-a '=x': a path or pattern is missing");
	load_refused(dir, &outside,
	             "-a 'x=../y': what follows '=' must be relative and "
	             "without '..'");
	load_refused(dir, &file,
	             "p.yml: cannot be read: No such file or directory; is "
	             "the name right?");
}

/* Root may read everything, so it becomes somebody else for a while. */
static void
files_that_cannot_be_read(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_free char *path = mem_printf("%s/conf/base/catalog.yml", dir);
	cleanup_free char *sub = mem_printf("%s/conf/base/sub", dir);
	bool root = !geteuid();

	(void)state;
	tree_write(dir, BASE "catalog.yml", "");
	tree_mkdir(dir, BASE "sub");
	assert_int_equal(chmod(dir, 0755) | chmod(path, 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	load_refused(dir, NULL,
	             BASE "catalog.yml: cannot be read: Permission denied; "
	                  "correct its permissions");
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(sub, 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	load_refused(dir, NULL,
	             "conf/base: sub: cannot be read: Permission denied; "
	             "correct its permissions");
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(sub, 0700), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_table, setup),
	    cmocka_unit_test_setup(one_key_in_two_files, setup),
	    cmocka_unit_test_setup(places_that_are_not_there, setup),
	    cmocka_unit_test_setup(flags_that_make_no_sense, setup),
	    cmocka_unit_test_setup(files_that_cannot_be_read, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
