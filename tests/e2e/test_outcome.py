# SPDX-License-Identifier: MIT
"""Exit statuses and signals: the caller sees what CMD did, so does MLflow."""

import os
import signal
import time

import pytest


@pytest.mark.parametrize("code", [0, 1, 3, 77, 124, 125, 126, 127, 255])
def test_exit_status_is_the_command_s(sandbox, code):
    r = sandbox.exec("sh", "-c", f"exit {code}")
    assert r.returncode == code, r.stderr
    run = sandbox.run()
    assert run.status == ("FINISHED" if code == 0 else "FAILED")
    assert run.kmlflow("exit_code") == str(code)
    assert run.end_time


def test_command_not_found_is_127(sandbox):
    r = sandbox.exec("no-such-command-anywhere")
    assert r.returncode == 127
    assert "no-such-command-anywhere" in r.stderr
    assert r.stdout == ""


def test_not_executable_is_126(sandbox):
    sandbox.write("plain.txt", "no program\n")
    r = sandbox.exec("./plain.txt")
    assert r.returncode == 126
    assert "plain.txt" in r.stderr


def test_directory_is_126(sandbox):
    (sandbox.dir / "d").mkdir()
    assert sandbox.exec("./d").returncode == 126


def test_script_without_interpreter_line(sandbox):
    """As env and the shells do, or a plain refusal: but never silence."""
    sandbox.write("script", "exit 7\n", 0o755)
    r = sandbox.exec("./script")
    assert r.returncode in (7, 126)
    assert r.returncode == 7 or "script" in r.stderr


SIGNALS = ["TERM", "INT", "HUP", "KILL", "USR1", "PIPE", "SEGV", "ABRT"]


@pytest.mark.parametrize("name", SIGNALS)
def test_death_by_signal_is_passed_on(sandbox, name):
    number = getattr(signal, f"SIG{name}")
    r = sandbox.exec("sh", "-c", f"kill -{name} $$")
    assert r.returncode == -number, r.stderr
    run = sandbox.run()
    assert run.status in ("FAILED", "KILLED")
    assert run.kmlflow("signal") in (str(int(number)), f"SIG{name}")


def test_no_core_of_ours(sandbox):
    r = sandbox.call(
        "sh", "-c", "ulimit -c unlimited; exec kmlflow exec -- sh -c 'kill -SEGV $$'"
    )
    assert r.returncode == -signal.SIGSEGV
    cores = [n for n in os.listdir(sandbox.dir) if n.startswith("core")]
    assert len(cores) <= 1  # the command's own, never one of kmlflow


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "USR1", "USR2"])
def test_a_signal_reaches_the_command_once(sandbox, name):
    sandbox.write(
        "trap.sh",
        f"trap 'echo got >>got' {name}\n"
        "trap 'exit 9' QUIT\n"
        "echo ready >ready\n"
        "while :; do sleep 0.05; done\n",
    )
    p = sandbox.popen("kmlflow", "exec", "--", "sh", "trap.sh")
    wait_for(sandbox.dir / "ready")
    p.send_signal(getattr(signal, f"SIG{name}"))
    wait_for(sandbox.dir / "got")
    time.sleep(0.3)
    p.send_signal(signal.SIGQUIT)
    assert p.wait(20) == 9
    assert (sandbox.dir / "got").read_text() == "got\n"


def test_timeout_ends_it_as_it_would_the_command(sandbox):
    r = sandbox.call("timeout", "1", "kmlflow", "exec", "--", "sleep", "30")
    assert r.returncode == 124
    run = sandbox.run()
    assert run.status in ("FAILED", "KILLED")
    assert run.end_time


def test_a_child_that_is_killed_fails_the_run(sandbox):
    sandbox.write("a.sh", "sh -c 'kill -KILL $$'\nexit $?\n")
    r = sandbox.exec("sh", "a.sh")
    assert r.returncode == 137
    assert sandbox.run().status == "FAILED"


def test_strict_turns_only_a_zero_into_125(sandbox):
    blocked = "chmod -R a-w mlruns; rm -rf mlruns; touch mlruns; exit "
    r = sandbox.exec("sh", "-c", blocked + "0", options=["--strict"])
    assert r.returncode == 125, r.stderr


def test_strict_hides_no_other_status(sandbox):
    blocked = "rm -rf mlruns; touch mlruns; exit "
    r = sandbox.exec("sh", "-c", blocked + "4", options=["--strict"])
    assert r.returncode == 4


def test_tracking_trouble_after_the_start_is_a_warning(sandbox):
    r = sandbox.exec("sh", "-c", "rm -rf mlruns; touch mlruns")
    assert r.returncode == 0
    assert "kmlflow: " in r.stderr


def test_metrics_of_the_command(sandbox):
    r = sandbox.exec("sh", "-c", "sleep 0.3")
    assert r.returncode == 0
    metrics = sandbox.run().metrics
    wall = [v for k, v in metrics.items() if "wall" in k]
    assert wall and 0.25 < wall[0] < 30, metrics
    assert [k for k in metrics if "user" in k]
    assert [k for k in metrics if "mem" in k or "rss" in k]


def wait_for(path, seconds=20):
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path}"
        time.sleep(0.02)
