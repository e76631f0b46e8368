# SPDX-License-Identifier: MIT
"""Runs in Databricks, against a stand-in that follows its public documents."""

import sys

import pytest
from conftest import the_run
from workspace import Workspace

TOKEN = "dapi0123456789abcdef0123456789abcdef"
SCRIPT = "mkdir -p d; echo one >f; printf '' >d/empty; echo '%41 #' >'d/a b'"
FILES = {"f": b"one\n", "d/empty": b"", "d/a b": b"%41 #\n"}
PRINCIPAL = {
    "DATABRICKS_CLIENT_ID": "the-principal",
    "DATABRICKS_CLIENT_SECRET": "s3cr3t-of-it",
}


@pytest.fixture
def workspace(newest):
    with Workspace(newest.url) as w:
        yield w


CLIENT = """
import sys, mlflow
client = mlflow.tracking.MlflowClient()
run_id = sys.argv[1]
client.log_text(run_id, "by python", "sub/p y.txt")
client.download_artifacts(run_id, "", sys.argv[2])
"""


@pytest.fixture
def box(make_box, workspace):
    return make_box("databricks", DATABRICKS_HOST=workspace.url)


def run_it(box, experiment, *options, script=SCRIPT):
    return box.exec(
        "sh", "-c", script,
        options=["-e", f"/Users/me/{experiment}", "-p", "a=1", "-a", "f",
                 "-a", "d/", *options],
    )


def check(newest, files, experiment, prefix=""):
    run = the_run(newest.url, f"/Users/me/{experiment}")
    assert run.info.status == "FINISHED"
    assert run.data.params == {"a": "1"}
    root = prefix or run.info.run_id
    got = {
        n.removeprefix(root + "/"): v
        for n, v in files.items()
        if n.startswith(root + "/")
    }
    assert got == FILES
    return run


def as_token(box, workspace):
    box.env["DATABRICKS_TOKEN"] = TOKEN


def as_principal(box, workspace):
    box.env.update(PRINCIPAL)


def as_bare_host(box, workspace):
    box.env["DATABRICKS_HOST"] += "/"
    box.env["DATABRICKS_TOKEN"] = TOKEN


def by_default_profile(box, workspace):
    del box.env["DATABRICKS_HOST"]
    (box.home / ".databrickscfg").write_text(
        f"[DEFAULT]\nhost = {workspace.url}\ntoken = {TOKEN}\n"
    )


def by_profile(box, workspace):
    """The profile that the URI names comes before the environment."""
    box.env["MLFLOW_TRACKING_URI"] = "databricks://team"
    box.env["DATABRICKS_HOST"] = "http://127.0.0.1:9"
    box.env["DATABRICKS_TOKEN"] = "dapi-of-another"
    (box.home / "cfg").write_text(
        "[DEFAULT]\nhost = http://127.0.0.1:9\n[team]\n"
        f"host: {workspace.url}\ntoken: {TOKEN}\n"
    )
    box.env["DATABRICKS_CONFIG_FILE"] = str(box.home / "cfg")


@pytest.mark.parametrize(
    "who", [as_token, as_principal, as_bare_host, by_default_profile,
            by_profile]
)
def test_who_we_are(newest, workspace, box, experiment, who):
    who(box, workspace)
    done = run_it(box, experiment)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    check(newest, workspace.cloud.files, experiment)
    assert not box.spools()
    assert len(workspace.given) == (who is as_principal)


@pytest.mark.parametrize("kind", ["aws", "gcp", "azure", "lake"])
@pytest.mark.parametrize("stale", [0, 1])
def test_each_store_behind_it(newest, workspace, box, experiment, kind, stale):
    """Also where the first signature has ended."""
    as_token(box, workspace)
    workspace.kind = kind
    workspace.stale = stale
    done = run_it(box, experiment)
    assert done.returncode == 0, done.stderr
    check(newest, workspace.cloud.files, experiment)
    assert all(
        not s.headers["Authorization"] and not s.headers["Cookie"]
        for s in workspace.cloud.seen
    )


@pytest.mark.parametrize("kind", ["aws", "azure", "lake"])
def test_mlflow_s_own_client_reads_it(
    newest, workspace, box, experiment, tmp_path, kind
):
    """And writes, so that the stand-in is one for both."""
    as_token(box, workspace)
    workspace.kind = kind
    assert run_it(box, experiment).returncode == 0
    run = check(newest, workspace.cloud.files, experiment)
    into = tmp_path / "into"
    into.mkdir()
    done = box.call(
        sys.executable, "-c", CLIENT, run.info.run_id, into, timeout=120,
        env={"MLFLOW_ENABLE_DATABRICKS_SDK_RUN_ARTIFACTS": "false"},
    )
    assert done.returncode == 0, done.stderr
    got = {
        str(p.relative_to(into)): p.read_bytes()
        for p in into.rglob("*") if p.is_file()
    }
    assert got == {**FILES, "sub/p y.txt": b"by python"}


@pytest.mark.parametrize("stale_part", [-1, 2])
def test_a_large_file_goes_in_parts(
    newest, workspace, box, experiment, stale_part
):
    as_token(box, workspace)
    workspace.stale_part = stale_part
    box.env["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = "1000000"
    box.env["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"] = "300000"
    data = bytes(range(256)) * 5000
    (box.dir / "from").write_bytes(data)
    done = box.exec(
        "cp", "from", "big", options=["-e", f"/{experiment}", "-a", "big"]
    )
    assert done.returncode == 0, done.stderr
    assert list(workspace.cloud.files.values()) == [data]
    assert not workspace.uploads and not workspace.cloud.parts
    puts = [s for s in workspace.cloud.seen if s.command == "PUT"]
    assert len(puts) == 5 + (stale_part >= 0)


@pytest.mark.parametrize("root", ["dbfs:/mnt/team", "dbfs:/Volumes/a/b/c"])
def test_files_that_it_takes_itself(newest, workspace, box, experiment, root):
    as_token(box, workspace)
    workspace.plain = root
    done = run_it(box, experiment)
    assert done.returncode == 0, done.stderr
    run = the_run(newest.url, f"/Users/me/{experiment}")
    path = f"{root[5:]}/{run.info.experiment_id}/{run.info.run_id}/artifacts"
    check(newest, workspace.files, experiment, path)


def test_a_token_that_ends_while_the_command_runs(
    newest, workspace, box, experiment
):
    as_principal(box, workspace)
    workspace.lasting = 1
    done = run_it(box, experiment, script=SCRIPT + "; sleep 1.5")
    assert done.returncode == 0, done.stderr
    check(newest, workspace.cloud.files, experiment)
    assert len(workspace.given) == 2


@pytest.mark.parametrize(
    "env, profile, says",
    [
        ({"DATABRICKS_HOST": None}, "", "DATABRICKS_HOST"),
        ({}, "", "DATABRICKS_TOKEN"),
        ({"DATABRICKS_TOKEN": "dapi-wr0ng"}, "", "has expired"),
        ({"DATABRICKS_TOKEN": "dapi wr0ng"}, "", "a character"),
        ({**PRINCIPAL, "DATABRICKS_CLIENT_SECRET": "wr0ng"}, "",
         "gives no token: 401 invalid_client"),
        ({**PRINCIPAL, "DATABRICKS_HOST": "http://10.0.0.1"}, "",
         "neither https nor on this machine"),
        ({"DATABRICKS_TOKEN": TOKEN}, "nobody", "no profile 'nobody'"),
        ({"DATABRICKS_TOKEN": TOKEN}, "scope:prefix", "notebook"),
    ],
)
def test_what_cannot_be(workspace, box, experiment, env, profile, says):
    if profile:
        box.env["MLFLOW_TRACKING_URI"] = f"databricks://{profile}"
    done = box.exec("true", options=["-e", f"/{experiment}"], env=env)
    assert done.returncode == 125, done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "wr0ng" not in done.stderr


def test_an_experiment_is_a_path(workspace, box, experiment):
    as_token(box, workspace)
    done = box.exec("true", options=["-e", experiment])
    assert done.returncode == 125
    assert "absolute path" in done.stderr


@pytest.mark.parametrize("uri", ["postgresql://u:pw-x@h/db",
                                 "mysql+pymysql://u:pw-x@h/db",
                                 "mssql://u:pw-x@h/db"])
def test_a_database_wants_its_server(make_box, uri):
    """It is not joined directly; the message says how else."""
    done = make_box(uri).exec("true")
    assert done.returncode == 125
    assert "mlflow server --backend-store-uri" in done.stderr
    assert "pw-x" not in done.stderr
