# SPDX-License-Identifier: MIT
"""Many at once into one store: one experiment, each run whole."""

from pathlib import Path

import crowd
import pytest
from mlflow.tracking import MlflowClient

N = 20


def test_twenty_at_once(sandbox):
    going = []
    for i in range(N):
        options = ["-q", "-e", "shared", "-n", f"run{i}", "-p", f"i={i}"]
        options += ["-a", f"out{i}.txt"]
        going.append(
            sandbox.popen(
                "kmlflow", "exec", *options, "--",
                "sh", "-c", f"echo {i} >out{i}.txt; exit {i % 2}",
            )
        )
    assert [p.wait(60) for p in going] == [i % 2 for i in range(N)]
    found = sandbox.store.client().search_experiments()
    assert [e.name for e in found].count("shared") == 1
    runs = {r.name: r for r in sandbox.runs()}
    assert len(runs) == N
    for i in range(N):
        run = runs[f"run{i}"]
        assert run.params == {"i": str(i)}
        assert run.artifacts == {f"out{i}.txt": f"{i}\n".encode()}
        assert run.status == ("FAILED" if i % 2 else "FINISHED")


def test_two_at_once_do_not_take_each_other_s_files(sandbox):
    """Both declare all, each sees only its own writes."""
    meet = "touch {0}; while [ ! -e {1} ]; do sleep 0.02; done; "
    going = [
        sandbox.popen(
            "kmlflow", "exec", "-q", "-n", me, "-a", "*.txt", "--",
            "sh", "-c",
            meet.format(f"{me}.go", f"{other}.go") + f"echo {me} >{me}.txt",
        )
        for me, other in (("a", "b"), ("b", "a"))
    ]
    assert [p.wait(60) for p in going] == [0, 0]
    got = {r.name: set(r.artifacts) for r in sandbox.runs()}
    assert got == {"a": {"a.txt"}, "b": {"b.txt"}}


@pytest.mark.plain
@pytest.mark.parametrize("kind", ["directory", "database"])
def test_two_hundred_at_once(sandbox, kind):
    """A recipe of `make -j200` each, within one exec around all."""
    kept = sandbox.store.path
    uri = str(kept)
    if kind == "database":
        uri = f"sqlite:///{sandbox.dir}/mlflow.db"
    sandbox.env["MLFLOW_TRACKING_URI"] = uri
    crowd.start(sandbox)
    crowd.finish(sandbox)
    client = MlflowClient(tracking_uri=uri)

    def artifact(run_id, name):
        where = client.get_run(run_id).info.artifact_uri
        return (Path(where.removeprefix("file://")) / name).read_bytes()

    crowd.check(client, artifact)
    left = [p for p in (sandbox.dir / ".kmlflow").iterdir() if len(p.name) == 32]
    assert not left
