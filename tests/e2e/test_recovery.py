# SPDX-License-Identifier: MIT
"""kmlflow itself is killed, or its store is away: sync finishes, once."""

import os
import signal
import time

from test_outcome import wait_for


def killed_in_the_middle(project):
    """SIGKILL to kmlflow while CMD runs; CMD then ends by itself."""
    project.write(
        "job.sh",
        "echo early >data/result.txt\necho $PPID >ppid.tmp\nmv ppid.tmp ppid\n"
        "while [ ! -e go ]; do sleep 0.05; done\necho over >over\n",
    )
    p = project.popen("kmlflow", "exec", "-q", "--", "sh", "job.sh")
    wait_for(project.dir / "ppid")
    os.kill(p.pid, signal.SIGKILL)
    assert p.wait(20) == -signal.SIGKILL
    (project.dir / "go").touch()
    wait_for(project.dir / "over")


def test_sync_publishes_what_a_killed_exec_left(project):
    killed_in_the_middle(project)
    deadline = time.monotonic() + 20
    while project.spools() and time.monotonic() < deadline:
        time.sleep(0.1)  # the command ends, and is waited for, by itself
        r = project.call("kmlflow", "sync")
        assert r.returncode == 0, r.stderr
    run = project.run()
    assert run.artifacts == {"result.txt": b"early\n"}
    assert run.params["alpha"] == "0.5"
    assert run.status in ("FAILED", "KILLED")
    assert run.end_time
    before = repr(run)
    assert project.call("kmlflow", "sync").returncode == 0
    assert repr(project.run()) == before


def test_sync_leaves_a_running_exec_alone(project):
    project.write("job.sh", "echo 1 >started; while [ ! -e go ]; do sleep 0.05; done")
    p = project.popen("kmlflow", "exec", "-q", "--", "sh", "job.sh")
    wait_for(project.dir / "started")
    r = project.call("kmlflow", "sync")
    assert r.returncode == 0, r.stderr
    assert project.run().status == "RUNNING"
    (project.dir / "go").touch()
    assert p.wait(20) == 0
    assert project.run().status == "FINISHED"


def test_store_away_at_the_end_then_synced(project):
    script = "echo x >data/result.txt; mv mlruns away; touch mlruns"
    r = project.exec("sh", "-c", script)
    assert r.returncode == 0
    assert "kmlflow: " in r.stderr and "sync" in r.stderr
    (project.dir / "mlruns").unlink()
    (project.dir / "away").rename(project.dir / "mlruns")
    r = project.call("kmlflow", "sync")
    assert r.returncode == 0, r.stderr
    run = project.run()
    assert run.status == "FINISHED"
    assert run.artifacts == {"result.txt": b"x\n"}


def test_a_published_spool_leaves_nothing_behind(project):
    assert project.exec("sh", "-c", "echo x >data/result.txt").returncode == 0
    assert project.spools() == []


def test_spools_are_private(project):
    r = project.exec("sh", "-c", 'stat -c %a "$KMLFLOW_SPOOL"; cat .kmlflow/.gitignore')
    assert r.stdout.splitlines()[0] == "700"
    assert "*" in r.stdout.splitlines()[1:]
