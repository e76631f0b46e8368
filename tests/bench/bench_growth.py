#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the cost grows: with declared paths, and with files that are written.

usage: tests/bench/bench_growth.py KMLFLOW LOOP [--rules N] [--files N]

Each row is ten times the one before.  Rules: the time of an exec of nothing,
and what an open for writing of an undeclared file costs more than past the
library.  Files: the time of an exec that writes as many, less that of the
writing, for each; and what kmlflow itself needs of memory.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
WRITER = (
    "import os, sys\n"
    "n = int(sys.argv[1])\n"
    "for i in range(n):\n"
    "    d = 'out/%d' % (i // 1000)\n"
    "    if i % 1000 == 0: os.makedirs(d, exist_ok=True)\n"
    "    with open('%s/%d.txt' % (d, i), 'w') as f: f.write('x')\n"
)
ENTRY = """d{0}:
  type: text.TextDataset
  filepath: data/{0}/result_{0}.csv
  metadata: {{kmlflow: {{artifact: true}}}}
"""


def powers(last: int):
    n = 10
    while n <= last:
        yield n
        n *= 10


class Place:
    def __init__(self, base: Path, kmlflow: Path):
        self.dir = base
        self.kmlflow = kmlflow
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(base),
            "MLFLOW_TRACKING_URI": str(base / "store"),
            "KMLFLOW_SPOOL_DIR": str(base / "spools"),
        }

    def call(self, *argv, kmlflow=True, options=()):
        """Seconds, what it printed, and the peak of kmlflow's memory in MiB."""
        prefix = [self.kmlflow, "exec", "-vv", *options, "--"] if kmlflow else []
        began = time.monotonic()
        r = subprocess.run(
            [*prefix, *argv],
            cwd=self.dir,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        took = time.monotonic() - began
        peaks = [
            int(line.split()[-2]) / 1024
            for line in r.stderr.splitlines()
            if "peak memory" in line
        ]
        return took, r.stdout, max(peaks, default=0)


def median_of(place: Place, *argv, **how):
    runs = sorted(place.call(*argv, **how) for _ in range(ROUNDS))
    return runs[len(runs) // 2]


def added(place: Place, mode: str, loop: Path, where: Path) -> float:
    """Nanoseconds that a call costs more through the library."""
    rows = [
        float(place.call(loop, mode, where, "20000", "11")[1].split()[2])
        for _ in range(3)
    ]
    return statistics.median(rows)


def by_rules(base: Path, o):
    print("declared paths      exec, ms   MiB   undeclared open, ns")
    for n in powers(o.rules):
        place = Place(base / f"rules{n}", o.kmlflow)
        (place.dir / "conf/base").mkdir(parents=True)
        (place.dir / "out").mkdir()
        (place.dir / "pyproject.toml").write_text(
            '[tool.kedro]\npackage_name = "demo"\n'
        )
        with open(place.dir / "conf/base/catalog.yml", "w") as f:
            f.writelines(ENTRY.format(i) for i in range(n))
        took, _, peak = median_of(place, "true")
        other = added(place, "write", o.loop, place.dir / "out")
        print(f"{n:14} {took * 1000:13.1f} {peak:5.0f} {other:21.1f}", flush=True)
        shutil.rmtree(place.dir)


def by_files(base: Path, o):
    print("files written       bare, s   with, s   µs for each more   MiB")
    for n in powers(o.files):
        place = Place(base / f"files{n}", o.kmlflow)
        place.dir.mkdir()
        writer = [sys.executable, "-c", WRITER, str(n)]
        bare, _, _ = place.call(*writer, kmlflow=False)
        shutil.rmtree(place.dir / "out")
        took, _, peak = place.call(*writer, options=["-a", "out/**"])
        more = (took - bare) / n * 1e6
        print(f"{n:13} {bare:13.2f} {took:9.2f} {more:18.1f} {peak:5.0f}", flush=True)
        shutil.rmtree(place.dir)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kmlflow", type=Path)
    parser.add_argument("loop", type=Path)
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=10_000)
    o = parser.parse_args()
    o.kmlflow = o.kmlflow.resolve()
    o.loop = o.loop.resolve()
    with tempfile.TemporaryDirectory(dir=os.getcwd(), prefix="growth-") as base:
        by_rules(Path(base), o)
        by_files(Path(base), o)


if __name__ == "__main__":
    main()
