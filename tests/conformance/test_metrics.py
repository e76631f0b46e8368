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


@pytest.mark.parametrize("mode", ["overwrite", "append"])
def test_085_086(project, mode):
    project.catalog(entry("MlflowMetricDataset",
                          f"save_args: {{mode: {mode}}}, "))
    project.sh("echo 1 >m.json; echo 2 >m.json")
    assert project.history(project.run(), "my") == [(2.0, 0)]


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
