# SPDX-License-Identifier: MIT
"""The four examples in MLflow's own page, in a real headless browser."""

import urllib.request

import pytest
from browser import Server
from support import VENVS

pytestmark = pytest.mark.plain

# fixture: status, params, tags, folder, file, text of its preview
ROWS = {
    "iris": (
        "Finished",
        ["example_learning_rate", "0.01", "10000"],
        ["kedro_command", "kmlflow.capture"],
        "reports",
        "report.json",
        ["accuracy", '"rows": 30'],
    ),
    "iris_plugin": (
        "Finished",
        ["example_learning_rate", "0.01", "parameters"],
        ["kedro_command", "kmlflow.capture"],
        "reports",
        "report.json",
        ["accuracy"],
    ),
    "legacy_r": (
        "Finished",
        ["example_test_data_ratio", "0.2"],
        ["kmlflow.command"],
        "reports",
        "accuracy.txt",
        ["Model accuracy on test set"],
    ),
    "fortran_make": (
        "Finished",
        ["diffusivity", "0.2", "cells", "64"],
        ["kmlflow.command"],
        "reports",
        "summary.txt",
        ["cells 4096", "mean"],
    ),
    "shell_ci": (
        "Failed",
        ["orders", "data/orders.csv"],
        ["ci.job", "nightly-report", "kmlflow.exit_code"],
        None,
        "ranking.csv",
        ["article", "cheese", "537.6"],
    ),
}


@pytest.fixture(scope="module")
def server(request, tmp_path_factory):
    """One server for the experiments of all examples, each where it is."""
    base = tmp_path_factory.mktemp("pages")
    together = base / "mlruns"
    together.mkdir()
    for name in ROWS:
        store = request.getfixturevalue(name).store
        for experiment in store.experiments().values():
            if not (together / experiment).exists():
                (together / experiment).symlink_to(store.path / experiment)
    with Server(together, base / "server.log") as running:
        yield running


@pytest.mark.parametrize("name", ROWS)
def test_page(request, browser, server, name):
    status, params, tags, folder, file, text = ROWS[name]
    example = request.getfixturevalue(name)
    run = example.run()
    experiment = example.store.experiments()[run.experiment]
    base = f"{server.url}/#/experiments/{experiment}/runs"
    browser.open(base)
    browser.expect(run.name, run.experiment, "1 matching run")
    browser.shot(f"{name}-1-runs")
    browser.open(f"{base}/{run.id}")
    browser.expect(run.name, status, run.id, *params, *tags)
    browser.shot(f"{name}-2-run")
    browser.open(f"{base}/{run.id}/artifacts")
    for step in filter(None, [folder, file]):
        browser.expect(step)
        browser.click(step)
    browser.expect(file, *text)
    browser.shot(f"{name}-3-artifact")


def test_ui_verb(iris, tmp_path):
    """kmlflow ui starts MLflow's own server on this project's store."""
    path = f"{VENVS / 'e2e' / 'bin'}:{iris.sandbox.env['PATH']}"
    env = dict(iris.sandbox.env, PATH=path)
    ui = Server(
        iris.store.path,
        tmp_path / "ui.log",
        ["kmlflow", "ui"],
        env=env,
        cwd=iris.sandbox.dir,
    )
    with ui as server:
        url = f"{server.url}/api/2.0/mlflow/experiments/get-by-name"
        with urllib.request.urlopen(f"{url}?experiment_name=iris") as reply:
            assert b'"iris"' in reply.read()
