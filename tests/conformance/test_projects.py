# SPDX-License-Identifier: MIT
"""Whole projects of three ages, run as they are and read back.

The programs that write are shell and awk; where Kedro itself runs the same
projects is test_differential.py.
"""

import shutil
from pathlib import Path

import pytest
from conftest import Project

PROJECTS = Path(__file__).parent / "projects"


def place(base, bindir, name):
    """A copy of the project, in which 'kedro run' runs its steps."""
    project = Project(base, bindir)
    shutil.rmtree(project.dir)
    shutil.copytree(PROJECTS / name, project.dir)
    project.program("kedro", "eval \"${DO:-sh steps.sh}\"")
    return project


@pytest.fixture
def harvest(tmp_path, bindir):
    return place(tmp_path, bindir, "harvest")


@pytest.fixture
def depot(tmp_path, bindir):
    return place(tmp_path, bindir, "depot")


@pytest.fixture
def reservoir(tmp_path, bindir):
    return place(tmp_path, bindir, "reservoir")


def own_tags(run):
    """Those of Kedro's journal."""
    return {k: v for k, v in run.tags.items()
            if not k.startswith(("kmlflow.", "mlflow."))
            and k not in ("run_id", "project_path")}


def own_metrics(run):
    return {k: v for k, v in run.metrics.items()
            if not k.startswith("kmlflow/")}


def test_harvest_of_kedro_0_16(harvest):
    harvest.kedro("--pipeline=prepare", do="sh steps.sh")
    run = harvest.run()
    assert (run.experiment, run.name, run.status) == (
        "harvest", "prepare", "FINISHED")
    assert run.params == {
        "least_yield": "0.5", "started": "2020-07-15",
        "model": "{'growth': 1.02, 'years': 3, "
                 "'kinds': ['wheat', \"rye's\", False]}"}
    assert own_tags(run) == {
        "env": "local", "kedro_version": "0.16.6", "pipeline_name": "prepare",
        "kedro_command": "kedro run --pipeline=prepare"}
    # forecasts is plain in base and wrapped in local.
    assert set(run.artifacts) == {"fields.csv", "tables/averages.json",
                                  "tables/forecasts.json"}
    for path, data in run.artifacts.items():
        where = "02_clean" if path == "fields.csv" else "03_tables"
        assert data == (harvest.dir / "data" / where /
                        Path(path).name).read_bytes()


def test_harvest_with_another_environment_and_params(harvest):
    (harvest.dir / "conf" / "season").mkdir()
    harvest.kedro("--env=season", "--params", "least_yield:3,model:x",
                  do="LEAST_YIELD=3 sh steps.sh")
    run = harvest.run()
    assert run.params == {"least_yield": "3", "started": "2020-07-15",
                          "model": "x"}
    assert own_tags(run)["extra_params"] == "{'least_yield': 3, 'model': 'x'}"
    assert set(run.artifacts) == {"fields.csv", "tables/averages.json"}
    assert run.artifacts["fields.csv"] == b"wheat,3.25\nrye,3.5\n"


def test_depot_of_kedro_0_18_with_templates(depot):
    depot.kedro(do="sh steps.sh")
    depot.kedro(do="sleep 1; sh steps.sh")
    run = depot.runs()[-1]
    assert (run.experiment, run.name, run.status) == (
        "depot", "__default__", "FINISHED")
    assert run.params == {
        "max_weight": "40", "label": "at most 40 kg, any wide",
        "switch": "True", "when": "2023-11-24", "model.depth": "3",
        "model.rate": "1e-3"}
    assert own_tags(run) == {"kedro_version": "0.18.14",
                             "session_id": run.tags["session_id"],
                             "kedro_command": "kedro run"}
    assert run.artifacts == {
        "lists/heavy_kg.csv": b"id,weight,route\n2,41.0,south\n",
        "model.bin": b"weights",
        "lists/routes/north.csv": b"1,12.5,north\n3,27.0,north\n",
        "lists/routes/south.csv": b"2,41.0,south\n",
        "lists/routes/east.csv": b"4,8.0,east\n"}
    assert own_metrics(run) == {"depot.error": 0.25, "depot.routes": 3.0}
    assert depot.history(run, "depot.error") == [(0.5, 0), (0.25, 1)]
    assert not [v for v in run.tags.values() if "not-a-secret" in v]


def test_depot_in_production(depot):
    depot.kedro("--env", "prod", do="sh steps.sh data/prod 25")
    run = depot.run()
    assert run.params["max_weight"] == "25"
    assert run.params["label"] == "at most 25 kg, any wide"
    assert run.params["switch"] == "False"
    assert run.artifacts["lists/heavy_kg.csv"].count(b"\n") == 3
    assert own_tags(run)["env"] == "prod"


def test_depot_explored_leaves_no_run(depot):
    depot.kedro("--pipeline=explore", do="sh steps.sh")
    assert not depot.runs()


def test_depot_with_a_template_that_is_nowhere(depot):
    path = depot.dir / "conf" / "base" / "parameters.yml"
    path.write_text(path.read_text() + "nowhere: ${limits.none}\n")
    depot.refused(message=r"parameters\.yml:8:\d+: .*limits\.none")


def test_reservoir_of_kedro_1(reservoir):
    reservoir.kedro(do="sh steps.sh")
    run = reservoir.run()
    assert (run.experiment, run.name, run.status) == (
        "reservoir", "__default__", "FINISHED")
    assert run.params == {
        "scale": "0.01", "threshold": "2.5", "options.mean": "True",
        "options.names": "['low', \"it's\", None]",
        "options.from": "2024-01-01", "options.unit": "m"}
    assert own_tags(run) == {"kedro_version": "1.0.0",
                             "kedro_command": "kedro run "
                             "--pipeline=__default__"}
    assert run.artifacts == {
        "partitions/levels/2024-01.txt": b"1.90\n2.60\n",
        "partitions/levels/2024-02.txt": b"3.01\n",
        "partitions/levels/2024-03.txt": b"1.20\n0.95\n",
        "year/tables/summary.json": (
            reservoir.dir / "data/out/first/year/summary.json").read_bytes(),
        "year/tables/options.json": b'{"mean": true, "months": 3}\n'}
    assert reservoir.history(run, "flood_share") == [(2 / 3, 0)]


def test_reservoir_in_production_with_params(reservoir):
    reservoir.kedro("--env=prod", "--params=version=second,options.names=all",
                    do="sh steps.sh data/prod/second")
    run = reservoir.run()
    assert run.params == {
        "scale": "0.01", "threshold": "2", "options.mean": "False",
        "options.names": "all", "options.from": "2024-01-01",
        "options.unit": "m", "version": "second"}
    assert len(run.artifacts) == 5
    assert own_tags(run)["runtime_params"] == (
        "{'version': 'second', 'options': {'names': 'all'}}")


def test_reservoir_where_it_is_tested(reservoir):
    reservoir.kedro("--env=test", "--params=kind=large", do="sh steps.sh")
    run = reservoir.run()
    assert (run.experiment, run.name) == ("reservoir-tests", "a large test")
    assert run.params["threshold"] == "100"
    # This environment's mlflow.yml says nothing of flattening, and all of
    # "tracking" is its own: so it is with Kedro's destructive merging.
    assert "options.mean" not in run.params


def test_reservoir_leaves_what_was_there(reservoir):
    reservoir.kedro(do="sh steps.sh")
    reservoir.kedro(do="echo 1.00 >data/out/first/levels/2024-09.txt")
    assert reservoir.runs()[-1].artifacts == {
        "partitions/levels/2024-09.txt": b"1.00\n"}
