/* SPDX-License-Identifier: MIT */
/* cmd_config.c - kmlflow config: what the files of a project say */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "config_list.h"
#include "model/settings.h"

static int
check(const struct settings_request *request, struct err *err)
{
	struct settings_request whole = *request;
	struct settings s;

	whole.kedro = true;
	if (settings_load(&whole, &s, err))
		return -1;
	for (size_t i = 0; i < s.warnings.n; i++)
		log_warn("%s", s.warnings.v[i]);
	printf("%s: %zu declared, %zu param%s, %zu warning%s\n",
	       s.project.root ? s.project.root : "no project", s.declared.n,
	       s.params.n, s.params.n == 1 ? "" : "s", s.warnings.n,
	       s.warnings.n == 1 ? "" : "s");
	settings_free(&s);
	return 0;
}

static int
run_config(const struct options *o)
{
	cleanup_free char *cwd = fs_cwd();
	const struct settings_request request = {.directory = o->directory,
	                                         .cwd = cwd,
	                                         .env = o->env,
	                                         .experiment = o->experiment,
	                                         .run_name = o->run_name,
	                                         .run_id = o->run_id,
	                                         .params = &o->params,
	                                         .params_files =
	                                             &o->params_files};
	cleanup_buf struct buf text = BUF_INIT;
	const char *what = o->words[0] ? o->words[0] : "list";
	struct err err = ERR_INIT;
	int failed;

	if (!strcmp(what, "list")) {
		failed = config_list(o, &request, &text, &err);
		fwrite(text.s, 1, text.len, stdout);
	} else if (!strcmp(what, "check")) {
		failed = check(&request, &err);
	} else {
		log_error("config wants 'list' or 'check', not '%s'", what);
		return 2;
	}
	if (failed)
		log_error("%s", err.msg);
	return failed || fflush(stdout) ? 1 : 0;
}

const struct command command_config = {
    .name = "config",
    .bit = VERB_CONFIG,
    .arguments = "[OPTIONS] list|check",
    .summary = "Lists what counts for this project, or checks it.",
    .run = run_config,
};
