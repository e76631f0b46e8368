/* SPDX-License-Identifier: MIT */
/* file_place.c - where files of an FTP or SFTP server lie, and who we are */
#include "store/file_place.h"

#include <pwd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"
#include "store/cred.h"
#include "store/ssh_config.h"

enum { FTP_PORT = 21, SFTP_PORT = 22 };

void
file_place_free(struct file_place *p)
{
	if (p->password)
		explicit_bzero(p->password, strlen(p->password));
	free(p->host);
	free(p->root);
	free(p->user);
	free(p->password);
	free(p->known_hosts);
	strv_free(&p->keys);
	*p = (struct file_place){.port = 0};
}

/* --- the URI ------------------------------------------------------------ */

static char *
decoded(const char *s, size_t len)
{
	cleanup_free char *text = mem_ndup(s, len);
	cleanup_buf struct buf ret = BUF_INIT;

	enc_unpercent(&ret, text);
	return buf_detach(&ret);
}

/* A line's end would begin a command of its own. */
static bool
has_control(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static void
take_user(struct file_place *p, const char *s, size_t len)
{
	const char *colon = memchr(s, ':', len);
	size_t user = colon ? (size_t)(colon - s) : len;

	p->user = decoded(s, user);
	if (colon)
		p->password = decoded(colon + 1, len - user - 1);
}

static int
take_host(struct file_place *p, const char *s, size_t len, struct err *err)
{
	cleanup_free char *text = mem_ndup(s, len);
	char *colon = *text == '[' ? strstr(text, "]:") : strchr(text, ':');
	char *end;

	if (colon) {
		colon += *colon == ']';
		*colon++ = '\0';
		p->port = (int)strtol(colon, &end, 10);
		if (*end || p->port <= 0 || p->port > 65535)
			return err_set(err, ERR_CONFIG,
			               "artifact URI: '%.20s' is no port",
			               colon);
	}
	if (!*text || text[strcspn(text, " @\\%\r\n\t\"")])
		return err_set(err, ERR_CONFIG,
		               "artifact URI names no host: write %s",
		               p->sftp ? "sftp://USER@HOST/PATH"
		                       : "ftp://USER:PASSWORD@HOST/PATH");
	p->host = mem_steal(&text);
	return 0;
}

static int
parse(const char *uri, struct file_place *p, struct err *err)
{
	const char *s = strstr(uri, "://");
	cleanup_free char *path = NULL;
	size_t len;
	const char *at;

	p->sftp = !strncasecmp(uri, "sftp:", 5);
	s = s ? s + 3 : "";
	len = strcspn(s, "/?#");
	at = memrchr(s, '@', len);
	if (at)
		take_user(p, s, (size_t)(at - s));
	at = at ? at + 1 : s;
	if (take_host(p, at, (size_t)(s + len - at), err))
		return -1;
	path = mem_printf("/%s", s + len);
	if (has_control(path) || has_control(p->user) ||
	    has_control(p->password))
		return err_set(err, ERR_CONFIG,
		               "artifact URI holds a control character");
	p->root = fs_normalise(path);
	return 0;
}

/* --- SSH's own settings ------------------------------------------------- */

static void
take_keys(struct file_place *p, const struct ssh_config *c)
{
	static const char *const usual[] = {".ssh/id_ed25519", ".ssh/id_ecdsa",
	                                    ".ssh/id_rsa"};

	for (size_t i = 0; i < c->keys.n; i++)
		if (fs_exists(c->keys.v[i]))
			strv_add(&p->keys, c->keys.v[i]);
	for (size_t i = 0; i < ARRAY_LEN(usual) && !c->keys.n; i++) {
		cleanup_free char *path = cred_home(usual[i]);

		if (fs_exists(path))
			strv_add(&p->keys, path);
	}
}

static void
load_ssh(struct file_place *p)
{
	struct ssh_config c;

	ssh_config_load(p->host, &c);
	take_keys(p, &c);
	if (!p->user && c.user)
		p->user = mem_dup(c.user);
	if (!p->port && c.port)
		p->port = (int)strtol(c.port, NULL, 10);
	if (c.host_name && !strchr(c.host_name, '%'))
		mem_replace(&p->host, mem_dup(c.host_name));
	p->known_hosts = c.known_hosts ? mem_dup(c.known_hosts)
	                               : cred_home(".ssh/known_hosts");
	ssh_config_free(&c);
}

static char *
own_name(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return mem_dup(pw ? pw->pw_name : "root");
}

int
file_place_load(const char *uri, struct file_place *ret, struct err *err)
{
	struct file_place p = {.port = 0};

	if (parse(uri, &p, err)) {
		file_place_free(&p);
		return -1;
	}
	if (p.sftp)
		load_ssh(&p);
	if (!p.user)
		p.user = p.sftp ? own_name() : mem_dup("anonymous");
	if (p.port <= 0)
		p.port = p.sftp ? SFTP_PORT : FTP_PORT;
	*ret = p;
	return 0;
}

/* --- addresses ---------------------------------------------------------- */

char *
file_place_path(const struct file_place *p, const char *artifact)
{
	return fs_join(p->root, artifact);
}

void
file_place_url(const struct file_place *p, const char *path, struct buf *to)
{
	buf_addf(to, "%s://%s:%d/", p->sftp ? "sftp" : "ftp", p->host, p->port);
	/* For FTP a path that begins at the root begins with a slash. */
	if (!p->sftp)
		buf_adds(to, "%2F");
	enc_percent(to, path + 1, "/");
}
