# SPDX-License-Identifier: MIT
"""Many writers at once, writers that die, and readers that look on."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
import uuid
from pathlib import Path

import pytest
from conftest import dump

WRITERS = 50


def experiments(root: Path):
    return [d for d in root.iterdir() if d.is_dir() and d.name[0] != "."]


def look(root: Path, faults: list):
    """One look at the whole store, as a reader takes it."""
    for experiment in experiments(root):
        if not (experiment / "meta.yaml").is_file():
            faults.append(f"{experiment} has no meta.yaml")
        for meta in experiment.glob("*/meta.yaml"):
            if not meta.read_text().endswith("'tester'\n"):
                faults.append(f"{meta} is not whole")
            if not (meta.parent / "tags" / "last").is_file():
                faults.append(f"{meta} came before the tags")


def watch(root: Path, stop: threading.Event, faults: list):
    while not stop.is_set():
        if root.is_dir():
            look(root, faults)


def test_one_experiment_for_all(store):
    ids = [uuid.uuid4().hex for _ in range(WRITERS)]
    faults, stop = [], threading.Event()
    root = Path(store.uri)
    watcher = threading.Thread(target=watch, args=(root, stop, faults))
    watcher.start()
    script = (
        'id=$("$0" "$1" experiment name shared create) || exit 1\n'
        'id=${id#id }; id=${id%%[!0-9]*}\n'
        '"$0" "$1" create "$id" "$2" - 1 first 1 last 2 || exit 1\n'
        '"$0" "$1" log "$2" param p "$2" metric m 1 1 0 || exit 1\n'
        '"$0" "$1" status "$2" 3 9\n'
    )
    running = [
        subprocess.Popen(
            ["sh", "-c", script, store.driver, store.uri, run_id],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for run_id in ids
    ]
    errors = [p.communicate()[1] for p in running]
    stop.set()
    watcher.join()
    assert errors == [""] * WRITERS
    assert faults == []
    names = sorted(d.name for d in experiments(root))
    assert len(names) == 2 and names[0] == "0"
    told = dump("newest", store.uri, store.cwd, "--no-artifacts")
    assert set(told["runs"]) == set(ids)
    assert {r["status"] for r in told["runs"].values()} == {"FINISHED"}
    assert {k: r["params"]["p"] for k, r in told["runs"].items()} == {
        run_id: run_id for run_id in ids
    }


def test_many_writers_of_one_run(store):
    """Each point, param and tag is there once, and each file is whole."""
    experiment = store.experiment("e", "create")
    run_id = uuid.uuid4().hex
    store.call("create", experiment, run_id, "-", 1)
    running = []
    for i in range(WRITERS):
        log = ["param", "same", f"value {i}", "tag", "same", f"value {i}"]
        log += ["param", f"own{i}", str(i)]
        for step in range(20):
            log += ["metric", "m", str(step), "1", str(step)]
            log += ["metric", "m", str(i), "2", str(1000 + i * 20 + step)]
        running.append(
            subprocess.Popen(
                store.argv("log", run_id, *log), stdout=subprocess.DEVNULL
            )
        )
    assert [p.wait() for p in running] == [0] * WRITERS
    params, tags = store.read(run_id)
    assert params["same"].startswith("value ")
    assert tags["same"].startswith("value ")
    assert len(params) == WRITERS + 1
    run = dump("newest", store.uri, store.cwd)["runs"][run_id]
    points = [tuple(p) for p in run["history"]["m"]]
    assert len(points) == len(set(points)) == WRITERS * 20 + 20


def test_killed_while_making_a_run(store):
    """No run or a whole one; and making it again completes it."""
    experiment = store.experiment("e", "create")
    tags = [word for i in range(60) for word in (f"tag{i}", str(i))]
    rng = random.Random(1)
    killed = 0
    ids = [uuid.uuid4().hex for _ in range(40)]
    for run_id in ids:
        argv = store.argv("create", experiment, run_id, "-", 1, *tags)
        p = subprocess.Popen([*argv, "last", "2"], stdout=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 0.004))
        p.send_signal(signal.SIGKILL)
        killed += p.wait() == -signal.SIGKILL
        faults = []
        look(Path(store.uri), faults)
        assert faults == []
    assert killed > 5
    seen = dump("newest", store.uri, store.cwd)["runs"]
    for run_id in ids:
        again = store.told("create", experiment, run_id, "-", 1, *tags)
        assert seen.get(run_id, {}).get("name", again["name"]) == again["name"]
    told = dump("newest", store.uri, store.cwd)["runs"]
    assert set(told) == set(ids)
    assert all(len(r["tags"]) in (61, 62) for r in told.values())


def test_killed_while_storing_an_artifact(store, tmp_path):
    """The old content or the new one, nothing in between, nothing beside."""
    experiment = store.experiment("e", "create")
    run_id = uuid.uuid4().hex
    uri = store.told("create", experiment, run_id, "-", 1)["artifact_uri"]
    size = 64 << 20
    (tmp_path / "old").write_bytes(b"o" * 1000)
    with open(tmp_path / "new", "wb") as out:
        for _ in range(64):
            out.write(b"n" * (1 << 20))
    rng = random.Random(2)
    killed = 0
    for _ in range(20):
        store.call("put", run_id, "old", "dir/file")
        p = subprocess.Popen(
            store.argv("put", run_id, "new", "dir/file"), cwd=tmp_path
        )
        time.sleep(rng.uniform(0, 0.03))
        p.send_signal(signal.SIGKILL)
        killed += p.wait() == -signal.SIGKILL
        found = [
            os.path.join(d, f) for d, _, fs in os.walk(uri) for f in fs
        ]
        assert found == [os.path.join(uri, "dir", "file")]
        assert os.path.getsize(found[0]) in (1000, size)
    assert killed > 3


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_file_system_without_locks(store, tmp_path):
    """As NFS can be: neither flock, nor renameat2 with flags, nor clones."""
    strace = ["strace", "-qq", "-o", "/dev/null"]
    for call, error in (
        ("flock", "ENOLCK"),
        ("renameat2", "EINVAL"),
        ("copy_file_range", "EXDEV"),
        ("linkat", "ENOENT"),
    ):
        strace += ["-e", f"inject={call}:error={error}"]
    running = [
        subprocess.Popen(
            strace + store.argv("experiment", "name", "shared", "create"),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(12)
    ]
    told = {p.communicate()[0] for p in running}
    assert [p.returncode for p in running] == [0] * 12
    assert len(told) == 1
    experiment = store.experiment("shared")
    root = Path(store.uri)
    assert sorted(d.name for d in experiments(root)) == ["0", experiment]
    assert not list(root.glob(".kmlflow.lock.held"))

    run_id = uuid.uuid4().hex
    data = os.urandom(200_000)
    (tmp_path / "f").write_bytes(data)
    for args in (
        ("create", experiment, run_id, "-", 1),
        ("log", run_id, "param", "a/b", "1", "tag", "t", "2"),
        ("log", run_id, "param", "a/b", "other", "metric", "m", "1", "1", "1"),
        ("status", run_id, 3, 2),
        ("put", run_id, "f", "d/f"),
    ):
        subprocess.run(
            strace + store.argv(*args),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    run = dump("newest", store.uri, store.cwd)["runs"][run_id]
    assert run["params"] == {"a/b": "1"}
    assert run["tags"]["t"] == "2"
    assert run["status"] == "FINISHED"
    assert run["artifacts"]["d/f"][1].encode("latin-1") == data
