# SPDX-License-Identifier: MIT
"""Our store and MLflow's clients take turns on the same runs."""

import random
from pathlib import Path

import pytest
import yaml
from conftest import READERS, Refused, client, dump

RUN = "0123456789abcdef0123456789abcdef"
NAME = "by python: a long name " * 8


@pytest.fixture(params=list(READERS))
def generation(request):
    return request.param


def test_run_of_a_client_is_read_and_added_to(store, generation, tmp_path):
    made = client(generation, store, "write")
    run_id = made["run"]
    run = store.told("get", run_id)
    assert run["experiment_id"] == made["experiment"]
    assert run["experiment_name"] == NAME
    assert run["status"] == "FINISHED"
    # Looked up by its name, which PyYAML has folded over several lines.
    assert store.experiment(NAME) == made["experiment"]
    params, tags = store.read(run_id)
    assert params == {"p": "multi\nline", "a/b": "0.1", "kept": "python's"}
    assert tags["t"] == "python's"
    assert tags["mlflow.runName"] == run["name"]

    log = ["param", "kept", "ours", "param", "new", "ours", "tag", "t", "ours"]
    log += ["metric", "m", "0.7", "5", "3"]
    assert store.told("log", run_id, *log)["conflicts"] == "1"
    store.call("log", run_id, "tag", "mlflow.runName", "renamed")
    store.call("status", run_id, 4, 1800000000000)
    (tmp_path / "f").write_text("from us")
    store.call("put", run_id, "f", "sub/ours.txt")

    for reader in READERS:
        told = dump(reader, store.uri, store.cwd)["runs"][run_id]
        assert told["params"] == {**params, "new": "ours"}
        assert told["tags"]["t"] == "ours"
        assert told["name"] == "renamed"
        assert told["status"] == "FAILED"
        assert told["end_time"] == 1800000000000
        assert [p[1:] for p in told["history"]["m"]] == [
            ["0.0", 0],
            ["0.1", 1],
            ["0.2", 2],
            ["0.7", 3],
        ]
        assert told["artifacts"] == {
            "sub/note.txt": [11, "from python"],
            "sub/ours.txt": [7, "from us"],
        }


def test_client_joins_our_run(store, generation):
    experiment = store.experiment("e", "create")
    store.call("create", experiment, RUN, "ours", 1700000000000, "k", "v")
    assert client(generation, store, "join", RUN) == RUN
    store.call("status", RUN, 4, 1700000005000)
    told = dump(generation, store.uri, store.cwd)["runs"]
    assert list(told) == [RUN]
    assert told[RUN]["params"] == {"joined": "yes"}
    assert told[RUN]["metrics"] == {"m": "0.5"}
    assert told[RUN]["name"] == "ours"
    assert told[RUN]["tags"]["k"] == "v"
    assert told[RUN]["status"] == "FAILED"
    assert told[RUN]["start_time"] == 1700000000000
    assert told[RUN]["end_time"] == 1700000005000


def test_deleted_experiment_is_restored(store, generation):
    experiment = store.experiment("e", "create")
    store.call("create", experiment, RUN, "-", 1)
    store.call("log", RUN, "param", "a", "b")
    client(generation, store, "delete_experiment", experiment)

    with pytest.raises(Refused, match="is deleted"):
        store.experiment("e", "create")
    with pytest.raises(Refused, match="is deleted"):
        store.call("log", RUN, "param", "c", "d")
    assert store.told("get", RUN)["deleted"] == "1"
    assert store.experiment("e", "restore", "dry") == experiment
    assert store.told("get", RUN)["deleted"] == "1"

    assert store.experiment("e", "create", "restore") == experiment
    store.call("log", RUN, "param", "c", "d")
    for reader in READERS:
        told = dump(reader, store.uri, store.cwd)
        assert told["experiments"][experiment]["lifecycle_stage"] == "active"
        assert told["runs"][RUN]["lifecycle_stage"] == "active"
        assert told["runs"][RUN]["params"] == {"a": "b", "c": "d"}


def test_deleted_run_is_not_added_to(store, generation):
    experiment = store.experiment("e", "create")
    store.call("create", experiment, RUN, "-", 1)
    client(generation, store, "delete_run", RUN)
    assert store.told("get", RUN)["deleted"] == "1"
    for call in (["log", RUN, "param", "a", "b"], ["status", RUN, 3, 2]):
        with pytest.raises(Refused, match="is deleted"):
            store.call(*call)


ALPHABET = [*"abz09 '\"\\:#-?[]{},&*!|>%@`~._/\t\n", "\r", "\x07", "\x1b"]
ALPHABET += ["\x85", "\xa0", "ä", "漢", "\u2028", "\ufeff", "🌍"]
ALPHABET += [" ", "  ", "\n\n", ": ", " #", "word", "null", "true", "0x1f"]


def test_names_as_pyyaml_writes_them(store):
    """Every style in which MLflow's own writer can put a name is read."""
    rng = random.Random(6)
    names = [
        "".join(rng.choices(ALPHABET, k=rng.choice([1, 3, 10, 60])))
        for _ in range(300)
    ]
    for number, name in enumerate(names, start=1):
        directory = Path(store.uri, str(number))
        directory.mkdir(parents=True)
        meta = {
            "artifact_location": f"{store.uri}/{number}",
            "experiment_id": str(number),
            "lifecycle_stage": "active",
            "name": name,
        }
        text = yaml.dump(
            meta,
            default_flow_style=False,
            allow_unicode=True,
            encoding="utf-8",
            Dumper=yaml.CSafeDumper if number % 2 else yaml.SafeDumper,
        )
        (directory / "meta.yaml").write_bytes(text)
        # It does not read back all that it writes: U+0085 becomes a space.
        names[number - 1] = yaml.load(text, Loader=yaml.CSafeLoader)["name"]
    for number, name in enumerate(names, start=1):
        told = store.told("experiment", "id", number)
        assert told["name"] == name, f"{number}/meta.yaml"
