/* SPDX-License-Identifier: MIT */
/* rest_command.c - headers that a command of the user's prints */
#include "store/rest_command.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"
#include "base/text.h"
#include "wire/http.h"

#define VARIABLE "KMLFLOW_TOKEN_COMMAND"

enum { OUTPUT_MAX = 64 << 10, PATIENCE_MS = 30 * 1000, SLICE_MS = 100 };

/* --- lines -------------------------------------------------------------- */

/* Those are ours to say: each request has a body of its own. */
static bool
is_reserved(const char *name)
{
	static const char *const names[] = {"content-length",
	                                    "content-type",
	                                    "transfer-encoding",
	                                    "content-encoding",
	                                    "connection",
	                                    "expect",
	                                    "host"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

static bool
is_name(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) &&
		    !strchr("!#$%&'*+-.^_`|~", *s))
			return false;
	return true;
}

static bool
is_value(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

/* Names are compared without case: the last one counts. */
static void
replace(struct kvs *headers, const char *name, const char *value)
{
	for (size_t i = 0; i < headers->n; i++)
		if (!strcasecmp(headers->v[i].key, name)) {
			kvs_set(headers, headers->v[i].key, value);
			return;
		}
	kvs_set(headers,
	        strcasecmp(name, "Authorization") ? name : "Authorization",
	        value);
}

int
rest_headers_add(const char *lines, const char *source, struct kvs *headers,
                 struct err *err)
{
	cleanup_free char *copy = mem_dup(lines);
	char *rest = copy;
	char *line;

	for (int n = 1; (line = strsep(&rest, "\n")); n++) {
		char *value = line + strcspn(line, ":");
		char *name;

		line = text_trim(line);
		if (!*line)
			continue;
		if (!*value)
			return err_set(err, ERR_CONFIG,
			               "%s, line %d: not 'Name: value'", source,
			               n);
		*value++ = '\0';
		name = text_trim(line);
		value = text_trim(value);
		if (!is_name(name) || !is_value(value))
			return err_set(err, ERR_CONFIG,
			               "%s, line %d: no header can be sent so",
			               source, n);
		if (is_reserved(name))
			return err_set(err, ERR_CONFIG,
			               "%s, line %d: '%.60s' is for kmlflow to "
			               "say",
			               source, n, name);
		replace(headers, name, value);
	}
	return 0;
}

/* --- the command -------------------------------------------------------- */

static int
start(const char *command, pid_t *pid, int *fd, struct err *err)
{
	char *const argv[] = {mem_dup("sh"), mem_dup("-c"), mem_dup(command),
	                      NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int ends[2];
	int failed;

	if (pipe2(ends, O_CLOEXEC))
		return err_sys(err, "pipe");
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	failed = posix_spawn(pid, "/bin/sh", &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	for (char *const *p = argv; *p; p++)
		free(*p);
	close(ends[1]);
	*fd = ends[0];
	if (!failed)
		return 0;
	close(ends[0]);
	errno = failed;
	return err_sys(err, VARIABLE);
}

/* All that it prints, until it ends; -1: too much, or it takes too long. */
static int
collect(int fd, struct buf *to, struct err *err)
{
	int64_t end = clock_mono_ns() / 1000000 + PATIENCE_MS;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char piece[4096];
		ssize_t n;

		if (http_is_to_stop() || clock_mono_ns() / 1000000 > end)
			return err_set(err, ERR_RETRY,
			               VARIABLE " has not ended in %d s",
			               PATIENCE_MS / 1000);
		if (poll(&p, 1, SLICE_MS) <= 0)
			continue;
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		buf_add(to, piece, (size_t)n);
		explicit_bzero(piece, sizeof(piece));
		if (to->len > OUTPUT_MAX)
			return err_set(err, ERR_CONFIG,
			               VARIABLE
			               " prints far more than a token");
	}
}

static int
reap(pid_t pid, bool end, struct err *err)
{
	int status = 0;

	if (end)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	if (!status || end)
		return 0;
	if (WIFSIGNALED(status))
		return err_set(err, ERR_RETRY,
		               VARIABLE " was ended by signal %d",
		               WTERMSIG(status));
	return err_set(err, ERR_RETRY, VARIABLE " ended with status %d",
	               WEXITSTATUS(status));
}

static int
take(struct buf *text, struct kvs *headers, struct err *err)
{
	bool plain = strlen(text->s) == text->len;
	char *all = text_trim(text->s);
	cleanup_free char *value = NULL;

	if (!plain || !*all)
		return err_set(err, ERR_CONFIG, VARIABLE " prints no token");
	if (strchr(all, ':'))
		return rest_headers_add(all, VARIABLE, headers, err);
	if (!is_value(all))
		return err_set(err, ERR_CONFIG,
		               VARIABLE " prints more than one line, none of "
		                        "them a header");
	value = mem_printf("Bearer %s", all);
	replace(headers, "Authorization", value);
	explicit_bzero(value, strlen(value));
	return 0;
}

int
rest_command_run(const char *command, struct kvs *headers, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;
	pid_t pid;
	int fd;
	int failed;

	if (start(command, &pid, &fd, err))
		return -1;
	failed = collect(fd, &text, err);
	close(fd);
	if (reap(pid, failed != 0, err))
		failed = -1;
	if (!failed)
		failed = take(&text, headers, err);
	buf_wipe(&text);
	return failed;
}
