# SPDX-License-Identifier: MIT
"""Runs as candidates of a GitLab project, against a stand-in."""

import sys

import pytest
from gitlab import TOKEN, GitLab

READ = """
import sys, mlflow
client = mlflow.tracking.MlflowClient()
found = client.get_experiment_by_name("demo")
run = client.get_run(sys.argv[1])
assert run.info.experiment_id == found.experiment_id
print(run.info.status, run.info.run_name, run.data.params["a"],
      run.data.tags["t"], "kmlflow/wall_seconds" in run.data.metrics)
"""


@pytest.fixture
def gitlab():
    with GitLab() as g:
        yield g


@pytest.fixture
def box(make_box, gitlab):
    return make_box(gitlab.tracking_uri, MLFLOW_TRACKING_TOKEN=TOKEN)


def run_it(box, *options, script="mkdir d; echo x >f; echo 1 >d/'a b'"):
    return box.exec(
        "sh", "-c", script,
        options=["-e", "demo", "-n", "mine", "-p", "a=1", "-t", "t=v",
                 "-a", "f", "-a", "d/", *options],
    )


def test_a_candidate(gitlab, box):
    done = run_it(box)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    (run,) = gitlab.runs
    assert run["status"] == "FINISHED" and run["end"] >= run["start"] > 0
    assert gitlab.files == {
        "ml_experiment_1/candidate_1/f": b"x\n",
        "ml_experiment_1/candidate_1/d/a b": b"1\n",
    }
    read = box.call(sys.executable, "-c", READ, "1")
    assert read.returncode == 0, read.stderr
    assert read.stdout.split() == ["FINISHED", "mine", "1", "v", "True"]
    assert not box.spools()


@pytest.mark.parametrize("others", [0, 3])
def test_a_lost_answer_makes_no_second_run(gitlab, box, others):
    """Nor is another's run taken for it: a search finds them all there."""
    gitlab.experiments.append("demo")
    for i in range(others):
        gitlab.runs_create({"experiment_id": "1", "run_name": f"other{i}"})
    gitlab.lost = "runs/create"
    done = run_it(box)
    assert done.returncode == 0, done.stderr
    assert len(gitlab.runs) == others + 1
    assert [r["status"] for r in gitlab.runs] == ["RUNNING"] * others + [
        "FINISHED"
    ]
    assert gitlab.runs[-1]["name"] == "mine"


def test_a_value_that_is_too_long_is_left_alone(gitlab, box):
    done = run_it(box, "-p", "long=" + "x" * 300, "-p", "b=2")
    assert done.returncode == 0, done.stderr
    (run,) = gitlab.runs
    assert run["status"] == "FINISHED"
    assert run["params"]["a"] == "1" and run["params"]["b"] == "2"
    assert "long" in done.stderr


def test_without_a_token(gitlab, box):
    done = box.exec(
        "true", options=["-e", "demo"], env={"MLFLOW_TRACKING_TOKEN": None}
    )
    assert done.returncode == 125
    assert "MLFLOW_TRACKING_TOKEN" in done.stderr
    assert not gitlab.runs
