#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times what goes over a network beside other tools, on servers of this machine.

usage: bench_stores.py KMLFLOW [--files N] [--big MIB] [--rounds N] [--rest]

Many small files and a large one into a bucket: kmlflow, s5cmd, rclone and
MLflow's Python client, in turns, with their defaults, against one server.
Then one run on MLflow's server: its requests, counted by a proxy before it.
scripts/setup-bench installs all of it.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENVS = ROOT / "build" / "venv"
KEYS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "of-a-bench"}
CAP_MIB = 48

TO_S3 = """
import sys
from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository
S3ArtifactRepository(sys.argv[2]).log_artifacts(sys.argv[1])
"""

TO_SERVER = """
import json, sys, mlflow
mlflow.set_experiment("bench-python")
with mlflow.start_run():
    mlflow.log_params({f"p{i}": i for i in range(50)})
    mlflow.set_tags({f"t{i}": i for i in range(20)})
    mlflow.log_metrics(json.load(open("metrics.json")))
    for i in range(3):
        mlflow.log_artifact(f"a{i}")
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def measured(argv, cwd, env):
    """Wall and processor seconds, and the peak of memory in MiB.

    The kernel counts this program's own memory, of before the exec, as well:
    no peak is told that is below it.
    """
    start = time.perf_counter()
    child = subprocess.Popen(
        [str(a) for a in argv], cwd=cwd, env=env,
        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{argv[0]} failed: {child.returncode}")
    return (
        time.perf_counter() - start,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
    )


class Gateway:
    """An S3 server over a directory."""

    def __init__(self, base):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (base / "data" / "bench").mkdir(parents=True)
        self.data = base / "data" / "bench"
        (base / "gateway").mkdir()
        self.process = subprocess.Popen(
            [ROOT / "build" / "go" / "versitygw", "-q", "--keep-alive",
             "-p", f"127.0.0.1:{self.port}",
             "-a", KEYS["AWS_ACCESS_KEY_ID"],
             "-s", KEYS["AWS_SECRET_ACCESS_KEY"],
             "posix", base / "data"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                if time.monotonic() > end:
                    sys.exit("versitygw does not come up")
                time.sleep(0.1)

    def clear(self):
        for path in self.data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def sizes(self):
        return sorted(
            p.stat().st_size
            for p in self.data.rglob("*")
            if p.is_file() and ".sgwtmp" not in p.parts
        )

    def stop(self):
        self.process.terminate()
        self.process.wait()


def tools(kmlflow, url, work):
    """Name → what sends the directory "out" into the bucket."""
    target = "s3://bench/to"
    client = VENVS / "bench" / "bin"
    touch = "find out -type f -exec touch {} +"
    return {
        "kmlflow": [kmlflow, "exec", "-q", "-e", "bench", "-a", "out/", "--",
                    "sh", "-c", touch],
        "s5cmd": [client / "s5cmd", "--endpoint-url", url, "cp", "out/",
                  target + "/"],
        "rclone": ["rclone", "copy", "out", "bench:bench/to"],
        "MLflow's client": [client / "python", "-c", TO_S3, "out", target],
    }


def plain():
    """Nothing of the machine's own settings for clouds."""
    return {k: os.environ[k] for k in ("PATH", "LANG") if k in os.environ}


def environment(url, work):
    return {
        **plain(), **KEYS,
        "HOME": str(work),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MLFLOW_S3_ENDPOINT_URL": url,
        "MLFLOW_TRACKING_URI": str(work / "mlruns"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "RCLONE_CONFIG_BENCH_TYPE": "s3",
        "RCLONE_CONFIG_BENCH_PROVIDER": "Other",
        "RCLONE_CONFIG_BENCH_ENDPOINT": url,
        "RCLONE_CONFIG_BENCH_ENV_AUTH": "true",
        "RCLONE_CONFIG_BENCH_REGION": "us-east-1",
        "RCLONE_CONFIG_BENCH_NO_CHECK_BUCKET": "true",
    }


def experiment(kmlflow, work, env):
    """One whose artifacts go into the bucket."""
    subprocess.run(
        [kmlflow, "exec", "-q", "-e", "bench", "--", "true"],
        cwd=work, env=env, check=True,
    )
    for meta in (work / "mlruns").glob("*/meta.yaml"):
        text = meta.read_text()
        if "'bench'" in text:
            lines = [
                "artifact_location: 's3://bench/to'"
                if line.startswith("artifact_location") else line
                for line in text.splitlines()
            ]
            meta.write_text("\n".join(lines) + "\n")


def fill(out, files, mib):
    out.mkdir()
    for i in range(files):
        if i % 100 == 0:
            (out / f"d{i // 100}").mkdir()
        (out / f"d{i // 100}" / f"f{i}").write_bytes(os.urandom(4096))
    if mib:
        piece = os.urandom(1 << 20)
        with open(out / "big", "wb") as f:
            for i in range(mib):
                f.write(i.to_bytes(8, "big") + piece[8:])


def show(name, rows, ours):
    wall, cpu, memory = (statistics.median(r) for r in zip(*rows))
    print(
        f"  {name:<16}{wall:8.2f} s {cpu:7.2f} s of processor "
        f"{memory:7.1f} MiB   {wall / ours:5.2f} times ours"
    )
    return wall, memory


def compare(what, kmlflow, gateway, base, files, mib, rounds):
    work = base / what.replace(" ", "-")
    work.mkdir()
    fill(work / "out", files, mib)
    env = environment(gateway.url, work)
    experiment(kmlflow, work, env)
    sizes = sorted([4096] * files + ([mib << 20] if mib else []))
    (work / ".config" / "rclone").mkdir(parents=True)
    (work / ".config" / "rclone" / "rclone.conf").touch()
    rows = {}
    for _ in range(rounds):
        for name, argv in tools(kmlflow, gateway.url, work).items():
            gateway.clear()
            os.sync()  # nobody pays for what another has written
            rows.setdefault(name, []).append(measured(argv, work, env))
            if gateway.sizes() != sizes:
                sys.exit(f"{name}: not all has arrived")
    gateway.clear()
    print(f"{what}, to S3:")
    ours = statistics.median(r[0] for r in rows["kmlflow"])
    for name in rows:
        _, memory = show(name, rows[name], ours)
        if name == "kmlflow" and memory > CAP_MIB:
            sys.exit(f"kmlflow took {memory:.0f} MiB, more than {CAP_MIB}")
    shutil.rmtree(work)


# --- a tracking server ---------------------------------------------------------


def start_server(base):
    port = free_port()
    (base / "server").mkdir()
    process = subprocess.Popen(
        [VENVS / "e2e" / "bin" / "mlflow", "server", "--backend-store-uri",
         "sqlite:///m.db", "--artifacts-destination", "kept", "--host",
         "127.0.0.1", "--port", str(port), "--workers", "1"],
        cwd=base / "server", start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**plain(), "MLFLOW_DISABLE_TELEMETRY": "true"},
    )
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url + "/health", timeout=5)
            return process, url
        except OSError:
            if time.monotonic() > end:
                sys.exit("MLflow's server does not come up")
            time.sleep(0.3)


def count_requests(kmlflow, base, rounds):
    sys.path.insert(0, str(ROOT / "tests" / "fake"))
    from server import Server

    process, url = start_server(base)
    work = base / "rest"
    work.mkdir()
    (work / "metrics.json").write_text(
        json.dumps({f"m{i}": i / 7 for i in range(20)})
    )
    options = ["-e", "bench", "-M", "metrics.json"]
    for i in range(50):
        options += ["-p", f"p{i}={i}"]
    for i in range(20):
        options += ["-t", f"t{i}={i}"]
    for i in range(3):
        (work / f"a{i}").write_text("x")
        options += ["-a", f"a{i}"]
    commands = {
        "kmlflow": [kmlflow, "exec", "-q", *options, "--", "touch",
                    "metrics.json", "a0", "a1", "a2"],
        "MLflow's client": [VENVS / "e2e" / "bin" / "python", "-c",
                            TO_SERVER],
    }
    try:
        with Server(url) as proxy:
            env = {
                **plain(),
                "HOME": str(work),
                "MLFLOW_TRACKING_URI": proxy.url,
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "KMLFLOW_START_TIMEOUT": "30",
            }
            rows, counts = {}, {}
            for _ in range(rounds + 1):
                for name, argv in commands.items():
                    proxy.seen.clear()
                    row = measured(argv, work, env)
                    counts[name] = list(proxy.seen)
                    rows.setdefault(name, []).append(row)
        print("50 params, 20 tags, 20 metrics, 3 artifacts, to a server:")
        # The first round makes the experiments.
        ours = statistics.median(r[0] for r in rows["kmlflow"][1:])
        for name in rows:
            show(name, rows[name][1:], ours)
            print(f"  {'':<16}{len(counts[name]):5} requests")
        for s in counts["kmlflow"]:
            print(f"    {s.method:<5}{s.path.split('?')[0]}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("kmlflow")
    p.add_argument("--files", type=int, default=10000)
    p.add_argument("--big", type=int, default=2048)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--rest", action="store_true", help="the last part alone")
    a = p.parse_args()
    kmlflow = os.path.abspath(a.kmlflow)
    with tempfile.TemporaryDirectory(prefix="kmlflow-bench.") as name:
        base = Path(name)
        if not a.rest:
            gateway = Gateway(base)
            try:
                if a.files:
                    compare(f"{a.files} files of 4 KiB", kmlflow, gateway,
                            base, a.files, 0, a.rounds)
                if a.big:
                    compare(f"one file of {a.big} MiB", kmlflow, gateway,
                            base, 0, a.big, a.rounds)
            finally:
                gateway.stop()
        count_requests(kmlflow, base, a.rounds)


main()
