/* SPDX-License-Identifier: MIT */
/* object_uri.c - artifact URIs of stores of objects: bucket and prefix */
#include "store/object_uri.h"

#include <ctype.h>

#include "base/err.h"
#include "base/mem.h"

int
object_uri_parse(const char *uri, const char *form, char **authority,
                 char **root, struct err *err)
{
	const char *s = strstr(uri, "://");
	size_t len;

	if (!s || !s[3] || strchr("/?#", s[3]))
		return err_set(err, ERR_CONFIG,
		               "artifact URI '%.200s' names no bucket: write "
		               "%s",
		               uri, form);
	s += 3;
	len = strcspn(s, "/?#");
	*authority = mem_ndup(s, len);
	s += len;
	while (*s == '/')
		s++;
	len = strcspn(s, "?#");
	while (len && s[len - 1] == '/')
		len--;
	*root = mem_ndup(s, len);
	return 0;
}

bool
object_uri_is_bucket(const char *s)
{
	size_t len = strlen(s);

	if (!len || len > 255 || *s == '.')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("._-", *s))
			return false;
	return true;
}

char *
object_uri_key(const char *root, const char *artifact)
{
	return mem_printf("%s%s%s", root, *root ? "/" : "", artifact);
}
