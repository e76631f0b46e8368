# SPDX-License-Identifier: MIT
"""A client inside CMD that says something else to the server."""

import sys

import pytest
from conftest import the_run
from mlflow.tracking import MlflowClient

HEAD = "import os, mlflow\nc, i = mlflow.MlflowClient(), os.environ['MLFLOW_RUN_ID']\n"


def run_it(box, experiment, body, code):
    box.write("c.py", HEAD + body)
    return box.exec(
        "sh", "-c", f"{sys.executable} c.py && exit {code}",
        options=["-e", experiment, "-p", "p=1"],
    )


@pytest.mark.parametrize("said, code", [("FINISHED", 3), ("KILLED", 0)])
def test_the_end_is_ours(newest, make_box, experiment, said, code):
    body = f"c.set_terminated(i, '{said}', end_time=1000)\n"
    box = make_box(newest.url)
    assert run_it(box, experiment, body, code).returncode == code
    run = the_run(newest.url, experiment)
    assert run.info.status == ("FAILED" if code else "FINISHED")
    assert run.info.end_time >= run.info.start_time > 1000


def test_a_run_that_was_deleted_waits_to_be_restored(newest, make_box, experiment):
    box = make_box(newest.url)
    done = run_it(box, experiment, "c.delete_run(i)\n", 4)
    assert done.returncode == 4
    assert "deleted" in done.stderr and "kmlflow sync" in done.stderr
    assert len(box.spools()) == 1
    done = box.call("kmlflow", "sync")
    assert done.returncode == 1
    client = MlflowClient(newest.url)
    found = client.get_experiment_by_name(experiment)
    (run,) = client.search_runs([found.experiment_id], run_view_type=2)
    client.restore_run(run.info.run_id)
    done = box.call("kmlflow", "sync")
    assert done.returncode == 0, done.stderr
    run = the_run(newest.url, experiment)
    assert run.info.status == "FAILED"
    assert run.data.params == {"p": "1"}
    assert not box.spools()
