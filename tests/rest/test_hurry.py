# SPDX-License-Identifier: MIT
"""How long a server may keep us once CMD has ended, and ^C meanwhile."""

import signal
import time

import pytest
from conftest import artifacts, the_run

FILES = 6
SCRIPT = f"for i in $(seq {FILES}); do echo $i >f$i; done"
PUT = r"/f\d$"


def options(experiment, *more):
    return ["-e", experiment, "-p", "a=1", "-a", "f?", *more]


def start(box, experiment, *more):
    return box.popen(
        "kmlflow", "exec", *options(experiment, *more), "--",
        "sh", "-c", SCRIPT + "; exit 5", stderr=-1,
    )


def wait_for(proxy, path, n=1):
    end = time.monotonic() + 20
    while len(proxy.requests(path)) < n:
        assert time.monotonic() < end
        time.sleep(0.02)


def is_whole(box, url, experiment, tmp_path):
    """After a sync all is there, once."""
    done = box.call("kmlflow", "sync")
    assert done.returncode == 0, done.stderr
    assert not box.spools()
    run = the_run(url, experiment)
    assert run.info.status == "FAILED"
    assert run.data.params == {"a": "1"}
    got = artifacts(url, run.info.run_id, tmp_path / "got")
    assert got == {f"f{i}": f"{i}\n".encode() for i in range(1, FILES + 1)}


@pytest.mark.parametrize("how", ["flag", "variable"])
def test_the_time_is_over(newest, proxy, make_box, experiment, tmp_path, how):
    proxy.fail("PUT", PUT, "hang", times=99)
    box = make_box(proxy.url)
    more = []
    if how == "flag":
        more = ["--finish-timeout", "1.5"]
    else:
        box.env["KMLFLOW_FINISH_TIMEOUT"] = "1.5"
    begin = time.monotonic()
    child = start(box, experiment, *more)
    _, told = child.communicate(timeout=30)
    took = time.monotonic() - begin
    assert child.returncode == 5
    assert 1.4 < took < 5, told
    assert "(1.5 s)" in told and "kmlflow sync" in told
    proxy.faults.clear()
    (box.dir / "f1").write_text("of the next run\n")
    is_whole(box, newest.url, experiment, tmp_path)


def test_no_time_at_all(newest, proxy, make_box, experiment, tmp_path):
    box = make_box(proxy.url)
    child = start(box, experiment, "--finish-timeout", "0")
    _, told = child.communicate(timeout=30)
    assert child.returncode == 5
    assert not proxy.requests(PUT) and not proxy.requests("log-batch")
    is_whole(box, newest.url, experiment, tmp_path)


def test_a_busy_server_does_not_outlast_the_time(newest, proxy, make_box, experiment):
    from server import Answer

    busy = Answer(503, b"busy", {"Retry-After": "60"})
    proxy.fail("POST", "log-batch", "answer", answer=busy, times=9)
    box = make_box(proxy.url)
    begin = time.monotonic()
    child = start(box, experiment, "--finish-timeout", "2")
    child.communicate(timeout=30)
    assert child.returncode == 5
    assert time.monotonic() - begin < 5
    assert len(box.spools()) == 1


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP"])
def test_the_first_signal_ends_what_is_under_way(
    newest, proxy, make_box, experiment, tmp_path, name
):
    proxy.fail("PUT", PUT, "slow", times=1, seconds=1.5)
    box = make_box(proxy.url)
    child = start(box, experiment)
    wait_for(proxy, PUT)
    child.send_signal(getattr(signal, f"SIG{name}"))
    _, told = child.communicate(timeout=30)
    assert child.returncode == 5, told
    assert "interrupted" in told and "kmlflow sync" in told
    run = the_run(newest.url, experiment)
    got = artifacts(newest.url, run.info.run_id, tmp_path / "some")
    # Two at most: one for each worker.
    assert 1 <= len(got) <= 2
    done = (box.spools()[0] / "done").read_text()
    assert done.count("artifact:") == len(got)
    is_whole(box, newest.url, experiment, tmp_path)


def test_the_second_signal_leaves_at_once(
    newest, proxy, make_box, experiment, tmp_path
):
    proxy.fail("PUT", PUT, "hang", times=99)
    box = make_box(proxy.url)
    child = start(box, experiment)
    wait_for(proxy, PUT)
    child.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert child.poll() is None
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=30)
    assert time.monotonic() - begin < 0.5
    assert child.returncode == 5
    assert "left at once" in told
    proxy.faults.clear()
    is_whole(box, newest.url, experiment, tmp_path)


def test_it_leaves_as_the_command_died(proxy, make_box, experiment):
    proxy.fail("PUT", PUT, "hang", times=99)
    box = make_box(proxy.url)
    child = box.popen(
        "kmlflow", "exec", *options(experiment), "--",
        "sh", "-c", SCRIPT + "; kill -USR1 $$", stderr=-1,
    )
    wait_for(proxy, PUT)
    for _ in range(2):
        child.send_signal(signal.SIGTERM)
        time.sleep(0.1)
    child.communicate(timeout=30)
    assert child.returncode == -signal.SIGUSR1


@pytest.mark.parametrize("word", ["-1", "nan", "1h", "", "1e9"])
def test_a_time_that_makes_no_sense(make_box, word):
    box = make_box("http://127.0.0.1:1")
    done = box.exec("true", options=["--finish-timeout", word])
    assert done.returncode == 125
    assert "number of seconds" in done.stderr
