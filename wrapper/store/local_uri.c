/* SPDX-License-Identifier: MIT */
/* local_uri.c - URIs of local directories, in MLflow's reading of them */
#include "store/local_uri.h"

#include <ctype.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"

/* Kept in the path of a file URI, as Python's pathname2url() keeps them. */
#define PATH_KEEP "/"

char *
local_uri_scheme(const char *uri)
{
	static const char *const words[] = {"databricks", "databricks-uc",
	                                    "uc"};
	size_t len = strspn(uri, "abcdefghijklmnopqrstuvwxyz"
	                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                         "0123456789+.-");
	char *scheme;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(uri, words[i]))
			return mem_dup(uri);
	if (uri[len] != ':' || !len || !isalpha((unsigned char)*uri))
		return mem_dup("");
	scheme = mem_ndup(uri, len);
	for (char *p = scheme; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return scheme;
}

/* What follows "file:" and an empty or local host. */
static const char *
skip_host(const char *uri, struct err *err)
{
	const char *path = uri + strlen("file:");
	size_t len;

	if (strncmp(path, "//", 2) != 0)
		return path;
	path += 2;
	len = strcspn(path, "/");
	if (len && (len != 9 || strncmp(path, "localhost", 9) != 0)) {
		err_set(err, ERR_CONFIG,
		        "'file://%.*s…' names another host: write "
		        "file:///absolute/path",
		        (int)(len < 80 ? len : 80), path);
		return NULL;
	}
	return path + len;
}

/* Also tells whether 'uri' was a URI. */
static int
parse(const char *uri, char **ret, bool *is_uri, struct err *err)
{
	cleanup_free char *scheme = local_uri_scheme(uri);
	cleanup_buf struct buf path = BUF_INIT;
	cleanup_free char *cwd = NULL;
	cleanup_free char *whole = NULL;
	cleanup_free char *rest = NULL;

	*is_uri = *scheme != '\0';
	if (*is_uri && strcmp(scheme, "file") != 0)
		return err_set(err, ERR_CONFIG, "'%s:…' is not a local path",
		               scheme);
	if (*is_uri) {
		uri = skip_host(uri, err);
		if (!uri)
			return -1;
		rest = mem_ndup(uri, strcspn(uri, "?#"));
		uri = rest;
	}
	enc_unpercent(&path, uri);
	if (!path.len || strlen(path.s) != path.len)
		return err_set(err, ERR_CONFIG, "the URI names no directory");
	cwd = fs_cwd();
	whole = fs_join(cwd, path.s);
	*ret = fs_normalise(whole);
	return 0;
}

int
local_uri_path(const char *uri, char **ret, struct err *err)
{
	bool is_uri;

	return parse(uri, ret, &is_uri, err);
}

/* Whether a reader takes the plain path for what it is. */
static bool
is_plain(const char *path)
{
	size_t left = strlen(path);

	while (left) {
		size_t n = enc_utf8_len(path, left);

		if (!n || strchr("%#?", *path) || (unsigned char)*path < 0x20 ||
		    *path == 0x7f)
			return false;
		path += n;
		left -= n;
	}
	return true;
}

int
local_uri_absolute(const char *uri, char **ret, struct err *err)
{
	cleanup_free char *path = NULL;
	cleanup_buf struct buf out = BUF_INIT;
	bool is_uri;

	if (parse(uri, &path, &is_uri, err))
		return -1;
	if (!is_uri && is_plain(path)) {
		*ret = mem_steal(&path);
		return 0;
	}
	buf_adds(&out, "file://");
	enc_percent(&out, path, PATH_KEEP);
	*ret = buf_detach(&out);
	return 0;
}

char *
local_uri_append(const char *uri, const char *below)
{
	size_t len = strcspn(uri, "?#");
	const char *rest = uri + len;

	while (len && uri[len - 1] == '/')
		len--;
	return mem_printf("%.*s/%s%s", (int)len, uri, below, rest);
}
