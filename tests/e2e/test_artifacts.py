# SPDX-License-Identifier: MIT
"""Which files become artifacts, where, and with which content."""

import os
import re
import socket

import pytest

FLAGS = ["-a", "out/**", "-x", "**/*.tmp"]


def script(sandbox, text, options=FLAGS, **kw):
    (sandbox.dir / "out").mkdir(exist_ok=True)
    r = sandbox.exec("bash", "-c", text, options=options, **kw)
    assert r.returncode == 0, r.stderr
    return r


def artifacts(sandbox):
    return {k: v.decode() for k, v in sandbox.run().artifacts.items()}


def test_globs_and_destinations(sandbox):
    options = ["-a", "*.csv", "-a", "sub/*.txt=notes/deep", "-x", "no*"]
    script(
        sandbox,
        "echo 1 >a.csv; mkdir sub; echo 2 >sub/b.txt; echo 3 >no.csv; echo 4 >c.md",
        options,
    )
    assert artifacts(sandbox) == {"a.csv": "1\n", "notes/deep/b.txt": "2\n"}


def test_only_what_this_run_wrote(sandbox):
    sandbox.write("old.csv", "old\n")
    script(sandbox, "cat old.csv >/dev/null; echo new >new.csv", ["-a", "*.csv"])
    assert artifacts(sandbox) == {"new.csv": "new\n"}


def test_last_content_wins(sandbox):
    script(sandbox, "echo 1 >a.csv; echo 2 >a.csv; echo 3 >>a.csv", ["-a", "*.csv"])
    assert artifacts(sandbox) == {"a.csv": "2\n3\n"}


WAYS = {
    "redirect": "echo x >R",
    "append": "echo x >>R",
    "cp": "echo x >t; cp t R",
    "mv": "echo x >t; mv t R",
    "mv from elsewhere": "d=$(mktemp -d); echo x >$d/t; mv $d/t R; rmdir $d",
    "ln": "echo x >t; ln t R",
    "install": "echo x >t; install -m 600 t R",
    "dd": "echo x | dd of=R status=none",
    "tee": "echo x | tee R >/dev/null",
    "sed -i": "echo y >R; sed -i s/y/x/ R",
    "sort -o": "echo x | sort -o R",
    "awk": "awk 'BEGIN { print \"x\" >\"R\" }'",
    "perl": "perl -e 'open F, \">R\"; print F \"x\\n\"'",
    "python": "/usr/bin/python3 -c \"open('R', 'w').write('x\\n')\"",
    "python pathlib rename": "/usr/bin/python3 -c \"import os; "
    "open('t', 'w').write('x\\n'); os.replace('t', 'R')\"",
    "tar": "mkdir d; echo x >d/R; tar -C d -cf t.tar R; tar -xf t.tar",
    "gzip": "echo x >t; gzip t; gzip -dc t.gz >R",
    "truncate then write": "truncate -s 0 R; echo x >>R",
    "absolute path": 'echo x >"$PWD/R"',
    "dots": "mkdir -p d; echo x >d/.././d/../R",
    "other directory": "mkdir -p d; cd d; echo x >../R",
    "symbolic directory": "ln -s . l; echo x >l/R",
    "symbolic file": "ln -s R l; echo x >l",
    "cleared environment": "env -i /bin/sh -c 'echo x >R'",
    "grandchild": "sh -c 'bash -c \"echo x >R\"'",
    "subshell in background": "(echo x >R) & wait",
    "xargs": "echo R | xargs -I{} sh -c 'echo x >{}'",
    "make": "printf 'R:\\n\\techo x >R\\n' >m.mk; make -s -f m.mk",
    "own session": "setsid sh -c 'echo x >R'",
    "descriptor kept open": "exec 5>R; echo x >&5",
}


@pytest.mark.parametrize("how", WAYS)
def test_ways_to_write_a_file(sandbox, how):
    script(sandbox, WAYS[how].replace("R", "result.dat"), ["-a", "result.dat"])
    run = sandbox.run()
    assert run.artifacts == {"result.dat": b"x\n"}
    # Through a link of another name, it is found by comparison alone.
    assert "complete" in run.kmlflow("capture") or how == "symbolic file"


def test_static_program(sandbox):
    sandbox.write(
        "w.c",
        '#include <fcntl.h>\n#include <unistd.h>\n'
        'int main(void) { int f = open("result.dat", O_WRONLY|O_CREAT, 0644);\n'
        'return write(f, "x\\n", 2) != 2; }\n',
    )
    assert sandbox.call("gcc", "-static", "-o", "w", "w.c").returncode == 0
    script(sandbox, "./w", ["-a", "result.dat"])
    run = sandbox.run()
    assert run.artifacts == {"result.dat": b"x\n"}


def test_written_through_a_shared_mapping(sandbox):
    code = (
        "import mmap; f = open('result.dat', 'w+b'); f.truncate(4); "
        "m = mmap.mmap(f.fileno(), 4); m[:] = b'abcd'; m.close(); f.close()"
    )
    script(sandbox, f'/usr/bin/python3 -c "{code}"', ["-a", "result.dat"])
    assert artifacts(sandbox) == {"result.dat": "abcd"}


def test_threads_and_processes(sandbox):
    sandbox.write(
        "many.py",
        "import threading, os\n"
        "def work(i):\n"
        "    for k in range(25):\n"
        "        open(f'out/{i}-{k}.txt', 'w').write(f'{i} {k}')\n"
        "kids = []\n"
        "for p in range(4):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        ts = [threading.Thread(target=work, args=(f'{p}{t}',))"
        " for t in range(4)]\n"
        "        [t.start() for t in ts]; [t.join() for t in ts]\n"
        "        os._exit(0)\n"
        "    kids.append(pid)\n"
        "for k in kids: os.waitpid(k, 0)\n",
    )
    script(sandbox, "/usr/bin/python3 many.py", ["-a", "out/*.txt"])
    got = artifacts(sandbox)
    assert len(got) == 400
    assert got["32-7.txt"] == "32 7"


def test_deleted_before_the_end_is_kept(sandbox):
    script(sandbox, "echo x >out/a.txt; rm out/a.txt")
    assert "x\n" in artifacts(sandbox).values()


def test_renamed_away_before_the_end_is_kept(sandbox):
    script(sandbox, "echo x >a.csv; mv a.csv elsewhere.bin", ["-a", "*.csv"])
    assert artifacts(sandbox) == {"a.csv": "x\n"}


def test_a_directory_renamed_into_place(sandbox):
    script(sandbox, "mkdir t; echo x >t/a; echo y >t/b; mv t out/final")
    assert sorted(artifacts(sandbox).values()) == ["x\n", "y\n"]


def test_empty_file(sandbox):
    script(sandbox, ": >a.csv", ["-a", "*.csv"])
    assert artifacts(sandbox) == {"a.csv": ""}


def test_large_file(sandbox):
    script(sandbox, "head -c 60000000 /dev/zero >a.csv", ["-a", "*.csv"])
    assert len(sandbox.run().artifacts["a.csv"]) == 60_000_000


NAMES = ["with space.csv", "ümläut.csv", "-dash.csv", "quote'.csv", ".hidden.csv"]
# MLflow's own client lists them, but cannot download what it logged itself.
URL_NAMES = ["a%20b.csv", "#hash?.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_names(sandbox, name):
    options = ["-a", "*.csv", "-a", ".*.csv"]
    r = sandbox.exec("sh", "-c", 'echo x >"$1"', "sh", name, options=options)
    assert r.returncode == 0
    assert artifacts(sandbox) == {name: "x\n"}


@pytest.mark.parametrize("name", URL_NAMES)
def test_names_that_look_like_urls(sandbox, name):
    r = sandbox.exec("sh", "-c", 'echo x >"$1"', "sh", name, options=["-a", "*.csv"])
    assert r.returncode == 0
    (directory,) = sandbox.store.path.glob("*/*/artifacts")
    assert [p.name for p in directory.iterdir()] == [name]


HOSTILE = {
    "fifo": "mkfifo out/bad; (echo x >out/bad) & cat out/bad >/dev/null; wait",
    "unreadable": "echo x >out/bad; chmod 0 out/bad",
    "newline in the name": "echo x >$'out/b\\nad'",
    "control character": "echo x >$'out/b\\001ad'",
    "not UTF-8": "echo x >$'out/b\\xffad'",
    "device": "ln -s /dev/null out/bad; echo x >out/bad",
    "replaced by a fifo": "echo x >out/bad; rm out/bad; mkfifo out/bad",
    "its directory gone": "mkdir out/d; echo x >out/d/bad; rm -r out/d",
    "dangling": "ln -s nowhere out/bad",
    "loop": "ln -s bad out/bad; echo x >out/bad; true",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_bad_file_harms_nothing_else(sandbox, unprivileged, what):
    (sandbox.dir / "out").mkdir()
    text = HOSTILE[what] + "; echo fine >out/good; exit 5"
    r = unprivileged(
        sandbox, "kmlflow", "exec", *FLAGS, "--", "bash", "-c", text
    )
    assert r.returncode == 5
    run = sandbox.run()
    assert run.status == "FAILED"
    good = [v for k, v in run.artifacts.items() if k.endswith("good")]
    assert good == [b"fine\n"]
    assert not [k for k in run.artifacts if re.search(r"[\x00-\x1f]", k)]
    if what in ("unreadable", "newline in the name"):
        assert re.search(r"kmlflow: .*\bb.*ad", r.stderr), r.stderr
    for line in r.stderr.splitlines():
        assert "\x01" not in line


def test_a_socket_harms_nothing(sandbox):
    (sandbox.dir / "out").mkdir()
    with socket.socket(socket.AF_UNIX) as s:
        here = os.getcwd()
        os.chdir(sandbox.dir / "out")
        try:
            s.bind("sock")
        finally:
            os.chdir(here)
        script(sandbox, "touch out/sock; echo fine >out/good")
    assert list(artifacts(sandbox).values()) == ["fine\n"]


def test_a_name_cannot_leave_the_run(sandbox):
    r = sandbox.exec(
        "sh", "-c", "echo x >a.csv", options=["-a", "a.csv=../../escape"]
    )
    assert r.returncode == 125 or sandbox.run().artifacts in ({}, {"a.csv": b"x\n"})
    assert not list(sandbox.base.rglob("escape"))


CATALOG = """
versioned:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
  dataset:
    type: pickle.PickleDataset
    filepath: data/v.pkl
    versioned: true
parts:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
  artifact_path: tables
  dataset:
    type: partitions.PartitionedDataset
    path: data/parts/
    dataset: pandas.CSVDataset
    filename_suffix: .csv
old:
  type: kedro_mlflow.io.MlflowDataSet
  data_set:
    type: pandas.CSVDataSet
    filepath: data/old.csv
deep:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataSet
  artifact_path: one/two
  data_set:
    type: pandas.CSVDataSet
    filepath: data/deep.csv
plain:
  type: pandas.CSVDataset
  filepath: data/plain.csv
"""


def test_catalog_forms(project):
    project.write("conf/base/catalog.yml", CATALOG)
    (project.dir / "data/v.pkl/2020-01-01T00.00.00.000Z").mkdir(parents=True)
    project.write("data/v.pkl/2020-01-01T00.00.00.000Z/v.pkl", "older")
    project.write("data/parts/stale.csv", "stale")
    v = "data/v.pkl/2026-01-01T00.00.00.000Z"
    text = (
        f"mkdir -p {v} data/parts/x; echo v >{v}/v.pkl; echo p >data/parts/x/p.csv; "
        "echo q >data/parts/q.csv; echo n >data/parts/no.txt; "
        "echo o >data/old.csv; echo d >data/deep.csv; echo u >data/plain.csv"
    )
    assert project.exec("sh", "-c", text).returncode == 0
    assert artifacts(project) == {
        "v.pkl": "v\n",
        "tables/parts/x/p.csv": "p\n",
        "tables/parts/q.csv": "q\n",
        "old.csv": "o\n",
        "one/two/deep.csv": "d\n",
    }


def test_run_id_of_a_dataset(project):
    client = project.store.client()
    other = client.create_run(client.create_experiment("other")).info.run_id
    project.write(
        "conf/base/catalog.yml",
        "there:\n  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n"
        f"  run_id: {other}\n  dataset:\n    type: pandas.CSVDataset\n"
        "    filepath: data/there.csv\n",
    )
    assert project.exec("sh", "-c", "echo x >data/there.csv").returncode == 0
    got = {r.id == other: r.artifacts for r in project.runs()}
    assert got == {True: {"there.csv": b"x\n"}, False: {}}


def test_params_follow_python_s_str(project):
    project.write(
        "conf/base/parameters.yml",
        "a: true\nb: null\nc: [1, 2.5, 'x']\nd: 0.00001\ne: {k: {l: 'it''s'}}\n"
        "f: 10000000000000000000000.0\ng: text\nh: ''\n",
    )
    assert project.exec("true").returncode == 0
    assert project.run().params == {
        "a": "True",
        "b": "None",
        "c": "[1, 2.5, 'x']",
        "d": "1e-05",
        "e": "{'k': {'l': \"it's\"}}",
        "f": "1e+22",
        "g": "text",
        "h": "",
    }


def test_flattened_params(project):
    project.write("conf/base/parameters.yml", "a: {b: {c: 1, d: [2]}}\n")
    for recursive, wanted in (
        ("true", {"a-b-c": "1", "a-b-d": "[2]"}),
        ("false", {"a-b": "{'c': 1, 'd': [2]}"}),
    ):
        project.write(
            "conf/base/mlflow.yml",
            "tracking:\n  params:\n    dict_params:\n      flatten: true\n"
            f"      recursive: {recursive}\n      sep: '-'\n",
        )
        assert project.exec("true").returncode == 0
        assert project.runs()[-1].params == wanted


def test_a_failing_command_keeps_its_artifacts(project):
    r = project.exec("sh", "-c", "echo x >data/result.txt; kill -KILL $$")
    assert r.returncode == -9
    assert project.run().artifacts == {"result.txt": b"x\n"}
