/* SPDX-License-Identifier: MIT */
/* cmd_config.c - kmlflow config: what the files of a project say */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli.h"
#include "commands.h"
#include "model/conf.h"
#include "model/interp.h"
#include "model/project.h"
#include "model/pystr.h"
#include "model/redact.h"
#include "model/settings.h"
#include "model/value.h"
#include "wire/json.h"

struct listing {
	const struct options *options;
	struct buf text;
	struct cJSON *json;
};

static void
add_line(struct listing *l, const char *key, const struct value *v)
{
	const char *last = strrchr(key, '.');
	cleanup_buf struct buf text = BUF_INIT;

	if (redact_is_secret_name(last ? last + 1 : key))
		buf_adds(&text, REDACTED);
	else if (interp_is(v))
		buf_addf(&text, "(%s)", v->text.unresolved);
	else
		pystr(v, &text);
	if (l->options->json) {
		struct cJSON *o = json_object();

		json_set_str(o, "value", text.s);
		json_set_str(o, "file", v->file);
		json_set_int(o, "line", v->line);
		json_set(l->json, key, o);
		return;
	}
	buf_addf(&l->text, "%s = %s", key, text.s);
	if (l->options->show_origin && v->file)
		buf_addf(&l->text, "  # %s:%d", v->file, v->line);
	buf_addc(&l->text, '\n');
}

static void
add_tree(struct listing *l, const char *prefix, const struct value *v)
{
	if (v->type != VALUE_DICT || !v->dict.n) {
		add_line(l, prefix, v);
		return;
	}
	for (size_t i = 0; i < v->dict.n; i++) {
		cleanup_buf struct buf key = BUF_INIT;

		buf_addf(&key, "%s.", prefix);
		pystr(v->dict.v[i].key, &key);
		add_tree(l, key.s, v->dict.v[i].item);
	}
}

static int
list_types(struct listing *l, struct conf *c, struct err *err)
{
	static const char *const types[] = {"mlflow", "kmlflow", "parameters",
	                                    "catalog"};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct value *v;

		if (conf_load(c, types[i], &v, err))
			return -1;
		if (v)
			add_tree(l, types[i], v);
	}
	return 0;
}

static int
list(const struct options *o, const struct settings_request *request,
     struct err *err)
{
	struct listing l = {.options = o, .text = BUF_INIT};
	struct project p;
	struct conf c;
	int failed;

	if (project_find(request, &p, err))
		return -1;
	failed = conf_open(&p, request->cwd, &c, err);
	if (!failed) {
		l.json = json_object();
		failed = list_types(&l, &c, err);
		if (!failed && o->json)
			json_print(l.json, true, &l.text);
		json_free(l.json);
		conf_close(&c);
	}
	project_free(&p);
	if (!failed)
		fwrite(l.text.s, 1, l.text.len, stdout);
	buf_free(&l.text);
	return failed;
}

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
	printf("%s: %zu declared, %zu params, %zu warnings\n",
	       s.project.root ? s.project.root : "no project", s.declared.n,
	       s.params.n, s.warnings.n);
	settings_free(&s);
	return 0;
}

static int
run_config(const struct options *o)
{
	cleanup_free char *cwd = fs_cwd();
	const struct settings_request request = {.directory = o->directory,
	                                         .cwd = cwd,
	                                         .env = o->env};
	const char *what = o->words[0] ? o->words[0] : "list";
	struct err err = ERR_INIT;
	int failed;

	if (!strcmp(what, "list")) {
		failed = list(o, &request, &err);
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
    .summary = "Lists what the project's files say, or checks them.",
    .run = run_config,
};
