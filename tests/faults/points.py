#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills kmlflow at each of its system calls, or lets each fail, and looks.

usage: points.py BINDIR [--store file|sqlite|server] [--verb exec|sync]
                 [--end known|unknown] [--error NAME] [--every N] [--only CALL-N,…] [--keep DIR]

A reference run numbers the calls; for each one the run is made again and
disturbed there: by SIGKILL as the call begins (the default), or by the call
failing with the error of that NAME.  CMD goes on to its end; then `kmlflow
sync` runs until nothing is left.  The store must be as after the undisturbed
run: no artifact, param, tag or metric lost, none doubled, no second run, the
true status where it could be known (--end: what sync has to begin with, CMD's
end noted by exec or not).  CMD itself is never disturbed, and its
exit status passes through whatever fails.

Every point is tried; --every N tries each Nth and --only those named, to look
around; --keep copies the directory of each that fails.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stores import STORES

CMD_STATUS = 3
JOB = f"""touch started
mkdir -p out/parts
echo early >out/a.txt
for i in 1 2 3; do echo $i >out/parts/$i.csv; done
echo '{{"rmse": {{"value": 0.5, "step": 1}}, "bias": {{"value": 2, "step": 7}}}}' >out/metrics.json
rm -f over.tmp; echo {CMD_STATUS} >over.tmp; mv over.tmp over
exit {CMD_STATUS}
"""
FILES = {
    "pyproject.toml": '[tool.kedro]\npackage_name = "demo"\n',
    "conf/base/catalog.yml": """
a:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
  dataset: {type: text.TextDataset, filepath: out/a.txt}
parts:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
  artifact_path: tables
  dataset: {type: partitions.PartitionedDataset, path: out/parts, dataset: pandas.CSVDataset}
metrics:
  type: kedro_mlflow.io.metrics.MlflowMetricsHistoryDataset
  metadata: {kmlflow: {filepath: out/metrics.json}}
""",
    "conf/base/parameters.yml": "alpha: 0.5\nmodel: {depth: 3, names: [a, b]}\n",
    "job.sh": JOB,
}
# How CMD ended is not known to a kmlflow that was dead by then.
OF_THE_END = re.compile(r"kmlflow[./](exit|signal|wall|user_|system_|max_rss|"
                        r"read_bytes|written_bytes|survivors|outcome|reason)")
PATIENCE = 20
# Calls that cannot fail, or that strace cannot make fail as the system would:
# a close() that is not made leaves a pipe open for good.
NEVER_FAIL = {"arch_prctl", "brk", "close", "futex", "kill", "uname",
              "wait4"}


class Place:
    """One project directory with its store."""

    def __init__(self, base, bindir, store):
        self.dir = Path(tempfile.mkdtemp(dir=base))
        self.store = store
        self.env = {
            "PATH": f"{bindir}:/usr/bin:/bin",
            "HOME": str(self.dir),
            "USER": "tester",
            "LANG": "C.UTF-8",
            "MLFLOW_TRACKING_URI": store.uri(self.dir),
            "MLFLOW_EXPERIMENT_NAME": self.dir.name,
        }
        for name, text in FILES.items():
            (self.dir / name).parent.mkdir(parents=True, exist_ok=True)
            (self.dir / name).write_text(text)

    def call(self, *argv):
        return subprocess.run(argv, cwd=self.dir, env=self.env, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60)

    def has(self, name):
        return (self.dir / name).exists()

    def spools(self):
        return [p for p in (self.dir / ".kmlflow").glob("*")
                if p.is_dir() and p.name != "reports"]

    def wait_for_cmd(self):
        """CMD goes on without kmlflow."""
        end = time.monotonic() + PATIENCE
        while self.has("started") and not self.has("over"):
            if time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True

    def sync(self):
        """Until nothing is left; what the last one said."""
        end = time.monotonic() + PATIENCE
        while True:
            said = self.call("kmlflow", "sync")
            if not self.spools() or time.monotonic() > end:
                return said
            for spool in self.spools():
                if not (spool / "run.json").exists():
                    os.utime(spool, (0, 0))  # what holds no run is left young
            time.sleep(0.02)

    def runs(self):
        return self.store.runs(self.dir)


def volatile(a, b):
    """Tags that differ between two undisturbed runs, and CMD's usage."""
    assert set(a["tags"]) == set(b["tags"]), "two runs, two sets of tags"
    ret = {k for k in a["tags"] if a["tags"][k] != b["tags"][k]}
    return ret | {m[0] for m in a["metrics"] if m[0].startswith("kmlflow/")}


def compare(run, reference, changing, knew_the_end, told):
    """What differs from the reference, as lines; a file 'told' is no loss."""
    problems = []
    if run["params"] != reference["params"] and not told(""):
        problems.append(f"params: {run['params']}")
    for name, text in reference["artifacts"].items():
        if run["artifacts"].get(name) != text and \
                not told(name.removeprefix("tables/")):
            problems.append(f"artifact {name}: {run['artifacts'].get(name)}")
    for name, value in reference["tags"].items():
        if OF_THE_END.match(name) and not knew_the_end:
            continue
        if name == "kmlflow.capture" and \
                run["tags"].get(name, "").startswith("partial: "):
            continue
        if name not in run["tags"]:
            problems.append(f"tag {name} is missing")
        elif name not in changing and run["tags"][name] != value:
            problems.append(f"tag {name}: {run['tags'][name]}")
    def counted(metrics):
        ret = collections.Counter()
        for (name, value, step), n in metrics.items():
            if OF_THE_END.match(name) and not knew_the_end:
                continue
            if not OF_THE_END.match(name) and told("out/metrics.json"):
                continue
            ret[(name,) if name in changing else (name, value, step)] += n
        return ret
    ours, theirs = counted(run["metrics"]), counted(reference["metrics"])
    if ours != theirs:
        problems.append(f"metrics: {dict(ours)}")
    return problems


class Trial:
    def __init__(self, args, base, store, reference, changing):
        self.args, self.base, self.store = args, base, store
        self.reference, self.changing = reference, changing
        self.end = self.find_the_end()
        # The end is seen by exec, unless it is killed before that.
        exec_is_killed = args.verb == "exec" and not args.error
        self.may_miss_the_end = exec_is_killed or args.end == "unknown"
        # Where exec is lost, for sync to have something to do.
        self.lost_at = self.end if args.end == "known" else ("wait4", 2)

    def place(self):
        return Place(self.base, self.args.bindir, self.store)

    def prepare(self, place):
        """For sync: a run that lost its kmlflow just after CMD ended."""
        if self.args.verb == "sync":
            call, n = self.lost_at
            place.call("strace", "-qq", "-o", "/dev/null", "-e",
                       f"inject={call}:signal=SIGKILL:when={n}", *EXEC)
            place.wait_for_cmd()

    def find_the_end(self):
        """The first call of exec after it has noted how CMD ended."""
        place = self.place()
        log = place.dir / "calls"
        place.call("strace", "-qq", "-o", str(log), *EXEC)
        seen = collections.Counter()
        noted = False
        for line in log.read_text(errors="replace").splitlines():
            name = re.match(r"(\w+)\(", line)
            if not name:
                continue
            seen[name[1]] += 1
            if noted:
                break
            noted = name[1] == "rename" and "/outcome.json\")" in line
        shutil.rmtree(place.dir)
        assert noted
        return name[1], seen[name[1]]

    def argv(self):
        return EXEC if self.args.verb == "exec" else ["kmlflow", "sync"]

    def points(self):
        """(call, n) for each system call of the undisturbed verb."""
        place = self.place()
        self.prepare(place)
        log = place.dir / "calls"
        place.call("strace", "-qq", "-o", str(log), *self.argv())
        seen = collections.Counter()
        ret = []
        ours = not self.args.error
        for line in log.read_text(errors="replace").splitlines():
            name = re.match(r"(\w+)\(", line)
            if not name or name[1] in ("execve", "exit_group"):
                continue
            seen[name[1]] += 1
            if ours and (not self.args.error or name[1] not in NEVER_FAIL):
                ret.append((name[1], seen[name[1]]))
            # The last thing that the system's loader does.
            ours = ours or name[1] == "munmap"
        shutil.rmtree(place.dir)
        return ret

    def disturb(self, place, call, n):
        how = f"error={self.args.error}" if self.args.error else \
            "signal=SIGKILL"
        return place.call("strace", "-qq", "-o", "/dev/null", "-e",
                          f"inject={call}:{how}:when={n}", *self.argv())

    def judge(self, place, first, said):
        if not place.has("started"):
            return self.judge_refused(place, first)
        problems = []
        if not place.has("over"):
            return ["CMD did not come to its end"]
        if self.args.error and self.args.verb == "exec" and \
                first.returncode != CMD_STATUS:
            problems.append(f"exit status {first.returncode}: {first.stderr}")
        runs = place.runs()
        if len(runs) != 1:
            return problems + [f"{len(runs)} runs; {said.stderr}"]
        if place.spools():
            return problems + [f"the spool stays: {said.stderr}"]
        run = runs[0]
        known = run["status"] == self.reference["status"]
        if not known and run["status"] != "KILLED":
            problems.append(f"status {run['status']}")
        if not known and not self.may_miss_the_end:
            problems.append("status KILLED, though kmlflow saw the end")

        def told(name):
            """A warning names the file or a directory above it, or says that
            none of the project's can be known."""
            if "the current directory has no name" in first.stderr:
                return True
            return any(re.search(rf"warning: .*/{re.escape(str(part))}/?: ",
                                 first.stderr)
                       for part in [Path(name), *Path(name).parents]
                       if part.name)

        return problems + compare(run, self.reference, self.changing, known,
                                  told)

    def judge_refused(self, place, first):
        """CMD never ran: no run, or one that says so."""
        runs = place.runs()
        if self.args.error and first.returncode != 125:
            return [f"CMD did not run, exit status {first.returncode}: "
                    f"{first.stderr}"]
        if self.args.error and not re.search(r"^kmlflow: ", first.stderr,
                                             re.M):
            return [f"CMD did not run, and no message: {first.stderr}"]
        if any(r["status"] in ("RUNNING", "FINISHED") for r in runs):
            return [f"CMD did not run, and the store has {runs}"]
        return []

    def run(self, call, n):
        place = self.place()
        if self.args.verb == "exec" and (call, n) == self.end:
            self.may_miss_the_end = False
        self.prepare(place)
        try:
            first = self.disturb(place, call, n)
            place.wait_for_cmd()
            problems = self.judge(place, first, place.sync())
            if problems and first.stderr:
                problems.append(f"  said: {first.stderr}")
        except subprocess.TimeoutExpired as e:
            problems = [f"does not end: {e.cmd}"]
        if problems and self.args.keep:
            shutil.copytree(place.dir, Path(self.args.keep) / f"{call}-{n}",
                            symlinks=True)
        shutil.rmtree(place.dir)
        return problems


EXEC = ["kmlflow", "exec", "-t", "team=a", "--", "sh", "job.sh"]


def reference_run(args, base, store):
    place = Place(base, args.bindir, store)
    place.call(*EXEC)
    runs = place.runs()
    assert len(runs) == 1 and len(runs[0]["artifacts"]) == 4, runs
    assert runs[0]["params"] and runs[0]["metrics"], runs
    shutil.rmtree(place.dir)
    return runs[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bindir")
    parser.add_argument("--store", choices=STORES, default="file")
    parser.add_argument("--verb", choices=["exec", "sync"], default="exec")
    parser.add_argument("--error")
    parser.add_argument("--end", choices=["known", "unknown"],
                        default="known")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", help="CALL-N,… alone")
    parser.add_argument("--keep")
    args = parser.parse_args()
    args.bindir = os.path.abspath(args.bindir)
    base = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm")
                            else None)
    store = STORES[args.store]()
    try:
        reference = reference_run(args, base, store)
        changing = volatile(reference, reference_run(args, base, store))
        trial = Trial(args, base, store, reference, changing)
        points = trial.points()[::args.every]
        if args.only:
            points = [p.rsplit("-", 1) for p in args.only.split(",")]
        failed = 0
        for call, n in points:
            problems = trial.run(call, n)
            failed += bool(problems)
            for line in problems:
                print(f"{args.verb} {call} {n}: {line}", flush=True)
        print(f"{len(points) - failed} passed, {failed} failed: "
              f"{args.store}, {args.verb}, {args.error or 'SIGKILL'}")
        return 1 if failed or not points else 0
    finally:
        store.stop()
        shutil.rmtree(base)


if __name__ == "__main__":
    sys.exit(main())
