# SPDX-License-Identifier: MIT
"""A declared file that changes while CMD runs, and not by CMD."""

import json
import subprocess
import sys
import time

import pytest

# Opens a file for appending, and writes to it once a second file is there.
WRITER = """
import os, sys, time
f = open(sys.argv[1], "a")
print("open", flush=True)
while True:
    if os.path.exists(sys.argv[2]):
        f.write("theirs\\n"); f.flush()
        open(sys.argv[2] + ".done", "w").close()
        break
    time.sleep(0.01)
time.sleep(600)
"""
# Lets the writer write, and waits for it.
GO = ": >go; while ! [ -e go.done ]; do sleep 0.02; done; "


@pytest.fixture
def stranger(sandbox):
    """A process that is not of the run has out/log.txt open all the time."""
    (sandbox.dir / "out").mkdir()
    argv = [sys.executable, "-c", WRITER, "out/log.txt", "go"]
    p = subprocess.Popen(argv, cwd=sandbox.dir, stdout=subprocess.PIPE, text=True)
    assert p.stdout.readline() == "open\n"
    time.sleep(0.05)
    yield p
    p.kill()
    p.wait()


def explained(sandbox):
    r = sandbox.call("kmlflow", "explain", "--json")
    return json.loads(r.stdout)["files"]


def test_it_is_not_captured(sandbox, stranger):
    r = sandbox.exec(
        "sh", "-c", GO + "echo ours >out/a.txt", options=["-a", "out/*.txt"]
    )
    assert r.returncode == 0 and "log.txt" not in r.stderr
    run = sandbox.run()
    assert set(run.artifacts) == {"a.txt"}
    assert run.kmlflow("capture") == "complete"


def test_it_is_said_where_it_is_declared_by_name(sandbox, stranger):
    sandbox.exec("sh", "-c", GO, options=["-a", "out/log.txt"])
    assert sandbox.run().artifacts == {}
    (f,) = explained(sandbox)
    assert f["fate"] == "missing"
    assert f["reason"].startswith(f"written by process {stranger.pid} (")
    assert f["reason"].endswith("which is not of this run")


def test_what_we_have_written_too_is_ours(sandbox, stranger):
    script = GO + "echo ours >>out/log.txt"
    sandbox.exec("sh", "-c", script, options=["-a", "out/*.txt"])
    run = sandbox.run()
    assert run.artifacts["log.txt"] == b"theirs\nours\n"


def test_where_one_of_ours_was_blind_it_may_be_ours(sandbox, stranger):
    script = GO + "busybox true"
    sandbox.exec("sh", "-c", script, options=["-a", "out/*.txt"])
    run = sandbox.run()
    assert set(run.artifacts) == {"log.txt"}
    assert run.kmlflow("capture").startswith("partial: ")


def test_a_file_that_cmd_was_given_open_is_ours(sandbox):
    """The shell around has it open as well as CMD."""
    (sandbox.dir / "out").mkdir()
    script = "exec >out/log.txt; kmlflow exec -q -a 'out/*.txt' -- echo ours; :"
    assert sandbox.call("sh", "-c", script).returncode == 0
    assert sandbox.run().artifacts == {"log.txt": b"ours\n"}


@pytest.mark.parametrize(
    "touch", ["chmod 600 out/a.txt", "ln out/a.txt name", "cp -al out copy"]
)
def test_rights_and_names_are_no_content(sandbox, touch):
    """They change the inode's time, and that alone."""
    sandbox.write("out/a.txt", "before")
    time.sleep(0.05)
    script = f"{touch}; echo new >out/b.txt"
    sandbox.exec("sh", "-c", script, options=["-a", "out/*.txt"])
    run = sandbox.run()
    assert set(run.artifacts) == {"b.txt"}
    assert run.kmlflow("capture") == "complete"


def test_content_under_an_older_time(sandbox):
    """A static program sets the time back to what it was: it is taken."""
    path = sandbox.write("out/a.txt", "before")
    time.sleep(0.05)
    when = path.stat()
    script = "echo after. | busybox dd of=out/a.txt conv=notrunc bs=6 count=1;"
    script += f"busybox touch -d @{int(when.st_mtime)} out/a.txt"
    sandbox.exec("sh", "-c", script, options=["-a", "out/*.txt"])
    assert sandbox.run().artifacts == {"a.txt": b"after."}
    sandbox.exec("busybox", "chmod", "600", "out/a.txt", options=["-a", "out/*"])
    assert [set(r.artifacts) for r in sandbox.runs()] == [{"a.txt"}, {"a.txt"}]
