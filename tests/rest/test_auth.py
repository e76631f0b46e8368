# SPDX-License-Identifier: MIT
"""Who we say we are, and to whom; TLS, IPv6, proxies."""

import base64
import ssl
import subprocess
import sys

import pytest
from conftest import artifacts, read, the_run
from mlflow_server import MlflowServer
from server import Server

CREDENTIALS = """
[other]
mlflow_tracking_username = nobody
[mlflow]
# a comment
MLFLOW_TRACKING_USERNAME: filed
mlflow_tracking_password = p%%w=x
"""
NETRC = "machine 127.0.0.1 login netty password np4ss\n"


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def sent(proxy, name="Authorization"):
    values = {s.headers.get(name) for s in proxy.seen}
    assert len(values) == 1, values
    return values.pop()


@pytest.mark.parametrize(
    "env, userinfo, files, want",
    [
        ({}, "", (), None),
        ({"USERNAME": "u", "PASSWORD": "pä"}, "", (), basic("u", "pä")),
        (
            {"USERNAME": "u", "PASSWORD": "p", "TOKEN": "t"},
            "",
            ("netrc",),
            basic("u", "p"),
        ),
        ({"USERNAME": "u", "TOKEN": "t"}, "", (), "Bearer t"),
        ({"TOKEN": "t\n"}, "", ("netrc",), "Bearer t"),
        ({}, "", ("credentials", "netrc"), basic("filed", "p%w=x")),
        ({"TOKEN": "t"}, "", ("credentials",), basic("filed", "p%w=x")),
        ({"PASSWORD": "mine"}, "", ("credentials",), basic("filed", "mine")),
        ({"TOKEN": "t"}, "me:p%40ss@", (), basic("me", "p@ss")),
        ({}, "", ("netrc",), basic("netty", "np4ss")),
    ],
)
def test_the_first_that_is_there_counts(
    proxy, make_box, experiment, env, userinfo, files, want
):
    url = proxy.url.replace("://", "://" + userinfo)
    box = make_box(url, **{f"MLFLOW_TRACKING_{k}": v for k, v in env.items()})
    if "credentials" in files:
        (box.home / ".mlflow").mkdir()
        (box.home / ".mlflow" / "credentials").write_text(CREDENTIALS)
    if "netrc" in files:
        (box.home / ".netrc").write_text(NETRC)
        (box.home / ".netrc").chmod(0o600)
    done = box.exec("sh", "-c", "echo x >f", options=["-e", experiment, "-a",
                                                      "f"])
    assert done.returncode == 0, done.stderr
    assert sent(proxy) == want
    assert "Origin" not in proxy.seen[0].headers
    assert proxy.seen[0].headers["User-Agent"].startswith("kmlflow/")


def test_a_workspace_is_named(proxy, make_box, experiment):
    box = make_box(proxy.url, MLFLOW_WORKSPACE="team-a")
    box.exec("true", options=["-e", experiment])
    assert sent(proxy, "X-MLFLOW-WORKSPACE") == "team-a"


@pytest.mark.parametrize(
    "variable, value, says",
    [
        ("MLFLOW_TRACKING_TOKEN", "a\nX-Evil: 1", "control character"),
        ("MLFLOW_TRACKING_AWS_SIGV4", "true", "does not sign"),
        ("MLFLOW_TRACKING_AUTH", "kubernetes", "plugin"),
        ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "many", "must be a number"),
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", "-1", "must be a number"),
        ("MLFLOW_ALLOW_HTTP_REDIRECTS", "perhaps", "true or false"),
        ("MLFLOW_TRACKING_URI", "http://", "names no host"),
        ("MLFLOW_TRACKING_URI", "http://h:99999", "wrong port"),
        ("MLFLOW_TRACKING_URI", "http://h/?token=pw-x", "query"),
        ("MLFLOW_TRACKING_URI", "http://u:pw-x@h h/", "space"),
        ("MLFLOW_TRACKING_URI", "https//h", ""),
    ],
)
def test_what_makes_no_sense_is_refused(
    proxy, make_box, experiment, variable, value, says
):
    box = make_box(proxy.url)
    box.env[variable] = value
    if variable == "MLFLOW_TRACKING_URI" and not value.startswith("http:"):
        return
    done = box.exec("true", options=["-e", experiment])
    assert done.returncode == 125
    assert says in done.stderr
    assert "pw-x" not in done.stderr
    assert "Evil" not in done.stderr
    assert not proxy.seen


def test_a_server_that_knows_its_users(tmp_path, make_box, experiment):
    """MLflow's own basic-auth app."""
    server = MlflowServer("2", tmp_path / "s", "--app-name", "basic-auth")
    server.start()
    try:
        box = make_box(server.url)
        done = box.exec("true", options=["-e", experiment])
        assert done.returncode == 125
        assert "401" in done.stderr
        assert "MLFLOW_TRACKING_USERNAME" in done.stderr
        box.env["MLFLOW_TRACKING_USERNAME"] = "admin"
        box.env["MLFLOW_TRACKING_PASSWORD"] = "wrong"
        done = box.exec("true", options=["-e", experiment])
        assert "wrong or has expired" in done.stderr
        box.env["MLFLOW_TRACKING_PASSWORD"] = "password1234"
        done = box.exec(
            "sh", "-c", "echo x >f", options=["-e", experiment, "-a", "f"]
        )
        assert done.returncode == 0, done.stderr
        url = server.url.replace("://", "://admin:password1234@")
        run = the_run(url, experiment)
        assert run.info.status == "FINISHED"
        assert artifacts(url, run.info.run_id, tmp_path / "a")["f"] == b"x\n"
    finally:
        server.stop()


# --- TLS ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Self-signed, for 127.0.0.1: certificate and key in one file."""
    directory = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=directory, check=True, capture_output=True,
    )
    both = directory / "both.pem"
    both.write_text(
        (directory / "cert.pem").read_text()
        + (directory / "key.pem").read_text()
    )
    return both


def test_certificates(newest, certificate, make_box, experiment):
    with Server(newest.url, tls=certificate) as p:
        box = make_box(p.url)
        run = ["true"]
        options = ["-e", experiment]
        done = box.exec(*run, options=options)
        assert done.returncode == 125
        assert "MLFLOW_TRACKING_SERVER_CERT_PATH" in done.stderr
        trust = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(certificate)}
        done = box.exec(*run, options=options, env=trust)
        assert done.returncode == 0, done.stderr
        done = box.exec(
            *run, options=options, env={"REQUESTS_CA_BUNDLE": str(certificate)}
        )
        assert done.returncode == 0, done.stderr
        # The certificate is for another name.
        box.env["MLFLOW_TRACKING_URI"] = p.url.replace("127.0.0.1", "localhost")
        done = box.exec(*run, options=options, env=trust)
        assert done.returncode == 125
        insecure = {"MLFLOW_TRACKING_INSECURE_TLS": "true"}
        done = box.exec(*run, options=options, env=insecure)
        assert done.returncode == 0, done.stderr
        done = box.exec(*run, options=options, env={**insecure, **trust})
        assert done.returncode == 125
        gone = {"MLFLOW_TRACKING_SERVER_CERT_PATH": "/no/such/file"}
        done = box.exec(*run, options=options, env=gone)
        assert done.returncode == 125
    assert len(read(newest.url, experiment=experiment)) == 3


def test_a_client_certificate(newest, certificate, make_box, experiment):
    with Server(newest.url, tls=certificate) as p:
        context = p.socket.context
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate)
        box = make_box(p.url, MLFLOW_TRACKING_SERVER_CERT_PATH=certificate)
        box.env = {k: str(v) for k, v in box.env.items()}
        done = box.exec("true", options=["-e", experiment, "--strict"])
        assert done.returncode == 125
        box.env["MLFLOW_TRACKING_CLIENT_CERT_PATH"] = str(certificate)
        done = box.exec("true", options=["-e", experiment, "--strict"])
        assert done.returncode == 0, done.stderr


def test_https_to_a_port_that_speaks_http(proxy, make_box, experiment):
    box = make_box(proxy.url.replace("http:", "https:"))
    done = box.exec("true", options=["-e", experiment, "--strict"])
    assert done.returncode == 125
    assert "does this port speak https?" in done.stderr


def test_a_redirect_to_an_unencrypted_server_is_refused(
    newest, proxy, certificate, make_box, experiment
):
    from server import Answer

    with Server(newest.url, tls=certificate) as p:
        p.fail(".*", "/", "redirect", times=9,
               answer=Answer(301, b"", {"Location": proxy.url}))
        box = make_box(p.url, MLFLOW_TRACKING_INSECURE_TLS="true")
        done = box.exec("true", options=["-e", experiment])
    assert done.returncode == 125
    assert "unencrypted" in done.stderr
    assert not proxy.seen


# --- ways -------------------------------------------------------------------


def test_ipv6(newest, make_box, experiment):
    try:
        p = Server(newest.url, host="::1")
    except OSError:
        pytest.skip("no IPv6 here")
    with p:
        box = make_box(p.url)
        done = box.exec("true", options=["-e", experiment])
        assert done.returncode == 0, done.stderr
        assert len(p.seen) >= 3


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_from_the_environment(
    newest, proxy, make_box, experiment, name
):
    """A proxy gets the whole URL; the host behind it need not be known."""
    box = make_box("http://mlflow.invalid:5000", **{name: proxy.url})
    done = box.exec("true", options=["-e", experiment])
    assert proxy.seen[0].path.startswith("http://mlflow.invalid:5000/api/")
    del done
    box.env["no_proxy"] = "mlflow.invalid"
    proxy.seen.clear()
    box.exec("true", options=["-e", experiment])
    assert not proxy.seen


def test_no_library_for_a_local_run(make_box, bindir, tmp_path):
    """Neither libcurl nor a TLS library, unless a server is talked to."""
    libraries = ("libcurl", "libssl", "libcrypto", "libgnutls", "libnghttp2")
    needed = subprocess.run(
        ["ldd", bindir / "kmlflow"], capture_output=True, text=True
    ).stdout
    box = make_box(str(tmp_path / "mlruns"), LD_DEBUG="files")
    box.env["LD_DEBUG_OUTPUT"] = str(tmp_path / "loaded")
    done = box.exec("sh", "-c", "echo x >f", options=["-a", "f"])
    assert done.returncode == 0, done.stderr
    loaded = "".join(p.read_text() for p in tmp_path.glob("loaded*"))
    assert "libc.so" in loaded
    for library in libraries:
        assert library not in needed
        assert library not in loaded


def test_nothing_is_left_open_for_the_command(newest, make_box, experiment):
    """CMD inherits no connection."""
    box = make_box(newest.url)
    script = "import os; print([os.readlink(f'/proc/self/fd/{f}') for f in " \
             "os.listdir('/proc/self/fd') if int(f) > 2 and " \
             "os.path.exists(f'/proc/self/fd/{f}')])"
    plain = box.call(sys.executable, "-c", script).stdout
    done = box.exec(sys.executable, "-c", script, options=["-e", experiment])
    assert "socket" not in done.stdout
    assert done.stdout.count(",") <= plain.count(",")


def test_sync_asks_the_project_for_its_secrets(newest, make_box, experiment):
    """They are not in the spool, and not for another project's server."""
    gone = Server(newest.url)
    gone.stop()
    box = make_box(gone.url)
    del box.env["MLFLOW_TRACKING_URI"]
    box.write("pyproject.toml", '[tool.kedro]\npackage_name = "demo"\n')
    box.write("conf/base/catalog.yml", "{}\n")
    box.write(
        "conf/local/credentials.yml",
        "team:\n  MLFLOW_TRACKING_TOKEN: tok-5ecret\n",
    )

    def configure(url):
        box.write(
            "conf/base/mlflow.yml",
            f"server:\n  mlflow_tracking_uri: {url}\n  credentials: team\n",
        )

    configure(gone.url)
    assert box.exec("true", options=["-e", experiment]).returncode == 0
    (spool,) = box.spools()
    text = (spool / "run.json").read_text()
    assert "tok-5ecret" not in text
    with Server(newest.url) as p:
        (spool / "run.json").write_text(text.replace(gone.url, p.url))
        assert box.call("kmlflow", "sync").returncode == 0
        assert sent(p) == "Bearer tok-5ecret"
        # Userinfo of the configuration comes before the token.
        configure(p.url.replace("://", "://me:hunter2pass@"))
        p.fail(".*", "experiments", "cut_before", times=99)
        assert box.exec("true", options=["-e", experiment]).returncode == 0
        (spool,) = box.spools()
        assert "hunter2pass" not in (spool / "run.json").read_text()
        p.faults.clear()
        p.seen.clear()
        assert box.call("kmlflow", "sync").returncode == 0
        assert sent(p) == basic("me", "hunter2pass")
    assert len(read(newest.url, experiment=experiment)) == 2
