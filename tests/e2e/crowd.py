# SPDX-License-Identifier: MIT
"""Many execs at once, as `make -j` starts them, and what must be there.

Used by the tests of each kind of store: nothing of it may know which.
"""

N = 200
RECIPES = """\
all: $(shell seq 1 {n})
%:
\t@kmlflow exec -q -e crowd -n run-$@ -p i=$@ -t left=$$(($@ % 7)) \\
\t\t-a out/$@.txt -- sh -c 'echo $@ >out/$@.txt; exit $$(($@ % 2 * 3))'
.PHONY: all
"""


def start(box, n=N):
    """All of them within one exec; half of them fail, make goes on."""
    box.write("crowd.mk", RECIPES.format(n=n))
    (box.dir / "out").mkdir()
    make = ["make", "-s", "-k", f"-j{n}", "-f", "crowd.mk"]
    argv = ["kmlflow", "exec", "-q", "-e", "crowd", "-n", "around", "--"]
    return box.call(*argv, *make, timeout=400)


def finish(box):
    """What a store that was too busy has not taken yet."""
    for _ in range(5):
        told = box.call("kmlflow", "sync", "--json", timeout=400)
        if told.stdout.startswith('{"sent":0'):
            break
    assert told.returncode == 0, told.stderr


def check(client, artifact, n=N):
    """By MLflow's client; 'artifact(run_id, name)' gives the bytes."""
    found = [e for e in client.search_experiments() if e.name == "crowd"]
    assert len(found) == 1
    runs = client.search_runs([found[0].experiment_id], max_results=5 * n)
    by_name = {r.info.run_name: r for r in runs}
    expected = {f"run-{i}" for i in range(1, n + 1)} | {"around"}
    assert set(by_name) == expected
    assert len(runs) == n + 1, "a run is there twice"
    around = by_name.pop("around")
    assert around.info.status == "FAILED"
    for i in range(1, n + 1):
        run = by_name[f"run-{i}"]
        tags = run.data.tags
        assert run.info.status == ("FAILED" if i % 2 else "FINISHED"), i
        assert run.data.params == {"i": str(i)}
        assert tags["left"] == str(i % 7)
        assert tags["mlflow.parentRunId"] == around.info.run_id
        assert tags["kmlflow.exit_code"] == str(i % 2 * 3)
        assert "kmlflow/wall_seconds" in run.data.metrics
        assert artifact(run.info.run_id, f"{i}.txt") == b"%d\n" % i
