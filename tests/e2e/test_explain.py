# SPDX-License-Identifier: MIT
"""kmlflow explain: who wrote what, what nothing declares, what has drifted."""

import json
import os
from datetime import datetime, timezone

import pytest


def explain(sandbox, *options):
    r = sandbox.call("kmlflow", "explain", *options)
    assert r.returncode == 0, r.stderr
    return r.stdout


def explain_json(sandbox, *options):
    return json.loads(explain(sandbox, "--json", *options))


def declare(sandbox, **paths):
    """The catalog has these entries and no others."""
    text = "".join(
        f"{name}:\n  type: text.TextDataset\n  filepath: {path}\n"
        "  metadata: {kmlflow: {artifact: true}}\n"
        for name, path in paths.items()
    )
    sandbox.write("conf/base/catalog.yml", text)


def undeclared(sandbox):
    found = explain_json(sandbox, "--undeclared")
    root = os.path.realpath(sandbox.dir)
    return {os.path.relpath(f["path"], root) for f in found["files"]}


def test_who_wrote_it_and_when(project):
    before = datetime.now(timezone.utc).timestamp() * 1000 - 20
    project.exec("sh", "-c", "echo hello | tee data/result.txt; echo $$")
    after = datetime.now(timezone.utc).timestamp() * 1000
    (f,) = explain_json(project)["files"]
    assert before <= f["modified"] <= after
    assert os.path.basename(f["program"]) == "tee" and f["seen"] == "event"
    text = explain(project)
    assert f"process {f['pid']} ({f['program']}), last " in text
    stamp = datetime.fromtimestamp(f["modified"] // 1000, timezone.utc)
    assert stamp.strftime("%Y-%m-%dT%H:%M:%S") in text


def test_a_time_that_was_brought_along(project):
    """cp -p keeps a time from before the run; the file came here now."""
    old = project.write("old.txt", "hello")
    os.utime(old, (1, 1))
    start = datetime.now(timezone.utc).timestamp() * 1000 - 20
    project.exec("cp", "-p", "old.txt", "data/result.txt")
    (f,) = explain_json(project)["files"]
    assert f["modified"] >= start


def test_undeclared(project):
    project.write("data/before.csv", "old")
    project.exec(
        "sh",
        "-c",
        "for f in result.txt other.csv .hidden run.log a.pyc conf.lock; do"
        "  echo 1 >data/$f; done;"
        "mkdir -p data/sub/deeper/still; echo 1 >data/sub/model.bin;"
        "echo 1 >data/sub/deeper/still/far.csv; : >data/empty.csv;"
        "echo 1 >top.json; mkdir .secret; echo 1 >.secret/x.csv;"
        "ln -s other.csv data/link.csv",
    )
    assert undeclared(project) == {
        "data/other.csv",
        "data/sub/model.bin",
        "top.json",
    }
    assert explain_json(project, "--undeclared")["more"] is False
    text = explain(project, "--undeclared")
    assert "other.csv" in text and "result.txt" not in text
    assert "see --undeclared" in explain(project)


def test_undeclared_by_a_static_program(project):
    """What no library sees is beside it all the same."""
    project.exec("busybox", "sh", "-c", "busybox echo 1 >data/static.csv")
    assert undeclared(project) == {"data/static.csv"}


def test_nothing_undeclared(project):
    project.exec("sh", "-c", "echo hello >data/result.txt")
    assert undeclared(project) == set()
    assert "nothing was written" in explain(project, "--undeclared")
    assert "see --undeclared" not in explain(project)


def test_left_out_on_purpose_is_not_undeclared(project):
    project.exec(
        "sh",
        "-c",
        "echo 1 >data/a.csv; echo 1 >data/b.csv",
        options=["-x", "data/a.csv"],
    )
    assert undeclared(project) == {"data/b.csv"}


def test_undeclared_without_a_project(sandbox):
    sandbox.exec("sh", "-c", "echo 1 >x.csv; cp /etc/hostname y.txt")
    assert undeclared(sandbox) == {"x.csv", "y.txt"}


def test_undeclared_of_a_directory_by_a_link(project):
    """The catalog goes by a symbolic link, the walk does not."""
    (project.dir / "data").rmdir()
    (project.dir / "real").mkdir()
    (project.dir / "data").symlink_to("real")
    project.exec("sh", "-c", "echo 1 >data/result.txt; echo 1 >data/b.csv")
    assert undeclared(project) == {"real/b.csv"}


@pytest.mark.parametrize("n", [100, 101])
def test_undeclared_is_bounded(project, n):
    script = f"i=0; while [ $i -lt {n} ]; do echo >data/$i.csv; i=$((i+1)); done"
    project.exec("sh", "-c", script)
    found = explain_json(project, "--undeclared")
    assert len(found["files"]) == 100 and found["more"] is (n > 100)
    assert ("more than was looked at" in explain(project, "--undeclared")) is (
        n > 100
    )


def test_many_names_are_not_all_looked_at(project):
    (project.dir / "data/many").mkdir()
    for i in range(5000):
        (project.dir / f"data/many/{i}").touch()
    declare(project, result="data/many/result.txt")
    project.exec("sh", "-c", "echo 1 >data/many/result.txt")
    assert explain_json(project, "--undeclared")["more"] is True


def test_no_drift(project):
    project.exec("sh", "-c", "echo hello >data/result.txt")
    d = explain_json(project, "--drift")
    assert d.pop("run_id") == project.run().id
    assert d == {
        "not_written": [],
        "not_declared": [],
        "changed": [],
        "added": [],
        "removed": [],
    }
    assert "says what happened" in explain(project, "--drift")


def test_drift(project):
    declare(project, result="data/r.txt", never="data/never.txt", gone="g.txt")
    script = "echo 1 >data/r.txt; echo 1 >data/new.csv; echo 1 >data/other.csv"
    project.exec("sh", "-c", script, options=["-a", "flag.txt"])
    declare(
        project, result="data/moved.txt", never="data/never.txt", new="data/new.csv"
    )
    d = explain_json(project, "--drift")
    root = os.path.realpath(project.dir)
    assert [f["dataset"] for f in d["not_written"]] == ["never", "gone", "flag.txt"]
    assert sorted((f["path"], f.get("dataset")) for f in d["not_declared"]) == [
        (f"{root}/data/new.csv", "new"),
        (f"{root}/data/other.csv", None),
    ]
    assert [(c["dataset"], c["what"]) for c in d["changed"]] == [("result", "path")]
    assert d["changed"][0]["then"].endswith("data/r.txt")
    assert d["changed"][0]["now"].endswith("data/moved.txt")
    assert [c["dataset"] for c in d["added"]] == ["new"]
    assert [c["dataset"] for c in d["removed"]] == ["gone"]
    text = explain(project, "--drift")
    for line in (
        "data/never.txt, declared by never\n",
        "data/new.csv, 2 B; declared by now, by new\n",
        "data/other.csv, 2 B\n",
        "result: path was ",
        "declared since\n  new: ",
        "no longer declared\n  gone: ",
    ):
        assert line in text


def test_drift_of_an_environment(project):
    project.exec("sh", "-c", "echo hello >data/result.txt")
    project.write(
        "conf/prod/catalog.yml",
        "result:\n  type: text.TextDataset\n  filepath: data/prod.txt\n"
        "  metadata: {kmlflow: {artifact: true, artifact_path: best}}\n",
    )
    assert not explain_json(project, "--drift")["changed"]
    d = explain_json(project, "--drift", "--env", "prod")
    assert [c["what"] for c in d["changed"]] == ["path", "artifact_path"]
    assert d["changed"][1]["then"] is None and d["changed"][1]["now"] == "best"
    assert "artifact_path was nothing, is now best" in explain(
        project, "--drift", "--env", "prod"
    )


def test_drift_with_a_broken_catalog(project):
    project.exec("sh", "-c", "echo hello >data/result.txt")
    project.write("conf/base/catalog.yml", "result: [\n")
    r = project.call("kmlflow", "explain", "--drift")
    assert r.returncode == 1 and "catalog.yml:" in r.stderr
