# SPDX-License-Identifier: MIT
"""Many ranks, one run: MPI for real, Slurm by its variables."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MPIS = ["openmpi", "mpich"]
RANKS = 16


def launcher(mpi: str, n: int) -> list:
    argv = [f"mpirun.{mpi}"]
    if mpi == "openmpi":
        argv += ["--allow-run-as-root", "--oversubscribe"]
    return argv + ["-n", str(n)]


@pytest.fixture(scope="session")
def programs(tmp_path_factory) -> dict:
    """A program of MPI, for each of them."""
    out = tmp_path_factory.mktemp("ranks")
    built = {}
    for mpi in MPIS:
        built[mpi] = out / mpi
        subprocess.run(
            [f"mpicc.{mpi}", "-o", built[mpi], HERE / "ranks.c"], check=True
        )
    return built


@pytest.fixture
def place(sandbox):
    """A sandbox with a directory of results."""
    (sandbox.dir / "out").mkdir()
    return sandbox


def parts(numbers) -> set:
    return {f"part-{n}.txt" for n in numbers}


def only_run(place):
    """The one run of a store that must have no other, and no spool left."""
    runs = place.runs()
    assert len(runs) == 1, [r.name for r in runs]
    left = [p for p in (place.dir / ".kmlflow").iterdir() if len(p.name) == 32]
    assert not left
    assert not list((place.dir / ".kmlflow").glob("group-*"))
    return runs[0]


# --- MPI ----------------------------------------------------------------------


@pytest.mark.plain
@pytest.mark.parametrize("mpi", MPIS)
def test_an_exec_in_each_rank_is_one_run(place, programs, mpi):
    argv = launcher(mpi, RANKS) + ["kmlflow", "exec", "-a", "out/*.txt", "--"]
    result = place.call(*argv, programs[mpi], "out")
    assert result.returncode == 0, result.stderr
    run = only_run(place)
    assert run.status == "FINISHED" and run.kmlflow("capture") == "complete"
    assert run.kmlflow("world_size") == run.kmlflow("ranks") == str(RANKS)
    assert set(run.artifacts) == parts(range(RANKS))
    # Only rank 0 has something to say.
    assert result.stderr.count("FINISHED") == 1


@pytest.mark.plain
@pytest.mark.parametrize("mpi", MPIS)
def test_an_exec_around_the_ranks_is_one_run(place, programs, mpi):
    argv = launcher(mpi, RANKS) + [programs[mpi], "out"]
    result = place.exec(*argv, options=["-a", "out/*.txt"])
    assert result.returncode == 0, result.stderr
    run = only_run(place)
    assert run.status == "FINISHED" and run.kmlflow("capture") == "complete"
    assert set(run.artifacts) == parts(range(RANKS))
    assert run.kmlflow("world_size") is None


FAILS = """rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}
echo $rank >out/part-$rank.txt
[ $rank != 3 ] || { sleep 0.3; exit 7; }
exec sleep 3
"""


@pytest.mark.plain
@pytest.mark.parametrize("mpi", MPIS)
def test_the_rank_that_failed_first_says_how_it_ended(place, mpi):
    argv = launcher(mpi, 4) + ["kmlflow", "exec", "-a", "out/*.txt", "--"]
    result = place.call(*argv, "sh", "-c", FAILS)
    assert result.returncode == 7
    # A launcher that kills the others leaves the rest to sync.
    assert place.call("kmlflow", "sync").returncode == 0
    run = only_run(place)
    assert run.status == "FAILED" and run.kmlflow("exit_code") == "7"
    assert run.kmlflow("rank") == "3" and run.kmlflow("ranks") == "4"
    assert set(run.artifacts) == parts(range(4))


@pytest.mark.plain
@pytest.mark.parametrize("mpi", MPIS)
def test_a_run_for_each_rank_on_request(place, programs, mpi):
    argv = launcher(mpi, 4) + ["kmlflow", "exec", "--rank-runs=nested"]
    argv += ["-n", "solver", "--report", "r.json", "-a", "out/*.txt", "--"]
    result = place.call(*argv, programs[mpi], "out")
    assert result.returncode == 0, result.stderr
    runs = {r.name: r for r in place.runs()}
    assert set(runs) == {"solver", "r000", "r001", "r002", "r003"}
    for n in range(4):
        child = runs[f"r00{n}"]
        assert child.tags["mlflow.parentRunId"] == runs["solver"].id
        assert set(child.artifacts) == parts([n])
        assert child.kmlflow("world_size") is None
    assert runs["solver"].artifacts == {}
    assert runs["solver"].kmlflow("ranks") == "4"
    report = json.loads((place.dir / "r.json").read_text())
    assert report["run_id"] == runs["solver"].id


def test_as_if_there_were_no_others(place, programs):
    argv = launcher("mpich", 3) + ["kmlflow", "exec", "--rank-runs=each"]
    place.call(*argv, "-a", "out/*.txt", "--", programs["mpich"], "out")
    runs = place.runs()
    assert len(runs) == 3
    files = [set(r.artifacts) for r in runs]
    assert sorted(map(len, files)) == [1, 1, 1]
    assert set().union(*files) == parts(range(3))


def test_execs_one_after_the_other_within_ranks(place):
    inner = "kmlflow exec -n within -- true"
    script = (
        "kmlflow exec -n one -- true && kmlflow exec -n two -a 'out/*.txt'"
        f" -- sh -c 'echo >out/part-$PMI_RANK.txt; {inner}'"
    )
    argv = launcher("mpich", 4) + ["sh", "-c", script]
    result = place.exec(*argv, options=["-n", "all"])
    assert result.returncode == 0, result.stderr
    runs = place.runs()
    names = [r.name for r in runs]
    assert sorted(names) == ["all", "one", "two"] + ["within"] * 4
    ids = {r.name: r.id for r in runs}
    parents = {r.name: r.tags.get("mlflow.parentRunId") for r in runs}
    assert parents == {
        "all": None,
        "one": ids["all"],
        "two": ids["all"],
        "within": ids["two"],
    }
    two = next(r for r in runs if r.name == "two")
    assert set(two.artifacts) == parts(range(4))


# --- Slurm's variables --------------------------------------------------------


class Step:
    """The tasks of a job step, without a Slurm."""

    def __init__(self, place, size, job=None):
        self.place = place
        self.tasks = {}
        self.env = {
            "SLURM_JOB_ID": str(job or random.randrange(10**6)),
            "SLURM_STEP_ID": "0",
            "SLURM_NTASKS": str(size),
            "SLURM_STEP_NUM_TASKS": str(size),
        }

    def start(self, number, script, *options, before=(), env=None):
        argv = [*before, "kmlflow", "exec", "-a", "out/*.txt", *options]
        full = {**self.place.env, **self.env, **(env or {})}
        full["SLURM_PROCID"] = str(number)
        self.tasks[number] = subprocess.Popen(
            [*argv, "--", "sh", "-c", script],
            cwd=self.place.dir,
            env=full,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.tasks[number]

    def wait(self, timeout=60) -> dict:
        """Exit status and messages of each task."""
        ends = {}
        for number, task in self.tasks.items():
            _, text = task.communicate(timeout=timeout)
            ends[number] = (task.returncode, text)
        return ends


WRITES = "echo $SLURM_PROCID >out/part-$SLURM_PROCID.txt"


def wait_for(path, timeout=20):
    end = time.monotonic() + timeout
    while not path.exists():
        assert time.monotonic() < end, path
        time.sleep(0.02)


@pytest.mark.plain
def test_five_hundred_and_twelve_tasks(place):
    step = Step(place, 512)
    order = list(range(512))
    random.Random(7).shuffle(order)
    for number in order:
        step.start(number, WRITES)
    ends = step.wait(timeout=120)
    assert {status for status, _ in ends.values()} == {0}
    run = only_run(place)
    assert run.kmlflow("ranks") == "512" and run.status == "FINISHED"
    assert set(run.artifacts) == parts(range(512))
    assert run.kmlflow("capture") == "complete"


def test_what_is_written_after_rank_0_has_ended_counts(place):
    step = Step(place, 3)
    later = "sleep 1; " + WRITES
    step.start(1, later)
    step.start(0, WRITES)
    step.start(2, later)
    assert {s for s, _ in step.wait().values()} == {0}
    assert set(only_run(place).artifacts) == parts(range(3))


def test_a_rank_keeps_its_own_status(place):
    step = Step(place, 3)
    step.start(0, WRITES)
    step.start(1, WRITES + "; exit 4")
    step.start(2, WRITES + "; kill -9 $$")
    ends = {n: s for n, (s, _) in step.wait().items()}
    assert ends == {0: 0, 1: 4, 2: -9}
    assert only_run(place).status in ("FAILED", "KILLED")


def test_a_rank_whose_end_nobody_saw(place):
    step = Step(place, 2)
    step.start(0, WRITES)
    task = step.start(1, f"{WRITES}; echo $$ >pid; exec sleep 30")
    wait_for(place.dir / "pid")
    task.kill()
    time.sleep(0.3)
    os.kill(int((place.dir / "pid").read_text()), signal.SIGKILL)
    assert step.wait()[0][0] == 0
    run = only_run(place)
    assert run.status == "KILLED"
    assert run.kmlflow("outcome") == "unknown: the end of rank 1 was not seen"
    assert set(run.artifacts) == parts(range(2))


def test_rank_0_killed_while_others_run(place):
    step = Step(place, 3)
    task = step.start(0, f"{WRITES}; echo $$ >pid; exec sleep 30")
    for number in 1, 2:
        step.start(number, f"{WRITES}; until [ -e go ]; do sleep 0.1; done")
    wait_for(place.dir / "pid")
    wait_for(place.dir / "out" / "part-1.txt")
    wait_for(place.dir / "out" / "part-2.txt")
    task.kill()
    os.kill(int((place.dir / "pid").read_text()), signal.SIGKILL)
    task.wait()
    early = place.call("kmlflow", "sync")
    assert "1 still running" in early.stderr
    place.write("go", "")
    ends = step.wait()
    assert ends[1][0] == ends[2][0] == 0
    assert place.call("kmlflow", "sync").returncode == 0
    run = only_run(place)
    assert run.status == "KILLED" and run.kmlflow("rank") == "0"
    assert set(run.artifacts) == parts(range(3))


def test_what_rank_0_refuses_all_refuse(place):
    step = Step(place, 4)
    for number in 3, 1, 0, 2:
        step.start(number, "touch ran", "--run-id", "0" * 32)
    ends = step.wait()
    assert {s for s, _ in ends.values()} == {125}
    assert "rank 0 refused" in ends[3][1]
    assert not (place.dir / "ran").exists() and place.runs() == []


def test_without_rank_0_the_command_runs_all_the_same(place):
    env = {"KMLFLOW_RANK_TIMEOUT": "1"}
    step = Step(place, 2)
    step.start(1, "touch ran; exit 5", env=env)
    status, text = step.wait()[1]
    assert status == 5 and "not watched" in text
    assert (place.dir / "ran").exists()
    strict = Step(place, 2)
    strict.start(1, "touch strict", "--strict", env=env)
    assert strict.wait()[1][0] == 125
    assert not (place.dir / "strict").exists()


def test_only_rank_0_is_wrapped(place):
    step = Step(place, 4)
    step.start(0, WRITES, env={"KMLFLOW_RANK_TIMEOUT": "1"})
    assert step.wait()[0][0] == 0
    run = only_run(place)
    assert run.status == "FINISHED" and run.kmlflow("ranks") == "1"


def test_a_batch_script_is_no_rank(place):
    env = {"SLURM_JOB_ID": "9", "SLURM_PROCID": "0", "SLURM_NTASKS": "16"}
    assert place.exec("true", env=env).returncode == 0
    assert place.run().kmlflow("world_size") is None


def test_ranks_without_a_store(place):
    step = Step(place, 3)
    for number in range(3):
        step.start(number, WRITES, "--mode", "offline")
    assert {s for s, _ in step.wait().values()} == {0}
    assert place.runs() == []
    sent = place.call("kmlflow", "sync")
    assert sent.returncode == 0 and "1 sent" in sent.stderr
    assert set(only_run(place).artifacts) == parts(range(3))


def test_two_launches_at_once_are_two_runs(place):
    steps = [Step(place, 3, job) for job in (101, 102)]
    for number in range(3):
        for step in steps:
            step.start(number, "sleep 0.3")
    for step in steps:
        assert {s for s, _ in step.wait().values()} == {0}
    assert len(place.runs()) == 2


HOST = ["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc"]
HOST += ["--tmpfs", "/dev/shm", "--unshare-user", "--unshare-uts", "--hostname", "n2"]


@pytest.mark.skipif(
    subprocess.run([*HOST, "true"], capture_output=True).returncode != 0,
    reason="bwrap may not make a host here",
)
def test_ranks_on_two_hosts_with_a_shared_directory(place):
    """Another host: other numbers of processes, another /dev/shm."""
    step = Step(place, 4)
    # A file that is gone at the end was kept aside by the library alone.
    script = WRITES + "; echo $SLURM_PROCID >out/gone-$SLURM_PROCID.txt"
    script += "; rm out/gone-$SLURM_PROCID.txt; sleep 0.5"
    for number in 0, 1:
        step.start(number, script)
    for number in 2, 3:
        step.start(number, script, before=HOST)
    ends = step.wait()
    assert {s for s, _ in ends.values()} == {0}, ends
    run = only_run(place)
    gone = {f"gone-{n}.txt" for n in range(4)}
    assert set(run.artifacts) == parts(range(4)) | gone
    for number in range(4):
        assert run.artifacts[f"gone-{number}.txt"] == b"%d\n" % number
    assert run.kmlflow("capture") == "complete"
