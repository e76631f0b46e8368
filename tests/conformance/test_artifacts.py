# SPDX-License-Identifier: MIT
"""Rows 65 to 82 of docs/conformance.md: artifacts."""

import pytest
from conftest import ARTIFACT, wrapped

WRITE = "mkdir -p data && printf 'a,b\\n1,2\\n' >data/data.csv"


@pytest.mark.parametrize("row, where", [
    (65, None), (66, "artifact_dir"), (67, "folder/subfolder")])
def test_065_066_067(project, row, where):
    extra = f"  artifact_path: {where}\n" if where else ""
    project.catalog(wrapped("d", "data/data.csv", extra=extra)).sh(WRITE)
    key = f"{where}/data.csv" if where else "data.csv"
    assert project.run().artifacts == {key: b"a,b\n1,2\n"}


@pytest.mark.parametrize("row", [68, 69])
def test_068_069(project, row):
    client = project.store.client()
    id_ = client.create_run(client.create_experiment("o")).info.run_id
    project.catalog(wrapped("d", "data/data.csv",
                            extra=f"  run_id: {id_}\n"))
    project.sh(WRITE)
    theirs, ours = sorted(project.runs(), key=lambda r: r.id != id_)
    assert set(theirs.artifacts) == {"data.csv"} and not ours.artifacts
    assert (theirs.status, ours.status) == ("RUNNING", "FINISHED")


def test_070_071(project):
    project.catalog(wrapped("d", "data.csv", inner=", versioned: true"))
    old = project.dir / "data.csv" / "2020-01-01T00.00.00.000Z"
    old.mkdir(parents=True)
    (old / "data.csv").write_text("old")
    project.sh("d=data.csv/2021-01-01T00.00.00.000Z; mkdir $d; "
               "echo new >$d/data.csv")
    assert project.run().artifacts == {"data.csv": b"new\n"}


def test_072(project):
    project.conf(mlflow="tracking:\n  disable_tracking:\n"
                        "    pipelines: [__default__]\n")
    project.catalog(wrapped("d", "data/data.csv"))
    project.kedro(do=WRITE)
    assert not project.runs()
    assert (project.dir / "data" / "data.csv").exists()


@pytest.mark.parametrize("where", ["", "ap/"])
def test_074_075(project, where):
    extra = f"  artifact_path: {where}\n" if where else ""
    project.catalog(
        f"d:\n  type: {ARTIFACT}\n{extra}"
        "  dataset: {type: partitions.PartitionedDataset, path: df_dir/, "
        "filename_suffix: .csv, dataset: pandas.CSVDataset}")
    (project.dir / "df_dir").mkdir()
    (project.dir / "df_dir" / "stale.csv").write_text("old")
    project.sh("echo 1 >df_dir/df1.csv; echo 2 >df_dir/df2.csv")
    assert set(project.run().artifacts) == {f"{where}df_dir/df1.csv",
                                            f"{where}df_dir/df2.csv"}


@pytest.mark.parametrize("writer", [
    "echo 1 >data/data.csv", "awk 'BEGIN { print 1 >\"data/data.csv\" }'",
    "python3 -c 'open(\"data/data.csv\", \"w\").write(\"1\")'",
    "echo 1 >t; cp t data/data.csv", "echo 1 >t; mv t data/data.csv",
    "echo 1 | dd of=data/data.csv 2>/dev/null"])
def test_076(project, writer):
    project.catalog(wrapped("d", "data/data.csv", type_="my.own.Dataset"))
    project.sh("mkdir data; " + writer)
    assert set(project.run().artifacts) == {"data.csv"}


@pytest.mark.parametrize("metadata", ["null", "text", "5", "{a: {b: 1}}"])
def test_077(project, metadata):
    project.catalog(wrapped("d", "data/data.csv",
                            extra=f"  metadata: {metadata}\n"))
    project.sh(WRITE)
    assert set(project.run().artifacts) == {"data.csv"}


def test_078(project):
    project.catalog(wrapped("d", "f")).sh("echo 1 >f; echo 2 >f")
    assert project.run().artifacts == {"f": b"2\n"}


def test_079(project):
    project.catalog(wrapped("d", "f")).sh("echo 1 >f; exit 9", ok=9)
    run = project.run()
    assert run.artifacts == {"f": b"1\n"} and run.status == "FAILED"


def test_080(project):
    project.catalog(wrapped("d", "f")).sh()
    assert not project.run().artifacts


def test_081(project):
    project.catalog(wrapped("d", "f")).sh("echo 1 >g")
    assert not project.run().artifacts


@pytest.mark.parametrize("type_, key", [
    ("kedro_mlflow.io.MlflowDataSet", "data_set"),
    ("kedro_mlflow.io.MlflowArtifactDataSet", "data_set"),
    ("kedro_mlflow.io.artifacts.MlflowArtifactDataSet", "data_set"),
    ("kedro_mlflow.io.artifacts.MlflowArtifactDataset", "dataset"),
    ("kedro_mlflow.io.artifacts.mlflow_artifact_dataset."
     "MlflowArtifactDataset", "dataset"),
    ("MlflowArtifactDataset", "dataset")])
def test_082(project, type_, key):
    project.catalog(f"d:\n  type: {type_}\n"
                    f"  {key}: {{type: pandas.CSVDataSet, filepath: f}}")
    project.sh("echo 1 >f")
    assert set(project.run().artifacts) == {"f"}
