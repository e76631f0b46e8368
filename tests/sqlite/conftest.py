# SPDX-License-Identifier: MIT
"""Fixtures: databases of several MLflow releases, the driver, the program."""

import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# What the tests of the local directory have is used here as well.
sys.path.insert(0, str(ROOT / "tests" / "store"))
_spec = importlib.util.spec_from_file_location(
    "store_side", ROOT / "tests" / "store" / "conftest.py"
)
store_side = importlib.util.module_from_spec(_spec)
sys.modules["store_side"] = store_side
_spec.loader.exec_module(store_side)
READERS, Refused, Store = store_side.READERS, store_side.Refused, store_side.Store
driver = store_side.driver

os.environ.pop("MLFLOW_ALLOW_FILE_STORE", None)
for name in ("MLFLOW_TRACKING_URI", "KEDRO_ENV"):
    os.environ.pop(name, None)


def query(path, text, *values):
    """Rows of a database, read by somebody else's library."""
    db = sqlite3.connect(path, timeout=30)
    try:
        return db.execute(text, values).fetchall()
    finally:
        db.close()


@pytest.fixture(scope="session")
def made_by(tmp_path_factory):
    """An empty database that a generation of MLflow has made, copied."""
    made = {}

    def call(generation, to: Path) -> Path:
        if generation not in made:
            path = tmp_path_factory.mktemp(f"by {generation}") / "mlflow.db"
            subprocess.run(
                [
                    READERS[generation],
                    "-c",
                    "import mlflow, sys\n"
                    "mlflow.set_tracking_uri(sys.argv[1])\n"
                    "mlflow.tracking.MlflowClient().get_experiment('0')\n",
                    f"sqlite:///{path}",
                ],
                cwd=path.parent,
                capture_output=True,
                check=True,
                timeout=300,
            )
            made[generation] = path
        shutil.copyfile(made[generation], to)
        return to

    return call


@pytest.fixture
def store(driver, tmp_path) -> Store:
    return Store(driver, "sqlite:///mlflow.db", tmp_path)


class Program:
    """The installed kmlflow in a directory of its own."""

    def __init__(self, bindir: Path, cwd: Path):
        self.bindir = bindir
        self.cwd = cwd
        self.db = cwd / "mlflow.db"
        self.env = {
            "PATH": f"{bindir}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(cwd.parent),
            "USER": "tester",
            "LANG": "C.UTF-8",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }

    def start(self, *argv, **more):
        env = {**self.env, **more.pop("env", {})}
        return subprocess.Popen(
            [str(a) for a in argv],
            cwd=more.pop("cwd", self.cwd),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def call(self, *argv, **more):
        """Status, stdout and stderr of any command."""
        p = self.start(*argv, **more)
        out, err = p.communicate(timeout=300)
        return p.returncode, out, err

    def exec(self, *argv, options=(), **more):
        return self.call("kmlflow", "exec", *options, "--", *argv, **more)

    def spools(self):
        found = (self.cwd / ".kmlflow").glob("*")
        return [p for p in found if p.is_dir() and p.name != "reports"]


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


@pytest.fixture
def program(bindir, tmp_path) -> Program:
    cwd = tmp_path / "work"
    cwd.mkdir()
    return Program(bindir, cwd)
