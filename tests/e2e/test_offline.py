# SPDX-License-Identifier: MIT
"""--mode offline: nothing but the spool, until sync; MLflow's client too."""

import json
import time

import pytest
from mlflow.tracking import MlflowClient
from support import PYTHON

# Nobody listens there, and the name has no address: to ask would be seen.
NOWHERE = "http://tracking.invalid:9"

CLIENT = """
import mlflow, os, sys
with mlflow.start_run() as run:
    mlflow.log_param("lr", 0.5)
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("odd/one", float("nan"))
    mlflow.set_tag("theirs", "yes")
    mlflow.log_text("hello", "sub/hello.txt")
    print(run.info.run_id)
    with mlflow.start_run(nested=True, run_name="kid"):
        mlflow.log_param("fold", 1)
        mlflow.log_text("kid", "kid.txt")
open("out.txt", "w").write("first")
"""


def offline(box, *argv, options=(), **kw):
    return box.exec(
        *argv, options=["--mode", "offline", "-e", "demo", *options], **kw
    )


def back(box, uri=None):
    """The store is there again: what the spools wait for."""
    for spool in box.spools():
        path = spool / "run.json"
        record = json.loads(path.read_text())
        record["tracking_uri"] = uri or str(box.store.path)
        path.write_text(json.dumps(record))


def sync(box, uri=None):
    back(box, uri)
    done = box.call("kmlflow", "sync")
    assert done.returncode == 0, done.stderr
    assert not box.spools()


@pytest.fixture
def away(sandbox):
    sandbox.env["MLFLOW_TRACKING_URI"] = NOWHERE
    return sandbox


def by_name(box):
    return {run.name: run for run in box.runs()}


def test_no_network_and_no_wait(away):
    begin = time.monotonic()
    done = away.call(
        "strace", "-f", "-e", "trace=socket,connect", "-o", "trace",
        "kmlflow", "exec", "--mode", "offline", "-a", "*.txt", "--",
        "sh", "-c", "echo x >a.txt; exit 3",
    )
    assert done.returncode == 3, done.stderr
    assert time.monotonic() - begin < 2
    assert "kmlflow sync" in done.stderr and "warning" not in done.stderr
    trace = (away.dir / "trace").read_text()
    assert "AF_INET" not in trace, trace
    sync(away)
    run = away.run()
    assert run.status == "FAILED" and run.kmlflow("exit_code") == "3"
    assert run.artifacts == {"a.txt": b"x\n"}


def test_the_variable_says_the_same(away):
    done = away.exec("true", env={"KMLFLOW_MODE": "offline"})
    assert done.returncode == 0
    assert len(away.spools()) == 1
    (spool,) = away.spools()
    record = json.loads((spool / "run.json").read_text())
    assert record["pending"] and "run_id" not in record


def test_a_local_store_is_left_alone_too(sandbox):
    assert offline(sandbox, "true").returncode == 0
    assert not sandbox.store.path.exists()
    sync(sandbox)
    assert sandbox.run().status == "FINISHED"


@pytest.mark.parametrize("store", ["directory", "sqlite"])
def test_a_client_inside_is_merged(away, store):
    away.write("c.py", CLIENT)
    options = ["-p", "lr=0.1", "-p", "ours=1", "-a", "out.txt", "-n", "job"]
    done = offline(away, PYTHON, "c.py", options=options)
    assert done.returncode == 0, done.stderr
    local = done.stdout.strip()
    away.write("out.txt", "of another run")
    if store == "sqlite":
        uri = f"sqlite:///{away.dir / 'runs.db'}"
        sync(away, uri)
        client = MlflowClient(uri)
    else:
        sync(away)
        client = away.store.client()
    experiment = client.get_experiment_by_name("demo")
    runs = client.search_runs([experiment.experiment_id])
    runs = {run.info.run_name: run for run in runs}
    assert set(runs) == {"job", "kid"}
    job, kid = runs["job"], runs["kid"]
    assert job.info.run_id == local
    assert job.info.status == "FINISHED"
    assert job.data.params == {"lr": "0.5", "ours": "1"}
    assert job.data.tags["theirs"] == "yes"
    history = client.get_metric_history(local, "loss")
    assert [(p.step, p.value) for p in history] == [
        (step, 1 / (step + 1)) for step in range(5)
    ]
    odd = client.get_metric_history(local, "odd/one")
    assert len(odd) == 1 and odd[0].value != odd[0].value
    assert kid.data.tags["mlflow.parentRunId"] == local
    assert kid.data.params == {"fold": "1"}
    assert kid.info.status == "FINISHED"
    into = away.base / "got"
    into.mkdir()
    client.download_artifacts(local, "", str(into))
    assert (into / "out.txt").read_text() == "first"
    assert (into / "sub" / "hello.txt").read_text() == "hello"
    (into / "kid").mkdir()
    client.download_artifacts(kid.info.run_id, "", str(into / "kid"))
    assert (into / "kid" / "kid.txt").read_text() == "kid"


def test_merging_twice_doubles_nothing(away):
    away.write("c.py", CLIENT)
    assert offline(away, PYTHON, "c.py", options=["-n", "job"]).returncode == 0
    (spool,) = away.spools()
    copy = away.base / "copy"
    away.call("cp", "-a", spool, copy)
    sync(away)
    before = away.runs()
    # Killed before it could note anything: the same once more.
    away.call("cp", "-a", copy, spool)
    sync(away)
    assert [repr(r) for r in away.runs()] == [repr(r) for r in before]
    client = away.store.client()
    job = by_name(away)["job"]
    assert len(client.get_metric_history(job.id, "loss")) == 5
    assert len(client.get_metric_history(job.id, "kmlflow/wall_seconds")) == 1


def test_a_model_becomes_files_of_the_run(away):
    away.write(
        "c.py",
        "import mlflow\n"
        "class M(mlflow.pyfunc.PythonModel):\n"
        "    def predict(self, context, model_input): return model_input\n"
        "with mlflow.start_run():\n"
        "    mlflow.pyfunc.log_model(name='m', python_model=M())\n",
    )
    done = offline(away, PYTHON, "c.py")
    assert done.returncode == 0, done.stderr
    sync(away)
    assert "m/MLmodel" in away.run().artifacts


def test_datasets_and_what_cannot_be_sent(away):
    away.write(
        "c.py",
        "import mlflow, pandas as pd\n"
        "with mlflow.start_run():\n"
        "    d = mlflow.data.from_pandas(pd.DataFrame({'x': [1]}), name='iris')\n"
        "    mlflow.log_input(d, context='train')\n"
        "    mlflow.MlflowClient().create_registered_model('m')\n",
    )
    assert offline(away, PYTHON, "c.py").returncode == 0
    back(away)
    done = away.call("kmlflow", "sync")
    assert done.returncode == 0
    assert "registered models" in done.stderr
    (path, text), = away.run().artifacts.items()
    assert path.startswith("mlflow-datasets/") and b"name: iris" in text


def test_a_client_that_was_killed(away):
    away.write(
        "c.py",
        "import mlflow, os\n"
        "mlflow.start_run()\n"
        "mlflow.log_param('p', 1)\n"
        "mlflow.start_run(nested=True, run_name='kid')\n"
        "os.kill(os.getpid(), 9)\n",
    )
    assert offline(away, PYTHON, "c.py", options=["-n", "job"]).returncode == -9
    sync(away)
    runs = by_name(away)
    assert runs["job"].status == "KILLED"
    assert runs["job"].params == {"p": "1"}
    assert runs["kid"].status == "KILLED"


def test_an_exec_within_is_offline_too_and_becomes_the_child(away):
    inner = "kmlflow exec -n inner -p a=1 -- true"
    done = offline(away, "sh", "-c", inner, options=["-n", "outer"])
    assert done.returncode == 0, done.stderr
    assert len(away.spools()) == 2
    sync(away)
    runs = by_name(away)
    assert runs["inner"].tags["mlflow.parentRunId"] == runs["outer"].id
    assert runs["inner"].experiment == runs["outer"].experiment == "demo"
    assert runs["inner"].params == {"a": "1"}


def test_sync_sends_files_as_they_were(away):
    for n in "12":
        script = f"echo {n} >out.txt"
        options = ["-n", n, "-a", "out.txt"]
        assert offline(away, "sh", "-c", script, options=options).returncode == 0
    (away.dir / "out.txt").unlink()
    sync(away)
    runs = by_name(away)
    assert runs["1"].artifacts == {"out.txt": b"1\n"}
    assert runs["2"].artifacts == {"out.txt": b"2\n"}


def test_strict_is_content_with_what_was_asked_for(away):
    assert offline(away, "true", options=["--strict"]).returncode == 0


def test_a_run_that_is_continued(sandbox):
    assert sandbox.exec("true", options=["-n", "job"]).returncode == 0
    first = sandbox.run()
    sandbox.write(
        "c.py", "import mlflow\nwith mlflow.start_run(): mlflow.log_param('p', 1)\n"
    )
    done = sandbox.exec(
        PYTHON, "c.py", options=["--mode", "offline", "--run-id", first.id]
    )
    assert done.returncode == 0, done.stderr
    assert sandbox.run().params == {}
    sync(sandbox)
    run = sandbox.run()
    assert run.params == {"p": "1"}
    assert run.name == "job"


def test_disabled_leaves_no_trace(away):
    done = away.exec("sh", "-c", "echo $KMLFLOW_SPOOL", options=["--mode", "disabled"])
    assert done.stdout == "\n"
    assert away.tree() == set()


def test_an_unknown_mode_is_refused(away):
    done = away.exec("true", options=["--mode", "ofline"])
    assert done.returncode == 125
    assert "online, offline or disabled" in done.stderr


def test_secrets_of_the_store_are_not_in_the_spool(away):
    away.env["MLFLOW_TRACKING_URI"] = "http://me:hunter2@tracking.invalid:9"
    assert offline(away, "true").returncode == 0
    for path in (away.dir / ".kmlflow").rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


# --- what a clean-up job takes -----------------------------------------------


def test_without_its_lock_a_spool_is_a_spool(away):
    assert offline(away, "true").returncode == 0
    (spool,) = away.spools()
    (spool / "lock").unlink()
    sync(away)
    assert away.run().status == "FINISHED"


def test_without_its_snapshot_it_is_one_too(away):
    away.write("c.py", CLIENT)
    assert offline(away, PYTHON, "c.py", options=["-n", "job"]).returncode == 0
    (spool,) = away.spools()
    (spool / "before").unlink()
    sync(away)
    assert by_name(away)["job"].params == {"lr": "0.5"}


def test_another_run_s_file_is_not_sent_for_one_that_is_gone(away):
    options = ["-a", "*.txt"]
    script = "echo 1 >a.txt; echo 1 >b.txt"
    assert offline(away, "sh", "-c", script, options=options).returncode == 0
    (spool,) = away.spools()
    (spool / "stowed" / "1").unlink()
    away.write("a.txt", "of another run\n")
    away.write("b.txt", "of another run\n")
    back(away)
    done = away.call("kmlflow", "sync")
    assert done.returncode == 0
    assert "what was kept of it in the spool is gone" in done.stderr
    assert list(away.run().artifacts.values()) == [b"1\n"]
