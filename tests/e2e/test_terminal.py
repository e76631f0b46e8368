# SPDX-License-Identifier: MIT
"""At a terminal: ^C once, ^Z and fg, background jobs, window size."""

import os
import signal

import pytest
from terminal import Terminal

PROMPT = r"READY> "


def at_terminal(sandbox, *argv):
    return Terminal(argv, str(sandbox.dir), sandbox.env)


@pytest.fixture
def shell(sandbox):
    env = dict(sandbox.env, PS1="READY> ", HISTFILE="", BASH_SILENCE="1")
    argv = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(argv, str(sandbox.dir), env) as t:
        t.expect(PROMPT)
        # What is typed is not echoed, so only output is seen.
        t.type("stty -echo; bind 'set enable-bracketed-paste off'\n")
        t.expect(PROMPT)
        yield t


def test_the_command_has_the_terminal(sandbox):
    script = "test -t 0 && test -t 1 && test -t 2 && tty && stty size"
    with at_terminal(sandbox, "kmlflow", "exec", "--", "sh", "-c", script) as t:
        t.expect(r"/dev/pts/\d+")
        assert os.waitstatus_to_exitcode(t.wait()) == 0


def test_interrupt_comes_once(sandbox):
    sandbox.write(
        "count.py",
        "import signal, time\n"
        "n = 0\n"
        "def hit(*_):\n"
        "    global n\n"
        "    n += 1\n"
        "signal.signal(signal.SIGINT, hit)\n"
        "print('started', flush=True)\n"
        "end = time.monotonic() + 1.5\n"
        "while time.monotonic() < end: time.sleep(0.02)\n"
        "print('hits', n, flush=True)\n",
    )
    argv = ["kmlflow", "exec", "-q", "--", "/usr/bin/python3", "count.py"]
    with at_terminal(sandbox, *argv) as t:
        t.expect("started")
        t.type("\x03")
        t.expect(r"hits 1\b")
        assert os.waitstatus_to_exitcode(t.wait()) == 0
    assert sandbox.run().status == "FINISHED"


def test_interrupt_kills_as_without_kmlflow(sandbox):
    script = "echo started; exec sleep 30"
    with at_terminal(sandbox, "kmlflow", "exec", "--", "sh", "-c", script) as t:
        t.expect("started")
        t.type("\x03")
        status = t.wait()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
    run = sandbox.run()
    assert run.status in ("FAILED", "KILLED")
    assert run.end_time


def test_the_terminal_goes_away(sandbox):
    """The hang-up ends CMD; what it had done is recorded all the same."""
    (sandbox.dir / "out").mkdir()
    script = "echo x >out/a; echo started; exec sleep 30"
    argv = ["kmlflow", "exec", "-a", "out/*", "--", "sh", "-c", script]
    with at_terminal(sandbox, *argv) as t:
        t.expect("started")
        t.hang_up()
        assert os.WTERMSIG(t.wait()) == signal.SIGHUP
    run = sandbox.run()
    assert run.status in ("FAILED", "KILLED")
    assert run.artifacts == {"a": b"x\n"}


def test_quit(sandbox):
    argv = ["kmlflow", "exec", "--", "sh", "-c", "echo started; exec sleep 30"]
    with at_terminal(sandbox, *argv) as t:
        t.expect("started")
        t.type("\x1c")
        assert os.WTERMSIG(t.wait()) == signal.SIGQUIT


def test_stop_and_continue(sandbox, shell):
    shell.type("kmlflow exec -q -- sh -c 'echo begun; sleep 1; echo over'\n")
    shell.expect("begun")
    shell.quiet(0.3)  # a shell within vfork(2) cannot be stopped
    shell.type("\x1a")
    shell.expect("Stopped")
    shell.expect(PROMPT)
    assert "over" not in shell.quiet(1.5)
    shell.type("fg\n")
    shell.expect("over")
    shell.expect(PROMPT)
    shell.type("echo status=$?\n")
    shell.expect("status=0")
    assert sandbox.run().status == "FINISHED"


def test_stopped_twice(sandbox, shell):
    shell.type("kmlflow exec -q -- sh -c 'echo a; sleep 1; echo b; sleep 1; echo c'\n")
    for word in ("a", "b"):
        shell.expect(rf"(?m)^{word}\r?$")
        shell.quiet(0.3)
        shell.type("\x1a")
        shell.expect("Stopped")
        shell.expect(PROMPT)
        shell.type("fg\n")
    shell.expect(r"(?m)^c\r?$")
    shell.expect(PROMPT)
    assert sandbox.run().status == "FINISHED"


def test_a_background_job_stays_one(sandbox, shell):
    shell.type("kmlflow exec -q -- sh -c 'sleep 1; echo done >out.txt' &\n")
    shell.expect(PROMPT)
    shell.type("echo the shell has the terminal\n")
    shell.expect("the shell has the terminal")
    shell.expect(PROMPT)
    shell.type("wait %1; echo status=$?\n")
    shell.expect("status=0")
    assert (sandbox.dir / "out.txt").read_text() == "done\n"


def test_a_background_job_that_reads_is_stopped(sandbox, shell):
    shell.type("kmlflow exec -q -- cat &\n")
    shell.expect(PROMPT)
    shell.type("sleep 1; jobs\n")
    shell.expect("Stopped")
    shell.type("kill %1; wait %1; echo over\n")
    shell.expect("over")


def test_stop_by_signal_from_elsewhere(sandbox, shell):
    shell.type("kmlflow exec -q -- sh -c 'kill -STOP $$; echo woken'\n")
    shell.expect("Stopped")
    shell.expect(PROMPT)
    shell.type("fg\n")
    shell.expect("woken")
    shell.expect(PROMPT)
