/* SPDX-License-Identifier: MIT */
/* cred.c - what all sources of a cloud's credentials share */
#include "store/cred.h"

#include <ctype.h>
#include <pwd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "wire/http.h"

enum {
	TOKEN_MAX = 64 << 10,
	RENEW_S = 120,
	NEAR_MS = 2000,    /* for services on this machine */
	FAR_MS = 60 * 1000 /* for a cloud's own */
};

const char *
cred_env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

char *
cred_home(const char *name)
{
	const char *home = cred_env("HOME");
	const struct passwd *pw;

	if (!home) {
		pw = getpwuid(getuid());
		home = pw ? pw->pw_dir : "/";
	}
	return fs_join(home, name);
}

int
cred_read_token(const char *path, char **ret, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (fs_read(path, TOKEN_MAX, &text, err))
		return -1;
	while (text.len && isspace((unsigned char)text.s[text.len - 1]))
		buf_cut(&text, text.len - 1);
	*ret = buf_detach(&text);
	return 0;
}

int64_t
cred_time(const char *s)
{
	struct tm tm = {.tm_sec = 0};

	return s && strptime(s, "%Y-%m-%dT%H:%M:%S", &tm) ? (int64_t)timegm(&tm)
	                                                  : 0;
}

int
cred_keep(bool held, int64_t expires, int (*load)(void *ctx, struct err *err),
          void *ctx, struct err *err)
{
	int64_t now = clock_now_ms() / 1000;
	struct err ignored = ERR_INIT;

	if (!held)
		return load(ctx, err);
	if (!expires || now < expires - RENEW_S)
		return 0;
	if (now < expires) {
		load(ctx, &ignored);
		return 0;
	}
	return load(ctx, err);
}

int
cred_check(const char *const *texts, size_t n, const char *source,
           struct err *err)
{
	for (size_t i = 0; i < n; i++)
		for (const char *p = texts[i]; p && *p; p++)
			if ((unsigned char)*p <= ' ' ||
			    (unsigned char)*p >= 0x7f)
				return err_set(err, ERR_CONFIG,
				               "the credentials from %s hold a "
				               "character that none has, "
				               "perhaps a line break",
				               source);
	return 0;
}

int
cred_settings(const char *bundle, struct http_settings *ret, struct err *err)
{
	static const char *const names[] = {"REQUESTS_CA_BUNDLE",
	                                    "CURL_CA_BUNDLE", "SSL_CERT_FILE"};
	const char *authorities = bundle ? cred_env(bundle) : NULL;

	if (http_settings_load(ret, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(names) && !authorities; i++)
		authorities = cred_env(names[i]);
	mem_replace(&ret->authorities, mem_dup(authorities));
	mem_replace(&ret->client_cert, NULL);
	ret->insecure = false;
	return 0;
}

/* --- services ----------------------------------------------------------- */

/* A client that does not insist: most machines have no such service. */
static struct http *
new_client(enum cred_reach reach, struct err *err)
{
	struct http_settings settings;
	struct http *h;

	if (cred_settings(NULL, &settings, err))
		return NULL;
	settings.redirects = false;
	if (reach == CRED_NEAR) {
		settings.retry.max = 1;
		settings.retry.factor = 0.2;
		settings.retry.jitter = 0;
		settings.timeout_ms = NEAR_MS / 2;
	}
	h = http_new(&settings);
	http_set_patience(h, reach == CRED_NEAR ? NEAR_MS : FAR_MS);
	return h;
}

int
cred_ask(const struct cred_service *s, struct http_response *ret,
         struct err *err)
{
	struct http *http = new_client(s->reach, err);
	struct http_request request = {
	    .method = s->method,
	    .url = s->url,
	    .headers = s->headers,
	    .content_type = s->content_type,
	    .data = s->body,
	    .size = s->body ? (off_t)strlen(s->body) : 0,
	    .fd = -1,
	    .answer_max = TOKEN_MAX,
	    .no_redirects = true,
	};
	int failed = !http || http_do(http, &request, ret, err);

	http_free(http);
	return failed ? err_wrap(err, "%s", s->what) : 0;
}

void
cred_add_field(struct buf *to, const char *name, const char *value)
{
	buf_addf(to, "%s%s=", to->len ? "&" : "", name);
	enc_percent(to, value, "");
}
