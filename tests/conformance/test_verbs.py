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


def listed(project, *options, **kw):
    """Key -> (value, origin)."""
    result = project.call("kmlflow", "config", "list", "--show-origin",
                          *options, **kw)
    assert result.returncode == 0, result.stderr
    found = {}
    for line in result.stdout.splitlines():
        key, _, rest = line.partition(" = ")
        assert key not in found
        value, _, origin = rest.partition("  # ")
        found[key] = (value, origin)
    return found


def test_config_list_tells_files(project):
    project.conf(mlflow="tracking:\n  run:\n    name: there\n",
                 parameters="a: 1\nb: {c: 2}\napi_key: secret\n",
                 local_parameters="a: ${runtime_params:x, 3}\n")
    told = listed(project)
    assert told["env"] == ("local", "built in, or by settings.py")
    assert told["mlflow.tracking.run.name"] == (
        "there", "conf/base/mlflow.yml:3")
    assert told["mlflow.tracking.experiment.name"] == (
        "demo", "the package's name")
    assert told["mlflow.server.mlflow_tracking_uri"] == (
        f"file://{project.dir}/mlruns", "built in")
    assert told["parameters.a"] == ("3", "conf/local/parameters.yml:1")
    assert told["parameters.b.c"] == ("2", "conf/base/parameters.yml:2")
    assert told["parameters.api_key"] == ("***", "conf/base/parameters.yml:3")


def test_config_list_tells_variables_and_flags(project):
    project.conf(mlflow="mlflow_tracking_uri: http://u:secret@h\n"
                        "experiment: {name: there}\n",
                 parameters="a: 1\nb: 2\n")
    (project.dir / "conf/prod").mkdir()
    project.write("more.yml", "b: 7\n")
    env = {"KEDRO_ENV": "prod", "KMLFLOW_TRACKING_URI": "http://u:pw@other",
           "MLFLOW_TRACKING_URI": "http://nobody", "KMLFLOW_RUN_NAME": "v",
           "KMLFLOW_EXPERIMENT": "v", "KMLFLOW_STRICT": "1",
           "MLFLOW_RUN_ID": "ab" * 16}
    told = listed(project, "--experiment", "f", "-p", "a=5", "-p", "new=6",
                  "-P", "more.yml", env=env)
    assert told["env"] == ("prod", "KEDRO_ENV")
    assert told["exec.strict"] == ("1", "KMLFLOW_STRICT")
    assert told["mlflow.mlflow_tracking_uri"] == (
        "http://other", "KMLFLOW_TRACKING_URI, over conf/base/mlflow.yml:1")
    assert told["mlflow.experiment.name"] == (
        "f", "--experiment, over conf/base/mlflow.yml:2")
    assert told["mlflow.run.name"] == ("v", "KMLFLOW_RUN_NAME")
    assert told["mlflow.run.id"] == ("ab" * 16, "MLFLOW_RUN_ID")
    assert told["parameters.a"] == (
        "5", "--param, over conf/base/parameters.yml:1")
    assert told["parameters.b"] == ("7", "more.yml:1")
    assert told["parameters.new"] == ("6", "--param")
    told = listed(project, "-e", "local", "--run-name=n", "--run-id=i",
                  env=env)
    assert told["env"] == ("local", "--env")
    assert told["mlflow.run.name"] == ("n", "--run-name")
    assert told["mlflow.run.id"] == ("i", "--run-id")


def test_config_list_as_json(project):
    project.conf(mlflow="tracking:\n  run:\n    name: there\n")
    result = project.call("kmlflow", "config", "list", "--json", "-n", "mine")
    told = json.loads(result.stdout)
    assert told["mlflow.tracking.run.name"] == {
        "value": "mine", "by": "--run-name",
        "over": {"file": "conf/base/mlflow.yml", "line": 3, "column": 11}}


def test_config_list_is_what_exec_does(project):
    """What is listed counts: the plan of exec has the same values."""
    project.conf(mlflow="tracking:\n  run:\n    name: there\n",
                 parameters="a: 1\n")
    env = {"KMLFLOW_EXPERIMENT": "v", "MLFLOW_TRACKING_URI": "elsewhere"}
    told = listed(project, "-p", "z=9", env=env)
    plan = json.loads(project.exec(
        "true", options=["--dry-run", "--json", "-p", "z=9"], env=env).stdout)
    assert plan["run_name"] == told["mlflow.tracking.run.name"][0]
    assert plan["experiment_name"] == told[
        "mlflow.tracking.experiment.name"][0] == "v"
    assert plan["tracking_uri"] == told["mlflow.server.mlflow_tracking_uri"][0]
    assert plan["params"] == {"a": told["parameters.a"][0],
                              "z": told["parameters.z"][0]}


def test_config_check(project):
    project.conf(parameters="a: 1\n")
    good = project.call("kmlflow", "config", "check")
    assert good.returncode == 0
    assert good.stdout == f"{project.dir}: 0 declared, 1 param, 0 warnings\n"
    (project.dir / "conf/base/catalog.yml").unlink()
    bad = project.call("kmlflow", "config", "check")
    assert bad.returncode == 1 and bad.stdout == ""
    assert "conf/base: has no catalog.yml" in bad.stderr


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
