# SPDX-License-Identifier: MIT
"""Servers of files: pyftpdlib, and OpenSSH's own; paramiko and ftplib read."""

import ftplib
import getpass
import io
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import paramiko
import pytest
from driven import SECRET_MARK, free_port
from program import Program

PASSWORD = f"{SECRET_MARK}@pass/word:1"


class Ftp:
    scheme = "ftp"

    def __init__(self, directory: Path):
        self.port = free_port()
        self.root = directory / "root"
        self.root.mkdir()
        self.program = Program(directory, [
            sys.executable, Path(__file__).with_name("ftp_server.py"),
            self.port, self.root, PASSWORD,
        ])
        self.program.wait(self.connect)

    def connect(self):
        ftp = ftplib.FTP(encoding="utf-8")
        ftp.connect("127.0.0.1", self.port, timeout=10)
        ftp.login("me", PASSWORD)
        return ftp

    def uri(self, path):
        return (
            "ftp://me:" + PASSWORD.replace("@", "%40").replace("/", "%2F")
            + f"@127.0.0.1:{self.port}{path}"
        )

    def read(self, path) -> bytes:
        got = io.BytesIO()
        with self.connect() as ftp:
            ftp.retrbinary(f"RETR {path}", got.write)
        return got.getvalue()

    def names(self, path) -> list:
        with self.connect() as ftp:
            return sorted(n for n, _ in ftp.mlsd(path))


class Sftp:
    scheme = "sftp"

    def __init__(self, directory: Path):
        self.port = free_port()
        self.root = directory / "root"
        self.root.mkdir()
        self.base = directory
        for name in ("host", "user", "other"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                 directory / name], check=True,
            )
        shutil.copy(directory / "user.pub", directory / "authorized")
        (directory / "config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\n"
            f"HostKey {directory}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {directory}/authorized\nStrictModes no\n"
            "PasswordAuthentication no\nPermitRootLogin yes\n"
            "Subsystem sftp internal-sftp\n"
        )
        os.makedirs("/run/sshd", exist_ok=True)
        self.program = Program(directory, [
            shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin:/usr/local/sbin"),
            "-D", "-e", "-f", directory / "config",
        ])
        self.program.wait(
            lambda: socket.create_connection(("127.0.0.1", self.port), 5)
        )

    @property
    def known(self) -> str:
        kind, key = (self.base / "host.pub").read_text().split()[:2]
        return f"[127.0.0.1]:{self.port} {kind} {key}\n"

    def uri(self, path):
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.root}{path}"

    def client(self):
        transport = paramiko.Transport(("127.0.0.1", self.port))
        transport.connect(
            username=getpass.getuser(),
            pkey=paramiko.Ed25519Key.from_private_key_file(
                str(self.base / "user")
            ),
        )
        return transport

    def read(self, path) -> bytes:
        with self.client() as transport:
            sftp = paramiko.SFTPClient.from_transport(transport)
            got = io.BytesIO()
            sftp.getfo(f"{self.root}{path}", got)
            return got.getvalue()

    def names(self, path) -> list:
        with self.client() as transport:
            sftp = paramiko.SFTPClient.from_transport(transport)
            return sorted(sftp.listdir(f"{self.root}{path}"))

    def prepare(self, client, key="user", known=None):
        """A home as ssh wants it."""
        ssh = Path(client.env["HOME"]) / ".ssh"
        ssh.mkdir(mode=0o700, exist_ok=True)
        (ssh / "known_hosts").write_text(
            self.known if known is None else known
        )
        if key:
            shutil.copy(self.base / key, ssh / "id_ed25519")


@pytest.fixture(scope="session")
def ftp_server(tmp_path_factory):
    server = Ftp(tmp_path_factory.mktemp("ftp"))
    yield server
    server.program.close()


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory):
    server = Sftp(tmp_path_factory.mktemp("sftp"))
    yield server
    server.program.close()
