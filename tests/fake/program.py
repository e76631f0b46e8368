# SPDX-License-Identifier: MIT
"""Servers that are programs."""

import os
import subprocess
import time
from pathlib import Path

from driven import PATIENCE


class Program:
    """A server of its own process, and where it writes."""

    def __init__(self, directory: Path, command, **env):
        directory.mkdir(parents=True, exist_ok=True)
        self.log = directory / "log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                list(map(str, command)), stdout=out, stderr=out, cwd=directory,
                stdin=subprocess.DEVNULL, env={**os.environ, **env},
            )

    def wait(self, is_there):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return is_there()
            except Exception:
                said = self.log.read_text(errors="replace")
                assert self.process.poll() is None, said
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
