# SPDX-License-Identifier: MIT
"""Fixtures: real servers, a proxy that breaks things, sandboxes."""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

for name in [n for n in os.environ if n.startswith(("MLFLOW_", "KMLFLOW_"))]:
    if not name.startswith("KMLFLOW_TEST_"):
        del os.environ[name]
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "fake")]

from mlflow_server import MlflowServer  # noqa: E402
from server import Server  # noqa: E402
from support import Sandbox  # noqa: E402

# Nobody waits for minutes in a test.
QUICK = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0.1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


def read(url, run_id=None, experiment="demo"):
    """The runs of an experiment, or one run, by MLflow's own client."""
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=url)
    if run_id:
        return client.get_run(run_id)
    found = client.get_experiment_by_name(experiment)
    return client.search_runs([found.experiment_id]) if found else []


def the_run(url, experiment="demo"):
    runs = read(url, experiment=experiment)
    assert len(runs) == 1, runs
    return runs[0]


def artifacts(url, run_id, into):
    """Path → bytes, downloaded by MLflow's own client."""
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=url)
    into = Path(into)
    into.mkdir(parents=True, exist_ok=True)
    if client.list_artifacts(run_id):
        client.download_artifacts(run_id, "", str(into))
    return {
        str(p.relative_to(into)): p.read_bytes()
        for p in into.rglob("*")
        if p.is_file()
    }


@pytest.fixture(scope="session")
def bindir(tmp_path_factory) -> Path:
    given = os.environ.get("KMLFLOW_TEST_BINDIR")
    if given:
        return Path(given).resolve()
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(
        ["make", "-s", "install", f"PREFIX={prefix}"], cwd=ROOT, check=True
    )
    return prefix / "bin"


@pytest.fixture(scope="session")
def driver() -> Path:
    given = os.environ.get("KMLFLOW_TEST_DRIVER")
    if given:
        return Path(given).resolve()
    subprocess.run(["make", "-s", "store-driver"], cwd=ROOT, check=True)
    return ROOT / "build" / "release" / "tests" / "store_driver"


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    """Generation → a server that runs, started when first asked for."""

    class Servers(dict):
        def __missing__(self, generation):
            self[generation] = MlflowServer(
                generation, tmp_path_factory.mktemp("server")
            ).start()
            return self[generation]

    started = Servers()
    yield started
    for server in started.values():
        server.stop()


@pytest.fixture(scope="session")
def newest(servers) -> MlflowServer:
    return servers["newest"]


@pytest.fixture(params=["1", "2", "newest"])
def server(request, servers) -> MlflowServer:
    return servers[request.param]


@pytest.fixture
def make_box(tmp_path, bindir):
    """A sandbox that records on the server of a URL."""
    count = iter(range(100))

    def make(url, **env) -> Sandbox:
        box = Sandbox(tmp_path / f"box{next(count)}", bindir)
        box.env.update(QUICK, MLFLOW_TRACKING_URI=url, **env)
        return box

    return make


@pytest.fixture
def proxy(newest):
    """Before the newest server; breaks what a test asks it to break."""
    with Server(newest.url) as p:
        yield p


@pytest.fixture
def experiment(request) -> str:
    """A name of its own for each test, so that servers can be shared."""
    return f"e{zlib.crc32(request.node.nodeid.encode())}"
