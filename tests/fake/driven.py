# SPDX-License-Identifier: MIT
"""Our side of an artifact store: files, an environment, and the driver."""

import socket
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRET_MARK = "planted-secret"
PATIENCE = 60


def build_driver() -> Path:
    subprocess.run(["make", "-s", "s3-driver"], cwd=ROOT, check=True)
    return ROOT / "build" / "release" / "tests" / "s3_driver"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Client:
    def __init__(self, base: Path, driver: Path, **env):
        self.base = base
        self.driver = driver
        self.said = ""
        home = base / "home"
        home.mkdir()
        self.env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
            "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
            **env,
        }

    def file(self, data: bytes, name="file") -> Path:
        path = self.base / name
        path.write_bytes(data)
        return path

    def call(self, uri, *words, **env):
        done = subprocess.run(
            [self.driver, uri, *map(str, words)],
            env={
                k: v for k, v in {**self.env, **env}.items() if v is not None
            },
            capture_output=True, text=True, timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
        )
        self.said += done.stdout + done.stderr
        return done

    def put(self, uri, data: bytes, key: str, **env):
        done = self.call(uri, "put", self.file(data), key, **env)
        assert done.returncode == 0, done.stderr

    def refused(self, uri, data: bytes, key: str, **env) -> str:
        done = self.call(uri, "put", self.file(data), key, **env)
        assert done.returncode == 1, done.stderr
        return done.stderr

    def same(self, uri, data: bytes, key: str, **env) -> bool:
        done = self.call(uri, "same", self.file(data), key, **env)
        assert done.returncode == 0, done.stderr
        return done.stdout == "same\n"
