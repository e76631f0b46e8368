# SPDX-License-Identifier: MIT
"""kmlflow new: what kedro-mlflow announces and has never had."""

import shutil

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
