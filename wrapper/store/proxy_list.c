/* SPDX-License-Identifier: MIT */
/* proxy_list.c - what a run's artifacts hold already, behind a server */
#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "store/artifact_proxy.h"
#include "store/tracking_rest.h"
#include "wire/http.h"
#include "wire/json.h"
#include "wire/url.h"

enum { LISTING_MAX = 64 << 20 };

/* Values of the maps of a directory: never NULL. */
enum { IS_DIR = 1, SIZE_BASE = 2 };

static void
free_dir(void *dir)
{
	map_free(dir, NULL);
	free(dir);
}

void
proxy_free_dirs(struct artifact_proxy *p)
{
	map_free(&p->dirs, free_dir);
}

static void
read_files(const struct cJSON *answer, struct map *to)
{
	const struct cJSON *f = json_first(json_get(answer, "files"));

	for (; f; f = json_next(f)) {
		const char *path = json_str(f, "path");
		const char *slash = path ? strrchr(path, '/') : NULL;
		int64_t size = rest_int(f, "file_size", -1);
		bool is_dir = json_bool(f, "is_dir", false);

		/* A file without a size is as good as none. */
		if (path && (is_dir || size >= 0))
			*map_at(to, slash ? slash + 1 : path) =
			    (void *)(is_dir ? IS_DIR
			                    : (uintptr_t)size + SIZE_BASE);
	}
}

/* One that cannot be had is not asked for again. */
static int
fetch(struct artifact_proxy *p, const char *dir, struct map *to,
      struct err *err)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_json struct cJSON *answer = NULL;
	cleanup_buf struct buf url = BUF_INIT;
	cleanup_buf struct buf path = BUF_INIT;
	struct http_request request;
	struct err ignored = ERR_INIT;

	enc_unpercent(&path, p->where.root);
	if (*dir)
		buf_addf(&path, "/%s", dir);
	buf_addf(&url, "%s/api/2.0/mlflow-artifacts/artifacts",
	         p->where.server);
	url_add_query(&url, "path", path.s);
	proxy_request(p, "GET", url.s, &request);
	request.answer_max = LISTING_MAX;
	if (proxy_do(p, &request, &response, err))
		return err->kind == ERR_RETRY ? -1 : 1;
	if (response.status != 200 ||
	    json_parse(response.body.s, response.body.len, &answer, &ignored))
		return response.status == 404 ? 0 : 1;
	read_files(answer, to);
	return 0;
}

/* *ret: NULL where nobody can tell. */
static int
list(struct artifact_proxy *p, const char *dir, const struct map **ret,
     struct err *err)
{
	void **at = map_at(&p->dirs, dir);
	struct map *listed;
	int got;

	*ret = *at;
	if (*at || p->no_listing)
		return 0;
	listed = mem_alloc(sizeof(*listed));
	got = fetch(p, dir, listed, err);
	if (got) {
		free_dir(listed);
		p->no_listing = true;
		return got < 0 ? -1 : 0;
	}
	*at = listed;
	*ret = listed;
	return 0;
}

/* From the root downwards, so that an empty run is asked for once. */
int
proxy_size(struct artifact_proxy *p, const char *key, off_t *ret,
           struct err *err)
{
	const char *name = key;

	*ret = -1;
	if (!p->where.server)
		return 0;
	for (;;) {
		size_t len = strcspn(name, "/");
		cleanup_free char *dir =
		    mem_ndup(key, name > key ? (size_t)(name - key - 1) : 0);
		cleanup_free char *base = mem_ndup(name, len);
		const struct map *listed;
		uintptr_t value;

		if (list(p, dir, &listed, err))
			return -1;
		value = listed ? (uintptr_t)map_get(listed, base) : 0;
		if (!value || (name[len] != '\0') != (value == IS_DIR))
			return 0;
		if (!name[len]) {
			*ret = (off_t)(value - SIZE_BASE);
			return 0;
		}
		name += len + 1;
	}
}

/* --- comparing ---------------------------------------------------------- */

struct comparison {
	int fd;
	off_t at;
	bool differs;
};

static bool
compare_chunk(void *ctx, const void *data, size_t len)
{
	struct comparison *c = ctx;
	const char *theirs = data;
	char ours[16384];

	while (len && !c->differs) {
		size_t n = len < sizeof(ours) ? len : sizeof(ours);
		ssize_t got = pread(c->fd, ours, n, c->at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || memcmp(ours, theirs, (size_t)got) != 0) {
			c->differs = true;
			break;
		}
		theirs += got;
		len -= (size_t)got;
		c->at += got;
	}
	return !c->differs;
}

int
proxy_compare(struct artifact_proxy *p, const char *key, off_t size, int fd,
              struct err *err)
{
	cleanup_response struct http_response response = HTTP_RESPONSE_INIT;
	cleanup_buf struct buf url = BUF_INIT;
	struct comparison c = {.fd = fd};
	struct http_request request;

	buf_addf(&url, "%s/", p->where.url);
	if (proxy_uri_add_key(&url, key, NULL, err))
		return -1;
	proxy_request(p, "GET", url.s, &request);
	request.sink = compare_chunk;
	request.ctx = &c;
	request.once = true;
	/* Who cannot read back sends again. */
	if (proxy_do(p, &request, &response, err))
		return 0;
	return response.status == 200 && !c.differs && c.at == size;
}
