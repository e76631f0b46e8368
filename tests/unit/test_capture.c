/* SPDX-License-Identifier: MIT */
/* test_capture.c - an image from its making through processes to its reading */
#include "image.h"

static void
test_nothing(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	declare(f, DECLARED_FILE, "a");
	create(f);
	assert_int_equal(stat(image_path(f), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(run(f, "true; exit 7"), 7);
	read_all(f);
	assert_int_equal(f->seen.n, 0);
	assert_false(f->health.overflow);
	assert_int_equal(f->health.processes, 0);
}

static void
test_events_in_order(void **state)
{
	struct fixture *f = *state;

	declare(f, DECLARED_FILE, "a");
	declare(f, DECLARED_DIR, "d");
	create(f);
	assert_int_equal(run(f,
	                     "mkdir d; echo > d/x; echo > t; mv t a; ln a d/l; "
	                     "echo > other; mkdir n; mv n d/n; echo > a"),
	                 0);
	read_all(f);
	assert_true(strv_has(&f->seen, "rename 0 t a"));
	assert_true(strv_has(&f->seen, "rescan 1 n d/n"));
	assert_true(strv_has(&f->seen, "link 1 a d/l"));
	assert_string_equal(f->seen.v[0], "write 1 d/x");
	assert_string_equal(f->seen.v[f->seen.n - 1], "write 0 a");
	for (size_t i = 0; i < f->seen.n; i++)
		assert_null(strstr(f->seen.v[i], "other"));
	assert_true(capture_is_dirty(f->capture, 0));
	assert_true(capture_is_dirty(f->capture, 1));
	assert_false(capture_is_dirty(f->capture, 2));
	assert_true(f->health.processes > 3);
}

static void
test_repeats_are_told_once(void **state)
{
	struct fixture *f = *state;

	declare(f, DECLARED_FILE, "a");
	create(f);
	run(f, "i=0; while [ $i -lt 1000 ]; do echo >> a; i=$((i+1)); done");
	read_all(f);
	assert_int_equal(f->seen.n, 1);
}

static void
test_kept(void **state)
{
	struct fixture *f = *state;
	struct event e;
	struct err err = ERR_INIT;
	struct stat st;
	int n = 0;

	declare(f, DECLARED_FILE, "a");
	create(f);
	run(f, "echo 1 > a; rm a; rm -f a; echo 2 > a; mv a b");
	assert_int_equal(capture_open(image_path(f), &f->capture, &err), 0);
	while (capture_next(f->capture, &e)) {
		if (e.kind != EVENT_KEPT)
			continue;
		assert_int_equal(e.rule, 0);
		assert_int_equal(stat(e.path2, &st), 0);
		assert_int_equal(st.st_size, 2);
		n++;
	}
	assert_int_equal(n, 2);
}

/* Also where a program builds an environment of its own, or opts out. */
static void
test_environment(void **state)
{
	struct fixture *f = *state;

	declare(f, DECLARED_GLOB, "*.x");
	create(f);
	run(f, "env -i sh -c 'echo > 1.x'; unset LD_PRELOAD KMLFLOW_IMAGE; "
	       "/bin/sh -c 'echo > 2.x'; KMLFLOW_CAPTURE=0 sh -c 'echo > 3.x; "
	       "sh -c \"echo > 4.x\"'; LD_PRELOAD=/none.so sh -c 'echo > 5.x'"
	       " 2>/dev/null");
	read_all(f);
	assert_true(strv_has(&f->seen, "write 0 1.x"));
	assert_true(strv_has(&f->seen, "write 0 2.x"));
	assert_false(strv_has(&f->seen, "write 0 3.x"));
	assert_false(strv_has(&f->seen, "write 0 4.x"));
	assert_true(strv_has(&f->seen, "write 0 5.x"));
}

static void
test_grows(void **state)
{
	struct fixture *f = *state;
	const uint64_t small[] = {8, 1}; /* 'step' is elsewhere */
	struct kmlflow_image h;

	declare(f, DECLARED_DIR, "d");
	create(f);
	edit_header(f, offsetof(struct kmlflow_image, step), &small[0], 8);
	edit_header(f, offsetof(struct kmlflow_image, allocated), &small[1], 8);
	run(f, "mkdir d; i=0; while [ $i -lt 200 ]; do echo > d/$i; "
	       "i=$((i+1)); done");
	read_all(f);
	read_header(f, &h);
	assert_int_equal(f->seen.n, 200);
	assert_int_equal(f->health.dropped, 0);
	assert_true(h.allocated >= 200 && h.allocated < 1000);
}

static void
test_overflow(void **state)
{
	struct fixture *f = *state;
	const uint64_t slots = 50;

	declare(f, DECLARED_DIR, "d");
	create(f);
	edit_header(f, offsetof(struct kmlflow_image, slots), &slots, 8);
	assert_int_equal(run(f, "mkdir d; for i in 1 2 3 4 5 6 7 8 9; do for "
	                        "j in 1 2 3 4 5 6 7 8 9; do echo > d/$i$j; "
	                        "done; done"),
	                 0);
	read_all(f);
	assert_in_range(f->seen.n, 20, 50);
	assert_true(f->health.overflow);
	assert_true(f->health.dropped >= 81 - 50);
	assert_true(capture_is_dirty(f->capture, 0));
}

/* A writer that was killed between reserving and publishing. */
static void
test_hole(void **state)
{
	struct fixture *f = *state;
	const uint64_t tail = 5;

	declare(f, DECLARED_FILE, "a");
	create(f);
	edit_header(f, offsetof(struct kmlflow_image, tail), &tail, 8);
	run(f, "echo > a");
	read_all(f);
	assert_true(strv_has(&f->seen, "write 0 a"));
	assert_int_equal(f->health.dropped, 1);
	assert_false(f->health.overflow);
}

/* The program goes on as it would, whatever the image looks like. */
static void
test_bad_image(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	struct kmlflow_image h;
	struct capture *c = NULL;

	declare(f, DECLARED_FILE, "a");
	create(f);
	read_header(f, &h);
	h.names = UINT32_MAX;
	edit_header(f, 0, &h, sizeof(h));
	assert_int_equal(run(f, "echo > a"), 0);
	memset(&h, 0xff, sizeof(h));
	edit_header(f, 0, &h, sizeof(h));
	assert_int_equal(run(f, "echo > a"), 0);
	assert_int_equal(capture_open(image_path(f), &c, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
	assert_int_equal(truncate(image_path(f), 10), 0);
	assert_int_equal(run(f, "echo > a"), 0);
	assert_int_equal(capture_open(image_path(f), &c, &err), -1);
	assert_int_equal(unlink(image_path(f)), 0);
	assert_int_equal(run(f, "echo > a; exit 3"), 3);
	assert_int_equal(capture_open(image_path(f), &c, &err), -1);
	assert_int_equal(err.kind, ERR_SYS);
	assert_null(c);
}

static void
test_library_path(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *odd = mem_printf("%s/a b:c", f->root);
	cleanup_free char *copy = mem_printf("%s/kmlflow.so", odd);
	cleanup_free char *link = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(mkdir(odd, 0700), 0);
	assert_int_equal(symlink(f->library, copy), 0);
	setenv("KMLFLOW_PRELOAD", copy, 1);
	setenv("XDG_RUNTIME_DIR", f->root, 1);
	link = capture_find_library(&err);
	unsetenv("XDG_RUNTIME_DIR");
	assert_non_null(link);
	assert_null(strpbrk(link, " :"));
	assert_non_null(strstr(link, "libasan.so"));
	mem_replace(&f->library, mem_steal(&link));
	setenv("KMLFLOW_PRELOAD", "/nowhere/kmlflow.so", 1);
	assert_null(capture_find_library(&err));
	assert_int_equal(err.kind, ERR_NOTFOUND);
	unsetenv("KMLFLOW_PRELOAD");

	declare(f, DECLARED_FILE, "a");
	create(f);
	run(f, "echo > a");
	read_all(f);
	assert_int_equal(f->seen.n, 1);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_nothing),
	    T(test_events_in_order),
	    T(test_repeats_are_told_once),
	    T(test_kept),
	    T(test_environment),
	    T(test_grows),
	    T(test_overflow),
	    T(test_hole),
	    T(test_bad_image),
	    T(test_library_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
