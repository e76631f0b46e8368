# SPDX-License-Identifier: MIT
"""Whole runs on real servers of three generations, read back by MLflow."""

import math
import os
import sys

import crowd
import pytest
from conftest import artifacts, read, the_run
from mlflow.tracking import MlflowClient

ODD = ["a b.txt", "é/ü.txt", "semi;colon&amp=1+2.txt", "per 5%", "qu'o\"te"]


def test_a_run_is_whole(server, make_box, experiment, tmp_path):
    box = make_box(server.url)
    box.write("job.sh", "mkdir -p é\n" + "".join(
        f'printf %s "{i}" >"$(printf %s {quote_sh(n)})"\n'
        for i, n in enumerate(ODD)
    ) + 'echo $MLFLOW_RUN_ID >id\n')
    done = box.exec(
        "sh", "job.sh",
        options=["-e", experiment, "-n", "one", "-p", "lr=0.1", "-p",
                 "Größe=ß", "-t", "team=a b", "-m", "a *note*",
                 "-a", "*.txt", "-a", "é/*=deep/er", "-a", "per*", "-a", "qu*"],
    )
    assert done.returncode == 0, done.stderr
    run = the_run(server.url, experiment)
    assert run.info.run_id == (box.dir / "id").read_text().strip()
    assert run.info.run_name == "one"
    assert run.info.status == "FINISHED"
    assert run.info.end_time >= run.info.start_time
    assert run.data.params == {"lr": "0.1", "Größe": "ß"}
    tags = run.data.tags
    assert tags["team"] == "a b"
    assert tags["mlflow.note.content"] == "a *note*"
    assert tags["mlflow.user"] == "tester"
    assert tags["mlflow.runName"] == "one"
    assert tags["kmlflow.exit_code"] == "0"
    assert run.data.metrics["kmlflow/wall_seconds"] > 0
    got = artifacts(server.url, run.info.run_id, tmp_path / "got")
    assert got == {
        "a b.txt": b"0",
        "deep/er/ü.txt": b"1",
        "semi;colon&amp=1+2.txt": b"2",
        "per 5%": b"3",
        "qu'o\"te": b"4",
    }
    assert not box.spools()


def quote_sh(text):
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.mark.parametrize(
    "script, status, code",
    [("exit 3", "FAILED", 3), ("kill -9 $$", "KILLED", -9)],
)
def test_the_end_is_the_true_one(
    server, make_box, experiment, script, status, code
):
    box = make_box(server.url)
    done = box.exec("sh", "-c", script, options=["-e", experiment])
    assert done.returncode == code
    assert the_run(server.url, experiment).info.status == status


def test_an_experiment_is_found_again(server, make_box, experiment):
    box = make_box(server.url)
    for _ in range(2):
        assert box.exec("true", options=["-e", experiment]).returncode == 0
    assert len(read(server.url, experiment=experiment)) == 2


def test_a_deleted_experiment_is_named(server, make_box, experiment, driver):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=server.url)
    found = client.create_experiment(experiment)
    client.delete_experiment(found)
    box = make_box(server.url)
    refused = box.call(driver, server.url, "experiment", "name", experiment)
    assert refused.returncode == 1
    assert f"mlflow experiments restore -x {found}" in refused.stderr
    told = box.call(
        driver, server.url, "experiment", "name", experiment, "restore"
    )
    assert f"id {found}" in told.stdout
    assert client.get_experiment(found).lifecycle_stage == "active"


def test_a_foreign_run_is_joined(server, make_box, experiment):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=server.url)
    run = client.create_run(client.create_experiment(experiment))
    box = make_box(server.url, MLFLOW_RUN_ID=run.info.run_id)
    done = box.exec("sh", "-c", "echo x >f", options=["-p", "a=1", "-a", "f"])
    assert done.returncode == 0, done.stderr
    joined = the_run(server.url, experiment)
    assert joined.data.params == {"a": "1"}
    assert joined.info.status == "RUNNING"
    assert joined.info.run_name == run.info.run_name


def test_a_run_is_continued(server, make_box, experiment):
    box = make_box(server.url)
    options = ["-e", experiment]
    box.exec("sh", "-c", "exit 1", options=[*options, "-p", "a=1"])
    run_id = the_run(server.url, experiment).info.run_id
    done = box.exec(
        "true", options=[*options, "--run-id", run_id, "-p", "b=2"]
    )
    assert done.returncode == 0, done.stderr
    run = the_run(server.url, experiment)
    assert run.data.params == {"a": "1", "b": "2"}
    assert run.info.status == "FINISHED"


def test_runs_nest(server, make_box, experiment):
    box = make_box(server.url)
    inner = ["kmlflow", "exec", "-e", experiment, "-n", "inner", "--", "true"]
    done = box.exec(*inner, options=["-e", experiment, "-n", "outer"])
    assert done.returncode == 0, done.stderr
    runs = {r.info.run_name: r for r in read(server.url, experiment=experiment)}
    assert set(runs) == {"inner", "outer"}
    parent = runs["inner"].data.tags["mlflow.parentRunId"]
    assert parent == runs["outer"].info.run_id


CLIENT = """
import mlflow, sys
mlflow.log_param("seen", "client")
mlflow.log_param("lr", "other")
mlflow.log_metric("loss", 0.5)
open("f", "w").write("same bytes")
mlflow.log_artifact("f")
sys.exit(int(sys.argv[1]))
"""


def test_a_client_within_shares_the_run(newest, make_box, experiment, tmp_path):
    box = make_box(newest.url)
    box.write("job.py", CLIENT)
    done = box.exec(
        sys.executable, "job.py", "4",
        options=["-e", experiment, "-p", "lr=0.1", "-p", "b=2", "-a", "f"],
    )
    assert done.returncode == 4
    assert "1 param is in the run" in done.stderr
    run = the_run(newest.url, experiment)
    assert run.data.params == {"seen": "client", "lr": "other", "b": "2"}
    assert run.data.metrics["loss"] == 0.5
    assert run.info.status == "FAILED"
    assert artifacts(newest.url, run.info.run_id, tmp_path / "got") == {
        "f": b"same bytes"
    }


def test_what_is_there_already_is_not_sent_again(
    newest, proxy, make_box, experiment, tmp_path
):
    box = make_box(proxy.url)
    box.write("job.py", CLIENT)
    done = box.exec(
        sys.executable, "job.py", "0", options=["-e", experiment, "-a", "f"]
    )
    assert done.returncode == 0, done.stderr
    assert len(proxy.requests("/f$", "PUT")) == 1
    # As long, but not the same.
    box.write("job.py", CLIENT + '\n')
    box.write("late.sh", f"{sys.executable} job.py 0; printf 'SAME bytes' >f\n")
    done = box.exec("sh", "late.sh", options=["-e", experiment, "-a", "f"])
    assert done.returncode == 0, done.stderr
    assert len(proxy.requests("/f$", "PUT")) == 3
    last = read(newest.url, experiment=experiment)[0].info.run_id
    assert artifacts(newest.url, last, tmp_path / "got") == {
        "f": b"SAME bytes"
    }


def pairs(what, n, value="v"):
    return [w for i in range(n) for w in (what, f"{what}{i:04}", value)]


def started(box, driver, url, experiment):
    """A fresh run by the driver; its id."""
    name = ["experiment", "name", experiment, "create"]
    told = box.call(driver, url, *name).stdout
    e = dict(line.split(" ") for line in told.splitlines())["id"]
    told = box.call(driver, url, "create", e, "f" * 24 + "%08x" % abs(
        hash(experiment) % 2**32), "-", "1700000000000").stdout
    return dict(line.split(" ") for line in told.splitlines())["id"]


def test_batches_are_as_full_as_can_be(
    newest, proxy, make_box, experiment, driver
):
    box = make_box(proxy.url)
    run_id = started(box, driver, proxy.url, experiment)
    metrics = [
        w
        for i in range(2100)
        for w in ("metric", f"m{i % 7}", str(i / 8), "1700000000000", str(i))
    ]
    done = box.call(
        driver, proxy.url, "log", run_id,
        *pairs("param", 250), *pairs("tag", 130), *metrics,
    )
    assert done.returncode == 0, done.stderr
    assert len(proxy.requests("log-batch")) == 3
    run = read(newest.url, run_id)
    assert len(run.data.params) == 250
    assert sum(k.startswith("tag") for k in run.data.tags) == 130
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=newest.url)
    history = client.get_metric_history(run_id, "m0")
    assert [m.value for m in history] == [i / 8 for i in range(0, 2100, 7)]


def test_large_batches_stay_below_what_proxies_take(
    newest, proxy, make_box, experiment, driver
):
    box = make_box(proxy.url)
    run_id = started(box, driver, proxy.url, experiment)
    for i in range(4):
        done = box.call(
            driver, proxy.url, "log", run_id,
            *[w for k in range(15)
              for w in ("param", f"p{i}-{k}", "ü" * 6000)],
        )
        assert done.returncode == 0, done.stderr
    assert max(r.size for r in proxy.requests("log-batch")) < 1 << 20
    assert len(read(newest.url, run_id).data.params) == 60


def test_what_is_refused_takes_nothing_along(
    server, make_box, experiment, driver
):
    box = make_box(server.url)
    run_id = started(box, driver, server.url, experiment)
    box.call(driver, server.url, "log", run_id, "param", "param0007", "old")
    done = box.call(
        driver, server.url, "log", run_id,
        *pairs("param", 50), "param", "long", "x" * 6100, *pairs("tag", 20),
        "param", "bad!", "1", "tag", "wide", "ü" * 8000,
        "metric", "nan", "nan", "1700000000000", "1",
        "metric", "inf", "-inf", "1700000000000", "-1",
    )
    assert done.returncode == 1
    assert done.stdout == "conflicts 1\n" or "conflicts 1" in done.stdout
    run = read(server.url, run_id)
    assert "long" not in run.data.params
    assert run.data.params["param0007"] == "old"
    assert len(run.data.params) == 50
    assert sum(k.startswith("tag") for k in run.data.tags) == 20
    assert len(run.data.tags["wide"]) >= 5000
    assert math.isnan(run.data.metrics["nan"])


def test_a_deleted_run_is_left_alone(server, make_box, experiment, driver):
    from mlflow.tracking import MlflowClient

    box = make_box(server.url)
    run_id = started(box, driver, server.url, experiment)
    MlflowClient(tracking_uri=server.url).delete_run(run_id)
    done = box.call(
        driver, server.url, "log", run_id, *pairs("param", 50)
    )
    assert done.returncode == 1
    assert "is deleted" in done.stderr
    assert box.call(driver, server.url, "get", "0" * 32).returncode == 1


def test_a_run_is_made_once(server, make_box, experiment, driver):
    box = make_box(server.url)
    ids = {started(box, driver, server.url, experiment) for _ in range(3)}
    assert len(ids) == 1


def test_a_run_is_found_by_its_tag(server, make_box, experiment, driver):
    box = make_box(server.url)
    run_id = started(box, driver, server.url, experiment)
    box.call(driver, server.url, "log", run_id, "tag", "x.y/z", "it's")
    told = box.call(driver, server.url, "find", "-", "x.y/z", "it's")
    assert run_id in told.stdout, told.stderr
    none = box.call(driver, server.url, "find", "-", "x.y/z", "else")
    assert none.returncode == 1


def test_requests_are_few(newest, proxy, make_box, experiment, record_property):
    """50 params, 20 tags and more, metrics, 3 artifacts."""
    box = make_box(proxy.url)
    options = ["-e", experiment, "-a", "out?"]
    for i in range(50):
        options += ["-p", f"p{i}=1"]
    for i in range(20):
        options += ["-t", f"t{i}=1"]
    script = "for i in 1 2 3; do echo $i >out$i; done"
    box.exec("sh", "-c", script, options=options)
    proxy.seen.clear()
    done = box.exec("sh", "-c", script, options=options)
    assert done.returncode == 0, done.stderr
    asked = [(s.method, s.path.split("?")[0].rsplit("/", 2)[1:]) for s in
             proxy.seen]
    # experiment, run; a listing, 3 files; params and metrics, status
    assert len(asked) == 8, asked
    assert len({s.client for s in proxy.seen}) <= 3


def test_a_path_before_the_api(newest, make_box, experiment):
    from server import Server

    with Server(newest.url, prefix="/team/mlflow") as p:
        box = make_box(p.url + "/")
        done = box.exec("sh", "-c", "echo x >f", options=["-e", experiment,
                                                          "-a", "f"])
        assert done.returncode == 0, done.stderr
        assert all(s.path.startswith("/team/mlflow/api/") for s in p.seen)
    assert the_run(newest.url, experiment).info.status == "FINISHED"


def test_a_server_with_a_directory_of_its_own(tmp_path, make_box, experiment):
    """--no-serve-artifacts on this machine: right as it is, no warning."""
    from mlflow_server import MlflowServer

    root = tmp_path / "root"
    server = MlflowServer(
        "newest", tmp_path / "s", "--no-serve-artifacts",
        "--default-artifact-root", str(root),
    ).start()
    try:
        box = make_box(server.url)
        done = box.exec("sh", "-c", "echo x >f", options=["-e", experiment,
                                                          "-a", "f"])
        assert done.returncode == 0, done.stderr
        assert "directory of this machine" not in done.stderr
        run = the_run(server.url, experiment)
        assert (root / run.info.experiment_id / run.info.run_id /
                "artifacts" / "f").read_text() == "x\n"
    finally:
        server.stop()


def test_many_files_at_once(newest, make_box, experiment, tmp_path):
    """More than one worker, each with a connection of its own."""
    box = make_box(newest.url)
    script = "for i in $(seq 80); do mkdir -p d$((i % 7)); echo $i" \
             " >d$((i % 7))/$i; done"
    options = ["-e", experiment]
    for i in range(7):
        options += ["-a", f"d{i}/*=d{i}"]
    done = box.exec("sh", "-c", script, options=options)
    assert done.returncode == 0, done.stderr
    run = the_run(newest.url, experiment)
    assert artifacts(newest.url, run.info.run_id, tmp_path / "got") == {
        f"d{i % 7}/{i}": b"%d\n" % i for i in range(1, 81)
    }


def test_many_at_once(newest, make_box):
    """A server of one worker is far too slow for them: nothing is lost."""
    n = int(os.environ.get("KMLFLOW_TEST_CROWD", "30"))
    box = make_box(newest.url)
    crowd.start(box, n)
    crowd.finish(box)

    def artifact(run_id, name):
        found = [p for p in newest.artifacts.rglob(name) if run_id in p.parts]
        assert len(found) == 1
        return found[0].read_bytes()

    crowd.check(MlflowClient(tracking_uri=newest.url), artifact, n)
