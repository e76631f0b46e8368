# SPDX-License-Identifier: MIT
"""kmlflow new: what kedro-mlflow announces and has never had."""

import shutil
import time

import pytest

from support import Store


def new(project, *words, ok=0, **kw):
    result = project.call("kmlflow", "new", *words, **kw)
    assert result.returncode == ok, result.stderr
    return result


def run_in(project, name):
    where = project.dir / name
    result = project.call("kmlflow", "exec", "--", "./run.sh", cwd=where)
    assert result.returncode == 0, result.stderr
    runs = Store(where / "mlruns").runs(project.base / "downloads")
    assert len(runs) == 1
    return runs[0]


def test_plain(project):
    said = new(project, "first")
    assert "'first' is ready" in said.stdout and said.stderr == ""
    run = run_in(project, "first")
    assert (run.experiment, run.status) == ("first", "FINISHED")
    assert run.params == {"exponent": "2"}
    assert run.metrics["mean_square"] == 11
    assert list(run.artifacts) == ["squares.txt"]
    assert run.kmlflow("capture") == "complete"


def iris(project):
    new(project, "--starter", "iris", "flowers")
    run = run_in(project, "flowers")
    assert (run.experiment, run.status) == ("flowers", "FINISHED")
    assert set(run.params) == {
        "example_test_data_ratio",
        "example_num_train_iter",
        "example_learning_rate",
    }
    assert set(run.artifacts) == {"models/trained_model.csv", "predictions.csv"}
    assert 0.6 < run.metrics["accuracy"] <= 1
    assert run.metrics["rows"] == 30
    return run


def test_starter_iris(project):
    run = iris(project)
    model = run.artifacts["models/trained_model.csv"].decode()
    assert model.startswith("species,bias,sepal_length,")
    assert len(model.splitlines()) == 4


@pytest.mark.parametrize("awk", ["mawk", "gawk", "busybox awk"])
def test_starter_iris_with_any_awk(project, awk):
    if shutil.which(awk.split()[0]) is None:
        pytest.fail(f"{awk} is not installed")
    project.program("awk", f'exec {awk} "$@"')
    iris(project)


def test_nothing_but_a_shell_and_its_utilities(project):
    """No other program is started by what new has written."""
    new(project, "flowers", "--starter=iris")
    utilities = project.base / "utilities"
    utilities.mkdir()
    for name in ("awk", "cat", "dirname", "mkdir", "sed", "sh"):
        (utilities / name).symlink_to(shutil.which(name))
    result = project.call(
        "./run.sh", cwd=project.dir / "flowers", env={"PATH": str(utilities)}
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "words, message",
    [
        ([], "one name"),
        (["a", "b"], "one name"),
        (["a", "--starter", "irs"], "did you mean 'iris'"),
        (["a", "--starter", "_beside"], "iris, plain"),
        (['a"b'], "without quotes"),
        (["${a}"], "without quotes"),
    ],
)
def test_refused(project, words, message):
    before = project.tree()
    result = new(project, *words, ok=2)
    assert message in result.stderr and len(result.stderr.splitlines()) == 1
    assert project.tree() == before


def test_what_is_there_stays(project):
    path = project.write("mine/run.sh", "echo mine\n")
    result = new(project, "mine", ok=1)
    assert "File exists" in result.stderr
    assert path.read_text() == "echo mine\n"


PIPELINE = """#!/bin/sh
# A legacy pipeline: it knows of nothing but its files.
set -eu
mkdir -p out tmp
sort numbers.txt >tmp/sorted.txt
sleep 0.05
head -n 1 tmp/sorted.txt >out/least.txt
awk '{ n += $1 } END { printf "{\\"sum\\": %d}", n }' numbers.txt >out/totals.json
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i >"out/part$i.csv"; done
echo scratch >.hidden
echo gone >tmp/gone; rm tmp/gone
echo "pipeline: done"
"""


def keeps_read_times(directory):
    """Else nobody can tell which files were read again."""
    path = directory / "probe"
    path.write_text("x")
    time.sleep(0.05)
    path.read_text()
    told = path.stat().st_atime_ns > path.stat().st_mtime_ns
    path.unlink()
    return told


@pytest.fixture
def legacy(project):
    project.write("legacy/numbers.txt", "3\n1\n2\n")
    project.write("legacy/job.sh", PIPELINE, 0o755)
    return project


def test_from_dir(legacy):
    where = legacy.dir / "legacy"
    said = new(legacy, "sums", "--from-dir", "legacy", "--", "./job.sh")
    assert said.stdout.startswith("pipeline: done\n")
    steps = keeps_read_times(where)
    told = f"{3 if steps else 4} results, and {1 if steps else 0} more"
    assert told in said.stdout
    assert said.stderr == ""
    catalog = (where / "conf/base/catalog.yml").read_text()
    assert "filepath: out/least.txt" in catalog
    assert ("#     filepath: tmp/sorted.txt" in catalog) == steps
    assert "hidden" not in catalog and "gone" not in catalog
    assert {p.name for p in where.iterdir()} == {
        ".hidden", "conf", "job.sh", "numbers.txt", "out", "tmp"}

    result = legacy.call("kmlflow", "exec", "--", "./job.sh", cwd=where)
    assert result.returncode == 0, result.stderr
    (run,) = Store(where / "mlruns").runs(legacy.base / "downloads")
    assert run.experiment == "sums"
    assert run.metrics["sum"] == 6
    expected = {f"out/part{i}.csv" for i in range(1, 13)}
    expected |= {"least.txt", "totals.json"}
    assert set(run.artifacts) == expected | (set() if steps else {"sorted.txt"})


def test_from_dir_without_a_command(legacy):
    where = legacy.dir / "legacy"
    said = new(legacy, "--from-dir", "legacy")
    assert "'legacy' is a project" in said.stdout
    conf = {str(p.relative_to(where)) for p in (where / "conf").rglob("*")}
    assert conf >= {f"conf/base/{n}.yml" for n in
                    ("catalog", "parameters", "mlflow")}
    told = legacy.call("kmlflow", "config", "check", cwd=where)
    assert "0 declared, 0 params, 0 warnings" in told.stdout
    assert 'name: "legacy"' in (where / "conf/base/mlflow.yml").read_text()


def test_from_dir_replaces_nothing(legacy):
    where = legacy.dir / "legacy"
    mine = legacy.write("legacy/conf/base/mlflow.yml", "ui: {}\n")
    said = new(legacy, "sums", "--from-dir", "legacy", "--", "./job.sh")
    assert "'conf/base/mlflow.yml' was there and stays" in said.stderr
    assert mine.read_text() == "ui: {}\n"
    catalog = (where / "conf/base/catalog.yml").read_text()
    (where / "out/least.txt").unlink()
    again = new(legacy, "--from-dir", "legacy", "--", "./job.sh", ok=1)
    assert "is there already" in again.stderr and again.stdout == ""
    assert (where / "conf/base/catalog.yml").read_text() == catalog
    assert not (where / "out/least.txt").exists()


@pytest.mark.parametrize("cmd, message", [
    (["sh", "-c", "echo x >f; exit 3"], "status 3"),
    (["sh", "-c", "kill -9 $$"], "signal 9"),
    (["./none"], "not found"),
])
def test_a_trial_that_fails_makes_nothing(legacy, cmd, message):
    where = legacy.dir / "legacy"
    said = new(legacy, "--from-dir", "legacy", "--", *cmd, ok=1)
    assert message in said.stderr
    assert not (where / "conf").exists() and not (where / ".kmlflow").exists()


def test_a_trial_records_nothing(legacy):
    where = legacy.dir / "legacy"
    new(legacy, "--from-dir", "legacy", "--", "sh", "-c",
        "kmlflow exec -- sh -c 'echo 1 >a.txt'; env >b.txt")
    assert not list(legacy.dir.rglob("mlruns"))
    assert not list(legacy.dir.rglob("mlflow.db"))
    env = (where / "b.txt").read_text()
    assert "MLFLOW_RUN_ID" not in env
    catalog = (where / "conf/base/catalog.yml").read_text()
    assert "a.txt" in catalog and "b.txt" in catalog


@pytest.mark.parametrize("words, status, message", [
    (["--from-dir", "legacy", "--starter", "iris"], 2, "exclude each other"),
    (["a", "b", "--from-dir", "legacy"], 2, "put '--' before"),
    (["--from-dir", "none"], 1, "no such directory"),
    (["--from-dir", "legacy/job.sh"], 1, "not a directory"),
    (['"', "--from-dir", "legacy"], 2, "without quotes"),
])
def test_from_dir_refused(legacy, words, status, message):
    before = legacy.tree()
    said = new(legacy, *words, ok=status)
    assert message in said.stderr and len(said.stderr.splitlines()) == 1
    assert legacy.tree() == before
