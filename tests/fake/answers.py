# SPDX-License-Identifier: MIT
"""A server that answers as a test says, for what no real one can be made to."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace


class Answer:
    def __init__(self, status=200, body="", **headers):
        self.status = status
        self.body = body.encode()
        self.headers = {k.replace("_", "-"): v for k, v in headers.items()}


def error(status, code, more="", **headers):
    return Answer(
        status,
        f"<Error><Code>{code}</Code><Message>as told</Message>{more}</Error>",
        **headers,
    )


class Fake:
    """'answer' is called with each request; None: 200 with a fitting ETag.

    An answer of status 0 is none: the connection ends.
    """

    def __init__(self):
        self.requests = []
        self.answer = lambda request: None
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self):
                size = int(self.headers.get("Content-Length") or 0)
                request = SimpleNamespace(
                    command=self.command,
                    path=self.path,
                    verb=f"{self.command} {self.path}",
                    headers=self.headers,
                    body=self.rfile.read(size),
                )
                fake.requests.append(request)
                etag = f'"{hashlib.md5(request.body).hexdigest()}"'
                answer = fake.answer(request) or Answer(ETag=etag)
                if not answer.status:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = reply

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        ).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def verbs(self):
        return [r.verb.split("?")[0] for r in self.requests]
