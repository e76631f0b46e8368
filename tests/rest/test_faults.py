# SPDX-License-Identifier: MIT
"""What breaks between a run and its server, and what is left of it."""

import json
import sys
import time

import pytest
from conftest import artifacts, read, the_run
from mlflow.tracking import MlflowClient
from server import Answer, Server

SCRIPT = "echo result >f; echo other >g"
OPTIONS = ["-p", "a=1", "-t", "b=2", "-a", "?"]

CREATE, LOG, UPDATE, PUT = "runs/create", "log-batch", "runs/update", "/f$"
BUSY = Answer(503, b"<html><title>503 Service Unavailable</title></html>")
LIMITED = Answer(429, b"slow down", {"Retry-After": "1"})
GATEWAY = Answer(504, b"<html><title>504 Gateway Time-out</title></html>")


def run_it(box, experiment, *options, script=SCRIPT):
    return box.exec(
        "sh", "-c", script, options=["-e", experiment, *OPTIONS, *options]
    )


def check(url, experiment, tmp_path):
    """All of it is there, once."""
    run = the_run(url, experiment)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"a": "1"}
    assert run.data.tags["b"] == "2"
    assert run.data.metrics["kmlflow/wall_seconds"] > 0
    got = artifacts(url, run.info.run_id, tmp_path / "got")
    assert got == {"f": b"result\n", "g": b"other\n"}
    return run


@pytest.mark.parametrize("where", [CREATE, LOG, UPDATE, PUT])
@pytest.mark.parametrize(
    "what", ["cut_before", "cut_middle", "cut_after", "cut_answer"]
)
def test_a_connection_that_breaks(
    newest, proxy, make_box, experiment, tmp_path, where, what
):
    fault = proxy.fail(".*", where, what)
    box = make_box(proxy.url)
    done = run_it(box, experiment)
    assert fault.times == 0
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    run = check(newest.url, experiment, tmp_path)
    assert not box.spools()
    history = _history(newest.url, run.info.run_id)
    assert len(history) == 1


def _history(url, run_id):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=url)
    return client.get_metric_history(run_id, "kmlflow/wall_seconds")


@pytest.mark.parametrize("where", [LOG, UPDATE, PUT])
@pytest.mark.parametrize(
    "what, answer",
    [("answer", BUSY), ("answer", LIMITED), ("answer_after", GATEWAY)],
    ids=["503", "429", "504 after"],
)
def test_a_busy_server_is_asked_again(
    newest, proxy, make_box, experiment, tmp_path, where, what, answer
):
    fault = proxy.fail(".*", where, what, answer=answer, times=2)
    done = run_it(make_box(proxy.url), experiment)
    assert fault.times <= 1
    assert done.returncode == 0, done.stderr
    check(newest.url, experiment, tmp_path)


def test_retry_after_is_waited_for(newest, proxy, make_box, experiment):
    proxy.fail("POST", LOG, "answer", answer=LIMITED, times=2)
    begin = time.monotonic()
    assert run_it(make_box(proxy.url), experiment).returncode == 0
    assert 2 <= time.monotonic() - begin < 6
    proxy.fail("POST", LOG, "answer", answer=LIMITED, times=2)
    begin = time.monotonic()
    box = make_box(proxy.url, MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER="false")
    assert run_it(box, experiment).returncode == 0
    assert time.monotonic() - begin < 2


def test_a_server_that_asks_for_an_hour_gets_it(
    newest, proxy, make_box, experiment, tmp_path
):
    later = Answer(429, b"quota", {"Retry-After": "3600"})
    proxy.fail("POST", LOG, "answer", answer=later)
    box = make_box(proxy.url)
    done = run_it(box, experiment)
    assert done.returncode == 0
    assert "429 Too Many Requests: quota" in done.stderr
    assert len(box.spools()) == 1
    assert box.call("kmlflow", "sync").returncode == 0
    check(newest.url, experiment, tmp_path)


def test_a_lost_answer_at_the_start_makes_no_second_run(
    newest, proxy, make_box, experiment, tmp_path
):
    """Even where there is no time to ask again."""
    proxy.fail("POST", CREATE, "answer_after", answer=GATEWAY)
    proxy.fail("POST", "runs/search", "answer", answer=BUSY)
    box = make_box(proxy.url, MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR="60")
    done = run_it(box, experiment)
    assert done.returncode == 0
    check(newest.url, experiment, tmp_path)
    assert not box.spools()


# --- no server at all ------------------------------------------------------


def down(url):
    """A server that is stopped before anybody asks it."""
    server = Server(url)
    server.stop()
    return server


def test_no_server_at_the_start(newest, make_box, experiment, tmp_path):
    gone = down(newest.url)
    box = make_box(gone.url)
    begin = time.monotonic()
    done = run_it(
        box, experiment,
        script=SCRIPT + "; echo $MLFLOW_RUN_ID $MLFLOW_TRACKING_URI",
    )
    assert time.monotonic() - begin < 4
    assert done.returncode == 0
    assert "kmlflow sync" in done.stderr
    assert done.stderr.count("Couldn't connect") == 1
    (spool,) = box.spools()
    record = json.loads((spool / "run.json").read_text())
    assert "run_id" not in record
    assert done.stdout == f"{spool.name} {spool / 'store'}\n"
    # Another try while it is still gone changes nothing.
    again = box.call("kmlflow", "sync")
    assert again.returncode == 1
    assert len(box.spools()) == 1
    # It is back, at another address.
    record["tracking_uri"] = newest.url
    (spool / "run.json").write_text(json.dumps(record))
    back = box.call("kmlflow", "sync")
    assert back.returncode == 0, back.stderr
    check(newest.url, experiment, tmp_path)
    assert not box.spools()
    assert box.call("kmlflow", "sync").returncode == 0
    assert len(read(newest.url, experiment=experiment)) == 1


def test_no_server_and_strict(newest, make_box, experiment):
    box = make_box(down(newest.url).url)
    done = run_it(box, experiment, "--strict")
    assert done.returncode == 125
    assert "Couldn't connect" in done.stderr
    assert not (box.dir / "f").exists()
    assert not box.spools()


def test_a_server_that_hangs_at_the_start(
    newest, proxy, make_box, experiment, tmp_path
):
    proxy.fail(".*", "experiments", "hang")
    box = make_box(proxy.url, KMLFLOW_START_TIMEOUT="0.4")
    begin = time.monotonic()
    done = run_it(box, experiment)
    assert time.monotonic() - begin < 5
    assert done.returncode == 0
    # It answers again when the command has ended.
    check(newest.url, experiment, tmp_path)
    assert not box.spools()


def test_a_continued_run_without_a_server(
    newest, make_box, experiment, tmp_path
):
    box = make_box(newest.url)
    run_it(box, experiment, script="exit 1")
    run_id = the_run(newest.url, experiment).info.run_id
    box.env["MLFLOW_TRACKING_URI"] = down(newest.url).url
    done = run_it(box, experiment, "--run-id", run_id, "-t", "more=1")
    assert done.returncode == 0
    (spool,) = box.spools()
    record = json.loads((spool / "run.json").read_text())
    record["tracking_uri"] = newest.url
    (spool / "run.json").write_text(json.dumps(record))
    assert box.call("kmlflow", "sync").returncode == 0
    run = check(newest.url, experiment, tmp_path)
    assert run.data.tags["more"] == "1"


def test_a_server_that_goes_away(newest, make_box, experiment, tmp_path):
    """Gone while the command runs: all waits, nobody waits for long."""
    with Server(newest.url) as p:
        box = make_box(p.url)
        child = box.popen(
            "kmlflow", "exec", "-e", experiment, *OPTIONS, "--",
            "sh", "-c", SCRIPT + "; touch ready; sleep 1", stderr=-1,
        )
        while not (box.dir / "ready").exists():
            time.sleep(0.02)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 0
    assert "kmlflow sync" in told
    (spool,) = box.spools()
    record = json.loads((spool / "run.json").read_text())
    record["tracking_uri"] = newest.url
    (spool / "run.json").write_text(json.dumps(record))
    assert box.call("kmlflow", "sync").returncode == 0
    check(newest.url, experiment, tmp_path)


def test_nobody_waits_once_interrupted(newest, proxy, make_box, experiment):
    """^C while it is published: at once out, and all of it is kept."""
    proxy.fail("POST", LOG, "answer", answer=BUSY, times=9)
    box = make_box(proxy.url, MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR="30")
    child = box.popen(
        "kmlflow", "exec", "-e", experiment, *OPTIONS, "--",
        "sh", "-c", SCRIPT, stderr=-1,
    )
    while not proxy.requests(LOG):
        time.sleep(0.05)
    begin = time.monotonic()
    child.terminate()
    child.communicate(timeout=30)
    assert time.monotonic() - begin < 3
    assert len(box.spools()) == 1


# --- answers that are no good ----------------------------------------------


@pytest.mark.parametrize(
    "what, answer, says",
    [
        ("huge", None, "far too long"),
        ("bomb", None, "far too long"),
        ("headers", None, ""),
        ("not_http", None, ""),
        ("answer", Answer(200, b"{\"run\":"), "not the JSON of MLflow"),
        ("answer", Answer(200, b"{\"run\": {\"info\": {}}}"), "without id"),
        ("answer", Answer(200, b"[1]"), "not the JSON of MLflow"),
        ("answer", Answer(200, b"\xff\xfe\0{}"), "not the JSON of MLflow"),
        ("answer", Answer(200, b"<title>Log in</title>"), "Log in"),
        ("answer", Answer(404, b"<title>Nope</title>"), "address of an MLf"),
        ("answer", Answer(401, b"Unauthorized"), "MLFLOW_TRACKING_TOKEN"),
        ("answer", Answer(403, b"Invalid Host header"), "--allowed-hosts"),
    ],
)
def test_answers_of_other_kinds(
    newest, proxy, make_box, experiment, what, answer, says
):
    """Refused before the command starts: somebody must change something."""
    proxy.fail("POST", CREATE, what, answer=answer, times=9)
    box = make_box(proxy.url)
    done = run_it(box, experiment)
    assert done.returncode == 125, done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (box.dir / "f").exists()
    assert not box.spools()


def test_too_few_bytes(newest, proxy, make_box, experiment, tmp_path):
    proxy.fail("POST", LOG, "too_short")
    assert run_it(make_box(proxy.url), experiment).returncode == 0
    check(newest.url, experiment, tmp_path)


def test_one_file_of_many_is_refused(
    newest, proxy, make_box, experiment, tmp_path
):
    proxy.fail(
        "PUT", PUT, "early", answer=Answer(403, b'{"message": "not yours"}')
    )
    box = make_box(proxy.url)
    done = run_it(box, experiment)
    assert done.returncode == 0
    assert "403 Forbidden: not yours" in done.stderr
    run = the_run(newest.url, experiment)
    assert run.info.status == "FINISHED"
    assert artifacts(newest.url, run.info.run_id, tmp_path / "a") == {
        "g": b"other\n"
    }
    assert box.call("kmlflow", "sync").returncode == 0
    check(newest.url, experiment, tmp_path)


def test_a_proxy_with_a_limit(newest, proxy, make_box, experiment, tmp_path):
    """413, before all of the file was sent."""
    full = Answer(413, b"<title>413 Request Entity Too Large</title>")
    proxy.fail("PUT", "/big$", "early", answer=full, times=9)
    box = make_box(proxy.url)
    done = run_it(
        box, experiment, "-a", "big",
        script=SCRIPT + "; head -c 9000000 /dev/zero >big",
    )
    assert done.returncode == 0
    assert "client_max_body_size" in done.stderr
    assert len(proxy.requests("/big$")) == 1
    assert len(box.spools()) == 1


def test_a_server_without_artifacts_is_asked_once(
    newest, proxy, make_box, experiment
):
    text = b"Endpoint disabled due to the server running in `--no-serve-" \
           b"artifacts` mode."
    proxy.fail(".*", "mlflow-artifacts", "answer", answer=Answer(503, text),
               times=99)
    done = run_it(make_box(proxy.url), experiment)
    assert done.returncode == 0
    assert "--no-serve-artifacts" in done.stderr
    assert len(proxy.requests(PUT)) == 1


def test_a_token_that_expires(newest, proxy, make_box, experiment, tmp_path):
    proxy.fail("POST", LOG, "answer", answer=Answer(401, b"expired"))
    box = make_box(proxy.url, MLFLOW_TRACKING_TOKEN="tok-5ecret")
    done = run_it(box, experiment)
    assert done.returncode == 0
    assert "wrong or has expired" in done.stderr
    assert len(box.spools()) == 1
    assert box.call("kmlflow", "sync").returncode == 0
    check(newest.url, experiment, tmp_path)


# --- redirects and secrets --------------------------------------------------


def test_a_server_that_has_moved(newest, proxy, make_box, experiment, tmp_path):
    """307 within a host keeps all; to another, it loses the credentials."""
    with Server(newest.url) as other:
        box = make_box(proxy.url, MLFLOW_TRACKING_TOKEN="tok-5ecret")
        elsewhere = Answer(307, b"", {"Location": other.url})
        proxy.fail(".*", "/api/", "redirect", answer=elsewhere, times=99)
        done = run_it(box, experiment)
        assert done.returncode == 0, done.stderr
        check(newest.url, experiment, tmp_path)
        assert all("Authorization" in s.headers for s in proxy.seen)
        assert other.seen
        assert not any("Authorization" in s.headers for s in other.seen)
        refused = box.exec(
            "true", options=["-e", experiment],
            env={"MLFLOW_ALLOW_HTTP_REDIRECTS": "false"},
        )
        assert refused.returncode == 125
        assert "MLFLOW_ALLOW_HTTP_REDIRECTS" in refused.stderr


def test_redirects_in_a_circle(newest, proxy, make_box, experiment):
    loop = Answer(302, b"", {"Location": "/api/2.0/mlflow/x"})
    proxy.fail(".*", "/api/", "answer", answer=loop, times=999)
    done = run_it(make_box(proxy.url), experiment)
    assert done.returncode == 125
    assert "redirects without end" in done.stderr
    assert len(proxy.seen) < 20


SECRETS = ["hunter2pass", "tok-5ecret"]


@pytest.mark.parametrize("userinfo", [True, False])
@pytest.mark.parametrize("verbose", ["-q", "-v", "-vv"])
def test_no_secret_is_told_or_left(
    newest, proxy, make_box, experiment, userinfo, verbose
):
    """Neither when all is well nor when nothing is; a server may echo it."""
    echo = Answer(
        401, b'{"message": "who is hunter2pass, tok-5ecret, '
        b'dXNlcjpodW50ZXIycGFzcw=="}'
    )
    url = proxy.url
    env = {"MLFLOW_TRACKING_TOKEN": "tok-5ecret"}
    if userinfo:
        url = url.replace("://", "://user:hunter2pass@")
        echo.body = echo.body.replace(b"tok-5ecret", b"").replace(
            b"hunter2pass", b""
        )
    else:
        echo.body = echo.body.replace(b"hunter2pass", b"").replace(
            b"dXNlcjpodW50ZXIycGFzcw==", b""
        )
    box = make_box(url, **env)
    told = ""
    for where, options in (
        ("nothing", []),
        (CREATE, []),
        (LOG, []),
        ("experiments", ["--dry-run"]),
        (PUT, ["--report", "report.json"]),
    ):
        proxy.faults.clear()
        proxy.fail(".*", where, "answer", answer=echo, times=99)
        done = run_it(box, experiment, verbose, *options)
        told += done.stdout + done.stderr
    proxy.stop()
    done = run_it(box, experiment, verbose)
    told += done.stdout + done.stderr
    told += box.call("kmlflow", "sync", verbose).stderr
    told += box.call("kmlflow", "explain").stdout
    assert box.spools()
    for path in box.dir.rglob("*"):
        if path.is_file():
            told += path.read_text(errors="replace")
    run = read(newest.url, experiment=experiment)
    told += str([r.to_dictionary() for r in run])
    for secret in [*SECRETS, "dXNlcjpodW50ZXIycGFzcw"]:
        assert secret not in told


def test_a_client_while_there_is_no_server(newest, make_box, experiment, tmp_path):
    """It records into the spool, and all becomes one run of the server."""
    gone = down(newest.url)
    box = make_box(gone.url)
    box.write(
        "c.py",
        "import mlflow\n"
        "with mlflow.start_run() as run:\n"
        "    mlflow.log_param('lr', 0.5)\n"
        "    for i in range(3): mlflow.log_metric('loss', i, step=i)\n"
        "    mlflow.log_text('hello', 'sub/hello.txt')\n"
        "    with mlflow.start_run(nested=True, run_name='kid'):\n"
        "        mlflow.log_param('fold', 1)\n",
    )
    options = ["-e", experiment, "-n", "job", "-p", "lr=1"]
    inner = "kmlflow exec -n inner -- true"
    done = box.exec(
        "sh", "-c", f"{sys.executable} c.py && {inner}", options=options
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Couldn't connect") == 1
    for spool in box.spools():
        path = spool / "run.json"
        record = json.loads(path.read_text())
        record["tracking_uri"] = newest.url
        path.write_text(json.dumps(record))
    done = box.call("kmlflow", "sync")
    assert done.returncode == 0, done.stderr
    runs = {r.info.run_name: r for r in read(newest.url, experiment=experiment)}
    assert set(runs) == {"job", "kid", "inner"}
    job = runs["job"]
    assert job.info.status == "FINISHED"
    assert job.data.params == {"lr": "0.5"}
    for name in ("kid", "inner"):
        assert runs[name].data.tags["mlflow.parentRunId"] == job.info.run_id
        assert runs[name].info.status == "FINISHED"
    got = artifacts(newest.url, job.info.run_id, tmp_path / "got")
    assert got == {"sub/hello.txt": b"hello"}
    client = MlflowClient(newest.url)
    history = client.get_metric_history(job.info.run_id, "loss")
    assert [(p.step, p.value) for p in history] == [(0, 0), (1, 1), (2, 2)]
