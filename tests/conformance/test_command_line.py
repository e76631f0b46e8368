# SPDX-License-Identifier: MIT
"""What Kedro reads from its command line, kmlflow reads from CMD's."""

import ast
import os
import re

import pytest

RUN_YML = """\
run:
  env: prod
  pipelines: p2
  tags: t1
  params: {a: 7, b: {c: [1, 2]}, d: 1e3}
"""

REGISTRY = """\
from pathlib import Path
from kedro.pipeline import Node, Pipeline

def note(parameters):
    Path("told.txt").write_text(repr(parameters))
    return "x"

def register_pipelines():
    p = Pipeline([Node(note, "parameters", "out", name="n", tags=["t1"])])
    return {"__default__": p, "p2": p}
"""

MAIN = """\
from kedro.framework.cli.utils import find_run_command
from kedro.framework.project import configure_project

def main():
    configure_project("demo")
    find_run_command("demo")()

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def kedro(project):
    """A project that the real Kedro runs, and that tells its parameters."""
    (project.base / "bin/kedro").unlink()
    project.use_venv("kedro")
    version = project.call("python", "-c", "import kedro; "
                           "print(kedro.__version__)").stdout.strip()
    project.write("pyproject.toml", "[tool.kedro]\n"
                  'package_name = "demo"\nproject_name = "demo"\n'
                  f'kedro_init_version = "{version}"\n')
    project.write("src/demo/__init__.py", "")
    project.write("src/demo/settings.py", "")
    project.write("src/demo/pipeline_registry.py", REGISTRY)
    project.write("src/demo/__main__.py", MAIN)
    project.write("run.yml", RUN_YML)
    project.conf(parameters="a: 1\nz: base\n", catalog="{}\n")
    project.write("conf/prod/parameters.yml", "z: prod\n")
    return project


def same(project, *cmd, env=None):
    """One run: what Kedro told of the parameters is what was recorded."""
    result = project.exec(*cmd, env=env or {})
    assert result.returncode == 0, result.stdout + result.stderr
    told = ast.literal_eval((project.dir / "told.txt").read_text())
    run = project.run()
    assert run.params == {k: str(v) for k, v in told.items()}
    return run, told


def test_config(kedro):
    run, told = same(kedro, "kedro", "run", "--config", "run.yml")
    assert told == {"a": 7, "z": "prod", "b": {"c": [1, 2]}, "d": 1000.0}
    assert run.name == "p2"
    assert run.tags["env"] == "prod"
    assert run.tags["tags"] == "('t1',)"
    assert run.tags["runtime_params"] == str(
        {"a": 7, "b": {"c": [1, 2]}, "d": 1000.0})
    assert run.tags["kedro_command"] == "kedro run --pipeline=p2 --tag=t1"


def test_the_command_line_is_over_the_file(kedro):
    run, told = same(kedro, "kedro", "run", "-c", "run.yml", "--params",
                     "a=8", "-e", "local", "--pipelines=__default__")
    assert told == {"a": 8, "z": "base"}
    assert run.name == "__default__" and run.tags["env"] == "local"


def test_a_package_by_its_module(kedro):
    run, told = same(kedro, "python", "-m", "demo", "--params", "a=9",
                     "--env=prod", env={"PYTHONPATH": "src"})
    assert told == {"a": 9, "z": "prod"}
    assert run.name == "__default__"


def test_a_package_elsewhere(kedro):
    """conf/ beside the caller, the sources in another directory."""
    sources = kedro.base / "sources"
    os.rename(kedro.dir / "src", sources)
    (kedro.dir / "pyproject.toml").unlink()
    kedro.write("run.yml", RUN_YML.replace("run:", "python -m demo:"))
    run, told = same(kedro, "python", "-m", "demo", "--config", "run.yml",
                     env={"PYTHONPATH": str(sources)})
    assert told["a"] == 7 and told["z"] == "prod"
    assert (run.experiment, run.name) == ("demo", "p2")


def test_a_package_by_its_script(kedro):
    python = kedro.call("sh", "-c", "command -v python").stdout.strip()
    path = kedro.base / "bin" / "demo-run"
    path.write_text(f"#!{python}\nimport sys\nfrom demo.__main__ import main\n"
                    "sys.exit(main())\n")
    path.chmod(0o755)
    kedro.write("run.yml", RUN_YML.replace("run:", "demo-run:"))
    run, told = same(kedro, "demo-run", "--config", "run.yml",
                     env={"PYTHONPATH": "src"})
    assert told["a"] == 7 and run.name == "p2"


def test_any_other_module_is_its_own(project):
    project.write("train.py", "import sys; print(sys.argv[1:])\n")
    result = project.exec("python3", "-m", "train", "--env", "prod",
                          "--params", "a=1")
    assert result.returncode == 0, result.stderr
    assert "['--env', 'prod', '--params', 'a=1']" in result.stdout
    assert "kedro_command" not in project.run().tags


@pytest.mark.parametrize("text, message", [
    ("run: {from_node: x}\n", "run.yml:1.*'from_node'.*'from_nodes'"),
    ("runs: {}\n", "run.yml:1.*no mapping 'run'"),
    ("run: [\n", "run.yml:2.*YAML"),
    (None, "run.yml: cannot be read: No such file"),
])
def test_what_kedro_refuses(project, text, message):
    if text:
        project.write("run.yml", text)
    result = project.exec("kedro", "run", "--config", "run.yml",
                          env={"DO": "touch started"})
    assert result.returncode == 125
    assert re.search(message, result.stderr), result.stderr
    assert not (project.dir / "started").exists()
