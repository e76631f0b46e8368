# SPDX-License-Identifier: MIT
"""What the installed program says and leaves, where a store refuses."""

import base64
import json
import uuid

import pytest
from answers import Answer
from driven import SECRET_MARK

def gs_secrets(client, fake):
    path = client.file(json.dumps({
        "type": "authorized_user",
        "client_id": "app",
        "client_secret": f"{SECRET_MARK}-client",
        "refresh_token": f"{SECRET_MARK}-refresh",
        "token_uri": f"{fake.url}/token",
    }).encode(), "key.json")
    return "gs://bucket/here", {
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": fake.url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(path),
    }


AZURE = "wasbs://box@account.blob.core.windows.net/here"


def azure_key(client, fake):
    return AZURE, {
        "AZURE_STORAGE_CONNECTION_STRING":
            "AccountName=account;BlobEndpoint=" + fake.url + ";AccountKey="
            + base64.b64encode(SECRET_MARK.encode()).decode()
    }


def azure_sas(client, fake):
    return AZURE, {
        "AZURE_STORAGE_SAS_TOKEN": f"sv=2021-12-02&sr=c&sig={SECRET_MARK}%3D",
        "AZURE_STORAGE_SERVICE_ENDPOINT": fake.url,
    }


def azure_principal(client, fake):
    return AZURE, {
        "AZURE_TENANT_ID": "token",
        "AZURE_CLIENT_ID": "app",
        "AZURE_CLIENT_SECRET": f"{SECRET_MARK}-client",
        "AZURE_AUTHORITY_HOST": fake.url,
        "AZURE_STORAGE_SERVICE_ENDPOINT": fake.url,
    }


SECRETS = {
    "azure key": azure_key,
    "azure principal": azure_principal,
    "azure signature": azure_sas,
    "gs": gs_secrets,
}


def echo(request):
    """A store that refuses, and shows all that it was sent."""
    if request.path.startswith("/token"):
        return Answer(200, json.dumps({
            "access_token": f"{SECRET_MARK}-token", "expires_in": 3600}))
    sent = " ".join(f"{k}={v}" for k, v in request.headers.items())
    return Answer(403, f"refused {request.path} {sent} "
                       f"{request.body.decode(errors='replace')}"
                       f"<Message>{request.path} {sent}</Message>")


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize("answer", ["echo", "hang up"])
def test_no_secret_is_left(project, fake, name, answer):
    """Neither in what is said, however loud, nor in any file of the run."""
    uri, env = SECRETS[name](project.client, fake)
    fake.answer = echo if answer == "echo" else lambda r: (
        echo(r) if r.path.startswith("/token") else Answer(0))
    project.artifacts_to(uri)
    _, said = project.exec(**env)
    assert "result.txt" in said
    for verb in (["sync", "-vv"], ["explain", "-vv"], ["sync"]):
        project.kmlflow(*verb, **env)
    assert any(r for r in fake.requests)
    for secret in (SECRET_MARK, base64.b64encode(SECRET_MARK.encode()).decode()):
        assert secret not in project.client.said
        assert project.holds(secret) == []


def holders(project) -> set:
    return {
        str(p.relative_to(project.root)).split("/")[0]
        for p in project.holds(SECRET_MARK)
    }


def test_password_of_a_uri(project, ftp_server):
    """It stands where its owner wrote it, and in the store; nowhere else."""
    project.artifacts_to(ftp_server.uri("/" + uuid.uuid4().hex))
    _, said = project.exec()
    project.kmlflow("explain", "-vv")
    assert SECRET_MARK not in project.client.said
    assert holders(project) <= {"conf", "mlruns"}


def test_wrong_password_of_a_uri(project, ftp_server):
    """While the run waits it is in its spool as well, for its owner alone."""
    project.artifacts_to(ftp_server.uri("/").replace("1@", "2@"))
    _, said = project.exec()
    assert "does not take what it was shown" in said
    project.kmlflow("sync", "-vv")
    project.kmlflow("explain", "-vv")
    assert SECRET_MARK not in project.client.said
    assert holders(project) <= {"conf", "mlruns", ".kmlflow"}
    for path in project.holds(SECRET_MARK):
        if ".kmlflow" in path.parts:
            assert "reports" not in path.parts
            assert path.parent.stat().st_mode & 0o077 == 0
