# SPDX-License-Identifier: MIT
"""Bad input: one line with file, line, key and remedy; 125; nothing made."""

import re

import pytest

ARTIFACT = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"

# name, file, content, what the message must say
TABLE = [
    ("broken yaml", "catalog.yml", "a:\n  b: [1\n", r"catalog\.yml:\d+"),
    ("tab in yaml", "parameters.yml", "a:\n\tb: 1\n", r"parameters\.yml:2"),
    (
        "unknown key, flat",
        "mlflow.yml",
        "mlflow_tracking_uri: mlruns\nexperiment:\n  nmae: x\n",
        r"mlflow\.yml:3.*nmae.*name",
    ),
    (
        "unknown key, nested",
        "mlflow.yml",
        "tracking:\n  experiment:\n    restore_if_delete: true\n",
        r"mlflow\.yml:3.*restore_if_delete.*restore_if_deleted",
    ),
    (
        "unknown section",
        "mlflow.yml",
        "server:\n  mlflow_tracking_uri: mlruns\ntrakcing:\n  run:\n    id: null\n",
        r"mlflow\.yml:3.*trakcing.*tracking",
    ),
    (
        "wrong type",
        "mlflow.yml",
        'tracking:\n  run:\n    nested: "yes"\n',
        r"mlflow\.yml:3.*nested",
    ),
    (
        "bad word",
        "mlflow.yml",
        "tracking:\n  params:\n    long_params_strategy: cut\n",
        r"mlflow\.yml:3.*(long_params_strategy|cut).*truncate",
    ),
    (
        "dataset without path",
        "catalog.yml",
        f"m:\n  type: {ARTIFACT}\n  dataset:\n    type: pickle.PickleDataset\n",
        r"catalog\.yml:\d.*\bm\b.*(filepath|path)",
    ),
    (
        "dataset is a string",
        "catalog.yml",
        f"m:\n  type: {ARTIFACT}\n  dataset: data/x.pkl\n",
        r"catalog\.yml:\d.*dataset",
    ),
    (
        "no inner dataset",
        "catalog.yml",
        f"m:\n  type: {ARTIFACT}\n",
        r"catalog\.yml:\d.*dataset",
    ),
    ("entry is a string", "catalog.yml", "m: data/x.pkl\n", r"catalog\.yml:1.*\bm\b"),
    ("catalog is a list", "catalog.yml", "- a\n- b\n", r"catalog\.yml"),
    (
        "interpolation",
        "catalog.yml",
        f"m:\n  type: {ARTIFACT}\n  dataset:\n    type: pickle.PickleDataset\n"
        "    filepath: ${root}/x.pkl\n",
        r"catalog\.yml:5.*\$\{root\}",
    ),
    (
        "unknown run",
        "mlflow.yml",
        "tracking:\n  run:\n    id: " + "ab" * 16 + "\n",
        r"(ab){16}",
    ),
    (
        "kmlflow.yml",
        "kmlflow.yml",
        "artefacts: [result]\n",
        r"kmlflow\.yml:1.*artefacts",
    ),
]


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


@pytest.mark.parametrize(
    "file, content, wanted", [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_refused(project, file, content, wanted):
    project.write(f"conf/base/{file}", content)
    refused(project, wanted)


def test_conf_is_missing(sandbox):
    sandbox.write("pyproject.toml", '[tool.kedro]\npackage_name = "demo"\n')
    refused(sandbox, r"conf")


def test_the_same_key_in_two_files(project):
    project.write("conf/base/catalog_b.yml", (
        project.dir / "conf/base/catalog.yml"
    ).read_text())
    refused(project, r"catalog(_b)?\.yml:1.*result")


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
