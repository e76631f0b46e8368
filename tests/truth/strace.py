# SPDX-License-Identifier: MIT
"""What strace saw being written, by path."""

import os
import re
from pathlib import Path

CALLS = (
    "open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,"
    "symlink,symlinkat,truncate,open_by_handle_at"
)
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (\d+)(?:<(.*)>)?")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")


def command(log: Path, argv: list) -> list:
    # -ff: one file for each process, so that no line is cut in two.
    return ["strace", "-ff", "-qq", "-y", "-xx", "-s", "8192"] + [
        "-e", f"trace={CALLS}", "-e", "signal=none", "-o", log, *argv
    ]


def _unescape(text: str) -> bytes:
    return re.sub(
        rb"\\x([0-9a-f]{2})",
        lambda m: bytes([int(m[1], 16)]),
        text.encode("utf-8", "surrogateescape"),
    )


def written(log: Path) -> set:
    """Paths as the calls that worked gave or returned them, as bytes."""
    found = set()
    for part in log.parent.glob(log.name + ".*"):
        for line in part.read_text(errors="surrogateescape").splitlines():
            m = LINE.match(line)
            if not m:
                continue
            call, arguments, _, path = m.groups()
            if call.startswith("open"):
                if path and WRITES.search(arguments):
                    found.add(_unescape(path))
            elif call == "creat":
                found.add(_unescape(path or ""))
            else:
                found.update(_unescape(s) for s in STRING.findall(arguments))
    return found


def names(paths: set) -> set:
    """Their last components: a relative path is of a directory unknown."""
    return {os.path.basename(p) for p in paths}
