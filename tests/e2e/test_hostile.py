# SPDX-License-Identifier: MIT
"""Others who plant things where we work, and a program with too many rights."""

import os
import shutil
import stat

import pytest

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can make files of another user"
)
NOBODY = 65534


@pytest.mark.plain  # a sanitizer's runtime refuses such programs by itself
@needs_root
@pytest.mark.parametrize("bits", [stat.S_ISUID, stat.S_ISGID])
def test_a_program_with_more_rights_than_its_caller_refuses(sandbox, bits):
    for path in sandbox.base, sandbox.dir:
        path.chmod(0o755)
    copy = sandbox.dir / "kmlflow"
    shutil.copy(sandbox.call("sh", "-c", "command -v kmlflow").stdout.strip(), copy)
    os.chown(copy, NOBODY, NOBODY)
    copy.chmod(0o755 | bits)
    result = sandbox.call(copy, "exec", "--", "touch", "ran")
    assert result.returncode == 125 and "more rights" in result.stderr
    assert not (sandbox.dir / "ran").exists()


@needs_root
@pytest.mark.parametrize("what", ["directory", "link to a directory of ours"])
def test_another_user_s_directory_of_spools_is_not_used(sandbox, what):
    place = sandbox.dir / ".kmlflow"
    target = sandbox.base / "target"
    target.mkdir()
    if what == "directory":
        place.mkdir(mode=0o777)
        os.chown(place, NOBODY, NOBODY)
    else:
        place.symlink_to(target)
        os.chown(place, NOBODY, NOBODY, follow_symlinks=False)
    result = sandbox.exec("true", options=["--mode", "offline"])
    assert result.returncode == 0
    assert list(target.iterdir()) == []
    assert what != "directory" or list(place.iterdir()) == []
    spools = list(sandbox.home.rglob("run.json"))
    assert len(spools) == 1
    assert stat.S_IMODE(spools[0].parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(spools[0].stat().st_mode) == 0o600


@needs_root
def test_another_user_s_spool_is_not_sent(sandbox):
    sandbox.exec("true", options=["--mode", "offline"])
    (spool,) = [p for p in (sandbox.dir / ".kmlflow").iterdir() if len(p.name) == 32]
    os.chown(spool, NOBODY, NOBODY)
    assert sandbox.call("kmlflow", "sync").returncode == 1
    assert sandbox.runs() == []


@needs_root
def test_ranks_do_not_follow_another_user(sandbox):
    """What leads to a spool of somebody else leads nowhere."""
    env = {
        "SLURM_JOB_ID": "1", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1",
        "SLURM_STEP_NUM_TASKS": "2", "KMLFLOW_RANK_TIMEOUT": "1",
    }  # fmt: skip
    lead = {**env, "SLURM_PROCID": "0"}
    going = sandbox.popen(
        "kmlflow", "exec", "--mode", "offline", "--", "sleep", "3",
        env={**sandbox.env, **lead},
    )  # fmt: skip
    place = sandbox.dir / ".kmlflow"
    while not list(place.glob("group-*")):
        assert going.poll() is None
    (spool,) = [p for p in place.iterdir() if len(p.name) == 32]
    os.chown(spool, NOBODY, NOBODY)
    result = sandbox.exec("true", env=env)
    assert result.returncode == 0 and "not watched" in result.stderr
    assert not (spool / "ranks" / "1").exists()
    going.wait(30)


def test_a_name_with_escapes_does_not_reach_the_terminal(sandbox):
    (sandbox.dir / "out").mkdir()
    name = "out/\x1b]0;owned\x07\x1b[2J.txt"
    script = 'echo >"$1"; chmod 0 "$1"'
    result = sandbox.exec("sh", "-c", script, "-", name, options=["-vv", "-a", "out/*"])
    told = sandbox.call("kmlflow", "explain").stdout
    for text in (result.stderr, told):
        assert "\x1b" not in text and "\x07" not in text
    assert "owned" in told
