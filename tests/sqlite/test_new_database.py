# SPDX-License-Identifier: MIT
"""A database that kmlflow makes, beside one that MLflow makes."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import READERS, Store, query, store_side


def shape(path):
    """All tables, with what SQLite itself says of their parts."""
    told = {}
    for (table,) in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        told[table] = {
            "columns": query(path, f'PRAGMA table_xinfo("{table}")'),
            "references": sorted(
                row[2:] for row in query(path, f'PRAGMA foreign_key_list("{table}")')
            ),
            "indices": sorted(
                (
                    "" if row[1].startswith("sqlite_auto") else row[1],
                    row[2:],
                    query(path, f'PRAGMA index_xinfo("{row[1]}")'),
                )
                for row in query(path, f'PRAGMA index_list("{table}")')
            ),
        }
    return told


def words(path):
    """Every statement of the schema, its words in any order."""
    rows = query(path, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: sorted(sql.replace(",", " ").split()) for name, sql in rows}


def contents(path):
    tables = query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    return {t: query(path, f'SELECT * FROM "{t}"') for (t,) in tables}


@pytest.fixture
def ours(store) -> Path:
    store.experiment("Default")
    return store.cwd / "mlflow.db"


def test_tables_are_those_of_the_newest(ours, made_by, tmp_path):
    theirs = made_by("newest", tmp_path / "theirs.db")
    assert shape(ours) == shape(theirs)
    assert words(ours) == words(theirs)
    mine, his = contents(ours), contents(theirs)
    (default,) = mine.pop("experiments")
    (expected,) = his.pop("experiments")
    assert mine == his
    assert default[:2] == expected[:2] == (0, "Default")
    assert default[2] == f"{tmp_path}/mlruns/0"
    assert default[3] == expected[3] == "active"
    assert default[6:] == expected[6:]
    assert query(ours, "PRAGMA integrity_check") == [("ok",)]


def run_python(generation, cwd, *argv):
    return subprocess.run(
        [READERS[generation], *argv],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        env={"PATH": "/usr/bin:/bin", "MLFLOW_DISABLE_TELEMETRY": "true"},
    )


CLIENT = (
    "import mlflow\n"
    "mlflow.set_tracking_uri('sqlite:///mlflow.db')\n"
    "print(mlflow.get_experiment('0').name)\n"
)


def test_newest_opens_it_without_a_word(ours):
    before = contents(ours)
    done = run_python("newest", ours.parent, "-c", CLIENT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Default\n", "")
    assert contents(ours) == before


def test_upgrade_has_nothing_to_do(ours):
    before = contents(ours)
    upgrade = ["-m", "mlflow", "db", "upgrade", "sqlite:///mlflow.db"]
    done = run_python("newest", ours.parent, *upgrade)
    assert done.returncode == 0, done.stderr
    assert contents(ours) == before


def test_older_releases_refuse_it_and_leave_it_as_it_is(ours):
    words = {"1": "out-of-date database schema", "2": "Can't locate revision"}
    for generation, said in words.items():
        before = contents(ours)
        done = run_python(generation, ours.parent, "-c", CLIENT)
        assert done.returncode != 0
        assert said in done.stderr
        assert contents(ours) == before
    done = run_python("newest", ours.parent, "-c", CLIENT)
    assert (done.returncode, done.stderr) == (0, "")


def test_odd_directories(driver, tmp_path):
    """SQLAlchemy finds the file under the name that kmlflow hands out."""
    for name in ("a b", "50% off %41", "what?", "ü#x@y:z"):
        cwd = tmp_path / name
        cwd.mkdir()
        Store(driver, "sqlite:///mlflow.db", cwd).experiment("here", "create")
        told = store_side.dump("newest", "sqlite:///mlflow.db", cwd)
        assert "here" in [e["name"] for e in told["experiments"].values()]
        assert sorted(p.name for p in cwd.iterdir()) == ["mlflow.db"]


def test_fifty_make_one(store):
    argv = store.argv("experiment", "name", "shared", "create")
    running = [
        subprocess.Popen(
            argv,
            cwd=store.cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(50)
    ]
    assert {p.communicate() for p in running} == {("id 1\nname shared\n", "")}
    assert [p.name for p in store.cwd.iterdir()] == ["mlflow.db"]
    names = "SELECT name FROM experiments ORDER BY experiment_id"
    assert query(store.cwd / "mlflow.db", names) == [("Default",), ("shared",)]


def test_beside_mlflow_that_makes_it_too(store):
    """Whoever is first: both come to the same tables and both can write."""
    script = (
        "import mlflow, sys\n"
        "mlflow.set_tracking_uri('sqlite:///mlflow.db')\n"
        "mlflow.set_experiment('python')\n"
        "with mlflow.start_run(): mlflow.log_param('a', 1)\n"
    )
    python = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=store.cwd,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (store.cwd / "mlflow.db").exists():
        assert python.poll() is None
        time.sleep(0.001)
    mine = store.experiment("mine", "create")
    store.call("create", mine, "0123456789abcdef0123456789abcdef", "-", 1)
    assert python.communicate()[1].count("Error") == 0
    assert python.returncode == 0
    told = store_side.dump("newest", store.uri, store.cwd, "--no-artifacts")
    names = sorted(e["name"] for e in told["experiments"].values())
    assert names == ["Default", "mine", "python"]
    assert len(told["runs"]) == 2


def test_killed_while_making_it(store):
    rng = random.Random(3)
    killed = 0
    path = store.cwd / "mlflow.db"
    for _ in range(40):
        argv = store.argv("experiment", "name", "e", "create")
        p = subprocess.Popen(argv, cwd=store.cwd, stdout=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 0.03))
        p.send_signal(signal.SIGKILL)
        killed += p.wait() == -signal.SIGKILL
        if path.exists():
            assert query(path, "SELECT count(*) FROM workspaces") == [(1,)]
            path.unlink()
            (store.cwd / "mlflow.db-journal").unlink(missing_ok=True)
    assert killed > 5
    assert store.experiment("e", "create") == "1"
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
