# SPDX-License-Identifier: MIT
"""A Slurm of one node: srun and sbatch as users call them."""

import getpass
import os
import shutil
import socket
import subprocess
import time

import pytest

CONF = """\
ClusterName=kmlflow
SlurmctldHost={host}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={base}/munge.sock
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SlurmctldPidFile={base}/ctld.pid
SlurmdPidFile={base}/slurmd.pid
SlurmdSpoolDir={base}/spool
StateSaveLocation={base}/state
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmctldLogFile={base}/ctld.log
SlurmdLogFile={base}/slurmd.log
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName={host} NodeAddr=127.0.0.1 CPUs=32 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES State=UP OverSubscribe=YES
SlurmdParameters=config_overrides
"""
DAEMONS = ("munged", "slurmctld", "slurmd")
STARTS_WITHIN = 60


def free_ports(n: int) -> list:
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def is_idle(env) -> bool:
    told = subprocess.run(
        ["sinfo", "-h", "-o", "%T"], env=env, capture_output=True, text=True
    )
    return told.stdout.strip() == "idle"


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """Its configuration, once its node is idle."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    if not all(shutil.which(d, path=path) for d in DAEMONS):
        pytest.skip("NOT INSTALLED: Slurm")
    base = tmp_path_factory.mktemp("slurm")
    base.chmod(0o700)
    for name in "spool", "state":
        (base / name).mkdir()
    key = base / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    conf = base / "slurm.conf"
    conf.write_text(
        CONF.format(
            base=base,
            host=socket.gethostname().split(".")[0],
            user=getpass.getuser(),
            ports=free_ports(2),
        )
    )
    env = {**os.environ, "PATH": path, "SLURM_CONF": str(conf)}
    munge = ["munged", "--foreground", "--force", "--key-file", key]
    for name in "socket", "pid-file", "log-file", "seed-file":
        suffix = {"socket": "sock"}.get(name, name)
        munge += [f"--{name}", base / f"munge.{suffix}"]
    commands = [munge, ["slurmctld", "-D", "-c"], ["slurmd", "-D", "-c"]]
    with open(base / "said", "wb") as said:
        daemons = []
        for command in commands:
            daemons.append(
                subprocess.Popen(
                    command, env=env, stdout=said, stderr=said
                )
            )
            time.sleep(0.5)
    end = time.monotonic() + STARTS_WITHIN
    while not is_idle(env) and time.monotonic() < end:
        time.sleep(0.2)
    started = is_idle(env)
    if started:
        yield str(conf)
    for daemon in reversed(daemons):
        daemon.terminate()
        daemon.wait(timeout=20)
    if not started:
        said = (base / "said").read_text(errors="replace")
        pytest.skip(f"Slurm does not start here: {said[-1000:]}")


@pytest.fixture
def place(sandbox, slurm):
    sandbox.env["SLURM_CONF"] = slurm
    (sandbox.dir / "out").mkdir()
    return sandbox


WRITES = "echo $SLURM_PROCID >out/part-$SLURM_PROCID.txt"
EXEC = ["kmlflow", "exec", "-a", "out/*.txt", "--"]


def parts(n: int) -> set:
    return {f"part-{i}.txt" for i in range(n)}


def wait_for_reports(place, n: int):
    """A summary is written when a run is over."""
    end = time.monotonic() + 30
    reports = place.dir / ".kmlflow" / "reports"
    while len(list(reports.glob("*.json"))) < n:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_srun_with_an_exec_in_each_task(place):
    result = place.call("srun", "-n", "16", *EXEC, "sh", "-c", WRITES)
    assert result.returncode == 0, result.stderr
    run = place.run()
    assert run.status == "FINISHED" and set(run.artifacts) == parts(16)
    assert run.kmlflow("ranks") == "16"
    assert run.kmlflow("capture") == "complete"
    assert run.kmlflow("slurm.job_id") and run.kmlflow("slurm.step_id") == "0"


def test_a_batch_script_is_one_run_and_its_step_another(place):
    place.write(
        "job.sh",
        "#!/bin/sh\n#SBATCH -n 4\n"
        f"kmlflow exec -n whole -a 'out/*.txt' -- srun -n 4 sh -c '{WRITES}'\n"
        "kmlflow exec -n around -- srun -n 4 kmlflow exec -n step -- true\n",
    )
    place.call("sbatch", "job.sh")
    wait_for_reports(place, 3)
    runs = {r.name: r for r in place.runs()}
    assert set(runs) == {"whole", "around", "step"}
    assert set(runs["whole"].artifacts) == parts(4)
    assert runs["whole"].kmlflow("world_size") is None
    assert runs["step"].kmlflow("ranks") == "4"
    assert runs["step"].tags["mlflow.parentRunId"] == runs["around"].id


def test_a_task_that_fails_ends_the_step(place):
    fails = WRITES + "; [ $SLURM_PROCID != 2 ] || exit 3; exec sleep 30"
    result = place.call("srun", "-K", "-n", "4", *EXEC, "sh", "-c", fails)
    assert result.returncode != 0
    assert place.call("kmlflow", "sync").returncode == 0
    run = place.run()
    assert run.status == "FAILED" and run.kmlflow("exit_code") == "3"
    assert run.kmlflow("rank") == "2" and set(run.artifacts) == parts(4)


def test_a_job_that_is_cancelled_is_killed(place):
    place.write(
        "job.sh",
        "#!/bin/sh\nexec kmlflow exec -a 'out/*.txt' -- "
        f"sh -c '{WRITES}; exec sleep 30'\n",
    )
    sent = place.call("sbatch", "--parsable", "job.sh")
    job = sent.stdout.strip()
    end = time.monotonic() + 20
    while not (place.dir / "out" / "part-0.txt").exists():
        assert time.monotonic() < end, sent
        time.sleep(0.05)
    time.sleep(0.2)
    place.call("scancel", job)
    wait_for_reports(place, 1)
    run = place.run()
    assert run.status == "KILLED" and run.kmlflow("signal") == "SIGTERM"
    assert set(run.artifacts) == {"part-0.txt"}


def test_the_tasks_of_an_array_are_below_one_run(place):
    place.write(
        "job.sh",
        "#!/bin/sh\nf=out/$SLURM_ARRAY_TASK_ID.txt\n"
        "exec kmlflow exec -n task-$SLURM_ARRAY_TASK_ID -a $f -- sh -c "
        "'echo >out/$SLURM_ARRAY_TASK_ID.txt; exit $((SLURM_ARRAY_TASK_ID == 4))'\n",
    )
    submit = ["sbatch", "-W", "--array=1-8", "job.sh"]
    result = place.exec(*submit, options=["-n", "sweep"])
    assert result.returncode == 1, result.stderr
    runs = {r.name: r for r in place.runs()}
    assert set(runs) == {"sweep"} | {f"task-{i}" for i in range(1, 9)}
    sweep = runs.pop("sweep")
    assert sweep.status == "FAILED" and sweep.artifacts == {}
    for name, run in runs.items():
        i = run.kmlflow("slurm.array_task_id")
        assert name == f"task-{i}" and set(run.artifacts) == {f"{i}.txt"}
        assert run.tags["mlflow.parentRunId"] == sweep.id
        assert run.status == ("FAILED" if i == "4" else "FINISHED")
