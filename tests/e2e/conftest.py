# SPDX-License-Identifier: MIT
"""Fixtures: the installed program, sandboxes, the examples, the browser."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

# Before mlflow is imported: the store under test is a directory of files.
for name in [n for n in os.environ if n.startswith(("MLFLOW_", "KMLFLOW_"))]:
    if name != "KMLFLOW_TEST_BINDIR":
        del os.environ[name]
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

# Under nohup and in background jobs they are ignored, and so in all that we
# start; the tests send them and mean it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

import browser as pages  # noqa: E402
from support import EXAMPLES, ROOT, Sandbox, make_repository  # noqa: E402


@pytest.fixture(scope="session")
def bindir(tmp_path_factory) -> Path:
    """Where `make install` put the program; elsewhere by a variable."""
    given = os.environ.get("KMLFLOW_TEST_BINDIR")
    if given:
        return Path(given).resolve()
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(
        ["make", "-s", "install", f"PREFIX={prefix}"], cwd=ROOT, check=True
    )
    return prefix / "bin"


@pytest.fixture
def sandbox(tmp_path, bindir) -> Sandbox:
    return Sandbox(tmp_path, bindir)


@pytest.fixture
def project(sandbox) -> Sandbox:
    """A small Kedro project in the sandbox: one declared file."""
    sandbox.write("pyproject.toml", '[tool.kedro]\npackage_name = "demo"\n')
    sandbox.write(
        "conf/base/catalog.yml",
        "result:\n"
        "  type: text.TextDataset\n"
        "  filepath: data/result.txt\n"
        "  metadata:\n"
        "    kmlflow:\n"
        "      artifact: true\n",
    )
    sandbox.write("conf/base/parameters.yml", "alpha: 0.5\n")
    (sandbox.dir / "data").mkdir()
    del sandbox.env["MLFLOW_TRACKING_URI"]
    return sandbox


@pytest.fixture
def unprivileged():
    """Runs a command in a sandbox without root's right to read all."""

    def call(sandbox, *argv):
        if os.geteuid() == 0:
            caps = "-dac_override,-dac_read_search"
            argv = ("setpriv", f"--bounding-set={caps}", "--", *argv)
        return sandbox.call(*argv)

    return call


class Example:
    """An example that was run once, for all the tests that look at it."""

    def __init__(self, sandbox, result, commit):
        self.sandbox = sandbox
        self.result = result
        self.commit = commit

    @property
    def store(self):
        return self.sandbox.store

    def run(self):
        return self.sandbox.run()


def _example(name, tmp_path_factory, bindir, venv=None):
    base = tmp_path_factory.mktemp(name)
    sandbox = Sandbox(base, bindir, EXAMPLES / name.split("+")[0])
    if venv:
        sandbox.use_venv(venv)
    return sandbox, make_repository(sandbox.dir)


@pytest.fixture(scope="session")
def iris(tmp_path_factory, bindir) -> Example:
    sandbox, commit = _example("iris", tmp_path_factory, bindir, "kedro")
    return Example(sandbox, sandbox.exec("kedro", "run"), commit)


@pytest.fixture(scope="session")
def iris_plugin(tmp_path_factory, bindir) -> Example:
    sandbox, commit = _example("iris+plugin", tmp_path_factory, bindir, "e2e")
    sandbox.env["KEDRO_ENV"] = "plugin"
    return Example(sandbox, sandbox.exec("kedro", "run"), commit)


@pytest.fixture(scope="session")
def legacy_r(tmp_path_factory, bindir) -> Example:
    sandbox, commit = _example("legacy-r", tmp_path_factory, bindir)
    return Example(sandbox, sandbox.exec("./run.sh"), commit)


@pytest.fixture(scope="session")
def fortran_make(tmp_path_factory, bindir) -> Example:
    sandbox, commit = _example("fortran-make", tmp_path_factory, bindir)
    return Example(sandbox, sandbox.exec("make"), commit)


@pytest.fixture(scope="session")
def shell_ci(tmp_path_factory, bindir) -> Example:
    sandbox, commit = _example("shell-ci", tmp_path_factory, bindir)
    sandbox.env["MLFLOW_TRACKING_URI"] = "mlruns"
    options = ["-e", "nightly-report", "-n", "pipeline-17"]
    options += ["-t", "ci.job=nightly-report", "-p", "orders=data/orders.csv"]
    options += ["-a", "out/*.csv", "-a", "out/*.tar.gz=bundle"]
    options += ["-a", "out/published.txt", "--report", "kmlflow.json"]
    result = sandbox.exec("./job.sh", "data/orders.csv", options=options)
    return Example(sandbox, result, commit)


@pytest.fixture(scope="session")
def browser():
    with pages.Browser(ROOT / "build" / "screenshots") as b:
        yield b
