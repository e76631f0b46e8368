# SPDX-License-Identifier: MIT
"""Whatever way a command ends, the run says how."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient
from support import PYTHON
from test_outcome import wait_for

# Those that end a process that does nothing about them.
DEADLY = [
    s
    for s in sorted(signal.valid_signals())
    if s
    not in (
        signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP,
        signal.SIGTTIN, signal.SIGTTOU, signal.SIGURG, signal.SIGWINCH,
    )
]


@pytest.fixture(params=["directory", "sqlite"])
def box(request, sandbox):
    sandbox.uri = str(sandbox.store.path)
    if request.param == "sqlite":
        sandbox.uri = f"sqlite:///{sandbox.dir / 'runs.db'}"
    sandbox.env["MLFLOW_TRACKING_URI"] = sandbox.uri
    return sandbox


def runs(box):
    found = MlflowClient(box.uri).search_runs(["0"], order_by=["start_time ASC"])
    return {run.info.run_name: run for run in found}


def the_run(box):
    (run,) = runs(box).values()
    return run


def test_each_signal(sandbox):
    """All that are deadly, those of real time too."""
    assert len(DEADLY) > 50
    sandbox.uri = sandbox.env["MLFLOW_TRACKING_URI"]
    die = "import os, sys; os.kill(os.getpid(), int(sys.argv[1]))"
    for number in DEADLY:
        done = sandbox.exec(
            "/usr/bin/python3", "-SIc", die, int(number),
            options=["-q", "-n", f"s{int(number)}"],
        )
        # Python itself ignores a few and leaves the rest as they are.
        ignored = number in (signal.SIGPIPE, signal.SIGXFSZ)
        want = 0 if ignored else -number
        if number == signal.SIGINT:
            want = -signal.SIGINT
        assert done.returncode == want, (number, done.stderr)
    found = runs(sandbox)
    assert len(found) == len(DEADLY)
    for number in DEADLY:
        run = found[f"s{int(number)}"]
        if number in (signal.SIGPIPE, signal.SIGXFSZ):
            assert run.info.status == "FINISHED"
            continue
        assert run.info.status == "KILLED", number
        told = run.data.tags["kmlflow.signal"]
        names = {str(int(number)), getattr(number, "name", None)}
        names |= {"SIGPOLL"} if number == signal.SIGIO else set()
        assert told in names, (number, told)
        assert "kmlflow.exit_code" not in run.data.tags


def test_stopped_and_continued(box):
    p = box.popen(
        "kmlflow", "exec", "-q", "--", "sh", "-c",
        "echo $$ >pid.tmp; mv pid.tmp pid; while [ ! -e go ]; do sleep 0.05; done",
    )
    wait_for(box.dir / "pid")
    pid = int((box.dir / "pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    # kmlflow stops with it, as its caller must see.
    got, status = os.waitpid(p.pid, os.WUNTRACED)
    assert got == p.pid and os.WIFSTOPPED(status)
    assert the_run(box).info.status == "RUNNING"
    p.send_signal(signal.SIGCONT)
    (box.dir / "go").touch()
    assert p.wait(20) == 0
    assert the_run(box).info.status == "FINISHED"


def test_a_time_limit_that_is_heeded(box):
    done = box.call(
        "timeout", "-k", "5", "1", "kmlflow", "exec", "-q", "--",
        "sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done",
    )
    assert done.returncode == 124
    run = the_run(box)
    assert run.info.status == "FAILED"
    assert run.data.tags["kmlflow.exit_code"] == "7"


def test_a_time_limit_that_kills(box):
    """TERM is not heeded, KILL takes kmlflow and its command."""
    done = box.call(
        "timeout", "-k", "1", "1", "kmlflow", "exec", "-q", "-a", "out.txt", "--",
        "sh", "-c", "trap '' TERM; echo x >out.txt; while :; do sleep 0.05; done",
    )
    assert done.returncode in (137, -9)
    assert the_run(box).info.status == "RUNNING"
    (spool,) = box.spools()
    end = time.monotonic() + 20
    while box.spools():
        assert box.call("kmlflow", "sync").returncode == 0
        assert time.monotonic() < end
    run = the_run(box)
    assert run.info.status == "KILLED" and run.info.end_time
    assert "kmlflow was killed" in run.data.tags["kmlflow.outcome"]
    assert "kmlflow.exit_code" not in run.data.tags
    names = [a.path for a in MlflowClient(box.uri).list_artifacts(run.info.run_id)]
    assert names == ["out.txt"]


@pytest.mark.parametrize("heeds", [True, False])
def test_kmlflow_itself_is_told_to_end(box, heeds):
    """The command decides: it is told as well, once."""
    trap = "exit 6" if heeds else "echo no >told"
    box.write(
        "job.sh",
        f"trap '{trap}' TERM\necho 1 >started\n"
        "while [ ! -e told ]; do sleep 0.05; done\nexit 3\n",
    )
    p = box.popen("kmlflow", "exec", "-q", "--", "sh", "job.sh")
    wait_for(box.dir / "started")
    p.send_signal(signal.SIGTERM)
    want = 6 if heeds else 3
    assert p.wait(20) == want
    run = the_run(box)
    assert run.info.status == "FAILED"
    assert run.data.tags["kmlflow.exit_code"] == str(want)


def test_a_shell_that_masks_its_child(box):
    """As the manual says: the process that was started decides."""
    assert box.exec("sh", "-c", "false; true").returncode == 0
    assert the_run(box).info.status == "FINISHED"


# --- the out-of-memory killer ----------------------------------------------

CGROUPS = Path("/sys/fs/cgroup")


class Group:
    """A control group of 64 MB, version 1 or 2, made and taken away."""

    def __init__(self, name):
        v1 = (CGROUPS / "memory").is_dir()
        self.path = (CGROUPS / "memory" if v1 else CGROUPS) / name
        self.limit = "memory.limit_in_bytes" if v1 else "memory.max"

    def __enter__(self):
        self.path.mkdir()
        (self.path / self.limit).write_text(str(64 << 20))
        return self

    def __exit__(self, *_):
        end = time.monotonic() + 10
        while (self.path / "cgroup.procs").read_text() and time.monotonic() < end:
            time.sleep(0.05)
        self.path.rmdir()


def can_make_groups():
    try:
        with Group(f"kmlflow-can-{os.getpid()}"):
            return True
    except OSError:
        return False


HOG = "bytearray(300 << 20)"


@pytest.mark.plain  # a sanitizer's own memory would be the first to go
@pytest.mark.skipif(not can_make_groups(), reason="no control group can be made")
@pytest.mark.parametrize("who", ["the command", "its child"])
def test_the_out_of_memory_killer(box, who):
    hog = f"exec /usr/bin/python3 -SIc '{HOG}'"
    script = hog if who == "the command" else f"sh -c \"{hog}\"; exit 5"
    with Group(f"kmlflow-test-{os.getpid()}") as group:
        enter = f"echo $$ >{group.path}/cgroup.procs && exec \"$@\""
        done = box.call(
            "sh", "-c", enter, "enter", "kmlflow", "exec", "--", "sh", "-c", script
        )
    run = the_run(box)
    assert "out-of-memory killer ended 1 process" in done.stderr
    assert run.data.tags["kmlflow.oom_kills"] == "1"
    if who == "the command":
        assert done.returncode == -signal.SIGKILL
        assert run.info.status == "KILLED"
        assert run.data.tags["kmlflow.signal"] == "SIGKILL"
    else:
        assert done.returncode == 5
        assert run.info.status == "FAILED"


# --- a client that says something else -------------------------------------


def client(box, body, code=0, **kw):
    box.write("c.py", "import mlflow, os, sys\nfrom mlflow import MlflowClient\n" + body)
    return box.exec(
        "sh", "-c", f"{PYTHON} c.py && exit {code}",
        options=["-n", "ours", "-p", "p=1"], **kw
    )


@pytest.mark.plain
@pytest.mark.parametrize("said", ["FINISHED", "FAILED", "KILLED"])
@pytest.mark.parametrize("code", [0, 3])
def test_a_client_ends_our_run(box, said, code):
    body = (
        "MlflowClient().set_terminated(os.environ['MLFLOW_RUN_ID'], "
        f"'{said}', end_time=1000)\n"
    )
    assert client(box, body, code).returncode == code
    run = the_run(box)
    assert run.info.status == ("FAILED" if code else "FINISHED")
    assert run.info.end_time >= run.info.start_time > 1000
    assert run.data.params == {"p": "1"}


@pytest.mark.plain
def test_a_client_starts_runs_of_its_own(box):
    body = (
        "os.environ.pop('MLFLOW_RUN_ID')\n"
        "with mlflow.start_run(run_name='well'): mlflow.log_param('a', 1)\n"
        "mlflow.start_run(run_name='badly')\n"
        "mlflow.end_run('FAILED')\n"
    )
    assert client(box, body).returncode == 0
    found = runs(box)
    status = {name: run.info.status for name, run in found.items()}
    assert status == {"ours": "FINISHED", "well": "FINISHED", "badly": "FAILED"}
    assert found["well"].data.params == {"a": "1"}
    assert found["ours"].data.params == {"p": "1"}


@pytest.mark.plain
def test_a_client_renames_and_retags_our_run(box):
    body = (
        "c, i = MlflowClient(), os.environ['MLFLOW_RUN_ID']\n"
        "c.set_tag(i, 'kmlflow.exit_code', '77')\n"
        "c.set_tag(i, 'mlflow.note.content', 'theirs')\n"
    )
    assert client(box, body, 4).returncode == 4
    run = the_run(box)
    assert run.data.tags["kmlflow.exit_code"] == "4"
    assert run.data.tags["mlflow.note.content"] == "theirs"


@pytest.mark.plain
def test_a_client_deletes_our_run(box):
    body = "MlflowClient().delete_run(os.environ['MLFLOW_RUN_ID'])\n"
    done = client(box, body, 4)
    assert done.returncode == 4
    assert "deleted" in done.stderr and "kmlflow sync" in done.stderr
    (spool,) = box.spools()
    assert box.call("kmlflow", "sync").returncode == 1
    MlflowClient(box.uri).restore_run(spool.name)
    assert box.call("kmlflow", "sync").returncode == 0
    run = the_run(box)
    assert run.info.status == "FAILED"
    assert run.data.params == {"p": "1"}
    assert not box.spools()


# --- clocks that are set ---------------------------------------------------


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", library, source],
        check=True,
    )
    return library


@pytest.mark.plain  # a sanitizer insists on being the first library
@pytest.mark.parametrize("step", [-3600, -86400 * 365, 3600])
def test_the_clock_is_set_while_the_command_runs(box, clock, step):
    shift = box.dir / "shift"
    done = box.exec(
        "sh", "-c", f"echo {step} >shift; sleep 0.5; echo x >out.txt",
        options=["-a", "out.txt"],
        env={"LD_PRELOAD": str(clock), "CLOCK": str(shift)},
    )
    assert done.returncode == 0, done.stderr
    run = the_run(box)
    info = run.info
    assert info.status == "FINISHED"
    assert info.end_time >= info.start_time
    assert abs(info.start_time / 1000 - time.time()) < 60
    if step < 0:
        assert info.end_time - info.start_time < 10000
    assert 0.4 < run.data.metrics["kmlflow/wall_seconds"] < 10
    names = [a.path for a in MlflowClient(box.uri).list_artifacts(info.run_id)]
    assert names == ["out.txt"]
