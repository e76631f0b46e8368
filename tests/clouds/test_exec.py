# SPDX-License-Identifier: MIT
"""The installed program: a run in a directory, its artifacts elsewhere."""

import base64
import json
import os
import subprocess
import uuid

import pytest
from answers import Answer
from driven import ROOT, SECRET_MARK

CATALOG = """\
result:
  type: text.TextDataset
  filepath: data/result.txt
  metadata:
    kmlflow:
      artifact: true
"""
WRITE = ["sh", "-c", "echo of the run > data/result.txt"]


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


class Project:
    def __init__(self, client, root, bindir):
        self.client = client
        self.root = root
        (root / "conf/base").mkdir(parents=True)
        (root / "data").mkdir()
        (root / "pyproject.toml").write_text(
            '[tool.kedro]\npackage_name = "demo"\n'
        )
        (root / "conf/base/catalog.yml").write_text(CATALOG)
        client.env["PATH"] = f"{bindir}:{client.env['PATH']}"
        client.env["MLFLOW_TRACKING_URI"] = str(root / "mlruns")

    def artifacts_to(self, uri):
        (self.root / "conf/base/mlflow.yml").write_text(
            "tracking:\n"
            "  experiment:\n"
            "    name: elsewhere\n"
            "    create_experiment_kwargs:\n"
            f"      artifact_location: {uri}\n"
        )

    def kmlflow(self, *words, **env):
        done = subprocess.run(
            ["kmlflow", *words],
            cwd=self.root, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL, env={**self.client.env, **env},
        )
        self.client.said += done.stdout + done.stderr
        return done

    def exec(self, **env):
        """The run's id, and what was said."""
        report = self.root / "report.json"
        done = self.kmlflow("exec", "--report", report, "--", *WRITE, **env)
        assert done.returncode == 0, done.stderr
        return json.loads(report.read_text())["run_id"], done.stderr

    def holds(self, secret: str) -> list:
        """The files with that in them."""
        return [
            p for p in self.root.rglob("*")
            if p.is_file() and secret.encode() in p.read_bytes()
        ]


@pytest.fixture
def project(tmp_path, client, bindir):
    return Project(client, tmp_path / "project", bindir)


# --- each store ------------------------------------------------------------


@pytest.fixture
def gs(emulators, client):
    from gs_side import Bucket

    client.env["STORAGE_EMULATOR_HOST"] = emulators[0].url
    bucket = Bucket(emulators[0])
    bucket.uri = f"gs://{bucket.bucket.name}/here"
    bucket.read = lambda key: bucket.bucket.blob(key).download_as_bytes()
    return bucket


@pytest.fixture
def azure(azurite, client):
    from azure_side import URI_HOST, Container

    client.env["AZURE_STORAGE_CONNECTION_STRING"] = azurite.connection
    container = Container(azurite)
    container.uri = f"wasbs://{container.name}@{URI_HOST}/here"
    container.read = lambda key: container.client.download_blob(key).readall()
    return container


class Directory:
    """Below the root of a server of files."""

    def __init__(self, server):
        self.name = uuid.uuid4().hex
        self.uri = server.uri(f"/{self.name}/here")
        self.root = server.root / self.name
        self.read = lambda key: server.read(f"/{self.name}/{key}")

    def keys(self):
        return sorted(
            str(p.relative_to(self.root))
            for p in self.root.rglob("*") if p.is_file()
        )


@pytest.fixture
def ftp(ftp_server):
    return Directory(ftp_server)


@pytest.fixture
def sftp(sftp_server, client):
    sftp_server.prepare(client)
    return Directory(sftp_server)


@pytest.mark.parametrize("name", ["gs", "azure", "ftp", "sftp"])
def test_exec(project, request, name):
    store = request.getfixturevalue(name)
    project.artifacts_to(store.uri)
    run, said = project.exec()
    assert store.keys() == [f"here/{run}/artifacts/result.txt"], said
    assert store.read(store.keys()[0]) == b"of the run\n"


# --- secrets ---------------------------------------------------------------


def gs_secrets(client, fake):
    path = client.file(json.dumps({
        "type": "authorized_user",
        "client_id": "app",
        "client_secret": f"{SECRET_MARK}-client",
        "refresh_token": f"{SECRET_MARK}-refresh",
        "token_uri": f"{fake.url}/token",
    }).encode(), "key.json")
    return "gs://bucket/here", {
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": fake.url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(path),
    }


AZURE = "wasbs://box@account.blob.core.windows.net/here"


def azure_key(client, fake):
    return AZURE, {
        "AZURE_STORAGE_CONNECTION_STRING":
            "AccountName=account;BlobEndpoint=" + fake.url + ";AccountKey="
            + base64.b64encode(SECRET_MARK.encode()).decode()
    }


def azure_sas(client, fake):
    return AZURE, {
        "AZURE_STORAGE_SAS_TOKEN": f"sv=2021-12-02&sr=c&sig={SECRET_MARK}%3D",
        "AZURE_STORAGE_SERVICE_ENDPOINT": fake.url,
    }


def azure_principal(client, fake):
    return AZURE, {
        "AZURE_TENANT_ID": "token",
        "AZURE_CLIENT_ID": "app",
        "AZURE_CLIENT_SECRET": f"{SECRET_MARK}-client",
        "AZURE_AUTHORITY_HOST": fake.url,
        "AZURE_STORAGE_SERVICE_ENDPOINT": fake.url,
    }


SECRETS = {
    "azure key": azure_key,
    "azure principal": azure_principal,
    "azure signature": azure_sas,
    "gs": gs_secrets,
}


def echo(request):
    """A store that refuses, and shows all that it was sent."""
    if request.path.startswith("/token"):
        return Answer(200, json.dumps({
            "access_token": f"{SECRET_MARK}-token", "expires_in": 3600}))
    sent = " ".join(f"{k}={v}" for k, v in request.headers.items())
    return Answer(403, f"refused {request.path} {sent} "
                       f"{request.body.decode(errors='replace')}"
                       f"<Message>{request.path} {sent}</Message>")


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize("answer", ["echo", "hang up"])
def test_no_secret_is_left(project, fake, name, answer):
    """Neither in what is said, however loud, nor in any file of the run."""
    uri, env = SECRETS[name](project.client, fake)
    fake.answer = echo if answer == "echo" else lambda r: (
        echo(r) if r.path.startswith("/token") else Answer(0))
    project.artifacts_to(uri)
    _, said = project.exec(**env)
    assert "result.txt" in said
    for verb in (["sync", "-vv"], ["explain", "-vv"], ["sync"]):
        project.kmlflow(*verb, **env)
    assert any(r for r in fake.requests)
    for secret in (SECRET_MARK, base64.b64encode(SECRET_MARK.encode()).decode()):
        assert secret not in project.client.said
        assert project.holds(secret) == []


def holders(project) -> set:
    return {
        str(p.relative_to(project.root)).split("/")[0]
        for p in project.holds(SECRET_MARK)
    }


def test_password_of_a_uri(project, ftp_server):
    """It stands where its owner wrote it, and in the store; nowhere else."""
    project.artifacts_to(ftp_server.uri("/" + uuid.uuid4().hex))
    _, said = project.exec()
    project.kmlflow("explain", "-vv")
    assert SECRET_MARK not in project.client.said
    assert holders(project) <= {"conf", "mlruns"}


def test_wrong_password_of_a_uri(project, ftp_server):
    """While the run waits it is in its spool as well, for its owner alone."""
    project.artifacts_to(ftp_server.uri("/").replace("1@", "2@"))
    _, said = project.exec()
    assert "does not take what it was shown" in said
    project.kmlflow("sync", "-vv")
    project.kmlflow("explain", "-vv")
    assert SECRET_MARK not in project.client.said
    assert holders(project) <= {"conf", "mlruns", ".kmlflow"}
    for path in project.holds(SECRET_MARK):
        if ".kmlflow" in path.parts:
            assert "reports" not in path.parts
            assert path.parent.stat().st_mode & 0o077 == 0
