/* SPDX-License-Identifier: MIT */
/* test_metric_file.c - metrics in JSON, YAML and CSV, and who declares them */
#include "load.h"

#include "base/buf.h"
#include "model/factory.h"
#include "model/metric_file.h"
#include "model/run.h"

static const struct {
	enum metric_form form;
	const char *key, *file, *text;
	const char *expected; /* "KEY VALUE STEP;…", or the message */
} cases[] = {
    {METRIC_ONE, "m", "f.json", "0.25", "m 0.25 7;"},
    {METRIC_ONE, "m", "f.yml", "value: 1e-3\nstep: 2\n", "m 0.001 2;"},
    {METRIC_ONE, "m", "f.json", "NaN", "m nan 7;"},
    {METRIC_ONE, "m", "f.json", "-Infinity", "m -inf 7;"},
    {METRIC_ONE, "m", "f.csv", "value\n1\n2\n", "m 2 7;"},
    {METRIC_ONE, "m", "f.json", "\"x\"",
     "!line:1: a number should be here, not a string"},
    {METRIC_ONE, "m", "f.json", "", "!it is empty"},
    {METRIC_ONE, "m", "f.jsonl", "1\n\n{\"value\": 2}\n", "m 2 7;"},
    {METRIC_HISTORY, "m", "f.jsonl", "1\n2\n", "m 1 0;m 2 1;"},
    {METRIC_HISTORY, "m", "f.json", "[1, 2]", "m 1 0;m 2 1;"},
    {METRIC_HISTORY, "m", "f.json", "{\"3\": 1, \"5\": 2}", "m 1 3;m 2 5;"},
    {METRIC_HISTORY, "m", "f.json",
     "[{\"step\": 4, \"value\": 1, \"timestamp\": 9}]", "m 1 4@9;"},
    {METRIC_HISTORY, "m", "f.csv", "step,value\n2,0.5\n4,0.25\n",
     "m 0.5 2;m 0.25 4;"},
    {METRIC_HISTORY, "m", "f.json", "{\"x\": 1}",
     "!line:1: a step should be here, not a string"},
    {METRIC_MANY, "p", "f.json",
     "{\"a\": {\"value\": 1, \"step\": 4}, \"b\": [{\"value\": 1, "
     "\"step\": 0}, {\"value\": 2, \"step\": 1}]}",
     "p.a 1 4;p.b 1 0;p.b 2 1;"},
    {METRIC_MANY, "p", "f.json", "{\"a\": 1}",
     "!line:1: {value: …, step: …}, or a list of them, should be here, not "
     "an integer"},
    {METRIC_MANY, "p", "f.csv", "name,value,step\na,1,0\nb,2,0\na,3,1\n\n",
     "p.a 1 0;p.a 3 1;p.b 2 0;"},
    {METRIC_ANY, NULL, "f.json", "{\"a\": 1, \"b c\": true}", "a 1 0;b c 1 0;"},
    {METRIC_ANY, NULL, "f.tsv", "epoch\tx\t\"y z\"\n0\t1\t\n1\t2\t3\n",
     "x 1 0;x 2 1;y z 3 1;"},
    {METRIC_ANY, NULL, "f.yml", "- 1\n",
     "!line:1: a mapping of names to metrics should be here, not a list"},
};

static const struct {
	enum metric_place place;
	const char *file, *text;
	const char *expected;
} placed[] = {
    {METRIC_OVERWRITE, "f.csv", "value\n1\n2\n", "m 2 7;"},
    {METRIC_OVERWRITE, "f.json", "[1, 2]",
     "!line:1: a number should be here, not a list"},
    {METRIC_APPEND, "f.json", "3", "m 3 7;"},
    {METRIC_APPEND, "f.json", "[1, 2]", "m 1 7;m 2 8;"},
    {METRIC_APPEND, "f.jsonl", "1\n2", "m 1 7;m 2 8;"},
    {METRIC_APPEND, "f.csv", "value\n1\n2\n", "m 1 7;m 2 8;"},
    {METRIC_APPEND, "f.jsonl", "1\n\nx\n",
     "!line:3: a number should be here, not a string"},
};

static void
assert_read(const struct metric_rule *rule, const char *file, const char *text,
            const char *expected)
{
	cleanup_tree char *dir = tree_new();
	cleanup_free char *path = mem_printf("%s/%s", dir, file);
	cleanup_buf struct buf got = BUF_INIT;
	struct metrics m = METRICS_INIT;
	struct err err = ERR_INIT;

	tree_write(dir, file, text);
	if (metric_file_read(path, rule, 1, &m, &err))
		buf_addf(&got, "!%s", err.msg);
	for (size_t k = 0; k < m.n; k++) {
		buf_addf(&got, "%s %g %d", m.v[k].key, m.v[k].value,
		         (int)m.v[k].step);
		if (m.v[k].timestamp != 1)
			buf_addf(&got, "@%d", (int)m.v[k].timestamp);
		buf_addc(&got, ';');
	}
	metrics_free(&m);
	assert_string_equal(got.s, expected);
}

static void
each_form_is_read(void **state)
{
	char key[] = "m";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cleanup_free char *own = mem_dup(cases[i].key);
		const struct metric_rule rule = {.form = cases[i].form,
		                                 .key = own,
		                                 .step = 7};

		assert_read(&rule, cases[i].file, cases[i].text,
		            cases[i].expected);
	}
	for (size_t i = 0; i < ARRAY_LEN(placed); i++) {
		const struct metric_rule rule = {.place = placed[i].place,
		                                 .key = key,
		                                 .step = 7};

		assert_read(&rule, placed[i].file, placed[i].text,
		            placed[i].expected);
	}
}

#define IO "kedro_mlflow.io.metrics."

static void
entries_name_their_file(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_settings struct settings s = {.params = KVS_INIT};
	static const struct {
		const char *name, *key, *run_id;
		enum metric_form form;
		int step;
		enum metric_place place;
	} expected[] = {
	    {"acc", "acc", "r", METRIC_ONE, 2, METRIC_AT_STEP},
	    {"plain", "plain", NULL, METRIC_ONE, 0, METRIC_OVERWRITE},
	    {"more", "more", NULL, METRIC_ONE, 0, METRIC_APPEND},
	    {"hist", "h", NULL, METRIC_HISTORY, 0, METRIC_AT_STEP},
	    {"many", "many", NULL, METRIC_MANY, 0, METRIC_AT_STEP},
	    {"old", "p", NULL, METRIC_MANY, 0, METRIC_AT_STEP},
	    {"own", NULL, NULL, METRIC_ANY, 0, METRIC_AT_STEP},
	    {"pre", "x", NULL, METRIC_ANY, 0, METRIC_AT_STEP},
	};

	(void)state;
	tree_write(
	    dir, "conf/base/catalog.yml",
	    "acc: {type: " IO "MlflowMetricDataset, run_id: r, save_args: "
	    "{mode: append, step: 2}, metadata: {kmlflow: {filepath: a}}}\n"
	    "plain: {type: " IO "MlflowMetricDataset, "
	    "metadata: {kmlflow: {filepath: a}}}\n"
	    "more: {type: " IO "MlflowMetricDataset, save_args: "
	    "{mode: append}, metadata: {kmlflow: {filepath: a}}}\n"
	    "hist: {type: " IO "MlflowMetricHistoryDataset, key: h, "
	    "metadata: {kmlflow: {filepath: b}}}\n"
	    "many: {type: " IO "MlflowMetricsHistoryDataset, "
	    "metadata: {kmlflow: {filepath: c}}}\n"
	    "old: {type: kedro_mlflow.io.MlflowMetricsDataSet, prefix: p, "
	    "metadata: {kmlflow: {filepath: d}}}\n"
	    "own: {type: json.JSONDataset, filepath: e, "
	    "metadata: {kmlflow: {metrics: true}}}\n"
	    "pre: {type: json.JSONDataset, filepath: f, "
	    "metadata: {kmlflow: {metrics: x}}}\n"
	    "none: {type: json.JSONDataset, filepath: g, "
	    "metadata: {kmlflow: {metrics: false}}}\n");
	load(dir, NULL, &s);
	assert_int_equal(s.warnings.n, 0);
	assert_int_equal(s.declared.n, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		const struct declared *d = &s.declared.v[i];

		assert_string_equal(d->name, expected[i].name);
		assert_non_null(d->metric);
		assert_int_equal(d->metric->form, expected[i].form);
		assert_int_equal(d->metric->step, expected[i].step);
		assert_int_equal(d->metric->place, expected[i].place);
		if (expected[i].key)
			assert_string_equal(d->metric->key, expected[i].key);
		else
			assert_null(d->metric->key);
		if (expected[i].run_id)
			assert_string_equal(d->run_id, expected[i].run_id);
	}
}

static void
wrong_entries_are_refused(void **state)
{
	static const struct {
		const char *entry;
		int column;
		const char *message;
	} refused[] = {
	    {"MlflowMetricDataset, save_args: {mode: bad}", 67,
	     "save_args.mode must be 'overwrite' or 'append', not 'bad'"},
	    {"MlflowMetricHistoryDataset, save_args: {mode: append}", 74,
	     "save_args.mode must be 'list', 'dict' or 'history', not "
	     "'append'"},
	    {"MlflowMetricHistoryDataset, load_args: {mode: x}", 74,
	     "load_args.mode must be 'list', 'dict' or 'history', not 'x'"},
	    {"MlflowMetricDataset, save_args: [append]", 67,
	     "'save_args' must be a mapping"},
	    {"MlflowMetricDataset, save_args: {step: two}", 74,
	     "save_args.step must be a whole number"},
	    {"MlflowMetricDataset, prefix: x", 56,
	     "unknown key 'prefix'; known are 'type', 'key', 'run_id', "
	     "'load_args', 'save_args', 'metadata', 'layer', 'version'"},
	};
	cleanup_tree char *dir = tree_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		cleanup_free char *text =
		    mem_printf("m: {type: " IO "%s}\n", refused[i].entry);
		cleanup_free char *message =
		    mem_printf("conf/base/catalog.yml:1:%d: dataset 'm': %s",
		               refused[i].column, refused[i].message);

		tree_write(dir, "conf/base/catalog.yml", text);
		load_refused(dir, NULL, message);
	}
}

static void
a_pattern_names_files_and_metrics(void **state)
{
	cleanup_tree char *dir = tree_new();
	cleanup_free char *path = mem_printf("%s/data/a_scores.json", dir);
	cleanup_settings struct settings s = {.params = KVS_INIT};
	struct declared one;
	char *relative;

	(void)state;
	tree_write(dir, "conf/base/catalog.yml",
	           "'{name}_scores': {type: " IO "MlflowMetricsHistoryDataset, "
	           "run_id: 'r{name}', metadata: {kmlflow: {filepath: "
	           "'data/{name}_scores.json'}}}\n"
	           "'b_{x}': {type: " IO "MlflowMetricDataset, key: 'k-{x}', "
	           "metadata: {kmlflow: {filepath: 'data/b/{x}'}}}\n");
	load(dir, NULL, &s);
	assert_int_equal(s.declared.n, 2);
	assert_int_equal(factory_resolve(&s.declared.v[0], path, &one,
	                                 &relative),
	                 0);
	assert_string_equal(one.name, "a_scores");
	assert_string_equal(one.metric->key, "a_scores");
	assert_string_equal(one.run_id, "ra");
	assert_int_equal(one.metric->form, METRIC_MANY);
	declared_clear(&one);
	mem_replace(&path, mem_printf("%s/data/b/z", dir));
	assert_int_equal(factory_resolve(&s.declared.v[1], path, &one,
	                                 &relative),
	                 0);
	assert_string_equal(one.metric->key, "k-z");
	declared_clear(&one);
	tree_write(dir, "conf/base/catalog.yml",
	           "'{a}_{b}': {type: " IO "MlflowMetricDataset, "
	           "metadata: {kmlflow: {filepath: 'data/{a}'}}}\n");
	load_refused(
	    dir, NULL,
	    "conf/base/catalog.yml:1:1: dataset '{a}_{b}': '{b}' is not "
	    "in the path, as the metric's name needs it, so nothing "
	    "says what it stands for");
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
	    cmocka_unit_test(each_form_is_read),
	    cmocka_unit_test_setup(entries_name_their_file, setup),
	    cmocka_unit_test_setup(wrong_entries_are_refused, setup),
	    cmocka_unit_test_setup(a_pattern_names_files_and_metrics, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
