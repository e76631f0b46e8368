# SPDX-License-Identifier: MIT
"""The installed program: a run in a project, its artifacts elsewhere."""

import json
import os
import subprocess

import pytest
from driven import ROOT

CATALOG = """\
result:
  type: text.TextDataset
  filepath: data/result.txt
  metadata:
    kmlflow:
      artifact: true
"""
WRITE = ["sh", "-c", "echo of the run > data/result.txt"]


@pytest.fixture(scope="module")
def bindir(tmp_path_factory):
    given = os.environ.get("KMLFLOW_TEST_BINDIR")
    if given:
        return given
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(
        ["make", "-s", "install", f"PREFIX={prefix}"], cwd=ROOT, check=True
    )
    return str(prefix / "bin")


class Project:
    def __init__(self, client, root, bindir):
        self.client = client
        self.root = root
        (root / "conf/base").mkdir(parents=True)
        (root / "data").mkdir()
        (root / "pyproject.toml").write_text(
            '[tool.kedro]\npackage_name = "demo"\n'
        )
        (root / "conf/base/catalog.yml").write_text(CATALOG)
        client.env["PATH"] = f"{bindir}:{client.env['PATH']}"
        client.env["MLFLOW_TRACKING_URI"] = str(root / "mlruns")

    def artifacts_to(self, uri, experiment="elsewhere"):
        (self.root / "conf/base/mlflow.yml").write_text(
            "tracking:\n"
            "  experiment:\n"
            f"    name: {experiment}\n"
            "    create_experiment_kwargs:\n"
            f"      artifact_location: {uri}\n"
        )

    def kmlflow(self, *words, **env):
        done = subprocess.run(
            ["kmlflow", *words],
            cwd=self.root, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL, env={**self.client.env, **env},
        )
        self.client.said += done.stdout + done.stderr
        return done

    def exec(self, **env):
        """The run's id, and what was said."""
        report = self.root / "report.json"
        done = self.kmlflow("exec", "--report", report, "--", *WRITE, **env)
        assert done.returncode == 0, done.stderr
        return json.loads(report.read_text())["run_id"], done.stderr

    def holds(self, secret: str) -> list:
        """The files with that in them."""
        return [
            p for p in self.root.rglob("*")
            if p.is_file() and secret.encode() in p.read_bytes()
        ]


@pytest.fixture
def project(tmp_path, client, bindir):
    return Project(client, tmp_path / "project", bindir)
