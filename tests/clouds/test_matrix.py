# SPDX-License-Identifier: MIT
"""Each place of runs with each store of artifacts: docs/stores.md."""

import uuid

import pytest
from driven import ROOT

RUNS = {"directory": "directory", "SQLite": "database", "server": "server"}
ARTIFACTS = {
    "directory": "local",
    "server": "proxy",
    "S3": "s3",
    "Google": "gs",
    "Azure": "azure",
    "FTP": "ftp",
    "SFTP": "sftp",
    "HDFS": "hdfs",
}


# Who keeps runs without a server has none that could keep artifacts.
CELLS = [
    (runs, artifacts) for runs in RUNS for artifacts in ARTIFACTS
    if artifacts != "server" or runs == "server"
]


@pytest.mark.parametrize("runs,artifacts", CELLS)
def test_cell(project, request, runs, artifacts):
    tracking = request.getfixturevalue(RUNS[runs])
    store = request.getfixturevalue(ARTIFACTS[artifacts])
    project.client.env["MLFLOW_TRACKING_URI"] = tracking
    project.artifacts_to(store.uri, f"cell-{uuid.uuid4().hex}")
    run, said = project.exec()
    assert store.keys() == [f"here/{run}/artifacts/result.txt"], said
    assert store.read(store.keys()[0]) == b"of the run\n"


def test_the_table_is_of_these():
    """What the documents claim is what has been run."""
    lines = (ROOT / "docs/stores.md").read_text().splitlines()
    table = [
        [c.strip() for c in line.strip("|").split("|")]
        for line in lines if line.startswith("| ")
    ]
    start = next(i for i, row in enumerate(table) if row[0] == "Artifacts in")
    head, rows = table[start], table[start + 1:start + 1 + len(ARTIFACTS)]
    assert head[1:] == [f"runs in a {k}" if k != "SQLite" else
                        "runs in SQLite" for k in RUNS]
    assert len(rows) == len(ARTIFACTS)
    for row in rows:
        want = "–" if row[0].startswith("the server") else "yes"
        assert row[1:] == [want, want, "yes"], row
