/* SPDX-License-Identifier: MIT */
/* exchange.c - one HTTP request and its answer, by libcurl */
#include "wire/exchange.h"

#include "base/err.h"
#include "base/fs.h"
#include "wire/curl_lib.h"
#include "wire/http.h"
#include "wire/transfer.h"

enum { SEND_BUFFER = 256 << 10 };

#define SET(option, value) curl_lib.easy_setopt(easy, option, value)

struct exchange {
	const struct http_settings *settings;
	CURL *easy;
	struct transfer transfer; /* of the exchange that is under way */
	char detail[CURL_ERROR_SIZE];
};

int
exchange_new(const struct http_settings *settings, struct exchange **ret,
             struct err *err)
{
	struct exchange *x;

	if (curl_lib_load(err))
		return -1;
	x = mem_alloc(sizeof(*x));
	x->settings = settings;
	x->easy = curl_lib.easy_init();
	if (x->easy) {
		*ret = x;
		return 0;
	}
	free(x);
	return err_set(err, ERR_CONFIG, "libcurl gives no handle");
}

void
exchange_free(struct exchange *x)
{
	if (!x)
		return;
	curl_lib.easy_cleanup(x->easy);
	free(x);
}

static int
status_of(const struct exchange *x)
{
	long status = 0;

	curl_lib.easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t
on_header(char *line, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	return transfer_header(&x->transfer, line, n * size) ? 0 : n * size;
}

static size_t
on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	return transfer_body(&x->transfer, status_of(x), data, n * size)
	           ? 0
	           : n * size;
}

static struct curl_slist *
header_lines(const struct http_request *r)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; r->headers && i < r->headers->n; i++) {
		const struct kv *h = &r->headers->v[i];
		cleanup_free char *line =
		    mem_printf("%s: %s", h->key, h->value);

		list = curl_lib.slist_append(list, line);
	}
	if (r->content_type) {
		cleanup_free char *line =
		    mem_printf("Content-Type: %s", r->content_type);

		list = curl_lib.slist_append(list, line);
	}
	return list;
}

static void
set_tls(CURL *easy, const struct http_settings *s)
{
	if (s->insecure) {
		SET(CURLOPT_SSL_VERIFYPEER, 0L);
		SET(CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (s->authorities && fs_is_dir(s->authorities))
		SET(CURLOPT_CAPATH, s->authorities);
	else if (s->authorities)
		SET(CURLOPT_CAINFO, s->authorities);
	if (s->client_cert) {
		SET(CURLOPT_SSLCERT, s->client_cert);
		SET(CURLOPT_SSLKEY, s->client_cert);
	}
}

/* curl reads http_proxy alone, MLflow's client HTTP_PROXY as well. */
static void
set_proxy(CURL *easy, const char *url)
{
	const char *upper = getenv("HTTP_PROXY");

	if (!strncmp(url, "http:", 5) && upper && *upper &&
	    !getenv("http_proxy") && !getenv("REQUEST_METHOD"))
		SET(CURLOPT_PROXY, upper);
}

static void
set_times(CURL *easy, const struct http_settings *s,
          const struct exchange_limits *limits)
{
	int connect = s->timeout_ms;

	if (limits->connect_ms && connect > limits->connect_ms)
		connect = (int)limits->connect_ms;
	curl_lib_set_common(easy, connect);
	SET(CURLOPT_TIMEOUT_MS, (long)limits->all_ms);
}

static void
set_request(CURL *easy, const struct http_request *r)
{
	const char *netrc = getenv("NETRC");

	SET(CURLOPT_URL, r->url);
	SET(CURLOPT_PATH_AS_IS, 1L);
	/* On a kept connection libcurl sends again what has no body. */
	if (r->is_done && !r->size)
		SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_USERAGENT, "kmlflow/" KMLFLOW_VERSION);
	/* A sink wants the bytes as they are stored. */
	if (!r->sink && strcmp(r->method, "HEAD") != 0)
		SET(CURLOPT_ACCEPT_ENCODING, "");
	if (!strcmp(r->method, "PUT")) {
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->size);
		SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER);
	} else if (!strcmp(r->method, "HEAD")) {
		SET(CURLOPT_NOBODY, 1L);
	} else if (strcmp(r->method, "GET") != 0) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->size);
		SET(CURLOPT_CUSTOMREQUEST, r->method);
	}
	if (r->netrc)
		SET(CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	if (r->netrc && netrc && *netrc)
		SET(CURLOPT_NETRC_FILE, netrc);
}

static void
set_callbacks(struct exchange *x)
{
	CURL *easy = x->easy;

	SET(CURLOPT_ERRORBUFFER, x->detail);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, x);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, x);
	curl_lib_set_transfer(easy, &x->transfer);
}

/* What an error means, where it is not one of a connection that broke. */
static const struct meaning {
	int code;
	enum exchange_fate fate;
	enum err_kind kind;
	const char *remedy;
} meanings[] = {
    {CURLE_COULDNT_RESOLVE_HOST, EXCHANGE_UNSENT, ERR_RETRY, ""},
    {CURLE_COULDNT_CONNECT, EXCHANGE_UNSENT, ERR_RETRY, ""},
    {CURLE_SSL_CONNECT_ERROR, EXCHANGE_UNSENT, ERR_RETRY,
     "; does this port speak https?"},
    {CURLE_URL_MALFORMAT, EXCHANGE_FAILED, ERR_CONFIG, ""},
    {CURLE_BAD_CONTENT_ENCODING, EXCHANGE_FAILED, ERR_REMOTE, ""},
    {CURLE_WEIRD_SERVER_REPLY, EXCHANGE_FAILED, ERR_REMOTE,
     "; does this port speak http?"},
    {CURLE_UNSUPPORTED_PROTOCOL, EXCHANGE_FAILED, ERR_REMOTE,
     "; does this port speak http?"},
    {CURLE_PEER_FAILED_VERIFICATION, EXCHANGE_FAILED, ERR_CONFIG,
     "; name the file of its certificate authority in "
     "MLFLOW_TRACKING_SERVER_CERT_PATH"},
    {CURLE_SSL_CACERT_BADFILE, EXCHANGE_FAILED, ERR_CONFIG,
     "; see MLFLOW_TRACKING_SERVER_CERT_PATH"},
    {CURLE_SSL_CERTPROBLEM, EXCHANGE_FAILED, ERR_CONFIG,
     "; see MLFLOW_TRACKING_CLIENT_CERT_PATH"},
};

static struct meaning
meaning_of(CURLcode code)
{
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (meanings[i].code == (int)code)
			return meanings[i];
	return (struct meaning){
	    .fate = EXCHANGE_LOST,
	    .kind = ERR_RETRY,
	    .remedy = "",
	};
}

static enum exchange_fate
judge(struct exchange *x, CURLcode code, struct err *err)
{
	const struct transfer *t = &x->transfer;
	struct meaning m = meaning_of(code);
	const char *detail =
	    *x->detail ? x->detail : curl_lib.easy_strerror(code);

	t->response->status = status_of(x);
	if (code == CURLE_OK || (t->bad && t->bad_kind == ERR_NONE))
		return EXCHANGE_ANSWERED;
	if (t->bad) {
		err_set(err, t->bad_kind, "%s", t->bad);
		return t->bad_kind == ERR_RETRY ? EXCHANGE_LOST
		                                : EXCHANGE_FAILED;
	}
	/* A server that refuses a body often hangs up while we send it. */
	if (m.fate == EXCHANGE_LOST && t->response->status >= 400 &&
	    t->sent < t->request->size)
		return EXCHANGE_ANSWERED;
	err_set(err, m.kind, "%s%s", detail, m.remedy);
	return m.fate;
}

enum exchange_fate
exchange_do(struct exchange *x, const struct http_request *request,
            const struct exchange_limits *limits, struct http_response *ret,
            struct err *err)
{
	struct curl_slist *headers = header_lines(request);
	enum exchange_fate fate;
	CURL *easy = x->easy;

	x->transfer = (struct transfer){
	    .request = request,
	    .response = ret,
	    .timeout_ms = x->settings->timeout_ms,
	    .stop = limits->stop,
	};
	transfer_begin(&x->transfer);
	*x->detail = '\0';
	curl_lib.easy_reset(easy);
	set_tls(easy, x->settings);
	set_proxy(easy, request->url);
	set_times(easy, x->settings, limits);
	set_request(easy, request);
	set_callbacks(x);
	SET(CURLOPT_HTTPHEADER, headers);
	fate = judge(x, curl_lib_perform(easy), err);
	curl_lib.slist_free_all(headers);
	return fate;
}
