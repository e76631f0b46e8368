# SPDX-License-Identifier: MIT
"""The same project by Kedro with the plugin, and by kmlflow without it.

What may differ is listed below, and why; everything else must be equal.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Project
from support import VENVS

PLUGIN = VENVS / "e2e" / "bin"

# Tags: the plugin's client and kmlflow are different programs; the runner is
# told only where it was chosen; times are their own.
OWN_TAGS = {"mlflow.source.name", "mlflow.user", "runner", "run_id",
            "kedro_version", "mlflow.runName", "mlflow.source.type",
            "project_path"}

PIPELINE = '''
from kedro.pipeline import Pipeline, node


def train(raw, rate, options):
    return {"rate": rate, **options}, raw.upper()


def report(model):
    return {"accuracy": {"value": 0.5, "step": 1}}


def create_pipeline(**kwargs):
    return Pipeline([
        node(train, ["raw", "params:rate", "params:options"],
             ["model", "clean"], name="train", tags=["t"]),
        node(report, "model", "scores", name="report"),
    ])
'''

SETTINGS = {"plugin": "", "kmlflow": "DISABLE_HOOKS_FOR_PLUGINS = "
                                     "('kedro-mlflow',)\n"}

BASE = {
    "pyproject.toml": '[tool.kedro]\npackage_name = "demo"\n'
                      'project_name = "demo"\nkedro_init_version = "{}"\n'
                      'source_dir = "src"\n',
    "src/demo/__init__.py": "",
    "src/demo/pipeline.py": PIPELINE,
    "src/demo/pipeline_registry.py":
        "from demo.pipeline import create_pipeline\n\n\n"
        "def register_pipelines():\n"
        "    p = create_pipeline()\n"
        "    return {'__default__': p, 'ds': p}\n",
    "data/raw.txt": "some text",
    "conf/base/parameters.yml": "rate: 1e-5\noptions: {depth: 3, names: "
                                "['a', \"it's\"], none: null, on: true}\n",
    "conf/local/credentials.yml": "",
}

MODEL = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"


def plain(name, body):
    return f"{name}: {{type: {body}}}\n"


CASES = {
    "plain": {
        "conf/base/catalog.yml":
            plain("raw", "text.TextDataset, filepath: data/raw.txt")
            + f"model:\n  type: {MODEL}\n  artifact_path: models\n"
            "  dataset: {type: pickle.PickleDataset, "
            "filepath: data/model.pkl}\n"
            f"clean:\n  type: {MODEL}\n"
            "  dataset: {type: text.TextDataset, filepath: data/clean.txt}\n"
            + plain("scores", "json.JSONDataset, filepath: data/scores.json"),
        "conf/base/mlflow.yml": "tracking:\n  run:\n    name: null\n",
        "options": [],
    },
    "rich": {
        "conf/base/catalog.yml":
            "_dir: data/${runtime_params:where, out}\n"
            + plain("raw", "text.TextDataset, filepath: data/raw.txt")
            + f"'{{name}}':\n  type: {MODEL}\n  artifact_path: 'a/{{name}}'\n"
            "  dataset: {type: pickle.PickleDataset, "
            "filepath: '${_dir}/{name}.pkl'}\n"
            + plain("scores", "json.JSONDataset, filepath: data/scores.json"),
        "conf/base/globals.yml": "exp: from_globals\n",
        "conf/base/mlflow.yml":
            "tracking:\n  experiment:\n    name: ${globals:exp}\n"
            "  params:\n    dict_params:\n      flatten: true\n"
            "      sep: '-'\n",
        "conf/prod/parameters.yml": "rate: 2\n",
        "options": ["--env=prod", "--pipelines=ds", "--tags=t",
                    "--params=options.depth=7,where=there"],
    },
}


def run(tmp_path, bindir, how, case):
    project = Project(tmp_path / how, bindir)
    shutil.rmtree(project.base / "bin")
    project.env["PATH"] = f"{PLUGIN}:{project.env['PATH']}"
    project.env["MLFLOW_ALLOW_FILE_STORE"] = "true"
    for name, text in {**BASE, **case,
                       "src/demo/settings.py": SETTINGS[how]}.items():
        if name != "options":
            project.write(name, text.replace("{}", version()))
    argv = ["kedro", "run", *case["options"]]
    if how == "kmlflow":
        result = project.exec(*argv)
    else:
        result = project.call(*argv)
    assert result.returncode == 0, result.stdout + result.stderr
    return project.run()


def version():
    return subprocess.run(
        [PLUGIN / "python", "-c", "import kedro; print(kedro.__version__)"],
        capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("name", CASES)
def test_differential(tmp_path, bindir, name):
    if not Path(PLUGIN / "kedro").exists():
        pytest.skip("no Kedro in build/venv/e2e")
    theirs = run(tmp_path, bindir, "plugin", CASES[name])
    ours = run(tmp_path, bindir, "kmlflow", CASES[name])
    assert (ours.experiment, ours.name, ours.status) == (
        theirs.experiment, theirs.name, theirs.status)
    # Without nodes kmlflow cannot know which params are used: it has more.
    assert {k: ours.params.get(k) for k in theirs.params} == theirs.params
    assert ours.artifacts == theirs.artifacts
    wanted = {k: v for k, v in theirs.tags.items() if k not in OWN_TAGS}
    assert {k: ours.tags.get(k) for k in wanted} == wanted
    assert all(k in ours.tags for k in theirs.tags if k != "runner")
