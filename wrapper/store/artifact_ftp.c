/* SPDX-License-Identifier: MIT */
/* artifact_ftp.c - artifacts on a server of files, by FTP or SFTP */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "store/artifact_impl.h"
#include "store/body.h"
#include "store/cred.h"
#include "store/file_place.h"
#include "wire/file_put.h"
#include "wire/http.h"

struct artifact_ftp {
	struct artifact base;
	struct file_place place;
	struct retry_policy retry;
	struct file_login login;
	struct file_server *server;
	char temp[33]; /* part of the name that a file has while it comes */
	size_t key;    /* of 'place', that is used now */
};

static void
ftp_close(struct artifact *a)
{
	struct artifact_ftp *f = container_of(a, struct artifact_ftp, base);

	file_server_free(f->server);
	file_place_free(&f->place);
	free(f);
}

/* --- commands ----------------------------------------------------------- */

/* SFTP's are libcurl's own, with words in quotes. */
static char *
quoted(const char *path)
{
	cleanup_buf struct buf ret = BUF_INIT;

	buf_addc(&ret, '"');
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			buf_addc(&ret, '\\');
		buf_addc(&ret, *path);
	}
	buf_addc(&ret, '"');
	return buf_detach(&ret);
}

static void
add_rename(const struct artifact_ftp *f, const char *from, const char *to,
           struct strv *commands)
{
	cleanup_free char *old = f->place.sftp ? quoted(from) : NULL;
	cleanup_free char *new = f->place.sftp ? quoted(to) : NULL;

	if (f->place.sftp) {
		strv_take(commands, mem_printf("rename %s %s", old, new));
		return;
	}
	strv_take(commands, mem_printf("RNFR %s", from));
	strv_take(commands, mem_printf("RNTO %s", to));
}

static void
add_remove(const struct artifact_ftp *f, const char *path,
           struct strv *commands)
{
	cleanup_free char *word = f->place.sftp ? quoted(path) : NULL;

	strv_take(commands, f->place.sftp ? mem_printf("rm %s", word)
	                                  : mem_printf("DELE %s", path));
}

static enum file_fate
run(struct artifact_ftp *f, const struct strv *commands, struct err *err)
{
	cleanup_buf struct buf url = BUF_INIT;

	file_place_url(&f->place, "/", &url);
	return file_server_do(f->server, url.s, commands, err);
}

/* Not all servers replace what is there. */
static enum file_fate
replace(struct artifact_ftp *f, const char *temp, const char *path,
        struct err *err)
{
	cleanup_strv struct strv commands = STRV_INIT;

	add_remove(f, path, &commands);
	add_rename(f, temp, path, &commands);
	return run(f, &commands, err);
}

static void
forget(struct artifact_ftp *f, const char *temp)
{
	cleanup_strv struct strv commands = STRV_INIT;
	struct err ignored = ERR_INIT;

	add_remove(f, temp, &commands);
	if (run(f, &commands, &ignored) != FILE_DONE)
		log_debug("%s", ignored.msg);
}

/* --- put ---------------------------------------------------------------- */

/* libcurl offers one key at a time. */
static bool
next_key(struct artifact_ftp *f)
{
	if (f->key + 1 >= f->place.keys.n)
		return false;
	f->key++;
	f->login.key = f->place.keys.v[f->key];
	return true;
}

/* No reader may see half a file: it gets its name when it is whole. */
static enum file_fate
send_once(struct artifact_ftp *f, const char *path, const char *temp,
          const struct body *b, struct err *err)
{
	cleanup_buf struct buf url = BUF_INIT;
	cleanup_strv struct strv after = STRV_INIT;
	struct file_put put = {
	    .data = b->data,
	    .fd = b->fd,
	    .size = b->size,
	    .after = &after,
	};
	enum file_fate fate;

	file_place_url(&f->place, temp, &url);
	add_rename(f, temp, path, &after);
	put.url = url.s;
	do
		fate = file_server_put(f->server, &put, err);
	while (fate == FILE_REFUSED && next_key(f));
	return fate == FILE_UNTOLD ? replace(f, temp, path, err) : fate;
}

static enum file_fate
send_again(struct artifact_ftp *f, const char *path, const char *temp,
           const struct body *b, struct err *err)
{
	for (int n = 1;; n++) {
		enum file_fate fate = send_once(f, path, temp, b, err);
		double chance = (double)clock_random(1 << 20) / (1 << 20);

		if (fate != FILE_LOST || n > f->retry.max)
			return fate;
		log_debug("%s; again", err->msg);
		if (!http_wait(retry_backoff_ms(&f->retry, n, chance)))
			return fate;
	}
}

struct putting {
	struct artifact_ftp *f;
	const char *key;
};

static int
fail(const struct artifact_ftp *f, const char *path, enum file_fate fate,
     struct err *err)
{
	const struct file_place *p = &f->place;
	const char *help = "";

	if (fate == FILE_REFUSED && p->sftp && !p->keys.n && !p->password)
		help = "; there is no key in ~/.ssh, nor in an agent";
	else if (fate == FILE_REFUSED)
		help = "; the server does not take what it was shown";
	return err_wrap(err, "store '%.300s' as '%.60s' at %.200s:%d%s", path,
	                p->user, p->host, p->port, help);
}

static int
put_body(void *ctx, const struct body *b, bool *shrank, struct err *err)
{
	const struct putting *w = ctx;
	struct artifact_ftp *f = w->f;
	cleanup_free char *path = file_place_path(&f->place, w->key);
	cleanup_free char *dir = fs_dirname(path);
	cleanup_free char *name = mem_printf(".kmlflow-%s.part", f->temp);
	cleanup_free char *temp = fs_join(dir, name);
	enum file_fate fate;

	if (!f->server && file_server_new(&f->login, &f->server, err))
		return -1;
	fate = send_again(f, path, temp, b, err);
	if (fate == FILE_DONE)
		return 0;
	*shrank = fate == FILE_SHORTER;
	if (fate == FILE_SHORTER || fate == FILE_UNTOLD)
		forget(f, temp);
	return fail(f, path, fate, err);
}

static int
ftp_put(struct artifact *a, const char *key, int fd, off_t size,
        struct err *err)
{
	struct putting w = {
	    .f = container_of(a, struct artifact_ftp, base),
	    .key = key,
	};

	return body_send(fd, size, put_body, &w, err)
	           ? err_wrap(err, "artifact '%s'", key)
	           : 0;
}

/* Such a server knows no sums: it cannot tell without sending all back. */
static int
ftp_same(struct artifact *a, const char *key, int fd, off_t size,
         struct err *err)
{
	(void)a, (void)key, (void)fd, (void)size, (void)err;
	return 0;
}

/* --- open --------------------------------------------------------------- */

static int
ftp_open(const char *uri, struct artifact **ret, struct err *err)
{
	struct artifact_ftp *f = mem_alloc(sizeof(*f));
	struct http_settings settings;

	f->base.ops = &artifact_ftp_ops;
	if (cred_settings(NULL, &settings, err) ||
	    file_place_load(uri, &f->place, err)) {
		ftp_close(&f->base);
		return -1;
	}
	f->retry = settings.retry;
	f->login = (struct file_login){
	    .user = f->place.user,
	    .password = f->place.password,
	    .key = f->place.keys.n ? f->place.keys.v[0] : NULL,
	    .known_hosts = f->place.known_hosts,
	    .timeout_ms = settings.timeout_ms,
	};
	http_settings_free(&settings);
	clock_uuid_hex(f->temp);
	*ret = &f->base;
	return 0;
}

static const char *const schemes[] = {"ftp", "sftp", NULL};

const struct artifact_ops artifact_ftp_ops = {
    .schemes = schemes,
    .open = ftp_open,
    .close = ftp_close,
    .put = ftp_put,
    .same = ftp_same,
};
