# SPDX-License-Identifier: MIT
"""MLflow's Python client inside CMD joins the run; the status is ours."""

import pytest
from support import PYTHON

BODY = """
import mlflow, sys
with mlflow.start_run():
    mlflow.log_param("theirs", 1)
    mlflow.log_metric("accuracy", 0.5)
    mlflow.set_tag("t", "v")
    mlflow.log_artifact("data/result.txt")
    {end}
"""


def client(project, end):
    project.write("data/result.txt", "before\n")
    project.write("c.py", "open('data/result.txt', 'w').write('x')\n" + BODY.format(end=end))
    return project.exec(PYTHON, "c.py")


@pytest.mark.parametrize(
    "end, code, status",
    [("pass", 0, "FINISHED"), ("sys.exit(3)", 3, "FAILED"), ("1 / 0", 1, "FAILED")],
)
def test_joins_the_run(project, end, code, status):
    r = client(project, end)
    assert r.returncode == code, r.stderr
    run = project.run()
    assert run.status == status
    assert run.params["theirs"] == "1"
    assert run.params["alpha"] == "0.5"
    assert run.metrics["accuracy"] == 0.5
    assert run.tags["t"] == "v"
    assert run.artifacts == {"result.txt": b"x"}
    assert run.tags["mlflow.runName"] == run.name


def test_never_over_a_value_of_the_client(project):
    project.write("c.py", "import mlflow\nmlflow.log_param('alpha', 'theirs')\n")
    r = project.exec(PYTHON, "c.py")
    assert r.returncode == 0, r.stderr
    assert project.run().params["alpha"] == "theirs"


def test_killed_client(project):
    project.write(
        "c.py",
        "import mlflow, os\nmlflow.start_run()\nmlflow.log_param('p', 1)\n"
        "os.kill(os.getpid(), 9)\n",
    )
    r = project.exec(PYTHON, "c.py")
    assert r.returncode == -9
    run = project.run()
    assert run.status in ("FAILED", "KILLED")
    assert run.params["p"] == "1"


def test_the_client_says_finished_but_the_command_failed(project):
    project.write("c.py", "import mlflow\nmlflow.start_run()\nmlflow.end_run()\n")
    r = project.exec("sh", "-c", f"{PYTHON} c.py; exit 4")
    assert r.returncode == 4
    assert project.run().status == "FAILED"
