# SPDX-License-Identifier: MIT
"""The installed program: a run in a directory, its artifacts in a bucket."""

import json
import os
import subprocess

import pytest
from conftest import ROOT
from server import Answer, Server

CATALOG = """\
result:
  type: text.TextDataset
  filepath: data/result.txt
  metadata:
    kmlflow:
      artifact: true
"""


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


@pytest.fixture
def project(tmp_path, client, bucket, bindir):
    root = tmp_path / "project"
    (root / "conf/base").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "pyproject.toml").write_text(
        '[tool.kedro]\npackage_name = "demo"\n'
    )
    (root / "conf/base/catalog.yml").write_text(CATALOG)
    (root / "conf/base/mlflow.yml").write_text(
        "tracking:\n"
        "  experiment:\n"
        "    name: in-a-bucket\n"
        "    create_experiment_kwargs:\n"
        f"      artifact_location: s3://{bucket.name}/here\n"
    )
    client.env["PATH"] = f"{bindir}:{client.env['PATH']}"
    client.env["MLFLOW_TRACKING_URI"] = str(root / "mlruns")
    client.root = root
    return client


def kmlflow(project, *words, **env):
    done = subprocess.run(
        ["kmlflow", *words],
        cwd=project.root, capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL, env={**project.env, **env},
    )
    project.said += done.stdout + done.stderr
    return done


WRITE = ["sh", "-c", "echo of the run > data/result.txt"]


def test_exec(project, bucket):
    report = project.root / "report.json"
    done = kmlflow(project, "exec", "--report", report, "--", *WRITE)
    assert done.returncode == 0, done.stderr
    run = json.loads(report.read_text())["run_id"]
    ours = [k for k in bucket.keys() if k.endswith("/result.txt")]
    assert ours == [f"here/{run}/artifacts/result.txt"]
    got = bucket.s3.get_object(Bucket=bucket.name, Key=ours[0])
    assert got["Body"].read() == b"of the run\n"
    assert got["ContentType"] == "text/plain"


def test_refused_then_synced(project, bucket):
    """What could not be stored is kept, and no secret with it."""
    wrong = "planted-secret"
    done = kmlflow(
        project, "exec", "--", *WRITE, AWS_SECRET_ACCESS_KEY=wrong
    )
    assert done.returncode == 0, done.stderr
    assert "SignatureDoesNotMatch" in done.stderr
    assert bucket.keys() == []
    for path in project.root.rglob("*"):
        if path.is_file():
            assert wrong.encode() not in path.read_bytes(), path
            assert project.env["AWS_SECRET_ACCESS_KEY"].encode() not in (
                path.read_bytes()
            )
    done = kmlflow(project, "sync")
    assert done.returncode == 0, done.stderr
    assert any(k.endswith("/result.txt") for k in bucket.keys())


def test_a_large_file_is_taken_up(project, bucket, server):
    """By sync, from the parts that are in the bucket already."""
    busy = Answer(503, b"<Error><Code>SlowDown</Code></Error>")
    command = ["sh", "-c", "head -c 30000000 /dev/urandom >data/result.txt"]
    with Server(server) as proxy:
        proxy.keep_host = True
        project.env["MLFLOW_S3_ENDPOINT_URL"] = proxy.url
        project.env["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
        proxy.fail("PUT", "partNumber=4&", "answer", answer=busy, times=9)
        done = kmlflow(project, "exec", "--", *command)
        assert done.returncode == 0, done.stderr
        assert "503" in done.stderr
        (upload,) = bucket.uploads()
        there = bucket.s3.list_parts(
            Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"]
        )["Parts"]
        proxy.faults.clear()
        proxy.seen.clear()
        done = kmlflow(project, "sync")
        assert done.returncode == 0, done.stderr
        assert len(proxy.requests("partNumber=", "PUT")) == 4 - len(there) < 4
    (key,) = bucket.keys()
    got = bucket.s3.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    assert got == (project.root / "data/result.txt").read_bytes()
    assert not bucket.uploads()


def test_local_run_loads_nothing(project):
    """Neither libcurl nor libcrypto where all is on this machine."""
    (project.root / "conf/base/mlflow.yml").unlink()
    done = kmlflow(
        project, "exec", "--", *WRITE, LD_DEBUG="libs",
        LD_DEBUG_OUTPUT=str(project.root / "ld"),
    )
    assert done.returncode == 0, done.stderr
    logs = list(project.root.glob("ld.*"))
    assert logs
    for log in logs:
        text = log.read_text(errors="replace")
        assert "libcurl" not in text and "libcrypto" not in text
