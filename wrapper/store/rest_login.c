/* SPDX-License-Identifier: MIT */
/* rest_login.c - names and passwords for a tracking server */
#include "store/rest_login.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/strv.h"
#include "store/cred.h"
#include "store/cred_ini.h"
#include "store/cred_oauth.h"
#include "wire/url.h"

void
rest_login_basic(struct kvs *headers, const char *user, const char *password)
{
	cleanup_free char *both = mem_printf("%s:%s", user, password);
	cleanup_buf struct buf value = BUF_INIT;

	buf_adds(&value, "Basic ");
	enc_base64(&value, both, strlen(both));
	kvs_set(headers, "Authorization", value.s);
	explicit_bzero(both, strlen(both));
	buf_wipe(&value);
}

/* "user:password", each percent-encoded. */
static void
set_userinfo(struct kvs *headers, const char *userinfo)
{
	size_t len = strcspn(userinfo, ":");
	cleanup_free char *name = mem_ndup(userinfo, len);
	cleanup_buf struct buf user = BUF_INIT;
	cleanup_buf struct buf password = BUF_INIT;

	enc_unpercent(&user, name);
	if (userinfo[len])
		enc_unpercent(&password, userinfo + len + 1);
	rest_login_basic(headers, user.s, password.s);
}

/* A spool names its server without userinfo. */
int
rest_login_userinfo(const char *uri, struct kvs *headers, struct err *err)
{
	const char *current = cred_env("MLFLOW_TRACKING_URI");
	cleanup_url struct url u = {.port = 0};
	cleanup_url struct url other = {.port = 0};
	struct err ignored = ERR_INIT;

	if (url_parse(uri, &u, err))
		return -1;
	if (u.userinfo) {
		set_userinfo(headers, u.userinfo);
		return 1;
	}
	if (!current || url_parse(current, &other, &ignored) ||
	    !other.userinfo || !url_same_site(&u, &other))
		return 0;
	set_userinfo(headers, other.userinfo);
	return 1;
}

/* Whose name stands first: the environment's, or the file's. */
static const char *
user_of(const struct kvs *filed)
{
	const char *user = cred_env("MLFLOW_TRACKING_USERNAME");

	return user ? user : kvs_get(filed, "mlflow_tracking_username");
}

char *
rest_login_user(void)
{
	cleanup_free char *path = cred_home(".mlflow/credentials");
	struct kvs filed = KVS_INIT;
	const char *user;
	char *ret;

	cred_ini_read(path, "mlflow", &filed);
	user = user_of(&filed);
	ret = user && *user ? mem_dup(user) : NULL;
	oauth_form_free(&filed);
	return ret;
}

bool
rest_login_password(struct kvs *headers)
{
	cleanup_free char *path = cred_home(".mlflow/credentials");
	const char *password = cred_env("MLFLOW_TRACKING_PASSWORD");
	struct kvs filed = KVS_INIT;
	const char *user;
	bool known;

	if (!cred_env("MLFLOW_TRACKING_USERNAME") || !password)
		cred_ini_read(path, "mlflow", &filed);
	user = user_of(&filed);
	if (!password)
		password = kvs_get(&filed, "mlflow_tracking_password");
	known = user && *user && password && *password;
	if (known)
		rest_login_basic(headers, user, password);
	oauth_form_free(&filed);
	return known;
}
