# SPDX-License-Identifier: MIT
"""Which suites there are, and how each of them is run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import verdicts

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "build" / "suites"
# Trees are built here, and run here: some know where they were built.
PLACE = SOURCES / "place"
PYTHON = "/usr/bin/python3"

# Debian's package has no test_sqlite3.
CPYTHON = """test_os test_posix test_subprocess test_signal test_tempfile
    test_pty test_shutil test_fcntl test_mmap test_io test_zipfile test_import
    test_threading test_asyncio test_multiprocessing_spawn
    test_multiprocessing_forkserver""".split()
TCL = """chan chanio encoding env event exec fCmd fileName fileSystem io ioCmd
    load main pid pwd socket source unixFCmd unixFile unixInit zlib""".split()
AUTOMAKE = ("gzip", "grep", "coreutils")


@dataclass
class Part:
    """One command of a suite, run where 'tree' (if any) was copied to."""

    suite: str
    name: str
    argv: list
    read: Callable
    tree: Path = None
    # Tests that print all of an environment: they see our two variables, and
    # are compared with the capture switched off.
    prints_environment: frozenset = frozenset()
    # Tests that are known to depend on how busy the machine is, bare as well.
    unsteady: frozenset = frozenset()


# "timeout 0.01 sleep 0.02" must end by its time-out: of 400 times it does not
# do so once to fifteen times where others use the processors, bare.
UNSTEADY = {"grep": "tests/skip-device"}
PRINTING = {
    "env": "env-2.1 env-2.2 env-2.3 env-2.4 env-3.1 env-4.1 env-4.3 env-4.4 env-4.5",
    "coreutils": "tests/misc/env-S",
}


def cpython():
    for name in CPYTHON:
        yield Part(
            "cpython",
            name,
            [PYTHON, "-m", "test", "-u", "subprocess"]
            + ["--junit-xml", "junit.xml", name],
            verdicts.junit,
        )


def tcl():
    for name in TCL:
        yield Part(
            "tcl",
            name,
            ["tclsh8.6", "tests/all.tcl", "-file", f"{name}.test"]
            + ["-verbose", "pse", "-singleproc", "0"],
            verdicts.tcltest,
            SOURCES / "tcl8.6",
            prints_environment=frozenset(PRINTING.get(name, "").split()),
        )


def perl():
    yield Part(
        "perl",
        "path-tiny",
        ["prove", "-v", "-Ilib", "-It/lib", "-r", "t"],
        verdicts.tap,
        SOURCES / "libpath-tiny-perl",
    )


def go():
    """Go's own library: its programs are static and use raw system calls."""
    for tests in sorted((SOURCES / "go").glob("*/*.test")):
        name = tests.stem.replace("-", "/")
        argv = [str(tests), "-test.v", "-test.short"]
        yield Part("go", name, argv, verdicts.go, tests.parent)


def make():
    check = ["make", "-k", "-j2", "check"]
    for name in AUTOMAKE:
        yield Part(
            "make",
            name,
            check,
            verdicts.automake,
            SOURCES / name,
            prints_environment=frozenset(PRINTING.get(name, "").split()),
            unsteady=frozenset(UNSTEADY.get(name, "").split()),
        )
    yield Part("make", "tar", check, verdicts.autotest, SOURCES / "tar")


SUITES = (cpython, tcl, perl, go, make)
