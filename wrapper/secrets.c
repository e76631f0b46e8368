/* SPDX-License-Identifier: MIT */
/* secrets.c - what a spool does not hold: passwords of its project */
#include "secrets.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/record.h"
#include "model/redact.h"
#include "model/settings.h"

static void
set(struct secrets *s, const char *name, const char *value)
{
	const char *old = getenv(name);

	if (old)
		kvs_set(&s->old, name, old);
	else
		strv_add(&s->unset, name);
	setenv(name, value, 1);
}

static void
recall(struct record *r, const struct tracking_settings *t, struct secrets *s)
{
	cleanup_buf struct buf plain = BUF_INIT;

	for (size_t i = 0; i < t->credentials.n; i++)
		set(s, t->credentials.v[i].key, t->credentials.v[i].value);
	redact_url(&plain, t->uri);
	if (!strcmp(plain.s, r->tracking_uri))
		mem_replace(&r->tracking_uri, mem_dup(t->uri));
}

void
secrets_recall(struct record *r, struct secrets *ret)
{
	const struct kvs no_pairs = KVS_INIT;
	const struct strv nothing = STRV_INIT;
	const struct settings_request request = {
	    .directory = r->project,
	    .cwd = r->cwd,
	    .params = &no_pairs,
	    .params_files = &nothing,
	    .metric_files = &nothing,
	    .artifacts = &nothing,
	    .excludes = &nothing,
	};
	struct settings settings;
	struct err ignored = ERR_INIT;

	*ret = (struct secrets){.old = KVS_INIT};
	if (!r->project || !fs_is_dir(r->project) ||
	    settings_load(&request, &settings, &ignored))
		return;
	recall(r, &settings.tracking, ret);
	settings_free(&settings);
}

void
secrets_forget(struct secrets *s)
{
	for (size_t i = 0; i < s->old.n; i++)
		setenv(s->old.v[i].key, s->old.v[i].value, 1);
	for (size_t i = 0; i < s->unset.n; i++)
		unsetenv(s->unset.v[i]);
	kvs_free(&s->old);
	strv_free(&s->unset);
}
