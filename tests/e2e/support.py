# SPDX-License-Identifier: MIT
"""A place to run kmlflow in, and what its store holds afterwards."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
VENVS = ROOT / "build" / "venv"
PATIENCE = 60


@dataclass
class Run:
    """A run as MLflow's own client tells it."""

    id: str
    experiment: str
    name: str
    status: str
    end_time: int
    params: dict
    tags: dict
    metrics: dict
    artifacts: dict = field(repr=False)  # path -> content

    def kmlflow(self, name: str):
        return self.tags.get(f"kmlflow.{name}")


def _files(root: Path) -> dict:
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


class Store:
    """A store, read by MLflow's client and nothing else."""

    def __init__(self, path: Path):
        self.path = path

    def client(self) -> MlflowClient:
        return MlflowClient(tracking_uri=self.path.as_uri())

    def _read(self, client: MlflowClient, experiment, run, into: Path) -> Run:
        into.mkdir(parents=True)
        if client.list_artifacts(run.info.run_id):
            client.download_artifacts(run.info.run_id, "", str(into))
        return Run(
            id=run.info.run_id,
            experiment=experiment.name,
            name=run.info.run_name,
            status=run.info.status,
            end_time=run.info.end_time,
            params=dict(run.data.params),
            tags=dict(run.data.tags),
            metrics=dict(run.data.metrics),
            artifacts=_files(into),
        )

    def experiments(self) -> dict:
        """Name -> id, of those that a user would see."""
        if not self.path.exists():
            return {}
        found = self.client().search_experiments(view_type=ViewType.ACTIVE_ONLY)
        return {e.name: e.experiment_id for e in found}

    def runs(self, scratch: Path) -> list:
        """All runs of all experiments, the oldest first."""
        if not self.path.exists():
            return []
        client = self.client()
        runs = []
        for e in client.search_experiments(view_type=ViewType.ALL):
            for r in client.search_runs(
                [e.experiment_id], order_by=["attributes.start_time ASC"]
            ):
                into = scratch / r.info.run_id
                shutil.rmtree(into, ignore_errors=True)
                runs.append(self._read(client, e, r, into))
        return runs


class Sandbox:
    """A directory, an environment without surprises, and one store."""

    def __init__(self, base: Path, bindir: Path, project: Path = None):
        self.base = base
        self.home = base / "home"
        self.dir = base / "work"
        self.home.mkdir(parents=True)
        if project is None:
            self.dir.mkdir()
        else:
            copy_project(project, self.dir)
        self.store = Store(self.dir / "mlruns")
        self.env = {
            "PATH": f"{bindir}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "USER": "tester",
            "LOGNAME": "tester",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "COLUMNS": "200",
            "TMPDIR": str(base),
            "KEDRO_DISABLE_TELEMETRY": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if project is None:
            self.env["MLFLOW_TRACKING_URI"] = str(self.store.path)

    def use_venv(self, name: str):
        self.env["PATH"] = f"{VENVS / name / 'bin'}:{self.env['PATH']}"

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def call(self, *argv, **options) -> subprocess.CompletedProcess:
        """Runs any command here; text unless binary=True."""
        options.setdefault("timeout", PATIENCE)
        options.setdefault("stdin", subprocess.DEVNULL)
        if "input" in options:
            options.pop("stdin")
        env = dict(self.env, **options.pop("env", {}))
        text = not options.pop("binary", False)
        return subprocess.run(
            [str(a) for a in argv],
            cwd=options.pop("cwd", self.dir),
            env={k: v for k, v in env.items() if v is not None},
            capture_output=True,
            text=text,
            **options,
        )

    def popen(self, *argv, **options) -> subprocess.Popen:
        env = dict(self.env, **options.pop("env", {}))
        return subprocess.Popen(
            [str(a) for a in argv],
            cwd=self.dir,
            env=env,
            text=True,
            **options,
        )

    def exec(self, *argv, options=(), **kw) -> subprocess.CompletedProcess:
        """kmlflow exec OPTIONS -- ARGV"""
        return self.call("kmlflow", "exec", *options, "--", *argv, **kw)

    def runs(self) -> list:
        return self.store.runs(self.base / "downloads")

    def run(self) -> Run:
        """The only run of the store."""
        runs = self.runs()
        assert len(runs) == 1, f"{len(runs)} runs: {runs}"
        return runs[0]

    def spools(self) -> list:
        """What is not yet published; reports are what explain reads."""
        root = self.dir / ".kmlflow"
        return [p for p in root.glob("*") if p.is_dir() and p.name != "reports"]

    def tree(self) -> set:
        """Every path below the directory, to see what appeared."""
        return {str(p.relative_to(self.dir)) for p in self.dir.rglob("*")}


def copy_project(source: Path, target: Path):
    """A fresh copy: only what git keeps of the example."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", "."],
        cwd=source,
        check=True,
        capture_output=True,
    ).stdout.split(b"\0")
    for name in filter(None, listed):
        to = target / os.fsdecode(name)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / os.fsdecode(name), to)


def make_repository(directory: Path) -> str:
    """One commit of all that is there; returns its id."""
    identity = ["-c", "user.name=Tester", "-c", "user.email=t@localhost"]
    for argv in (
        ["init", "-q", "-b", "trunk"],
        ["add", "-A"],
        [*identity, "commit", "-q", "-m", "start"],
    ):
        subprocess.run(["git", *argv], cwd=directory, check=True)
    return subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=directory,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def read_json(path: Path):
    return json.loads(path.read_text())


PYTHON = sys.executable
