# SPDX-License-Identifier: MIT
"""Rows 95 to 103 of docs/conformance.md: the verbs; and the table itself."""

import json
import re
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parent
TABLE = HERE.parents[1] / "docs" / "conformance.md"


@pytest.mark.parametrize("below", [".", "src/deep"])
def test_095(project, below):
    (project.dir / below).mkdir(parents=True, exist_ok=True)
    result = project.call("kmlflow", "init", cwd=project.dir / below)
    assert result.returncode == 0, result.stderr
    assert "mlflow.yml' successfully updated." in result.stdout
    assert (project.dir / "conf/local/mlflow.yml").exists()


def test_096_097(project):
    path = project.write("conf/local/mlflow.yml", "ui: {}\n")
    result = project.call("kmlflow", "init")
    assert result.returncode == 1 and "already exists" in result.stderr
    assert path.read_text() == "ui: {}\n"
    assert project.call("kmlflow", "init", "--force").returncode == 0
    assert "tracking:" in path.read_text()


def test_098(project):
    assert project.call("kmlflow", "init", "--env", "base").returncode == 0
    assert (project.dir / "conf/base/mlflow.yml").exists()
    result = project.call("kmlflow", "init", "-e", "debug")
    assert result.returncode == 1 and "No env 'debug'" in result.stderr
    assert not (project.dir / "conf/debug").exists()


def test_099(project):
    def plan():
        result = project.exec("true", options=["--dry-run", "--json"])
        told = json.loads(result.stdout)
        return {k: v for k, v in told.items() if k != "tags"}

    before = plan()
    project.call("kmlflow", "init")
    text = (project.dir / "conf/local/mlflow.yml").read_text()
    assert plan() == before
    assert yaml.safe_load(text)["tracking"]["experiment"]["name"] == "demo"


@pytest.mark.parametrize("row, options, expected", [
    (100, [], "--host 127.0.0.1 --port 5000"),
    (101, ["--host", "0.0.0.0", "--port", "5001"],
     "--host 0.0.0.0 --port 5001")])
def test_100_101(project, row, options, expected):
    project.program("mlflow", 'echo "mlflow $*"')
    if row == 101:
        project.conf(mlflow="ui:\n  host: 1.2.3.4\n  port: '7'\n")
    result = project.call("kmlflow", "ui", *options)
    assert expected in result.stdout
    assert f"--backend-store-uri file://{project.dir}/mlruns" in result.stdout


def test_102(project):
    project.program("mlflow", "echo server")
    project.program("xdg-open", 'echo "open $*"')
    project.conf(mlflow="server:\n  mlflow_tracking_uri: http://h:1\n")
    result = project.call("kmlflow", "ui")
    assert result.stdout == "open http://h:1\n"


def test_103(project, tmp_path):
    inside = project.call("kmlflow", "help")
    outside = project.call("kmlflow", "help", cwd=tmp_path)
    assert inside.stdout == outside.stdout and "init" in inside.stdout


def rows():
    found = {}
    for line in TABLE.read_text().splitlines():
        cells = [c.strip() for c in line.split("|")]
        if len(cells) > 4 and cells[1].isdigit():
            found[int(cells[1])] = cells[3].split(":")[0].split(" ")[0]
    return found


def test_the_table_is_complete():
    tested = set()
    for path in HERE.glob("test_*.py"):
        for name in re.findall(r"^def test_([0-9_]+)", path.read_text(), re.M):
            tested |= {int(n) for n in name.split("_") if n}
    table = rows()
    assert set(table) == set(range(1, 105))
    assert {n for n, s in table.items() if s in ("works", "differs")} == tested
