# SPDX-License-Identifier: MIT
"""Fixtures: the stores' driver, and MLflow's readers of three generations."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from written import fill

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENVS = ROOT / "build" / "venv"

for name in [n for n in os.environ if n.startswith(("MLFLOW_", "KMLFLOW_"))]:
    if name != "KMLFLOW_TEST_DRIVER":
        del os.environ[name]
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

# The newest is the one that runs these tests.
READERS = {
    "1": VENVS / "mlflow1" / "bin" / "python",
    "2": VENVS / "mlflow2" / "bin" / "python",
    "newest": Path(sys.executable),
}


class Refused(Exception):
    """What the driver says when a call fails: 'kind: message'."""


class Store:
    """One local store, seen through the driver."""

    def __init__(self, driver: Path, uri, cwd: Path):
        self.driver = driver
        self.uri = str(uri)
        self.cwd = cwd

    def argv(self, *args):
        return [self.driver, self.uri, *map(str, args)]

    def call(self, *args):
        done = subprocess.run(
            self.argv(*args), cwd=self.cwd, capture_output=True, timeout=60
        )
        if done.returncode:
            raise Refused(done.stderr.decode())
        return [
            [unquote(word) for word in line.split(" ")]
            for line in done.stdout.decode().splitlines()
        ]

    def told(self, *args):
        return {line[0]: line[1] for line in self.call(*args)}

    def experiment(self, name, *words):
        return self.told("experiment", "name", name, *words)["id"]

    def read(self, run_id):
        """Params and tags, as dictionaries."""
        both = {"param": {}, "tag": {}}
        for what, key, value in self.call("read", run_id):
            both[what][key] = value
        return both["param"], both["tag"]


def dump(generation, uri, cwd, *flags):
    done = subprocess.run(
        [READERS[generation], HERE / "reader.py", str(uri), *flags],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def client(generation, store, *args):
    """What python_side.py does, by that generation's client."""
    done = subprocess.run(
        [READERS[generation], HERE / "python_side.py", store.uri, *args],
        cwd=store.cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def driver() -> Path:
    given = os.environ.get("KMLFLOW_TEST_DRIVER")
    if given:
        return Path(given).resolve()
    subprocess.run(["make", "-s", "store-driver"], cwd=ROOT, check=True)
    return ROOT / "build" / "release" / "tests" / "store_driver"


@pytest.fixture
def store(driver, tmp_path) -> Store:
    return Store(driver, tmp_path / "mlruns", tmp_path)


@pytest.fixture(scope="session")
def written(driver, tmp_path_factory) -> Store:
    """What written.py puts into a store, in a directory with a space."""
    filled = Store(driver, "mlruns", tmp_path_factory.mktemp("written dir"))
    fill(filled)
    return filled
