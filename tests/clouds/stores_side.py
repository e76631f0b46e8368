# SPDX-License-Identifier: MIT
"""Every store of artifacts, with a URI of ours and a way to read what came."""

import os
import re
import uuid
from pathlib import Path

import pytest
import requests
from azure_side import URI_HOST, Container
from driven import PATIENCE, ROOT, free_port
from gs_side import Bucket
from program import Program
from webhdfs import Cluster

VENVS = ROOT / "build" / "venv"


@pytest.fixture
def gs(emulators, client):
    client.env["STORAGE_EMULATOR_HOST"] = emulators[0].url
    bucket = Bucket(emulators[0])
    bucket.uri = f"gs://{bucket.bucket.name}/here"
    bucket.read = lambda key: bucket.bucket.blob(key).download_as_bytes()
    return bucket


@pytest.fixture
def azure(azurite, client):
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


class Local:
    def __init__(self, root: Path):
        self.uri = f"file://{root}/here"
        self.root = root

    def keys(self):
        return sorted(
            str(p.relative_to(self.root))
            for p in self.root.rglob("*") if p.is_file()
        )

    def read(self, key):
        return (self.root / key).read_bytes()


@pytest.fixture
def local(tmp_path):
    (tmp_path / "kept").mkdir()
    return Local(tmp_path / "kept")


class S3:
    """moto's server, which asks nobody who he is as long as it has no user."""

    def __init__(self, url):
        self.url = f"{url}/bucket-{uuid.uuid4().hex[:12]}"
        requests.put(self.url, timeout=PATIENCE).raise_for_status()
        self.uri = f"s3://{self.url.rsplit('/', 1)[1]}/here"

    def keys(self):
        return re.findall("<Key>([^<]*)</Key>", requests.get(
            self.url, timeout=PATIENCE).text)

    def read(self, key):
        # It wants to see a name, not whose it is.
        anybody = {"Authorization": "AWS anybody:signed"}
        got = requests.get(
            f"{self.url}/{key}", headers=anybody, timeout=PATIENCE
        )
        got.raise_for_status()
        return got.content


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    program = Program(
        tmp_path_factory.mktemp("moto"),
        [VENVS / "s3/bin/moto_server", "-H", "127.0.0.1", "-p", port],
    )
    program.wait(lambda: requests.get(url, timeout=5))
    yield url
    program.close()


@pytest.fixture
def s3(moto, client):
    client.env.update(
        MLFLOW_S3_ENDPOINT_URL=moto,
        AWS_ACCESS_KEY_ID="anybody",
        AWS_SECRET_ACCESS_KEY="anything",
    )
    return S3(moto)


class Hdfs:
    def __init__(self, cluster):
        self.files = cluster.files
        self.root = f"/{uuid.uuid4().hex}/"
        self.uri = f"hdfs://name-node{self.root}here"

    def keys(self):
        return sorted(p[len(self.root):] for p in self.files)

    def read(self, key):
        return self.files[self.root + key]


@pytest.fixture
def hdfs(client):
    cluster = Cluster()
    client.env["KMLFLOW_WEBHDFS_URL"] = cluster.url
    yield Hdfs(cluster)
    cluster.close()


# --- where runs are --------------------------------------------------------


@pytest.fixture
def directory(project):
    return str(project.root / "mlruns")


@pytest.fixture
def database(project):
    return f"sqlite:///{project.root}/mlflow.db"


@pytest.fixture(scope="session", autouse=True)
def starting_mlflow(request, tmp_path_factory):
    """It takes its time, so it begins while other tests run."""
    if not any("mlflow_server" in i.fixturenames or "test_cell" in i.name
               for i in request.session.items):
        yield None
        return
    base = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        "HOME": str(base),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES": "ftp,sftp,hdfs",
    }
    program = Program(base, [
        VENVS / "e2e/bin/mlflow", "server", "--host", "127.0.0.1",
        "--port", port, "--workers", 1, "--serve-artifacts",
        "--backend-store-uri", f"sqlite:///{base}/mlflow.db",
        "--artifacts-destination", base / "kept",
    ], **env)
    program.kept = base / "kept"
    program.url = url
    yield program
    program.close()


@pytest.fixture(scope="session")
def mlflow_server(starting_mlflow):
    """The newest MLflow's, which keeps artifacts itself as well."""
    starting_mlflow.wait(lambda: requests.get(
        f"{starting_mlflow.url}/api/2.0/mlflow/experiments/get"
        "?experiment_id=0", timeout=60
    ).raise_for_status())
    return starting_mlflow


@pytest.fixture
def server(mlflow_server):
    return mlflow_server.url


@pytest.fixture
def proxy(mlflow_server):
    """What lies behind that server."""
    name = uuid.uuid4().hex
    os.makedirs(mlflow_server.kept / name, exist_ok=True)
    store = Local(mlflow_server.kept / name)
    store.uri = f"mlflow-artifacts:/{name}/here"
    return store
