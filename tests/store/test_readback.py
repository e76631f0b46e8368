# SPDX-License-Identifier: MIT
"""What the stores write, read by MLflow's own clients of three generations."""

import math

import pytest
from conftest import READERS, dump
from written import DIGITS, EXPONENT, FILES, NAME, OTHER, PARAMS, POINTS, RUN, TAGS

@pytest.fixture(scope="module", params=list(READERS))
def seen(request, written):
    return dump(request.param, written.uri, written.cwd)


def test_experiments(seen, written):
    ids = written.ids
    assert set(seen["experiments"]) == {"0", *ids.values()}
    names = {key: e["name"] for key, e in seen["experiments"].items()}
    assert names["0"] == "Default"
    assert names[ids["names"]] == "it's: an #experiment\n'two' lines"
    assert names[ids["number"]] == "0123"
    for experiment_id, e in seen["experiments"].items():
        assert e["lifecycle_stage"] == "active"
        assert e["creation_time"] > 1700000000000
        if experiment_id != ids["elsewhere"]:
            assert e["artifact_location"].endswith(f"/mlruns/{experiment_id}")
    for experiment_id in ids.values():
        assert len(experiment_id) == 18 and experiment_id[0] != "0"


def test_run_is_told_as_it_was(seen, written):
    run = seen["runs"][RUN]
    assert run["experiment_id"] == written.ids["names"]
    assert run["status"] in ("FAILED", "RunStatus.FAILED")
    assert run["start_time"] == 1700000000123
    assert run["end_time"] == 1700000001456
    assert run["lifecycle_stage"] == "active"
    assert run["user_id"] == "tester"
    assert run["artifact_uri"].endswith(f"/{RUN}/artifacts")
    assert run["name"] == NAME
    assert run["tags"]["mlflow.runName"] == NAME


def test_params_and_tags(seen):
    run = seen["runs"][RUN]
    assert run["params"] == PARAMS
    assert run["tags"] == {**TAGS, "mlflow.runName": NAME}


def test_metrics(seen):
    run = seen["runs"][RUN]
    assert run["history"]["loss/train"] == [
        [timestamp, repr(float(value)), step]
        for value, timestamp, step in POINTS
    ]
    assert run["metrics"]["loss/train"] == "123456789012345.6"
    assert math.isnan(float(run["metrics"]["nan"]))
    assert run["metrics"]["inf"] == "-inf"


def test_status_numbers(seen):
    told = {key: run["status"] for key, run in seen["runs"].items()}
    assert told == {
        RUN: "FAILED",
        DIGITS: "KILLED",
        EXPONENT: "RUNNING",
        OTHER: "RUNNING",
    }
    assert seen["runs"][OTHER]["end_time"] is None


def test_names_that_look_like_something_else(seen):
    runs = seen["runs"]
    assert runs[EXPONENT]["name"] == "null"
    assert runs[OTHER]["name"] == "0777"
    made = runs[DIGITS]["name"].split("-")
    assert len(made) == 3 and made[2].isdigit()
    assert len(runs[DIGITS]["name"]) <= 20


def test_artifacts(seen, written):
    expected = {
        key: [len(text), text] for key, text in FILES.items()
    }
    assert seen["runs"][RUN]["artifacts"] == expected
    assert seen["runs"][EXPONENT]["artifacts"] == expected
    assert seen["runs"][DIGITS]["artifacts"] == {}
