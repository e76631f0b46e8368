# SPDX-License-Identifier: MIT
"""Files that we make on servers of files, read back by others' clients."""

import getpass
import os
import shutil
import socket
import threading
import uuid
from pathlib import Path

import pytest
from driven import SECRET_MARK
from names import BACKSLASH, NAMES

MIB = 1 << 20


@pytest.fixture(params=["ftp_server", "sftp_server"])
def server(request, client):
    server = request.getfixturevalue(request.param)
    if server.scheme == "sftp":
        server.prepare(client)
    server.dir = f"/{uuid.uuid4().hex[:8]}/run/artifacts"
    return server


def left(server) -> list:
    """What lies around of files that were on their way."""
    return [p for p in server.root.rglob("*") if ".kmlflow-" in p.name]


@pytest.mark.parametrize("name", [*NAMES, BACKSLASH, "-dash", "~"])
def test_names(client, server, name):
    client.put(server.uri(server.dir), name.encode(), name)
    assert server.read(f"{server.dir}/{name}") == name.encode()
    assert left(server) == []


@pytest.mark.parametrize("size", [0, 1, 9 * MIB + 7])
def test_sizes(client, server, size):
    data = os.urandom(size)
    client.put(server.uri(server.dir), data, "file.bin")
    assert server.read(f"{server.dir}/file.bin") == data


def test_size_unknown(client, server):
    done = client.call(
        server.uri(server.dir), "put", "/proc/version", "version"
    )
    assert done.returncode == 0, done.stderr
    assert b"Linux" in server.read(f"{server.dir}/version")


def test_replaced(client, server):
    client.put(server.uri(server.dir), b"old and long", "a")
    client.put(server.uri(server.dir), b"new", "a")
    assert server.read(f"{server.dir}/a") == b"new"
    assert server.names(server.dir) == ["a"]


def test_one_connection(client, server):
    uri = server.uri(server.dir)
    words = []
    for i in range(20):
        words += ["put", client.file(bytes([i]), f"f{i}"), f"d{i % 3}/f{i}"]
    done = client.call(uri, *words)
    assert done.returncode == 0, done.stderr
    assert server.read(f"{server.dir}/d1/f19") == b"\x13"


def test_in_the_way(client, server):
    """A directory is not replaced by a file, nor the other way round."""
    uri = server.uri(server.dir)
    client.put(uri, b"1", "a/b")
    client.refused(uri, b"2", "a")
    client.refused(uri, b"2", "a/b/c")
    assert server.read(f"{server.dir}/a/b") == b"1"
    assert left(server) == []


def test_never_the_same(client, server):
    client.put(server.uri(server.dir), b"1", "a")
    assert not client.same(server.uri(server.dir), b"1", "a")


# --- who we are ------------------------------------------------------------


def test_ftp_anonymous(client, ftp_server):
    client.put(f"ftp://127.0.0.1:{ftp_server.port}/anon", b"1", "a")
    assert ftp_server.read("/anon/a") == b"1"


@pytest.mark.parametrize("word", ["password", "user"])
def test_ftp_refused(client, ftp_server, word):
    uri = ftp_server.uri("/x")
    if word == "password":
        uri = uri.replace("1@", "2@")
    else:
        uri = uri.replace("//me", "//you")
    said = client.refused(uri, b"1", "a")
    assert "does not take what it was shown" in said


def test_ftp_may_not_write(client, ftp_server):
    uri = ftp_server.uri("/").replace("//me", "//reader")
    assert "may the user write there" in client.refused(uri, b"1", "a")


def test_sftp_stranger(client, sftp_server):
    """A server whose key nobody knows is shown nothing."""
    for known in ("", sftp_server.known.replace(
            "AAAA", "AAAA", 1).replace("127.0.0.1", "127.0.0.2")):
        sftp_server.prepare(client, known=known)
        said = client.refused(sftp_server.uri("/x"), b"1", "a")
        assert "known_hosts" in said


def test_sftp_changed_key(client, sftp_server):
    other = (sftp_server.base / "other.pub").read_text().split()
    sftp_server.prepare(
        client, known=f"[127.0.0.1]:{sftp_server.port} {other[0]} {other[1]}\n"
    )
    assert "known_hosts" in client.refused(sftp_server.uri("/x"), b"1", "a")


def test_sftp_wrong_key(client, sftp_server):
    sftp_server.prepare(client, key="other")
    said = client.refused(sftp_server.uri("/x"), b"1", "a")
    assert "does not take what it was shown" in said


def test_sftp_no_key(client, sftp_server):
    sftp_server.prepare(client, key=None)
    said = client.refused(sftp_server.uri("/x"), b"1", "a")
    assert "there is no key in ~/.ssh" in said


def test_sftp_config(client, sftp_server):
    """A name of the user's own, and the second of two keys."""
    sftp_server.prepare(client, key=None)
    ssh = Path(client.env["HOME"]) / ".ssh"
    for name in ("user", "other"):
        shutil.copy(sftp_server.base / name, ssh / name)
    (ssh / "config").write_text(
        "Host elsewhere\n  HostName 127.0.0.9\n"
        "Host sto* !store\n"
        f"  HostName 127.0.0.1\n  Port={sftp_server.port}\n"
        f"  User \"{getpass.getuser()}\"\n"
        "  IdentityFile ~/.ssh/other\n  IdentityFile ~/.ssh/user\n"
        "Host *\n  User nobody\n"
    )
    name = uuid.uuid4().hex
    client.put(f"sftp://storage{sftp_server.root}/{name}", b"1", "a")
    assert sftp_server.read(f"/{name}/a") == b"1"


# --- what breaks -----------------------------------------------------------


@pytest.mark.parametrize(
    "uri,word",
    [
        ("ftp://", "names no host"),
        ("sftp:///x", "names no host"),
        ("ftp://host:port/x", "no port"),
        ("ftp://host:99999/x", "no port"),
        (f"ftp://a%0D%0ADELE:{SECRET_MARK}@127.0.0.1/x", "control character"),
        ("ftp://127.0.0.1:1/x", "127.0.0.1:1"),
        ("sftp://127.0.0.1:1/x", "127.0.0.1:1"),
    ],
)
def test_no_such_uri(client, uri, word):
    said = client.refused(uri, b"x", "a")
    assert word in said


class Cutter:
    """A way to a server that is cut once after so many bytes."""

    def __init__(self, port, after):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.left = after
        self.to = port
        self.connections = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                ours, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            there = socket.create_connection(("127.0.0.1", self.to))
            for a, b in ((ours, there), (there, ours)):
                threading.Thread(
                    target=self.pump, args=(a, b, a is ours), daemon=True
                ).start()

    def pump(self, a, b, counts):
        try:
            while data := a.recv(65536):
                if counts and self.left is not None:
                    self.left -= len(data)
                    if self.left < 0:
                        self.left = None
                        break
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


@pytest.mark.parametrize("after", [100, 3 * MIB])
def test_sftp_cut(client, sftp_server, after):
    cutter = Cutter(sftp_server.port, after)
    sftp_server.prepare(
        client,
        known=sftp_server.known.replace(
            f":{sftp_server.port} ", f":{cutter.port} "
        ),
    )
    data = os.urandom(5 * MIB)
    name = uuid.uuid4().hex
    uri = sftp_server.uri(f"/{name}").replace(
        f":{sftp_server.port}", f":{cutter.port}"
    )
    client.put(uri, data, "a")
    assert cutter.connections == 2
    assert sftp_server.read(f"/{name}/a") == data
    assert left(sftp_server) == []
