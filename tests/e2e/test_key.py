# SPDX-License-Identifier: MIT
"""A job that is started again continues its run."""

import os
import shutil
import signal

import pytest
from mlflow.tracking import MlflowClient
from test_outcome import wait_for


@pytest.fixture(params=["directory", "sqlite"])
def box(request, sandbox):
    sandbox.uri = str(sandbox.store.path)
    if request.param == "sqlite":
        sandbox.uri = f"sqlite:///{sandbox.dir / 'runs.db'}"
    sandbox.env["MLFLOW_TRACKING_URI"] = sandbox.uri
    return sandbox


def job(box, script, *options, key="job-1"):
    options = ["--key", key, "-a", "*.txt", *options]
    return box.exec("sh", "-c", script, options=options)


def the_run(box):
    runs = MlflowClient(box.uri).search_runs(["0"])
    assert len(runs) == 1, runs
    return runs[0]


def files(box):
    client = MlflowClient(box.uri)
    into = box.base / "got"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    client.download_artifacts(the_run(box).info.run_id, "", str(into))
    found = [p for p in into.rglob("*") if p.is_file()]
    return {str(p.relative_to(into)): p.read_text() for p in found}


def preempted(box):
    """TERM is not heeded, and so the whole job is killed."""
    script = "echo 1 >one.txt; echo 1 >both.txt; echo 1 >started; sleep 60"
    p = box.popen(
        "kmlflow", "exec", "-q", "--key", "job-1", "-a", "*.txt", "--",
        "sh", "-c", script, start_new_session=True,
    )
    wait_for(box.dir / "started")
    os.killpg(p.pid, signal.SIGKILL)
    p.wait(20)
    (spool,) = box.spools()
    return spool


def test_the_second_start_continues_the_run(box):
    assert job(box, "echo 1 >one.txt; exit 3", "-n", "train").returncode == 3
    first = the_run(box)
    assert first.data.tags["kmlflow.attempt"] == "1"
    assert first.info.status == "FAILED"
    done = job(box, "echo 2 >two.txt", "-p", "more=1")
    assert done.returncode == 0, done.stderr
    assert "run train (" in done.stderr
    run = the_run(box)
    assert run.info.run_id == first.info.run_id
    assert run.info.run_name == "train"
    assert run.info.status == "FINISHED"
    assert run.data.tags["kmlflow.attempt"] == "2"
    assert run.data.tags["kmlflow.exit_code"] == "0"
    assert run.data.tags["kmlflow.key"] == "job-1"
    assert run.data.params == {"more": "1"}
    assert files(box) == {"one.txt": "1\n", "two.txt": "2\n"}


@pytest.mark.parametrize("mode", ["online", "offline"])
def test_nothing_is_left_of_an_earlier_end(box, mode):
    assert job(box, "kill -USR1 $$").returncode == -signal.SIGUSR1
    assert the_run(box).data.tags["kmlflow.signal"] == "SIGUSR1"
    assert job(box, "exit 4", "--mode", mode).returncode == 4
    assert box.call("kmlflow", "sync").returncode == 0
    run = the_run(box)
    assert run.data.tags["kmlflow.exit_code"] == "4"
    assert "kmlflow.signal" not in run.data.tags
    assert run.info.status == "FAILED"


def test_preempted_and_started_again(box):
    preempted(box)
    assert the_run(box).info.status == "RUNNING"
    done = job(box, "echo 2 >both.txt")
    assert done.returncode == 0, done.stderr
    run = the_run(box)
    assert run.info.status == "FINISHED"
    assert run.data.tags["kmlflow.attempt"] == "2"
    assert "kmlflow.outcome" not in run.data.tags
    assert files(box) == {"one.txt": "1\n", "both.txt": "2\n"}
    assert not box.spools()


def test_what_is_found_later_changes_no_outcome(box):
    spool = preempted(box)
    away = box.base / "away"
    spool.rename(away)
    assert job(box, "echo 2 >both.txt; exit 4").returncode == 4
    before = the_run(box)
    away.rename(spool)
    done = box.call("kmlflow", "sync")
    assert done.returncode == 0, done.stderr
    assert "continued since" in done.stderr
    run = the_run(box)
    assert run.info.status == "FAILED"
    assert run.info.end_time == before.info.end_time
    assert run.data.tags == before.data.tags
    got = files(box)
    below = f"earlier-{spool.name[:8]}"
    assert got["both.txt"] == "2\n"
    assert got[f"{below}/one.txt"] == "1\n"


def test_while_the_next_start_runs(box):
    preempted(box)
    (box.dir / "started").unlink()
    p = box.popen(
        "kmlflow", "exec", "-q", "--key", "job-1", "-a", "*.txt", "--", "sh", "-c",
        "echo 1 >started; while [ ! -e go ]; do sleep 0.05; done; echo 2 >both.txt",
    )
    wait_for(box.dir / "started")
    assert box.call("kmlflow", "sync").returncode == 0
    run = the_run(box)
    assert run.info.status == "RUNNING"
    assert run.data.tags["kmlflow.attempt"] == "2"
    (box.dir / "go").touch()
    assert p.wait(20) == 0
    assert the_run(box).info.status == "FINISHED"
    assert files(box) == {"one.txt": "1\n", "both.txt": "2\n"}


@pytest.mark.parametrize("order", [[1, 2], [2, 1]])
def test_starts_without_a_store(box, order):
    for n in (1, 2):
        done = job(box, f"echo {n} >both.txt; exit {n - 1}", "--mode", "offline")
        assert done.returncode == n - 1
    spools = sorted(box.spools(), key=lambda p: (p / "lock").stat().st_mtime_ns)
    for n in order:
        done = box.call("kmlflow", "sync", spools[n - 1].name)
        assert done.returncode == 0, done.stderr
    run = the_run(box)
    assert run.info.status == "FAILED"
    assert run.data.tags["kmlflow.exit_code"] == "1"
    assert files(box)["both.txt"] == "2\n"
    if order == [1, 2]:
        assert run.data.tags["kmlflow.attempt"] == "2"
    else:
        earlier = f"earlier-{spools[0].name[:8]}/both.txt"
        assert files(box)[earlier] == "1\n"


def test_sent_twice_it_is_one_attempt(box):
    """Killed after the run was made and before that was noted."""
    assert job(box, "echo 1 >one.txt", "--mode", "offline").returncode == 0
    (spool,) = box.spools()
    shutil.copytree(spool, box.base / "copy")
    assert box.call("kmlflow", "sync").returncode == 0
    shutil.copytree(box.base / "copy", spool)
    assert box.call("kmlflow", "sync").returncode == 0
    run = the_run(box)
    assert run.data.tags["kmlflow.attempt"] == "1"
    assert run.info.status == "FINISHED"
    assert files(box) == {"one.txt": "1\n"}


def test_one_that_still_runs_is_not_joined(box):
    p = box.popen(
        "kmlflow", "exec", "-q", "--key", "job-1", "--", "sh", "-c",
        "echo 1 >started; while [ ! -e go ]; do sleep 0.05; done",
    )
    wait_for(box.dir / "started")
    done = job(box, "touch ran")
    assert done.returncode == 125
    assert "still runs here" in done.stderr
    assert not (box.dir / "ran").exists()
    (box.dir / "go").touch()
    assert p.wait(20) == 0


def test_keys_and_experiments_apart(box):
    assert job(box, "true", key="a").returncode == 0
    assert job(box, "true", key="b").returncode == 0
    assert job(box, "true", "-e", "other", key="a").returncode == 0
    client = MlflowClient(box.uri)
    other = client.get_experiment_by_name("other").experiment_id
    runs = client.search_runs(["0", other])
    assert sorted(r.data.tags["kmlflow.attempt"] for r in runs) == ["1"] * 3


def test_a_run_that_was_deleted_is_not_continued(box):
    assert job(box, "true").returncode == 0
    MlflowClient(box.uri).delete_run(the_run(box).info.run_id)
    assert job(box, "true").returncode == 0
    assert the_run(box).data.tags["kmlflow.attempt"] == "1"


def test_a_key_and_an_id_do_not_go_together(box):
    done = job(box, "true", "--run-id", "0" * 32)
    assert done.returncode == 125 and "--key" in done.stderr
