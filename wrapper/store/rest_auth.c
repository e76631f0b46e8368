/* SPDX-License-Identifier: MIT */
/* rest_auth.c - what tells a tracking server who we are */
#include "store/rest_auth.h"

#include <ctype.h>
#include <pwd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "wire/url.h"

enum { CREDENTIALS_MAX = 1 << 20 };

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static int
set_header(struct kvs *headers, const char *name, const char *value,
           const char *source, struct err *err)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_CONFIG,
			               "%s holds a control character, perhaps "
			               "a line break",
			               source);
	kvs_set(headers, name, value);
	return 0;
}

static void
set_basic(struct kvs *headers, const char *user, const char *password)
{
	cleanup_free char *both = mem_printf("%s:%s", user, password);
	cleanup_buf struct buf value = BUF_INIT;

	buf_adds(&value, "Basic ");
	enc_base64(&value, both, strlen(both));
	kvs_set(headers, "Authorization", value.s);
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
	set_basic(headers, user.s, password.s);
}

/* 1: done.  A spool names its server without userinfo. */
static int
try_userinfo(const char *uri, struct kvs *headers, struct err *err)
{
	const char *current = variable("MLFLOW_TRACKING_URI");
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

/* --- ~/.mlflow/credentials ---------------------------------------------- */

static char *
credentials_path(void)
{
	const char *home = variable("HOME");
	const struct passwd *pw;

	if (!home) {
		pw = getpwuid(getuid());
		home = pw ? pw->pw_dir : "/";
	}
	return fs_join(home, ".mlflow/credentials");
}

static char *
trim(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}

/* "%%" stands for a percent sign, as Python's configparser has it. */
static void
unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '%' && s[1] == '%')
			s++;
		*to++ = *s;
	}
	*to = '\0';
}

/* One line of an INI file; *inside: we are in the section [mlflow]. */
static void
read_line(char *line, bool *inside, char **user, char **password)
{
	char *value;
	char *key;

	line = trim(line);
	if (*line == '[')
		*inside = !strcmp(line, "[mlflow]");
	if (!*inside || !*line || strchr("#;[", *line))
		return;
	value = line + strcspn(line, "=:");
	if (!*value)
		return;
	*value++ = '\0';
	key = trim(line);
	value = trim(value);
	unescape(value);
	if (!strcasecmp(key, "mlflow_tracking_username"))
		mem_replace(user, mem_dup(value));
	else if (!strcasecmp(key, "mlflow_tracking_password"))
		mem_replace(password, mem_dup(value));
}

static void
read_credentials(char **user, char **password)
{
	cleanup_free char *path = credentials_path();
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	bool inside = false;
	char *line;
	char *next;

	if (fs_read(path, CREDENTIALS_MAX, &text, &ignored))
		return;
	line = text.s;
	do {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		read_line(line, &inside, user, password);
		line = next;
	} while (line);
	explicit_bzero(text.s, text.len);
}

static bool
try_password(struct kvs *headers)
{
	cleanup_free char *user = NULL;
	cleanup_free char *password = NULL;
	const char *env_user = variable("MLFLOW_TRACKING_USERNAME");
	const char *env_password = variable("MLFLOW_TRACKING_PASSWORD");

	if (!env_user || !env_password)
		read_credentials(&user, &password);
	if (env_user)
		mem_replace(&user, mem_dup(env_user));
	if (env_password)
		mem_replace(&password, mem_dup(env_password));
	if (!user || !*user || !password || !*password)
		return false;
	set_basic(headers, user, password);
	return true;
}

static int
try_token(struct kvs *headers, bool *netrc, struct err *err)
{
	const char *token = variable("MLFLOW_TRACKING_TOKEN");
	cleanup_free char *copy = mem_dup(token);
	cleanup_free char *value = NULL;

	*netrc = token == NULL;
	if (!token)
		return 0;
	value = mem_printf("Bearer %s", trim(copy));
	return set_header(headers, "Authorization", value,
	                  "MLFLOW_TRACKING_TOKEN", err);
}

/* Better a word now than a 401 later. */
static int
check_unsupported(struct err *err)
{
	const char *sigv4 = variable("MLFLOW_TRACKING_AWS_SIGV4");
	const char *plugin = variable("MLFLOW_TRACKING_AUTH");

	if (sigv4 && (!strcasecmp(sigv4, "true") || !strcmp(sigv4, "1")))
		return err_set(err, ERR_CONFIG,
		               "MLFLOW_TRACKING_AWS_SIGV4: kmlflow does not "
		               "sign requests to a tracking server; unset it "
		               "and use MLFLOW_TRACKING_TOKEN");
	if (plugin)
		return err_set(err, ERR_CONFIG,
		               "MLFLOW_TRACKING_AUTH='%.60s' names a plugin of "
		               "MLflow's Python client; unset it and put the "
		               "token into MLFLOW_TRACKING_TOKEN",
		               plugin);
	return 0;
}

int
rest_auth_load(const char *uri, struct kvs *headers, bool *netrc,
               struct err *err)
{
	const char *workspace = variable("MLFLOW_WORKSPACE");
	int got;

	*netrc = false;
	if (check_unsupported(err))
		return -1;
	if (workspace && set_header(headers, "X-MLFLOW-WORKSPACE", workspace,
	                            "MLFLOW_WORKSPACE", err))
		return -1;
	got = try_userinfo(uri, headers, err);
	if (got)
		return got < 0 ? -1 : 0;
	return try_password(headers) ? 0 : try_token(headers, netrc, err);
}
