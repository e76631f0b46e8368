# SPDX-License-Identifier: MIT
"""CMD inside kmlflow sees and prints what it does without kmlflow."""

import os
import subprocess

import pytest


def both(sandbox, *argv, **kw):
    """The same command without and with kmlflow."""
    return sandbox.call(*argv, **kw), sandbox.exec(*argv, **kw)


def test_stdout_is_untouched(sandbox):
    r = sandbox.exec("printf", "a\\000b\\377c\\n", binary=True)
    assert r.stdout == b"a\0b\xffc\n"


def test_stderr_of_the_command_comes_through(sandbox):
    r = sandbox.exec("sh", "-c", "printf 'no newline' >&2", options=["-q"])
    assert "no newline" in r.stderr


def test_our_lines_have_a_prefix(sandbox):
    r = sandbox.exec("true", options=["-v"])
    for line in r.stderr.splitlines():
        assert line.startswith("kmlflow: "), line


def test_quiet_says_nothing(sandbox):
    r = sandbox.exec("sh", "-c", "echo out", options=["-q"])
    assert (r.stdout, r.stderr) == ("out\n", "")


def test_stdin_is_passed(sandbox):
    data = os.urandom(3_000_000)
    r = sandbox.exec("cat", input=data, binary=True)
    assert r.stdout == data


def test_stdin_left_alone_for_the_next_command(sandbox):
    script = "kmlflow exec -- head -c 3; cat"
    r = sandbox.call("sh", "-c", script, input="abcdef")
    # A pipe: head may read on, but kmlflow itself has taken nothing.
    plain = sandbox.call("sh", "-c", "head -c 3; cat", input="abcdef")
    assert r.stdout == plain.stdout


def test_a_reader_that_goes_away(sandbox):
    script = "kmlflow exec -- yes | head -n 1"
    r = sandbox.call("bash", "-c", script + '; echo "${PIPESTATUS[*]}"')
    assert r.stdout == "y\n141 0\n", r.stderr
    assert sandbox.run().status in ("FAILED", "KILLED")


def test_closed_standard_streams(sandbox):
    script = "kmlflow exec -- sh -c 'echo x >f; test -e /proc/self/fd/0' "
    r = sandbox.call("sh", "-c", script + "<&- >&- 2>&-; echo $?")
    assert r.stdout in ("1\n", "0\n")
    assert (sandbox.dir / "f").read_text() == "x\n"


def test_arguments_are_not_touched(sandbox):
    argv = ["", "a b", "*", "$HOME", "-e", "--", "ü", "line\nbreak", "\\"]
    plain, inside = both(sandbox, "printf", "<%s>", *argv)
    assert inside.stdout == plain.stdout


def test_options_end_at_the_command(sandbox):
    r = sandbox.call("kmlflow", "exec", "-q", "echo", "-v", "--dry-run")
    assert r.stdout == "-v --dry-run\n"


LOOK = """
echo "cwd $(pwd)"
echo "umask $(umask)"
ulimit -a
for fd in /proc/$$/fd/*; do echo "fd ${fd##*/}"; done
grep -E '^(SigBlk|SigIgn|SigCgt|NoNewPrivs|Groups)' /proc/self/status
echo "nice $(nice)"
echo "args $0 $*"
"""


def test_the_same_process_state(sandbox):
    sandbox.write("look.sh", LOOK)
    plain, inside = both(sandbox, "bash", "look.sh", "one", "two")
    assert inside.stdout == plain.stdout


def test_extra_descriptors_umask_and_limits(sandbox):
    sandbox.write("look.sh", LOOK)
    sandbox.write("input", "seven\n")
    setup = "umask 027; ulimit -n 200; ulimit -c 0; exec 7<input; "
    tail = "bash look.sh; cat <&7"
    plain = sandbox.call("bash", "-c", setup + tail.replace("cat", "cat"))
    inside = sandbox.call(
        "bash", "-c", setup + f"kmlflow exec -q -- bash -c '{tail}'"
    )
    outside = sandbox.call("bash", "-c", setup + f"bash -c '{tail}'")
    assert inside.stdout == outside.stdout
    assert "seven" in plain.stdout


def test_ignored_and_blocked_signals_stay_so(sandbox):
    setup = "trap '' HUP TERM; "
    look = "grep -E '^Sig(Ign|Blk)' /proc/self/status"
    plain = sandbox.call("bash", "-c", setup + look)
    inside = sandbox.call("bash", "-c", setup + f"kmlflow exec -q -- {look}")
    assert inside.stdout == plain.stdout


# What CMD is told, and nothing else.
TOLD = {
    "KMLFLOW_IMAGE",
    "KMLFLOW_RUN_ID",
    "KMLFLOW_SPOOL",
    "LD_PRELOAD",
    "MLFLOW_ALLOW_FILE_STORE",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_RUN_ID",
    "MLFLOW_TRACKING_URI",
}


def environment(text):
    return dict(e.split("=", 1) for e in text.split("\0") if e)


def test_environment(sandbox):
    extra = {"ODD": "a=b\nc", "EMPTY": ""}
    plain, inside = both(sandbox, "env", "-0", env=extra)
    before, after = environment(plain.stdout), environment(inside.stdout)
    changed = {k for k in before | after if before.get(k) != after.get(k)}
    unknown = {k for k in changed - TOLD if not k.startswith("KMLFLOW_")}
    assert not unknown
    run = sandbox.run()
    assert after["MLFLOW_RUN_ID"] == after["KMLFLOW_RUN_ID"] == run.id
    assert after["MLFLOW_ALLOW_FILE_STORE"] == "true"
    assert after["MLFLOW_EXPERIMENT_ID"] in sandbox.store.experiments().values()


@pytest.mark.plain  # a sanitizer insists on being the first
def test_a_preload_of_the_caller_is_kept(sandbox):
    other = "/usr/lib/x86_64-linux-gnu/libm.so.6"
    if not os.path.exists(other):
        pytest.skip("no such library here")
    r = sandbox.exec("sh", "-c", 'echo "$LD_PRELOAD"', env={"LD_PRELOAD": other})
    assert other in r.stdout


def test_no_export_run_id(sandbox):
    r = sandbox.exec("env", "-0", options=["--no-export-run-id"])
    after = environment(r.stdout)
    assert "MLFLOW_RUN_ID" not in after
    assert sandbox.run().status == "FINISHED"


def test_disabled_is_a_plain_exec(sandbox):
    before = sandbox.tree()
    script = "env -0; kill -TERM $$"
    r = sandbox.exec("sh", "-c", script, options=["--mode", "disabled"])
    assert r.returncode == -15
    after = environment(r.stdout)
    assert not [k for k in after if k.startswith("KMLFLOW_") or k == "LD_PRELOAD"]
    assert sandbox.tree() == before


def test_disabled_keeps_the_process(sandbox):
    p = sandbox.popen(
        "kmlflow", "exec", "--mode", "disabled", "--", "sh", "-c", "echo $$",
        stdout=subprocess.PIPE,
    )
    assert int(p.communicate(timeout=20)[0]) == p.pid


def test_a_child_left_behind_does_not_hold_us(sandbox):
    r = sandbox.exec("sh", "-c", "sleep 40 >/dev/null 2>&1 & echo $!", timeout=20)
    assert r.returncode == 0
    os.kill(int(r.stdout), 9)


def test_much_output_and_input_at_once(sandbox):
    r = sandbox.exec("sh", "-c", "cat; seq 200000", input="x" * 500_000)
    assert r.stdout == "x" * 500_000 + "\n".join(map(str, range(1, 200001))) + "\n"


def test_a_static_program_and_a_setuid_one(sandbox):
    r = sandbox.exec("sh", "-c", "su --version >/dev/null; echo done")
    assert r.stdout == "done\n"
