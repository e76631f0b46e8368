# SPDX-License-Identifier: MIT
"""What kmlflow writes into databases of three generations, read by each."""

import math

import pytest
from conftest import READERS, Store, query, store_side
from written import (
    DIGITS, EXPONENT, FILES, NAME, OTHER, PARAMS, POINTS, RUN, TAGS, fill
)


@pytest.fixture(scope="module", params=[*READERS, "made by us"])
def written(request, driver, made_by, tmp_path_factory):
    """Joined where MLflow has made it, else made anew."""
    cwd = tmp_path_factory.mktemp("written dir")
    store = Store(driver, "sqlite:///mlflow.db", cwd)
    store.generation = request.param if request.param in READERS else "newest"
    if request.param in READERS:
        made_by(request.param, cwd / "mlflow.db")
    # MLflow 1 kept no more than this; longer ones are refused, see below.
    store.params = dict(PARAMS)
    if store.generation == "1":
        store.params.pop("long")
    try:
        fill(store)
    except store_side.Refused as e:
        assert store.generation == "1" and "this store takes 500" in str(e)
        store.call("status", RUN, 4, 1700000001456)
        rest(store)
    return store


def rest(store):
    """What fill() does after the params that were refused."""
    store.call("create", store.ids["number"], DIGITS, "-", 1, "a", "b")
    store.call("status", DIGITS, 5, 2)
    store.call("create", store.ids["elsewhere"], EXPONENT, "null", 1)
    store.call("create", "0", OTHER, "0777", 1)
    for key, text in FILES.items():
        (store.cwd / "file").write_bytes(text.encode("latin-1"))
        store.call("put", RUN, "file", key)
        store.call("put", EXPONENT, "file", key)


@pytest.fixture(scope="module")
def seen(written):
    return store_side.dump(written.generation, written.uri, written.cwd)


def test_experiments(seen, written):
    ids = written.ids
    assert sorted(ids.values()) == ["1", "2", "3", "4"]
    assert set(seen["experiments"]) == {"0", *ids.values()}
    names = {key: e["name"] for key, e in seen["experiments"].items()}
    assert names["0"] == "Default"
    assert names[ids["names"]] == "it's: an #experiment\n'two' lines"
    assert names[ids["number"]] == "0123"
    for key in ("names", "number", "gone"):
        e = seen["experiments"][ids[key]]
        assert e["artifact_location"] == f"{written.cwd}/mlruns/{ids[key]}"
        assert e["lifecycle_stage"] == "active"
        assert e["creation_time"] > 1700000000000
    elsewhere = seen["experiments"][ids["elsewhere"]]
    assert elsewhere["artifact_location"] == f"{written.cwd}/else where"


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


def test_params_and_tags(seen, written):
    run = seen["runs"][RUN]
    assert run["params"] == written.params
    assert run["tags"] == {**TAGS, "mlflow.runName": NAME}


def test_metrics(seen):
    run = seen["runs"][RUN]
    # SQLite keeps no negative zero.
    wanted = [[t, repr(float(v) + 0.0), s] for v, t, s in POINTS]
    assert sorted(run["history"]["loss/train"]) == sorted(wanted)
    assert run["metrics"]["loss/train"] == "123456789012345.6"
    assert math.isnan(float(run["metrics"]["nan"]))
    assert run["metrics"]["inf"] == "-1.7976931348623157e+308"


def test_other_runs(seen):
    runs = seen["runs"]
    assert {key: run["status"] for key, run in runs.items()} == {
        RUN: "FAILED",
        DIGITS: "KILLED",
        EXPONENT: "RUNNING",
        OTHER: "RUNNING",
    }
    assert runs[OTHER]["end_time"] is None
    assert runs[EXPONENT]["name"] == "null"
    assert runs[OTHER]["name"] == "0777"
    assert len(runs[DIGITS]["name"].split("-")) == 3


def test_artifacts(seen):
    expected = {key: [len(text), text] for key, text in FILES.items()}
    assert seen["runs"][RUN]["artifacts"] == expected
    assert seen["runs"][EXPONENT]["artifacts"] == expected
    assert seen["runs"][DIGITS]["artifacts"] == {}


def test_rows_are_like_those_of_the_client(written, seen):
    """Every column of a run that no reader shows."""
    store_side.client(written.generation, written, "write")
    columns = (
        "source_type, source_name, entry_point_name, source_version,"
        " lifecycle_stage, deleted_time"
    )
    text = f"SELECT DISTINCT {columns} FROM runs"
    assert len(query(written.cwd / "mlflow.db", text)) == 1
    kinds = "SELECT DISTINCT typeof(value), typeof(step), typeof(is_nan) FROM {}"
    for table in ("metrics", "latest_metrics"):
        assert query(written.cwd / "mlflow.db", kinds.format(table)) == [
            ("real", "integer", "integer")
        ]


def test_the_client_goes_on_with_our_run(written, seen):
    told = store_side.client(written.generation, written, "join", OTHER)
    assert told == OTHER
    params, tags = written.read(OTHER)
    assert params == {"joined": "yes"}
    written.call("log", OTHER, "param", "ours", "1", "metric", "m", "1", "1", "9")
    run = store_side.dump(written.generation, written.uri, written.cwd)["runs"][OTHER]
    assert run["params"] == {"joined": "yes", "ours": "1"}
    assert run["metrics"]["m"] == "1.0"


def test_a_deleted_experiment_is_restored(written, seen):
    gone = written.ids["gone"]
    run = "abcdef0123456789abcdef0123456789"
    written.call("create", gone, run, "-", 1)
    store_side.client(written.generation, written, "delete_experiment", gone)
    with pytest.raises(store_side.Refused, match="is deleted"):
        written.experiment("gone", "create")
    with pytest.raises(store_side.Refused, match="is deleted"):
        written.call("log", run, "param", "c", "d")
    assert written.experiment("gone", "restore", "dry") == gone
    assert written.told("get", run)["deleted"] == "1"
    assert written.experiment("gone", "create", "restore") == gone
    written.call("log", run, "param", "c", "d")
    told = store_side.dump(written.generation, written.uri, written.cwd)
    assert told["experiments"][gone]["lifecycle_stage"] == "active"
    assert told["runs"][run]["lifecycle_stage"] == "active"
