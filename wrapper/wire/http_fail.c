/* SPDX-License-Identifier: MIT */
/* http_fail.c - what an answer that is none of the good ones has to say */
#include <ctype.h>

#include "base/err.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"

enum { TEXT_MAX = 300, SECRET_MIN = 4 };

static const char *
name_of(int status)
{
	static const struct {
		int status;
		const char *name;
	} names[] = {
	    {301, "Moved Permanently"},
	    {302, "Found"},
	    {303, "See Other"},
	    {307, "Temporary Redirect"},
	    {308, "Permanent Redirect"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {407, "Proxy Authentication Required"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {413, "Content Too Large"},
	    {429, "Too Many Requests"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {502, "Bad Gateway"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	    {507, "Insufficient Storage"},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].status == status)
			return names[i].name;
	return "";
}

/* Text without tags, and with each run of white space as one space. */
static void
add_plain(struct buf *to, const char *s, bool html)
{
	bool space = false;

	for (; *s && to->len < TEXT_MAX; s++) {
		if (html && *s == '<') {
			s += strcspn(s, ">");
			space = true;
			if (!*s)
				return;
			continue;
		}
		if (isspace((unsigned char)*s)) {
			space = true;
			continue;
		}
		if (space && to->len)
			buf_addc(to, ' ');
		space = false;
		buf_addc(to, *s);
	}
	if (*s)
		buf_adds(to, "…");
}

/* A page's title says it best; without one, all of its text. */
static void
add_page(struct buf *to, const char *s)
{
	const char *title = strcasestr(s, "<title");
	const char *end = title ? strcasestr(title, "</title") : NULL;
	cleanup_free char *words = NULL;

	if (!end) {
		add_plain(to, s, true);
		return;
	}
	words = mem_ndup(title, (size_t)(end - title));
	add_plain(to, words, true);
}

static void
add_server_text(struct buf *to, const struct http_response *r)
{
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	const char *s = r->body.s;
	const char *message = NULL;

	while (isspace((unsigned char)*s))
		s++;
	if (!json_parse(r->body.s, r->body.len, &o, &ignored)) {
		message = json_str(o, "message");
		if (!message || !*message)
			message = json_str(o, "error_code");
	}
	if (message)
		add_plain(to, message, false);
	else if (*s == '<')
		add_page(to, s);
	else
		add_plain(to, s, false);
}

/* A server may show us what we sent; nobody else needs to see it. */
static void
hide(struct buf *text, const char *secret)
{
	size_t len = strlen(secret);
	char *at;

	if (len < SECRET_MIN)
		return;
	while ((at = strstr(text->s, secret))) {
		size_t rest = strlen(at + len) + 1;

		memmove(at + 1, at + len, rest);
		*at = '*';
		text->len -= len - 1;
	}
}

static void
hide_headers(struct buf *text, const struct kvs *headers)
{
	for (size_t i = 0; headers && i < headers->n; i++) {
		const char *value = headers->v[i].value;
		const char *space = strchr(value, ' ');

		hide(text, value);
		if (space)
			hide(text, space + 1);
	}
}

/* A page that is called "404 Not Found" says nothing new. */
static void
drop_status(struct buf *text, int status, const char *name)
{
	cleanup_free char *copy = mem_dup(text->s);
	char *end;

	if (strtol(copy, &end, 10) != status)
		return;
	buf_reset(text);
	end += strspn(end, " ");
	if (strcasecmp(end, name) != 0)
		buf_adds(text, end);
}

int
http_fail(const struct http_request *request,
          const struct http_response *response, struct err *err)
{
	cleanup_buf struct buf url = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	int status = response->status;
	const char *name = name_of(status);
	enum err_kind kind = ERR_REMOTE;

	url_public(&url, request->url);
	add_server_text(&text, response);
	hide_headers(&text, request->headers);
	drop_status(&text, status, name);
	if (retry_is_transient(status) &&
	    !(request->is_final && request->is_final(response)))
		kind = ERR_RETRY;
	else if (status == 404)
		kind = ERR_NOTFOUND;
	return err_set(err, kind, "%s %.300s: %d%s%s%s%s", request->method,
	               url.s, status, *name ? " " : "", name,
	               text.len ? ": " : "", text.s);
}
