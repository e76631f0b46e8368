# SPDX-License-Identifier: MIT
"""A proxy before a real server that breaks what it is told to break.

Each fault is (method, path, what) by regular expressions, for the next
'times' requests that match.  Everything that comes in is noted.
"""

import gzip
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
PIECE = b"0" * 65536


@dataclass
class Answer:
    """What a client gets instead of, or after, the server's answer."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)


@dataclass
class Fault:
    method: str
    path: str
    what: str  # a method of Handler, "fault_" left out
    answer: Answer = None
    seconds: float = 0
    times: int = 1


@dataclass
class Seen:
    method: str
    path: str
    headers: dict
    size: int
    client: tuple  # address and port: one for each connection


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        pass

    def _body(self, limit=None) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return self._chunks()
        size = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(size if limit is None else min(size, limit))

    def _chunks(self) -> bytes:
        whole = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            whole += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                return whole

    def _hang_up(self):
        self.close_connection = True
        try:
            # A reset, as a proxy that dies gives it.
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
            )
        except OSError:
            pass

    def _head(self, status, headers, size=None):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if size is not None:
            self.send_header("Content-Length", str(size))
        self.end_headers()

    def _send(self, answer: Answer):
        self._head(answer.status, answer.headers, len(answer.body))
        self.wfile.write(answer.body)

    def _forward(self, body: bytes) -> Answer:
        host = self.server.upstream
        connection = HTTPConnection(host.hostname, host.port, timeout=120)
        headers = {
            k: v
            for k, v in self.headers.items()
            if self.server.keep_host or k.lower() != "host"
        }
        headers.pop("Expect", None)
        path = self.path
        if self.server.prefix and path.startswith(self.server.prefix):
            path = path[len(self.server.prefix) :]
        connection.request(self.command, path, body, headers)
        got = connection.getresponse()
        answer = Answer(
            got.status,
            got.read(),
            {k: v for k, v in got.getheaders() if k.lower() not in HOP},
        )
        connection.close()
        return answer

    def _note(self, size):
        self.server.note(
            Seen(
                self.command,
                self.path,
                dict(self.headers),
                size,
                self.client_address[:2],
            )
        )

    def handle_any(self):
        fault = self.server.take(self.command, self.path)
        if fault:
            getattr(self, "fault_" + fault.what)(fault)
            return
        body = self._body()
        self._note(len(body))
        self._send(self._forward(body))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def do_HEAD(self):
        self._note(0)
        answer = self._forward(b"")
        self._head(answer.status, answer.headers, 0)

    # --- faults --------------------------------------------------------

    def fault_cut_before(self, fault):
        """The connection ends before the request was read."""
        self._note(0)
        self._hang_up()

    def fault_cut_middle(self, fault):
        """The connection ends with half of the body read."""
        size = int(self.headers.get("Content-Length") or 0)
        body = self._body(size // 2)
        self._note(len(body))
        self._hang_up()

    def fault_cut_after(self, fault):
        """The server has done it; its answer never comes."""
        body = self._body()
        self._note(len(body))
        self._forward(body)
        self._hang_up()

    def fault_cut_answer(self, fault):
        """The server has done it; half of its answer comes."""
        body = self._body()
        self._note(len(body))
        answer = self._forward(body)
        self._head(answer.status, answer.headers, len(answer.body))
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self._hang_up()

    def fault_answer(self, fault):
        """Our own answer; the server hears nothing."""
        self._note(len(self._body()))
        self._send(fault.answer)

    def fault_redirect(self, fault):
        """To the same path below the location of the answer."""
        self._note(len(self._body()))
        where = {"Location": fault.answer.headers["Location"] + self.path}
        self._send(Answer(fault.answer.status, b"", where))

    def fault_answer_after(self, fault):
        """The server has done it; our own answer comes."""
        body = self._body()
        self._note(len(body))
        self._forward(body)
        self._send(fault.answer)

    def fault_early(self, fault):
        """Our own answer before the body was read, and the end."""
        self._note(0)
        self._send(fault.answer)
        self.close_connection = True

    def fault_slow(self, fault):
        """The true answer, later."""
        body = self._body()
        self._note(len(body))
        time.sleep(fault.seconds)
        self._send(self._forward(body))

    def fault_hang(self, fault):
        """Never an answer."""
        self._note(len(self._body()))
        self.server.closing.wait(60)
        self._hang_up()

    def fault_huge(self, fault):
        """An answer without an end."""
        self._note(len(self._body()))
        self.close_connection = True
        self._head(200, {"Content-Type": "application/json"})
        try:
            while not self.server.closing.is_set():
                self.wfile.write(PIECE)
        except OSError:
            pass

    def fault_headers(self, fault):
        """Headers without an end."""
        self._note(len(self._body()))
        self.close_connection = True
        self.send_response_only(200)
        self.flush_headers()
        try:
            while not self.server.closing.is_set():
                self.wfile.write(b"X-More: " + b"0" * 8000 + b"\r\n")
        except OSError:
            pass

    def fault_bomb(self, fault):
        """A little that becomes a lot."""
        self._note(len(self._body()))
        self._send(
            Answer(
                200,
                gzip.compress(bytes(128 << 20), 1),
                {
                    "Content-Type": "application/json",
                    "Content-Encoding": "gzip",
                },
            )
        )

    def fault_too_short(self, fault):
        """Fewer bytes than the length says."""
        self._note(len(self._body()))
        self._head(200, {"Content-Type": "application/json"}, 1000)
        self.wfile.write(b"{")
        self._hang_up()

    def fault_not_http(self, fault):
        """Something that is not HTTP."""
        self._note(len(self._body()))
        self.wfile.write(b"220 ready\r\n")
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream=None, tls=None, prefix="", host="127.0.0.1"):
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, 0), Handler)
        self.upstream = urlsplit(upstream) if upstream else None
        self.prefix = prefix
        self.keep_host = False  # where a signature covers it
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.faults = []
        self.seen = []
        self.scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """Clients that hang up are what this is about."""

    @property
    def url(self):
        host, port = self.server_address[:2]
        if ":" in host:
            host = f"[{host}]"
        return f"{self.scheme}://{host}:{port}{self.prefix}"

    def fail(self, method, path, what, **more) -> Fault:
        fault = Fault(method, path, what, **more)
        with self.lock:
            self.faults.append(fault)
        return fault

    def take(self, method, path):
        with self.lock:
            for fault in self.faults:
                if (
                    fault.times
                    and re.fullmatch(fault.method, method)
                    and re.search(fault.path, path)
                ):
                    fault.times -= 1
                    return fault
        return None

    def note(self, seen: Seen):
        with self.lock:
            self.seen.append(seen)

    def requests(self, path="", method=".*") -> list:
        with self.lock:
            return [
                s
                for s in self.seen
                if re.search(path, s.path) and re.fullmatch(method, s.method)
            ]

    def stop(self):
        self.closing.set()
        self.shutdown()
        self.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
