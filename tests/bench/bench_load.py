#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the reading of a project's configuration, by kmlflow and by Kedro.

usage: bench_load.py DRIVER [--python PYTHON] [--rounds N]

DRIVER is load_driver.c, which reads once a process; PYTHON can import kedro,
which reads time and again in one process, its start not counted.  They take
turns; each figure is a median of processor time, so that what else the
machine does counts as little as can be.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import conf_tree

KEDRO = """
import gc, logging, sys, time, warnings
from kedro.config import OmegaConfigLoader
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
print("ready", flush=True)
for _ in sys.stdin:
    start = time.process_time()
    loader = OmegaConfigLoader(
        "conf", env="prod", base_env="base", default_run_env="local",
        config_patterns={"mlflow": ["mlflow*", "mlflow*/**", "**/mlflow*"]})
    for kind in ("catalog", "parameters", "credentials", "mlflow"):
        try:
            loader[kind]
        except Exception as error:
            if kind != "credentials":
                raise
    print(time.process_time() - start, flush=True)
    gc.collect()
"""


def row(name, value, note=""):
    print(f"  {name:44} {value:>12}  {note}", flush=True)


def read_once(driver, root):
    """Seconds of processor time, and how many paths were declared."""
    said = subprocess.run([driver, "prod"], cwd=root, check=True,
                          capture_output=True, text=True).stdout.split()
    return int(said[1]) / 1e9, int(said[0])


class Kedro:
    def __init__(self, python, root):
        self.child = subprocess.Popen(
            [python, "-c", KEDRO], cwd=root, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.child.stdout.readline().strip() != "ready":
            sys.exit("kedro cannot be imported")

    def read_once(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return float(self.child.stdout.readline())

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def compare(args, root, count):
    """The medians of both, in seconds, where Kedro is there."""
    kedro = args.python and Kedro(args.python, root)
    ours, theirs, declared = [], [], 0
    for _ in range(args.rounds):
        for _ in range(5):
            spent, declared = read_once(args.driver, root)
            ours.append(spent)
        if kedro:
            theirs.append(kedro.read_once())
    if kedro:
        kedro.close()
    mine = statistics.median(ours)
    row("kmlflow", f"{mine * 1e3:.2f} ms",
        f"best {min(ours) * 1e3:.2f} ms, {declared} declared"
        + (" (target: 10 ms)" if count == 1000 else ""))
    if theirs:
        his = statistics.median(theirs)
        row("Kedro", f"{his * 1e3:.0f} ms", f"{his / mine:.0f} times as long"
            + (" (target: 50)" if count == 1000 else ""))
    return mine


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--python")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    args.driver = os.path.abspath(args.driver)
    args.python = args.python and os.path.abspath(args.python)
    counts, spent = (100, 1000, 10000), {}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as top:
        for count in counts:
            root = os.path.join(top, str(count))
            conf_tree.make(root, count, "1.0.0")
            print(f"reading {count} datasets, 20 files, 3 environments")
            if count > 1000:
                args.python = None
            spent[count] = compare(args, root, count)
    print("growth with the number of datasets")
    for count in counts:
        row(f"{count}", f"{spent[count] / count * 1e6:.2f} us",
            "a dataset")


main()
