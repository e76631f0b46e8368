# SPDX-License-Identifier: MIT
"""Jobs of CI systems and of clusters: tags, summaries, the pages' job files."""

import ast
import re

import pytest
import yaml
from support import EXAMPLES, ROOT, Sandbox, make_repository

PAGES = ROOT / "docs" / "ci"

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "ocean/tides",
    "GITHUB_SHA": "0f" * 20,
    "GITHUB_REF": "refs/pull/42/merge",
    "GITHUB_WORKFLOW": "nightly",
    "GITHUB_RUN_ID": "987",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_JOB": "report",
    "GITHUB_ACTOR": "mira",
    "GITHUB_SERVER_URL": "https://git.example.com",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_PIPELINE_ID": "11",
    "CI_JOB_ID": "12",
    "CI_JOB_NAME": "report",
    "CI_JOB_URL": "https://ci:s3cr3tpw@git.example.com/jobs/12",
    "CI_COMMIT_SHA": "0f" * 20,
    "CI_COMMIT_REF_NAME": "main",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example.com/",
    "BUILD_URL": "https://ci.example.com/job/9/",
    "BUILD_TAG": "jenkins-nightly-9",
    "JOB_NAME": "nightly",
    "BUILD_NUMBER": "9",
}
BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_BUILD_ID": "b-1",
    "BUILDKITE_JOB_ID": "j-1",
    "BUILDKITE_BUILD_URL": "https://bk.example.com/1",
    "BUILDKITE_PULL_REQUEST": "false",
}
AIRFLOW = {
    "AIRFLOW_CTX_DAG_ID": "nightly",
    "AIRFLOW_CTX_TASK_ID": "report",
    "AIRFLOW_CTX_DAG_RUN_ID": "manual__1",
    "AIRFLOW_CTX_TRY_NUMBER": "3",
}
KUBERNETES = {
    "KUBERNETES_SERVICE_HOST": "10.0.0.1",
    "HOSTNAME": "nightly-abcde",
    "NODE_NAME": "node-7",
    "POD_NAMESPACE": "batch",
    "JOB_COMPLETION_INDEX": "0",
}
SLURM = {
    "SLURM_JOB_ID": "77",
    "SLURM_JOB_PARTITION": "long",
    "SLURM_JOB_NODELIST": "n[1-2]",
    "SLURM_JOB_ACCOUNT": "climate",
    "SLURM_RESTART_COUNT": "1",
    "SLURM_ARRAY_JOB_ID": "70",
    "SLURM_ARRAY_TASK_ID": "7",
}
PBS = {"PBS_JOBID": "5.head", "PBS_QUEUE": "workq", "PBS_ARRAY_INDEX": "3"}
LSF = {"LSB_JOBID": "8", "LSB_QUEUE": "normal", "LSB_JOBINDEX": "0"}

SYSTEMS = {
    "github": (
        GITHUB,
        {
            "ci": "github-actions",
            "ci.repository": "ocean/tides",
            "ci.commit": "0f" * 20,
            "ci.ref": "refs/pull/42/merge",
            "ci.workflow": "nightly",
            "ci.run_id": "987",
            "ci.attempt": "2",
            "ci.job": "report",
            "ci.actor": "mira",
            "ci.pull_request": "42",
            "ci.url": "https://git.example.com/ocean/tides/actions/runs/987",
        },
    ),
    "gitlab": (
        GITLAB,
        {
            "ci": "gitlab",
            "ci.pipeline_id": "11",
            "ci.job_id": "12",
            "ci.job": "report",
            "ci.url": "https://git.example.com/jobs/12",
            "ci.commit": "0f" * 20,
            "ci.ref": "main",
        },
    ),
    "jenkins": (
        JENKINS,
        {
            "ci": "jenkins",
            "ci.url": "https://ci.example.com/job/9/",
            "ci.build_tag": "jenkins-nightly-9",
            "ci.job": "nightly",
            "ci.number": "9",
        },
    ),
    "buildkite": (
        BUILDKITE,
        {
            "ci": "buildkite",
            "ci.build_id": "b-1",
            "ci.job_id": "j-1",
            "ci.url": "https://bk.example.com/1",
        },
    ),
    "airflow": (
        AIRFLOW,
        {
            "airflow.dag_id": "nightly",
            "airflow.task_id": "report",
            "airflow.dag_run_id": "manual__1",
            "airflow.try_number": "3",
        },
    ),
    "kubernetes": (
        KUBERNETES,
        {
            "k8s.pod": "nightly-abcde",
            "k8s.node": "node-7",
            "k8s.namespace": "batch",
            "k8s.completion_index": "0",
        },
    ),
    "slurm": (
        SLURM,
        {
            "slurm.job_id": "77",
            "slurm.partition": "long",
            "slurm.nodelist": "n[1-2]",
            "slurm.account": "climate",
            "slurm.restart_count": "1",
            "slurm.array_job_id": "70",
            "slurm.array_task_id": "7",
        },
    ),
    "pbs": (
        PBS,
        {
            "pbs.job_id": "5.head",
            "pbs.queue": "workq",
            "pbs.array_index": "3",
        },
    ),
    "lsf": (LSF, {"lsf.job_id": "8", "lsf.queue": "normal"}),
}
PREFIXES = ("ci", "airflow.", "k8s.", "slurm.", "pbs.", "lsf.")


def surroundings(run) -> dict:
    """The tags of a run that speak of its job."""
    ours = {
        k.removeprefix("kmlflow."): v
        for k, v in run.tags.items()
        if k.startswith("kmlflow.")
    }
    return {k: v for k, v in ours.items() if k.startswith(PREFIXES)}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_job_is_known_by_its_variables(sandbox, name):
    env, tags = SYSTEMS[name]
    assert sandbox.exec("true", env=env).returncode == 0
    assert surroundings(sandbox.run()) == tags


def test_outside_of_any_job_there_are_no_such_tags(sandbox):
    sandbox.exec("true", env={"HOSTNAME": "laptop", "GITHUB_ACTIONS": "false"})
    assert surroundings(sandbox.run()) == {}


def test_a_job_in_a_pod_has_the_tags_of_both(sandbox):
    sandbox.exec("true", env={**GITLAB, **KUBERNETES})
    tags = surroundings(sandbox.run())
    assert tags["ci"] == "gitlab" and tags["k8s.pod"] == "nightly-abcde"
    assert sandbox.run().tags["gitlab.CI_JOB_ID"] == "12"


def test_a_tag_that_was_asked_for_wins(sandbox):
    options = ["-t", "kmlflow.ci.job=mine"]
    sandbox.exec("true", env=GITHUB, options=options)
    assert sandbox.run().kmlflow("ci.job") == "mine"


METRICS = """echo '{"rmse": {"value": 0.25, "step": 3}, "depth [m]": 4}' >m.json"""


def test_github_gets_a_summary_and_outputs(sandbox):
    page = sandbox.write("summary.md", "before\n")
    output = sandbox.write("output", "other=1\n")
    env = {
        **GITHUB,
        "GITHUB_STEP_SUMMARY": str(page),
        "GITHUB_OUTPUT": str(output),
    }
    options = ["-M", "m.json", "-p", "label=a|b\n<script>", "-n", "evil | `name`"]
    result = sandbox.exec("sh", "-c", METRICS + "; exit 3", env=env, options=options)
    assert result.returncode == 3
    run = sandbox.run()
    lines = dict(
        line.split("=", 1) for line in output.read_text().splitlines()
    )
    assert lines["other"] == "1"
    assert lines["run_id"] == run.id and lines["status"] == "FAILED"
    text = page.read_text()
    assert text.startswith("before\n")
    assert "FAILED &#40;exit status 3&#41;" in text
    assert "| rmse | 0.25 |" in text
    assert "<script>" not in text and "`" not in text
    # Each row has its two cells, whatever was in them.
    rows = [r for r in text.splitlines() if r.startswith("|")]
    assert rows and all(r.count("|") == 3 for r in rows)


def test_a_summary_that_cannot_be_written_is_told(sandbox):
    env = {**GITHUB, "GITHUB_STEP_SUMMARY": str(sandbox.dir)}
    result = sandbox.exec("true", env=env)
    assert result.returncode == 0 and "summary:" in result.stderr
    strict = sandbox.exec("true", env=env, options=["--strict"])
    assert strict.returncode == 125


def test_gitlab_gets_variables_and_metrics(sandbox):
    options = ["--report-dotenv", "run.env", "--report-metrics", "metrics.txt"]
    options += ["-M", "m.json", "-n", "two\nlines"]
    sandbox.exec("sh", "-c", METRICS, env=GITLAB, options=options)
    lines = (sandbox.dir / "run.env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines)
    assert values["KMLFLOW_REPORT_RUN_ID"] == sandbox.run().id
    assert values["KMLFLOW_REPORT_STATUS"] == "FINISHED"
    assert values["KMLFLOW_REPORT_RUN_NAME"] == "two lines"
    metrics = (sandbox.dir / "metrics.txt").read_text().splitlines()
    assert "rmse 0.25" in metrics and "depth__m_ 4" in metrics
    assert metrics[-1] == "# EOF"
    for line in metrics[:-1]:
        assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]* [-+.e0-9]+", line), line
    # A later job that has these variables is not within this run.
    sandbox.exec("true", env=values)
    assert all("mlflow.parentRunId" not in r.tags for r in sandbox.runs())


def test_what_is_not_recorded_yet_has_its_summary_all_the_same(sandbox):
    options = ["--mode", "offline", "--report-dotenv", "run.env"]
    sandbox.exec("false", options=options)
    assert "STATUS=FAILED" in (sandbox.dir / "run.env").read_text()


def test_only_a_clean_work_tree_will_do(sandbox):
    options = ["--require-clean"]
    nowhere = sandbox.exec("touch", "ran", options=options)
    assert nowhere.returncode == 125 and "no git work tree" in nowhere.stderr
    sandbox.write("code.sh", "exit 0\n")
    make_repository(sandbox.dir)
    assert sandbox.exec("touch", "out", options=options).returncode == 0
    # What is not tracked is not of the commit; a job's results are such.
    assert sandbox.exec("true", options=options).returncode == 0
    sandbox.write("code.sh", "exit 1\n")
    dirty = sandbox.exec("touch", "ran", options=options)
    assert dirty.returncode == 125
    assert "1 tracked file differs" in dirty.stderr
    assert not (sandbox.dir / "ran").exists()
    assert len(sandbox.runs()) == 2


# --- the job files of the pages ---------------------------------------------


def fence(page: str) -> str:
    """The one code block of a page."""
    text = (PAGES / f"{page}.md").read_text()
    found = re.findall(r"```\w+\n(.*?)```", text, re.S)
    assert len(found) == 1, page
    return found[0]


def commands(page: str) -> list:
    """What the job file has executed, as its system would tell a shell."""
    text = fence(page)
    if page == "github":
        steps = yaml.safe_load(text)["jobs"]["report"]["steps"]
        return [s["run"] for s in steps if "kmlflow exec" in s.get("run", "")]
    if page == "gitlab":
        return yaml.safe_load(text)["report"]["script"]
    if page == "buildkite":
        return [yaml.safe_load(text)["steps"][0]["command"]]
    if page == "jenkins":
        return re.findall(r"sh '''(.*?)'''", text, re.S)
    if page == "kubernetes":
        pod = yaml.safe_load(text)["spec"]["template"]["spec"]
        words = pod["containers"][0]["command"] + pod["containers"][0]["args"]
        return [" ".join(f"'{w}'" for w in words)]
    if page == "airflow":
        compile(text, page, "exec")
        parts = re.search(r"bash_command=\((.*?)\),\n", text, re.S).group(1)
        return [ast.literal_eval(f"({parts})").replace("{{ run_id }}", "manual__1")]
    return [text]


PAGE_ENV = {
    "github": GITHUB,
    "gitlab": GITLAB,
    "jenkins": JENKINS,
    "buildkite": BUILDKITE,
    "airflow": AIRFLOW,
    "kubernetes": KUBERNETES,
    "slurm": SLURM,
    "pbs": PBS,
    "lsf": LSF,
}


@pytest.mark.parametrize("page", PAGE_ENV)
def test_the_job_file_of_each_page_works(tmp_path, bindir, page):
    sandbox = Sandbox(tmp_path, bindir, EXAMPLES / "shell-ci")
    make_repository(sandbox.dir)
    sandbox.env["MLFLOW_TRACKING_URI"] = str(sandbox.store.path)
    found = commands(page)
    assert len(found) == 1
    result = sandbox.call("bash", "-c", found[0], env=PAGE_ENV[page])
    assert result.returncode == 3, result.stderr
    assert sandbox.call("kmlflow", "sync").returncode == 0
    run = sandbox.run()
    assert run.status == "FAILED" and run.experiment == "nightly"
    assert set(run.artifacts) == {"totals.csv", "ranking.csv"}
    expected = SYSTEMS[page][1]
    assert surroundings(run) == expected


def test_every_page_is_in_the_list():
    listed = set(re.findall(r"\]\((\w+)\.md\)", (PAGES / "README.md").read_text()))
    assert listed == set(PAGE_ENV) | {"mpi"} == {
        p.stem for p in PAGES.glob("*.md") if p.stem != "README"
    }
