/* SPDX-License-Identifier: MIT */
/* cred_ini.c - settings of one section of an INI file, as Python reads it */
#include "store/cred_ini.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "base/text.h"

enum { FILE_MAX = 1 << 20 };

static void
unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '%' && s[1] == '%')
			s++;
		*to++ = *s;
	}
	*to = '\0';
}

static bool
is_section(const char *line, const char *section)
{
	size_t len = strlen(section);

	return !strncmp(line + 1, section, len) && line[len + 1] == ']';
}

static void
read_line(char *line, struct kvs *to)
{
	char *value = line + strcspn(line, "=:");
	char *key;

	if (!*value)
		return;
	*value++ = '\0';
	key = text_trim(line);
	value = text_trim(value);
	unescape(value);
	for (char *p = key; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	kvs_set(to, key, value);
}

bool
cred_ini_read(const char *path, const char *section, struct kvs *to)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	bool inside = false;
	bool found = false;
	char *rest;
	char *line;

	if (fs_read(path, FILE_MAX, &text, &ignored))
		return false;
	rest = text.s;
	while ((line = strsep(&rest, "\n"))) {
		line = text_trim(line);
		if (*line == '[') {
			inside = is_section(line, section);
			found |= inside;
		} else if (inside && *line && !strchr("#;", *line)) {
			read_line(line, to);
		}
	}
	buf_wipe(&text);
	return found;
}
