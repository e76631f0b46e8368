# SPDX-License-Identifier: MIT
"""A program at a terminal of its own, typed at and read from."""

import os
import pty
import re
import select
import signal
import time


class Terminal:
    def __init__(self, argv, cwd, env):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.fd)

    def type(self, text: str):
        os.write(self.fd, text.encode())

    def hang_up(self):
        """As when the window is closed."""
        os.close(self.fd)
        self.fd = os.open(os.devnull, os.O_RDONLY)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other side is gone
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def expect(self, pattern: str, seconds: float = 20) -> str:
        """Reads on until the pattern is there, and takes it off."""
        deadline = time.monotonic() + seconds
        while True:
            m = re.search(pattern, self.seen)
            if m:
                before, self.seen = self.seen[: m.end()], self.seen[m.end() :]
                return before
            alive = self._read(0.1)
            if time.monotonic() > deadline or not alive:
                assert re.search(pattern, self.seen), (
                    f"no {pattern!r} in {self.seen!r}"
                )

    def quiet(self, seconds: float) -> str:
        """What comes within the time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._read(0.05):
            pass
        return self.seen

    def wait(self, seconds: float = 20) -> int:
        """The wait status; reads on meanwhile, so nobody is held up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
        raise AssertionError(f"still running; seen {self.seen!r}")
