/* SPDX-License-Identifier: MIT */
/* url.c - http and https URLs: their parts, and what may be shown of them */
#include "wire/url.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"

static void
lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

/* White space and control bytes could end a header line early. */
static bool
has_bad_byte(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return true;
	return false;
}

static int
parse_port(const char *s, size_t len)
{
	long port = 0;

	if (!len || len > 5)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		port = port * 10 + (s[i] - '0');
	}
	return port > 0 && port < 65536 ? (int)port : -1;
}

/* "host", "host:port", "[address]" or "[address]:port". */
static int
parse_host(const char *s, size_t len, struct url *u, struct err *err)
{
	size_t host = 0;

	if (len && *s == '[') {
		while (host < len && s[host] != ']')
			host++;
		host += host < len;
	} else {
		while (host < len && s[host] != ':')
			host++;
	}
	if (host < 1 || (*s == '[' && s[host - 1] != ']'))
		return err_set(err, ERR_CONFIG, "the URL names no host");
	u->host = mem_ndup(s, host);
	lower(u->host);
	u->port = !strcmp(u->scheme, "https") ? 443 : 80;
	/* "host:" is the same as "host". */
	if (host == len || (s[host] == ':' && host + 1 == len))
		return 0;
	u->port = parse_port(s + host + 1, len - host - 1);
	if (s[host] != ':' || u->port < 0)
		return err_set(err, ERR_CONFIG, "the URL has a wrong port");
	return 0;
}

static int
parse(const char *s, struct url *u, struct err *err)
{
	size_t scheme = strcspn(s, ":");
	const char *rest;
	const char *at;
	size_t len;

	u->scheme = mem_ndup(s, scheme);
	lower(u->scheme);
	if ((strcmp(u->scheme, "http") != 0 &&
	     strcmp(u->scheme, "https") != 0) ||
	    strncmp(s + scheme, "://", 3) != 0)
		return err_set(err, ERR_CONFIG,
		               "the URL starts with neither http:// nor "
		               "https://");
	s += scheme + 3;
	if (has_bad_byte(s))
		return err_set(err, ERR_CONFIG,
		               "the URL holds a space or a control character");
	len = strcspn(s, "/?#");
	rest = s + len;
	at = memrchr(s, '@', len);
	if (at) {
		u->userinfo = mem_ndup(s, (size_t)(at - s));
		len -= (size_t)(at + 1 - s);
		s = at + 1;
	}
	if (parse_host(s, len, u, err))
		return -1;
	u->rest = mem_printf("%s%.*s", *rest == '/' ? "" : "/",
	                     (int)strcspn(rest, "#"), rest);
	return 0;
}

int
url_parse(const char *s, struct url *ret, struct err *err)
{
	struct url u = {.port = 0};

	if (parse(s, &u, err)) {
		url_free(&u);
		return -1;
	}
	*ret = u;
	return 0;
}

void
url_free(struct url *u)
{
	free(u->scheme);
	free(u->userinfo);
	free(u->host);
	free(u->rest);
	*u = (struct url){.port = 0};
}

void
url_print(struct buf *to, const struct url *u)
{
	int usual = !strcmp(u->scheme, "https") ? 443 : 80;

	buf_addf(to, "%s://%s", u->scheme, u->host);
	if (u->port != usual)
		buf_addf(to, ":%d", u->port);
	buf_adds(to, u->rest);
}

void
url_public(struct buf *to, const char *s)
{
	const char *authority = strstr(s, "://");
	const char *at;
	size_t len;

	if (!authority) {
		buf_add(to, s, strcspn(s, "?#"));
		return;
	}
	authority += 3;
	buf_add(to, s, (size_t)(authority - s));
	len = strcspn(authority, "/?#");
	at = memrchr(authority, '@', len);
	if (at)
		authority = at + 1;
	buf_add(to, authority, strcspn(authority, "?#"));
}

bool
url_same_site(const struct url *a, const struct url *b)
{
	return !strcmp(a->scheme, b->scheme) && !strcmp(a->host, b->host) &&
	       a->port == b->port;
}

bool
url_is_loopback(const struct url *u)
{
	return !strcmp(u->host, "localhost") || !strcmp(u->host, "[::1]") ||
	       !strncmp(u->host, "127.", 4);
}

void
url_add_query(struct buf *to, const char *key, const char *value)
{
	buf_addc(to, strchr(to->s, '?') ? '&' : '?');
	enc_percent(to, key, "");
	buf_addc(to, '=');
	enc_percent(to, value, "");
}
