/* SPDX-License-Identifier: MIT */
/* describe.c - what is said of a run before it begins */
#include "stage/describe.h"

#include <ctype.h>
#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/journal.h"
#include "model/record.h"
#include "model/redact.h"
#include "model/settings.h"
#include "model/version.h"
#include "stage/git.h"
#include "stage/holders.h"
#include "stage/origin.h"
#include "stage/surroundings.h"
#include "store/rest_login.h"
#include "wire/json.h"

/* MLflow's tag values are cut at 8000 characters; ours stay below. */
enum { COMMAND_MAX = 7000, SHORT_SHA = 7 };

/* Who we are for the server, else as Python's getpass.getuser(): as MLflow. */
static char *
user_name(void)
{
	static const char *const names[] = {"LOGNAME", "USER", "LNAME",
	                                    "USERNAME"};
	const struct passwd *pw;
	char *known = rest_login_user();

	if (known)
		return known;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return mem_dup(value);
	}
	pw = getpwuid(geteuid());
	return pw ? mem_dup(pw->pw_name) : mem_dup("unknown");
}

/* Programs whose first argument, options apart, is the real program. */
static bool
is_interpreter(const char *path)
{
	static const char *const names[] = {
	    "sh",    "bash",    "dash",   "zsh",  "ksh",   "python",
	    "pypy",  "Rscript", "perl",   "ruby", "node",  "lua",
	    "tclsh", "julia",   "octave", "php",  "ocaml",
	};
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t len = strlen(name);

	while (len &&
	       (isdigit((unsigned char)name[len - 1]) || name[len - 1] == '.'))
		len--;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == len && !strncmp(names[i], name, len))
			return true;
	return false;
}

/* What MLflow calls the source: the script where there is one. */
static const char *
source_name(char *const *cmd)
{
	if (is_interpreter(cmd[0]))
		for (size_t i = 1; cmd[i]; i++)
			if (cmd[i][0] != '-')
				return fs_is_absent(cmd[i]) ? cmd[0] : cmd[i];
	return cmd[0];
}

static int
add_run_context(struct kvs *tags, struct err *err)
{
	const char *context = getenv("MLFLOW_RUN_CONTEXT");
	cleanup_json struct cJSON *o = NULL;
	const struct cJSON *n;

	if (!context || !*context)
		return 0;
	if (json_parse(context, strlen(context), &o, err))
		return err_wrap(err, "MLFLOW_RUN_CONTEXT");
	if (!json_is_object(o))
		return err_set(err, ERR_USAGE,
		               "MLFLOW_RUN_CONTEXT is not a JSON object");
	for (n = json_first(o); n; n = json_next(n))
		if (json_text(n))
			kvs_set(tags, json_key(n), json_text(n));
	return 0;
}

static void
add_command(struct kvs *tags, char *const *cmd)
{
	cleanup_buf struct buf command = BUF_INIT;
	cleanup_buf struct buf source = BUF_INIT;

	redact_command(&command, cmd);
	buf_cut(&command, COMMAND_MAX);
	kvs_set(tags, "kmlflow.command", command.s);
	redact_url(&source, source_name(cmd));
	kvs_set(tags, "mlflow.source.name", source.s);
	kvs_set(tags, "mlflow.source.type", "LOCAL");
}

/* What Kedro calls the time of its start. */
static const char *
stamp_name(const char *version)
{
	return version_before(version, 1, 0, 0) &&
	               !version_before(version, 0, 18, 0)
	           ? "session_id"
	           : "run_id";
}

static void
add_journal(const struct describe_request *request, struct record *r)
{
	const struct project *project = &request->settings->project;
	cleanup_buf struct buf stamp = BUF_INIT;

	if (!request->kedro->is_kedro_run)
		return;
	kedro_run_tags(request->kedro, project->kedro_version,
	               request->settings->runtime_params, &r->tags);
	clock_kedro_stamp(r->start_time, &stamp);
	kvs_set(&r->tags, stamp_name(project->kedro_version), stamp.s);
	kvs_set(&r->tags, "project_path", project->root);
	kvs_set(&r->tags, "kedro_version", project->kedro_version);
	/* From Kedro 0.18 on only an environment that was asked for is told. */
	if (project->env_chosen ||
	    version_before(project->kedro_version, 0, 18, 0))
		kvs_set(&r->tags, "env", project->env);
}

/* Kedro's plugin names a run by its pipelines; others leave it to chance. */
static char *
run_name(const struct describe_request *request)
{
	const struct kedro_run *kedro = request->kedro;
	char *name;

	if (request->settings->tracking.run_name)
		return mem_dup(request->settings->tracking.run_name);
	if (!kedro->is_kedro_run)
		return NULL;
	if (!kedro->pipeline)
		return mem_dup("__default__");
	name = mem_dup(kedro->pipeline);
	for (char *p = name; *p; p++)
		if (*p == ',')
			*p = '+';
	return name;
}

static void
copy_kvs(struct kvs *to, const struct kvs *from)
{
	for (size_t i = 0; i < from->n; i++)
		kvs_set(to, from->v[i].key, from->v[i].value);
}

/* A params file may hold what no store should show. */
static void
add_param(struct kvs *params, const struct kv *param)
{
	cleanup_buf struct buf value = BUF_INIT;

	redact_value(&value, param->key, param->value);
	kvs_push(params, param->key, value.s);
}

/* Also what was given by a flag, or by who put us into a run context. */
static void
clean(struct record *r)
{
	cleanup_buf struct buf name = BUF_INIT;

	for (size_t i = 0; i < r->tags.n; i++) {
		struct kv *tag = &r->tags.v[i];
		struct buf value = BUF_INIT;

		redact_value(&value, tag->key, tag->value);
		mem_replace(&tag->value, buf_detach(&value));
	}
	if (!r->run_name)
		return;
	redact_text(&name, r->run_name);
	mem_replace(&r->run_name, mem_dup(name.s));
}

int
describe_run(const struct describe_request *request, struct record *ret,
             struct err *err)
{
	const struct settings *settings = request->settings;
	cleanup_buf struct buf process = BUF_INIT;
	struct utsname host;
	char id[33];

	clock_uuid_hex(id);
	ret->invocation_id = mem_dup(id);
	ret->start_time = clock_now_ms();
	ret->user = user_name();
	ret->cwd = mem_dup(request->cwd);
	holders_given(&ret->given);
	ret->project = mem_dup(settings->project.root);
	if (!ret->run_name)
		ret->run_name = run_name(request);
	kvs_set(&ret->tags, "mlflow.user", ret->user);
	add_command(&ret->tags, request->cmd);
	kvs_set(&ret->tags, "kmlflow.version", KMLFLOW_VERSION);
	kvs_set(&ret->tags, "kmlflow.invocation_id", id);
	kvs_set(&ret->tags, "kmlflow.cwd", request->cwd);
	if (!uname(&host))
		kvs_set(&ret->tags, "kmlflow.host", host.nodename);
	origin_tell(&process);
	kvs_set(&ret->tags, ORIGIN_TAG, process.s);
	if (request->parent)
		kvs_set(&ret->tags, "mlflow.parentRunId", request->parent);
	if (request->note)
		kvs_set(&ret->tags, "mlflow.note.content", request->note);
	add_journal(request, ret);
	surroundings_tags(&ret->tags);
	copy_kvs(&ret->tags, &settings->long_params_tags);
	if (add_run_context(&ret->tags, err))
		return -1;
	copy_kvs(&ret->tags, request->tags);
	for (size_t i = 0; i < settings->params.n; i++)
		add_param(&ret->params, &settings->params.v[i]);
	clean(ret);
	return 0;
}

void
describe_git(const struct git_state *state, bool kedro, struct kvs *tags)
{
	if (!state->known)
		return;
	kvs_set(tags, "mlflow.source.git.commit", state->commit);
	kvs_set(tags, "mlflow.source.git.branch", state->branch);
	kvs_set(tags, "mlflow.source.git.repoURL", state->repo_url);
	kvs_set(tags, "kmlflow.git.dirty", state->dirty ? "true" : "false");
	if (kedro)
		kvs_setf(tags, "git_sha", "%.*s", SHORT_SHA, state->commit);
}
