# SPDX-License-Identifier: MIT
"""Rows 83 to 94 of docs/conformance.md: metrics that CMD writes as files."""

import pytest
from conftest import METRICS


def entry(class_, extra="", file="m.json"):
    return (f"my: {{type: {METRICS}{class_}, {extra}"
            f"metadata: {{kmlflow: {{filepath: {file}}}}}}}")


def test_083(project):
    project.catalog(entry("MlflowMetricDataset")).sh("echo 0.25 >m.json")
    assert project.history(project.run(), "my") == [(0.25, 0)]


def other_run(project):
    client = project.store.client()
    return client.create_run(client.create_experiment("o")).info.run_id


def test_084(project):
    id_ = other_run(project)
    project.catalog(entry("MlflowMetricDataset", f"key: k, run_id: {id_}, "))
    project.sh("echo 1 >m.json")
    theirs, ours = sorted(project.runs(), key=lambda r: r.id != id_)
    assert theirs.metrics == {"k": 1.0} and "k" not in ours.metrics


def two_runs(project, mode, do):
    """What a run that has a point of 'my' at step 3 has after two execs."""
    id_ = other_run(project)
    project.store.client().log_metric(id_, "my", 0.5, step=3)
    project.catalog(entry(
        "MlflowMetricDataset",
        f"save_args: {{mode: {mode}}}, run_id: {id_}, ", "m.jsonl"))
    project.sh(do)
    project.sh("echo 9 >m.jsonl")
    theirs = next(r for r in project.runs() if r.id == id_)
    return project.history(theirs, "my")


def test_085(project):
    assert two_runs(project, "overwrite", "echo 1 >m.jsonl") == [
        (0.5, 3), (1.0, 3), (9.0, 3)]


def test_086(project):
    assert two_runs(project, "append", "echo 1 >m.jsonl; echo 2 >>m.jsonl"
                    ) == [(0.5, 3), (1.0, 4), (2.0, 5), (9.0, 6)]


@pytest.mark.parametrize("mode, expected", [
    ("overwrite", [(2.0, 0)]), ("append", [(1.0, 0), (2.0, 1)])])
def test_085_086_in_one_run(project, mode, expected):
    project.catalog(entry("MlflowMetricDataset",
                          f"save_args: {{mode: {mode}}}, ", "m.jsonl"))
    project.sh("echo 1 >>m.jsonl; echo 2 >>m.jsonl")
    assert project.history(project.run(), "my") == expected


def test_086_in_a_run_that_is_joined(project):
    id_ = other_run(project)
    project.catalog(entry("MlflowMetricDataset", "save_args: {mode: append}, "))
    for value in "12":
        project.sh(f"echo {value} >m.json", "--run-id", id_)
    assert project.history(project.run(), "my") == [(1.0, 0), (2.0, 1)]


def test_083_of_a_pattern(project):
    project.catalog(
        f"'{{model}}_metrics': {{type: {METRICS}MlflowMetricDataset, "
        "metadata: {kmlflow: {filepath: 'out/{model}.json'}}}",
        f"'{{model}}_history': {{type: {METRICS}MlflowMetricHistoryDataset, "
        "key: 'loss-{model}', "
        "metadata: {kmlflow: {filepath: 'out/{model}.csv'}}}",
        f"b_metrics: {{type: {METRICS}MlflowMetricDataset, key: own, "
        "metadata: {kmlflow: {filepath: out/b.json}}}")
    project.sh("mkdir out; echo 1 >out/a.json; echo 2 >out/b.json; "
               "printf 'value\\n3\\n4\\n' >out/a.csv")
    run = project.run()
    assert not [a for a in run.artifacts if a.startswith("out")]
    assert project.history(run, "a_metrics") == [(1.0, 0)]
    assert project.history(run, "own") == [(2.0, 0)]
    assert project.history(run, "loss-a") == [(3.0, 0), (4.0, 1)]
    assert "b_metrics" not in run.metrics


def test_087(project):
    project.catalog(entry("MlflowMetricDataset",
                          "save_args: {mode: append, step: 2}, "))
    project.sh("echo 1 >m.json")
    assert project.history(project.run(), "my") == [(1.0, 2)]


def test_088(project):
    project.catalog(entry("MlflowMetricDataset", "save_args: {mode: bad}, "))
    project.refused(message="'overwrite' or 'append', not 'bad'")


@pytest.mark.parametrize("text, expected", [
    ("[1, 2]", [(1.0, 0), (2.0, 1)]),
    ('{"3": 1, "5": 2}', [(1.0, 3), (2.0, 5)]),
    ('[{"step": 4, "value": 1, "timestamp": 9}]', [(1.0, 4)])])
def test_090(project, text, expected):
    project.catalog(entry("MlflowMetricHistoryDataset"))
    project.sh(f"echo '{text}' >m.json")
    assert project.history(project.run(), "my") == expected


MANY = ('{"metric1": {"value": 1, "step": 4}, "metric2": '
        '[{"value": 1, "step": 0}, {"value": 2, "step": 1}]}')


@pytest.mark.parametrize("row, extra, prefix", [
    (91, "", "my"), (92, "prefix: foo, ", "foo")])
def test_091_092(project, row, extra, prefix):
    project.catalog(entry("MlflowMetricsHistoryDataset", extra))
    project.sh(f"echo '{MANY}' >m.json")
    run = project.run()
    assert project.history(run, f"{prefix}.metric1") == [(1.0, 4)]
    assert project.history(run, f"{prefix}.metric2") == [(1.0, 0), (2.0, 1)]


def test_093(project):
    project.catalog(entry("MlflowMetricsHistoryDataset"))
    result = project.sh("echo '{\"a\": 1}' >m.json")
    assert "no metrics" in result.stderr
    assert not [k for k in project.run().metrics if "kmlflow" not in k]


def test_094(project):
    id_ = other_run(project)
    run = f"run_id: {id_}, metadata: {{kmlflow: {{filepath: "
    project.catalog(
        f"a: {{type: {METRICS}MlflowMetricDataset, {run}a.json}}}}}}",
        f"b: {{type: {METRICS}MlflowMetricHistoryDataset, {run}b.json}}}}}}",
        f"c: {{type: {METRICS}MlflowMetricsHistoryDataset, {run}c.json}}}}}}")
    project.sh("echo 1 >a.json; echo '[1]' >b.json; "
               "echo '{\"m\": {\"value\": 1, \"step\": 0}}' >c.json")
    runs = project.runs()
    theirs = next(r for r in runs if r.id == id_)
    assert len(runs) == 2 and set(theirs.metrics) == {"a", "b", "c.m"}
