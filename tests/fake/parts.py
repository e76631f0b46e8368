# SPDX-License-Identifier: MIT
"""An MLflow server's proxy with uploads in parts, and the store behind it.

MLflow has them for object stores alone, which sign a URL for each part.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
MPU = "/api/2.0/mlflow-artifacts/mpu/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _answer(self, status, data, headers=None):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _take(self):
        size = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(size)

    def do_any(self):
        body = self._take()
        store = self.server
        path = unquote(urlsplit(self.path).path)
        with store.lock:
            store.asked.append((self.command, path, dict(self.headers)))
            for match, status in list(store.refuse):
                if re.search(match, f"{self.command} {self.path}"):
                    store.refuse.remove((match, status))
                    self._answer(status, {"message": "told to"})
                    return
            self._act(store, path, body)

    do_GET = do_PUT = do_POST = do_any

    def _act(self, store, path, body):
        if path.endswith("/server-info"):
            self._answer(
                200, {"multipart_uploads_enabled": store.tells}
            )
        elif path.endswith("/runs/get"):
            info = {
                "run_id": "r",
                "experiment_id": "1",
                "artifact_uri": "mlflow-artifacts:/1/r/artifacts",
            }
            self._answer(200, {"run": {"info": info}})
        elif path.startswith(MPU):
            verb, where = path[len(MPU) :].split("/", 1)
            getattr(self, "_" + verb)(store, where, json.loads(body))
        elif path == ARTIFACTS:
            asked = parse_qs(urlsplit(self.path).query)["path"][0]
            self._answer(200, {"files": store.list(asked)})
        elif path.startswith(ARTIFACTS) and self.command == "PUT":
            store.files[path[len(ARTIFACTS) + 1 :]] = body
            self._answer(200, {})
        elif path.startswith("/part/"):
            upload, number = path.split("/")[2:]
            store.uploads[upload][int(number)] = body
            self._answer(200, b"", {"ETag": f'"etag-{number}"'})
        else:
            self._answer(404, {"error_code": "ENDPOINT_NOT_FOUND"})

    def _create(self, store, where, request):
        if not store.parts:
            self._answer(501, {"error_code": "NOT_IMPLEMENTED",
                               "message": "Multipart upload is not supported"})
            return
        upload = f"u{store.created}"
        store.created += 1
        store.uploads[upload] = {}
        credentials = [
            {
                "url": f"{store.cloud}/part/{upload}/{n}?Signature=s3cr3tsig",
                "part_number": n,
                "headers": {"X-Signed": f"for {n}"},
            }
            for n in range(1, request["num_parts"] + 1)
        ]
        self._answer(200, {"upload_id": upload, "credentials": credentials})

    def _complete(self, store, where, request):
        parts = store.uploads.pop(request["upload_id"], None)
        if parts is None:
            self._answer(404, {"message": "NoSuchUpload"})
            return
        told = [(p["part_number"], p["etag"]) for p in request["parts"]]
        assert told == [(n, f'"etag-{n}"') for n in sorted(parts)]
        whole = b"".join(parts[n] for n in sorted(parts))
        store.files[f"{where}/{request['path']}"] = whole
        self._answer(200, {})

    def _abort(self, store, where, request):
        store.uploads.pop(request["upload_id"], None)
        store.aborted += 1
        self._answer(200, {})


class PartServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.RLock()
        self.asked = []
        self.files = {}
        self.uploads = {}
        self.refuse = []  # (regular expression, status), each used once
        self.created = self.aborted = 0
        self.parts = True
        self.tells = True
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.cloud = self.url
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def list(self, path):
        found = {}
        for name, data in self.files.items():
            if name.startswith(path + "/"):
                rest = name[len(path) + 1 :]
                base = rest.split("/")[0]
                found[base] = {
                    "path": base,
                    "is_dir": "/" in rest,
                    "file_size": len(data),
                }
        return list(found.values())

    def requests(self, match):
        with self.lock:
            return [
                a for a in self.asked if re.search(match, f"{a[0]} {a[1]}")
            ]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
