# SPDX-License-Identifier: MIT
"""A name node and a data node in memory, by WebHDFS' public document.

The two are two addresses: the first knows names alone and sends who has bytes
to the second.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

PREFIX = "/webhdfs/v1"


class Cluster:
    def __init__(self):
        self.files = {}
        self.is_gateway = False  # as HttpFS, which knows fewer options
        self.hang_up = False  # once, after a name was given
        self.users = set()
        self.requests = []
        self.refuse = lambda verb, path: None  # or (status, exception)
        self.nodes = [self.serve(), self.serve()]
        self.url, self.data_url = (
            f"http://127.0.0.1:{n.server_port}" for n in self.nodes
        )

    def serve(self):
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=None, **headers):
                text = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def handle_any(self):
                url = urlsplit(self.path)
                query = {k: v[0] for k, v in parse_qs(url.query).items()}
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                cluster.request(self, unquote(url.path), query, body)

            do_PUT = do_DELETE = do_GET = handle_any

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=server.serve_forever, args=(0.02,), daemon=True
        ).start()
        return server

    def request(self, handler, path, query, body):
        is_data = handler.server is self.nodes[1]
        verb = f"{handler.command} {query.get('op')}"
        self.requests.append((verb, path, is_data))
        self.users.add(query.get("user.name"))
        refused = self.refuse(verb, path)
        if refused:
            handler.answer(refused[0], {"RemoteException": {
                "exception": refused[1], "javaClassName": "x",
                "message": "as told"}})
        elif not path.startswith(PREFIX + "/"):
            handler.answer(404)
        else:
            self.operate(handler, verb, path[len(PREFIX):], query, body,
                         is_data)

    def operate(self, handler, verb, path, query, body, is_data):
        if verb == "PUT CREATE" and not is_data:
            assert not body
            where = self.data_url + handler.path + "&namenoderpcaddress=x:1"
            handler.answer(307, Location=where)
        elif verb == "PUT CREATE":
            self.files[path] = body
            handler.answer(201)
        elif verb == "PUT RENAME":
            to = query["destination"]
            if any(name.startswith(to + "/") for name in self.files):
                handler.answer(403, {"RemoteException": {
                    "exception": "FileAlreadyExistsException"}})
                return
            if path not in self.files:
                handler.answer(404, {"RemoteException": {
                    "exception": "FileNotFoundException"}})
                return
            if "renameoptions" in query and not self.is_gateway:
                self.files[to] = self.files.pop(path)
                if self.hang_up:
                    self.hang_up = False
                    handler.close_connection = True
                    return
                handler.answer(200)
                return
            done = path in self.files and to not in self.files
            if done:
                self.files[to] = self.files.pop(path)
            handler.answer(200, {"boolean": done})
        elif verb == "GET GETFILESTATUS":
            there = path in self.files
            handler.answer(200 if there else 404, {})
        elif verb == "DELETE DELETE":
            gone = self.files.pop(path, None) is not None
            handler.answer(200, {"boolean": gone})
        else:
            handler.answer(400)

    def close(self):
        for node in self.nodes:
            node.shutdown()
            node.server_close()
