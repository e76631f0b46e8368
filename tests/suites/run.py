#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Suites of others, bare and under kmlflow: the same verdict, test by test.

usage: tests/suites/run.py BINDIR [-d GLOB] [-j N] [SUITE | SUITE/PART]...

GLOB is what is declared; "{tmp}" in it stands for the part's $TMPDIR.

Fails when a test differs that gives the same verdict each time it runs bare,
unless suites.py says of it why it cannot be relied on; those, and the tests
that were compared with the capture switched off, are named in the output.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import suites

PATIENCE = 3600  # seconds a part may take
REPEATS = 2  # further runs of either side where they differ
SHOWN = 20  # tests of each kind that are named
NOBODY = 65534
OFF = "KMLFLOW_CAPTURE"
STATUS = "(exit status)"
# Who starts them leads the session, as a shell does; neither side is a leader.
SHELL = ["sh", "-c", '"$@"; exit $?', "sh"]


def remove(path: Path):
    """Also what tests have left without permissions."""
    subprocess.run(["chmod", "-R", "u+rwX", path], stderr=subprocess.DEVNULL)
    shutil.rmtree(path, ignore_errors=True)


# Many tests are skipped for root, who may do all.
AS_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def own(path: Path):
    if AS_NOBODY:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", path], check=True)


def stay_who_we_are(why: str):
    AS_NOBODY.clear()
    print(f"all runs as user {os.geteuid()}: {why}")


def choose_user(kmlflow: str):
    if os.geteuid():
        stay_who_we_are("there is no right to be another")
    elif subprocess.run(["test", "-x", kmlflow], check=False, **AS_NOBODY).returncode:
        stay_who_we_are(f"nobody else can get at {kmlflow}")


class Place:
    """Where a part runs: a copy of its tree, a home and a $TMPDIR of its own."""

    def __init__(self, part: suites.Part):
        self.base = Path(tempfile.mkdtemp(prefix="suite-", dir="/tmp"))
        self.home = self.base / "home"
        self.tmp = self.base / "tmp"
        self.home.mkdir()
        self.tmp.mkdir()
        if part.tree:
            self.cwd = suites.PLACE
            remove(self.cwd)
            subprocess.run(["cp", "-a", part.tree, self.cwd], check=True)
            own(self.cwd)
        else:
            self.cwd = self.base / "work"
            self.cwd.mkdir()
        own(self.base)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        remove(self.base)


@dataclass
class Side:
    """Bare, or under kmlflow."""

    name: str
    prefix: list
    env: dict

    def off(self) -> "Side":
        return Side(self.name + "-off", self.prefix, self.env | {OFF: "off"})

    def run(self, part: suites.Part) -> dict:
        name = f"{part.suite}-{part.name}.{self.name}".replace("/", "-")
        path = suites.SOURCES / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with Place(part) as place, open(path, "w+", errors="replace") as out:
            env = {
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "HOME": str(place.home),
                "TMPDIR": str(place.tmp),
                "LANG": "C.UTF-8",
                **self.env,
            }
            prefix = [word.replace("{tmp}", env["TMPDIR"]) for word in self.prefix]
            argv = [*SHELL, *prefix, *part.argv]
            status = self._wait(argv, place.cwd, env, out)
            out.seek(0)
            found = part.read(place.cwd, out.read())
        found[STATUS] = str(status)
        return found

    @staticmethod
    def _wait(argv: list, cwd: Path, env: dict, out):
        child = subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **AS_NOBODY,
        )
        try:
            return child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return "took too long"


class Runs:
    """The runs of one part on one side."""

    def __init__(self, part: suites.Part, side: Side):
        self.part = part
        self.side = side
        self.done = []
        self.seconds = 0

    def again(self):
        began = time.monotonic()
        found = self.side.run(self.part)
        if self.side.prefix and self.part.prints_environment:
            off = self.side.off().run(self.part)
            found |= {n: off.get(n) for n in self.part.prints_environment}
        self.seconds = time.monotonic() - began
        self.done.append(found)
        return self

    def verdicts(self, name: str) -> list:
        return sorted({str(found.get(name, "absent")) for found in self.done})


class Comparison:
    """What the two sides say of one part."""

    def __init__(self, bare: Runs, ours: Runs):
        self.part = bare.part
        self.bare = bare
        self.ours = ours
        self.tests = bare.done[0]
        different = self._differing()
        for _ in range(REPEATS if different else 0):
            bare.again()
            ours.again()
        self.flaky = [n for n in different if bare.verdicts(n)[1:]]
        self.excused = [
            n for n in different if n in self.part.unsteady and n not in self.flaky
        ]
        told = {*self.flaky, *self.excused}
        self.different = [n for n in different if n not in told]
        # The suite's status is that of its tests.
        if told and self.different == [STATUS]:
            (self.flaky or self.excused).append(self.different.pop())

    def _differing(self) -> list:
        one, other = self.bare.done[0], self.ours.done[0]
        names = sorted(one.keys() | other.keys())
        return [n for n in names if one.get(n) != other.get(n)]

    def passed(self) -> int:
        told = {STATUS, *self.different, *self.flaky, *self.excused}
        return len(self.tests.keys() - told)

    def failed(self) -> int:
        """A suite without a test fails as well."""
        return len(self.different) or len(self.tests) < 2

    def line(self) -> str:
        tally = Counter(v for n, v in self.tests.items() if n != STATUS)
        said = ", ".join(f"{n} {v}" for v, n in tally.most_common())
        name = f"{self.part.suite} {self.part.name}"
        return (
            f"{name:42} {len(self.tests) - 1:5} tests"
            f" {len(self.different):3} differ {len(self.flaky):3} flaky"
            f" {len(self.excused):3} excused"
            f" {self.bare.seconds:5.0f} s {self.ours.seconds:5.0f} s  ({said})"
        )

    def details(self):
        if self.part.prints_environment:
            names = " ".join(sorted(self.part.prints_environment))
            yield f"    compared with the capture off: {names}"
        for kind in ("different", "flaky", "excused"):
            names = getattr(self, kind)
            for n in names[:SHOWN]:
                bare = "/".join(self.bare.verdicts(n))
                ours = "/".join(self.ours.verdicts(n))
                yield f"    {kind}: {n}: bare {bare}, with kmlflow {ours}"
            if names[SHOWN:]:
                yield f"    {kind}: and {len(names) - SHOWN} more"


def chosen(words: list) -> list:
    parts = [p for suite in suites.SUITES for p in suite()]
    for word in words:
        if not any(word in (p.suite, f"{p.suite}/{p.name}") for p in parts):
            sys.exit(f"run.py: no suite {word}; is scripts/setup-suites done?")
    return [
        p
        for p in parts
        if not words or {p.suite, f"{p.suite}/{p.name}"} & set(words)
    ]


def compare_all(parts: list, sides: tuple, jobs: int):
    """Comparisons in the order of the parts; what has a tree goes alone."""
    free = [p for p in parts if not p.tree] if jobs > 1 else []
    first = {}
    with ThreadPoolExecutor(jobs) as pool:
        for part in free:
            for side in sides:
                runs = Runs(part, side)
                first[id(part), side.name] = pool.submit(runs.again)
        for future in first.values():
            future.result()
    for part in parts:
        yield Comparison(
            *(
                first[id(part), side.name].result()
                if part in free
                else Runs(part, side).again()
                for side in sides
            )
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bindir", type=Path)
    parser.add_argument("-d", "--declare", default="results/**")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("suite", nargs="*")
    o = parser.parse_intermixed_args()
    # In a background job they are ignored, and so in all that we start.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    program = str(o.bindir.resolve() / "kmlflow")
    choose_user(program)
    kept = Path(tempfile.mkdtemp(prefix="suites-", dir="/tmp"))
    own(kept)
    kmlflow = [program, "exec", "-q"]
    env = {
        "KMLFLOW_SPOOL_DIR": str(kept / "spools"),
        "MLFLOW_TRACKING_URI": str(kept / "store"),
    }
    sides = (
        Side("bare", [], {}),
        Side("ours", [*kmlflow, "-a", o.declare, "--"], env),
    )
    failed = passed = flaky = excused = 0
    for c in compare_all(chosen(o.suite), sides, o.jobs):
        print(c.line(), *c.details(), sep="\n", flush=True)
        failed += c.failed()
        flaky += len(c.flaky)
        excused += len(c.excused)
        passed += c.passed()
    remove(kept)
    print(f"{flaky} differ among bare runs too, {excused} are excused")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
