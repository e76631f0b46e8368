# SPDX-License-Identifier: MIT
"""MLflow's own page in a real headless Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# Chromium must not look for hosts beyond the loopback.
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1500,1100",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """MLflow's server for one store, ended with the `with` block.

    `argv` starts it, given --host and --port; without one it is
    `mlflow server`.
    """

    def __init__(self, store: Path, log: Path, argv=None, **options):
        self.argv = argv or [sys.executable, "-m", "mlflow", "server"] + [
            "--backend-store-uri", str(store), "--workers", "1"
        ]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.options = options

    def __enter__(self):
        self.options.setdefault("env", os.environ)
        self.process = subprocess.Popen(
            [*self.argv, "--host", "127.0.0.1", "--port", str(self.port)],
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **self.options,
        )
        self.wait()
        return self

    def wait(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=2)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.2)
        raise RuntimeError("mlflow server: " + self.log.read_text()[-2000:])

    def __exit__(self, *_):
        # The group that we started: the server and its workers.
        os.killpg(self.process.pid, 15)
        self.process.wait(20)


class Browser:
    """One Chromium with an empty profile of its own."""

    def __init__(self, screenshots: Path):
        self.screenshots = screenshots
        self.screenshots.mkdir(parents=True, exist_ok=True)

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="kmlflow-chromium-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in FLAGS + [f"--user-data-dir={self.profile}"]:
            options.add_argument(flag)
        service = Service(executable_path=shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        return self

    def __exit__(self, *_):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def open(self, url: str):
        """A new fragment of the same address does not load it afresh."""
        self.driver.get(url)

    def text(self) -> str:
        try:
            return self.driver.find_element(By.TAG_NAME, "body").text
        except StaleElementReferenceException:
            return ""

    def expect(self, *wanted: str):
        """Waits until the page shows all of the wanted texts."""
        try:
            WebDriverWait(self.driver, PATIENCE, 0.3).until(
                lambda _: all(w in self.text() for w in wanted)
            )
        except Exception as e:
            self.shot("failed")
            missing = [w for w in wanted if w not in self.text()]
            raise AssertionError(
                f"not on the page: {missing}\n--- page:\n{self.text()}"
            ) from e

    def click(self, text: str):
        """Clicks the element that shows exactly this text."""
        path = f"//*[normalize-space(text())='{text}']"
        element = WebDriverWait(self.driver, PATIENCE, 0.3).until(
            lambda d: next(
                (e for e in d.find_elements(By.XPATH, path) if e.is_displayed()),
                None,
            )
        )
        self.driver.execute_script("arguments[0].click()", element)

    def shot(self, name: str):
        self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))
