# SPDX-License-Identifier: MIT
"""kmlflow exec with a database: alone, in crowds, beside MLflow's server."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from conftest import query, store_side

PYTHON = sys.executable
CLIENT = (
    "import mlflow, sys\n"
    "with mlflow.start_run():\n"
    "    for i in range(5): mlflow.log_metric('m', i, step=i)\n"
    "    mlflow.log_param('python', sys.argv[1])\n"
)


def dump(program, *flags):
    return store_side.dump("newest", f"sqlite:///{program.db}", program.cwd, *flags)


def loaded(program, **more):
    """Base names of the libraries that a run loads in kmlflow itself."""
    env = {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(program.cwd / "ld"), **more}
    status, _, err = program.call("kmlflow", "exec", "-q", "--", "true", env=env)
    assert status == 0, err
    text = "".join(p.read_text() for p in program.cwd.glob("ld.*"))
    return set(re.findall(r"file=(?:\S*/)?(lib\w+)", text))


def test_only_a_database_loads_its_library(program):
    assert "libsqlite3" not in loaded(program, MLFLOW_TRACKING_URI="mlruns")
    assert (program.cwd / "mlruns").is_dir()
    assert "libsqlite3" in loaded(program, MLFLOW_TRACKING_URI="sqlite:///mlflow.db")


def test_default_store_outside_a_project(program):
    status, out, err = program.exec("env", "-0")
    assert status == 0
    env = dict(v.split("=", 1) for v in out.split("\0") if v)
    assert env["MLFLOW_TRACKING_URI"] == f"sqlite:///{program.db}"
    assert "MLFLOW_ALLOW_FILE_STORE" not in env
    new = [line for line in err.splitlines() if "new store" in line]
    assert len(new) == 1 and str(program.db) in new[0]
    status, _, err = program.exec("true")
    assert status == 0 and "new store" not in err
    assert len(dump(program)["runs"]) == 2


def test_experiments_of_mlflow_are_gone_on_with(program):
    env = {"MLFLOW_TRACKING_URI": "mlruns"}
    assert program.exec("true", env=env)[0] == 0
    assert program.exec("true")[0] == 0
    assert not program.db.exists()
    assert len(list(program.cwd.glob("mlruns/0/*/meta.yaml"))) == 2


def test_a_project_keeps_its_directory(program):
    (program.cwd / "conf" / "base").mkdir(parents=True)
    assert program.exec("true")[0] == 0
    assert not program.db.exists()
    assert len(list(program.cwd.glob("mlruns/0/*/meta.yaml"))) == 1


def test_artifacts_params_and_outcome(program):
    script = "mkdir out; echo x >out/a.txt; exit 3"
    options = ["-a", "out/*=results", "-p", "alpha=0.5", "-e", "mine", "-t", "k=v"]
    status, _, err = program.exec("sh", "-c", script, options=options)
    assert status == 3, err
    told = dump(program)
    (run,) = told["runs"].values()
    assert told["experiments"][run["experiment_id"]]["name"] == "mine"
    assert run["status"] == "FAILED"
    assert run["artifacts"] == {"results/a.txt": [2, "x\n"]}
    assert run["params"] == {"alpha": "0.5"}
    assert run["tags"]["k"] == "v" and run["tags"]["kmlflow.exit_code"] == "3"
    assert run["artifact_uri"].startswith(f"{program.cwd}/mlruns/")
    assert program.spools() == []


def test_client_inside_goes_on_with_the_run(program):
    """In another directory too: the URI that it is given is absolute."""
    script = f"cd / && exec {PYTHON} -c \"$0\" inside"
    env = {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    status, _, err = program.exec("sh", "-c", script, CLIENT, env=env)
    assert status == 0, err
    (run,) = dump(program)["runs"].values()
    assert run["params"] == {"python": "inside"}
    assert len(run["history"]["m"]) == 5
    assert run["status"] == "FINISHED"
    assert "kmlflow/wall_seconds" in run["metrics"]


def test_fifty_at_once(program):
    running = [
        program.start(
            "kmlflow", "exec", "-q", "-e", "crowd", "-p", f"i={i}", "-a", f"{i}.txt",
            "--", "sh", "-c", f"echo {i} >{i}.txt",
        )
        for i in range(50)
    ]
    assert {(p.communicate()[1], p.returncode) for p in running} == {("", 0)}
    told = dump(program)
    names = sorted(e["name"] for e in told["experiments"].values())
    assert names == ["Default", "crowd"]
    runs = told["runs"].values()
    assert sorted(int(r["params"]["i"]) for r in runs) == list(range(50))
    for run in runs:
        i = run["params"]["i"]
        assert run["status"] == "FINISHED"
        assert run["artifacts"] == {f"{i}.txt": [len(i) + 1, f"{i}\n"]}
        assert len(run["tags"]["mlflow.runName"]) > 0
    assert program.spools() == []


@contextmanager
def server(program):
    """MLflow's own server on the same file, until the end of the block."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    p = program.start(
        PYTHON, "-m", "mlflow", "server", "--backend-store-uri",
        f"sqlite:///{program.db}", "--port", port, "--workers", "1",
        env={"PATH": f"{os.path.dirname(PYTHON)}:/usr/bin:/bin"},
        start_new_session=True,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{base}/health", p)
        yield base
    finally:
        stop(p)


def stop(p):
    """It and its workers: it leads a session of its own."""
    if p.poll() is None:
        os.killpg(p.pid, signal.SIGTERM)
        p.communicate(timeout=60)


def wait_for(url, p):
    deadline = time.monotonic() + 180
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            assert p.poll() is None, p.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_beside_a_server_and_clients(program):
    assert program.exec("true", options=["-e", "first"])[0] == 0
    direct = {"MLFLOW_TRACKING_URI": f"sqlite:///{program.db}"}
    with server(program) as base:
        running = []
        for i in range(12):
            ours = ["kmlflow", "exec", "-q", "-p", f"i={i}", "--", "sleep", "0.2"]
            running.append(program.start(*ours))
            if i % 6 == 0:
                for env in (direct, {"MLFLOW_TRACKING_URI": base}):
                    client = [PYTHON, "-c", CLIENT, f"{i}"]
                    running.append(program.start(*client, env=env))
        for p in running:
            err = p.communicate()[1]
            assert p.returncode == 0, err
        url = f"{base}/api/2.0/mlflow/runs/search"
        body = json.dumps({"experiment_ids": ["0"], "max_results": 100}).encode()
        request = urllib.request.Request(
            url, body, {"Content-Type": "application/json"}
        )
        seen = json.load(urllib.request.urlopen(request, timeout=60))["runs"]
    params = [{p["key"]: p["value"] for p in r["data"]["params"]} for r in seen]
    assert sorted(int(p["i"]) for p in params if "i" in p) == list(range(12))
    assert sorted(p["python"] for p in params if "python" in p) == [
        "0", "0", "6", "6"
    ]
    assert {r["info"]["status"] for r in seen} == {"FINISHED"}
    assert query(program.db, "PRAGMA integrity_check") == [("ok",)]


def test_ui_shows_the_runs_and_their_files(program):
    options = ["-a", "a.txt"]
    assert program.exec("sh", "-c", "echo x >a.txt", options=options)[0] == 0
    (run_id,) = dump(program)["runs"]
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    p = program.start(
        "kmlflow", "ui", "--port", port,
        env={"PATH": f"{program.bindir}:{os.path.dirname(PYTHON)}:/usr/bin:/bin"},
        start_new_session=True,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", p)
        url = f"http://127.0.0.1:{port}/get-artifact?path=a.txt&run_uuid={run_id}"
        assert urllib.request.urlopen(url, timeout=60).read() == b"x\n"
    finally:
        stop(p)


def test_locked_for_too_long_is_sent_later(program):
    """Another program sits on the database: the spool keeps the end of it."""
    assert program.exec("true")[0] == 0
    sit = (
        "import sqlite3, sys, time\n"
        f"db = sqlite3.connect({str(program.db)!r}, timeout=30)\n"
        "db.execute('BEGIN EXCLUSIVE'); print('locked', flush=True)\n"
        "time.sleep(60)\n"
    )
    command = (
        f"{PYTHON} -c \"$0\" >lock 2>&1 & echo $! >pid\n"
        "until grep -q locked lock; do sleep 0.1; done"
    )
    start = time.monotonic()
    status, _, err = program.exec("sh", "-c", command, sit, options=["-p", "late=1"])
    assert status == 0
    assert 19 < time.monotonic() - start < 40
    assert "locked by another program" in err and "kmlflow sync" in err
    assert len(program.spools()) == 1
    os.kill(int((program.cwd / "pid").read_text()), signal.SIGKILL)
    time.sleep(0.5)
    status, _, err = program.call("kmlflow", "sync")
    assert status == 0, err
    runs = [r for r in dump(program)["runs"].values() if r["params"]]
    assert [(r["params"], r["status"]) for r in runs] == [({"late": "1"}, "FINISHED")]
    assert program.spools() == []


def test_removed_by_the_command(program):
    assert program.exec("true")[0] == 0
    options = ["-p", "a=1"]
    status, _, err = program.exec("sh", "-c", "mv mlflow.db away", options=options)
    assert status == 0
    assert "mlflow.db" in err and "kmlflow sync" in err
    assert not program.db.exists()
    (program.cwd / "away").rename(program.db)
    assert program.call("kmlflow", "sync")[0] == 0
    assert [r["params"] for r in dump(program)["runs"].values() if r["params"]] == [
        {"a": "1"}
    ]


REFUSED = {
    "in memory": ("sqlite://", None, "names no database file"),
    "a text": ("sqlite:///x", "text", "not an SQLite database"),
    "a directory": ("sqlite:///conf", "dir", "conf"),
    "another database": ("sqlite:///x", "CREATE TABLE a (b)", "not one of MLflow"),
}


@pytest.mark.parametrize("what", list(REFUSED))
def test_what_cannot_be_a_store_is_refused_at_once(program, what):
    uri, content, says = REFUSED[what]
    if content == "text":
        (program.cwd / "x").write_text("hello, I am no database at all\n" * 99)
    elif content == "dir":
        (program.cwd / "conf").mkdir()
    elif content:
        with sqlite3.connect(program.cwd / "x") as db:
            db.execute(content)
        db.close()
    start = time.monotonic()
    status, out, err = program.exec(
        "echo", "started", env={"MLFLOW_TRACKING_URI": uri}
    )
    assert (status, out) == (125, "")
    assert says in err and len(err.splitlines()) == 1
    assert time.monotonic() - start < 5
    assert program.spools() == []


def test_without_a_right_to_write(program):
    assert program.exec("true")[0] == 0
    program.db.chmod(0o444)
    program.cwd.chmod(0o555)
    argv = ["kmlflow", "exec", "--", "echo", "started"]
    if os.geteuid() == 0:
        argv = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--", *argv]
    try:
        env = {"KMLFLOW_SPOOL_DIR": str(program.cwd.parent / "spool")}
        status, out, err = program.call(*argv, env=env)
    finally:
        program.cwd.chmod(0o755)
    assert (status, out) == (125, "")
    assert "cannot be written to" in err and str(program.db) in err
