/* SPDX-License-Identifier: MIT */
/* credentials.c - the variables that credentials.yml holds for the server */
#include "model/credentials.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "model/conf.h"
#include "model/interp.h"
#include "model/pystr.h"
#include "model/value.h"

static char *
text_of(const struct value *v)
{
	cleanup_buf struct buf text = BUF_INIT;

	pystr(v, &text);
	return buf_detach(&text);
}

/* No message here may show a value. */
static int
take(const struct value *dict, struct kvs *to, struct err *err)
{
	for (size_t i = 0; i < dict->dict.n; i++) {
		const struct value *v = dict->dict.v[i].item;
		cleanup_free char *key = text_of(dict->dict.v[i].key);
		cleanup_free char *value = NULL;

		if (interp_find(v))
			return err_at(err, v->file, v->line, v->column,
			              "credential '%s' cannot be read: %s", key,
			              interp_find(v)->text.unresolved);
		if (v->type == VALUE_LIST || v->type == VALUE_DICT)
			return err_at(err, v->file, v->line, v->column,
			              "credential '%s' must be a string", key);
		value = text_of(v);
		/* The URI is decided; kedro-mlflow sets it again, too. */
		if (strcmp(key, "MLFLOW_TRACKING_URI"))
			kvs_set(to, key, value);
	}
	return 0;
}

int
credentials_load(struct conf *conf, const struct value *wanted, struct kvs *to,
                 struct strv *warnings, struct err *err)
{
	const char *name = value_text(wanted);
	const struct value *found;
	struct value *all;

	if (!name)
		return 0;
	if (conf_load(conf, "credentials", &all, err))
		return -1;
	found = value_get(all, name);
	if (!found) {
		strv_take(warnings,
		          mem_printf("%s:%d:%d: credentials '%s' are in no "
		                     "credentials.yml",
		                     wanted->file, wanted->line,
		                     (int)wanted->column, name));
		return 0;
	}
	if (found->type != VALUE_DICT)
		return err_at(err, found->file, found->line, found->column,
		              "credentials '%s' must be a mapping of variables "
		              "to values",
		              name);
	return take(found, to, err);
}

int
credentials_check_provider(const struct value *provider,
                           const struct kvs *credentials, struct err *err)
{
	static const char *const instead[] = {"KMLFLOW_REQUEST_HEADERS",
	                                      "KMLFLOW_TOKEN_COMMAND"};

	if (!provider)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(instead); i++) {
		const char *value = getenv(instead[i]);

		if ((value && *value) || kvs_get(credentials, instead[i]))
			return 0;
	}
	return err_at(err, provider->file, provider->line, provider->column,
	              "'server.request_header_provider.type' names a Python "
	              "class, which kmlflow cannot run: put the headers into "
	              "KMLFLOW_REQUEST_HEADERS, or a command that prints a "
	              "token into KMLFLOW_TOKEN_COMMAND (the environment, or "
	              "credentials.yml)");
}
