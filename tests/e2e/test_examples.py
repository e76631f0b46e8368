# SPDX-License-Identifier: MIT
"""The four examples, read back by MLflow's own client."""

import csv
import gzip
import io
import json
import pickle
import tarfile

from support import EXAMPLES, read_json

PARAMS = {
    "example_test_data_ratio": "0.2",
    "example_num_train_iter": "10000",
    "example_learning_rate": "0.01",
}


def own_params(run):
    """Without what kedro-mlflow logs under a name of its own."""
    return {k: v for k, v in run.params.items() if k != "parameters"}


def check_common(example, experiment):
    run = example.run()
    assert run.experiment == experiment
    assert run.tags["mlflow.source.git.commit"] == example.commit
    assert run.kmlflow("git.dirty") == "false"
    assert run.kmlflow("capture").startswith("complete")
    assert run.end_time
    return run


def test_iris(iris):
    assert iris.result.returncode == 0, iris.result.stderr
    run = check_common(iris, "iris")
    assert run.status == "FINISHED"
    assert own_params(run) == PARAMS
    assert set(run.artifacts) == {
        "models/trained_model.pkl",
        "predictions.csv",
        "reports/report.json",
    }
    model = pickle.loads(run.artifacts["models/trained_model.pkl"])
    assert set(model) == {"setosa", "versicolor", "virginica"}
    report = json.loads(run.artifacts["reports/report.json"])
    assert report["rows"] == 30 and report["accuracy"] > 0.7
    rows = list(csv.DictReader(io.StringIO(run.artifacts["predictions.csv"].decode())))
    assert len(rows) == 30


def test_iris_has_the_journal_s_tags(iris):
    tags = iris.run().tags
    assert tags["kedro_command"].startswith("kedro run")
    assert tags["project_path"] == str(iris.sandbox.dir)
    assert tags["git_sha"] and iris.commit.startswith(tags["git_sha"])


def test_iris_leaves_the_home_alone(iris):
    assert list(iris.sandbox.home.rglob("*")) == []


def test_iris_with_the_plugin(iris_plugin):
    assert iris_plugin.result.returncode == 0, iris_plugin.result.stderr
    run = check_common(iris_plugin, "iris")
    assert run.status == "FINISHED"
    assert own_params(run) == PARAMS
    assert "example_learning_rate" in run.params["parameters"]  # the plugin's
    assert sorted(run.artifacts) == [
        "models/trained_model.pkl",
        "predictions.csv",
        "reports/report.json",
    ]
    assert set(iris_plugin.store.experiments()) - {"Default"} == {"iris"}
    model = iris_plugin.sandbox.dir / "data/06_models/trained_model.pkl"
    assert run.artifacts["models/trained_model.pkl"] == model.read_bytes()


def test_legacy_r(legacy_r):
    assert legacy_r.result.returncode == 0, legacy_r.result.stderr
    assert "Model accuracy on test set" in legacy_r.result.stdout
    run = check_common(legacy_r, "legacy-r")
    assert run.status == "FINISHED"
    assert run.params == PARAMS
    assert set(run.artifacts) == {
        "models/trained_model.rds",
        "predictions.csv",
        "reports/accuracy.txt",
    }
    assert run.artifacts["models/trained_model.rds"][:2] == b"\x1f\x8b"
    assert run.artifacts["reports/accuracy.txt"].startswith(b"Model accuracy")


def test_fortran_make(fortran_make):
    assert fortran_make.result.returncode == 0, fortran_make.result.stderr
    run = check_common(fortran_make, "fortran-make")
    assert run.status == "FINISHED"
    assert run.params["cells"] == "64" and run.params["diffusivity"] == "0.2"
    frames = {f"frames/step-00{n}00.dat" for n in range(1, 5)}
    assert set(run.artifacts) == {"field.dat", "reports/summary.txt"} | frames
    out = fortran_make.sandbox.dir / "out"
    assert run.artifacts["field.dat"] == (out / "field.dat").read_bytes()
    assert run.artifacts["reports/summary.txt"].startswith(b"cells 4096\n")


def test_shell_ci(shell_ci):
    assert shell_ci.result.returncode == 3
    assert "orders without a quantity: 1042" in shell_ci.result.stderr
    run = check_common(shell_ci, "nightly-report")
    assert run.status == "FAILED"
    assert (run.name, run.kmlflow("exit_code")) == ("pipeline-17", "3")
    assert run.tags["ci.job"] == "nightly-report"
    assert run.params == {"orders": "data/orders.csv"}
    assert set(run.artifacts) == {"totals.csv", "ranking.csv", "bundle/report.tar.gz"}
    bundle = gzip.decompress(run.artifacts["bundle/report.tar.gz"])
    with tarfile.open(fileobj=io.BytesIO(bundle)) as tar:
        assert tar.getnames() == ["totals.csv", "ranking.csv"]
    report = read_json(shell_ci.sandbox.dir / "kmlflow.json")
    assert run.id in json.dumps(report)


def test_fortran_make_again_wrote_nothing(fortran_make):
    again = fortran_make.sandbox.exec("make", options=["-e", "again"])
    assert again.returncode == 0
    (run,) = [r for r in fortran_make.sandbox.runs() if r.experiment == "again"]
    assert (run.status, run.artifacts) == ("FINISHED", {})
    fortran_make.store.client().delete_run(run.id)


def test_shell_ci_with_good_orders(sandbox):
    orders = (EXAMPLES / "shell-ci/data/orders.csv").read_text().splitlines()
    good = [line for line in orders if ",-3," not in line]
    sandbox.write("good.csv", "\n".join(good) + "\n")
    sandbox.write("job.sh", (EXAMPLES / "shell-ci/job.sh").read_text(), 0o755)
    options = ["-a", "out/*.csv", "-a", "out/published.txt"]
    assert sandbox.exec("./job.sh", "good.csv", options=options).returncode == 0
    run = sandbox.run()
    assert run.status == "FINISHED"
    assert set(run.artifacts) == {"totals.csv", "ranking.csv", "published.txt"}
