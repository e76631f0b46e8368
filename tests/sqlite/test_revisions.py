# SPDX-License-Identifier: MIT
"""A database is joined at every revision that its tables have ever had."""

import logging
import uuid

import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory
from conftest import query, store_side
from mlflow.store.db.utils import InitialBase, _get_alembic_config

# The first with all that a run needs: MLflow 1.3, in 2019.
FIRST = "89d4b8295536"


def upgrade(uri, revision):
    engine = sqlalchemy.create_engine(uri)
    config = _get_alembic_config(uri)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_every_revision(store, tmp_path):
    logging.disable(logging.INFO)
    path = tmp_path / "mlflow.db"
    uri = f"sqlite:///{path}"
    engine = sqlalchemy.create_engine(uri)
    InitialBase.metadata.create_all(engine)
    engine.dispose()
    script = ScriptDirectory.from_config(_get_alembic_config(uri))
    chain = [r.revision for r in script.walk_revisions()][::-1]
    runs = {}
    for revision in chain:
        upgrade(uri, revision)
        assert query(path, "SELECT * FROM alembic_version") == [(revision,)]
        if not runs and revision != FIRST:
            continue
        run_id = uuid.uuid4().hex
        name = f"at {revision}"
        experiment = store.experiment(name, "create")
        store.call("create", experiment, run_id, "-", 1000, "t", "v")
        log = ["param", "p", revision, "metric", "m", "2", "5", "1"]
        assert store.told("log", run_id, *log)["conflicts"] == "0"
        assert store.told("log", run_id, "param", "p", "x")["conflicts"] == "1"
        store.call("status", run_id, 3, 2000)
        assert store.told("find", experiment, "t", "v")["id"] == run_id
        runs[run_id] = (name, revision)
    assert len(runs) > 50
    told = store_side.dump("newest", store.uri, tmp_path)
    names = {key: e["name"] for key, e in told["experiments"].items()}
    for run_id, (name, revision) in runs.items():
        run = told["runs"][run_id]
        assert names[run["experiment_id"]] == name
        assert run["params"] == {"p": revision}
        assert run["metrics"] == {"m": "2.0"}
        assert run["status"] == "FINISHED"
        assert run["tags"]["mlflow.runName"] == run["name"]
        assert len(run["name"].split("-")) == 3
