# SPDX-License-Identifier: MIT
"""What strace sees being written is what kmlflow captures."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import strace
from cases import ABSENT, CASES, PYTHON
from conftest import PROGRAMS

SEEDS = re.compile(r"out/old-[\w+]+")
PATIENCE = 120
OLD = 1e9
WAYS = ("event", "stat", "kept")


def seeds() -> set:
    """Files that are there before, of which each program takes its own."""
    found = {"out/old-r+", "out/old-rb+", "out/old-sh"}
    for source in PROGRAMS.iterdir():
        found.update(SEEDS.findall(source.read_text()))
    return found


class Place:
    """A fresh directory with an out/ in it, and an environment."""

    def __init__(self, path: Path, bindir: Path, built):
        self.path = path
        (path / "out").mkdir(parents=True)
        (path / "out").chmod(0o777)
        (path / "src").mkdir()
        (path / "src" / "f").write_text("source\n")
        path.chmod(0o777)
        for name in seeds():
            (path / name).write_text("old content\n" * 9)
            # Before the clock's last tick: a change shows in the times.
            os.utime(path / name, (OLD, OLD))
        self.env = {
            "PATH": f"{bindir}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(path),
            "LANG": "C.UTF-8",
            "TMPDIR": str(path),
            "MPLCONFIGDIR": str(path.parent / "matplotlib"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1",
            "P": str(PROGRAMS),
            "X": str(built or ""),
            "MLFLOW_TRACKING_URI": str(path.parent / "store"),
            "KMLFLOW_SPOOL_DIR": str(path.parent / "spools"),
        }

    def call(self, argv) -> str:
        r = subprocess.run(
            argv,
            cwd=self.path,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )
        assert r.returncode in (0, 77), r.stderr + r.stdout
        return r.stderr

    def files(self) -> set:
        """As bytes, relative to out/, what a name of does not hide."""
        found = set()
        top = os.fsencode(self.path / "out")
        for root, _, names in os.walk(top):
            for name in names:
                path = os.path.join(root, name)
                short = path[len(top) + 1 :]
                hidden = any(p.startswith(b".") for p in short.split(b"/"))
                if os.path.isfile(path) and not hidden:
                    found.add(short)
        return found


def absent(case) -> str:
    for name in case.needs:
        if not shutil.which(name) and not importlib.util.find_spec(
            name if name.isidentifier() else "none_such"
        ):
            return name
    return ""


def truth(place, case) -> set:
    """What a run without kmlflow leaves behind, of what it wrote."""
    before = place.files()
    log = place.path.parent / "strace"
    place.call(strace.command(log, ["sh", "-c", case.command]))
    seen = strace.names(strace.written(log))
    top = os.fsencode(place.path / "out")
    return {
        f
        for f in place.files()
        if f not in before
        or os.path.basename(f) in seen
        or os.stat(os.path.join(top, f)).st_mtime != OLD
    }


def captured(place, case, empty):
    """The summary of a run with it, and its artifacts by the way of seeing."""
    report = place.path.parent / "report.json"
    options = ["-q", "-a", "out/**", "--report", str(report)]
    for name, value in case.env.items():
        place.env[name] = value.format(empty=empty)
    argv = ["kmlflow", "exec", *options, "--", "sh", "-c", case.command]
    stderr = place.call(argv)
    # A loader complains of what it cannot load; other users cannot reach it.
    assert "ld.so" not in stderr or case.blind == ABSENT, stderr
    told = json.loads(
        report.read_bytes().decode("utf-8", "surrogateescape"), strict=False
    )
    top = len(str(place.path / "out")) + 1
    ways = {"event": set(), "stat": set(), "kept": set(), "said": set()}
    for f in told["files"]:
        way = "kept" if f.get("source") else f["seen"]
        if f["fate"] == "skipped":
            # MLflow has no place for such a name: it is said instead.
            assert re.search("not UTF-8|control character", f["reason"])
            way = "said"
        ways[way].add(os.fsencode(f["path"])[top:])
    assert told["uploaded"] == sum(len(ways[w]) for w in WAYS)
    assert len(told["problems"]) == len(ways["said"])
    return told, ways


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_truth(case, bindir, built, empty, table, tmp_path):
    what = built(case.build) if case.build else None
    missing = absent(case) or ("" if what or not case.build else case.build)
    if missing:
        table.append({"name": case.name, "absent": missing})
        pytest.skip(f"NOT INSTALLED: {missing}")
    # Its files come and go between the two: libraries made for later.
    subprocess.run([PYTHON, "-c", ""], check=True)
    expected = truth(Place(tmp_path / "bare" / "work", bindir, what), case)
    told, ways = captured(
        Place(tmp_path / "with" / "work", bindir, what), case, empty
    )
    found = ways["event"] | ways["stat"] | ways["said"]
    table.append(
        {
            "name": case.name,
            "declared": len(expected),
            "events": len(ways["event"]),
            "net": len(ways["stat"]),
            "said": len(ways["said"]),
            "kept": len(ways["kept"]),
            "missed": len(expected - found),
            "extra": len(found - expected),
            "capture": told["capture"],
        }
    )
    assert expected - found == set()
    assert found - expected == set()
    assert expected or case.blind
    if case.blind:
        assert case.blind in told["capture"]
        assert told["capture"].startswith("partial: ")
    else:
        assert told["capture"] == "complete"
