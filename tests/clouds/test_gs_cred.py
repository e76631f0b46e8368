# SPDX-License-Identifier: MIT
"""Who we are for Google: by files, by the machine, or nobody."""

import json
import os
from urllib.parse import parse_qs

import pytest
from answers import Answer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from driven import SECRET_MARK
from google.auth import jwt

URI = "gs://buck/x"
MIB = 1 << 20


@pytest.fixture(scope="module")
def key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        ).decode(),
    )


@pytest.fixture
def store(client, fake):
    """Tokens at /token, objects elsewhere; everything noted."""
    client.env["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"] = fake.url
    client.env["NO_GCE_CHECK"] = "true"
    fake.token = {"access_token": f"{SECRET_MARK}-1", "expires_in": 3600}
    fake.answer = lambda r: (
        Answer(200, json.dumps(fake.token)) if r.path.startswith("/token")
        else Answer(200, "{}")
    )
    return fake


def service_account(store, key, **more):
    return {
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "key-7",
        "private_key": key[0],
        "client_email": "robot@p.iam.gserviceaccount.com",
        "token_uri": f"{store.url}/token",
        **more,
    }


def user(store, **more):
    return {
        "type": "authorized_user",
        "client_id": "app",
        "client_secret": f"{SECRET_MARK}+s",
        "refresh_token": f"{SECRET_MARK}/r",
        "token_uri": f"{store.url}/token",
        **more,
    }


def by_file(client, content, name="key.json"):
    if not isinstance(content, str):
        content = json.dumps(content)
    path = client.file(content.encode(), name)
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(path)}


def uploads(store):
    return [r for r in store.requests if r.path.startswith("/upload")]


def test_service_account(client, store, key):
    """A token for a claim that Google's own library verifies."""
    client.put(URI, b"x", "a", **by_file(client, service_account(store, key)))
    asked, sent = store.requests
    form = parse_qs(asked.body.decode())
    assert form["grant_type"] == [
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    ]
    assertion = form["assertion"][0]
    assert jwt.decode_header(assertion) == {
        "alg": "RS256", "typ": "JWT", "kid": "key-7",
    }
    claims = jwt.decode(assertion, certs=key[1].encode(), audience=f"{store.url}/token")
    assert claims["iss"] == "robot@p.iam.gserviceaccount.com"
    assert claims["scope"].endswith("/auth/devstorage.read_write")
    assert claims["exp"] - claims["iat"] == 3600
    assert sent.headers["Authorization"] == f"Bearer {SECRET_MARK}-1"


def test_user(client, store):
    content = user(store, quota_project_id="payer")
    client.put(URI, b"x", "a", **by_file(client, content))
    asked, sent = store.requests
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["refresh_token"],
        "client_id": ["app"],
        "client_secret": [f"{SECRET_MARK}+s"],
        "refresh_token": [f"{SECRET_MARK}/r"],
    }
    assert sent.headers["Authorization"] == f"Bearer {SECRET_MARK}-1"
    assert sent.headers["x-goog-user-project"] == "payer"


@pytest.mark.parametrize("variable", [False, True])
def test_gcloud(client, store, variable):
    home = client.base / "elsewhere" if variable else (
        client.base / "home/.config/gcloud")
    home.mkdir(parents=True)
    (home / "application_default_credentials.json").write_text(
        json.dumps(user(store))
    )
    env = {"CLOUDSDK_CONFIG": str(home)} if variable else {}
    client.put(URI, b"x", "a", **env)
    assert uploads(store)[0].headers["Authorization"]


def test_machine(client, store):
    path = "/computeMetadata/v1/instance/service-accounts/default/token"

    def answer(r):
        if r.path == path:
            assert r.headers["Metadata-Flavor"] == "Google"
            return Answer(200, json.dumps(store.token))
        return Answer(200, "{}")

    store.answer = answer
    host = store.url.split("//")[1]
    client.put(URI, b"x", "a", NO_GCE_CHECK=None, GCE_METADATA_HOST=host)
    assert uploads(store)[0].headers["Authorization"] == (
        f"Bearer {SECRET_MARK}-1")


def test_machine_is_silent(client, store):
    store.answer = lambda r: Answer(503)
    host = store.url.split("//")[1]
    said = client.refused(URI, b"x", "a", NO_GCE_CHECK=None,
                          GCE_METADATA_HOST=host)
    assert "metadata server" in said and "503" in said
    assert said.startswith("4:")  # worth trying again


def test_anonymous(client, store):
    client.put(URI, b"x", "a")
    assert "Authorization" not in store.requests[0].headers
    store.answer = lambda r: Answer(401, json.dumps({"error": {
        "code": 401, "message": "Anonymous caller does not have access",
        "errors": [{"reason": "required"}]}}))
    said = client.refused(URI, b"x", "a")
    assert "Anonymous caller" in said
    assert "GOOGLE_APPLICATION_CREDENTIALS" in said


def test_emulator_is_told_nothing(client, store):
    client.put(URI, b"x", "a", STORAGE_EMULATOR_HOST=store.url,
               **by_file(client, user(store)))
    assert len(store.requests) == 1
    assert "Authorization" not in store.requests[0].headers


def test_token_ends(client, store):
    """A new one, once; the file is sent again whole."""
    count = iter(range(1, 100))

    def answer(r):
        if r.path == "/token":
            return Answer(200, json.dumps(
                {**store.token, "access_token": f"t-{next(count)}"}))
        if r.headers["Authorization"] == "Bearer t-1":
            return Answer(401, json.dumps({"error": {
                "errors": [{"reason": "authError"}]}}))
        return Answer(200, "{}")

    store.answer = answer
    client.put(URI, b"whole", "a", **by_file(client, user(store)))
    assert uploads(store)[-1].headers["Authorization"] == "Bearer t-2"
    assert uploads(store)[-1].body == b"whole"
    store.answer = lambda r: answer(r) if r.path == "/token" else Answer(
        401, '{"error": {"errors": [{"reason": "authError"}]}}')
    said = client.refused(URI, b"x", "a", **by_file(client, user(store)))
    assert "does not take the credentials from" in said


def test_token_is_renewed_before_it_ends(client, store):
    store.token["expires_in"] = "60"
    done = client.call(
        URI, "put", client.file(b"1"), "a", "put", client.file(b"2"), "b",
        **by_file(client, user(store)),
    )
    assert done.returncode == 0, done.stderr
    assert [r.path[:7] for r in store.requests] == ["/token", "/upload"] * 2


def test_denied(client, store):
    answer = store.answer
    store.answer = lambda r: answer(r) if r.path == "/token" else Answer(
        403, json.dumps({"error": {
            "code": 403,
            "message": f"robot has no access; you sent {SECRET_MARK}-1",
            "errors": [{"reason": "forbidden"}]}}))
    said = client.refused(URI, b"x", "a", **by_file(client, user(store)))
    assert "storage.objects.create" in said and "you sent *" in said
    assert "key.json" in said


def test_token_refused(client, store):
    """What the service says is told, but for what we sent."""
    store.answer = lambda r: Answer(400, json.dumps({
        "error": "invalid_grant",
        "error_description": f"Bad {SECRET_MARK}/r, sorry"}))
    said = client.refused(URI, b"x", "a", **by_file(client, user(store)))
    assert "invalid_grant" in said and "Bad *, sorry" in said
    assert "GOOGLE_APPLICATION_CREDENTIALS" in said


@pytest.mark.parametrize(
    "content,word",
    [
        ("", "line 1"),
        ("[]", "'type' is missing"),
        ({"type": "external_account"}, "external_account"),
        ({"type": "authorized_user"}, "'client_id' is missing"),
        ({"type": "service_account"}, "'client_email' is missing"),
        ({"type": "service_account", "client_email": "e",
          "private_key": f"{SECRET_MARK}"}, "not a private key"),
        ({"type": "authorized_user", "token_uri": "http://far.example/"},
         "neither https"),
        ({"type": "authorized_user", "token_uri": "ftp://far.example/"},
         "'token_uri'"),
    ],
)
def test_bad_file(client, store, content, word):
    said = client.refused(URI, b"x", "a", **by_file(client, content))
    assert word in said and "GOOGLE_APPLICATION_CREDENTIALS" in said
    assert store.requests == []


def test_no_file(client, store):
    said = client.refused(URI, b"x", "a",
                          GOOGLE_APPLICATION_CREDENTIALS="/none/such")
    assert "/none/such" in said and store.requests == []


def test_never_in_the_clear(client, store):
    said = client.refused(
        URI, b"x", "a", CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE="http://far.example",
        **by_file(client, user(store)),
    )
    assert "neither https" in said


def test_session_stays_with_the_store(client, store):
    """An upload's address on another host is not followed there."""
    from answers import Fake

    other = Fake()
    answer = store.answer
    data = os.urandom(9 * MIB)

    def begin(r):
        if r.command == "POST" and r.path.startswith("/upload"):
            return Answer(200, Location=f"{other.url}/session?upload_id=1")
        return answer(r)

    store.answer = begin
    client.put(URI, data, "a", **by_file(client, user(store)))
    other.close()
    assert other.requests == []
    assert store.requests[-1].path == "/session?upload_id=1"
    assert store.requests[-1].body == data
