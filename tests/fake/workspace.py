# SPDX-License-Identifier: MIT
"""A workspace of Databricks, by its public documents; runs are a real server's.

Who we are is checked, tokens end, experiments are named by paths, artifacts
lie in dbfs: behind URLs that are signed for a store of one kind or another.
"""

import base64
import json
import re
import secrets
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

ROOT = "dbfs:/databricks/mlflow-tracking"
TYPES = {
    "aws": "AWS_PRESIGNED_URL",
    "gcp": "GCP_SIGNED_URL",
    "azure": "AZURE_SAS_URI",
    "lake": "AZURE_ADLS_GEN2_SAS_URI",
}


def header_of(kind):
    """One that has to go along; Azure's own client drops unknown ones."""
    azure = kind in ("azure", "lake")
    return "x-ms-client-request-id" if azure else "X-Signed-For"


class Web(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.seen = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """Clients that hang up."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", **headers):
        if not isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self):
        self.body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        where = urlsplit(self.path)
        self.where = unquote(where.path)
        self.query = {
            k: v[0]
            for k, v in parse_qs(where.query, keep_blank_values=True).items()
        }
        self.server.seen.append(self)
        self.answer()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


class CloudHandler(Handler):
    """What the signed URLs lead to: a store that knows nothing but them."""

    def answer(self):
        cloud = self.server
        _, kind, name = self.where.split("/", 2)
        if self.headers["Authorization"]:
            return self.reply(400, b"only one way to say who one is")
        if self.query.get("sig") not in cloud.valid:
            return self.reply(403, b"<Error><Code>ExpiredToken</Code></Error>")
        if self.headers[header_of(kind)] != name.split("/")[-1]:
            return self.reply(403, b"a signed header is missing")
        if self.command == "GET":
            return self.reply(200, cloud.files[name])
        getattr(self, kind)(name)

    def gcp(self, name):
        self.server.files[name] = self.body
        self.reply(200)

    def aws(self, name):
        number = self.query.get("partNumber")
        if self.command == "DELETE":
            self.server.parts.clear()
            return self.reply(204)
        if number:
            self.server.parts[int(number)] = self.body
            return self.reply(200, ETag=f'"e{number}"')
        self.server.files[name] = self.body
        self.reply(200, ETag='"e"')

    def azure(self, name):
        comp = self.query.get("comp")
        if comp == "blocklist":
            ids = re.findall(b"<Uncommitted>(.*?)</Uncommitted>", self.body)
            self.server.files[name] = b"".join(
                self.server.blocks.pop(i.decode()) for i in ids
            )
        elif self.headers["x-ms-blob-type"] != "BlockBlob":
            return self.reply(400, b"which type?")
        elif comp == "block":
            self.server.blocks[self.query["blockid"]] = self.body
        else:
            self.server.files[name] = self.body
        self.reply(201)

    def lake(self, name):
        if self.query.get("resource") == "file":
            self.server.blocks[name] = b""
        elif self.query["action"] == "append":
            if int(self.query["position"]) != len(self.server.blocks[name]):
                return self.reply(400, b"not at the end")
            self.server.blocks[name] += self.body
            if self.query.get("flush") == "true":
                self.server.files[name] = self.server.blocks.pop(name)
        elif int(self.query["position"]) != len(self.server.blocks[name]):
            return self.reply(400, b"not the whole")
        else:
            self.server.files[name] = self.server.blocks.pop(name)
        self.reply(200)


class Cloud(Web):
    def __init__(self):
        super().__init__(CloudHandler)
        self.files, self.parts, self.blocks = {}, {}, {}
        self.valid = set()

    def sign(self, kind, name, query="", good=True):
        sig = secrets.token_hex(8)
        if good:
            self.valid.add(sig)
        return {
            "signed_uri": f"{self.url}/{kind}/{quote(name)}?sig={sig}{query}",
            "type": TYPES[kind],
            "headers": [
                {"name": header_of(kind), "value": name.split("/")[-1]}
            ],
        }


class WorkspaceHandler(Handler):
    def answer(self):
        if self.where == "/oidc/v1/token":
            return self.token()
        if not self.is_known():
            return self.reply(
                403, {"error_code": "403", "message": "Invalid access token."}
            )
        name = self.where.removeprefix("/api/2.0/mlflow/artifacts/")
        method = getattr(self, "do_" + name.replace("-", "_"), None)
        if self.where.startswith("/dbfs/"):
            return self.dbfs()
        if self.where.startswith("/api/2.0/fs/files/Volumes/"):
            return self.volume()
        if name != self.where and method:
            return method(json.loads(self.body or b"{}"))
        if self.where == "/api/2.0/mlflow/artifacts/list":
            return self.listing()
        if self.where.startswith("/api/2.0/mlflow/"):
            return self.forward()
        self.reply(
            404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API"}
        )

    # --- who is it -----------------------------------------------------

    def token(self):
        w = self.server
        want = base64.b64encode(f"{w.client_id}:{w.secret}".encode()).decode()
        form = {k: v[0] for k, v in parse_qs(self.body.decode()).items()}
        if self.headers["Authorization"] != "Basic " + want:
            return self.reply(401, {"error": "invalid_client"})
        if form != {"grant_type": "client_credentials", "scope": "all-apis"}:
            return self.reply(400, {"error": "invalid_request"})
        token = f"oauth-{len(w.given)}-{secrets.token_hex(8)}"
        w.given.append(token)
        w.tokens[token] = time.monotonic() + w.lasting
        self.reply(
            200,
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": w.told_lasting,
            },
        )

    def is_known(self):
        kind, _, token = (self.headers["Authorization"] or "").partition(" ")
        ends = self.server.tokens.get(token)
        return kind == "Bearer" and ends and time.monotonic() < ends

    # --- runs ------------------------------------------------------------

    def forward(self):
        host = urlsplit(self.server.upstream)
        if self.where.endswith("experiments/create"):
            name = json.loads(self.body)["name"]
            if not name.startswith("/"):
                return self.reply(
                    400,
                    {
                        "error_code": "INVALID_PARAMETER_VALUE",
                        "message": f"Got an invalid experiment name '{name}'. "
                        "An absolute path is required.",
                    },
                )
        connection = HTTPConnection(host.hostname, host.port, timeout=60)
        connection.request(
            self.command,
            self.path,
            self.body,
            {"Content-Type": "application/json"},
        )
        got = connection.getresponse()
        body = re.sub(
            rb'"artifact_uri": "mlflow-artifacts:/(\d+)/(\w+)/artifacts"',
            rb'"artifact_uri": "%s/\1/\2/%s"'
            % (ROOT.encode(), self.server.below.encode()),
            got.read(),
        )
        if self.server.plain:
            body = body.replace(ROOT.encode(), self.server.plain.encode())
        connection.close()
        self.reply(got.status, body, **{"Content-Type": "application/json"})

    # --- artifacts -----------------------------------------------------

    def do_credentials_for_write(self, asked):
        w = self.server
        w.signings += 1
        infos = []
        for path in asked["path"]:
            name = f"{asked['run_id']}/{path}"
            good = w.signings > w.stale
            infos.append(
                {
                    "run_id": asked["run_id"],
                    "path": path,
                    **w.cloud.sign(w.kind, name, good=good),
                }
            )
        self.reply(200, {"credential_infos": infos})

    def do_credentials_for_read(self, asked):
        """A GET: what is asked for is in the query, or in the body."""
        w = self.server
        run = self.query.get("run_id") or asked["run_id"]
        query = parse_qs(urlsplit(self.path).query)
        self.reply(
            200,
            {
                "credential_infos": [
                    {
                        "run_id": run,
                        "path": path,
                        **w.cloud.sign(w.kind, f"{run}/{path}"),
                    }
                    for path in query.get("path") or asked["path"]
                ]
            },
        )

    def listing(self):
        run, path = self.query["run_id"], self.query.get("path", "")
        below = f"{run}/{path}/" if path else f"{run}/"
        found = {}
        for name, data in self.server.cloud.files.items():
            if name.startswith(below):
                first, slash, _ = name[len(below) :].partition("/")
                whole = f"{path}/{first}" if path else first
                found[whole] = {"path": whole, "is_dir": bool(slash)}
                if not slash:
                    found[whole]["file_size"] = len(data)
        self.reply(
            200,
            {"root_uri": f"{ROOT}/x/{run}", "files": list(found.values())},
        )

    def do_create_multipart_upload(self, asked):
        w = self.server
        name = f"{asked['run_id']}/{asked['path']}"
        w.uploads["up"] = name
        self.reply(
            200,
            {
                "upload_id": "up",
                "upload_credential_infos": [
                    w.cloud.sign(
                        "aws", name, f"&partNumber={i + 1}", i != w.stale_part
                    )
                    for i in range(asked["num_parts"])
                ],
                "abort_credential_info": w.cloud.sign("aws", name),
            },
        )

    def do_get_presigned_upload_part_url(self, asked):
        name = self.server.uploads[asked["upload_id"]]
        query = f"&partNumber={asked['part_number']}"
        info = self.server.cloud.sign("aws", name, query)
        self.reply(200, {"upload_credential_info": info})

    def do_complete_multipart_upload(self, asked):
        cloud = self.server.cloud
        name = self.server.uploads.pop(asked["upload_id"])
        numbers = [p["part_number"] for p in asked["part_etags"]]
        assert [p["etag"] for p in asked["part_etags"]] == [
            f'"e{n}"' for n in numbers
        ]
        cloud.files[name] = b"".join(cloud.parts.pop(n) for n in numbers)
        self.reply(200, {})

    def dbfs(self):
        self.server.files[self.where.removeprefix("/dbfs")] = self.body
        self.reply(200, {})

    def volume(self):
        if self.query.get("overwrite") != "true" or self.command != "PUT":
            return self.reply(409, {"error_code": "ALREADY_EXISTS"})
        path = self.where.removeprefix("/api/2.0/fs/files")
        self.server.files[path] = self.body
        self.reply(204)


class Workspace(Web):
    """'kind' is the store behind its signatures."""

    def __init__(self, upstream, kind="aws"):
        super().__init__(WorkspaceHandler)
        self.upstream = upstream
        self.cloud = Cloud()
        self.kind = kind
        self.below = "artifacts"
        self.plain = None  # where artifacts lie instead of behind signatures
        self.client_id, self.secret = "the-principal", "s3cr3t-of-it"
        self.lasting = self.told_lasting = 3600
        self.tokens = {"dapi0123456789abcdef0123456789abcdef": 1e18}
        self.given = []
        self.uploads = {}
        self.files = {}
        self.stale = self.signings = 0  # so many signatures are no good
        self.stale_part = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cloud.stop()
        self.stop()
