# SPDX-License-Identifier: MIT
"""The program under test, what is compiled for it, and the table at the end."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).resolve().parent / "programs"
ROWS = []

for name in [n for n in os.environ if n.startswith(("MLFLOW_", "KMLFLOW_"))]:
    if name != "KMLFLOW_TEST_BINDIR":
        del os.environ[name]

# What is made of a source below programs/, and by which compiler.
BUILD = {
    "probes": "cc -D_FILE_OFFSET_BITS=64 -pthread -o {out} {src}/probes.c",
    "fixed": "cc -static -D_FILE_OFFSET_BITS=64 -pthread -w -o {out} {src}/probes.c",
    "musl": "musl-gcc -O1 -o {out} {src}/small.c",
    "musl-fixed": "musl-gcc -static -O1 -o {out} {src}/small.c",
    "small-32": "i686-linux-gnu-gcc -O1 -o {out} {src}/small.c",
    "audit": "cc -shared -fPIC -o {out} {src}/audit.c",
    "cgo": "go build -o {out} {src}/cgo.go",
    "modes-cc": "c++ -std=c++17 -pthread -o {out} {src}/modes.cc",
    "modes-f90": "gfortran -o {out} {src}/modes.f90",
    "modes-rs": "rustc -o {out} {src}/modes.rs",
    "modes-rs-fixed": "rustc -C target-feature=+crt-static -o {out} {src}/modes.rs",
    "modes-go": "go build -o {out} {src}/modes.go",
    "java": "javac -d {out} {src}/Modes.java",
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
def built(tmp_path_factory):
    """Path of what BUILD names; None where there is no such compiler."""
    place = tmp_path_factory.mktemp("built")
    done = {}

    def build(name):
        if name not in done:
            command = BUILD[name].format(out=place / name, src=PROGRAMS)
            tool = command.split()[0]
            done[name] = shutil.which(tool) and place / name
            if done[name]:
                env = dict(os.environ, GOCACHE=str(place / "go-cache"))
                r = subprocess.run(
                    command, shell=True, env=env, capture_output=True, text=True
                )
                assert r.returncode == 0, r.stderr
        return done[name]

    return build


@pytest.fixture(scope="session")
def empty(bindir, tmp_path_factory):
    """The library where no compiler made one for 32-bit programs."""
    place = tmp_path_factory.mktemp("empty") / "kmlflow"
    shutil.copytree(bindir.parent / "lib/kmlflow", place, symlinks=True)
    subprocess.run(
        "rm -f kmlflow-32.so; cc -m32 -shared -nostdlib -x c -o kmlflow-32.so"
        " /dev/null",
        cwd=place,
        shell=True,
        check=True,
    )
    return place / "libasan.so.dir"


@pytest.fixture
def table():
    return ROWS


def pytest_terminal_summary(terminalreporter):
    if not ROWS:
        return
    heads = ("declared", "events", "net", "said", "kept", "missed", "extra")
    write = terminalreporter.write_line
    write(f"\n{'program':24}" + "".join(f"{h:>9}" for h in heads) + "  capture")
    for row in ROWS:
        if row.get("absent"):
            write(f"{row['name']:24}  NOT INSTALLED: {row['absent']}")
            continue
        numbers = "".join(f"{row[h]:>9}" for h in heads)
        write(f"{row['name']:24}{numbers}  {row['capture'][:90]}")
    absent = sum(1 for r in ROWS if r.get("absent"))
    done = [r for r in ROWS if not r.get("absent")]
    write(
        f"{len(done)} programs, {sum(r['declared'] for r in done)} outputs, "
        f"{sum(r['events'] for r in done)} by events, "
        f"{sum(r['net'] for r in done)} by the net alone, "
        f"{sum(r['missed'] for r in done)} missed; {absent} not installed"
    )
