# SPDX-License-Identifier: MIT
"""Large files in parts, by URLs that a server signs."""

import os
import subprocess

import pytest
from parts import PartServer

MIB = 1 << 20
KEY = "models/épo ch.bin"


@pytest.fixture
def store():
    with PartServer() as s:
        yield s


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(25 * MIB + 7))
    return path


@pytest.fixture
def put(driver, store, large, tmp_path):
    def call(key=KEY, *, limit=(), **env):
        return subprocess.run(
            [*limit, driver, store.url, "put", "r", large, key],
            env={
                "HOME": str(tmp_path),
                "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(20 * MIB),
                "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
                "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
                "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
                "MLFLOW_TRACKING_TOKEN": "tok-5ecret",
                **env,
            },
            capture_output=True,
            text=True,
            timeout=120,
        )

    return call


def kept(store, key=KEY):
    return store.files.get("1/r/artifacts/" + key)


def test_a_large_file_goes_in_parts(store, put, large):
    done = put()
    assert done.returncode == 0, done.stderr
    assert kept(store) == large.read_bytes()
    assert len(store.requests("PUT /part/")) == 3
    assert not store.requests("PUT .*/artifacts/")
    # What opens the store is in the URL: our token is not for it.
    for _, path, headers in store.asked:
        ours = headers.get("Authorization")
        number = path.rsplit("/", 1)[1]
        if path.startswith("/part/"):
            assert ours is None
            assert headers["X-Signed"] == f"for {number}"
        else:
            assert ours == "Bearer tok-5ecret"


def test_parts_grow_with_the_file(store, put, large):
    """No more than 10,000 of them."""
    done = put(MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE="1000")
    assert done.returncode == 0, done.stderr
    assert kept(store) == large.read_bytes()
    assert len(store.requests("PUT /part/")) == 26


def test_a_key_at_the_top(store, put, large):
    assert put("top.bin").returncode == 0
    assert kept(store, "top.bin") == large.read_bytes()


@pytest.mark.parametrize(
    "how",
    ["small", "off", "not told", "501", "unreachable"],
)
def test_otherwise_it_goes_as_a_whole(store, put, large, how):
    env = {}
    if how == "small":
        env["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = str(30 * MIB)
    elif how == "off":
        env["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "false"
    elif how == "not told":
        store.tells = False
    elif how == "501":
        store.parts = False
    else:
        store.cloud = "http://127.0.0.1:9"
    done = put(**env)
    assert done.returncode == 0, done.stderr
    assert kept(store) == large.read_bytes()
    assert len(store.requests("PUT .*/artifacts/")) == 1
    assert store.aborted == (how == "unreachable")
    assert not store.uploads


def test_a_wish_comes_before_what_the_server_tells(store, put):
    store.tells = False
    assert put(MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD="True").returncode == 0
    assert len(store.requests("PUT /part/")) == 3
    assert not store.requests("server-info")


def test_a_part_is_sent_again(store, put, large):
    store.refuse += [("PUT /part/u0/2", 503), ("PUT /part/u0/3", 500)]
    done = put()
    assert done.returncode == 0, done.stderr
    assert kept(store) == large.read_bytes()
    assert len(store.requests("PUT /part/")) == 5


def test_signatures_that_expired_are_asked_for_anew(store, put, large):
    store.refuse += [("PUT /part/u0/3", 403)]
    done = put()
    assert done.returncode == 0, done.stderr
    assert kept(store) == large.read_bytes()
    assert store.aborted == 1
    assert not store.uploads


def test_what_never_works_is_told_and_cleaned_up(store, put):
    store.refuse += [(f"PUT /part/u{i}/2", 403) for i in range(5)]
    done = put()
    assert done.returncode == 1
    assert "403 Forbidden: told to" in done.stderr
    assert "s3cr3tsig" not in done.stderr
    assert kept(store) is None
    assert not store.uploads


def test_a_lost_answer_to_the_last_word(store, put, large):
    """The upload is complete: a second "complete" would find none."""
    act = store.RequestHandlerClass._complete

    def lost(handler, server, where, request):
        server.RequestHandlerClass._complete = act
        answer = handler._answer
        handler._answer = lambda *_: answer(504, {"message": "late"})
        act(handler, server, where, request)
        handler._answer = answer

    store.RequestHandlerClass._complete = lost
    try:
        done = put()
    finally:
        store.RequestHandlerClass._complete = act
    assert done.returncode == 0, done.stderr
    assert kept(store) == large.read_bytes()
    assert len(store.requests("mpu/complete")) == 1


def test_memory_does_not_grow_with_the_file(store, put, large):
    """All that is allocated is less than the file."""
    limit = ["/usr/bin/prlimit", f"--data={16 * MIB}"]
    for parts in "true", "false":
        done = put(limit=limit, MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=parts)
        assert done.returncode == 0, done.stderr
        assert kept(store) == large.read_bytes()
