/* SPDX-License-Identifier: MIT */
/* group.c - how the ranks of one launch meet */
#include "stage/group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "stage/group_file.h"
#include "stage/rank.h"
#include "stage/spool.h"
#include "wire/json.h"

/* A refusal is for those who come about now. */
enum { REFUSED_S = 60, FORGET_S = 3600, ID_LEN = 32 };

char *
group_path(const char *dir, int number, const char *suffix)
{
	return mem_printf("%s/ranks/%d%s", dir, number, suffix);
}

char *
group_meeting(const char *place, const char *key)
{
	return mem_printf("%s/group-%s", place, key);
}

static void
add_host(struct buf *to)
{
	struct utsname host;

	buf_adds(to, uname(&host) ? "-" : host.nodename);
}

void
group_origin(struct buf *to)
{
	add_host(to);
	buf_addc(to, ' ');
	origin_tell(to);
}

enum origin_state
group_origin_state(const char *text)
{
	size_t len = strcspn(text, " ");
	cleanup_buf struct buf host = BUF_INIT;

	add_host(&host);
	if (host.len != len || memcmp(text, host.s, len) != 0 || !text[len])
		return ORIGIN_UNKNOWN;
	return origin_state(text + len + 1);
}

static int
meet(const char *place, const char *key, const char *what, const char *value,
     struct err *err)
{
	cleanup_free char *path = group_meeting(place, key);
	cleanup_json struct cJSON *o = json_object();

	json_set_str(o, what, value);
	return json_write(o, false, path, 0600, err);
}

/* What refusals and killed runs have left. */
static void
forget_old(const char *place)
{
	DIR *dir = opendir(place);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct stat st;

		if (!strncmp(entry->d_name, "group-", 6) &&
		    !fstatat(dirfd(dir), entry->d_name, &st,
		             AT_SYMLINK_NOFOLLOW) &&
		    st.st_mtim.tv_sec < time(NULL) - FORGET_S)
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

int
group_open(const struct spool *s, const struct rank *r, const char *image,
           const struct client_store *client, struct err *err)
{
	cleanup_free char *dir = spool_path(s, "ranks");
	cleanup_free char *file = spool_path(s, GROUP_FILE);
	cleanup_free char *place = fs_dirname(s->dir);
	cleanup_free char *id = fs_basename(s->dir);
	cleanup_json struct cJSON *o = json_object();
	cleanup_buf struct buf origin = BUF_INIT;

	group_origin(&origin);
	json_set_int(o, "size", r->size);
	json_set_str(o, "key", r->key);
	json_set_str(o, "process", origin.s);
	json_set_str(o, "image", image);
	json_set_str(o, "client_uri", client ? client->uri : NULL);
	json_set_str(o, "client_experiment",
	             client ? client->experiment_id : NULL);
	json_set_str(o, "client_run", client ? client->run_id : NULL);
	if (mkdir(dir, 0700))
		return err_sys(err, "create directory '%s'", dir);
	forget_old(place);
	return json_write(o, false, file, 0600, err) ||
	               meet(place, r->key, "spool", id, err)
	           ? -1
	           : 0;
}

void
group_refuse(const char *root, const struct rank *r, const char *why)
{
	cleanup_strv struct strv places = STRV_INIT;

	spool_places(root, &places);
	for (size_t i = 0; i < places.n; i++) {
		struct err err = ERR_INIT;

		if (!spool_make_place(places.v[i], &err) &&
		    !meet(places.v[i], r->key, "refused", why, &err))
			return;
	}
}

/* --- the others ---------------------------------------------------------- */

static bool
is_fresh(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_mtim.tv_sec > time(NULL) - REFUSED_S;
}

/* Each seat is taken once: a second exec of a rank waits for the next run. */
static bool
take_seat(const char *dir, int number)
{
	cleanup_free char *seat = group_path(dir, number, "");
	cleanup_buf struct buf origin = BUF_INIT;
	struct err ignored = ERR_INIT;
	cleanup_fd int fd =
	    open(seat, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	         0600);

	if (fd < 0)
		return false;
	group_origin(&origin);
	return !fs_write_fd(fd, origin.s, origin.len, &ignored);
}

/* An image of another machine has no file here. */
static char *
image_of(const struct cJSON *o)
{
	const char *value = json_str(o, "image");
	const char *path = value ? strchr(value, ':') : NULL;

	return path && !access(path + 1, R_OK | W_OK) ? mem_dup(value) : NULL;
}

static bool
join_spool(const char *dir, const struct rank *r, struct group *g)
{
	cleanup_free char *file = fs_join(dir, GROUP_FILE);
	cleanup_json struct cJSON *o = NULL;
	const char *process;
	struct err ignored = ERR_INIT;

	if (spool_check_owner(dir, &ignored) ||
	    json_read(file, GROUP_MAX, &o, &ignored))
		return false;
	process = json_str(o, "process");
	if (!process || group_origin_state(process) == ORIGIN_GONE ||
	    !take_seat(dir, r->number))
		return false;
	*g = (struct group){
	    .dir = mem_dup(dir),
	    .image = image_of(o),
	    .client =
		{
		    .uri = mem_dup(json_str(o, "client_uri")),
		    .experiment_id = mem_dup(json_str(o, "client_experiment")),
		    .run_id = mem_dup(json_str(o, "client_run")),
		},
	};
	return true;
}

/* 1: the seat is taken; 0: not here, not yet; -1: refused. */
static int
look(const char *place, const struct rank *r, struct group *g, struct err *err)
{
	cleanup_free char *path = group_meeting(place, r->key);
	cleanup_free char *dir = NULL;
	cleanup_json struct cJSON *o = NULL;
	struct err ignored = ERR_INIT;
	const char *id;
	const char *why;

	if (json_read(path, GROUP_MAX, &o, &ignored))
		return 0;
	why = json_str(o, "refused");
	if (why && is_fresh(path))
		return err_set(err, ERR_CONFIG, "rank 0 refused: %s", why);
	id = json_str(o, "spool");
	if (!id || strspn(id, "0123456789abcdef") != ID_LEN || id[ID_LEN])
		return 0;
	dir = fs_join(place, id);
	return join_spool(dir, r, g);
}

int
group_join(const char *root, const struct rank *r, int ms, int (*stop)(void),
           struct group *ret, struct err *err)
{
	cleanup_strv struct strv places = STRV_INIT;
	int64_t end = clock_mono_ns() / 1000000 + ms;
	long pause_ms = 2;

	spool_places(root, &places);
	for (;;) {
		struct timespec pause = {.tv_nsec = pause_ms * 1000000};

		for (size_t i = 0; i < places.n; i++) {
			int got = look(places.v[i], r, ret, err);

			if (got)
				return got < 0 ? -1 : 0;
		}
		if (stop())
			return err_set(err, ERR_RETRY, "interrupted");
		if (clock_mono_ns() / 1000000 > end)
			return err_set(err, ERR_NOTFOUND,
			               "rank 0 of %d has not begun a run",
			               r->size);
		nanosleep(&pause, NULL);
		if (pause_ms < 100)
			pause_ms += pause_ms / 2;
	}
}

void
group_free(struct group *g)
{
	free(g->dir);
	free(g->image);
	client_store_free(&g->client);
	*g = (struct group){.dir = NULL};
}

void
group_beat(const struct group *g, const struct rank *r)
{
	cleanup_free char *seat = group_path(g->dir, r->number, "");

	/* Where it fails the machine is the same, or the run is over. */
	(void)utimensat(AT_FDCWD, seat, NULL, 0);
}
