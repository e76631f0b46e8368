# SPDX-License-Identifier: MIT
"""What gateways before a server want: headers, and tokens that end."""

import time

import pytest
from server import Answer, Server

HEADERS = "X-Gateway-Key: k3y of-ours\nCookie: a=b; c=d\n"


def run_it(box, experiment, script="echo x >f"):
    return box.exec(
        "sh", "-c", script, options=["-e", experiment, "-a", "f"]
    )


def values(proxy, name):
    return {s.headers.get(name) for s in proxy.seen}


def test_headers_go_with_each_request(proxy, make_box, experiment):
    box = make_box(proxy.url, KMLFLOW_REQUEST_HEADERS=HEADERS,
                   MLFLOW_TRACKING_TOKEN="t")
    assert run_it(box, experiment).returncode == 0
    assert proxy.requests("mlflow-artifacts", "PUT")
    assert values(proxy, "X-Gateway-Key") == {"k3y of-ours"}
    assert values(proxy, "Cookie") == {"a=b; c=d"}
    assert values(proxy, "Authorization") == {"Bearer t"}


def test_they_say_who_we_are(proxy, make_box, experiment):
    """Authorization among them comes before all else."""
    box = make_box(
        proxy.url, MLFLOW_TRACKING_TOKEN="t",
        KMLFLOW_REQUEST_HEADERS="authorization: Negotiate abc",
    )
    assert run_it(box, experiment).returncode == 0
    assert values(proxy, "Authorization") == {"Negotiate abc"}


def test_they_stay_with_their_server(newest, proxy, make_box, experiment):
    with Server(newest.url) as other:
        box = make_box(proxy.url, KMLFLOW_REQUEST_HEADERS=HEADERS)
        elsewhere = Answer(307, b"", {"Location": other.url})
        proxy.fail(".*", "/api/", "redirect", answer=elsewhere, times=99)
        assert run_it(box, experiment).returncode == 0
        assert other.seen
        assert values(other, "X-Gateway-Key") == {None}
        assert values(other, "Cookie") == {None}


def test_a_command_gives_the_token(proxy, make_box, experiment):
    """Run once, however many ask."""
    box = make_box(proxy.url, KMLFLOW_TOKEN_COMMAND="echo >>ran; echo tok3n")
    assert run_it(box, experiment).returncode == 0
    assert values(proxy, "Authorization") == {"Bearer tok3n"}
    assert (box.dir / "ran").read_text() == "\n"


def test_a_command_gives_headers(proxy, make_box, experiment):
    box = make_box(
        proxy.url,
        KMLFLOW_TOKEN_COMMAND="echo 'Proxy-Authorization: Bearer p'; "
        "echo 'Authorization: Bearer a'",
    )
    assert run_it(box, experiment).returncode == 0
    assert values(proxy, "Authorization") == {"Bearer a"}
    assert values(proxy, "Proxy-Authorization") == {"Bearer p"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_ends_is_got_anew(
    newest, proxy, make_box, experiment, status
):
    """While the command runs, and between two requests of the end."""
    box = make_box(proxy.url, KMLFLOW_TOKEN_COMMAND="date +t%s%N")
    proxy.fail("POST", "log-batch", "answer", answer=Answer(status, b"no"))
    proxy.fail("PUT", "/f$", "answer", answer=Answer(status, b"no"))
    done = run_it(box, experiment, "sleep 1.2; echo x >f")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    assert len(values(proxy, "Authorization")) >= 2
    assert not box.spools()


def test_a_token_that_is_refused_at_once_is_not_asked_for_again(
    proxy, make_box, experiment
):
    proxy.fail(".*", "/api/", "answer", answer=Answer(401, b"no"), times=99)
    box = make_box(proxy.url, KMLFLOW_TOKEN_COMMAND="echo >>ran; echo tok3n")
    done = run_it(box, experiment)
    assert done.returncode == 125
    assert "wrong or has expired" in done.stderr
    assert (box.dir / "ran").read_text() == "\n"


@pytest.mark.parametrize(
    "name, value, says",
    [
        ("REQUEST_HEADERS", "no colon s3cret", "line 1: not 'Name: value'"),
        ("REQUEST_HEADERS", "\nA B: s3cret", "line 2: no header"),
        ("REQUEST_HEADERS", "A: s3\1cret", "no header can be sent so"),
        ("REQUEST_HEADERS", "content-length: 3", "'content-length' is for"),
        ("TOKEN_COMMAND", "true", "prints no token"),
        ("TOKEN_COMMAND", "printf 'a\\nb'", "more than one line"),
        ("TOKEN_COMMAND", "printf 'A: s3\\1cret'", "no header can be sent"),
        ("TOKEN_COMMAND", "yes s3cret", "far more than a token"),
    ],
)
def test_what_makes_no_sense_is_refused(
    proxy, make_box, experiment, name, value, says
):
    box = make_box(proxy.url, **{f"KMLFLOW_{name}": value})
    done = run_it(box, experiment)
    assert done.returncode == 125, done.stderr
    assert says in done.stderr
    assert "s3cret" not in done.stderr and "\1" not in done.stderr
    assert not proxy.seen


@pytest.mark.parametrize(
    "command, says",
    [("exit 3", "status 3"), ("kill -9 $$", "signal 9")],
)
def test_a_command_that_fails_does_not_keep_the_run(
    newest, proxy, make_box, experiment, command, says
):
    """Like a server that is not there: later is soon enough."""
    box = make_box(proxy.url, KMLFLOW_TOKEN_COMMAND=command)
    begin = time.monotonic()
    done = run_it(box, experiment)
    assert time.monotonic() - begin < 10
    assert done.returncode == 0, done.stderr
    assert says in done.stderr
    assert len(box.spools()) == 1
    box.env["KMLFLOW_TOKEN_COMMAND"] = "echo t"
    assert box.call("kmlflow", "sync").returncode == 0
    assert not box.spools()


def test_in_the_place_of_a_python_class(proxy, make_box, experiment):
    """kedro-mlflow's request_header_provider, by credentials.yml."""
    box = make_box(proxy.url)
    box.write("pyproject.toml", '[tool.kedro]\npackage_name = "demo"\n')
    box.write("conf/base/catalog.yml", "{}\n")
    box.write(
        "conf/base/mlflow.yml",
        "server:\n  credentials: gate\n  request_header_provider:\n"
        "    type: demo.headers.Provider\n",
    )
    box.write("conf/local/credentials.yml", "gate:\n  OTHER: x\n")
    done = run_it(box, experiment)
    assert done.returncode == 125
    assert "KMLFLOW_REQUEST_HEADERS" in done.stderr
    box.write(
        "conf/local/credentials.yml",
        "gate:\n  KMLFLOW_REQUEST_HEADERS: |\n    X-Gateway-Key: k3y\n"
        "    Authorization: Bearer f\n",
    )
    done = run_it(box, experiment)
    assert done.returncode == 0, done.stderr
    assert values(proxy, "X-Gateway-Key") == {"k3y"}
    assert values(proxy, "Authorization") == {"Bearer f"}
