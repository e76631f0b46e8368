# SPDX-License-Identifier: MIT
"""Objects that we make, read back by Google's own client."""

import gzip
import os

import pytest
from answers import Answer as Told
from gs_side import Bucket
from names import BACKSLASH, NAMES
from server import Answer, Server

MIB = 1 << 20
CHUNK = {"MLFLOW_GCS_UPLOAD_CHUNK_SIZE": str(4 * MIB)}


@pytest.fixture
def bucket(emulators, client):
    client.env["STORAGE_EMULATOR_HOST"] = emulators[0].url
    return Bucket(emulators[0])


@pytest.fixture(params=[0, 1], ids=["fake-gcs-server", "gcp-storage-emulator"])
def either(request, emulators, client):
    """What both emulators can do."""
    client.env["STORAGE_EMULATOR_HOST"] = emulators[request.param].url
    return Bucket(emulators[request.param])


@pytest.mark.parametrize("name", [*NAMES, BACKSLASH])
def test_names(client, bucket, name):
    client.put(bucket.uri, name.encode(), name)
    assert bucket.keys() == [f"exp/run/artifacts/{name}"]
    assert bucket.read(name) == name.encode()
    assert client.same(bucket.uri, name.encode(), name)


@pytest.mark.parametrize("size", [0, 1, 8 * MIB])
def test_whole(client, bucket, size):
    data = os.urandom(size)
    client.put(bucket.uri, data, "file.bin")
    assert bucket.read("file.bin") == data


@pytest.mark.parametrize(
    "size,env",
    [(8 * MIB + 1, {}), (12 * MIB, CHUNK)],
)
def test_resumable(client, either, size, env):
    data = os.urandom(size)
    client.put(either.uri, data, "large.pdf", **env)
    assert either.get("large.pdf").size == size
    assert either.read("large.pdf") == data
    assert either.get("large.pdf").content_type == "application/pdf"
    assert client.same(either.uri, data, "large.pdf")
    assert not client.same(either.uri, data[:-1] + b"!", "large.pdf")


def test_size_unknown(client, bucket):
    done = client.call(bucket.uri, "put", "/proc/version", "version")
    assert done.returncode == 0, done.stderr
    assert b"Linux" in bucket.read("version")


def test_replaced(client, either):
    client.put(either.uri, b"old", "a")
    client.put(either.uri, b"new one", "a")
    assert either.read("a") == b"new one"


def test_bucket_alone(client, bucket):
    client.put(f"gs://{bucket.bucket.name}", b"1", "a/b")
    client.put(f"gs://{bucket.bucket.name}/", b"2", "c")
    assert bucket.keys() == ["a/b", "c"]


@pytest.mark.parametrize(
    "name",
    ["a.txt", "a.json", "a.csv", "a.png", "a.tar.gz", "a.html", "a.pdf",
     "a.unknown", "MLmodel", "a.csv.gz", "a.tgz", "noext"],
)
def test_types(client, bucket, tmp_path, name):
    """As Google's client sets them, which is what MLflow uses."""
    data = gzip.compress(b"x")
    client.put(bucket.uri, data, name)
    theirs = bucket.bucket.blob("theirs/" + name)
    theirs.upload_from_filename(str(client.file(data, name)))
    theirs.reload()
    got = bucket.get(name)
    assert got.content_type == theirs.content_type
    assert got.content_encoding is None
    assert bucket.read(name) == data


def test_same(client, either):
    """What Google's client has put is known again; what differs is not."""
    assert not client.same(either.uri, b"12345", "a")
    either.put("a", b"12345")
    assert client.same(either.uri, b"12345", "a")
    assert not client.same(either.uri, b"12346", "a")
    assert not client.same(either.uri, b"1234", "a")
    assert not client.same(either.uri, b"12345", "b")


def test_same_of_many(client, bucket):
    """More than one page of a listing."""
    for i in range(1005):
        bucket.put(f"{i:04}", b"x")
    assert client.same(bucket.uri, b"x", "1004")
    assert not client.same(bucket.uri, b"x", "1005")


def test_no_bucket(client, emulators):
    env = {"STORAGE_EMULATOR_HOST": emulators[0].url}
    said = client.refused("gs://nobodys/x", b"x", "a", **env)
    assert "gs://nobodys/x/a" in said and "make bucket 'nobodys'" in said


# --- what breaks -----------------------------------------------------------

UPLOAD = r"^/upload/.*"


@pytest.fixture
def bucket2(emulators):
    """With sessions that tell how far they are."""
    return Bucket(emulators[1])


@pytest.fixture
def broken(bucket2, client):
    """A proxy that breaks what it is told to break."""
    with Server(bucket2.url) as proxy:
        client.env["STORAGE_EMULATOR_HOST"] = proxy.url
        client.env["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "3"
        yield proxy


@pytest.mark.parametrize("what", ["cut_before", "cut_after", "cut_answer"])
def test_small_cut(client, bucket2, broken, what):
    broken.fail("POST", UPLOAD, what)
    client.put(bucket2.uri, b"whole", "a")
    assert bucket2.read("a") == b"whole"


@pytest.mark.parametrize(
    "what", ["cut_before", "cut_middle", "cut_after", "cut_answer"]
)
@pytest.mark.parametrize("first", [0, 1, 2], ids=["first", "mid", "last"])
def test_chunk_cut(client, bucket2, broken, what, first):
    """Taken up where the store says; no byte twice, none left out."""
    data = os.urandom(9 * MIB + 5)
    start = first * 4 * MIB

    def chunk():
        return [r for r in broken.requests(method="PUT")
                if f"bytes {start}-" in r.headers.get("content-range", "")]

    # The proxy counts requests: those before the one that breaks pass.
    seen = {"n": 0}
    take = broken.take

    def nth(method, path):
        if method == "PUT":
            seen["n"] += 1
            if seen["n"] == first + 1:
                broken.fail("PUT", "", what)
        return take(method, path)

    broken.take = nth
    client.put(bucket2.uri, data, "a", **CHUNK)
    assert bucket2.read("a") == data
    asked = [r for r in broken.requests(method="PUT")
             if "bytes */" in r.headers.get("content-range", "")]
    # There is nothing to cut of an answer without a body.
    assert asked or what == "cut_answer" and first < 2
    # This emulator has forgotten a session that has come to its end.
    assert len(chunk()) == (1 if "cut_a" in what and first < 2 else 2)


def test_busy_chunk(client, bucket2, broken):
    data = os.urandom(9 * MIB)
    broken.fail("PUT", "", "answer", answer=Answer(503), times=2)
    client.put(bucket2.uri, data, "a", **CHUNK)
    assert bucket2.read("a") == data


def test_session_ended_early(client, bucket, emulators):
    """One emulator takes the question how far it is for the end."""
    data = os.urandom(9 * MIB)
    with Server(emulators[0].url) as proxy:
        client.env["STORAGE_EMULATOR_HOST"] = proxy.url
        client.env["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "3"
        proxy.fail("PUT", "", "answer", answer=Answer(503))
        client.put(bucket.uri, data, "a", **CHUNK)
    assert bucket.read("a") == data


@pytest.mark.parametrize("status", [404, 410])
def test_session_forgotten(client, bucket2, broken, status):
    data = os.urandom(9 * MIB)
    broken.fail("PUT", "", "answer", answer=Answer(status), times=1)
    client.put(bucket2.uri, data, "a", **CHUNK)
    assert bucket2.read("a") == data
    assert len(broken.requests(method="POST")) == 2


def test_session_always_forgotten(client, bucket2, broken):
    broken.fail("PUT", "", "answer", answer=Answer(410), times=99)
    said = client.refused(bucket2.uri, bytes(9 * MIB), "a")
    assert "forgets the upload" in said
    assert len(broken.requests()) < 20


def test_damaged(client, fake):
    """The store has other bytes: that is not what was sent."""
    client.env["STORAGE_EMULATOR_HOST"] = fake.url
    fake.answer = lambda r: Told(200, '{"md5Hash": "AAAAAAAAAAAAAAAAAAAAAA=="}')
    assert "other bytes" in client.refused("gs://b/x", b"data", "a")


@pytest.mark.parametrize(
    "uri", ["gs://", "gs:///x", "gs://../x", "gs://a b/x", "gs:x"]
)
def test_no_such_uri(client, uri):
    said = client.refused(uri, b"x", "a")
    assert "bucket" in said


def test_chunk_size_refused(client, bucket):
    said = client.refused(
        bucket.uri, b"x", "a", MLFLOW_GCS_UPLOAD_CHUNK_SIZE="1000"
    )
    assert "MLFLOW_GCS_UPLOAD_CHUNK_SIZE" in said and "262144" in said
