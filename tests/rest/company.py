# SPDX-License-Identifier: MIT
"""PostgreSQL behind a server and nginx before it, as companies have them."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from mlflow_server import VENVS, free_port

PATIENCE = 60
NGINX = """
daemon off;
{user}
worker_processes 1;
pid {dir}/nginx.pid;
error_log {dir}/error.log warn;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/f;
  uwsgi_temp_path {dir}/u;
  scgi_temp_path {dir}/s;
  log_format kept "$server_protocol $request_uri $status";
  access_log {dir}/access.log kept;
  client_max_body_size 1m;
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {dir}/server.pem;
    ssl_certificate_key {dir}/server.key;
    ssl_client_certificate {dir}/ca.pem;
    ssl_verify_client on;
    location /team/mlflow/ {{
      proxy_pass {upstream}/;
      proxy_set_header Host $host;
    }}
  }}
}}
"""


def newest(pattern):
    found = sorted(Path("/").glob(pattern))
    return str(found[-1]) if found else None


def tool(name):
    """PostgreSQL's programs are not in Debian's PATH."""
    for where in (
        newest(f"usr/lib/postgresql/*/bin/{name}"),
        shutil.which(name),
    ):
        if where:
            return where
    raise AssertionError(f"{name} is not installed: scripts/setup-rest")


class Postgres:
    """One database, reached by a socket; root may not run it."""

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="km-pg-"))
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.as_user = {}
        if os.geteuid() == 0:
            other = pwd.getpwnam("nobody")
            self.user = other.pw_name
            self.as_user = {
                "user": other.pw_uid,
                "group": other.pw_gid,
                "extra_groups": [],
            }
            os.chown(self.dir, other.pw_uid, other.pw_gid)
        self.process = None

    def _run(self, *argv):
        subprocess.run(
            [str(a) for a in argv], check=True, capture_output=True,
            cwd=self.dir, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            **self.as_user,
        )

    def start(self):
        data = self.dir / "data"
        self._run(tool("initdb"), "-D", data, "-A", "trust", "-E", "UTF8")
        with open(self.dir / "log", "wb") as log:
            self.process = subprocess.Popen(
                [tool("postgres"), "-D", data, "-k", self.dir, "-h", "",
                 "-F", "-c", "max_connections=20"],
                cwd=self.dir, stdout=log, stderr=log, **self.as_user,
            )
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._run(tool("createdb"), "-h", self.dir, "mlflow")
                return self
            except subprocess.CalledProcessError:
                assert time.monotonic() < end, (self.dir / "log").read_text()
                time.sleep(0.2)

    @property
    def uri(self):
        return f"postgresql+psycopg2://{self.user}@/mlflow?host={self.dir}"

    def tables(self):
        done = subprocess.run(
            [tool("psql"), "-h", self.dir, "-At", "mlflow", "-c",
             "select count(*) from runs"],
            capture_output=True, text=True, cwd=self.dir, **self.as_user,
        )
        return int(done.stdout)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)


def make_certificates(directory):
    """An authority; a server's certificate and a client's, of its making."""
    def openssl(*words):
        subprocess.run(
            ["openssl", *words], cwd=directory, check=True,
            capture_output=True,
        )

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj",
                f"/CN={name}", "-keyout", f"{name}.key", "-out",
                f"{name}.csr")
        (directory / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem",
                "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "ext", "-out", f"{name}.pem")
    (directory / "both.pem").write_text(
        (directory / "client.pem").read_text()
        + (directory / "client.key").read_text()
    )


class Nginx:
    def __init__(self, directory, upstream):
        self.dir = Path(directory)
        self.upstream = upstream
        self.port = free_port()
        self.process = None

    def start(self):
        make_certificates(self.dir)
        conf = self.dir / "nginx.conf"
        conf.write_text(
            NGINX.format(
                dir=self.dir, port=self.port, upstream=self.upstream,
                user="user root;" if os.geteuid() == 0 else "",
            )
        )
        binary = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        assert binary, "nginx is not installed: scripts/setup-rest"
        self.process = subprocess.Popen(
            [binary, "-p", self.dir, "-c", conf, "-e", self.dir / "error.log"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        return self

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}/team/mlflow"

    def log(self):
        return (self.dir / "access.log").read_text()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)


def packages():
    """Where scripts/setup-rest has put what MLflow's server needs."""
    found = list((VENVS / "company" / "lib").glob("python3*/site-packages"))
    assert found, "build/venv/company is missing: scripts/setup-rest"
    return str(found[0])
