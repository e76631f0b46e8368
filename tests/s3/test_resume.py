# SPDX-License-Identifier: MIT
"""Large files in parts: several at a time, and taken up by another process."""

import os
import signal
import subprocess
import time

import pytest
from conftest import PATIENCE
from server import Answer, Server

MIB = 1 << 20
SIZE = 44 * MIB + 5  # 6 parts
PARTS = 6
BUSY = Answer(503, b"<Error><Code>SlowDown</Code></Error>")
DENIED = Answer(403, b"<Error><Code>AccessDenied</Code></Error>")


@pytest.fixture
def proxy(server):
    with Server(server) as p:
        p.keep_host = True
        yield p


@pytest.fixture
def kept(tmp_path, client, proxy):
    client.env["MLFLOW_S3_ENDPOINT_URL"] = proxy.url
    client.env["KEEP"] = str(tmp_path / "kept")
    client.env["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    return tmp_path / "kept"


@pytest.fixture
def data():
    return os.urandom(SIZE)


def sent(proxy):
    """Numbers of the parts that have come, and forgets them."""
    numbers = [
        int(s.path.split("partNumber=")[1].split("&")[0])
        for s in proxy.requests("partNumber=", "PUT")
    ]
    proxy.seen.clear()
    return sorted(numbers)


def break_off(client, proxy, bucket, data, part=5):
    """All but one part, and what follows it, are sent."""
    proxy.fail("PUT", f"partNumber={part}&", "answer", answer=BUSY, times=9)
    assert "503" in client.refused(bucket.uri, data, "big")
    proxy.faults.clear()
    (upload,) = bucket.uploads()
    there = set(range(1, PARTS + 1)) - {part}
    assert set(sent(proxy)) <= there | {part}
    return upload["UploadId"]


def parts_there(bucket, upload):
    told = bucket.s3.list_parts(
        Bucket=bucket.name, Key="exp/run/artifacts/big", UploadId=upload
    )
    return {p["PartNumber"] for p in told.get("Parts", [])}


def test_several_at_a_time(client, proxy, kept, bucket, data):
    client.put(bucket.uri, data, "big")
    assert bucket.read("big") == data
    assert len({s.client for s in proxy.requests("partNumber=")}) == 4
    assert sent(proxy) == list(range(1, PARTS + 1))
    assert not bucket.uploads()
    assert not list(kept.iterdir())
    assert client.same(bucket.uri, data, "big")


def test_another_process_goes_on(client, proxy, kept, bucket, data):
    upload = break_off(client, proxy, bucket, data)
    there = parts_there(bucket, upload)
    assert there and len(list(kept.iterdir())) == 1
    client.put(bucket.uri, data, "big")
    assert sent(proxy) == sorted(set(range(1, PARTS + 1)) - there)
    assert bucket.read("big") == data
    assert not bucket.uploads() and not list(kept.iterdir())


def test_what_has_changed_meanwhile_is_sent_again(
    client, proxy, kept, bucket, data
):
    upload = break_off(client, proxy, bucket, data)
    there = parts_there(bucket, upload)
    assert 2 in there
    other = data[: 9 * MIB] + b"!" + data[9 * MIB + 1 :]
    client.put(bucket.uri, other, "big")
    assert sent(proxy) == sorted(set(range(1, PARTS + 1)) - there | {2})
    assert bucket.read("big") == other


def test_a_file_of_another_size_begins_anew(client, proxy, kept, bucket, data):
    break_off(client, proxy, bucket, data)
    client.put(bucket.uri, data + b"more", "big")
    assert sent(proxy) == list(range(1, PARTS + 1))
    assert bucket.read("big") == data + b"more"


def test_an_upload_that_is_gone_begins_anew(client, proxy, kept, bucket, data):
    upload = break_off(client, proxy, bucket, data)
    bucket.s3.abort_multipart_upload(
        Bucket=bucket.name, Key="exp/run/artifacts/big", UploadId=upload
    )
    client.put(bucket.uri, data, "big")
    assert sent(proxy) == list(range(1, PARTS + 1))
    assert bucket.read("big") == data


def test_what_is_refused_is_given_up(client, proxy, kept, bucket, data):
    proxy.fail("PUT", "partNumber=3&", "answer", answer=DENIED, times=9)
    assert "403" in client.refused(bucket.uri, data, "big")
    assert not bucket.uploads()
    assert not list(kept.iterdir())


def test_a_note_that_makes_no_sense(client, proxy, kept, bucket, data):
    upload = break_off(client, proxy, bucket, data)
    (note,) = kept.iterdir()
    note.write_bytes(note.read_bytes().replace(upload.encode(), b"x&y=\n\0"))
    client.put(bucket.uri, data, "big")
    assert bucket.read("big") == data


def test_killed_in_the_middle(client, proxy, kept, bucket, data):
    proxy.fail("PUT", "partNumber=6&", "slow", seconds=60, times=9)
    child = subprocess.Popen(
        [client.driver, bucket.uri, "put", client.file(data), "big"],
        env=client.env,
    )
    end = time.monotonic() + PATIENCE
    while len(proxy.requests("partNumber=", "PUT")) < PARTS:
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(1)
    child.send_signal(signal.SIGKILL)
    child.wait()
    proxy.faults.clear()
    sent(proxy)
    (upload,) = bucket.uploads()
    there = parts_there(bucket, upload["UploadId"])
    assert there
    client.put(bucket.uri, data, "big")
    assert sent(proxy) == sorted(set(range(1, PARTS + 1)) - there)
    assert bucket.read("big") == data
