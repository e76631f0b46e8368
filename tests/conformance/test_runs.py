# SPDX-License-Identifier: MIT
"""Rows 1 to 46 of docs/conformance.md: stores, experiments, runs, tags."""

import json
import re
import signal

import pytest
from mlflow.entities import ViewType

NAMED = "tracking:\n  experiment:\n    name: exp\n"
DISABLED = "tracking:\n  disable_tracking:\n    pipelines: [a, __default__]\n"


def dry(project, **kw):
    result = project.exec("true", options=["--dry-run", "--json"], **kw)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_001(project):
    project.conf(mlflow=NAMED).sh()
    assert project.run().experiment == "exp"


def test_002(project):
    project.conf(mlflow=NAMED).sh()
    before = project.store.experiments()
    project.sh()
    assert project.store.experiments() == before and len(project.runs()) == 2


def test_003(project):
    project.conf(mlflow=NAMED).sh()
    client = project.store.client()
    id_ = project.store.experiments()["exp"]
    client.delete_experiment(id_)
    project.sh()
    assert client.get_experiment(id_).lifecycle_stage == "active"
    assert project.runs()[-1].experiment == "exp"


def test_004(project):
    project.conf(mlflow=NAMED).sh()
    client = project.store.client()
    id_ = project.store.experiments()["exp"]
    client.delete_experiment(id_)
    project.conf(mlflow=NAMED + "    restore_if_deleted: false\n")
    project.refused(message="exp")
    assert client.get_experiment(id_).lifecycle_stage == "deleted"
    assert len(client.search_runs([id_], run_view_type=ViewType.ALL)) <= 1


KWARGS = NAMED + ("    create_experiment_kwargs:\n"
                  "      artifact_location: my_artifacts\n"
                  "      tags: {team: x, n: 1}\n")


def test_005(project):
    project.conf(mlflow=KWARGS).sh()
    e = project.store.client().get_experiment_by_name("exp")
    assert e.artifact_location == f"file://{project.dir}/my_artifacts"
    assert e.tags["team"] == "x" and e.tags["n"] == "1"


def test_006(project):
    project.conf(mlflow=NAMED).sh()
    e = project.store.client().get_experiment_by_name("exp")
    project.conf(mlflow=KWARGS).sh()
    f = project.store.client().get_experiment_by_name("exp")
    assert (e.artifact_location, e.tags) == (f.artifact_location, f.tags)


def test_007(project):
    project.sh(env={"MLFLOW_TRACKING_URI": "my_mlruns"})
    assert len(project.at("my_mlruns").runs(project.base / "d")) == 1


def test_008(project):
    (project.dir / "src" / "deep").mkdir(parents=True)
    project.sh(cwd=project.dir / "src" / "deep")
    assert project.run().status == "FINISHED"


def test_009(project):
    project.conf(mlflow="server:\n  mlflow_tracking_uri: awesome_tracking\n")
    project.sh(env={"MLFLOW_TRACKING_URI": "other"})
    assert len(project.at("awesome_tracking").runs(project.base / "d")) == 1
    assert not (project.dir / "other").exists()


@pytest.mark.parametrize("uri", ["rel", "{dir}/abs", "file://{dir}/uri"])
def test_010(project, uri):
    uri = uri.format(dir=project.dir)
    project.conf(mlflow=f"server:\n  mlflow_tracking_uri: {uri}\n")
    where = {"r": "rel", "/": "abs", "f": "uri"}[uri[0]]
    told = dry(project)["tracking_uri"]
    assert told.removeprefix("file://") == f"{project.dir}/{where}"


def test_010_http(project):
    project.conf(mlflow="server:\n  mlflow_tracking_uri: http://127.0.0.1:1\n")
    result = project.exec("true")
    assert "127.0.0.1:1" in result.stderr
    assert not (project.dir / "http:").exists()


@pytest.mark.parametrize("uri", ["databricks", "databricks-uc"])
def test_011(project, uri):
    project.conf(mlflow=f"server:\n  mlflow_tracking_uri: {uri}\n")
    project.refused(message=uri)
    assert not (project.dir / uri).exists()


def test_012(project):
    project.conf(mlflow="server:\n  credentials: mine\n",
                 local_credentials="mine: {MY_VARIABLE: hidden-1}\n")
    project.sh('test "${MY_VARIABLE%-1}" = hidden')
    run = project.run()
    assert "hidden-1" not in repr((run.tags, run.params))


def test_013(project):
    project.conf(mlflow="server:\n  credentials: mine\n"
                        "  mlflow_tracking_uri: here\n",
                 local_credentials="mine: {MLFLOW_TRACKING_URI: there}\n")
    project.sh()
    assert len(project.at("here").runs(project.base / "d")) == 1
    assert not (project.dir / "there").exists()


@pytest.mark.parametrize("row", [14, 15, 16])
def test_014_015_016(project, row):
    if row == 15:
        project.conf(mlflow="")
    if row == 16:
        project.conf(mlflow="tracking:\n  run:\n    name: n\n")
    project.sh()
    assert project.run().experiment == "demo"


def test_017(project):
    project.conf(mlflow=(
        "server:\n  mlflow_tracking_uri: full\n  mlflow_registry_uri: null\n"
        "  credentials: null\n"
        "tracking:\n  disable_tracking:\n    pipelines: [x]\n"
        "    disable_autologging: false\n"
        "  experiment:\n    name: e\n    restore_if_deleted: false\n"
        "  run:\n    name: r\n    nested: false\n"
        "  params:\n    dict_params:\n      flatten: true\n"
        "      recursive: false\n      sep: '-'\n"
        "    long_params_strategy: truncate\n"
        "ui:\n  port: '5151'\n  host: 0.0.0.0\n"),
        parameters=f"p: {{a: {{b: 1}}}}\nlong: {'x' * 7000}\n")
    project.sh()
    run, = project.at("full").runs(project.base / "d")
    assert (run.experiment, run.name) == ("e", "r")
    assert run.params["p-a"] == "{'b': 1}" and len(run.params["long"]) == 6000


def test_018(project):
    project.conf(globals="exp: from_globals\n",
                 mlflow="tracking:\n  experiment:\n"
                        "    name: ${globals:exp}\n").sh()
    assert project.run().experiment == "from_globals"


def test_019(project):
    project.conf(mlflow="tracking:\n  run:\n    nme: x\n")
    project.refused(message=r"mlflow.yml:3:\d+: .*'tracking.run.nme'.*name")
    assert not project.runs()


@pytest.mark.parametrize("text", [
    "tracking:\n  run:\n    nested: 'yes'\n",
    "tracking:\n  params:\n    long_params_strategy: cut\n"])
def test_020(project, text):
    project.conf(mlflow=text)
    project.refused(message=r"mlflow.yml:3:\d+: .*(nested|strategy)")
    assert not project.runs()


def test_021(project):
    project.conf(mlflow="tracking:\n  params:\n    dict_params:\n"
                        "      flatten: true\n",
                 parameters="p: {a: {b: 1}}\n").sh()
    assert project.run().params == {"p.a.b": "1"}


def test_022(project):
    project.conf(mlflow="server:\n  request_header_provider:\n"
                        "    type: my.Provider\n")
    project.refused(message="request_header_provider")


def test_023(project):
    project.conf(mlflow="tracking:\n  run:\n    name: ${km.random_name:}\n")
    project.sh()
    project.sh()
    names = [r.name for r in project.runs()]
    assert all(re.fullmatch(r"[a-z]+-[a-z]+-\d+", n) for n in names)
    assert names[0] != names[1]


@pytest.mark.parametrize("options, name", [
    ([], "__default__"), (["--pipeline", "ds"], "ds"),
    (["--pipelines=a,b"], "a+b")])
def test_024_025_026(project, options, name):
    project.kedro(*options)
    assert project.run().name == name


def test_027(project):
    project.conf(mlflow="tracking:\n  run:\n    name: mine\n")
    project.kedro("--pipeline=ds")
    assert project.run().name == "mine"


def existing(project, name="first"):
    client = project.store.client()
    id_ = client.create_experiment("other")
    return client.create_run(id_, run_name=name).info.run_id


def test_028(project):
    id_ = existing(project)
    project.conf(mlflow=f"tracking:\n  run:\n    id: {id_}\n",
                 parameters="a: 1\n")
    project.sh("kill -0 $PPID")
    run = project.run()
    assert (run.id, run.name, run.status) == (id_, "first", "FINISHED")
    assert run.params == {"a": "1"}


def test_029(project):
    existing(project)
    project.conf(mlflow=f"tracking:\n  run:\n    id: {'ab' * 16}\n")
    project.refused(message="abab")


@pytest.mark.parametrize("status", [0, 3])
def test_030(project, status):
    id_ = existing(project)
    project.conf(parameters="a: 1\n")
    project.sh(f"exit {status}", ok=status, env={
        "MLFLOW_RUN_ID": id_, "MLFLOW_TRACKING_URI": str(project.store.path)})
    run = project.run()
    assert (run.id, run.status, run.params) == (id_, "RUNNING", {"a": "1"})


def test_031(project):
    other = project.at("mlruns2")
    id_ = other.client().create_run("0").info.run_id
    project.conf(mlflow=NAMED, parameters="a: 1\n")
    project.sh(env={"MLFLOW_RUN_ID": id_, "MLFLOW_TRACKING_URI": "mlruns2"})
    run, = other.runs(project.base / "d")
    assert run.params == {"a": "1"}
    assert not project.runs()


def test_032(project):
    project.sh("kmlflow exec -n inner -- true", "-n", "outer")
    runs = {r.name: r for r in project.runs()}
    assert runs["inner"].tags["mlflow.parentRunId"] == runs["outer"].id


def test_033(project):
    project.conf(mlflow="tracking:\n  run:\n    nested: false\n")
    project.sh("kmlflow exec -- true", ok=125)
    assert len(project.runs()) == 1


def test_034(project):
    project.sh("exit 7", ok=7)
    run = project.run()
    assert run.status == "FAILED" and run.end_time


def test_035(project):
    project.sh("kmlflow exec -- false; exit 1", ok=1)
    assert [r.status for r in project.runs()] == ["FAILED", "FAILED"]


def test_036(project):
    result = project.exec("sh", "-c", "kill -TERM $$")
    assert result.returncode == -signal.SIGTERM
    assert project.run().status == "KILLED"


def test_037(project):
    project.catalog(*[
        f"f{i}: {{type: a.B, filepath: f{i}, "
        "metadata: {kmlflow: {artifact: true}}}" for i in range(8)])
    project.sh("for i in 0 1 2 3 4 5 6 7; do echo $i >f$i & done; wait")
    assert set(project.run().artifacts) == {f"f{i}" for i in range(8)}


def test_038(project):
    project.conf(mlflow=DISABLED)
    project.kedro("--pipeline=a", do="echo x >f; exit 4", ok=4)
    assert not project.runs() and (project.dir / "f").exists()
    project.kedro()
    assert not project.runs()


@pytest.mark.parametrize("row, options", [
    (39, ["--pipeline=b"]), (40, ["--pipelines=a,b"])])
def test_039_040(project, row, options):
    project.conf(mlflow=DISABLED)
    project.kedro(*options)
    assert len(project.runs()) == 1


def test_041(project):
    project.conf(local_parameters="a: 0\n", parameters="a: 0\n")
    project.kedro("--env=local", "--pipelines=a,b", "--tags=t", "-n", "n",
                  "--from-nodes=f", "--to-nodes=g", "--from-inputs=i",
                  "--to-outputs=o", "--load-versions=d:1", "--params=a=1")
    tags = project.run().tags
    assert {k: tags[k] for k in (
        "env", "pipeline_names", "tags", "node_names", "from_nodes",
        "to_nodes", "from_inputs", "to_outputs", "load_versions",
        "runtime_params", "project_path")} == {
        "env": "local", "pipeline_names": "['a', 'b']", "tags": "('t',)",
        "node_names": "('n',)", "from_nodes": "['f']", "to_nodes": "['g']",
        "from_inputs": "['i']", "to_outputs": "['o']",
        "load_versions": "{'d': '1'}", "runtime_params": "{'a': 1}",
        "project_path": str(project.dir)}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z",
                        tags["run_id"])


def test_042(project):
    project.kedro("--to-nodes=", "--tags", "")
    assert not {"env", "tags", "to_nodes", "node_names", "runtime_params",
                "extra_params"} & set(project.run().tags)


def test_043(project):
    project.kedro()
    assert "git_sha" not in project.run().tags
    for argv in (["init", "-q"], ["add", "-A"],
                 ["-c", "user.name=T", "-c", "user.email=t@localhost",
                  "commit", "-qm", "x"]):
        project.call("git", *argv)
    sha = project.call("git", "rev-parse", "--short", "HEAD").stdout.strip()
    project.kedro()
    assert project.runs()[-1].tags["git_sha"] == sha


@pytest.mark.parametrize("row, options, command", [
    (44, ["--tags=t", "--pipeline=p", "-n", "n", "--to-nodes=z",
          "--from-nodes=f", "--from-inputs=i", "-lv", "d:1"],
     "kedro run --from-inputs=i --from-nodes=f --to-nodes=z --node=n "
     "--pipeline=p --tag=t --load-version=d:1"),
    (45, ["--to-nodes="], "kedro run --pipeline=__default__"),
    (46, ["--pipelines=a,b"], "kedro run --pipeline=a,b")])
def test_044_045_046(project, row, options, command):
    project.kedro(*options)
    assert project.run().tags["kedro_command"] == command
