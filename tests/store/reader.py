# SPDX-License-Identifier: MIT
"""Tells, as JSON, all that the MLflow of this interpreter sees in a store.

usage: reader.py URI         (runs under each generation of MLflow)
"""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
warnings.simplefilter("ignore")

import mlflow  # noqa: E402
from mlflow.entities import ViewType  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402


def artifacts(client, run_id, path=None):
    """Paths and sizes, and what was downloaded for each of them."""
    found = {}
    for entry in client.list_artifacts(run_id, path):
        if entry.is_dir:
            found.update(artifacts(client, run_id, entry.path))
        else:
            local = client.download_artifacts(run_id, entry.path)
            data = Path(local).read_bytes()
            found[entry.path] = [entry.file_size, data.decode("latin-1")]
    return found


def describe(client, run):
    info, data = run.info, run.data
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "name": getattr(info, "run_name", None),
        "status": str(info.status),
        "start_time": info.start_time,
        "end_time": info.end_time,
        "lifecycle_stage": info.lifecycle_stage,
        "artifact_uri": info.artifact_uri,
        "user_id": info.user_id,
        "params": data.params,
        "tags": data.tags,
        "metrics": {k: repr(v) for k, v in data.metrics.items()},
        "history": {
            key: [
                [m.timestamp, repr(m.value), m.step]
                for m in client.get_metric_history(info.run_id, key)
            ]
            for key in data.metrics
        },
    }


def main(uri, read_artifacts=True):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    told = {"version": mlflow.__version__, "experiments": {}, "runs": {}}
    for e in client.search_experiments(view_type=ViewType.ALL):
        told["experiments"][e.experiment_id] = {
            "name": e.name,
            "lifecycle_stage": e.lifecycle_stage,
            "artifact_location": e.artifact_location,
            "tags": e.tags,
            "creation_time": e.creation_time,
        }
        for run in client.search_runs(
            [e.experiment_id], run_view_type=ViewType.ALL
        ):
            # Both ways to come to a run agree, or the reader is confused.
            again = client.get_run(run.info.run_id)
            assert describe(client, again) == describe(client, run)
            one = describe(client, run)
            if read_artifacts:
                one["artifacts"] = artifacts(client, run.info.run_id)
            told["runs"][run.info.run_id] = one
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], "--no-artifacts" not in sys.argv)
