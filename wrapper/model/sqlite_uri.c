/* SPDX-License-Identifier: MIT */
/* sqlite_uri.c - sqlite:///FILE, as SQLAlchemy reads it */
#include "model/sqlite_uri.h"

#include <strings.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/fs.h"

/* "://" behind the scheme, NULL if it is another one. */
static const char *
after_scheme(const char *uri)
{
	size_t len = strcspn(uri, ":/");

	if (strncmp(uri + len, "://", 3) != 0)
		return NULL;
	if ((len == 6 && !strncasecmp(uri, "sqlite", len)) ||
	    (len == 15 && !strncasecmp(uri, "sqlite+pysqlite", len)))
		return uri + len;
	return NULL;
}

bool
sqlite_uri_is(const char *uri)
{
	return after_scheme(uri) != NULL;
}

/* The file as it is written, up to the query; NULL: it names none. */
static char *
file_part(const char *uri)
{
	const char *p = after_scheme(uri);
	cleanup_free char *file = NULL;

	if (!p || p[3] != '/')
		return NULL;
	p += 4;
	file = mem_ndup(p, strcspn(p, "?"));
	if (!*file || !strcmp(file, ":memory:") || !strncmp(file, "file:", 5))
		return NULL;
	return mem_steal(&file);
}

static char *
absolute(const char *file, const char *cwd)
{
	cleanup_free char *whole = fs_join(cwd, file);

	return fs_normalise(whole);
}

int
sqlite_uri_path(const char *uri, const char *cwd, char **ret, struct err *err)
{
	cleanup_free char *file = file_part(uri);
	cleanup_buf struct buf decoded = BUF_INIT;
	cleanup_free char *path = NULL;
	cleanup_free char *literal = NULL;

	if (!file)
		return err_set(err, ERR_CONFIG,
		               "the tracking URI names no database file: write "
		               "sqlite:///relative/file.db, or "
		               "sqlite:////absolute/file.db with four slashes");
	enc_unpercent(&decoded, file);
	if (strlen(decoded.s) != decoded.len)
		return err_set(err, ERR_CONFIG,
		               "the tracking URI has a NUL in the name of its "
		               "database file");
	path = absolute(decoded.s, cwd);
	literal = absolute(file, cwd);
	*ret = !fs_exists(path) && fs_exists(literal) ? mem_steal(&literal)
	                                              : mem_steal(&path);
	return 0;
}

/* Only what would be read as something else: older releases decode nothing. */
static void
add_path(struct buf *uri, const char *path)
{
	for (const char *p = path; *p; p++)
		if (*p == '%' || *p == '?')
			buf_addf(uri, "%%%02X", (unsigned char)*p);
		else
			buf_addc(uri, *p);
}

char *
sqlite_uri_absolute(const char *uri, const char *cwd)
{
	cleanup_free char *file = file_part(uri);
	cleanup_buf struct buf whole = BUF_INIT;
	const char *p;

	if (!file || *file == '/')
		return mem_dup(uri);
	p = after_scheme(uri) + strlen(":///");
	buf_add(&whole, uri, (size_t)(p - uri));
	add_path(&whole, cwd);
	buf_addf(&whole, "/%s", p);
	return buf_detach(&whole);
}

char *
sqlite_uri_of(const char *path)
{
	cleanup_buf struct buf uri = BUF_INIT;

	buf_adds(&uri, "sqlite:///");
	add_path(&uri, path);
	return buf_detach(&uri);
}
