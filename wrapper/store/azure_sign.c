/* SPDX-License-Identifier: MIT */
/* azure_sign.c - signatures of requests by Azure Storage's "Shared Key" */
#include "store/azure_sign.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/strv.h"
#include "wire/digest.h"

/* --- what is signed ----------------------------------------------------- */

static void
add_sorted(struct strv *lines, struct buf *to)
{
	strv_sort(lines);
	for (size_t i = 0; i < lines->n; i++)
		buf_adds(to, lines->v[i]);
}

/* Each "x-ms-…" header, in order. */
static void
add_headers(const struct kvs *headers, struct buf *to)
{
	cleanup_strv struct strv lines = STRV_INIT;

	for (size_t i = 0; i < headers->n; i++)
		if (!strncmp(headers->v[i].key, "x-ms-", 5))
			strv_take(&lines,
			          mem_printf("%s:%s\n", headers->v[i].key,
			                     headers->v[i].value));
	add_sorted(&lines, to);
}

/* "\nname:value" for one member of a query, both decoded. */
static char *
query_line(const char *member, size_t len)
{
	cleanup_free char *text = mem_ndup(member, len);
	char *value = text + strcspn(text, "=");
	cleanup_buf struct buf line = BUF_INIT;

	if (*value)
		*value++ = '\0';
	buf_addc(&line, '\n');
	enc_unpercent(&line, text);
	for (char *p = line.s; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	buf_addc(&line, ':');
	enc_unpercent(&line, value);
	return buf_detach(&line);
}

static void
add_query(const char *query, struct buf *to)
{
	cleanup_strv struct strv lines = STRV_INIT;

	while (*query) {
		size_t len = strcspn(query, "&");

		strv_take(&lines, query_line(query, len));
		query += len + (query[len] == '&');
	}
	add_sorted(&lines, to);
}

void
azure_string_to_sign(const struct azure_request *r, struct buf *to)
{
	static const char *const plain[] = {
	    "content-md5",         "content-type", "date",
	    "if-modified-since",   "if-match",     "if-none-match",
	    "if-unmodified-since", "range",
	};
	static const char *const first[] = {"content-encoding",
	                                    "content-language"};

	buf_addf(to, "%s\n", r->method);
	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		const char *value = kvs_get(r->headers, first[i]);

		buf_addf(to, "%s\n", value ? value : "");
	}
	if (r->size)
		buf_addf(to, "%lld", (long long)r->size);
	buf_addc(to, '\n');
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		const char *value = kvs_get(r->headers, plain[i]);

		buf_addf(to, "%s\n", value ? value : "");
	}
	add_headers(r->headers, to);
	buf_addf(to, "/%s%s", r->account, r->path);
	add_query(r->query, to);
}

/* --- the signature ------------------------------------------------------ */

int
azure_sign(const struct azure_request *r, const char *key, struct buf *to,
           struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_buf struct buf raw = BUF_INIT;
	unsigned char hash[SHA256_SIZE];
	int failed;

	if (enc_unbase64(&raw, key) || !raw.len)
		return err_set(err, ERR_CONFIG,
		               "the storage account's key is not in base64");
	azure_string_to_sign(r, &text);
	failed =
	    digest_hmac_sha256(raw.s, raw.len, text.s, text.len, hash, err);
	buf_wipe(&raw);
	if (failed)
		return -1;
	buf_addf(to, "SharedKey %s:", r->account);
	enc_base64(to, hash, sizeof(hash));
	return 0;
}

/* strftime(3) would use the user's words for days and months. */
void
azure_date(int64_t time, char ret[30])
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed",
	                               "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr",
	                                 "May", "Jun", "Jul", "Aug",
	                                 "Sep", "Oct", "Nov", "Dec"};
	time_t t = (time_t)time;
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(ret, 30, "%s, %02d %s %04d %02d:%02d:%02d GMT",
	         days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	         (tm.tm_year + 1900) % 10000, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
