# SPDX-License-Identifier: MIT
"""Secrets of twenty kinds, planted where people leave them, found nowhere."""

import json
import random
import string
from pathlib import Path

import pytest

_chance = random.Random(11)


def chance(n: int, letters=string.ascii_letters + string.digits) -> str:
    return "".join(_chance.choice(letters) for _ in range(n))


# By what is said of each.  Values are not to be found whole anywhere.
SECRETS = {
    "flag and word": "f1" + chance(14),
    "flag=value": "f2" + chance(14),
    "variable before the command": "f3" + chance(14),
    "variable of ours, bare in argv": "f4" + chance(14),
    "variable of ours, in a param": "f5" + chance(14),
    "variable of ours, in a tag": "f6" + chance(14),
    "userinfo of a URL in argv": "f7" + chance(14),
    "userinfo of a URL in parameters": "f8" + chance(14),
    "userinfo of the store": "f9" + chance(14),
    "header in argv": "g1" + chance(20),
    "key in parameters": "g2" + chance(14),
    "key deep in parameters": "g3" + chance(14),
    "key of --param": "g4" + chance(14),
    "key of --tag": "g5" + chance(14),
    "key in a params file": "g6" + chance(14),
    "text of --note": "g7" + chance(14),
    "name of the run": "g8" + chance(14),
    "credentials.yml": "g9" + chance(14),
    "git's remote": "h1" + chance(14),
    "CI's address": "h2" + chance(14),
    "GitHub's token": "ghp_" + chance(36),
    "GitLab's token": "glpat-" + chance(20),
    "AWS' key": "AKIA" + chance(16, string.ascii_uppercase),
    "Slack's token": "xoxb-" + chance(24),
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9." + chance(40) + "." + chance(20),
    "Hugging Face's token": "hf_" + chance(34),
    "OpenAI's key": "sk-" + chance(40),
    "run context": "h3" + chance(14),
    "a private key": "MIIEvQ" + chance(60),
    "a kedro parameter": "h4" + chance(14),
}
S = SECRETS


def everything(root: Path, planted: set) -> dict:
    """Path → bytes of all that is left below a directory."""
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and p not in planted and ".git/" not in str(p)
    }


def found(texts: dict) -> list:
    """Which secret is where, also split by what quotes or escapes do."""
    hits = []
    for where, text in texts.items():
        for kind, secret in SECRETS.items():
            core = secret.encode()
            if core in text or core[-16:] in text:
                hits.append(f"{kind}: {where}")
    return hits


@pytest.fixture
def leaky(project):
    """A project whose owner did everything wrong, and what he planted."""
    shell = project.write("run.sh", "echo ok >data/result.txt\n")
    key = (
        "-----BEGIN PRIVATE KEY-----\n"
        + S["a private key"]
        + "\n-----END PRIVATE KEY-----\n"
    )
    parameters = project.write(
        "conf/base/parameters.yml",
        f"db_url: postgresql://me:{S['userinfo of a URL in parameters']}@h/db\n"
        f"api_key: {S['key in parameters']}\n"
        "service:\n  login:\n    password: "
        f"{S['key deep in parameters']}\n"
        f"plain: {S['variable of ours, in a param']}\n"
        f"hub: {S['Hugging Face' + chr(39) + 's token']}\n"
        "pem: |\n  " + key.replace("\n", "\n  ") + "\n",
    )
    more = project.write("more.yml", f"secret: {S['key in a params file']}\n")
    credentials = project.write(
        "conf/local/credentials.yml",
        f"store:\n  MLFLOW_TRACKING_PASSWORD: {S['credentials.yml']}\n",
    )
    mlflow = project.write(
        "conf/base/mlflow.yml",
        "server:\n  mlflow_tracking_uri: mlruns\n  credentials: store\n",
    )
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    for words in (
        ["init", "-q"],
        ["remote", "add", "origin", f"https://u:{S['git' + chr(39) + 's remote']}@h/r"],
        ["add", "run.sh"],
        ["commit", "-qm", "x"],
    ):
        project.call(*git, *words)
    project.env.update(
        DB_PASSWORD=S["variable of ours, bare in argv"],
        SERVICE_TOKEN=S["variable of ours, in a param"],
        MY_SECRET=S["variable of ours, in a tag"],
        GITLAB_CI="true",
        CI_JOB_URL=f"https://ci:{S['CI' + chr(39) + 's address']}@h/1",
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(project.dir / "summary.md"),
        GITHUB_OUTPUT=str(project.dir / "output"),
        MLFLOW_RUN_CONTEXT='{"ctx": "token=%s"}' % S["run context"],
    )
    project.planted = {shell, parameters, more, credentials, mlflow}
    return project


def options() -> list:
    return [
        "-vv", "-P", "more.yml",
        "-p", f"access_token={S['key of --param']}",
        "-t", f"deploy.password={S['key of --tag']}",
        "-t", f"why=see {S['variable of ours, in a tag']}",
        "-m", f"login with password: {S['text of --note']}",
        "-n", f"night token={S['name of the run']}",
        "--report", "report.json", "--report-dotenv", "run.env",
        "--report-metrics", "metrics.txt",
    ]  # fmt: skip


def command() -> list:
    quote = chr(39)
    return [
        "env", f"API_TOKEN={S['variable before the command']}",
        "sh", "run.sh", "--password", S["flag and word"],
        f"--auth-token={S['flag=value']}", S["variable of ours, bare in argv"],
        f"ftp://me:{S['userinfo of a URL in argv']}@h/x",
        "-H", f"Authorization: Bearer {S['header in argv']}",
        *(S[k + quote + rest] for k, rest in (
            ("GitHub", "s token"), ("GitLab", "s token"), ("AWS", " key"),
            ("Slack", "s token"), ("OpenAI", "s key"),
        )),
        S["a JSON web token"],
        "--params", f"secret={S['a kedro parameter']}",
    ]  # fmt: skip


def said(result, name: str) -> dict:
    return {
        f"{name}: stdout": result.stdout.encode(),
        f"{name}: stderr": result.stderr.encode(),
    }


def images_of(project) -> list:
    """What the library has written, of runs that are still in spools."""
    records = (project.dir / ".kmlflow").glob("*/run.json")
    paths = [json.loads(r.read_text()).get("image") for r in records]
    return [Path(p) for p in paths if p and Path(p).exists()]


def look(project, texts: dict):
    texts = dict(texts)
    for words in (
        ["explain"], ["explain", "--json"], ["config", "list", "--show-origin"],
        ["config", "list", "--json"], ["spool", "list", "--json"],
        ["sync", "--dry-run"],
    ):  # fmt: skip
        texts.update(said(project.call("kmlflow", *words), " ".join(words)))
    texts.update(everything(project.base, project.planted))
    for image in images_of(project):
        texts[str(image)] = image.read_bytes()
    assert found(texts) == []


def test_nothing_of_a_run_tells_a_secret(leaky):
    assert len(SECRETS) >= 20
    result = leaky.exec(*command(), options=options())
    assert result.returncode == 0, result.stderr
    assert "result.txt" in leaky.run().artifacts
    look(leaky, said(result, "exec"))
    plan = leaky.exec(*command(), options=[*options(), "--dry-run", "--json"])
    look(leaky, said(plan, "dry run"))


def test_nothing_of_a_spool_tells_a_secret(leaky):
    offline = leaky.exec(*command(), options=[*options(), "--mode", "offline"])
    assert offline.returncode == 0
    look(leaky, said(offline, "offline"))
    sent = leaky.call("kmlflow", "sync")
    assert sent.returncode == 0, sent.stderr
    look(leaky, said(sent, "sync"))


def test_a_server_that_is_not_there_is_named_without_its_password(leaky):
    uri = f"http://me:{S['userinfo of the store']}@127.0.0.1:9"
    leaky.env["KMLFLOW_TRACKING_URI"] = uri
    result = leaky.exec(*command(), options=options())
    assert result.returncode == 0 and "127.0.0.1:9" in result.stderr
    look(leaky, said(result, "exec"))
    strict = leaky.exec(*command(), options=[*options(), "--strict"])
    assert strict.returncode == 125
    look(leaky, said(strict, "strict"))


def test_a_broken_file_is_told_without_what_is_in_it(leaky):
    for name in "conf/base/parameters.yml", "conf/local/credentials.yml":
        path = leaky.dir / name
        whole = path.read_text()
        path.write_text(whole + "] broken: {[\n")
        result = leaky.exec(*command(), options=options())
        assert result.returncode == 125 and name in result.stderr
        look(leaky, said(result, name))
        path.write_text(whole)
