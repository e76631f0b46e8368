# SPDX-License-Identifier: MIT
"""Answers that real servers seldom give, and credentials from services."""

import base64
import hashlib
import json

import pytest
from conftest import SECRET_MARK
from answers import Answer, Fake, error

MIB = 1 << 20
URI = "s3://buck/x"


@pytest.fixture
def fake(client):
    fake = Fake()
    client.env["MLFLOW_S3_ENDPOINT_URL"] = fake.url
    yield fake
    fake.close()


def first(answer):
    """That answer to the first request, none to others."""
    left = [answer]
    return lambda request: left.pop() if left else None


@pytest.mark.parametrize(
    "answer",
    [
        error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-7"),
        error(301, "PermanentRedirect", "<Region>eu-west-7</Region>"),
        error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-7</Region>"),
    ],
)
def test_other_region(client, fake, answer):
    fake.answer = first(answer)
    client.put(URI, b"data", "a")
    one, two = fake.requests
    assert "/us-east-1/s3/" in one.headers["Authorization"]
    assert "/eu-west-7/s3/" in two.headers["Authorization"]
    assert two.body == b"data"


@pytest.mark.parametrize("status", [301, 307])
def test_other_host(client, fake, status):
    """Another's server gets nothing of ours."""
    other = Fake()
    fake.answer = lambda request: error(
        status, "TemporaryRedirect", Location=f"{other.url}/buck/x/a"
    )
    said = client.refused(URI, b"data", "a")
    other.close()
    assert other.requests == []
    assert "Redirect" in said


def test_redirects_without_end(client, fake):
    regions = iter(range(1000))
    fake.answer = lambda request: error(
        301, "PermanentRedirect", x_amz_bucket_region=f"r-{next(regions)}"
    )
    assert "PermanentRedirect" in client.refused(URI, b"data", "a")
    assert len(fake.requests) < 20


def test_busy(client, fake):
    fake.answer = first(error(503, "SlowDown"))
    client.put(URI, b"data", "a")
    assert len(fake.requests) == 2


def test_odd_etag(client, fake):
    """The store is asked by Content-MD5 what it has got."""
    fake.answer = first(Answer(ETag=f'"{"0" * 32}"'))
    client.put(URI, b"data", "a")
    one, two = fake.requests
    assert "Content-MD5" not in one.headers
    want = base64.b64encode(hashlib.md5(b"data").digest()).decode()
    assert two.headers["Content-MD5"] == want


def test_checksum_wanted(client, fake):
    fake.answer = first(
        Answer(400, "<Error><Code>InvalidRequest</Code><Message>Content-MD5 "
                    "HTTP header is required</Message></Error>")
    )
    client.put(URI, b"data", "a")
    assert "Content-MD5" in fake.requests[1].headers


def parts(request, bad):
    if request.verb.endswith("?uploads="):
        return Answer(200, "<R><UploadId>an+id/&amp;</UploadId></R>")
    return bad(request)


def test_part_refused(client, fake):
    fake.answer = lambda request: parts(
        request,
        lambda r: error(403, "AccessDenied") if "partNumber=2" in r.path
        else None,
    )
    said = client.refused(URI, bytes(17 * MIB), "a")
    assert "part 2" in said and "AccessDenied" in said
    assert fake.requests[-1].verb == "DELETE /buck/x/a?uploadId=an%2Bid%2F%26"


def test_error_behind_a_good_status(client, fake):
    fake.answer = lambda request: parts(
        request,
        lambda r: Answer(200, "<Error><Code>InternalError</Code></Error>")
        if r.command == "POST" else None,
    )
    said = client.refused(URI, bytes(9 * MIB), "a")
    assert "InternalError" in said
    assert fake.verbs()[-1] == "DELETE /buck/x/a"


def test_no_listing_allowed(client, fake):
    """Then each file is asked for."""
    etag = hashlib.md5(b"data").hexdigest()

    def answer(request):
        if request.command == "GET":
            return error(403, "AccessDenied")
        return Answer(200, "data", ETag=f'"{etag}"')

    fake.answer = answer
    assert client.same(URI, b"data", "a")
    assert fake.verbs() == ["GET /buck", "HEAD /buck/x/a"]


def test_junk(client, fake):
    fake.answer = lambda request: Answer(500, "\x1b[31m<Code>" + "A" * MIB)
    said = client.refused(URI, b"data", "a")
    assert "500" in said and len(said) < 2000
    fake.answer = lambda request: Answer(200, "<Contents><Key>x/a</Key>")
    assert not client.same(URI, b"data", "a")


def test_secret_sent_back(client, fake):
    fake.answer = lambda request: Answer(
        403, "<Error><Code>Odd</Code><Message>you sent "
        f"{request.headers['X-Amz-Security-Token']}</Message></Error>"
    )
    said = client.refused(URI, b"x", "a", AWS_SESSION_TOKEN=SECRET_MARK)
    assert "you sent *" in said


# --- services --------------------------------------------------------------

KEYS = {
    "AccessKeyId": "AKSERVICE",
    "SecretAccessKey": SECRET_MARK,
    "Token": "token-1",
    "Expiration": "2999-01-01T00:00:00Z",
}


@pytest.fixture
def nobody(client):
    del client.env["AWS_ACCESS_KEY_ID"], client.env["AWS_SECRET_ACCESS_KEY"]
    return client


def check_signed(request, token="token-1"):
    assert "Credential=AKSERVICE/" in request.headers["Authorization"]
    assert "x-amz-security-token" in request.headers["Authorization"]
    assert request.headers["X-Amz-Security-Token"] == token


def test_container(nobody, fake, tmp_path):
    (tmp_path / "token").write_text("let me in\n")
    fake.answer = lambda r: (
        Answer(200, json.dumps(KEYS)) if r.path == "/keys" else None
    )
    nobody.put(
        URI, b"x", "a",
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{fake.url}/keys",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"),
    )
    assert fake.requests[0].headers["Authorization"] == "let me in"
    check_signed(fake.requests[1])


def test_renewed(nobody, fake):
    """Temporary credentials that end in the middle."""
    count = iter(range(1, 100))

    def answer(r):
        if r.path == "/keys":
            return Answer(200, json.dumps({**KEYS, "Token": f"t-{next(count)}"}))
        if r.headers["X-Amz-Security-Token"] == "t-1":
            return error(400, "ExpiredToken")
        return None

    fake.answer = answer
    nobody.put(
        URI, b"x", "a", AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{fake.url}/keys"
    )
    check_signed(fake.requests[-1], "t-2")


def test_machine(nobody, fake):
    path = "/latest/meta-data/iam/security-credentials/"

    def answer(r):
        if r.path == "/latest/api/token":
            assert r.command == "PUT"
            return Answer(200, "session")
        if r.path.startswith("/latest"):
            assert r.headers["X-aws-ec2-metadata-token"] == "session"
        if r.path == path:
            return Answer(200, "the-role\n")
        if r.path == f"{path}the-role":
            return Answer(200, json.dumps(KEYS))
        return None

    fake.answer = answer
    nobody.put(
        URI, b"x", "a", AWS_EC2_METADATA_DISABLED=None,
        AWS_EC2_METADATA_SERVICE_ENDPOINT=fake.url,
    )
    check_signed(fake.requests[-1])


def test_web_identity(nobody, fake, tmp_path):
    (tmp_path / "jwt").write_text("a.b+c")
    xml = (
        "<R><Credentials><AccessKeyId>AKSERVICE</AccessKeyId>"
        f"<SecretAccessKey>{SECRET_MARK}</SecretAccessKey>"
        "<SessionToken>token-1</SessionToken>"
        "<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></R>"
    )
    fake.answer = lambda r: Answer(200, xml) if r.path == "/" else None
    env = dict(
        AWS_WEB_IDENTITY_TOKEN_FILE=str(tmp_path / "jwt"),
        AWS_ROLE_ARN="arn:aws:iam::1:role/r",
        AWS_ENDPOINT_URL_STS=fake.url,
    )
    nobody.put(URI, b"x", "a", **env)
    body = fake.requests[0].body.decode()
    assert "WebIdentityToken=a.b%2Bc" in body
    assert "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr" in body
    check_signed(fake.requests[1])
    fake.answer = lambda r: error(403, "InvalidIdentityToken")
    said = nobody.refused(URI, b"x", "a", **env)
    assert "InvalidIdentityToken" in said and "AWS_ROLE_ARN" in said
