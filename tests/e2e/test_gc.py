# SPDX-License-Identifier: MIT
"""Runs that stayed RUNNING because nobody was left to end them."""

import json
import os
import shutil
import signal
import time

import pytest
from mlflow.tracking import MlflowClient
from test_outcome import wait_for

JOB = "echo x >out.txt; echo 1 >started; while [ ! -e go ]; do sleep 0.05; done"


@pytest.fixture(params=["directory", "sqlite"])
def box(request, sandbox):
    sandbox.uri = str(sandbox.store.path)
    if request.param == "sqlite":
        sandbox.uri = f"sqlite:///{sandbox.dir / 'runs.db'}"
    sandbox.env["MLFLOW_TRACKING_URI"] = sandbox.uri
    return sandbox


def client(box):
    return MlflowClient(box.uri)


def the_run(box):
    found = client(box).search_runs(["0"])
    assert len(found) == 1
    return found[0]


def start(box, *options):
    p = box.popen(
        "kmlflow", "exec", "-q", "-a", "out.txt", *options, "--", "sh", "-c", JOB
    )
    wait_for(box.dir / "started")
    return p


def kill_all(box, p):
    """kmlflow, and then its command."""
    (spool,) = box.spools()
    wait_for(spool / "child")
    pid = int((spool / "child").read_text().split()[0])
    p.send_signal(signal.SIGKILL)
    p.wait(20)
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < end
        time.sleep(0.02)


def gc(box, *options):
    done = box.call("kmlflow", "gc", "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def count(ended=0, alive=0, unknown=0):
    return {"ended": ended, "alive": alive, "unknown": unknown, "failed": 0}


def change_tag(box, **words):
    """The run was begun by another process: replaces words of its tag."""
    run = the_run(box)
    tag = run.data.tags["kmlflow.process"].split()
    for name, value in words.items():
        tag[["pid", "start", "boot", "space", "machine"].index(name)] = value
    client(box).set_tag(run.info.run_id, "kmlflow.process", " ".join(tag))


def test_the_spool_tells_the_truth(box):
    p = start(box)
    kill_all(box, p)
    assert gc(box, "--dry-run") == count(ended=1)
    assert the_run(box).info.status == "RUNNING"
    assert gc(box) == count(ended=1)
    run = the_run(box)
    assert run.info.status == "KILLED" and run.info.end_time
    assert "kmlflow was killed" in run.data.tags["kmlflow.outcome"]
    names = [a.path for a in client(box).list_artifacts(run.info.run_id)]
    assert names == ["out.txt"]
    assert not box.spools()
    assert gc(box) == count()


def test_an_outcome_that_was_seen_is_the_outcome(box):
    """Killed after CMD's end and before the store knew of it."""
    p = start(box)
    (spool,) = box.spools()
    kill_all(box, p)
    now = int(time.time() * 1000)
    outcome = {"exit_code": 3, "signal": 0, "start_time": now, "end_time": now}
    (spool / "outcome.json").write_text(json.dumps(outcome))
    assert gc(box) == count(ended=1)
    run = the_run(box)
    assert run.info.status == "FAILED"
    assert run.data.tags["kmlflow.exit_code"] == "3"


def test_without_a_spool_it_is_killed(box):
    p = start(box)
    kill_all(box, p)
    (spool,) = box.spools()
    shutil.rmtree(spool)
    assert gc(box) == count(ended=1)
    run = the_run(box)
    assert run.info.status == "KILLED" and run.info.end_time
    assert "so is its spool" in run.data.tags["kmlflow.outcome"]


def test_what_runs_is_left_alone(box):
    p = start(box)
    assert gc(box) == count(alive=1)
    # Also where kmlflow is gone and its command is not.
    wait_for(box.spools()[0] / "child")
    p.send_signal(signal.SIGKILL)
    p.wait(20)
    assert gc(box) == count(alive=1)
    assert the_run(box).info.status == "RUNNING"
    (box.dir / "go").touch()
    end = time.monotonic() + 20
    while gc(box) != count(ended=1):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_cannot_be_seen_is_left_alone(box):
    p = start(box)
    kill_all(box, p)
    for word in ("machine", "space"):
        was = the_run(box).data.tags["kmlflow.process"]
        change_tag(box, **{word: "1"})
        assert gc(box) == count(unknown=1)
        client(box).set_tag(the_run(box).info.run_id, "kmlflow.process", was)
    # Another host's runs are not even looked at, unless it is said to be gone.
    client(box).set_tag(the_run(box).info.run_id, "kmlflow.host", "elsewhere")
    assert gc(box) == count()
    assert gc(box, "--host", "elsewhere") == count(ended=1)
    assert the_run(box).info.status == "KILLED"


def test_a_boot_that_is_over(box):
    p = start(box)
    kill_all(box, p)
    (spool,) = box.spools()
    shutil.rmtree(spool)
    change_tag(box, boot="00000000-0000-0000-0000-000000000000")
    assert gc(box) == count(ended=1)
    assert the_run(box).info.status == "KILLED"


def test_a_number_that_was_given_again(box):
    p = start(box)
    kill_all(box, p)
    change_tag(box, pid=str(os.getpid()))
    assert gc(box) == count(ended=1)


def test_somebody_else_s_run_is_not_ours_to_end(box):
    """One that an exec has joined says nothing of who runs it."""
    run = client(box).create_run("0")
    box.env["MLFLOW_RUN_ID"] = run.info.run_id
    assert box.exec("true").returncode == 0
    tags = the_run(box).data.tags
    assert "kmlflow.host" in tags and "kmlflow.process" not in tags
    assert gc(box) == count(unknown=1)
    assert gc(box, "--host", tags["kmlflow.host"]) == count(unknown=1)
    assert the_run(box).info.status == "RUNNING"


def test_no_store_at_all(box):
    assert gc(box) == count()
    assert not box.store.path.exists()
