/* SPDX-License-Identifier: MIT */
/* starter.c - the projects that `kmlflow new` can make */
#include "starter.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"

static const char placeholder[] = "@NAME@";

const struct starter *
starter_find(const char *name)
{
	for (const struct starter *s = starters; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

void
starter_names(struct strv *to)
{
	for (const struct starter *s = starters; s->name; s++)
		if (*s->name != '_')
			strv_add(to, s->name);
}

int
starter_check_name(const char *name, struct err *err)
{
	const char *p = name;

	while ((unsigned char)*p >= ' ' && !strchr("\"\\$", *p))
		p++;
	return *name && !*p ? 0
	                    : err_set(err, ERR_USAGE,
	                              "'%s': choose a name without quotes, "
	                              "'\\' and '$'",
	                              name);
}

static void
add_line(struct buf *to, const char *line, const char *name)
{
	const char *at;

	while ((at = strstr(line, placeholder))) {
		buf_add(to, line, (size_t)(at - line));
		buf_adds(to, name);
		line = at + strlen(placeholder);
	}
	buf_adds(to, line);
}

int
starter_put(const char *path, const char *text, bool executable,
            struct err *err)
{
	cleanup_fd int fd = -1;

	if (fs_mkparents(path, 0777, err))
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	          executable ? 0777 : 0666);
	if (fd >= 0)
		return fs_write_fd(fd, text, strlen(text), err);
	return errno == EEXIST ? 1 : err_sys(err, "create '%s'", path);
}

int
starter_write(const struct starter *s, const char *dir, const char *name,
              struct strv *made, struct strv *kept, struct err *err)
{
	for (const struct starter_file *f = s->files; f->path; f++) {
		cleanup_free char *path = fs_join(dir, f->path);
		cleanup_buf struct buf text = BUF_INIT;
		int there;

		for (const char *const *line = f->lines; *line; line++)
			add_line(&text, *line, name);
		there = starter_put(path, text.s, f->executable, err);
		if (there < 0)
			return -1;
		strv_add(there ? kept : made, f->path);
	}
	return 0;
}
