# SPDX-License-Identifier: MIT
"""Fixtures: an S3 server that checks signatures, its owner's client, ours."""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

sys.path.append(str(Path(__file__).resolve().parents[1] / "fake"))

from driven import (  # noqa: E402
    PATIENCE,
    ROOT,  # noqa: F401 # for the tests
    SECRET_MARK,
    Client,
    build_driver,
    free_port,
)

for name in list(os.environ):
    if name.startswith(("MLFLOW_", "KMLFLOW_", "AWS_")):
        if name != "KMLFLOW_TEST_BINDIR":
            del os.environ[name]


class Server:
    """moto's server; once it has a user it wants signatures of everybody."""

    def __init__(self, directory: Path, *options, verify=True, scheme="http"):
        port = free_port()
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.verify = verify
        with (directory / "log").open("wb") as out:
            self.process = subprocess.Popen(
                [Path(sys.executable).parent / "moto_server",
                 "-H", "127.0.0.1", "-p", str(port), *options],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL,
            )
        self.context = ssl.create_default_context(
            cafile=verify if isinstance(verify, str) else None
        )

    def ask(self, path: str, data=None):
        return urllib.request.urlopen(
            urllib.request.Request(
                f"{self.url}/moto-api/{path}", data=data,
                headers={"Content-Type": "text/plain"},
            ),
            timeout=5,
            context=self.context if self.url.startswith("https") else None,
        ).read()

    def wait(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask("data.json")
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def make_user(self):
        """The key id and secret of a user who may do everything."""
        iam = boto3.client(
            "iam", endpoint_url=self.url, region_name="us-east-1",
            verify=self.verify,
            aws_access_key_id="x", aws_secret_access_key="x",
        )
        iam.create_user(UserName="all")
        iam.put_user_policy(
            UserName="all", PolicyName="all",
            PolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "*", "Resource": "*"}
                ],
            }),
        )
        key = iam.create_access_key(UserName="all")["AccessKey"]
        self.ask("reset-auth", b"0")
        return key["AccessKeyId"], key["SecretAccessKey"]

    def s3(self, keys):
        return boto3.client(
            "s3", endpoint_url=self.url, region_name="us-east-1",
            verify=self.verify,
            aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
            config=Config(s3={"addressing_style": "path"}),
        )

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    moto = Server(tmp_path_factory.mktemp("moto"))
    try:
        moto.wait()
        yield moto
    finally:
        moto.close()


@pytest.fixture(scope="session")
def server(moto):
    return moto.url


@pytest.fixture(scope="session")
def keys(moto):
    return moto.make_user()


@pytest.fixture(scope="session")
def s3(moto, keys):
    """Somebody else's client."""
    return moto.s3(keys)


class Bucket:
    def __init__(self, s3, name):
        self.s3 = s3
        self.name = name
        self.uri = f"s3://{name}/exp/run/artifacts"
        s3.create_bucket(Bucket=name)

    def get(self, key):
        return self.s3.get_object(
            Bucket=self.name, Key=f"exp/run/artifacts/{key}"
        )

    def read(self, key) -> bytes:
        return self.get(key)["Body"].read()

    def keys(self) -> list:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.name
        )
        return [o["Key"] for p in pages for o in p.get("Contents", [])]

    def uploads(self) -> list:
        return self.s3.list_multipart_uploads(Bucket=self.name).get(
            "Uploads", []
        )


@pytest.fixture
def bucket(s3):
    return Bucket(s3, f"bucket-{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="session")
def driver():
    return build_driver()


@pytest.fixture
def client(tmp_path, driver, server, keys):
    client = Client(
        tmp_path, driver,
        MLFLOW_S3_ENDPOINT_URL=server,
        AWS_ACCESS_KEY_ID=keys[0],
        AWS_SECRET_ACCESS_KEY=keys[1],
        AWS_EC2_METADATA_DISABLED="true",
    )
    yield client
    for secret in (keys[1], SECRET_MARK):
        assert secret not in client.said
