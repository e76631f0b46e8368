/* SPDX-License-Identifier: MIT */
/* packaged.c - Kedro projects that are installed as packages of Python */
#include "model/packaged.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/project.h"

enum { SCRIPT_MAX = 8192, MAIN_MAX = 1 << 16 };

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_identifier(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return !*s;
}

/* As execvp(3) looks for it; NULL: it is not found. */
static char *
find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return access(name, X_OK) ? NULL : mem_dup(name);
	while (path && *name) {
		size_t len = strcspn(path, ":");
		cleanup_free char *file =
		    mem_printf("%.*s/%s", len ? (int)len : 1, len ? path : ".",
		               name);

		if (!access(file, X_OK) && !fs_is_dir(file))
			return mem_steal(&file);
		path = path[len] ? path + len + 1 : NULL;
	}
	return NULL;
}

/* At most 'max' bytes of a file; a longer one is read as nothing. */
static void
read_all(const char *path, size_t max, struct buf *to)
{
	struct err err = ERR_INIT;

	if (fs_read(path, max, to, &err))
		buf_reset(to);
}

static void
add_site(struct strv *to, const char *prefix)
{
	cleanup_free char *pattern = NULL;
	glob_t found;

	if (!prefix || *prefix != '/' || strpbrk(prefix, "*?[\\"))
		return;
	pattern = mem_printf("%s/lib/python3*/site-packages", prefix);
	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			strv_add(to, found.gl_pathv[i]);
	globfree(&found);
}

static void
add_pythonpath(struct strv *to)
{
	const char *path = getenv("PYTHONPATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");

		if (len)
			strv_take(to, mem_ndup(path, len));
		path += len + (path[len] == ':');
	}
}

/* Where that Python looks for packages, as far as files tell it. */
static void
list_places(bool module, const char *python, struct strv *to)
{
	cleanup_free char *cwd = fs_cwd();
	cleanup_free char *root = project_find_root(cwd);
	cleanup_free char *file = python ? find_program(python) : NULL;
	cleanup_free char *whole = file ? fs_join(cwd, file) : NULL;
	cleanup_free char *bin = whole ? fs_dirname(whole) : NULL;
	cleanup_free char *prefix = bin ? fs_dirname(bin) : NULL;

	if (module)
		strv_add(to, cwd);
	add_pythonpath(to);
	if (root)
		strv_take(to, mem_printf("%s/src", root));
	add_site(to, prefix);
	add_site(to, getenv("VIRTUAL_ENV"));
	add_site(to, getenv("CONDA_PREFIX"));
	if (root) {
		cleanup_free char *venv = mem_printf("%s/.venv", root);

		add_site(to, venv);
	}
}

/* "from NAME.__main__ import main" of a script for Python; NULL: it is none. */
static char *
read_script(const char *path, char **python)
{
	static const char from[] = "\nfrom ";
	static const char what[] = ".__main__ import main";
	cleanup_buf struct buf text = BUF_INIT;
	const char *line, *end;

	read_all(path, SCRIPT_MAX, &text);
	end = text.s + strcspn(text.s, " \r\n");
	line = strstr(text.s, from);
	if (strncmp(text.s, "#!/", 3) != 0 || !line)
		return NULL;
	*python = mem_ndup(text.s + 2, (size_t)(end - text.s - 2));
	line += strlen(from);
	end = strstr(line, what);
	if (!end || memchr(line, '\n', (size_t)(end - line)))
		return NULL;
	return mem_ndup(line, (size_t)(end - line));
}

/* Every release since 0.17 has its __main__.py call Kedro's own. */
static bool
is_kedro_package(const char *dir)
{
	cleanup_free char *path = mem_printf("%s/__main__.py", dir);
	cleanup_buf struct buf text = BUF_INIT;

	read_all(path, MAIN_MAX, &text);
	return strstr(text.s, "kedro.framework") != NULL;
}

static char *
find_version(const struct strv *places)
{
	static const char suffix[] = ".dist-info";

	for (size_t i = 0; i < places->n; i++) {
		cleanup_free char *pattern =
		    mem_printf("%s/kedro-[0-9]*%s", places->v[i], suffix);
		char *ret = NULL;
		glob_t found;

		if (strpbrk(places->v[i], "*?[\\"))
			continue;
		if (!glob(pattern, 0, NULL, &found)) {
			const char *name =
			    base_name(found.gl_pathv[0]) + strlen("kedro-");

			ret = mem_ndup(name, strlen(name) - strlen(suffix));
		}
		globfree(&found);
		if (ret)
			return ret;
	}
	return NULL;
}

bool
packaged_find(const char *word, bool module, const char *python,
              struct packaged *ret)
{
	cleanup_free char *file = module ? NULL : find_program(word);
	cleanup_free char *own = NULL;
	cleanup_free char *name = NULL;
	cleanup_strv struct strv places = STRV_INIT;

	if (module)
		name = mem_dup(word);
	else if (file)
		name = read_script(file, &own);
	if (!name || !is_identifier(name))
		return false;
	list_places(module, own ? own : python, &places);
	for (size_t i = 0; i < places.n; i++) {
		cleanup_free char *dir = mem_printf("%s/%s", places.v[i], name);

		if (!is_kedro_package(dir))
			continue;
		*ret = (struct packaged){
		    .name = mem_steal(&name),
		    .dir = mem_steal(&dir),
		    .program = module ? mem_printf("python -m %s", word)
		                      : mem_dup(base_name(word)),
		    .kedro_version = find_version(&places),
		};
		return true;
	}
	return false;
}

void
packaged_free(struct packaged *p)
{
	free(p->name);
	free(p->dir);
	free(p->program);
	free(p->kedro_version);
	*p = (struct packaged){.name = NULL};
}
