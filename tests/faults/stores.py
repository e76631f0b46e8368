# SPDX-License-Identifier: MIT
"""What a store holds, read without kmlflow's or MLflow's code."""

import collections
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "rest"))

STATUS = [None, "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]


def artifacts(root):
    return {str(p.relative_to(root)): p.read_text()
            for p in sorted(root.rglob("*")) if p.is_file()}


class FileStore:
    """A directory beside the project."""

    def uri(self, place):
        return str(place / "mlruns")

    def runs(self, place):
        return [self._run(meta.parent, meta.read_text())
                for meta in sorted((place / "mlruns").glob("*/*/meta.yaml"))]

    def _run(self, run, text):
        metrics = collections.Counter()
        for p in (run / "metrics").rglob("*"):
            for line in p.read_text().splitlines() if p.is_file() else []:
                _, value, step = line.split()
                name = str(p.relative_to(run / "metrics"))
                metrics[name, float(value), int(step)] += 1
        return {
            "params": artifacts(run / "params"),
            "tags": artifacts(run / "tags"),
            "metrics": metrics,
            "status": STATUS[int(re.search(r"^status: (\d+)", text, re.M)[1])],
            "artifacts": artifacts(run / "artifacts"),
        }

    def stop(self):
        pass


class SqliteStore:
    """A database beside the project."""

    def uri(self, place):
        return f"sqlite:///{place}/mlflow.db"

    def path(self, place):
        return place / "mlflow.db"

    def place_of(self, uri):
        return Path(uri.removeprefix("file://"))

    def runs(self, place):
        if not self.path(place).exists():
            return []
        with closing(sqlite3.connect(self.path(place))) as db:
            rows = db.execute(
                "SELECT run_uuid, r.status, artifact_uri FROM runs AS r"
                " JOIN experiments AS e USING (experiment_id)"
                " WHERE e.name = ?", (place.name,)).fetchall()
            return [self._run(db, *row) for row in rows]

    def _run(self, db, run, status, uri):
        def of(what, table):
            return db.execute(
                f"SELECT {what} FROM {table} WHERE run_uuid = ?", (run,))

        return {
            "params": dict(of("key, value", "params")),
            "tags": dict(of("key, value", "tags")),
            "metrics": collections.Counter(of("key, value, step", "metrics")),
            "status": status,
            "artifacts": artifacts(self.place_of(uri)),
        }

    def stop(self):
        pass


class ServerStore(SqliteStore):
    """MLflow's newest server, of which each place is an experiment."""

    def __init__(self):
        from mlflow_server import MlflowServer

        self.dir = tempfile.TemporaryDirectory()
        self.server = MlflowServer("newest", self.dir.name).start()

    def uri(self, place):
        return self.server.url

    def path(self, place):
        return self.server.dir / "mlflow.db"

    def place_of(self, uri):
        return self.server.artifacts / uri.removeprefix("mlflow-artifacts:/")

    def stop(self):
        self.server.stop()
        self.dir.cleanup()


STORES = {"file": FileStore, "sqlite": SqliteStore, "server": ServerStore}
