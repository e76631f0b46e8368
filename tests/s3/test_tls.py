# SPDX-License-Identifier: MIT
"""Over TLS the body is not signed; the server checks the rest all the same."""

import os
import subprocess

import pytest
from conftest import Bucket, Server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    base = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
         "-keyout", base / "key", "-out", base / "cert", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )
    return base


@pytest.fixture(scope="module")
def there(certificate):
    server = Server(
        certificate, "-c", certificate / "cert", "-k", certificate / "key",
        verify=str(certificate / "cert"), scheme="https",
    )
    try:
        server.wait()
        keys = server.make_user()
        bucket = Bucket(server.s3(keys), "secure")
        bucket.env = {
            "MLFLOW_S3_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": keys[0],
            "AWS_SECRET_ACCESS_KEY": keys[1],
        }
        yield bucket
    finally:
        server.close()


@pytest.mark.parametrize("size", [5, 9 << 20])
def test_trusted(client, there, certificate, size):
    data = os.urandom(size)
    env = {**there.env, "AWS_CA_BUNDLE": str(certificate / "cert")}
    client.put(there.uri, data, "a", **env)
    assert there.read("a") == data
    assert client.same(there.uri, data, "a", **env)


def test_ignored(client, there):
    client.put(there.uri, b"x", "b", **there.env, MLFLOW_S3_IGNORE_TLS="true")
    assert there.read("b") == b"x"


def test_not_trusted(client, there):
    """What is said of the tracking server does not count here."""
    said = client.refused(
        there.uri, b"x", "c", **there.env, MLFLOW_TRACKING_INSECURE_TLS="true"
    )
    assert "AWS_CA_BUNDLE" in said
