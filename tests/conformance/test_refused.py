# SPDX-License-Identifier: MIT
"""What tests/data/bad_config.txt says is wrong, Kedro and the plugin refuse too."""

import logging

import pytest
from bad_config import read_table
from support import ROOT

# Rows that Kedro reads all the same, and why kmlflow does not.
ON_PURPOSE = {
    "a text instead of a mapping": "Kedro takes it for a key without value",
    "a file of 17 MiB": "a cap of kmlflow's",
    "references to references": "a cap of kmlflow's",
    "mlflow.yml: a class for headers": "it is Python",
    "a mapping among tags": "MLflow stores texts alone",
    "credentials that are a text": "the plugin fails later, as the run starts",
    "a credential that is a list": "the plugin fails later, as the run starts",
    "a placeholder that the path lacks": "the name of a file is all there is",
    "a metric with a mode that is none": "the plugin fails later, on saving",
    "a metric with a step that is none": "the plugin fails later, on saving",
    "a history with a mode that is none": "the plugin fails later, on saving",
    "a param whose name is a path": "MLflow fails later, on logging",
    "a param with a NUL character": "MLflow fails later, on logging",
    "a param that is too long": "the plugin fails later, on logging",
}


def is_for_loaders(case):
    """No command, not of kmlflow alone, and read by the loader of today."""
    return not (case.command or case.variables
                or any("kmlflow.yml" in name or not name.startswith("conf/")
                       for name in case.files))


CASES = [c for c in read_table(ROOT / "tests/data/bad_config.txt")
         if is_for_loaders(c)]


def load_all(root):
    """As a run of Kedro does, without running."""
    from kedro.config import MissingConfigException, OmegaConfigLoader
    from kedro.io import DataCatalog
    from kedro_mlflow.config.kedro_mlflow_config import KedroMlflowConfig

    loader = OmegaConfigLoader(str(root / "conf"), base_env="base",
                               default_run_env="local",
                               config_patterns={"mlflow": ["mlflow*"]})
    found = {"catalog": loader["catalog"]}
    for name in ("credentials", "parameters", "mlflow"):
        try:
            found[name] = loader[name]
        except MissingConfigException:
            found[name] = {}
    KedroMlflowConfig.model_validate(found["mlflow"])
    catalog = DataCatalog.from_config(found["catalog"], found["credentials"])
    for name in list(catalog.keys()):
        catalog[name]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_by_kedro_too(case, tmp_path):
    logging.disable(logging.CRITICAL)
    for env in ("base", "local"):
        (tmp_path / "conf" / env).mkdir(parents=True)
    (tmp_path / "conf/base/catalog.yml").write_text("{}\n")
    for name, content in case.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if case.name in ON_PURPOSE:
        load_all(tmp_path)
        return
    with pytest.raises(Exception):  # noqa: B017 - of any kind
        load_all(tmp_path)


def test_the_list_is_not_stale():
    assert set(ON_PURPOSE) <= {c.name for c in CASES}
    assert len(CASES) > 90
