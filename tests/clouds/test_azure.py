# SPDX-License-Identifier: MIT
"""Blobs that we make, read back by Azure's own client."""

import base64
import hashlib
import json
import os
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from answers import Answer
from azure.storage.blob import ContainerSasPermissions, generate_container_sas
from azure_side import ACCOUNT, KEY, URI_HOST, Container, access_token
from driven import SECRET_MARK
from names import NAMES
from server import Server
from server import Answer as Told

MIB = 1 << 20


@pytest.fixture
def container(azurite, client):
    client.env["AZURE_STORAGE_CONNECTION_STRING"] = azurite.connection
    return Container(azurite)


@pytest.mark.parametrize("name", NAMES)
def test_names(client, container, name):
    client.put(container.uri, name.encode(), name)
    assert container.keys() == [f"exp/run/artifacts/{name}"]
    assert container.read(name) == name.encode()
    assert client.same(container.uri, name.encode(), name)


@pytest.mark.parametrize("size", [0, 1, 8 * MIB - 1])
def test_whole(client, container, size):
    data = os.urandom(size)
    client.put(container.uri, data, "file.bin")
    assert container.read("file.bin") == data
    got = container.blob("file.bin").get_blob_properties()
    assert got.blob_type == "BlockBlob"
    assert got.content_settings.content_md5 == hashlib.md5(data).digest()


@pytest.mark.parametrize("size,blocks", [(8 * MIB, 1), (16 * MIB + 7, 3)])
def test_blocks(client, container, size, blocks):
    data = os.urandom(size)
    client.put(container.uri, data, "large.pdf")
    assert container.read("large.pdf") == data
    committed, left = container.blob("large.pdf").get_block_list("all")
    assert len(committed) == blocks and left == []
    assert client.same(container.uri, data, "large.pdf")
    assert not client.same(container.uri, data[:-1] + b"!", "large.pdf")


def test_size_unknown(client, container):
    done = client.call(container.uri, "put", "/proc/version", "version")
    assert done.returncode == 0, done.stderr
    assert b"Linux" in container.read("version")


@pytest.mark.parametrize("size", [1, 9 * MIB])
def test_replaced(client, container, size):
    client.put(container.uri, os.urandom(9 * MIB), "a")
    data = os.urandom(size)
    client.put(container.uri, data, "a")
    assert container.read("a") == data


def test_container_alone(client, container):
    uri = f"wasbs://{container.name}@{URI_HOST}"
    client.put(uri, b"1", "a/b")
    client.put(uri + "/", b"2", "c")
    assert container.keys() == ["a/b", "c"]


def test_abfss(client, container):
    """The other scheme leads to the same blobs."""
    host = URI_HOST.replace(".blob.", ".dfs.")
    client.put(f"abfss://{container.name}@{host}/x", b"1", "a/b")
    assert container.keys() == ["x/a/b"]


def test_types(client, container):
    """None is set, as with MLflow."""
    client.put(container.uri, b"x", "a.txt")
    container.put("b.txt", b"x")
    ours, theirs = (
        container.blob(k).get_blob_properties().content_settings
        for k in ("a.txt", "b.txt")
    )
    assert ours.content_type == theirs.content_type
    assert ours.content_encoding == theirs.content_encoding


def test_same(client, container):
    """What Azure's client has put is known again; what differs is not."""
    assert not client.same(container.uri, b"12345", "a")
    container.put("a", b"12345")
    assert client.same(container.uri, b"12345", "a")
    assert not client.same(container.uri, b"12346", "a")
    assert not client.same(container.uri, b"1234", "a")
    assert not client.same(container.uri, b"12345", "b")


def test_no_container(client, azurite):
    said = client.refused(
        f"wasbs://nobodys@{URI_HOST}/x", b"x", "a",
        AZURE_STORAGE_CONNECTION_STRING=azurite.connection,
    )
    assert "ContainerNotFound" in said
    assert "make container 'nobodys'" in said


@pytest.mark.parametrize(
    "uri,word",
    [
        ("wasbs://", "no bucket"),
        ("wasbs://box/x", "no container"),
        ("wasbs://box@evil.example/x", "no host of Azure"),
        ("wasbs://box@a.blob.core.windows.net.evil.example/x", "no host"),
        ("wasbs://box@a.queue.core.windows.net/x", "no host of Azure"),
        ("wasbs://b/../x@a.blob.core.windows.net/x", "no container"),
        ("wasbs://..@a.blob.core.windows.net/x", "no name of a container"),
    ],
)
def test_no_such_uri(client, uri, word):
    assert word in client.refused(uri, b"x", "a")


# --- who we are ------------------------------------------------------------


def test_access_key(client, container):
    client.put(
        container.uri, b"x", "a",
        AZURE_STORAGE_CONNECTION_STRING=None,
        AZURE_STORAGE_ACCESS_KEY=KEY,
        AZURE_STORAGE_SERVICE_ENDPOINT=container.azurite.endpoint,
    )
    assert container.read("a") == b"x"


@pytest.mark.parametrize("way", ["variable", "connection string"])
def test_sas(client, container, way):
    sas = generate_container_sas(
        ACCOUNT, container.name, account_key=KEY,
        permission=ContainerSasPermissions(write=True, create=True, list=True),
        expiry=datetime.now(timezone.utc) + timedelta(hours=1),
    )
    env = {
        "variable": dict(
            AZURE_STORAGE_CONNECTION_STRING=None,
            AZURE_STORAGE_SAS_TOKEN="?" + sas,
            AZURE_STORAGE_SERVICE_ENDPOINT=container.azurite.endpoint,
        ),
        "connection string": dict(
            AZURE_STORAGE_CONNECTION_STRING=(
                f"BlobEndpoint={container.azurite.endpoint};"
                f"SharedAccessSignature={sas}"
            )
        ),
    }[way]
    data = os.urandom(8 * MIB)
    client.put(container.uri, data, "a", **env)
    assert container.read("a") == data
    assert client.same(container.uri, data, "a", **env)
    signature = parse_qs(sas)["sig"][0]
    wrong = {
        k: v and v.replace("sig=", "sig=" + SECRET_MARK) for k, v in env.items()
    }
    said = client.refused(container.uri, b"x", "b", **wrong)
    assert "AuthenticationFailed" in said or "AuthorizationFailure" in said
    assert signature not in client.said


def test_wrong_key(client, container):
    wrong = base64.b64encode(SECRET_MARK.encode()).decode()
    said = client.refused(
        container.uri, b"x", "a",
        AZURE_STORAGE_CONNECTION_STRING=container.azurite.connection.replace(
            KEY, wrong
        ),
    )
    assert "AZURE_STORAGE_CONNECTION_STRING" in said and wrong not in said


@pytest.mark.parametrize(
    "env,word",
    [
        ({"AZURE_STORAGE_CONNECTION_STRING": "AccountKey=eA=="}, "AccountName"),
        ({"AZURE_STORAGE_CONNECTION_STRING": "AccountName=a"}, "AccountKey"),
        ({"AZURE_STORAGE_CONNECTION_STRING": f"AccountName=a;AccountKey={SECRET_MARK}"},
         "not in base64"),
        ({"AZURE_STORAGE_CONNECTION_STRING":
          "AccountName=a;AccountKey=eA==;BlobEndpoint=ftp://x"}, "https://"),
        ({"AZURE_STORAGE_CONNECTION_STRING":
          "AccountName=a;AccountKey=eA==;DefaultEndpointsProtocol=http"},
         "neither https"),
        ({"AZURE_STORAGE_ACCESS_KEY": SECRET_MARK}, "not in base64"),
        ({"AZURE_STORAGE_SAS_TOKEN": "sv=1\r\nX: " + SECRET_MARK}, "line break"),
        ({"AZURE_TENANT_ID": "a/b", "AZURE_CLIENT_ID": "c",
          "AZURE_CLIENT_SECRET": SECRET_MARK}, "AZURE_TENANT_ID"),
        ({"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
          "AZURE_FEDERATED_TOKEN_FILE": "/none/such"}, "/none/such"),
        ({"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
          "AZURE_CLIENT_SECRET": SECRET_MARK,
          "AZURE_AUTHORITY_HOST": "http://far.example"}, "neither https"),
    ],
)
def test_bad_credentials(client, env, word):
    said = client.refused(f"wasbs://box@{URI_HOST}/x", b"x", "a", **env)
    assert word in said


@pytest.fixture
def services(client, fake):
    """Who hands out tokens, all of them at one place."""
    client.env["AZURE_STORAGE_SERVICE_ENDPOINT"] = f"{fake.url}/store"
    client.env["AZURE_AUTHORITY_HOST"] = fake.url
    fake.token = {"access_token": f"{SECRET_MARK}-1", "expires_in": 3600}
    fake.answer = lambda r: Answer(201) if r.path.startswith("/store") else (
        Answer(200, json.dumps(fake.token)))
    return fake


PRINCIPAL = {
    "AZURE_TENANT_ID": "tenant-1",
    "AZURE_CLIENT_ID": "client-1",
    "AZURE_CLIENT_SECRET": f"{SECRET_MARK}+s",
}
URI = f"wasbs://box@{URI_HOST}/x"


def test_principal(client, services):
    client.put(URI, b"x", "a", **PRINCIPAL)
    asked, sent = services.requests
    assert asked.verb == "POST /tenant-1/oauth2/v2.0/token"
    assert parse_qs(asked.body.decode()) == {
        "client_id": ["client-1"],
        "client_secret": [f"{SECRET_MARK}+s"],
        "grant_type": ["client_credentials"],
        "scope": ["https://storage.azure.com/.default"],
    }
    assert sent.verb == "PUT /store/box/x/a"
    assert sent.headers["Authorization"] == f"Bearer {SECRET_MARK}-1"


def test_federated(client, services, tmp_path):
    (tmp_path / "jwt").write_text(f"{SECRET_MARK}.jwt\n")
    client.put(
        URI, b"x", "a", AZURE_TENANT_ID="t", AZURE_CLIENT_ID="c",
        AZURE_FEDERATED_TOKEN_FILE=str(tmp_path / "jwt"),
    )
    form = parse_qs(services.requests[0].body.decode())
    assert form["client_assertion"] == [f"{SECRET_MARK}.jwt"]
    assert form["client_assertion_type"][0].endswith(":jwt-bearer")


def test_managed_application(client, services):
    client.put(
        URI, b"x", "a", IDENTITY_ENDPOINT=f"{services.url}/msi/token",
        IDENTITY_HEADER=f"{SECRET_MARK}-header", AZURE_CLIENT_ID="which",
    )
    asked, sent = services.requests
    assert asked.headers["X-IDENTITY-HEADER"] == f"{SECRET_MARK}-header"
    url = urlsplit(asked.path)
    assert url.path == "/msi/token"
    assert parse_qs(url.query) == {
        "api-version": ["2019-08-01"],
        "resource": ["https://storage.azure.com/"],
        "client_id": ["which"],
    }
    assert sent.headers["Authorization"] == f"Bearer {SECRET_MARK}-1"


def test_managed_machine(client, services):
    services.token["expires_in"] = "86399"
    services.token["expires_on"] = "4102444800"
    client.put(
        URI, b"x", "a", AZURE_POD_IDENTITY_AUTHORITY_HOST=services.url + "/"
    )
    asked, sent = services.requests
    assert asked.headers["Metadata"] == "true"
    assert asked.path.startswith("/metadata/identity/oauth2/token?")
    assert sent.headers["Authorization"] == f"Bearer {SECRET_MARK}-1"


def test_token_ends(client, services):
    count = iter(range(1, 100))

    def answer(r):
        if not r.path.startswith("/store"):
            return Answer(200, json.dumps(
                {**services.token, "access_token": f"t-{next(count)}"}))
        if r.headers["Authorization"] == "Bearer t-1":
            return Answer(401, "<Error><Code>InvalidAuthenticationInfo</Code>"
                               "</Error>")
        return Answer(201)

    services.answer = answer
    client.put(URI, b"whole", "a", **PRINCIPAL)
    assert services.requests[-1].headers["Authorization"] == "Bearer t-2"
    assert services.requests[-1].body == b"whole"


def test_token_refused(client, services):
    services.answer = lambda r: Answer(401, json.dumps({
        "error": "invalid_client",
        "error_description":
            f"AADSTS7000215: '{SECRET_MARK}+s' is wrong.\r\nTrace: 1"}))
    said = client.refused(URI, b"x", "a", **PRINCIPAL)
    assert "AADSTS7000215: '*' is wrong." in said and "Trace" not in said


def test_real_tokens(client, secure_azurite, services):
    """The emulator looks into what it is shown."""
    container = Container(secure_azurite)
    env = {
        **PRINCIPAL,
        "AZURE_STORAGE_SERVICE_ENDPOINT": secure_azurite.endpoint,
        "REQUESTS_CA_BUNDLE": secure_azurite.authority,
    }
    data = os.urandom(9 * MIB)
    services.token["access_token"] = access_token(aud="https://other.example")
    said = client.refused(container.uri, data, "a", **env)
    assert "Authenti" in said
    services.token["access_token"] = access_token()
    client.put(container.uri, data, "a", **env)
    assert container.read("a") == data


def test_untrusted(client, secure_azurite):
    container = Container(secure_azurite)
    said = client.refused(
        container.uri, b"x", "a",
        AZURE_STORAGE_CONNECTION_STRING=secure_azurite.connection,
    )
    assert "certificate" in said and "REQUESTS_CA_BUNDLE" in said


# --- what breaks -----------------------------------------------------------


@pytest.fixture
def broken(container, client):
    """A proxy that breaks what it is told to break."""
    with Server(container.azurite.endpoint.rsplit("/", 1)[0]) as proxy:
        client.env["AZURE_STORAGE_CONNECTION_STRING"] = (
            f"AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint={proxy.url}/{ACCOUNT}"
        )
        yield proxy


@pytest.mark.parametrize(
    "what", ["cut_before", "cut_middle", "cut_after", "cut_answer"]
)
@pytest.mark.parametrize(
    "path,size",
    [("", 1000), ("comp=block$", 9 * MIB), ("comp=blocklist", 9 * MIB)],
)
def test_cut(client, container, broken, what, path, size):
    data = os.urandom(size)
    broken.fail("PUT", path, what)
    client.put(container.uri, data, "a")
    assert container.read("a") == data
    assert client.same(container.uri, data, "a")


@pytest.mark.parametrize("status", [500, 503])
def test_busy(client, container, broken, status):
    broken.fail("PUT", "", "answer", answer=Told(status))
    client.put(container.uri, b"x", "a")
    assert container.read("a") == b"x"


def test_damaged(client, services):
    services.answer = lambda r: Answer(
        201, Content_MD5="AAAAAAAAAAAAAAAAAAAAAA=="
    ) if r.path.startswith("/store") else Answer(
        200, json.dumps(services.token))
    assert "other bytes" in client.refused(URI, b"data", "a", **PRINCIPAL)


def test_no_listing_allowed(client, services):
    """Then each blob is asked for."""
    md5 = base64.b64encode(hashlib.md5(b"data").digest()).decode()

    def answer(r):
        if not r.path.startswith("/store"):
            return Answer(200, json.dumps(services.token))
        if r.command == "GET":
            return Answer(403, x_ms_error_code="AuthorizationFailure")
        return Answer(200, "data", Content_MD5=md5)

    services.answer = answer
    assert client.same(URI, b"data", "a", **PRINCIPAL)
    assert services.verbs()[1:] == ["GET /store/box", "HEAD /store/box/x/a"]


def test_redirect_is_not_followed(client, services):
    from answers import Fake

    other = Fake()
    services.answer = lambda r: Answer(
        307, Location=other.url + r.path
    ) if r.path.startswith("/store") else Answer(
        200, json.dumps(services.token))
    assert "307" in client.refused(URI, b"data", "a", **PRINCIPAL)
    other.close()
    assert other.requests == []
