# SPDX-License-Identifier: MIT
"""A server as companies run it: PostgreSQL, users, nginx, TLS, a prefix."""

import base64
import json
import subprocess
import sys
import urllib.request

import pytest
from company import Nginx, Postgres, packages
from mlflow_server import MlflowServer

READ = """
import json, sys
from mlflow.tracking import MlflowClient
client = MlflowClient()
found = client.get_experiment_by_name(sys.argv[1])
runs = client.search_runs([found.experiment_id])
print(json.dumps([{
    "id": r.info.run_id, "status": r.info.status, "params": r.data.params,
    "tags": r.data.tags, "metrics": r.data.metrics} for r in runs]))
if len(sys.argv) > 2:
    client.download_artifacts(runs[0].info.run_id, "", sys.argv[2])
"""


# Past nginx, as its administrator.
PLAIN = {
    "MLFLOW_TRACKING_SERVER_CERT_PATH": None,
    "MLFLOW_TRACKING_CLIENT_CERT_PATH": None,
}


@pytest.fixture(scope="module")
def postgres():
    p = Postgres()
    try:
        yield p.start()
    finally:
        p.stop()


@pytest.fixture(scope="module")
def server(postgres, tmp_path_factory):
    s = MlflowServer(
        "newest", tmp_path_factory.mktemp("company"),
        "--app-name", "basic-auth",
        env={
            "PYTHONPATH": packages(),
            "MLFLOW_AUTH_ADMIN_PASSWORD": "of-a-company-1",
        },
    )
    s.backend = postgres.uri
    try:
        s.start()
        # The first that is made takes long: not what is tested.
        ask = urllib.request.Request(
            s.url + "/api/2.0/mlflow/experiments/create",
            b'{"name": "first"}',
            {"Content-Type": "application/json",
             "Authorization": "Basic " + base64.b64encode(
                 b"admin:of-a-company-1").decode()},
        )
        urllib.request.urlopen(ask, timeout=60)
        yield s
    finally:
        s.stop()


@pytest.fixture(scope="module")
def nginx(server, tmp_path_factory):
    n = Nginx(tmp_path_factory.mktemp("nginx"), server.url)
    try:
        yield n.start()
    finally:
        n.stop()


@pytest.fixture
def box(nginx, make_box):
    return make_box(
        nginx.url + "/",
        # Passwords are slow to check, by design.
        KMLFLOW_START_TIMEOUT="30",
        MLFLOW_HTTP_REQUEST_TIMEOUT="60",
        MLFLOW_TRACKING_USERNAME="admin",
        MLFLOW_TRACKING_PASSWORD="of-a-company-1",
        MLFLOW_TRACKING_SERVER_CERT_PATH=str(nginx.dir / "ca.pem"),
        MLFLOW_TRACKING_CLIENT_CERT_PATH=str(nginx.dir / "both.pem"),
    )


def read(box, experiment, into=""):
    done = box.call(sys.executable, "-c", READ, experiment,
                    *([into] if into else []))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_all_of_it(postgres, nginx, box, experiment, tmp_path):
    before = postgres.tables()
    script = "mkdir -p d; echo x >f; printf 'ä' >'d/ö b'; exit 3"
    done = box.exec(
        "sh", "-c", script,
        options=["-e", experiment, "-p", "Größe=🙂'\"\\", "-t", "t=%s",
                 "-a", "f", "-a", "d/"],
    )
    assert done.returncode == 3, done.stderr
    assert "warning" not in done.stderr
    assert postgres.tables() == before + 1
    into = tmp_path / "into"
    into.mkdir()
    (run,) = read(box, experiment, into)
    assert run["status"] == "FAILED"
    assert run["params"] == {"Größe": "🙂'\"\\"}
    assert run["tags"]["t"] == "%s"
    assert run["tags"]["mlflow.user"] == "admin"
    assert run["metrics"]["kmlflow/wall_seconds"] > 0
    assert (into / "f").read_bytes() == b"x\n"
    assert (into / "d" / "ö b").read_text() == "ä"
    assert not box.spools()


def test_over_http_2(nginx, box, experiment):
    """What nginx offers is taken, where this libcurl knows it."""
    assert box.exec("true", options=["-e", experiment]).returncode == 0
    version = subprocess.run(["curl", "-V"], capture_output=True, text=True)
    if "HTTP2" in version.stdout:
        assert "HTTP/2.0 /team/mlflow/api/" in nginx.log()


def test_a_param_that_is_there_with_another_value(nginx, box, experiment):
    """PostgreSQL takes a batch whole or not at all."""
    client = (
        "import mlflow\nwith mlflow.start_run():\n"
        "    mlflow.log_params({'a': 'theirs', 'c': 3})\n"
    )
    box.write("c.py", client)
    done = box.exec(
        sys.executable, "c.py",
        options=["-e", experiment, "-p", "a=ours", "-p", "b=2"],
    )
    assert done.returncode == 0, done.stderr
    (run,) = read(box, experiment)
    assert run["params"] == {"a": "theirs", "b": "2", "c": "3"}
    assert run["status"] == "FINISHED"


@pytest.mark.parametrize(
    "env, says",
    [
        ({"MLFLOW_TRACKING_PASSWORD": "wr0ng"}, "wrong or has expired"),
        ({"MLFLOW_TRACKING_SERVER_CERT_PATH": None},
         "MLFLOW_TRACKING_SERVER_CERT_PATH"),
        ({"MLFLOW_TRACKING_CLIENT_CERT_PATH": None}, "certificate"),
        ({"MLFLOW_TRACKING_URI": "/nothing"}, "the path in it right?"),
    ],
)
def test_what_does_not_fit(nginx, box, experiment, env, says):
    uri = env.get("MLFLOW_TRACKING_URI")
    if uri:
        env = {"MLFLOW_TRACKING_URI": nginx.url.replace("/team", uri)}
    done = box.exec("true", options=["-e", experiment], env=env)
    assert done.returncode == 125, done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_insecure_when_asked(nginx, box, experiment):
    env = {
        "MLFLOW_TRACKING_SERVER_CERT_PATH": None,
        "MLFLOW_TRACKING_INSECURE_TLS": "true",
    }
    done = box.exec("true", options=["-e", experiment], env=env)
    assert done.returncode == 0, done.stderr


def test_a_file_that_nginx_does_not_take(nginx, box, experiment):
    script = "echo x >f; head -c 3000000 /dev/zero >big"
    done = box.exec(
        "sh", "-c", script, options=["-e", experiment, "-a", "f", "-a", "big"]
    )
    assert done.returncode == 0
    assert "client_max_body_size" in done.stderr
    assert len(box.spools()) == 1
    (run,) = read(box, experiment)
    assert run["status"] == "FINISHED"


def test_a_user_who_may_only_read(server, nginx, box, experiment):
    assert box.exec("true", options=["-e", experiment]).returncode == 0
    code = (
        "from mlflow.server.auth.client import AuthServiceClient as C\n"
        f"C('{server.url}').create_user('reader{experiment}', 'pw-12345-xyz')"
    )
    made = box.call(sys.executable, "-c", code,
                    env={**PLAIN, "PYTHONPATH": packages()})
    assert made.returncode == 0, made.stderr
    done = box.exec(
        "true", options=["-e", experiment],
        env={"MLFLOW_TRACKING_USERNAME": f"reader{experiment}",
             "MLFLOW_TRACKING_PASSWORD": "pw-12345-xyz"},
    )
    assert done.returncode == 125
    assert "403" in done.stderr and "may not do that" in done.stderr
    assert "pw-12345" not in done.stderr
