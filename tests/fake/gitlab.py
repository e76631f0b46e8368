# SPDX-License-Identifier: MIT
"""GitLab's MLflow API as far as GitLab has it, by its public documents.

What it lacks is what matters: no filters in a search, no version, no deleting
of tags, short values; artifacts are packages, which take a PUT.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

PROJECT = "/api/v4/projects/7"
API = PROJECT + "/ml/mlflow/api/2.0/mlflow/"
PACKAGES = PROJECT + "/packages/generic/"
TOKEN = "glpat-abcdefghij0123456789"
TEXT_MAX = {"params": 250, "tags": 5000}


class Refused(Exception):
    def __init__(self, status, **body):
        super().__init__(status)
        self.status, self.body = status, body


def invalid(message):
    return Refused(
        400, error_code="INVALID_PARAMETER_VALUE", message=message
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        where = urlsplit(self.path)
        path = unquote(where.path)
        try:
            self.server.note(self.command, path)
            status, answer = 200, self.answer(path, where.query, body)
        except Refused as e:
            status, answer = e.status, e.body
        data = answer if isinstance(answer, bytes) else json.dumps(
            answer
        ).encode()
        if path.startswith(API) and self.server.lost == path[len(API):]:
            self.server.lost = None
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any

    def answer(self, path, query, body):
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            raise Refused(401, message="401 Unauthorized")
        if path.startswith(PACKAGES):
            return self.package(path[len(PACKAGES) :], body)
        if not path.startswith(API):
            raise Refused(404, error="404 Not Found")
        name = path[len(API) :].replace("/", "_").replace("-", "_")
        verb = getattr(self.server, name, None)
        if not verb:
            raise Refused(404, error="404 Not Found")
        if self.command == "GET":
            asked = {k: v[0] for k, v in parse_qs(query).items()}
        else:
            asked = json.loads(body)
        return verb(asked)

    def package(self, name, body):
        if self.command == "PUT":
            self.server.files[name] = body
            return {"message": "201 Created"}
        if name not in self.server.files or self.command != "GET":
            raise Refused(404, message="404 Not Found")
        return self.server.files[name]


class GitLab(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.experiments = []  # names; the id is the place
        self.runs = []
        self.files = {}
        self.seen = []
        self.lost = None  # the call whose answer never comes
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def note(self, method, path):
        with self.lock:
            self.seen.append(f"{method} {path}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def tracking_uri(self):
        return f"{self.url}{PROJECT}/ml/mlflow"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    # --- experiments -----------------------------------------------------

    def _experiment(self, i):
        if not 0 < i <= len(self.experiments):
            raise Refused(404, error_code="RESOURCE_DOES_NOT_EXIST")
        return {
            "experiment": {
                "experiment_id": str(i),
                "name": self.experiments[i - 1],
                "lifecycle_stage": "active",
                "artifact_location": "not_implemented",
            }
        }

    def experiments_get(self, asked):
        return self._experiment(int(asked["experiment_id"]))

    def experiments_get_by_name(self, asked):
        name = asked["experiment_name"]
        known = name in self.experiments
        return self._experiment(
            self.experiments.index(name) + 1 if known else 0
        )

    def experiments_create(self, asked):
        if asked["name"] in self.experiments:
            raise Refused(400, error_code="RESOURCE_ALREADY_EXISTS")
        self.experiments.append(asked["name"])
        return {"experiment_id": str(len(self.experiments))}

    # --- runs ------------------------------------------------------------

    def _pairs(self, run, kind, pairs):
        """One that is too long, or empty, and none is stored."""
        for p in pairs:
            if not p["value"] or len(p["value"]) > TEXT_MAX[kind]:
                raise invalid(f"{p['key']}: value is too long or blank")
        for p in pairs:
            if kind == "params":
                run[kind].setdefault(p["key"], p["value"])
            else:
                run[kind][p["key"]] = p["value"]

    def _told(self, i):
        run = self.runs[i - 1]
        return {
            "info": {
                "run_id": str(i),
                "run_uuid": str(i),
                "experiment_id": str(run["experiment"]),
                "start_time": run["start"],
                "end_time": run["end"],
                "run_name": run["name"],
                "status": run["status"],
                "artifact_uri": f"{self.url}{PACKAGES}"
                f"ml_experiment_{run['experiment']}/candidate_{i}/",
                "lifecycle_stage": "active",
                "user_id": "1",
            },
            "data": {
                "metrics": run["metrics"],
                **{
                    kind: [
                        {"key": k, "value": v} for k, v in run[kind].items()
                    ]
                    for kind in ("params", "tags")
                },
            },
        }

    def _run(self, asked):
        i = int(asked["run_id"])
        if not 0 < i <= len(self.runs):
            raise Refused(404, error_code="RESOURCE_DOES_NOT_EXIST")
        return i, self.runs[i - 1]

    def runs_create(self, asked):
        self._experiment(int(asked["experiment_id"]))
        run = {
            "experiment": int(asked["experiment_id"]),
            "name": asked.get("run_name"),
            "start": asked.get("start_time", 0),
            "end": None,
            "status": "RUNNING",
            "metrics": [],
            "params": {},
            "tags": {},
        }
        self._pairs(run, "tags", asked.get("tags", []))
        with self.lock:
            self.runs.append(run)
            return {"run": self._told(len(self.runs))}

    def runs_get(self, asked):
        return {"run": self._told(self._run(asked)[0])}

    def runs_search(self, asked):
        """The newest first, of one experiment; a filter is not looked at."""
        if not isinstance(asked.get("order_by", ""), str):
            raise Refused(400, error="order_by is invalid")
        experiment = int(asked["experiment_ids"][0])
        found = [
            i for i in range(len(self.runs), 0, -1)
            if self.runs[i - 1]["experiment"] == experiment
        ]
        at = int(asked.get("page_token") or 0)
        size = min(asked.get("max_results", 200), 1000)
        more = at + size < len(found)
        return {
            "runs": [self._told(i) for i in found[at : at + size]],
            "next_page_token": str(at + size) if more else None,
        }

    def runs_update(self, asked):
        i, run = self._run(asked)
        if asked["status"] not in (
            "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"
        ):
            raise Refused(400, error="status does not have a valid value")
        run["status"] = asked["status"]
        run["end"] = asked.get("end_time")
        return {"run_info": self._told(i)["info"]}

    def runs_log_batch(self, asked):
        _, run = self._run(asked)
        for m in asked.get("metrics", []):
            if isinstance(m["value"], str) and not re.fullmatch(
                r"-?[\d.]+(e-?\d+)?", m["value"]
            ):
                raise Refused(400, error="metrics[0][value] is invalid")
        run["metrics"] += asked.get("metrics", [])
        self._pairs(run, "params", asked.get("params", []))
        self._pairs(run, "tags", asked.get("tags", []))
        return {}

    def runs_set_tag(self, asked):
        self._pairs(self._run(asked)[1], "tags", [asked])
        return {}
