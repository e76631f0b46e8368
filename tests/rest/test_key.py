# SPDX-License-Identifier: MIT
"""A job that is started again continues its run on a server."""

import json

from conftest import artifacts, the_run
from server import Server


def job(box, experiment, script):
    options = ["-e", experiment, "--key", "it's job 7", "-a", "*.txt"]
    return box.exec("sh", "-c", script, options=options)


def test_one_run_for_all_starts(server, make_box, experiment, tmp_path):
    box = make_box(server.url)
    assert job(box, experiment, "echo 1 >a.txt; kill -9 $$").returncode == -9
    # The second has no server, and the third has one again.
    gone = Server(server.url)
    gone.stop()
    box.env["MLFLOW_TRACKING_URI"] = gone.url
    assert job(box, experiment, "echo 2 >b.txt; exit 4").returncode == 4
    (spool,) = box.spools()
    record = json.loads((spool / "run.json").read_text())
    record["tracking_uri"] = server.url
    (spool / "run.json").write_text(json.dumps(record))
    assert box.call("kmlflow", "sync").returncode == 0
    run = the_run(server.url, experiment)
    assert run.data.tags["kmlflow.attempt"] == "2"
    assert run.info.status == "FAILED"
    box.env["MLFLOW_TRACKING_URI"] = server.url
    done = job(box, experiment, "echo 3 >c.txt")
    assert done.returncode == 0, done.stderr
    run = the_run(server.url, experiment)
    assert run.data.tags["kmlflow.attempt"] == "3"
    assert run.info.status == "FINISHED"
    assert "kmlflow.signal" not in run.data.tags
    got = artifacts(server.url, run.info.run_id, tmp_path / "got")
    assert sorted(got) == ["a.txt", "b.txt", "c.txt"]
