/* SPDX-License-Identifier: MIT */
/* cmd_ui.c - kmlflow ui: MLflow's own pages for this project's store */
#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli.h"
#include "commands.h"
#include "model/settings.h"
#include "model/tracking_uri.h"

static int
load(const struct options *o, struct settings *ret, struct err *err)
{
	cleanup_free char *cwd = fs_cwd();
	struct settings_request request = {
	    .directory = o->directory,
	    .cwd = cwd,
	    .env = o->env,
	    .params = &o->params,
	    .params_files = &o->params_files,
	    .artifacts = &o->artifacts,
	    .excludes = &o->excludes,
	};

	return settings_load(&request, ret, err);
}

static int
failed(const char *program)
{
	if (errno == ENOENT)
		log_error("'%s' is not installed; 'pip install mlflow' brings "
		          "MLflow's pages",
		          program);
	else
		log_error("%s: %s", program, strerror(errno));
	return 1;
}

static const char *
first_of(const char *flag, const char *in_file, const char *fallback)
{
	return flag ? flag : in_file ? in_file : fallback;
}

/* Becomes the browser for a server, MLflow's own server for a local store. */
static int
show(const struct settings *s, const struct options *o)
{
	const struct tracking_settings *t = &s->tracking;
	const char *host = first_of(o->host, t->ui_host, "127.0.0.1");
	const char *port = first_of(o->port, t->ui_port, "5000");

	if (!strncmp(t->uri, "http", 4)) {
		log_info("opening %s", t->uri);
		execlp("xdg-open", "xdg-open", t->uri, (char *)NULL);
		log_info("no browser could be started; the address is %s",
		         t->uri);
		return 0;
	}
	/* MLflow 3.13 and later refuse a directory without it. */
	if (uri_is_directory(t->uri) &&
	    setenv("MLFLOW_ALLOW_FILE_STORE", "true", 0))
		return failed("setenv");
	log_info("serving %s on http://%s:%s", t->uri, host, port);
	execlp("mlflow", "mlflow", "ui", "--backend-store-uri", t->uri,
	       "--host", host, "--port", port, (char *)NULL);
	return failed("mlflow");
}

static int
run_ui(const struct options *o)
{
	struct settings settings;
	struct err err = ERR_INIT;
	int status;

	if (load(o, &settings, &err)) {
		log_error("%s", err.msg);
		return 1;
	}
	status = show(&settings, o);
	settings_free(&settings);
	return status;
}

const struct command command_ui = {
    .name = "ui",
    .bit = VERB_UI,
    .arguments = "[OPTIONS]",
    .summary = "Shows this project's runs in MLflow's own pages.",
    .run = run_ui,
};
