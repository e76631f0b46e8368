/* SPDX-License-Identifier: MIT */
/* refusal.c - what a store says when it refuses, and what to do about it */
#include "store/refusal.h"

#include "base/buf.h"
#include "wire/retry.h"

enum { TEXT_MAX = 300, SECRET_MIN = 4 };

static const struct remedy *
find_remedy(const struct refusal *r)
{
	for (size_t i = 0; i < r->n_remedies; i++)
		if (!strcmp(r->remedies[i].code, r->code))
			return &r->remedies[i];
	return NULL;
}

static void
add_remedy(struct buf *to, const char *text, const struct refusal *r)
{
	buf_adds(to, "; ");
	for (; *text; text++) {
		if (text[0] == '%' && text[1] == 'B')
			buf_adds(to, r->bucket);
		else if (text[0] == '%' && text[1] == 'C')
			buf_adds(to, r->source ? r->source : "nobody");
		else
			buf_addc(to, *text);
		text += text[0] == '%';
	}
}

/* A store may repeat what we sent; nobody else needs to see it. */
void
refusal_hide(struct buf *text, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	char *at;

	while (len >= SECRET_MIN && (at = strstr(text->s, secret))) {
		memmove(at + 1, at + len, strlen(at + len) + 1);
		*at = '*';
		text->len -= len - 1;
	}
}

/* Some tell it in several lines. */
static void
shorten(struct buf *text)
{
	size_t len = strcspn(text->s, "\r\n");

	if (len > TEXT_MAX) {
		len = TEXT_MAX;
		while (len && (text->s[len] & 0xc0) == 0x80)
			len--;
	}
	buf_cut(text, len);
}

static enum err_kind
kind_of(int status, const struct remedy *remedy)
{
	if (remedy)
		return remedy->kind;
	if (retry_is_transient(status))
		return ERR_RETRY;
	return status == 404 ? ERR_NOTFOUND : ERR_REMOTE;
}

int
refusal_set(const struct refusal *r, struct err *err)
{
	const struct remedy *remedy = find_remedy(r);
	cleanup_buf struct buf message = BUF_INIT;
	cleanup_buf struct buf help = BUF_INIT;

	buf_adds(&message, r->message);
	for (size_t i = 0; i < ARRAY_LEN(r->secrets); i++)
		refusal_hide(&message, r->secrets[i]);
	shorten(&message);
	if (remedy && remedy->text)
		add_remedy(&help, remedy->text, r);
	return err_set(err, kind_of(r->status, remedy),
	               "%s %.400s at %.200s: %d%s%.80s%s%s%s", r->method,
	               r->uri, r->host, r->status, *r->code ? " " : "", r->code,
	               message.len ? ": " : "", message.s, help.s);
}
