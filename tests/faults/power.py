#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes the power away after each change that kmlflow makes to the disk.

usage: power.py BINDIR [--keep DIR]

A run is recorded call by call and played again on a model of the disk (see
disk.py).  After each change the machine "goes down": names are as they were,
of what was written since the last syncfs(2) nothing is left, but for the notes
of what is done, which are the worst to have alone.  On such a disk `kmlflow
sync` runs, on what counts as another boot.

exec:    once kmlflow has ended, the store holds all of the run.
offline: once kmlflow has ended, the spool does.
sync:    of a spool that was on the disk nothing is lost wherever it is cut.

Each is done once more with KMLFLOW_FSYNC=0, where something must be found
missing: else this would be no test.
"""
import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from disk import Disk, File, calls, put_tree, strace, tree_of
from points import EXEC, Place, compare, volatile
from stores import FileStore

HERE = Path(__file__).resolve().parents[2] / "build"
OFFLINE = [*EXEC[:2], "--mode", "offline", *EXEC[2:]]


def is_notes(path):
    return path.endswith(b"/done")


class Recording:
    """The disk after each change of one call of kmlflow in 'place'."""

    def __init__(self, place, argv):
        self.place = place
        log = place.dir.with_suffix(".calls")
        disk = Disk(place.dir, place.dir)
        for path, was in tree_of(place.dir).items():
            if isinstance(was, tuple):
                disk.names[path] = File()
                disk.names[path].data = disk.names[path].synced = was[0]
            else:
                disk.names[path] = was
        self.said = place.call(*strace(log), *argv)
        self.states = []  # (what lost() tells, kmlflow has ended)
        first = None
        for pid, name, arguments, result, shown in calls(log):
            first = first or pid
            changed = disk.apply(pid, name, arguments, result, shown)
            over = name == "exit_group" and pid == first
            if changed or over or name == "syncfs":
                self.states.append((self.after_power(disk), over))
            if over:
                break
        self.waits = disk.waits
        # A model that is wrong shows nothing.
        ours = {p: v for p, v in disk.whole().items()}
        real = tree_of(place.dir)
        assert ours == real, {p for p in ours.keys() | real.keys()
                              if ours.get(p, 0) != real.get(p, 0)}
        log.unlink()

    def after_power(self, disk):
        ret = disk.lost()
        for path, file in disk.names.items():
            if isinstance(file, File) and is_notes(path):
                boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()
                ret[path] = (file.data.replace(b"boot:" + boot.strip(),
                                               b"boot:another"),)
        return ret

    def play(self, tree, promised):
        """What the disk holds, and what `kmlflow sync` makes of it."""
        shutil.rmtree(self.place.dir)
        put_tree(tree)
        said = self.place.call("kmlflow", "sync")
        if promised and self.place.spools():
            for spool in self.place.spools():
                if not (spool / "run.json").exists():
                    os.utime(spool, (0, 0))  # what holds no run is left young
            said = self.place.call("kmlflow", "sync")
        return said


class Trial:
    def __init__(self, args, base):
        self.args, self.base = args, base
        self.store = FileStore()
        self.reference = self.make_reference()
        self.changing = volatile(self.reference, self.make_reference())
        self.cuts = self.lost = 0

    def place(self, lax=False):
        place = Place(self.base, self.args.bindir, self.store)
        if lax:
            place.env["KMLFLOW_FSYNC"] = "0"
        return place

    def make_reference(self):
        place = self.place()
        place.call(*EXEC)
        (run,) = place.runs()
        assert len(run["artifacts"]) == 4 and run["params"], run
        return run

    def problems(self, recording, said):
        """What is not as in a run that nothing disturbed."""
        try:
            runs = recording.place.runs()
        except (OSError, TypeError, ValueError) as e:
            return [f"the store cannot be read: {e!r}; {said.stderr}"]
        if len(runs) != 1:
            return [f"{len(runs)} runs; {said.stderr}"]
        ret = compare(runs[0], self.reference, self.changing, True,
                      lambda name: False)
        if runs[0]["status"] != self.reference["status"]:
            ret.append(f"status {runs[0]['status']}")
        if recording.place.spools():
            ret.append(f"the spool stays: {said.stderr}")
        return ret

    def cut(self, what, recording, promised):
        """Plays each state; 'promised' tells whether it must be whole."""
        for number, (tree, over) in enumerate(recording.states):
            said = recording.play(tree, promised(over))
            self.cuts += 1
            bad = []
            if said.returncode < 0:
                bad.append(f"sync died of signal {-said.returncode}")
            if promised(over):
                bad += self.problems(recording, said)
            self.lost += bool(bad)
            for line in bad if not self.quiet else []:
                print(f"{what}, cut {number}: {line}", flush=True)
            if bad and self.args.keep and not self.quiet:
                shutil.copytree(recording.place.dir, symlinks=True,
                                dst=Path(self.args.keep) / f"{what}-{number}")

    def all(self, lax):
        self.quiet = lax
        for what, argv in ("exec", EXEC), ("offline", OFFLINE):
            recording = Recording(self.place(lax), argv)
            assert lax or recording.waits, f"{what} does not wait for a disk"
            self.cut(what, recording, lambda over: over)
        place = self.place()
        place.call(*OFFLINE)
        place.env["KMLFLOW_FSYNC"] = "0" if lax else "1"
        self.cut("sync", Recording(place, ["kmlflow", "sync"]),
                 lambda over: True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bindir")
    parser.add_argument("--keep")
    args = parser.parse_args()
    args.bindir = os.path.abspath(args.bindir)
    # On a disk: nobody waits for memory.
    HERE.mkdir(exist_ok=True)
    base = tempfile.mkdtemp(dir=HERE)
    try:
        trial = Trial(args, base)
        trial.all(lax=False)
        cuts, lost = trial.cuts, trial.lost
        trial.all(lax=True)
        seen = trial.lost - lost
        print(f"{cuts - lost} passed, {lost} failed: power; without waiting "
              f"{seen} of {trial.cuts - cuts} lose something")
        return 1 if lost or not cuts or not seen else 0
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    sys.exit(main())
