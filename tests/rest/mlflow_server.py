# SPDX-License-Identifier: MIT
"""MLflow's own servers of three generations, started and ended by the tests."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENVS = ROOT / "build" / "venv"
BINS = {
    "1": VENVS / "mlflow1" / "bin",
    "2": VENVS / "mlflow2" / "bin",
    "newest": Path(sys.executable).parent,
}
PATIENCE = 120


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class MlflowServer:
    """One server on loopback, with SQLite and the artifacts behind it."""

    def __init__(
        self, generation, directory, *options, file_store=False, env=None
    ):
        self.env = env or {}
        self.generation = generation
        self.dir = Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.backend = "store" if file_store else "sqlite:///mlflow.db"
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _argv(self):
        argv = [BINS[self.generation] / "mlflow", "server"]
        argv += ["--backend-store-uri", self.backend]
        if not any("artifact" in o for o in self.options):
            argv += ["--serve-artifacts"]
            argv += ["--artifacts-destination", str(self.artifacts)]
            argv += ["--default-artifact-root", "mlflow-artifacts:/"]
        argv += ["--host", "127.0.0.1", "--port", str(self.port)]
        return [str(a) for a in [*argv, "--workers", "1", *self.options]]

    @property
    def artifacts(self):
        return self.dir / "kept"

    def start(self):
        keep = ("LANG", "LC_ALL", "TMPDIR")
        env = {k: v for k, v in os.environ.items() if k in keep}
        env["PATH"] = f"{BINS[self.generation]}:/usr/bin:/bin"
        env["HOME"] = str(self.dir)
        env["MLFLOW_DISABLE_TELEMETRY"] = "true"
        env["MLFLOW_ALLOW_FILE_STORE"] = "true"
        env["MLFLOW_FLASK_SERVER_SECRET_KEY"] = "of a test"
        env.update(self.env)
        with open(self.dir / "log", "ab") as log:
            self.process = subprocess.Popen(
                self._argv(),
                cwd=self.dir,
                env=env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._wait()
        return self

    def _wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log()
            try:
                urllib.request.urlopen(self.url + "/health", timeout=5)
                # The first answer of the API takes long: not what is tested.
                urllib.request.urlopen(
                    self.url + "/api/2.0/mlflow/experiments/get"
                    "?experiment_id=0",
                    timeout=60,
                )
                return
            except urllib.error.HTTPError as e:
                if e.code < 500:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"{self.url} does not come up: {self.log()}")

    def log(self):
        return (self.dir / "log").read_text(errors="replace")[-4000:]

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                # Some wait for connections that nobody closes.
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(20)
        self.process = None

    def pause(self, stopped):
        os.killpg(
            self.process.pid, signal.SIGSTOP if stopped else signal.SIGCONT
        )

    def version(self):
        done = subprocess.run(
            [BINS[self.generation] / "python", "-m", "mlflow", "--version"],
            capture_output=True,
            text=True,
        )
        return re.search(r"[\d.]+", done.stdout).group()


def available(generation) -> bool:
    return shutil.which(str(BINS[generation] / "mlflow")) is not None
