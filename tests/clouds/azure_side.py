# SPDX-License-Identifier: MIT
"""Azure's own emulator of its blobs, and Azure's own client for it."""

import sys
import time
import uuid
from pathlib import Path

import pytest
import requests
import trustme
from azure.storage.blob import BlobServiceClient, ContainerClient
from driven import free_port
from google.auth import crypt, jwt
from program import Program

ACCOUNT = "devstoreaccount1"
# The one that all emulators have; it opens nothing else.
KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
    "K1SZFPTOtr/KBHBeksoGMGw=="
)
URI_HOST = f"{ACCOUNT}.blob.core.windows.net"


class Azurite:
    def __init__(self, directory: Path, scheme="http", *options):
        port = free_port()
        self.endpoint = f"{scheme}://127.0.0.1:{port}/{ACCOUNT}"
        self.connection = (
            f"DefaultEndpointsProtocol={scheme};AccountName={ACCOUNT};"
            f"AccountKey={KEY};BlobEndpoint={self.endpoint};"
        )
        program = (
            Path(sys.prefix) / "node/node_modules/.bin/azurite-blob"
        )
        self.program = Program(directory, [
            program, "--inMemoryPersistence", "--disableTelemetry",
            "--blobHost", "127.0.0.1", "--blobPort", port, "--silent",
            *options,
        ])

    def wait(self, verify=True):
        self.program.wait(
            lambda: requests.get(self.endpoint, verify=verify, timeout=5)
        )
        self.client = BlobServiceClient.from_connection_string(
            self.connection, connection_verify=verify,
            api_version="2021-12-02",  # newer ones the emulator refuses
        )


class Container:
    def __init__(self, azurite):
        self.azurite = azurite
        self.name = f"box-{uuid.uuid4().hex[:12]}"
        self.client: ContainerClient = azurite.client.create_container(
            self.name
        )
        self.uri = f"wasbs://{self.name}@{URI_HOST}/exp/run/artifacts"

    def blob(self, key):
        return self.client.get_blob_client(f"exp/run/artifacts/{key}")

    def read(self, key) -> bytes:
        return self.blob(key).download_blob().readall()

    def put(self, key, data):
        self.blob(key).upload_blob(data, overwrite=True)

    def keys(self) -> list:
        return sorted(b.name for b in self.client.list_blobs())


@pytest.fixture(scope="session")
def azurite(tmp_path_factory):
    azurite = Azurite(tmp_path_factory.mktemp("azurite"))
    try:
        azurite.wait()
        yield azurite
    finally:
        azurite.program.close()


@pytest.fixture(scope="session")
def secure_azurite(tmp_path_factory):
    """Over TLS, where it takes access tokens."""
    base = tmp_path_factory.mktemp("azurite-tls")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(base / "ca")
    certificate.private_key_pem.write_to_path(base / "key")
    certificate.cert_chain_pems[0].write_to_path(base / "cert")
    azurite = Azurite(
        base / "run", "https", "--oauth", "basic",
        "--cert", base / "cert", "--key", base / "key",
    )
    azurite.authority = str(base / "ca")
    try:
        azurite.wait(verify=azurite.authority)
        yield azurite
    finally:
        azurite.program.close()


def access_token(**claims) -> str:
    """As Azure would sign it; the emulator looks at all but who signed."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    now = int(time.time())
    return jwt.encode(
        crypt.RSASigner.from_string(pem),
        {
            "aud": "https://storage.azure.com",
            "iss": "https://sts.windows.net/ab1f708d-50f6-404c-a006-"
                   "d71b2ac7a606/",
            "iat": now, "nbf": now - 60, "exp": now + 3600, **claims,
        },
    ).decode()
