# SPDX-License-Identifier: MIT
"""Runs on a server that nobody has ended."""

import json
import os
import signal
import time

from conftest import artifacts, the_run
from mlflow.tracking import MlflowClient


def test_runs_on_a_server_are_ended(server, make_box, experiment, tmp_path):
    box = make_box(server.url)
    script = "echo x >f; echo $$ >pid.tmp; mv pid.tmp pid; sleep 60"
    p = box.popen(
        "kmlflow", "exec", "-q", "-e", experiment, "-a", "f", "--", "sh", "-c", script
    )
    end = time.monotonic() + 30
    while not (box.dir / "pid").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    # A tag of its own: other tests share the server and this host.
    client = MlflowClient(server.url)
    run = the_run(server.url, experiment)
    client.set_tag(run.info.run_id, "kmlflow.host", experiment)
    options = ["--json", "--host", experiment]
    while not (box.spools()[0] / "child").exists():
        assert time.monotonic() < end
    p.send_signal(signal.SIGKILL)
    p.wait(20)
    done = box.call("kmlflow", "gc", *options)
    assert json.loads(done.stdout)["alive"] == 1, done.stderr
    os.kill(int((box.dir / "pid").read_text()), signal.SIGKILL)
    told = {"alive": 1}
    while told["alive"]:
        assert time.monotonic() < end
        done = box.call("kmlflow", "gc", *options)
        told = json.loads(done.stdout)
    assert told == {"ended": 1, "alive": 0, "unknown": 0, "failed": 0}
    run = the_run(server.url, experiment)
    assert run.info.status == "KILLED"
    assert artifacts(server.url, run.info.run_id, tmp_path / "got") == {"f": b"x\n"}
    assert not box.spools()
    done = box.call("kmlflow", "gc", *options)
    assert json.loads(done.stdout)["ended"] == 0
