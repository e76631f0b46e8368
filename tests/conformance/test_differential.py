# SPDX-License-Identifier: MIT
"""The same project by Kedro with the plugin, and by kmlflow without it.

Three ways: "plugin", Kedro with kedro-mlflow; "off", kmlflow around Kedro with
the plugin's hooks switched off and its datasets left in the catalog; "bare",
kmlflow around Kedro with a catalog that knows nothing of kedro-mlflow.  All
that is in the store must be equal but for what docs/conformance.md lists.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import Project
from support import VENVS
from test_projects import PROJECTS

NEW, OLD = VENVS / "e2e" / "bin", VENVS / "kedro-old" / "bin"
TEMPLATED = VENVS / "kedro-018" / "bin"

# Of which kmlflow has a value of its own: it names its command, knows of the
# runner only where one was chosen, and starts at another time.  The plugin's
# commit is that of Kedro's own program, where that lies in a repository.
OWN_TAGS = {"mlflow.source.name", "mlflow.source.git.commit", "runner"}
TIMES = {"run_id", "session_id"}
# What 0.2.0 writes for an option that was not given, unlike all after it.
EMPTY = {"[]", "()", "{}", "None"}

PIPELINE = '''
from kedro.pipeline import Pipeline, node


def train(raw, rate, options):
    if rate == "bad":
        raise ValueError(rate)
    return {"rate": rate, **options}, raw.upper()


def clean(raw):
    return raw.strip()


def report(model):
    return {"accuracy": {"value": 0.5, "step": 1}}


def create_pipeline(**kwargs):
    return Pipeline([
        node(clean, "raw", "stripped", name="clean", tags=["t"]),
        node(train, ["stripped", "params:rate", "params:options"],
             ["model", "upper"], name="train", tags=["t"]),
        node(report, "model", "scores", name="report"),
    ])
'''

BASE = {
    "pyproject.toml": '[tool.kedro]\npackage_name = "demo"\n'
                      'project_name = "demo"\nkedro_init_version = "{}"\n'
                      'source_dir = "src"\n',
    "src/demo/__init__.py": "",
    "src/demo/settings.py":
        "import os\nif os.environ.get('WITHOUT_PLUGIN'):\n"
        "    DISABLE_HOOKS_FOR_PLUGINS = ('kedro_mlflow', 'kedro-mlflow')\n",
    "src/demo/pipeline.py": PIPELINE,
    "src/demo/pipeline_registry.py":
        "from demo.pipeline import create_pipeline\n\n\n"
        "def register_pipelines():\n"
        "    p = create_pipeline()\n"
        "    return {'__default__': p, 'ds': p, 'some': "
        "p.only_nodes_with_tags('t')}\n",
    "data/raw.txt": "some text\n",
    "conf/base/parameters.yml": "rate: 1e-5\nunused: [1]\noptions: "
        "{depth: 3, names: ['a', \"it's\"], none: null, on: true}\n",
    "conf/local/credentials.yml": "",
}

MODEL = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"
RAW = "raw: {type: text.TextDataset, filepath: data/raw.txt}\n"
SCORES = "scores: {type: json.JSONDataset, filepath: data/scores.json}\n"
CATALOG = (
    RAW + SCORES + f"model:\n  type: {MODEL}\n  artifact_path: models\n"
    "  dataset: {type: pickle.PickleDataset, filepath: data/model.pkl}\n"
    f"stripped:\n  type: {MODEL}\n"
    "  dataset: {type: text.TextDataset, filepath: data/stripped.txt}\n"
    "upper: {type: text.TextDataset, filepath: data/upper.txt}\n")
RICH = (
    "_dir: data/${runtime_params:where, out}\n" + RAW + SCORES +
    f"'{{name}}':\n  type: {MODEL}\n  artifact_path: 'a/{{name}}'\n"
    "  dataset: {type: pickle.PickleDataset, "
    "filepath: '${_dir}/{name}.pkl'}\n")


class Case:
    """Files over those of BASE, and what else there is to it."""

    def __init__(self, catalog=CATALOG, mlflow="", options=(), files=None,
                 ok=True, extra=("unused",), bare=True):
        self.files = {**BASE, "conf/base/catalog.yml": catalog,
                      "conf/base/mlflow.yml": mlflow, **(files or {})}
        self.options, self.ok, self.extra = options, ok, set(extra)
        self.bare = bare


CASES = {
    "plain": Case(),
    "rich": Case(
        RICH, "tracking:\n  experiment:\n    name: ${globals:exp}\n"
        "  params:\n    dict_params:\n      flatten: true\n      sep: '-'\n",
        ["--env=prod", "--pipelines=ds", "--tags=t",
         "--params=options.depth=7,where=there"],
        {"conf/base/globals.yml": "exp: from_globals\n",
         "conf/prod/parameters.yml": "rate: 2\n"},
        extra={"unused", "where"}),
    "failing": Case(options=["--params=rate=bad"], ok=False),
    "parts": Case(options=["--from-nodes=train", "--to-nodes=report",
                           "--pipelines=ds"],
                  files={"data/stripped.txt": "there already"}),
    # Several pipelines have no order: Kedro puts them into a set.
    "some": Case(options=["--pipeline=some", "--nodes=clean,train"]),
    "named": Case(
        mlflow="tracking:\n  run:\n    name: mine\n  experiment:\n"
        "    create_experiment_kwargs:\n      artifact_location: kept\n"
        "      tags: {team: a}\n  params:\n"
        "    long_params_strategy: truncate\n",
        files={"conf/base/parameters.yml": "rate: " + "x" * 7000 + "\n"
               "options: {a: é}\n"}, extra=(), bare=False),
    "tagged": Case(
        mlflow="tracking:\n  params:\n    long_params_strategy: tag\n",
        files={"conf/base/parameters.yml": "rate: " + "x" * 7000 + "\n"
               "options: {a: '[]$', 2: b}\n"}, extra=(), bare=False),
}


def new_project(tmp_path, bindir, how, venv, files=None, source=None):
    project = Project(tmp_path / how, bindir)
    shutil.rmtree(project.base / "bin")
    if source:
        shutil.rmtree(project.dir)
        shutil.copytree(PROJECTS / source, project.dir)
    project.env["PATH"] = f"{venv}:{project.env['PATH']}"
    project.env["MLFLOW_ALLOW_FILE_STORE"] = "true"
    for name, text in (files or {}).items():
        project.write(name, text.replace("{}", version(venv)))
    if how != "plugin":
        project.env["WITHOUT_PLUGIN"] = "1"
    if how == "bare":
        for path in project.dir.glob("conf/*/catalog*"):
            for file in path.rglob("*.yml") if path.is_dir() else [path]:
                file.write_text(unwrapped(file.read_text()))
    return project


def unwrapped(text):
    """A catalog by Kedro's own means, with a note to kmlflow in metadata."""
    entries = yaml.safe_load(text) or {}
    for name, entry in list(entries.items()):
        type_ = entry.get("type", "") if isinstance(entry, dict) else ""
        if type_ == MODEL:
            entries[name] = {
                **entry["dataset"], "metadata": {"kmlflow": {
                    "artifact": True,
                    "artifact_path": entry.get("artifact_path")}}}
        elif type_.endswith("MlflowMetricDataset"):
            path = entry["metadata"]["kmlflow"]["filepath"]
            entries[name] = {"type": "json.JSONDataset", "filepath": path}
            entries[name + "_metric"] = {**entry, "key": name}
    return yaml.safe_dump(entries)


def run(project, how, options, ok=True):
    argv = ["kedro", "run", *options]
    call = project.call if how == "plugin" else project.exec
    result = call(*argv)
    said = result.stdout + result.stderr
    assert (result.returncode == 0) == ok, said
    # Else the plugin would be compared with itself.
    assert how == "plugin" or "mlflow_hook.py" not in said
    return project.run()


def version(venv):
    return subprocess.run(
        [venv / "python", "-c", "import kedro; print(kedro.__version__)"],
        capture_output=True, text=True, check=True).stdout.strip()


def tags_of(run, project):
    return {k: "a time" if k in TIMES else
            v.replace(str(project.dir), "PROJECT")
            for k, v in run.tags.items()
            if k not in OWN_TAGS and not k.startswith("kmlflow.")}


def points(project, run):
    return {k: project.history(run, k) for k in run.metrics
            if not k.startswith("kmlflow/")}


def assert_same(theirs, ours, extra):
    """Both are a project and its run; 'extra' are params of ours alone."""
    (their_project, them), (our_project, us) = theirs, ours
    assert (us.experiment, us.name, us.status) == (
        them.experiment, them.name, them.status)
    assert {k: us.params.get(k) for k in them.params} == them.params
    assert set(us.params) - set(them.params) == extra
    assert us.artifacts == them.artifacts
    assert tags_of(us, our_project) == tags_of(them, their_project)
    assert points(our_project, us) == points(their_project, them)


def need(venv):
    if not (venv / "kedro").exists():
        pytest.fail(f"no Kedro in {venv}: run scripts/setup-kedro")


def compare(tmp_path, bindir, case, venv):
    ran = {}
    for how in ["plugin", "off"] + ["bare"] * case.bare:
        project = new_project(tmp_path, bindir, how, venv, case.files)
        ran[how] = project, run(project, how, case.options, case.ok)
    for how in list(ran)[1:]:
        extra = case.extra - set(ran["plugin"][1].params)
        assert_same(ran["plugin"], ran[how], extra)


@pytest.mark.parametrize("name", CASES)
def test_differential(tmp_path, bindir, name):
    need(NEW)
    compare(tmp_path, bindir, CASES[name], NEW)


def test_differential_of_no_run(tmp_path, bindir):
    need(NEW)
    off = "tracking:\n  disable_tracking:\n    pipelines: [ds]\n"
    for how in ("plugin", "bare"):
        project = new_project(tmp_path, bindir, how, NEW,
                              Case(mlflow=off).files)
        call = project.call if how == "plugin" else project.exec
        assert call("kedro", "run", "--pipelines=ds").returncode == 0
        assert not project.runs() and (project.dir / "data/upper.txt").exists()


@pytest.mark.parametrize("options", [
    [], ["--env=prod", "--params=version=two,options.unit=ft"],
    ["--env=test"]])
def test_differential_of_reservoir(tmp_path, bindir, options):
    need(NEW)
    ran = {}
    for how in ("plugin", "bare"):
        project = new_project(tmp_path, bindir, how, NEW, source="reservoir")
        toml = project.dir / "pyproject.toml"
        toml.write_text(toml.read_text().replace("1.0.0", version(NEW)))
        ran[how] = project, run(project, how, options)
    assert len(ran["plugin"][1].artifacts) == 5
    assert points(*ran["plugin"]).keys() == {"flood_share"}
    # Only in the catalog: a param to kmlflow, unknown to the plugin's nodes.
    extra = {"version"} if "--env=prod" in options else set()
    assert_same(ran["plugin"], ran["bare"], extra)


def to_names(project):
    """The catalog of 0.16 without the plugin's types: kmlflow.yml has them."""
    names = []
    for env in ("base", "local"):  # whose kmlflow.yml takes the other's place
        path = project.dir / "conf" / env / "catalog.yml"
        entries = yaml.safe_load(path.read_text())
        for name, entry in entries.items():
            if "MlflowDataSet" in entry["type"]:
                entries[name] = entry["data_set"]
                names.append({"name": name, "artifact_path":
                              entry.get("artifact_path")})
        path.write_text(yaml.safe_dump(entries))
        (path.parent / "kmlflow.yml").write_text(yaml.safe_dump(
            {"artifacts": names}))


def compare_harvest(tmp_path, bindir, options):
    ran = {}
    for how in ("plugin", "off", "bare"):
        project = new_project(tmp_path, bindir, how, OLD, source="harvest")
        (project.dir / "conf" / "season").mkdir()
        if how == "bare":
            to_names(project)
        ran[how] = project, run(project, how, options)
    project, theirs = ran["plugin"]
    assert theirs.tags["kedro_version"] == "0.16.6" and theirs.artifacts
    theirs.tags = {k: v for k, v in theirs.tags.items() if v not in EMPTY}
    for how in ("off", "bare"):
        assert_same((project, theirs), ran[how],
                    {"started", "model"} - set(theirs.params))


def to_plain(project):
    """The catalog of 0.18 without the plugin's types, as to_names()."""
    base = project.dir / "conf" / "base"
    kept = base / "catalog" / "kept.yml"
    entries = yaml.safe_load(kept.read_text())
    entries = {k: v["data_set"] for k, v in entries.items() if k[0] != "_"}
    kept.write_text(yaml.safe_dump(entries))
    (base / "catalog_scores.yml").write_text(yaml.safe_dump({"scores": {
        "type": "json.JSONDataSet", "filepath": "${folders.out}/scores.json"}}))
    (base / "kmlflow.yml").write_text(yaml.safe_dump({
        "artifacts": ["model"] + [
            {"name": name, "artifact_path": "${where.artifacts|lists}"}
            for name in ("heavy", "routes")],
        "metrics": [{"name": "scores", "prefix": "depot"}]}))


MODEL_PARAMS = {"model.depth", "model.rate"}


@pytest.mark.parametrize("options, extra", [
    ([], set()),
    (["--env=prod", "--tag=lists", "--from-nodes=weigh",
      "--params=max_weight=20,model.rate=fast"], MODEL_PARAMS),
    (["--params", "label:bad"], MODEL_PARAMS)])
def test_differential_of_depot(tmp_path, bindir, options, extra):
    need(TEMPLATED)
    ok = "label:bad" not in options
    ran = {}
    for how in ("plugin", "off", "bare"):
        project = new_project(tmp_path, bindir, how, TEMPLATED, source="depot")
        if how != "plugin":
            # The plugin's dataset says itself what kmlflow.yml names.
            (project.dir / "conf" / "base" / "kmlflow.yml").unlink()
        if how == "bare":
            to_plain(project)
        ran[how] = project, run(project, how, options, ok)
    theirs = ran["plugin"][1]
    assert theirs.tags["kedro_version"] == "0.18.14"
    assert theirs.artifacts and theirs.params
    for how in ("off", "bare"):
        assert_same(ran["plugin"], ran[how], {"switch", "when"} | extra)


# By what scripts/setup-kedro could make: the first release of the plugin, or
# where Python is too new for it the oldest that there is.
@pytest.mark.parametrize("options, name", [
    (["--pipeline=__default__"], "plain"),
    (["--env=season", "--pipeline=prepare", "--tag=prepare",
      "--from-nodes=clean", "--params=least_yield:3,model:x"], "some")])
def test_differential_of_the_oldest(tmp_path, bindir, options, name):
    need(OLD)
    if version(OLD).startswith("0.16"):
        compare_harvest(tmp_path, bindir, options)
    else:
        compare(tmp_path, bindir, CASES[name], OLD)
