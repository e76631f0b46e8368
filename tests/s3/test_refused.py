# SPDX-License-Identifier: MIT
"""What goes wrong, what is said of it, and that no secret is."""

import pytest
from conftest import SECRET_MARK

MIB = 1 << 20


def test_no_bucket(client):
    said = client.refused("s3://not-there-at-all/x", b"1", "a.txt")
    for word in ("a.txt", "not-there-at-all", "NoSuchBucket", "make bucket"):
        assert word in said


def test_wrong_secret(client, bucket):
    said = client.refused(
        bucket.uri, b"1", "a", AWS_SECRET_ACCESS_KEY=SECRET_MARK
    )
    assert "SignatureDoesNotMatch" in said
    assert "the environment" in said
    assert bucket.keys() == []


def test_wrong_id(client, bucket):
    said = client.refused(
        bucket.uri, b"1", "a", AWS_ACCESS_KEY_ID="AKIAUNKNOWNUNKNOWN00"
    )
    assert "InvalidAccessKeyId" in said


def test_no_credentials(client, bucket):
    said = client.refused(
        bucket.uri, b"1", "a",
        AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None,
    )
    assert "no AWS credentials found" in said
    assert "AWS_PROFILE" in said


def test_half_of_them(client, bucket):
    said = client.refused(bucket.uri, b"1", "a", AWS_ACCESS_KEY_ID=None)
    assert "only one is set" in said


def test_line_break(client, bucket):
    said = client.refused(
        bucket.uri, b"1", "a", AWS_SECRET_ACCESS_KEY=f"{SECRET_MARK}\r\nX: y"
    )
    assert "line break" in said


def test_nobody_there(client, bucket):
    said = client.refused(
        bucket.uri, b"1", "a", MLFLOW_S3_ENDPOINT_URL="http://127.0.0.1:9"
    )
    assert "127.0.0.1:9" in said


@pytest.mark.parametrize(
    "args,word",
    [
        ('{"NoSuch": "x"}', "'NoSuch' is not known"),
        ('{"SSECustomerKey": "x"}', "'SSECustomerKey' is not known"),
        ("[]", "must be a JSON object"),
        ("{", "must be a JSON object"),
        ('{"ACL": 1}', "ACL must be a string"),
        ('{"Metadata": "x"}', "Metadata must be an object"),
        ('{"Metadata": {"a b": "x"}}', "'a b' is no name"),
        ('{"Metadata": {"a": "é"}}', "not ASCII"),
        ('{"ACL": "x\\r\\nEvil: 1"}', "not ASCII"),
    ],
)
def test_extra_args(client, bucket, args, word):
    said = client.refused(
        bucket.uri, b"1", "a", MLFLOW_S3_UPLOAD_EXTRA_ARGS=args
    )
    assert "MLFLOW_S3_UPLOAD_EXTRA_ARGS" in said
    assert word in said


@pytest.mark.parametrize(
    "name,value",
    [
        ("MLFLOW_S3_ENDPOINT_URL", "ftp://x"),
        ("MLFLOW_S3_ENDPOINT_URL", f"http://u:{SECRET_MARK}@localhost"),
        ("MLFLOW_S3_IGNORE_TLS", "perhaps"),
        ("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "diagonal"),
        ("AWS_REGION", "evil.example/"),
        ("AWS_PROFILE", "nobody"),
    ],
)
def test_settings(client, bucket, name, value):
    env = {name: value}
    if name == "AWS_PROFILE":
        env.update(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    assert name in client.refused(bucket.uri, b"1", "a", **env)


@pytest.mark.parametrize("uri", ["s3:///x", "s3://a b/x", "s3:x", "s3://../x"])
def test_uri(client, uri):
    assert "bucket" in client.refused(uri, b"1", "a")


def test_r2_elsewhere(client):
    said = client.refused(
        "r2://bucket@evil.example/x", b"1", "a", MLFLOW_S3_ENDPOINT_URL=None
    )
    assert "r2.cloudflarestorage.com" in said
