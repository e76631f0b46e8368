# SPDX-License-Identifier: MIT
"""scripts/quickstart in a checkout of its own, twice."""

import re
import time

import pytest
from support import ROOT, Sandbox, Store

pytestmark = pytest.mark.plain


def test_quickstart_twice(tmp_path, bindir):
    sandbox = Sandbox(tmp_path, bindir, ROOT)
    del sandbox.env["PATH"]
    sandbox.env["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    build = sandbox.dir / "build"
    build.mkdir()
    # What another test has downloaded already need not come again.
    (build / "venv").symlink_to(ROOT / "build" / "venv")
    store = Store(sandbox.dir / "examples/iris/mlruns")
    for count in (1, 2):
        began = time.monotonic()
        r = sandbox.call("scripts/quickstart", timeout=300)
        assert r.returncode == 0, r.stderr
        assert re.search(r"run [0-9a-f]{32} of experiment \"iris\"", r.stdout)
        assert "status FINISHED" in r.stdout
        assert "example_learning_rate = 0.01" in r.stdout
        assert "models/trained_model.pkl" in r.stdout
        assert f"{count} run(s)" in r.stdout
        runs = store.runs(tmp_path / "downloads")
        assert [run.status for run in runs] == ["FINISHED"] * count
        assert len({run.experiment for run in runs}) == 1
    assert time.monotonic() - began < 60
    assert list(sandbox.home.rglob("*")) == []
