# SPDX-License-Identifier: MIT
"""The same against a second server, which reads the rules in its own way.

Not run with the others, as it has to be built first: `make soak-s3`.
"""

import socket
import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from conftest import PATIENCE, ROOT
from driven import free_port
from test_objects import (  # noqa: F401
    test_bucket_alone,
    test_names,
    test_parts,
    test_replaced,
    test_single,
    test_size_unknown,
    test_types,
)
from test_resume import *  # noqa: F401, F403
from test_resume import data, kept, proxy  # noqa: F401

KEYS = ("second", "of-the-second-server")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    program = ROOT / "build/go/versitygw"
    assert program.exists(), "versitygw is not there: scripts/setup-bench"
    port = free_port()
    directory = tmp_path_factory.mktemp("versitygw")
    (directory / "data").mkdir()
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-p", f"127.0.0.1:{port}", "--keep-alive",
             "-a", KEYS[0], "-s", KEYS[1], "posix", directory / "data"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=directory,
        )
    end = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < end, (directory / "log").read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def keys():
    return KEYS


@pytest.fixture(scope="module")
def s3(server):
    return boto3.client(
        "s3", endpoint_url=server, region_name="us-east-1",
        aws_access_key_id=KEYS[0], aws_secret_access_key=KEYS[1],
        config=Config(s3={"addressing_style": "path"}),
    )


def test_a_wrong_signature_is_refused(client, bucket):
    """So that the others show something."""
    told = client.refused(
        bucket.uri, b"x", "f", AWS_SECRET_ACCESS_KEY="another"
    )
    assert "SignatureDoesNotMatch" in told
