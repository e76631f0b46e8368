/* SPDX-License-Identifier: MIT */
/* ssh_config.c - what ssh_config(5) says of a host */
#include "store/ssh_config.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/cred.h"

enum { FILE_MAX = 1 << 20 };

void
ssh_config_free(struct ssh_config *c)
{
	free(c->host_name);
	free(c->user);
	free(c->port);
	free(c->known_hosts);
	strv_free(&c->keys);
	*c = (struct ssh_config){.user = NULL};
}

/* The next word, quotes taken off; NULL: there is none. */
static char *
next_word(char **rest)
{
	char *s = *rest + strspn(*rest, " \t\r");
	char *end;

	if (!*s)
		return NULL;
	if (*s == '"')
		end = s + 1 + strcspn(s + 1, "\"");
	else
		end = s + strcspn(s, " \t\r");
	s += *s == '"';
	*rest = end + (*end != '\0');
	*end = '\0';
	return s;
}

/* "Host a b* !c": one that fits, and none that is excluded. */
static bool
fits(char *patterns, const char *host)
{
	bool ret = false;
	char *word;

	while ((word = next_word(&patterns))) {
		bool not = *word == '!';

		if (fnmatch(word + not, host, 0))
			continue;
		if (not )
			return false;
		ret = true;
	}
	return ret;
}

/* "~/x" and "%d/x" are below the home. */
static char *
expand(const char *path, const char *home)
{
	if (!strncmp(path, "~/", 2) || !strncmp(path, "%d/", 3))
		return fs_join(home, path + (*path == '~' ? 2 : 3));
	return mem_dup(path);
}

static void
take(struct ssh_config *c, const char *key, const char *value, const char *home)
{
	if (!strcasecmp(key, "HostName") && !c->host_name)
		c->host_name = mem_dup(value);
	else if (!strcasecmp(key, "User") && !c->user)
		c->user = mem_dup(value);
	else if (!strcasecmp(key, "Port") && !c->port)
		c->port = mem_dup(value);
	else if (!strcasecmp(key, "UserKnownHostsFile") && !c->known_hosts)
		c->known_hosts = expand(value, home);
	else if (!strcasecmp(key, "IdentityFile"))
		strv_take(&c->keys, expand(value, home));
}

void
ssh_config_parse(const char *text, const char *host, const char *home,
                 struct ssh_config *ret)
{
	cleanup_free char *copy = mem_dup(text);
	char *rest = copy;
	bool inside = true;
	char *line;

	*ret = (struct ssh_config){.user = NULL};
	while ((line = strsep(&rest, "\n"))) {
		char *key = line + strspn(line, " \t");
		char *value = key + strcspn(key, " \t=");

		if (!*key || *key == '#' || !*value)
			continue;
		*value++ = '\0';
		value += strspn(value, " \t=");
		if (!strcasecmp(key, "Host"))
			inside = fits(value, host);
		else if (!strcasecmp(key, "Match"))
			inside = false;
		else if (inside && (value = next_word(&value)))
			take(ret, key, value, home);
	}
}

void
ssh_config_load(const char *host, struct ssh_config *ret)
{
	cleanup_free char *dir = cred_home(".ssh");
	cleanup_free char *home = fs_dirname(dir);
	cleanup_free char *path = cred_home(".ssh/config");
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (fs_read(path, FILE_MAX, &text, &ignored))
		buf_reset(&text);
	ssh_config_parse(text.s, host, home, ret);
}
