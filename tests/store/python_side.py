# SPDX-License-Identifier: MIT
"""Does things to a store by the MLflow client of this interpreter.

usage: python_side.py URI VERB [ARG]…       prints one JSON value
"""

import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
warnings.simplefilter("ignore")

import mlflow  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402


def write():
    """A run with a bit of everything, in an experiment of its own."""
    experiment_id = mlflow.create_experiment("by python: a long name " * 8)
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_param("p", "multi\nline")
        mlflow.log_params({"a/b": 0.1, "kept": "python's"})
        mlflow.set_tag("t", "python's")
        for step in range(3):
            mlflow.log_metric("m", step / 10, step=step)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, "note.txt")
            path.write_text("from python")
            mlflow.log_artifact(str(path), "sub")
    return {"run": run.info.run_id, "experiment": experiment_id}


def join(run_id):
    """What a client inside of CMD does with the run around it."""
    os.environ["MLFLOW_RUN_ID"] = run_id
    with mlflow.start_run() as run:
        mlflow.log_param("joined", "yes")
        mlflow.log_metric("m", 0.5)
    return run.info.run_id


def delete_experiment(experiment_id):
    MlflowClient().delete_experiment(experiment_id)


def delete_run(run_id):
    MlflowClient().delete_run(run_id)


if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    verb = globals()[sys.argv[2]]
    json.dump(verb(*sys.argv[3:]), sys.stdout)
