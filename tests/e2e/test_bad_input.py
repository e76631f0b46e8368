# SPDX-License-Identifier: MIT
"""Bad input: one line with file, line, key and remedy; 125; nothing made."""

import re
import shutil
import time

import pytest

from bad_config import read_table
from support import ROOT

ARTIFACT = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"

TABLE = read_table(ROOT / "tests" / "data" / "bad_config.txt")

# What is too large, too deep or without end: seconds, and MiB of memory.
SECONDS = 2
MEMORY = 200


@pytest.fixture
def bare(sandbox):
    """conf/base and conf/local with nothing in them, and a kedro."""
    for name in ("base", "local"):
        (sandbox.dir / "conf" / name).mkdir(parents=True)
    kedro = sandbox.base / "bin" / "kedro"
    kedro.parent.mkdir()
    kedro.write_text("#!/bin/sh\ntouch started\n")
    kedro.chmod(0o755)
    sandbox.env["PATH"] = f"{kedro.parent}:{sandbox.env['PATH']}"
    del sandbox.env["MLFLOW_TRACKING_URI"]
    return sandbox


def prepare(bare, case):
    for name, content in case.files.items():
        path = bare.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in case.missing:
        shutil.rmtree(bare.dir / name)


@pytest.mark.parametrize("case", TABLE, ids=[c.name for c in TABLE])
def test_table(bare, case):
    """Message in full; one line; 125; CMD not started; nothing made."""
    prepare(bare, case)
    before = bare.tree()
    words = case.command or ["touch", "started"]
    r = bare.call("kmlflow", "exec", *words, env=case.variables)
    assert (r.returncode, r.stdout) == (125, ""), r.stderr
    assert r.stderr == f"kmlflow: {case.message}\n"
    assert bare.tree() == before


# A sanitizer asks for more address space than there would be.
@pytest.mark.plain
@pytest.mark.parametrize("case", [c for c in TABLE if c.section == "caps"],
                         ids=[c.name for c in TABLE if c.section == "caps"])
def test_caps(bare, case):
    prepare(bare, case)
    began = time.monotonic()
    r = bare.call("sh", "-c", f"ulimit -v {MEMORY * 1024}; "
                  "exec kmlflow exec touch started")
    assert (r.returncode, r.stderr) == (125, f"kmlflow: {case.message}\n")
    assert time.monotonic() - began < SECONDS


def test_directories_in_a_ring(bare):
    (bare.dir / "conf/base/again").symlink_to(".")
    (bare.dir / "conf/base/up").symlink_to("../base")
    bare.write("conf/base/catalog.yml", "{}\n")
    began = time.monotonic()
    r = bare.exec("true")
    assert time.monotonic() - began < 20
    assert r.returncode in (0, 125)


def refused(project, wanted, **kw):
    before = project.tree()
    r = project.exec("touch", "ran", **kw)
    assert r.returncode == 125, r.stderr
    errors = [li for li in r.stderr.splitlines() if "warning" not in li]
    assert len(errors) == 1, r.stderr
    assert errors[0].startswith("kmlflow: ")
    assert re.search(wanted, errors[0]), errors[0]
    assert r.stdout == ""
    assert project.tree() == before


def test_unknown_run(project):
    project.write("conf/base/mlflow.yml",
                  "tracking:\n  run:\n    id: " + "ab" * 16 + "\n")
    refused(project, r"(ab){16}")


def test_unreadable_catalog(project, unprivileged):
    (project.dir / "conf/base/catalog.yml").chmod(0)
    r = unprivileged(project, "kmlflow", "exec", "--", "touch", "ran")
    assert r.returncode == 125
    assert re.search(r"catalog\.yml.*(ermission|denied)", r.stderr), r.stderr
    assert not (project.dir / "ran").exists()


def test_unwritable_store(project, unprivileged):
    (project.dir / "mlruns").mkdir(mode=0o555)
    before = project.tree()
    r = unprivileged(project, "kmlflow", "exec", "--", "touch", "data/ran")
    assert r.returncode == 125
    assert "mlruns" in r.stderr
    assert project.tree() == before


def test_store_is_a_file(project):
    project.write("mlruns", "not a directory\n")
    refused(project, r"mlruns")


def test_deleted_experiment_may_not_be_restored(project):
    client = project.store.client()
    client.delete_experiment(client.create_experiment("demo"))
    project.write(
        "conf/base/mlflow.yml",
        "tracking:\n  experiment:\n    name: demo\n    restore_if_deleted: false\n",
    )
    refused(project, r"demo.*(deleted|restore)")


def test_deleted_experiment_is_restored(project):
    client = project.store.client()
    client.delete_experiment(client.create_experiment("demo"))
    assert project.exec("true").returncode == 0
    assert "demo" in project.store.experiments()


def test_missing_experiment_may_not_be_created(project):
    project.write(
        "conf/base/mlflow.yml",
        "mlflow_tracking_uri: mlruns\n"
        "experiment:\n  name: demo\n  create: False\n",
    )
    refused(project, r"demo")


@pytest.mark.parametrize("long", [6001, 100_000])
def test_long_param_under_fail(project, long):
    project.write("conf/base/parameters.yml", f"text: {'x' * long}\n")
    refused(project, r"text.*\d{4}")


def test_long_param_truncated_and_as_tag(project):
    project.write("conf/base/parameters.yml", f"text: {'x' * 7000}\n")
    for strategy in ("truncate", "tag"):
        project.write(
            "conf/base/mlflow.yml",
            f"tracking:\n  params:\n    long_params_strategy: {strategy}\n",
        )
        assert project.exec("true").returncode == 0
    cut, tagged = project.runs()
    assert set(cut.params["text"]) == {"x"} and len(cut.params["text"]) <= 6000
    assert "text" not in tagged.params
    assert tagged.tags["text"] == "x" * 7000


def test_remote_path_is_a_warning(project):
    project.write(
        "conf/base/catalog.yml",
        f"far:\n  type: {ARTIFACT}\n  dataset:\n    type: pickle.PickleDataset\n"
        "    filepath: s3://bucket/x.pkl\n"
        f"near:\n  type: {ARTIFACT}\n  dataset:\n    type: pickle.PickleDataset\n"
        "    filepath: data/near.pkl\n",
    )
    r = project.exec("sh", "-c", "echo 1 >data/near.pkl")
    assert r.returncode == 0
    assert re.search(r"kmlflow: .*catalog\.yml:\d.*far.*remote", r.stderr), r.stderr
    assert project.run().artifacts == {"near.pkl": b"1\n"}


def test_no_line_feeds_or_escapes_from_files_reach_the_terminal(project):
    project.write("conf/base/catalog.yml", '"a\\e[31mb\\nc": text\n')
    r = project.exec("true")
    assert r.returncode == 125
    assert "\x1b" not in r.stderr
    assert len(r.stderr.splitlines()) == 1
