# SPDX-License-Identifier: MIT
"""`mlflow migrate-filestore` of the newest takes over what we wrote."""

import subprocess
import sys

import pytest
from conftest import dump


MAX = sys.float_info.max


@pytest.fixture(scope="module")
def migrated(written, tmp_path_factory):
    target = f"sqlite:///{tmp_path_factory.mktemp('db')}/mlflow.db"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mlflow", "migrate-filestore"),
            *("--source", "mlruns", "--target", target),
        ],
        cwd=written.cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def comparable(told):
    """What the migration changes by itself is made the same."""
    for run in told["runs"].values():
        # sqlite has neither infinity nor a negative zero.
        for key, text in run["metrics"].items():
            run["metrics"][key] = str(min(max(float(text), -MAX), MAX) + 0)
        for points in run["history"].values():
            for point in points:
                point[1] = str(min(max(float(point[1]), -MAX), MAX) + 0)
        # It reads values as text, and so CR LF as LF.
        for key, value in run["params"].items():
            run["params"][key] = value.replace("\r\n", "\n")
    return told


def test_sqlite_tells_the_same(migrated, written):
    before = comparable(dump("newest", written.uri, written.cwd))
    after = comparable(dump("newest", migrated, written.cwd))
    assert after["experiments"] == before["experiments"]
    assert set(after["runs"]) == set(before["runs"])
    for run_id, run in before["runs"].items():
        assert after["runs"][run_id] == run
