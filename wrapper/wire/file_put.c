/* SPDX-License-Identifier: MIT */
/* file_put.c - files to an FTP or SFTP server, by libcurl */
#include "wire/file_put.h"

#include "base/err.h"
#include "base/strv.h"
#include "wire/curl_lib.h"
#include "wire/http.h"
#include "wire/transfer.h"

enum { SEND_BUFFER = 256 << 10 };

#define SET(option, value) curl_lib.easy_setopt(easy, option, value)

struct file_server {
	const struct file_login *login;
	CURL *easy;
	struct transfer transfer; /* of the file that is under way */
	char detail[CURL_ERROR_SIZE];
};

int
file_server_new(const struct file_login *login, struct file_server **ret,
                struct err *err)
{
	struct file_server *s;

	if (curl_lib_load(err))
		return -1;
	s = mem_alloc(sizeof(*s));
	s->login = login;
	s->easy = curl_lib.easy_init();
	if (s->easy) {
		*ret = s;
		return 0;
	}
	free(s);
	return err_set(err, ERR_CONFIG, "libcurl gives no handle");
}

void
file_server_free(struct file_server *s)
{
	if (!s)
		return;
	curl_lib.easy_cleanup(s->easy);
	free(s);
}

/* --- options ------------------------------------------------------------ */

/* What a server says is for nobody. */
static size_t
on_text(char *data, size_t size, size_t n, void *ctx)
{
	(void)data, (void)ctx;
	return size * n;
}

static void
set_login(CURL *easy, const struct file_login *l)
{
	SET(CURLOPT_USERNAME, l->user);
	SET(CURLOPT_PASSWORD, l->password ? l->password : "");
	SET(CURLOPT_SSH_AUTH_TYPES,
	    (long)(CURLSSH_AUTH_PUBLICKEY | CURLSSH_AUTH_AGENT |
	           (l->password ? CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD
	                        : 0)));
	SET(CURLOPT_SSH_PRIVATE_KEYFILE, l->key);
	/* Without such a file libcurl would trust anybody. */
	SET(CURLOPT_SSH_KNOWNHOSTS, l->known_hosts);
}

static void
set_all(struct file_server *s, const char *url)
{
	CURL *easy = s->easy;

	*s->detail = '\0';
	curl_lib.easy_reset(easy);
	curl_lib_set_common(easy, s->login->timeout_ms);
	curl_lib_set_transfer(easy, &s->transfer);
	set_login(easy, s->login);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_ERRORBUFFER, s->detail);
	SET(CURLOPT_WRITEFUNCTION, on_text);
	SET(CURLOPT_HEADERFUNCTION, on_text);
	SET(CURLOPT_FTP_CREATE_MISSING_DIRS, (long)CURLFTP_CREATE_DIR_RETRY);
}

static struct curl_slist *
slist_of(const struct strv *commands)
{
	struct curl_slist *ret = NULL;

	for (size_t i = 0; commands && i < commands->n; i++)
		ret = curl_lib.slist_append(ret, commands->v[i]);
	return ret;
}

/* --- what became of it -------------------------------------------------- */

static const struct meaning {
	int code;
	enum file_fate fate;
	enum err_kind kind;
	const char *remedy;
} meanings[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, FILE_FAILED, ERR_CONFIG,
     "; this libcurl has been built without it: install another one"},
    {CURLE_URL_MALFORMAT, FILE_FAILED, ERR_CONFIG, ""},
    {CURLE_LOGIN_DENIED, FILE_REFUSED, ERR_REMOTE, ""},
    {CURLE_REMOTE_ACCESS_DENIED, FILE_FAILED, ERR_REMOTE,
     "; may the user write there?"},
    {CURLE_REMOTE_FILE_NOT_FOUND, FILE_FAILED, ERR_REMOTE,
     "; may the user write there?"},
    {CURLE_UPLOAD_FAILED, FILE_FAILED, ERR_REMOTE,
     "; may the user write there?"},
    {CURLE_REMOTE_DISK_FULL, FILE_FAILED, ERR_REMOTE, ""},
    {CURLE_QUOTE_ERROR, FILE_UNTOLD, ERR_REMOTE, ""},
    {CURLE_PEER_FAILED_VERIFICATION, FILE_FAILED, ERR_CONFIG,
     "; the server's key must be in ~/.ssh/known_hosts: connect once with "
     "sftp(1)"},
    {CURLE_WEIRD_SERVER_REPLY, FILE_FAILED, ERR_REMOTE, ""},
};

static enum file_fate
judge(struct file_server *s, CURLcode code, struct err *err)
{
	const struct transfer *t = &s->transfer;
	const char *detail =
	    *s->detail ? s->detail : curl_lib.easy_strerror(code);

	if (code == CURLE_OK)
		return FILE_DONE;
	if (t->bad) {
		err_set(err, t->bad_kind, "%s", t->bad);
		if (t->response->shrank)
			return FILE_SHORTER;
		return t->bad_kind == ERR_RETRY ? FILE_LOST : FILE_FAILED;
	}
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
		const struct meaning *m = &meanings[i];

		if (m->code != (int)code)
			continue;
		err_set(err, m->kind, "%s%s", detail, m->remedy);
		return m->fate;
	}
	err_set(err, ERR_RETRY, "%s", detail);
	return FILE_LOST;
}

static enum file_fate
perform(struct file_server *s, const struct http_request *bytes,
        struct err *err)
{
	struct http_response ignored = HTTP_RESPONSE_INIT;

	s->transfer = (struct transfer){
	    .request = bytes,
	    .response = &ignored,
	    .timeout_ms = s->login->timeout_ms,
	    .stop = http_is_to_stop_at_once,
	};
	transfer_begin(&s->transfer);
	return judge(s, curl_lib_perform(s->easy), err);
}

enum file_fate
file_server_put(struct file_server *s, const struct file_put *p,
                struct err *err)
{
	const struct http_request bytes = {
	    .method = "PUT",
	    .data = p->data,
	    .fd = p->fd,
	    .size = p->size,
	};
	struct curl_slist *after = slist_of(p->after);
	CURL *easy = s->easy;
	enum file_fate fate;

	set_all(s, p->url);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)p->size);
	SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER);
	SET(CURLOPT_POSTQUOTE, after);
	fate = perform(s, &bytes, err);
	curl_lib.slist_free_all(after);
	return fate;
}

enum file_fate
file_server_do(struct file_server *s, const char *url,
               const struct strv *commands, struct err *err)
{
	const struct http_request nothing = {.method = "GET", .fd = -1};
	struct curl_slist *list = slist_of(commands);
	CURL *easy = s->easy;
	enum file_fate fate;

	set_all(s, url);
	SET(CURLOPT_NOBODY, 1L);
	SET(CURLOPT_QUOTE, list);
	fate = perform(s, &nothing, err);
	curl_lib.slist_free_all(list);
	return fate;
}
