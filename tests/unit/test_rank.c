/* SPDX-License-Identifier: MIT */
/* test_rank.c - which rank this is, and how a launch of many ends */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "stage/group.h"
#include "stage/outcome.h"
#include "stage/outcome_file.h"
#include "stage/rank.h"
#include "stage/spool.h"

static const char *const all[] = {
    "OMPI_COMM_WORLD_RANK",
    "OMPI_COMM_WORLD_SIZE",
    "OMPI_MCA_orte_hnp_uri",
    "PMIX_NAMESPACE",
    "SLURM_PROCID",
    "SLURM_STEP_NUM_TASKS",
    "SLURM_STEP_ID",
    "SLURM_JOB_ID",
    "SLURM_RESTART_COUNT",
    "PMI_RANK",
    "PMI_SIZE",
    "MPI_LOCALNRANKS",
    "RANK",
    "WORLD_SIZE",
    "MASTER_PORT",
    "KMLFLOW_RANK_KEY",
    "KMLFLOW_RANK_GROUP",
    "PBS_JOBID",
};

/* "NAME=VALUE NAME=VALUE …", and none of the others. */
static struct rank
find(const char *pairs)
{
	cleanup_free char *copy = mem_dup(pairs);
	struct rank ret;
	char *rest = NULL;

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		unsetenv(all[i]);
	for (char *p = strtok_r(copy, " ", &rest); p;
	     p = strtok_r(NULL, " ", &rest)) {
		char *value = strchr(p, '=');

		*value++ = '\0';
		setenv(p, value, 1);
	}
	rank_find(&ret);
	return ret;
}

static void
each_launcher_says_which_rank_it_is(void **state)
{
	static const struct {
		const char *pairs;
		int number;
		int size;
	} rows[] = {
	    {"", 0, 0},
	    {"OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4", 3, 4},
	    {"PMI_RANK=0 PMI_SIZE=2", 0, 2},
	    {"SLURM_PROCID=1 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2", 1, 2},
	    /* A batch script; a rank alone; numbers that make no sense. */
	    {"SLURM_PROCID=0 SLURM_JOB_ID=7", 0, 0},
	    {"PMI_RANK=0 PMI_SIZE=1", 0, 0},
	    {"PMI_RANK=5 PMI_SIZE=4", 0, 0},
	    {"PMI_RANK=-1 PMI_SIZE=4", 0, 0},
	    {"PMI_RANK=1x PMI_SIZE=4", 0, 0},
	    {"RANK=1 WORLD_SIZE=4", 0, 0},
	    {"RANK=1 WORLD_SIZE=4 MASTER_PORT=1", 1, 4},
	    /* Daemons that srun has started for mpirun. */
	    {"SLURM_PROCID=0 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2 "
	     "OMPI_COMM_WORLD_RANK=9 OMPI_COMM_WORLD_SIZE=16",
	     9, 16},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rank r = find(rows[i].pairs);

		assert_int_equal(r.number, rows[i].number);
		assert_int_equal(r.size, rows[i].size);
		assert_int_equal(r.key != NULL, r.size != 0);
		rank_free(&r);
	}
}

#define STEP(rank) "SLURM_PROCID=" rank " SLURM_STEP_NUM_TASKS=4 SLURM_JOB_ID=7"

static void
a_key_is_of_one_launch(void **state)
{
	struct rank a = find(STEP("0") " SLURM_STEP_ID=1");
	struct rank b = find(STEP("3") " SLURM_STEP_ID=1");
	struct rank c = find(STEP("3") " SLURM_STEP_ID=2");
	struct rank d =
	    find(STEP("3") " SLURM_STEP_ID=1 SLURM_RESTART_COUNT=1");

	(void)state;
	assert_string_equal(a.key, b.key);
	assert_string_not_equal(b.key, c.key);
	assert_string_not_equal(b.key, d.key);
	rank_free(&a);
	rank_free(&b);
	rank_free(&c);
	rank_free(&d);
}

static void
a_rank_within_a_rank_is_none(void **state)
{
	struct rank r = find(STEP("3") " SLURM_STEP_ID=1");
	struct rank within;

	(void)state;
	rank_enter(&r);
	rank_find(&within);
	assert_int_equal(within.size, 0);
	rank_free(&r);
}

/* --- the outcome of all --------------------------------------------------- */

static void
leave(const char *dir, int number, const struct outcome *o)
{
	cleanup_free char *end = group_path(dir, number, ".end");
	cleanup_free char *seat = group_path(dir, number, "");
	struct err err = ERR_INIT;

	assert_int_equal(fs_write_atomic(seat, "x", 1, 0600, &err), 0);
	if (o)
		assert_int_equal(outcome_save(o, end, &err), 0);
}

struct four {
	struct outcome o[4];
	bool there[4];
	enum run_status status;
	int rank;
};

static const struct four fours[] = {
    {{{.end_time = 5}, {.end_time = 6}, {.end_time = 7}, {.end_time = 8}},
     {true, true, true, true},
     RUN_FINISHED,
     0},
    /* The one that failed first, although others were killed for it. */
    {{{.signal = 15, .end_time = 9, .exit_code = -1},
      {.signal = 15, .end_time = 8, .exit_code = -1},
      {.exit_code = 3, .end_time = 7},
      {.signal = 9, .end_time = 9, .exit_code = -1}},
     {true, true, true, true},
     RUN_FAILED,
     2},
    /* What nobody saw decides only where nothing else is wrong. */
    {{{.end_time = 5}, {.end_time = 6}, {.end_time = 7}, {.end_time = 8}},
     {true, true, false, true},
     RUN_KILLED,
     2},
    {{{.end_time = 5}, {.exit_code = 1, .end_time = 6}, {.end_time = 7}},
     {true, true, false, true},
     RUN_FAILED,
     1},
};

static void
settle(const struct four *f)
{
	char dir[] = "/tmp/kmlflow-rank-XXXXXX";
	struct spool s = SPOOL_INIT;
	struct rank rank = {.size = 4, .key = mem_dup("0123456789abcdef")};
	struct outcome o = f->o[0];
	struct outcome again = {.exit_code = 99};
	struct err err = ERR_INIT;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(spool_create(dir, "00112233445566778899aabbccddeeff",
	                              &s, &err),
	                 0);
	assert_int_equal(group_open(&s, &rank, NULL, NULL, &err), 0);
	for (int i = 1; i < 4; i++)
		leave(s.dir, i, f->there[i] ? &f->o[i] : NULL);
	assert_int_equal(group_settle(&s, &o, &err), 0);
	assert_int_equal(outcome_status(&o), f->status);
	assert_int_equal(o.rank, f->rank);
	assert_int_equal(o.ranks, 4);
	/* Once settled it stays, whatever comes later. */
	leave(s.dir, 1, &again);
	assert_int_equal(group_settle(&s, &again, &err), 0);
	assert_int_equal(outcome_status(&again), f->status);
	spool_close(&s);
	rank_free(&rank);
	assert_int_equal(fs_remove_tree(dir, &err), 0);
}

static void
the_first_that_failed_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fours); i++)
		settle(&fours[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_launcher_says_which_rank_it_is),
	    cmocka_unit_test(a_key_is_of_one_launch),
	    cmocka_unit_test(a_rank_within_a_rank_is_none),
	    cmocka_unit_test(the_first_that_failed_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
