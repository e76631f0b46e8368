/* SPDX-License-Identifier: MIT */
/* test_blind.c - what is said of programs that nobody could see into */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>

#include "around.h"
#include "stage/program.h"

/* --- files of programs ---------------------------------------------------- */

struct elf {
	ElfW(Ehdr) head;
	ElfW(Phdr) segment;
	char interpreter[32];
};

static char *
put_elf(const struct run_around *r, const char *name, const char *interpreter)
{
	struct elf e = {.segment.p_type = interpreter ? PT_INTERP : PT_LOAD};
	char *path = fs_join(r->dir, name);
	FILE *own = fopen("/proc/self/exe", "re");
	FILE *out = fopen(path, "we");

	assert_int_equal(fread(&e.head, sizeof(e.head), 1, own), 1);
	fclose(own);
	e.head.e_phoff = offsetof(struct elf, segment);
	e.head.e_phnum = 1;
	if (interpreter) {
		e.segment.p_offset = offsetof(struct elf, interpreter);
		e.segment.p_filesz = strlen(interpreter) + 1;
		memcpy(e.interpreter, interpreter, strlen(interpreter));
	}
	assert_int_equal(fwrite(&e, sizeof(e), 1, out), 1);
	fclose(out);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static void
assert_obstacle(const char *path, const char *expected)
{
	cleanup_free char *words = program_obstacle(path);

	if (!expected)
		assert_null(words);
	else
		assert_string_equal(words ? words : "(none)", expected);
}

static void
a_file_tells_what_keeps_the_library_out(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *fixed = NULL;
	cleanup_free char *usual = NULL;
	cleanup_free char *musl = NULL;
	cleanup_free char *script = NULL;
	cleanup_free char *plain = NULL;
	cleanup_free char *text = NULL;
	cleanup_free char *expected = NULL;

	(void)state;
	set_up(&r);
	fixed = put_elf(&r, "fixed", NULL);
	usual = put_elf(&r, "usual", "/lib/ld-linux.so.2");
	musl = put_elf(&r, "musl", "/lib/ld-musl-x86_64.so.1");
	assert_obstacle(fixed, "static program");
	assert_obstacle(usual, NULL);
	assert_obstacle(musl, "program of musl");
	assert_obstacle("/none/such", NULL);
	assert_obstacle(r.dir, NULL);
	assert_obstacle("/bin/sh", NULL);
	text = mem_printf("#! \t%s -x\n", fixed);
	temp_put(r.dir, "script", text);
	script = fs_join(r.dir, "script");
	expected = mem_printf("static program %s for", fixed);
	assert_obstacle(script, expected);
	assert_false(program_is_proxy(script));
	temp_put(r.dir, "plain", "echo\n");
	plain = fs_join(r.dir, "plain");
	assert_obstacle(plain, NULL);
	assert_true(program_is_proxy(plain));
	assert_false(program_is_proxy(fixed));
}

static void
scripts_that_name_each_other_end(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *path = NULL;
	cleanup_free char *text = NULL;

	(void)state;
	set_up(&r);
	path = fs_join(r.dir, "loop");
	text = mem_printf("#!%s\n", path);
	temp_put(r.dir, "loop", text);
	assert_obstacle(path, NULL);
	temp_put(r.dir, "short", "#!");
	mem_replace(&path, fs_join(r.dir, "short"));
	assert_obstacle(path, NULL);
}

static void
another_architecture_and_other_rights(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *path = NULL;
	int fd;

	(void)state;
	set_up(&r);
	path = put_elf(&r, "other", "/lib/ld-linux.so.2");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "\x7f", 1, offsetof(ElfW(Ehdr), e_machine)),
	                 1);
	close(fd);
	assert_obstacle(path, "program of another architecture");
	mem_replace(&path, put_elf(&r, "root", NULL));
	if (geteuid() || chown(path, 1, 1))
		skip();
	assert_int_equal(chmod(path, 04755), 0);
	assert_obstacle(path, "setuid program");
	assert_int_equal(chmod(path, 02755), 0);
	assert_obstacle(path, "setgid program");
}

static void
a_name_is_searched_for_as_execvp_does(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *here = NULL;
	cleanup_free char *path = NULL;
	cleanup_free char *found = NULL;

	(void)state;
	set_up(&r);
	here = put_elf(&r, "it", NULL);
	path = mem_printf("/none:%s:/bin", r.dir);
	setenv("PATH", path, 1);
	found = program_find("it");
	assert_string_equal(found, here);
	assert_null(program_find("none-such-is-here"));
	mem_replace(&found, program_find("/a/../b"));
	assert_string_equal(found, "/b");
}

/* --- what is said --------------------------------------------------------- */

static const char *
said(struct run_around *r)
{
	if (!r->record.declared.n)
		declare(r, DECLARED_FILE, "f");
	before(r);
	after(r);
	return r->result.note.s;
}

static void
who_arrives_is_not_blind(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *fixed = NULL;

	(void)state;
	set_up(&r);
	fixed = put_elf(&r, "seen-3-of-3", NULL);
	add_event(&r, EVENT_LAUNCH, "seen-3-of-3", NULL);
	assert_string_equal(said(&r), "complete");
	assert_int_equal(r.result.blind.n, 0);
}

static void
a_static_program_is_named(void **state)
{
	cleanup_around struct run_around r;
	cleanup_free char *once = NULL;
	cleanup_free char *often = NULL;
	cleanup_free char *expected = NULL;

	(void)state;
	set_up(&r);
	once = put_elf(&r, "once", NULL);
	often = put_elf(&r, "seen-1-of-4", NULL);
	add_event(&r, EVENT_LAUNCH, "seen-1-of-4", NULL);
	add_event(&r, EVENT_LAUNCH, "once", NULL);
	expected = mem_printf("partial: static program %s; static program %s "
	                      "(3 times)",
	                      once, often);
	assert_string_equal(said(&r), expected);
}

static void
a_program_that_never_arrived_is_named(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	add_event(&r, EVENT_LAUNCH, "gone/seen-1-of-2", NULL);
	assert_non_null(strstr(said(&r), "did not load the library (1 of 2"));
}

static void
what_a_shell_ran_instead_is_not_blind(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	temp_put(r.dir, "plain", "echo\n");
	add_event(&r, EVENT_LAUNCH, "plain", NULL);
	surplus = 1;
	assert_string_equal(said(&r), "complete");
}

static void
switched_off_is_said(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	add_event(&r, EVENT_LAUNCH_OFF, "p", NULL);
	assert_non_null(strstr(said(&r), "switched off by KMLFLOW_CAPTURE"));
}

static void
a_program_without_a_record_is_counted(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	missing = 2;
	add_event(&r, EVENT_LAUNCH, "seen-1-of-1", NULL);
	assert_string_equal(said(&r), "partial: 2 programs without a name");
}

static void
survivors_are_part_of_it(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	survivors = 2;
	add_event(&r, EVENT_WRITE, "f", NULL);
	assert_string_equal(said(&r), "partial: 2 processes still running");
}

/* CMD ends while they are between execve() and the start of the library. */
static void
survivors_may_be_starting(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	survivors = 1;
	add_event(&r, EVENT_LAUNCH, "gone/seen-1-of-2", NULL);
	assert_string_equal(said(&r), "partial: 1 process still running");
}

static void
more_are_missing_than_survive(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	survivors = 1;
	add_event(&r, EVENT_LAUNCH, "gone/seen-0-of-2", NULL);
	assert_non_null(strstr(said(&r), "did not load the library"));
}

static void
a_writer_without_a_name_is_said(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	declare(&r, DECLARED_FILE, "f");
	before(&r);
	add_event(&r, EVENT_WRITE, "other", NULL);
	temp_put(r.dir, "f", "x");
	after(&r);
	assert_string_equal(r.result.note.s, "partial: a writer was not seen");
}

static void
the_tag_is_short_and_the_list_whole(void **state)
{
	cleanup_around struct run_around r;

	(void)state;
	set_up(&r);
	for (int i = 0; i < 9; i++) {
		cleanup_free char *name = mem_printf("p%d", i);

		add_event(&r, EVENT_LAUNCH, name, NULL);
	}
	assert_non_null(strstr(said(&r), "; and 4 more"));
	assert_int_equal(r.result.blind.n, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_tells_what_keeps_the_library_out),
	    cmocka_unit_test(scripts_that_name_each_other_end),
	    cmocka_unit_test(another_architecture_and_other_rights),
	    cmocka_unit_test(a_name_is_searched_for_as_execvp_does),
	    cmocka_unit_test(who_arrives_is_not_blind),
	    cmocka_unit_test(a_static_program_is_named),
	    cmocka_unit_test(a_program_that_never_arrived_is_named),
	    cmocka_unit_test(what_a_shell_ran_instead_is_not_blind),
	    cmocka_unit_test(switched_off_is_said),
	    cmocka_unit_test(a_program_without_a_record_is_counted),
	    cmocka_unit_test(survivors_are_part_of_it),
	    cmocka_unit_test(survivors_may_be_starting),
	    cmocka_unit_test(more_are_missing_than_survive),
	    cmocka_unit_test(a_writer_without_a_name_is_said),
	    cmocka_unit_test(the_tag_is_short_and_the_list_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
