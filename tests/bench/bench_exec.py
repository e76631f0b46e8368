#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times kmlflow exec beside what it is compared with, in one run.

usage: bench_exec.py KMLFLOW [--python PYTHON] [--rounds N] [--big BYTES]

Each figure is the median of N rounds in which the compared commands take
turns, so that a machine that slows down slows all of them; what counts is
the difference or the ratio.  PYTHON is one that can import mlflow.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CLIENT = """
import mlflow, sys
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("bench")
with mlflow.start_run():
    mlflow.log_param("a", 1)
    mlflow.log_artifact(sys.argv[2])
"""


def timed(argv, cwd, env=None):
    """Wall seconds of one command."""
    start = time.perf_counter()
    subprocess.run(argv, cwd=cwd, env=env, stdout=subprocess.DEVNULL,
                   check=True)
    return time.perf_counter() - start


def median(rows):
    return statistics.median(rows)


def row(name, value, note=""):
    print(f"  {name:44} {value:>12}  {note}", flush=True)


def turns(args, cwd, *commands):
    """The median of each (argv, environment), in turns."""
    times = [[] for _ in commands]
    for _ in range(args.rounds):
        for taken, (argv, env) in zip(times, commands):
            taken.append(timed(argv, cwd, env))
    return [median(t) for t in times]


def start_cost(args, where):
    print(f"start, end and record of a run, {where}")
    with tempfile.TemporaryDirectory(dir=where) as cwd:
        with open(os.path.join(cwd, "f.txt"), "w") as f:
            f.write("x\n")
        plain = [args.kmlflow, "exec", "-q", "--", "true"]
        full = [args.kmlflow, "exec", "-q", "-p", "a=1", "-a", "f.txt", "--",
                "touch", "f.txt"]
        files = dict(os.environ, MLFLOW_TRACKING_URI="mlruns")
        database = dict(os.environ, MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
        # One store after the other: what SQLite has the disk do at the end of
        # a run would be paid by the next one in a directory.
        for name, env in (("a directory", files), ("SQLite", database)):
            bare, ours = turns(args, cwd, (["true"], None), (plain, env))
            row("true", f"{bare * 1e3:.2f} ms")
            row(f"kmlflow exec -- true, {name}", f"{ours * 1e3:.2f} ms",
                f"+{(ours - bare) * 1e3:.2f} ms (target: +5)")
        base, one = turns(args, cwd, (["touch", "f.txt"], None), (full, files))
        row("kmlflow exec, one param and artifact", f"{one * 1e3:.2f} ms")
        lax, kept = turns(args, cwd, (full, dict(files, KMLFLOW_FSYNC="0")),
                          (full, files))
        row("the same, waiting for the disk and not", f"{kept * 1e3:.2f} ms",
            f"+{(kept - lax) * 1e3:.2f} ms (target: +10)")
        if not args.python:
            row("MLflow's Python client", "no mlflow")
            return
        env = dict(os.environ, MLFLOW_ALLOW_FILE_STORE="true")
        client = [args.python, "-c", CLIENT, os.path.join(cwd, "py"), "f.txt"]
        python = [timed(client, cwd, env) for _ in range(min(args.rounds, 9))]
        own = one - base
        row("MLflow's Python client, the same",
            f"{median(python) * 1e3:.0f} ms",
            f"{median(python) / own:.0f} times kmlflow's own (target: 100)")


def checkout_cost(args):
    """In a git checkout, here: git tells the commit meanwhile."""
    print(f"in a git checkout, {os.getcwd()}")
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as cwd:
        git = ["git", "status", "--porcelain=v2", "--branch",
               "--untracked-files=no"]
        files = dict(os.environ, MLFLOW_TRACKING_URI="mlruns")
        alone, ours = turns(args, cwd, (git, None), (
            [args.kmlflow, "exec", "-q", "--", "true"], files))
        row("git status", f"{alone * 1e3:.2f} ms")
        row("kmlflow exec -- true, a directory", f"{ours * 1e3:.2f} ms",
            f"+{(ours - alone) * 1e3:.2f} ms over that")


def publish_time(args, cwd, pattern):
    """Seconds of publishing, of waiting for the disk, and peak bytes, by
    kmlflow's own account."""
    child = subprocess.Popen(
        [args.kmlflow, "exec", "-vv", "-a", pattern, "--", "sh", "-c",
         "touch out/*"], cwd=cwd,
        env=dict(os.environ, MLFLOW_TRACKING_URI="mlruns"), stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    spent = re.search(r"published in ([0-9.]+) ms", said)
    disk = re.search(r"synchronised in ([0-9.]+) ms", said)
    peak = re.search(r"peak memory ([0-9]+) kB", said)
    if child.wait() or not spent or not disk or not peak:
        sys.exit(f"kmlflow: {said}")
    return (float(spent[1]) / 1e3, float(disk[1]) / 1e3,
            int(peak[1]) * 1024)


def publish_cost(args, where, count, size):
    what = f"{count} files of {size} bytes"
    print(f"publishing {what}, {where}")
    with tempfile.TemporaryDirectory(dir=where) as cwd:
        out = os.path.join(cwd, "out")
        os.mkdir(out)
        block = b"x" * min(size, 1 << 20)
        for i in range(count):
            with open(os.path.join(out, f"f{i:05d}"), "wb") as f:
                for _ in range(max(size // len(block), 1)):
                    f.write(block)
        copies, ours, synced, waited, peak = [], [], [], [], 0
        for _ in range(args.rounds if count > 1 else 3):
            # Neither pays for what the other has left to the disk.
            os.sync()
            copies.append(timed(["cp", "-r", "out", "copy"], cwd))
            synced.append(copies[-1] + timed(["sync", "-f", "copy"], cwd))
            shutil.rmtree(os.path.join(cwd, "copy"))
            os.sync()
            spent, disk, rss = publish_time(args, cwd, "out/")
            ours.append(spent)
            waited.append(spent + disk)
            peak = max(peak, rss)
            shutil.rmtree(os.path.join(cwd, "mlruns"))
        row("cp -r", f"{median(copies) * 1e3:.0f} ms")
        row("kmlflow, publishing", f"{median(ours) * 1e3:.0f} ms",
            f"{median(ours) / median(copies):.2f} times cp -r (target: 1)")
        row("cp -r and sync -f", f"{median(synced) * 1e3:.0f} ms")
        row("kmlflow, until the disk has it", f"{median(waited) * 1e3:.0f} ms",
            f"{median(waited) / median(synced):.2f} times both")
        row("kmlflow, peak memory", f"{peak / 2**20:.1f} MiB",
            "(target: 16)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kmlflow")
    parser.add_argument("--python")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--big", type=int, default=4 << 30)
    # Not in a checkout, where `git status` would be the most of it.
    parser.add_argument("--disk", default=os.environ.get("TMPDIR", "/var/tmp"))
    args = parser.parse_args()
    args.kmlflow = os.path.abspath(args.kmlflow)
    args.python = args.python and os.path.abspath(args.python)
    for where in ("/dev/shm", args.disk):
        start_cost(args, where)
        publish_cost(args, where, 10000, 4096)
        publish_cost(args, where, 1, args.big)
    checkout_cost(args)


main()
