# SPDX-License-Identifier: MIT
"""The verbs and flags, from outside."""

import json
import re

import pytest
from support import make_repository, read_json


@pytest.mark.parametrize("argv", [["help"], ["--help"], ["-h"], ["exec", "-h"]])
def test_help_is_on_stdout(sandbox, argv):
    r = sandbox.call("kmlflow", *argv)
    assert r.returncode == 0, r.stderr
    assert "kmlflow" in r.stdout and "exec" in r.stdout
    assert r.stderr == ""


@pytest.mark.parametrize("argv", [["version"], ["-V"], ["--version"]])
def test_version(sandbox, argv):
    r = sandbox.call("kmlflow", *argv)
    assert r.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", r.stdout)


@pytest.mark.parametrize(
    "argv",
    [[], ["frobnicate"], ["explain", "--no-such"], ["sync", "--no-such"]],
)
def test_usage_errors_of_other_verbs_are_2(sandbox, argv):
    r = sandbox.call("kmlflow", *argv)
    assert r.returncode == 2
    assert r.stderr or r.stdout


@pytest.mark.parametrize(
    "options",
    [
        ["--no-such-flag"],
        ["-t", "novalue"],
        ["-p", "novalue"],
        ["--mode", "sometimes"],
        ["-C", "/no/such/directory"],
        ["-P", "no-such-file.yml"],
    ],
)
def test_usage_errors_of_exec_are_125(sandbox, options):
    r = sandbox.exec("touch", "ran", options=options)
    assert r.returncode == 125
    assert r.stderr.startswith("kmlflow: ")
    assert not (sandbox.dir / "ran").exists()
    assert sandbox.runs() == []


def test_exec_without_a_command(sandbox):
    assert sandbox.call("kmlflow", "exec", "--").returncode == 125


def test_names_tags_params_note(sandbox):
    sandbox.write("more.yml", "beta: [1, 2]\ngamma:\n  deep: true\n")
    options = ["-e", "my experiment", "-n", "first try", "-t", "team=ä b"]
    options += ["-t", "eq=a=b", "-m", "A *note*.", "-p", "alpha=1e-3"]
    options += ["-P", "more.yml"]
    assert sandbox.exec("true", options=options).returncode == 0
    run = sandbox.run()
    assert run.experiment == "my experiment"
    assert run.name == run.tags["mlflow.runName"] == "first try"
    assert (run.tags["team"], run.tags["eq"]) == ("ä b", "a=b")
    assert run.tags["mlflow.note.content"] == "A *note*."
    assert run.params["alpha"] in ("1e-3", "0.001")
    assert run.params["beta"] == "[1, 2]"


def test_long_forms(sandbox):
    options = ["--experiment", "e", "--run-name=n", "--tag", "a=b"]
    options += ["--note", "text", "--param", "p=q", "--artifact", "*.out"]
    options += ["--exclude", "no.*"]
    r = sandbox.exec("sh", "-c", "echo 1 >a.out; echo 2 >no.out", options=options)
    assert r.returncode == 0, r.stderr
    run = sandbox.run()
    assert (run.experiment, run.name, run.params["p"]) == ("e", "n", "q")
    assert run.artifacts == {"a.out": b"1\n"}


def test_tags_of_every_run(sandbox):
    sandbox.write("f", "x")
    commit = make_repository(sandbox.dir)
    sandbox.write("f", "changed")
    sandbox.exec("sh", "-c", "true 'two words'")
    run = sandbox.run()
    assert run.tags["mlflow.user"] == "tester"
    assert run.tags["mlflow.source.type"]
    assert run.tags["mlflow.source.name"]
    assert run.tags["mlflow.source.git.commit"] == commit
    assert run.tags["mlflow.source.git.branch"] == "trunk"
    assert run.kmlflow("git.dirty") == "true"
    assert run.kmlflow("version")
    assert run.kmlflow("invocation_id")
    assert run.kmlflow("cwd") == str(sandbox.dir)
    assert "two words" in run.kmlflow("command")
    assert run.kmlflow("capture")
    assert run.name


def test_secrets_are_kept_out(sandbox):
    (sandbox.dir / ".git").mkdir()
    options = ["-q", "-p", "n=1"]
    r = sandbox.exec(
        "sh", "-c", "true", "--password=hunter2", "--api-key", "s3cr3t",
        "https://bob:pa55@example.org/x", options=options,
    )
    assert r.returncode == 0
    text = repr(sandbox.run())
    for secret in ("hunter2", "s3cr3t", "pa55"):
        assert secret not in text


def test_dry_run_writes_nothing(project):
    before = project.tree()
    r = project.exec("touch", "ran", options=["--dry-run", "-t", "k=v"])
    assert r.returncode == 0
    shown = r.stdout + r.stderr
    for word in ("demo", "data/result.txt", "alpha", "0.5", "k", "mlruns"):
        assert word in shown, shown
    assert project.tree() == before


def test_report(project):
    script = "echo hello >data/result.txt; exit 3"
    r = project.exec("sh", "-c", script, options=["--report", "r.json"])
    assert r.returncode == 3
    report = read_json(project.dir / "r.json")
    run = project.run()
    text = json.dumps(report)
    assert run.id in text and "FAILED" in text and "result.txt" in text
    assert 3 in _leaves(report)


def _leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for v in value for leaf in _leaves(v)]
    return [value]


def test_explain(project):
    project.exec("sh", "-c", "echo hello >data/result.txt")
    r = project.call("kmlflow", "explain")
    assert r.returncode == 0, r.stderr
    assert "result.txt" in r.stdout
    again = project.call("kmlflow", "explain", project.run().id)
    assert again.returncode == 0
    assert "result.txt" in again.stdout


def test_explain_json(project):
    project.exec("sh", "-c", "echo hello >data/result.txt")
    r = project.call("kmlflow", "explain", "--json")
    assert r.returncode == 0, r.stderr
    assert "result.txt" in json.dumps(json.loads(r.stdout))


def test_explain_an_unknown_run(project):
    r = project.call("kmlflow", "explain", "0" * 32)
    assert r.returncode == 1
    assert r.stderr


def test_sync_with_nothing_to_do(project):
    assert project.call("kmlflow", "sync").returncode == 0


def test_run_id_continues_a_run(sandbox):
    client = sandbox.store.client()
    experiment = client.create_experiment("theirs")
    run = client.create_run(experiment, run_name="theirs")
    options = ["--run-id", run.info.run_id, "-p", "ours=1", "-a", "*.txt"]
    r = sandbox.exec("sh", "-c", "echo x >a.txt", options=options)
    assert r.returncode == 0, r.stderr
    after = sandbox.run()
    assert (after.id, after.name) == (run.info.run_id, "theirs")
    assert after.params == {"ours": "1"}
    assert after.artifacts == {"a.txt": b"x\n"}


def test_a_foreign_run_in_the_environment_is_joined_not_ended(sandbox):
    client = sandbox.store.client()
    run = client.create_run(client.create_experiment("theirs"))
    sandbox.env["MLFLOW_RUN_ID"] = run.info.run_id
    assert sandbox.exec("false").returncode == 1
    after = sandbox.run()
    assert after.id == run.info.run_id
    assert after.status == "RUNNING"
    assert after.name == run.info.run_name


def test_nested(sandbox):
    r = sandbox.exec("kmlflow", "exec", "-q", "-n", "inner", "--", "true",
                     options=["-n", "outer"])
    assert r.returncode == 0, r.stderr
    runs = {r.name: r for r in sandbox.runs()}
    assert set(runs) == {"inner", "outer"}
    assert runs["inner"].tags["mlflow.parentRunId"] == runs["outer"].id
    assert "mlflow.parentRunId" not in runs["outer"].tags


def test_other_directory(project):
    elsewhere = project.base / "elsewhere"
    elsewhere.mkdir()
    r = project.call(
        "kmlflow", "exec", "-C", project.dir, "--", "sh", "-c",
        f"echo far >{project.dir}/data/result.txt", cwd=elsewhere,
    )
    assert r.returncode == 0, r.stderr
    assert project.run().artifacts == {"result.txt": b"far\n"}


def test_started_from_a_subdirectory(project):
    r = project.exec("sh", "-c", "echo x >result.txt", cwd=project.dir / "data")
    assert r.returncode == 0, r.stderr
    assert project.run().artifacts == {"result.txt": b"x\n"}
    assert not (project.dir / "data" / "mlruns").exists()


def test_env_chooses_the_kedro_environment(project):
    project.write("conf/prod/parameters.yml", "alpha: 9\n")
    project.exec("true", options=["--env", "prod"])
    assert project.run().params["alpha"] == "9"
    r = project.exec("true", env={"KEDRO_ENV": "prod"})
    assert r.returncode == 0
    assert [run.params["alpha"] for run in project.runs()] == ["9", "9"]


def test_spool_elsewhere(project):
    spools = project.base / "spools"
    r = project.exec(
        "sh", "-c", "echo x >data/result.txt",
        env={"KMLFLOW_SPOOL_DIR": str(spools)},
    )
    assert r.returncode == 0
    assert project.run().artifacts == {"result.txt": b"x\n"}
    assert not (project.dir / ".kmlflow").exists()
