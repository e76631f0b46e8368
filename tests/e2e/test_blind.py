# SPDX-License-Identifier: MIT
"""kmlflow.capture: complete, or what could not be seen, and why."""

import json
import os
import subprocess
import time

import pytest

FLAGS = ["-a", "out/**"]
SOURCE = '#include <fcntl.h>\nint main(void){return open("out/c",O_CREAT|O_RDWR,0600)<0;}\n'


@pytest.fixture
def place(sandbox):
    (sandbox.dir / "out").mkdir()
    sandbox.write("c.c", SOURCE)
    for name, flag in (("usual", "-O1"), ("fixed", "-static")):
        subprocess.run(
            ["cc", flag, "-o", name, "c.c"], cwd=sandbox.dir, check=True
        )
    return sandbox


def capture(sandbox, *argv, **kw):
    """The tag, and the list that explain shows in full."""
    r = sandbox.exec(
        *argv, options=[*FLAGS, "--report", "report.json"], **kw
    )
    assert r.returncode == 0, r.stderr
    report = json.loads((sandbox.dir / "report.json").read_text())
    text = sandbox.call("kmlflow", "explain").stdout
    for line in report["blind"]:
        assert f"blind: {line}" in text
    tag = report["capture"]
    assert tag == "complete" or tag.startswith("partial: ")
    assert (tag == "complete") == (not report["blind"])
    return tag


def wait_for(path):
    end = time.monotonic() + 30
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert path.exists()


def test_what_is_interposed_is_complete(place):
    script = (
        "./usual; env -i ./usual; unset LD_PRELOAD KMLFLOW_IMAGE; ./usual;"
        "nice ./usual; (exec -a other ./usual); ./none-such; env none-such;"
        "printf '#!/bin/sh\\n./usual\\n' >s; chmod +x s; ./s; env ./s;"
        "echo ./usual >plain; chmod +x plain; ./plain; env ./plain;"
        "/lib64/ld-linux-x86-64.so.2 ./usual; true"
    )
    assert capture(place, "bash", "-c", script) == "complete"
    run = place.run()
    assert run.kmlflow("capture") == "complete"
    assert list(run.artifacts) == ["c"]


def test_python_starts_programs_in_every_way(place):
    script = (
        "import subprocess, os\n"
        "subprocess.run(['./usual'], env={})\n"
        "subprocess.run('./usual; ls >/dev/null', shell=True)\n"
        "subprocess.run(['usual'], cwd='.', env={'PATH': os.getcwd()})\n"
        "os.system('./usual')\n"
        "os.popen('./usual').read()\n"
        "os.posix_spawn('./usual', ['x'], {})\n"
        "os.waitpid(-1, 0)\n"
        "os.spawnvp(os.P_WAIT, './usual', ['y'])\n"
        "f = os.open('usual', os.O_RDONLY)\n"
        "os.execve(f, ['z'], {})\n"
    )
    assert capture(place, "python3", "-c", script) == "complete"


@pytest.mark.parametrize(
    "argv",
    [
        ["./fixed"],
        ["sh", "-c", "./fixed"],
        ["env", "fixed"],
        ["python3", "-c", "import subprocess; subprocess.run(['./fixed'])"],
        ["sh", "-c", "exec 3<fixed; rm -f no; ./usual; ./fixed"],
    ],
)
def test_a_static_program_is_named(place, argv):
    path = f"{place.dir}:{place.env['PATH']}"
    tag = capture(place, *argv, env={"PATH": path})
    assert tag == f"partial: static program {place.dir}/fixed"


def test_a_script_of_a_static_program_is_named(place):
    place.write("s", f"#!{place.dir}/fixed\n", 0o755)
    assert capture(place, "sh", "-c", "./s; ./s") == (
        f"partial: static program {place.dir}/fixed for {place.dir}/s (2 times)"
    )


def test_switched_off(place):
    tag = capture(place, "sh", "-c", "KMLFLOW_CAPTURE=off ./usual")
    assert tag == (
        f"partial: program {place.dir}/usual, switched off by KMLFLOW_CAPTURE"
    )
    place.env["KMLFLOW_CAPTURE"] = "0"
    assert "switched off by KMLFLOW_CAPTURE" in capture(place, "./usual")


def test_processes_that_go_on(place):
    script = "setsid sleep 9 >/dev/null 2>&1 & ./usual"
    assert capture(place, "sh", "-c", script) == (
        "partial: 1 process still running"
    )


def test_a_daemon_that_writes_later(place):
    """What it writes then is not of this run, and that it is there is said."""
    later = "exec >/dev/null 2>&1; sleep 1.5; echo >out/late; ./fixed"
    script = f"setsid sh -c '{later}' & ./usual"
    assert capture(place, "sh", "-c", script) == (
        "partial: 1 process still running"
    )
    assert list(place.run().artifacts) == ["c"]
    wait_for(place.dir / "out" / "late")
    assert list(place.run().artifacts) == ["c"]


def test_a_file_that_is_still_being_written(place):
    """It is sent as it is, and not only the summary says so."""
    # So large that it is added to in each of the tries to read it at rest.
    writer = (
        "exec >out/big 2>/dev/null; head -c 50000000 /dev/zero;"
        "touch begun; while :; do echo 0123456789; done"
    )
    script = (
        f"setsid sh -c '{writer}' & echo $!; ./usual;"
        "while ! test -e begun; do sleep 0.1; done"
    )
    options = [*FLAGS, "--report", "report.json"]
    r = place.exec("sh", "-c", script, options=options)
    os.kill(int(r.stdout), 9)
    assert r.returncode == 0
    report = json.loads((place.dir / "report.json").read_text())
    assert report["unstable"] == 1
    line = f"{place.dir}/out/big: was still being written"
    assert [p for p in report["problems"] if p.startswith(line)], report
    assert line in r.stderr
    assert line in place.call("kmlflow", "explain").stdout
    assert report["capture"] == "partial: 1 process still running"
    assert sorted(place.run().artifacts) == ["big", "c"]


HELPER = "read x <ask; echo 1 >out/a; echo >done; read x <ask; echo >out/b; echo >done"


def test_a_helper_outside_of_the_command(place):
    """As at(1) is: asked from within, it writes as a process of nobody's."""
    os.mkfifo(place.dir / "ask")
    os.mkfifo(place.dir / "done")
    helper = place.popen("sh", "-c", HELPER)
    try:
        tag = capture(place, "sh", "-c", "echo >ask; read x <done")
        assert tag == "partial: a writer was not seen"
        (place.dir / "ask").write_text("\n")
        (place.dir / "done").read_text()
        # What it writes after the end is in no run.
        assert list(place.run().artifacts) == ["a"]
    finally:
        helper.kill()
        helper.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_other_users_and_other_rights(place):
    place.dir.chmod(0o777)
    (place.dir / "out").chmod(0o777)
    drop = ["setpriv", "--reuid=65534", "--clear-groups"]
    assert "did not load the library" in capture(place, *drop, "./usual")
    os.chown(place.dir / "usual", 65534, 65534)
    (place.dir / "usual").chmod(0o4755)
    assert capture(place, "sh", "-c", "./usual") == (
        f"partial: setuid program {place.dir}/usual"
    )


def test_runs_in_a_row_do_not_claim_each_others_files(place):
    """The second starts in the second in which the first ends."""
    for _ in range(4):
        for program in ("./usual", "./fixed"):
            (place.dir / "out" / "c").unlink(missing_ok=True)
            place.exec(program, options=FLAGS)
    runs = place.runs()
    assert len(runs) == 8
    assert all(list(r.artifacts) == ["c"] for r in runs)
