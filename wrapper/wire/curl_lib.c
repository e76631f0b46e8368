/* SPDX-License-Identifier: MIT */
/* curl_lib.c - libcurl, loaded at first use */
#include "wire/curl_lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/err.h"
#include "wire/http.h"
#include "wire/transfer.h"

enum { CONNECT_MAX_MS = 20 * 1000 };

/* CURLOPT_QUICK_EXIT, by number: libcurl has it from 7.87 on. */
#define OPT_QUICK_EXIT ((CURLoption)(CURLOPTTYPE_LONG + 322))

struct curl_lib curl_lib;

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static const char *load_problem;

static void *
open_library(void)
{
	void *ret = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	return ret ? ret : dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
}

/* Not linked, but loaded by need: a run on a local store pays nothing. */
static void
load(void)
{
	void *library = open_library();
	void *symbol;

	if (!library) {
		load_problem = "libcurl.so.4 cannot be loaded, which talking "
			       "to a server needs: install libcurl4 (Debian), "
			       "libcurl (Fedora, Alpine) or curl (Arch)";
		return;
	}
#define BIND(name)                                                             \
	symbol = dlsym(library, "curl_" #name);                                \
	memcpy(&curl_lib.name, &symbol, sizeof(symbol));                       \
	if (!symbol)                                                           \
		load_problem = "libcurl.so.4 lacks curl_" #name;
	CURL_FUNCTIONS(BIND)
	if (!load_problem && curl_lib.global_init(CURL_GLOBAL_DEFAULT))
		load_problem = "libcurl cannot be initialised";
}

int
curl_lib_load(struct err *err)
{
	pthread_once(&load_once, load);
	return load_problem ? err_set(err, ERR_CONFIG, "%s", load_problem) : 0;
}

/* --- callbacks ---------------------------------------------------------- */

static size_t
on_read(char *to, size_t size, size_t n, void *ctx)
{
	ssize_t got = transfer_read(ctx, to, n * size);

	return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static int
on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;

	/*
	 * On a kept connection that breaks libcurl sends again by itself.
	 * What must not be done twice is for http.c to send again.
	 */
	if (origin != SEEK_SET || (t->request->is_done && t->sent))
		return CURL_SEEKFUNC_FAIL;
	t->sent = offset;
	return CURL_SEEKFUNC_OK;
}

static int
on_progress(void *ctx, curl_off_t all_down, curl_off_t down, curl_off_t all_up,
            curl_off_t up)
{
	(void)all_down, (void)all_up;
	return transfer_progress(ctx, down, up);
}

/* CMD must not inherit our connections. */
static curl_socket_t
on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)ctx;
	(void)purpose;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

#define SET(option, value) curl_lib.easy_setopt(easy, option, value)

void
curl_lib_set_transfer(CURL *easy, struct transfer *t)
{
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, t);
	SET(CURLOPT_SEEKFUNCTION, on_seek);
	SET(CURLOPT_SEEKDATA, t);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, t);
	SET(CURLOPT_NOPROGRESS, 0L);
}

void
curl_lib_set_common(CURL *easy, int connect_ms)
{
	SET(CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(connect_ms < CONNECT_MAX_MS ? connect_ms : CONNECT_MAX_MS));
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(OPT_QUICK_EXIT, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
}

/* A peer that hangs up raises SIGPIPE in libssl: none of it may be left. */
CURLcode
curl_lib_perform(CURL *easy)
{
	const struct timespec now = {.tv_sec = 0};
	sigset_t pipe, old, pending;
	CURLcode code;
	bool before;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	before = sigismember(&pending, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &old);
	code = curl_lib.easy_perform(easy);
	if (!before)
		sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return code;
}
