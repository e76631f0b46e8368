/* SPDX-License-Identifier: MIT */
/* test_propose.c - a catalog of what a trial has written */
#include "tree.h"

#include "base/buf.h"
#include "stage/propose.h"
#include "stage/trial.h"

#define ARTIFACT "  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n"

static char *
proposed(const char *dir, struct trial_file *files, size_t n,
         struct proposal *tally)
{
	const struct trial t = {.v = files, .n = n};
	struct buf text = BUF_INIT;

	propose_catalog(&t, dir, &text, tally);
	return buf_detach(&text);
}

static void
a_file_is_an_entry(void **state)
{
	static char csv[] = "out/total sum.csv", awk[] = "/usr/bin/awk";
	static char other[] = "x.bin";
	struct trial_file files[] = {{.path = csv, .program = awk},
	                             {.path = other}};
	struct proposal tally;
	cleanup_free char *text = proposed("/nowhere", files, 2, &tally);

	(void)state;
	assert_string_equal(text, "\n# written by awk\ntotal_sum:\n" ARTIFACT
	                          "  dataset:\n    type: pandas.CSVDataset\n"
	                          "    filepath: \"out/total sum.csv\"\n"
	                          "\nx:\n" ARTIFACT
	                          "  dataset:\n    type: text.TextDataset\n"
	                          "    filepath: x.bin\n");
	assert_int_equal(tally.results, 2);
	assert_int_equal(tally.commented + tally.left_out, 0);
}

static void
steps_in_between_are_comments(void **state)
{
	static char step[] = "step.csv", end[] = "end.csv", tool[] = "tool";
	struct trial_file files[] = {{.path = end},
	                             {.path = step, .read_again = true},
	                             {.path = tool, .executable = true}};
	struct proposal tally;
	cleanup_free char *text = proposed("/nowhere", files, 3, &tally);
	cleanup_free char *all = NULL;

	(void)state;
	assert_non_null(strstr(text, "\nend:\n"));
	assert_non_null(strstr(text, "\n# step:\n#  "));
	assert_non_null(strstr(text, "\n# tool:\n#  "));
	assert_int_equal(tally.results, 1);
	assert_int_equal(tally.commented, 2);
	/* Where nothing else was written, they are the results. */
	all = proposed("/nowhere", files + 1, 2, &tally);
	assert_non_null(strstr(all, "\nstep:\n"));
	assert_int_equal(tally.results, 2);
}

static void
names_and_places_are_unique(void **state)
{
	static char a[] = "a/r.csv", b[] = "b/r.csv", c[] = "b/r.json";
	static char digit[] = "2024.txt", hidden[] = "_x.txt";
	struct trial_file files[] = {{.path = digit},
	                             {.path = hidden},
	                             {.path = a},
	                             {.path = b},
	                             {.path = c}};
	struct proposal tally;
	cleanup_free char *text = proposed("/nowhere", files, 5, &tally);

	(void)state;
	assert_non_null(strstr(text, "\nfile_2024:\n"));
	assert_non_null(strstr(text, "\nfile__x:\n"));
	assert_non_null(
	    strstr(text, "\nr:\n" ARTIFACT "  artifact_path: \"a\"\n"));
	assert_non_null(
	    strstr(text, "\nb_r:\n" ARTIFACT "  artifact_path: \"b\"\n"));
	assert_non_null(strstr(text, "\nb_r_2:\n" ARTIFACT "  dataset:\n"));
}

static void
many_of_a_kind_are_one_dataset(void **state)
{
	enum { N = 12 };
	struct trial_file files[N] = {{.path = NULL}};
	struct proposal tally;
	cleanup_free char *text = NULL;

	(void)state;
	for (int i = 0; i < N; i++)
		files[i].path = mem_printf("out/plots/%02d.png", i);
	text = proposed("/nowhere", files, N, &tally);
	assert_string_equal(
	    text, "\nplots:\n" ARTIFACT
		  "  dataset:\n    type: partitions.PartitionedDataset\n"
		  "    path: out/plots\n"
		  "    dataset: matplotlib.MatplotlibDataset\n"
		  "    filename_suffix: \".png\"\n");
	assert_int_equal(tally.results, 1);
	for (int i = 0; i < N; i++)
		free(files[i].path);
}

static void
numbers_are_metrics(void **state)
{
	static char scores[] = "scores.json", words[] = "words.json";
	struct trial_file files[] = {{.path = scores}, {.path = words}};
	cleanup_tree char *dir = tree_new();
	struct proposal tally;
	cleanup_free char *text = NULL;

	(void)state;
	tree_write(dir, scores, "{\"accuracy\": 0.5}\n");
	tree_write(dir, words, "{\"a\": \"b\"}\n");
	text = proposed(dir, files, 2, &tally);
	assert_string_equal(
	    text,
	    "\nscores:\n  type: json.JSONDataset\n"
	    "  filepath: scores.json\n"
	    "  metadata: {kmlflow: {artifact: true, metrics: true}}\n"
	    "\nwords:\n" ARTIFACT "  dataset:\n    type: json.JSONDataset\n"
	    "    filepath: words.json\n");
}

static void
what_no_catalog_can_name_is_counted(void **state)
{
	enum { N = 250 };
	static char line[] = "a\nb", reference[] = "${x}", bytes[] = "\xff";
	struct trial_file files[N] = {{.path = line},
	                              {.path = reference},
	                              {.path = bytes}};
	struct proposal tally;
	cleanup_free char *text = NULL;

	(void)state;
	for (int i = 3; i < N; i++)
		files[i].path = mem_printf("f%d", i);
	text = proposed("/nowhere", files, N, &tally);
	assert_int_equal(tally.results, 200);
	assert_int_equal(tally.left_out, 50);
	assert_non_null(strstr(text, "\n# 50 more files were written"));
	assert_null(strstr(text, "${"));
	for (int i = 3; i < N; i++)
		free(files[i].path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_is_an_entry),
	    cmocka_unit_test(steps_in_between_are_comments),
	    cmocka_unit_test(names_and_places_are_unique),
	    cmocka_unit_test(many_of_a_kind_are_one_dataset),
	    cmocka_unit_test(numbers_are_metrics),
	    cmocka_unit_test(what_no_catalog_can_name_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
