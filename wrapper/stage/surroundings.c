/* SPDX-License-Identifier: MIT */
/* surroundings.c - the CI job, workflow or batch job that an exec is part of */
#include "stage/surroundings.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/redact.h"

/* A variable that becomes a tag, unless it has the value 'not'. */
struct row {
	const char *variable;
	const char *tag;
	const char * not ; /* how the system says "none"; NULL: by no value */
};

struct surrounding {
	const char *detect; /* the variable that the system sets always */
	const char *value;  /* and to what; NULL: to anything */
	const char *name;   /* of the tag "kmlflow.ci"; NULL: no CI */
	const struct row *rows;
};

static const struct row github[] = {
    {"GITHUB_REPOSITORY", "kmlflow.ci.repository", NULL},
    {"GITHUB_SHA", "kmlflow.ci.commit", NULL},
    {"GITHUB_REF", "kmlflow.ci.ref", NULL},
    {"GITHUB_WORKFLOW", "kmlflow.ci.workflow", NULL},
    {"GITHUB_RUN_ID", "kmlflow.ci.run_id", NULL},
    {"GITHUB_RUN_NUMBER", "kmlflow.ci.number", NULL},
    {"GITHUB_RUN_ATTEMPT", "kmlflow.ci.attempt", NULL},
    {"GITHUB_JOB", "kmlflow.ci.job", NULL},
    {"GITHUB_ACTOR", "kmlflow.ci.actor", NULL},
    {"GITHUB_EVENT_NAME", "kmlflow.ci.event", NULL},
    {.variable = NULL},
};

/* The last is what GitLab's own pages of experiments know a job by. */
static const struct row gitlab[] = {
    {"CI_PROJECT_PATH", "kmlflow.ci.repository", NULL},
    {"CI_COMMIT_SHA", "kmlflow.ci.commit", NULL},
    {"CI_COMMIT_REF_NAME", "kmlflow.ci.ref", NULL},
    {"CI_PIPELINE_ID", "kmlflow.ci.pipeline_id", NULL},
    {"CI_PIPELINE_SOURCE", "kmlflow.ci.event", NULL},
    {"CI_JOB_ID", "kmlflow.ci.job_id", NULL},
    {"CI_JOB_NAME", "kmlflow.ci.job", NULL},
    {"CI_JOB_URL", "kmlflow.ci.url", NULL},
    {"CI_MERGE_REQUEST_IID", "kmlflow.ci.pull_request", NULL},
    {"GITLAB_USER_LOGIN", "kmlflow.ci.actor", NULL},
    {"CI_JOB_ID", "gitlab.CI_JOB_ID", NULL},
    {.variable = NULL},
};

static const struct row jenkins[] = {
    {"GIT_COMMIT", "kmlflow.ci.commit", NULL},
    {"GIT_BRANCH", "kmlflow.ci.ref", NULL},
    {"JOB_NAME", "kmlflow.ci.job", NULL},
    {"BUILD_NUMBER", "kmlflow.ci.number", NULL},
    {"BUILD_TAG", "kmlflow.ci.build_tag", NULL},
    {"BUILD_URL", "kmlflow.ci.url", NULL},
    {"STAGE_NAME", "kmlflow.ci.stage", NULL},
    {"CHANGE_ID", "kmlflow.ci.pull_request", NULL},
    {.variable = NULL},
};

static const struct row buildkite[] = {
    {"BUILDKITE_PIPELINE_SLUG", "kmlflow.ci.pipeline", NULL},
    {"BUILDKITE_COMMIT", "kmlflow.ci.commit", NULL},
    {"BUILDKITE_BRANCH", "kmlflow.ci.ref", NULL},
    {"BUILDKITE_BUILD_ID", "kmlflow.ci.build_id", NULL},
    {"BUILDKITE_BUILD_NUMBER", "kmlflow.ci.number", NULL},
    {"BUILDKITE_RETRY_COUNT", "kmlflow.ci.attempt", NULL},
    {"BUILDKITE_JOB_ID", "kmlflow.ci.job_id", NULL},
    {"BUILDKITE_LABEL", "kmlflow.ci.job", NULL},
    {"BUILDKITE_BUILD_URL", "kmlflow.ci.url", NULL},
    {"BUILDKITE_PULL_REQUEST", "kmlflow.ci.pull_request", "false"},
    {.variable = NULL},
};

static const struct row airflow[] = {
    {"AIRFLOW_CTX_DAG_ID", "kmlflow.airflow.dag_id", NULL},
    {"AIRFLOW_CTX_TASK_ID", "kmlflow.airflow.task_id", NULL},
    {"AIRFLOW_CTX_DAG_RUN_ID", "kmlflow.airflow.dag_run_id", NULL},
    {"AIRFLOW_CTX_EXECUTION_DATE", "kmlflow.airflow.execution_date", NULL},
    {"AIRFLOW_CTX_TRY_NUMBER", "kmlflow.airflow.try_number", NULL},
    {.variable = NULL},
};

/* Names that the downward API is usually given; the index is the Job's. */
static const struct row kubernetes[] = {
    {"HOSTNAME", "kmlflow.k8s.pod", NULL},
    {"POD_NAME", "kmlflow.k8s.pod", NULL},
    {"POD_NAMESPACE", "kmlflow.k8s.namespace", NULL},
    {"NODE_NAME", "kmlflow.k8s.node", NULL},
    {"POD_IMAGE", "kmlflow.k8s.image", NULL},
    {"JOB_COMPLETION_INDEX", "kmlflow.k8s.completion_index", NULL},
    {.variable = NULL},
};

static const struct row slurm[] = {
    {"SLURM_CLUSTER_NAME", "kmlflow.slurm.cluster", NULL},
    {"SLURM_JOB_ID", "kmlflow.slurm.job_id", NULL},
    {"SLURM_JOB_NAME", "kmlflow.slurm.job_name", NULL},
    {"SLURM_STEP_ID", "kmlflow.slurm.step_id", NULL},
    {"SLURM_ARRAY_JOB_ID", "kmlflow.slurm.array_job_id", NULL},
    {"SLURM_ARRAY_TASK_ID", "kmlflow.slurm.array_task_id", NULL},
    {"SLURM_JOB_PARTITION", "kmlflow.slurm.partition", NULL},
    {"SLURM_JOB_NODELIST", "kmlflow.slurm.nodelist", NULL},
    {"SLURM_JOB_ACCOUNT", "kmlflow.slurm.account", NULL},
    {"SLURM_NTASKS", "kmlflow.slurm.ntasks", NULL},
    {"SLURM_RESTART_COUNT", "kmlflow.slurm.restart_count", NULL},
    {.variable = NULL},
};

static const struct row pbs[] = {
    {"PBS_JOBID", "kmlflow.pbs.job_id", NULL},
    {"PBS_JOBNAME", "kmlflow.pbs.job_name", NULL},
    {"PBS_ARRAYID", "kmlflow.pbs.array_index", NULL},
    {"PBS_ARRAY_INDEX", "kmlflow.pbs.array_index", NULL},
    {"PBS_QUEUE", "kmlflow.pbs.queue", NULL},
    {"PBS_O_HOST", "kmlflow.pbs.submit_host", NULL},
    {"PBS_ACCOUNT", "kmlflow.pbs.account", NULL},
    {.variable = NULL},
};

static const struct row lsf[] = {
    {"LSB_JOBID", "kmlflow.lsf.job_id", NULL},
    {"LSB_JOBNAME", "kmlflow.lsf.job_name", NULL},
    {"LSB_JOBINDEX", "kmlflow.lsf.array_index", "0"},
    {"LSB_QUEUE", "kmlflow.lsf.queue", NULL},
    {"LSB_SUB_HOST", "kmlflow.lsf.submit_host", NULL},
    {"LSB_PROJECT_NAME", "kmlflow.lsf.project", NULL},
    {.variable = NULL},
};

static const struct surrounding surroundings[] = {
    {"GITHUB_ACTIONS", "true", "github-actions", github},
    {"GITLAB_CI", NULL, "gitlab", gitlab},
    {"JENKINS_URL", NULL, "jenkins", jenkins},
    {"BUILDKITE", "true", "buildkite", buildkite},
    {"AIRFLOW_CTX_DAG_ID", NULL, NULL, airflow},
    {"KUBERNETES_SERVICE_HOST", NULL, NULL, kubernetes},
    {"SLURM_JOB_ID", NULL, NULL, slurm},
    {"PBS_JOBID", NULL, NULL, pbs},
    {"LSB_JOBID", NULL, NULL, lsf},
};

static const char *
value_of(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value ? value : NULL;
}

static void
add(struct kvs *tags, const char *tag, const char *value)
{
	cleanup_buf struct buf clean = BUF_INIT;

	redact_text(&clean, value);
	kvs_set(tags, tag, clean.s);
}

/* GitHub gives the parts of the address, and the number within the ref. */
static void
add_github(struct kvs *tags)
{
	static const char pull[] = "refs/pull/";
	const char *server = value_of("GITHUB_SERVER_URL");
	const char *repository = value_of("GITHUB_REPOSITORY");
	const char *run = value_of("GITHUB_RUN_ID");
	const char *ref = value_of("GITHUB_REF");
	cleanup_free char *url = NULL;
	cleanup_free char *number = NULL;

	if (server && repository && run) {
		url = mem_printf("%s/%s/actions/runs/%s", server, repository,
		                 run);
		add(tags, "kmlflow.ci.url", url);
	}
	if (!ref || strncmp(ref, pull, strlen(pull)) != 0)
		return;
	ref += strlen(pull);
	number = mem_ndup(ref, strcspn(ref, "/"));
	add(tags, "kmlflow.ci.pull_request", number);
}

/* Every pod has it, unless it was told to have no account. */
static void
add_namespace(struct kvs *tags)
{
	static const char path[] =
	    "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (kvs_get(tags, "kmlflow.k8s.namespace") ||
	    fs_read(path, 256, &text, &ignored) || !text.len)
		return;
	buf_cut(&text, strcspn(text.s, "\n"));
	add(tags, "kmlflow.k8s.namespace", text.s);
}

void
surroundings_tags(struct kvs *tags)
{
	for (size_t i = 0; i < ARRAY_LEN(surroundings); i++) {
		const struct surrounding *s = &surroundings[i];
		const char *found = value_of(s->detect);

		if (!found || (s->value && strcmp(found, s->value) != 0))
			continue;
		if (s->name)
			kvs_set(tags, "kmlflow.ci", s->name);
		for (const struct row *r = s->rows; r->variable; r++) {
			const char *value = value_of(r->variable);

			if (value && (!r->not || strcmp(value, r->not ) != 0))
				add(tags, r->tag, value);
		}
		if (s->rows == github)
			add_github(tags);
		if (s->rows == kubernetes)
			add_namespace(tags);
	}
}
