/* SPDX-License-Identifier: MIT */
/* databricks.c - a workspace of Databricks: where it is, and who we are */
#include "store/databricks.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "store/cred.h"
#include "store/cred_ini.h"
#include "store/cred_oauth.h"
#include "store/rest_login.h"

#define WORD "databricks"
#define SCHEME WORD "://"

/* What is looked for: by variable, and by key of a profile. */
enum setting { HOST, TOKEN, USERNAME, PASSWORD, CLIENT_ID, CLIENT_SECRET, N };

static const struct {
	const char *variable;
	const char *key;
} names[N] = {
    [HOST] = {"DATABRICKS_HOST", "host"},
    [TOKEN] = {"DATABRICKS_TOKEN", "token"},
    [USERNAME] = {"DATABRICKS_USERNAME", "username"},
    [PASSWORD] = {"DATABRICKS_PASSWORD", "password"},
    [CLIENT_ID] = {"DATABRICKS_CLIENT_ID", "client_id"},
    [CLIENT_SECRET] = {"DATABRICKS_CLIENT_SECRET", "client_secret"},
};

struct workspace {
	struct kvs profile;
	const char *v[N]; /* borrowed; NULL: not said */
};

bool
databricks_is(const char *uri)
{
	return !strcmp(uri, WORD) || !strncmp(uri, SCHEME, strlen(SCHEME));
}

static void
workspace_free(struct workspace *w)
{
	oauth_form_free(&w->profile);
}
#define cleanup_workspace __attribute__((cleanup(workspace_free)))

static char *
file_path(void)
{
	const char *given = cred_env("DATABRICKS_CONFIG_FILE");

	if (given && given[0] == '~' && given[1] == '/')
		return cred_home(given + 2);
	return given ? mem_dup(given) : cred_home(".databrickscfg");
}

/* NULL: 'uri' names none. */
static const char *
named_profile(const char *uri)
{
	const char *name = !strcmp(uri, WORD) ? "" : uri + strlen(SCHEME);

	return *name ? name : NULL;
}

static int
load(const char *uri, struct workspace *w, struct err *err)
{
	cleanup_free char *path = file_path();
	const char *named = named_profile(uri);
	const char *profile =
	    named ? named : cred_env("DATABRICKS_CONFIG_PROFILE");
	bool found;

	if (named && strchr(named, ':'))
		return err_set(err, ERR_CONFIG,
		               "'" SCHEME "SCOPE:PREFIX' reads secrets that "
		               "only a notebook can; name a profile of "
		               "~/.databrickscfg: " SCHEME "PROFILE");
	found = cred_ini_read(path, profile ? profile : "DEFAULT", &w->profile);
	if (profile && !found)
		return err_set(err, ERR_CONFIG,
		               "there is no profile '%.60s' in %.200s", profile,
		               path);
	for (int i = 0; i < N; i++) {
		const char *said = kvs_get(&w->profile, names[i].key);
		const char *variable = cred_env(names[i].variable);

		w->v[i] = named ? said : variable;
		if (!w->v[i] || !*w->v[i])
			w->v[i] = named ? variable : said;
	}
	if (w->v[HOST] && *w->v[HOST])
		return 0;
	return err_set(err, ERR_CONFIG,
	               "no workspace of Databricks is named: set "
	               "DATABRICKS_HOST, or 'host' in a profile of %.200s",
	               path);
}

/* Where no scheme is written, https is meant. */
static char *
base_of(const char *host)
{
	char *url = strstr(host, "://") ? mem_dup(host)
	                                : mem_printf("https://%s", host);
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		url[--len] = '\0';
	return url;
}

int
databricks_host(const char *uri, char **ret, struct err *err)
{
	cleanup_workspace struct workspace w = {.profile = KVS_INIT};

	if (load(uri, &w, err))
		return -1;
	*ret = base_of(w.v[HOST]);
	return 0;
}

/* RFC 6749 4.4, as Databricks documents it for service principals. */
static int
ask_token(const struct workspace *w, struct kvs *headers, int64_t *expires,
          struct err *err)
{
	cleanup_free char *base = base_of(w->v[HOST]);
	cleanup_free char *url = mem_printf("%s/oidc/v1/token", base);
	cleanup_free char *value = NULL;
	struct kvs basic = KVS_INIT;
	struct kvs form = KVS_INIT;
	struct oauth_token token = {.value = NULL};
	const struct oauth_ask ask = {
	    .what = "Databricks",
	    .reach = CRED_FAR,
	    .url = url,
	    .headers = &basic,
	    .form = &form,
	};
	int failed;

	rest_login_basic(&basic, w->v[CLIENT_ID], w->v[CLIENT_SECRET]);
	kvs_set(&form, "grant_type", "client_credentials");
	kvs_set(&form, "scope", "all-apis");
	failed = oauth_check_url(url, "DATABRICKS_HOST", err) ||
	         oauth_ask(&ask, &token, err);
	oauth_form_free(&basic);
	kvs_free(&form);
	if (failed)
		return -1;
	value = mem_printf("Bearer %s", token.value);
	kvs_set(headers, "Authorization", value);
	explicit_bzero(value, strlen(value));
	*expires = token.expires;
	oauth_token_free(&token);
	return 0;
}

int
databricks_sign(const char *uri, struct kvs *headers, int64_t *expires,
                struct err *err)
{
	cleanup_workspace struct workspace w = {.profile = KVS_INIT};

	*expires = 0;
	if (load(uri, &w, err))
		return -1;
	if (w.v[TOKEN]) {
		cleanup_free char *value = mem_printf("Bearer %s", w.v[TOKEN]);
		int bad = cred_check(&w.v[TOKEN], 1, "DATABRICKS_TOKEN", err);

		if (!bad)
			kvs_set(headers, "Authorization", value);
		explicit_bzero(value, strlen(value));
		return bad;
	}
	if (w.v[USERNAME] && w.v[PASSWORD]) {
		rest_login_basic(headers, w.v[USERNAME], w.v[PASSWORD]);
		return 0;
	}
	if (w.v[CLIENT_ID] && w.v[CLIENT_SECRET])
		return ask_token(&w, headers, expires, err);
	return err_set(err, ERR_CONFIG,
	               "nothing says who we are to Databricks: set "
	               "DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and "
	               "DATABRICKS_CLIENT_SECRET, or the like in a profile of "
	               "~/.databrickscfg");
}
