# SPDX-License-Identifier: MIT
"""Small Kedro projects, driven by the installed program as a black box."""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
for name in [n for n in os.environ if n.startswith(("MLFLOW_", "KMLFLOW_"))]:
    if name != "KMLFLOW_TEST_BINDIR":
        del os.environ[name]
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import subprocess  # noqa: E402

from support import ROOT, Sandbox, Store  # noqa: E402

ARTIFACT = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"
METRICS = "kedro_mlflow.io.metrics."


class Project(Sandbox):
    """With a program called kedro that does what $DO says."""

    def __init__(self, base, bindir):
        super().__init__(base, bindir)
        del self.env["MLFLOW_TRACKING_URI"]
        self.write("pyproject.toml", '[tool.kedro]\npackage_name = "demo"\n')
        (self.dir / "conf" / "base").mkdir(parents=True)
        (self.dir / "conf" / "local").mkdir()
        self.write("conf/base/catalog.yml", "{}\n")  # Kedro wants one
        self.program("kedro", 'eval "${DO:-true}"')

    def program(self, name, script):
        bin_ = self.base / "bin"
        bin_.mkdir(exist_ok=True)
        (bin_ / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin_ / name).chmod(0o755)
        if str(bin_) not in self.env["PATH"]:
            self.env["PATH"] = f"{bin_}:{self.env['PATH']}"

    def conf(self, **files):
        """base(mlflow="…") writes conf/base/mlflow.yml; local_x for local."""
        for name, text in files.items():
            env, _, rest = name.rpartition("_") if "_" in name else (
                "base", "", name)
            self.write(f"conf/{env}/{rest}.yml", text)
        return self

    def catalog(self, *entries):
        self.conf(catalog="\n".join(entries) + "\n")
        return self

    def sh(self, script="true", *options, ok=0, **kw):
        result = self.exec("sh", "-c", script, options=options, **kw)
        assert result.returncode == ok, result.stderr
        return result

    def kedro(self, *options, do="true", ok=0):
        result = self.exec("kedro", "run", *options, env={"DO": do})
        assert result.returncode == ok, result.stderr
        return result

    def refused(self, *words, message="", script="touch started"):
        result = self.exec("sh", "-c", script)
        assert result.returncode == 125, result.stderr
        assert re.search(message, result.stderr), result.stderr
        assert not (self.dir / "started").exists()
        return result

    def at(self, name):
        return Store(self.dir / name)

    def history(self, run, key):
        return [(m.value, m.step) for m in
                self.store.client().get_metric_history(run.id, key)]


@pytest.fixture(scope="session")
def bindir(tmp_path_factory):
    given = os.environ.get("KMLFLOW_TEST_BINDIR")
    if given:
        return Path(given).resolve()
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(["make", "-s", "install", f"PREFIX={prefix}"], cwd=ROOT,
                   check=True)
    return prefix / "bin"


@pytest.fixture
def project(tmp_path, bindir):
    return Project(tmp_path, bindir)


def wrapped(name, path, type_="pandas.CSVDataset", extra="", inner=""):
    return (f"{name}:\n  type: {ARTIFACT}\n{extra}"
            f"  dataset: {{type: {type_}, filepath: {path}{inner}}}")
