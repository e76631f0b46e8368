# SPDX-License-Identifier: MIT
"""Objects that we make, read back by boto3."""

import gzip
import hashlib
import json
import os

import pytest
from names import BACKSLASH, NAMES

MIB = 1 << 20


@pytest.mark.parametrize("name", [*NAMES, BACKSLASH])
def test_names(client, bucket, name):
    client.put(bucket.uri, name.encode(), name)
    assert bucket.keys() == [f"exp/run/artifacts/{name}"]
    assert bucket.read(name) == name.encode()
    assert client.same(bucket.uri, name.encode(), name)


@pytest.mark.parametrize("size", [0, 1, 8 * MIB - 1])
def test_single(client, bucket, size):
    data = os.urandom(size)
    client.put(bucket.uri, data, "file.bin")
    got = bucket.get("file.bin")
    assert got["Body"].read() == data
    assert got["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'


@pytest.mark.parametrize("size,parts", [(8 * MIB, 1), (20 * MIB + 7, 3)])
def test_parts(client, bucket, size, parts):
    data = os.urandom(size)
    client.put(bucket.uri, data, "large.txt")
    got = bucket.get("large.txt")
    assert got["Body"].read() == data
    assert got["ETag"].endswith(f'-{parts}"')
    assert got["ContentType"] == "text/plain"
    assert bucket.uploads() == []
    assert client.same(bucket.uri, data, "large.txt")
    assert not client.same(bucket.uri, data[:-1] + b"!", "large.txt")


def test_size_unknown(client, bucket):
    done = client.call(bucket.uri, "put", "/proc/version", "version")
    assert done.returncode == 0, done.stderr
    assert b"Linux" in bucket.read("version")


def test_replaced(client, bucket):
    client.put(bucket.uri, b"old", "a")
    client.put(bucket.uri, b"new one", "a")
    assert bucket.read("a") == b"new one"


def test_bucket_alone(client, bucket):
    client.put(f"s3://{bucket.name}", b"1", "a/b")
    client.put(f"s3://{bucket.name}/", b"2", "c")
    assert bucket.keys() == ["a/b", "c"]


@pytest.mark.parametrize(
    "name,kind,encoding",
    [
        ("a.txt", "text/plain", None),
        ("a.yaml", "text/plain", None),
        ("MLmodel", "text/plain", None),
        ("a.png", "image/png", None),
        ("a.tar.gz", "application/x-tar", "gzip"),
        ("a.unknown", "application/octet-stream", None),
    ],
)
def test_types(client, bucket, name, kind, encoding):
    client.put(bucket.uri, gzip.compress(b"x"), name)
    got = bucket.get(name)
    assert got["ContentType"] == kind
    # moto's and botocore's word for an empty one differ.
    assert (got.get("ContentEncoding") or None) == encoding


def test_same(client, bucket):
    """What boto3 has put is known again; what differs is not."""
    assert not client.same(bucket.uri, b"12345", "a")
    bucket.s3.put_object(
        Bucket=bucket.name, Key="exp/run/artifacts/a", Body=b"12345"
    )
    assert client.same(bucket.uri, b"12345", "a")
    assert not client.same(bucket.uri, b"12346", "a")
    assert not client.same(bucket.uri, b"1234", "a")
    assert not client.same(bucket.uri, b"12345", "b")


def test_same_of_many(client, bucket):
    """More than one page of a listing."""
    for i in range(1005):  # a page has 1000
        bucket.s3.put_object(
            Bucket=bucket.name, Key=f"exp/run/artifacts/{i:04}", Body=b"x"
        )
    assert client.same(bucket.uri, b"x", "1004")
    assert not client.same(bucket.uri, b"x", "1005")


def test_extra_args(client, bucket):
    args = {
        "ServerSideEncryption": "AES256",
        "StorageClass": "STANDARD_IA",
        "Tagging": "team=a%20b&x=1",
        "ACL": "public-read",
        "CacheControl": "max-age=60",
        "Metadata": {"Run-Id": "abc", "note": "two  words"},
    }
    text = json.dumps(args)
    for key, data in (("one.json", b"{}"), ("many.bin", bytes(9 * MIB))):
        client.put(bucket.uri, data, key, MLFLOW_S3_UPLOAD_EXTRA_ARGS=text)
        got = bucket.get(key)
        assert got["ServerSideEncryption"] == "AES256"
        assert got["StorageClass"] == "STANDARD_IA"
        assert got["CacheControl"] == "max-age=60"
        assert got["Metadata"]["run-id"] == "abc"
        whole = f"exp/run/artifacts/{key}"
        tags = bucket.s3.get_object_tagging(Bucket=bucket.name, Key=whole)
        assert {t["Key"]: t["Value"] for t in tags["TagSet"]} == {
            "team": "a b",
            "x": "1",
        }
        grants = bucket.s3.get_object_acl(Bucket=bucket.name, Key=whole)
        assert any(
            g["Grantee"].get("URI", "").endswith("AllUsers")
            for g in grants["Grants"]
        )


def test_content_type_of_the_user(client, bucket):
    client.put(
        bucket.uri, b"x", "a.txt",
        MLFLOW_S3_UPLOAD_EXTRA_ARGS='{"ContentType": "text/x-own"}',
    )
    assert bucket.get("a.txt")["ContentType"] == "text/x-own"


def test_kms(client, bucket):
    """Their ETags are no MD5."""
    args = '{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "some-key"}'
    client.put(bucket.uri, b"x", "a", MLFLOW_S3_UPLOAD_EXTRA_ARGS=args)
    got = bucket.get("a")
    assert got["ServerSideEncryption"] == "aws:kms"
    assert got["SSEKMSKeyId"] == "some-key"


def test_r2(client, bucket):
    uri = f"r2://{bucket.name}@account.r2.cloudflarestorage.com/p"
    client.put(uri, b"x", "a")
    assert bucket.keys() == ["p/a"]
