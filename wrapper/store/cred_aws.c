/* SPDX-License-Identifier: MIT */
/* cred_aws.c - AWS credentials from the environment and the user's files */
#include "store/cred_aws.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/text.h"
#include "store/cred.h"

enum { FILE_MAX = 1 << 20 };

void
cred_aws_free(struct cred_aws *c)
{
	if (c->secret)
		explicit_bzero(c->secret, strlen(c->secret));
	if (c->token)
		explicit_bzero(c->token, strlen(c->token));
	free(c->id);
	free(c->secret);
	free(c->token);
	free(c->source);
	*c = (struct cred_aws){.id = NULL};
}

/* --- ~/.aws ------------------------------------------------------------- */

static char *
file_path(const char *given, const char *name)
{
	if (given && given[0] == '~' && given[1] == '/')
		return cred_home(given + 2);
	return given ? mem_dup(given) : cred_home(name);
}

/* "[name]", or "[profile name]", as the file of settings has it. */
static bool
is_section(char *line, const char *profile)
{
	size_t len = strlen(line);

	if (len < 2 || line[len - 1] != ']')
		return false;
	line[len - 1] = '\0';
	line = text_trim(line + 1);
	if (!strncmp(line, "profile", 7) && isspace((unsigned char)line[7]))
		line = text_trim(line + 7);
	len = strlen(line);
	if (len > 1 && (*line == '"' || *line == '\'') &&
	    line[len - 1] == *line) {
		line[len - 1] = '\0';
		line++;
	}
	return !strcmp(line, profile);
}

/* The value of a "key = value" line of that key; NULL: another line. */
static char *
value_of(char *line, const char *key)
{
	char *value = line + strcspn(line, "=");

	/* Indented lines belong to a nested setting. */
	if (!*value || isspace((unsigned char)*line) || strchr("#;", *line))
		return NULL;
	*value++ = '\0';
	return strcasecmp(text_trim(line), key) != 0 ? NULL : text_trim(value);
}

/* *found: the profile is there, whatever it says. */
static char *
read_setting(const char *path, const char *profile, const char *key,
             bool *found)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	bool inside = false;
	char *ret = NULL;
	char *rest;
	char *line;

	if (fs_read(path, FILE_MAX, &text, &ignored))
		return NULL;
	rest = text.s;
	while ((line = strsep(&rest, "\n"))) {
		char *value;

		if (*line == '[') {
			inside = is_section(text_trim(line), profile);
			*found |= inside;
			continue;
		}
		value = inside ? value_of(line, key) : NULL;
		if (value)
			mem_replace(&ret, mem_dup(value));
	}
	buf_wipe(&text);
	return ret;
}

static const char *
profile_name(void)
{
	const char *name = cred_env("AWS_PROFILE");

	if (!name)
		name = cred_env("AWS_DEFAULT_PROFILE");
	return name ? name : "default";
}

static char *
from_files(const char *key, bool *found, bool *shared)
{
	cleanup_free char *secrets =
	    file_path(cred_env("AWS_SHARED_CREDENTIALS_FILE"),
	              ".aws/credentials");
	cleanup_free char *settings =
	    file_path(cred_env("AWS_CONFIG_FILE"), ".aws/config");
	char *ret = read_setting(secrets, profile_name(), key, found);

	*shared = ret != NULL;
	return ret ? ret : read_setting(settings, profile_name(), key, found);
}

char *
cred_aws_profile(const char *key)
{
	bool found = false;
	bool shared;

	return from_files(key, &found, &shared);
}

char *
cred_aws_region(void)
{
	const char *region = cred_env("AWS_REGION");

	if (!region)
		region = cred_env("AWS_DEFAULT_REGION");
	return region ? mem_dup(region) : cred_aws_profile("region");
}

/* --- sources ------------------------------------------------------------ */

/* 1: not from here. */
static int
from_environment(struct cred_aws *c, struct err *err)
{
	const char *id = cred_env("AWS_ACCESS_KEY_ID");
	const char *secret = cred_env("AWS_SECRET_ACCESS_KEY");

	if (!id && !secret)
		return 1;
	if (!id || !secret)
		return err_set(err, ERR_CONFIG,
		               "of AWS_ACCESS_KEY_ID and "
		               "AWS_SECRET_ACCESS_KEY only one is set: set "
		               "both or none");
	c->id = mem_dup(id);
	c->secret = mem_dup(secret);
	c->token = mem_dup(cred_env("AWS_SESSION_TOKEN"));
	c->source = mem_dup("the environment");
	return 0;
}

/* What only AWS's own tools know to follow. */
static int
unsupported(struct err *err)
{
	static const char *const keys[] = {"sso_session", "sso_start_url",
	                                   "credential_process", "role_arn"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		cleanup_free char *value = cred_aws_profile(keys[i]);

		if (value)
			return err_set(
			    err, ERR_CONFIG,
			    "AWS profile '%.60s' gets its credentials by %s, "
			    "which kmlflow does not follow: put them into the "
			    "environment, as 'eval \"$(aws configure "
			    "export-credentials --format env)\"' does",
			    profile_name(), keys[i]);
	}
	return 1;
}

static int
from_profile(struct cred_aws *c, struct err *err)
{
	bool named = cred_env("AWS_PROFILE") || cred_env("AWS_DEFAULT_PROFILE");
	bool found = false;
	bool shared;

	c->id = from_files("aws_access_key_id", &found, &shared);
	c->secret = from_files("aws_secret_access_key", &found, &shared);
	if (!c->id || !c->secret) {
		cred_aws_free(c);
		if (named && !found)
			return err_set(err, ERR_CONFIG,
			               "AWS_PROFILE names '%.60s', which is in "
			               "neither ~/.aws/credentials nor "
			               "~/.aws/config",
			               profile_name());
		return found ? unsupported(err) : 1;
	}
	c->token = from_files("aws_session_token", &found, &shared);
	c->source = mem_printf("profile '%.60s' of ~/.aws", profile_name());
	return 0;
}

int
cred_aws_load(struct cred_aws *ret, struct err *err)
{
	static int (*const sources[])(struct cred_aws *, struct err *) = {
	    from_environment,   cred_aws_web_identity, from_profile,
	    cred_aws_container, cred_aws_machine,
	};
	struct cred_aws c = {.id = NULL};
	int got = 1;

	for (size_t i = 0; i < ARRAY_LEN(sources) && got > 0; i++)
		got = sources[i](&c, err);
	if (got > 0)
		return err_set(err, ERR_CONFIG,
		               "no AWS credentials found: set "
		               "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
		               "or AWS_PROFILE to a profile of "
		               "~/.aws/credentials");
	if (!got) {
		const char *const all[] = {c.id, c.secret, c.token};

		got = cred_check(all, ARRAY_LEN(all), c.source, err);
	}
	if (got) {
		cred_aws_free(&c);
		return -1;
	}
	*ret = c;
	return 0;
}
