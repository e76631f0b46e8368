# SPDX-License-Identifier: MIT
"""Fixtures: emulators and servers, each with somebody else's client, and ours."""

import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fake"))

from answers import Fake  # noqa: E402
from driven import SECRET_MARK, Client, build_driver  # noqa: E402

pytest_plugins = [
    "gs_side", "azure_side", "files_side", "project_side", "stores_side",
]

PREFIXES = (
    "MLFLOW_", "KMLFLOW_", "AWS_", "GOOGLE_", "GCE_", "AZURE_", "STORAGE_",
    "CLOUDSDK_", "IDENTITY_", "MSI_",
)

for name in list(os.environ):
    if name.startswith(PREFIXES) and name != "KMLFLOW_TEST_BINDIR":
        del os.environ[name]


@pytest.fixture(scope="session")
def driver():
    return build_driver()


@pytest.fixture
def client(tmp_path, driver):
    """Nothing in its environment says who it is."""
    client = Client(tmp_path, driver)
    yield client
    assert SECRET_MARK not in client.said


@pytest.fixture
def fake():
    fake = Fake()
    yield fake
    fake.close()
