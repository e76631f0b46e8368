# SPDX-License-Identifier: MIT
"""What is not recorded yet: looked at, thrown away, sent when it can be."""

import json
import signal
import subprocess
import time

import pytest
from test_outcome import wait_for


def offline(box, name, *argv, **kw):
    options = ["--mode", "offline", "-n", name, "-a", "out.txt"]
    script = ["sh", "-c", f"echo {name} >out.txt"]
    done = box.exec(*(argv or script), options=options, **kw)
    assert done.returncode == 0, done.stderr


def listed(box, *options):
    done = box.call("kmlflow", "spool", "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    return {s["run_name"]: s for s in json.loads(done.stdout)}


def names(box):
    return sorted(run.name for run in box.runs())


def test_list_and_show(sandbox):
    offline(sandbox, "one")
    offline(sandbox, "two")
    found = listed(sandbox)
    assert list(found) == ["one", "two"]  # the oldest first
    one = found["one"]
    assert one["state"] == "waiting"
    assert one["status"] == "FINISHED"
    assert one["files"] == 1 and one["bytes"] == 4
    assert one["run_id"] is None
    done = sandbox.call("kmlflow", "spool", "list")
    assert "two" in done.stdout.splitlines()[2]
    name = one["spool"].rsplit("/", 1)[1]
    done = sandbox.call("kmlflow", "spool", "show", name[:12])
    assert done.returncode == 0
    assert "1 to be sent, 4 bytes" in done.stdout
    assert sandbox.call("kmlflow", "sync").returncode == 0
    assert listed(sandbox) == {}
    done = sandbox.call("kmlflow", "spool")
    assert "everything is recorded" in done.stderr


def test_one_that_runs_and_one_that_was_interrupted(sandbox):
    sandbox.write("job.sh", "echo 1 >started; while [ ! -e go ]; do sleep 0.05; done")
    p = sandbox.popen("kmlflow", "exec", "-qn", "job", "--", "sh", "job.sh")
    wait_for(sandbox.dir / "started")
    assert listed(sandbox)["job"]["state"] == "running"
    (spool,) = sandbox.spools()
    done = sandbox.call("kmlflow", "spool", "remove", spool.name)
    assert done.returncode == 1 and spool.exists()
    wait_for(spool / "child")
    p.send_signal(signal.SIGKILL)
    p.wait(20)
    # Its command still runs.
    assert listed(sandbox)["job"]["state"] == "running"
    (sandbox.dir / "go").touch()
    end = time.monotonic() + 20
    while listed(sandbox)["job"]["state"] == "running":
        assert time.monotonic() < end
    job = listed(sandbox)["job"]
    assert job["state"] == "interrupted"
    assert job["run_id"] and job["files"] == -1


def test_remove(sandbox):
    offline(sandbox, "one")
    offline(sandbox, "two")
    found = listed(sandbox)
    name = found["one"]["spool"].rsplit("/", 1)[1]
    assert sandbox.call("kmlflow", "spool", "remove").returncode == 2
    done = sandbox.call("kmlflow", "spool", "remove", "0" * 32)
    assert done.returncode == 1
    assert sandbox.call("kmlflow", "spool", "remove", name).returncode == 0
    assert list(listed(sandbox)) == ["two"]
    assert sandbox.call("kmlflow", "sync").returncode == 0
    assert names(sandbox) == ["two"]


@pytest.mark.parametrize("words", [["lst"], ["show"], ["list", "x"]])
def test_what_is_not_a_verb(sandbox, words):
    assert sandbox.call("kmlflow", "spool", *words).returncode == 2


def test_dry_run_sends_nothing(sandbox):
    offline(sandbox, "one")
    done = sandbox.call("kmlflow", "sync", "--dry-run")
    assert done.returncode == 0
    assert "one" in done.stdout and "waiting" in done.stdout
    assert "1 sent" in done.stderr
    done = sandbox.call("kmlflow", "sync", "--dry-run", "--json")
    assert json.loads(done.stdout) == {"sent": 1, "waiting": 0, "failed": 0}
    assert not sandbox.store.path.exists()
    assert len(sandbox.spools()) == 1


def test_all_finds_other_projects(sandbox):
    other = sandbox.base / "other"
    other.mkdir()
    store = {"MLFLOW_TRACKING_URI": str(sandbox.store.path)}
    offline(sandbox, "here")
    offline(sandbox, "there", cwd=other, env=store)
    assert list(listed(sandbox)) == ["here"]
    assert set(listed(sandbox, "--all")) == {"here", "there"}
    done = sandbox.call("kmlflow", "sync", "--all", cwd=sandbox.home)
    assert done.returncode == 0, done.stderr
    assert names(sandbox) == ["here", "there"]
    # Nothing is left to remember.
    assert listed(sandbox, "--all") == {}
    assert list(sandbox.home.iterdir()) == []


def test_a_home_that_cannot_be_written_to(sandbox):
    done = sandbox.exec("true", env={"HOME": "/proc/nowhere"})
    assert done.returncode == 0
    assert "warning" not in done.stderr


def test_watch(sandbox):
    """It sends what is there and what comes, and outlives what fails."""
    offline(sandbox, "one")
    (spool,) = sandbox.spools()
    record = json.loads((spool / "run.json").read_text())
    record["tracking_uri"] = "/dev/null/store"
    (spool / "run.json").write_text(json.dumps(record))
    p = sandbox.popen("kmlflow", "sync", "--watch", stderr=subprocess.PIPE)
    time.sleep(1)
    offline(sandbox, "two")
    end = time.monotonic() + 20
    while not sandbox.store.path.exists() or names(sandbox) != ["two"]:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert p.poll() is None
    record["tracking_uri"] = str(sandbox.store.path)
    (spool / "run.json").write_text(json.dumps(record))
    while sandbox.spools():
        assert time.monotonic() < end
        time.sleep(0.2)
    p.terminate()
    _, told = p.communicate(timeout=20)
    assert names(sandbox) == ["one", "two"]
    assert "again in 2 s" in told
