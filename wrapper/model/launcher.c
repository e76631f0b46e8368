/* SPDX-License-Identifier: MIT */
/* launcher.c - programs that run another one: "env", "poetry run", … */
#include "model/launcher.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/strv.h"

/* Nobody puts more of them before a command. */
enum { MAX_LAUNCHERS = 16 };

/* Options, operands, and then the command. */
struct launcher {
	const char *name;
	const char *verb;    /* "run", …; NULL: none */
	const char *options; /* those that a word follows, with blanks */
	int operands;        /* words before the command */
	bool assigns;        /* NAME=VALUE words come first */
	const char *module;  /* the option before a Python module, or NULL */
};

#define CONDA "-n --name -p --prefix --cwd"

static const struct launcher launchers[] = {
    {"env", NULL, "-u --unset -C --chdir -a --argv0", 0, true, NULL},
    {"nice", NULL, "-n --adjustment", 0, false, NULL},
    {"ionice", NULL, "-c -n --class --classdata", 0, false, NULL},
    {"chrt", NULL, "-T -P -D", 1, false, NULL},
    {"taskset", NULL, "", 1, false, NULL},
    {"numactl", NULL, "-i -m -N -C -l -p", 0, false, NULL},
    {"nohup", NULL, "", 0, false, NULL},
    {"setsid", NULL, "", 0, false, NULL},
    {"stdbuf", NULL, "-i -o -e --input --output --error", 0, false, NULL},
    {"time", NULL, "-f --format -o --output", 0, false, NULL},
    {"timeout", NULL, "-s --signal -k --kill-after", 1, false, NULL},
    {"gtimeout", NULL, "-s --signal -k --kill-after", 1, false, NULL},
    {"caffeinate", NULL, "-t -w", 0, false, NULL},
    {"catchsegv", NULL, "", 0, false, NULL},
    {"xvfb-run", NULL, "-e -f -n -p -s -w", 0, false, NULL},
    {"sudo", NULL, "-u -g -h -p -C -D -R -T -U", 0, true, NULL},
    {"doas", NULL, "-u -C", 0, false, NULL},
    {"chronic", NULL, "", 0, false, NULL},
    {"systemd-run", NULL, "-p -u -E -M", 0, false, NULL},
    {"poetry", "run", "-C --directory -P --project", 0, false, NULL},
    {"pipenv", "run", "--pypi-mirror", 0, false, NULL},
    {"pdm", "run", "-p --project -f --config -c", 0, false, NULL},
    {"rye", "run", "--pyproject", 0, false, NULL},
    {"hatch", "run", "-e --env --data-dir --config", 0, false, NULL},
    {"pixi", "run", "-e --environment --manifest-path", 0, false, NULL},
    {"uv", "run",
     "--with --with-editable --with-requirements -p --python --extra --group "
     "--env-file --package --index --default-index -i --index-url "
     "--extra-index-url -f --find-links --directory --project --config-file "
     "--cache-dir --only-group --no-group --no-extra --refresh-package "
     "--color",
     0, false, "-m"},
    {"conda", "run", CONDA, 0, false, NULL},
    {"mamba", "run", CONDA, 0, false, NULL},
    {"micromamba", "run", CONDA " -r --root-prefix -e --env", 0, false, NULL},
    {"pyenv", "exec", "", 0, false, NULL},
    {"asdf", "exec", "", 0, false, NULL},
    {"mise", "exec", "-C --cd -E --env", 0, false, NULL},
    {"direnv", "exec", "", 1, false, NULL},
    {"dotenv", "run", "-f --file -q --quote -e --export", 0, false, NULL},
    {"op", "run", "--env-file", 0, false, NULL},
    {"aws-vault", "exec", "-d --duration", 1, false, NULL},
    {"bundle", "exec", "", 0, false, NULL},
    {"exec", NULL, "-a", 0, true, NULL},
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "python", "python3.11", "pythonw", … */
static bool
is_python(const char *name)
{
	return !strncmp(name, "python", 6) || !strncmp(name, "pypy", 4);
}

static bool
is_shell(const char *name)
{
	static const char *const names[] = {"sh",  "bash", "dash",
	                                    "zsh", "ksh",  "ash"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Whether 'word' is one of 'list', with blanks between. */
static bool
is_in(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strstr(list, word); p; p = strstr(p + 1, word))
		if ((p == list || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

/* "NAME=VALUE"; noted in 'env'. */
static bool
is_assignment(const char *word, struct kvs *env)
{
	const char *equals = strchr(word, '=');
	cleanup_free char *name = NULL;

	if (!equals || equals == word || isdigit((unsigned char)*word))
		return false;
	for (const char *p = word; p < equals; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	name = mem_ndup(word, (size_t)(equals - word));
	kvs_set(env, name, equals + 1);
	return true;
}

/* Past options; *module: one of them says that a module's name follows. */
static char *const *
skip_options(const struct launcher *l, char *const *cmd, bool *module)
{
	for (; *cmd && **cmd == '-' && (*cmd)[1]; cmd++) {
		if (!strcmp(*cmd, "--"))
			return cmd + 1;
		if (l->module &&
		    (!strcmp(*cmd, l->module) || !strcmp(*cmd, "--module"))) {
			*module = true;
			return cmd + 1;
		}
		if (is_in(l->options, *cmd) && cmd[1])
			cmd++;
	}
	return cmd;
}

/* NULL where it does not run anything. */
static char *const *
skip_one(const struct launcher *l, char *const *cmd, struct kvs *env,
         bool *module)
{
	cmd = skip_options(l, cmd + 1, module);
	if (l->verb) {
		if (!*cmd || strcmp(*cmd, l->verb) != 0)
			return NULL;
		cmd = skip_options(l, cmd + 1, module);
	}
	while (l->assigns && *cmd && is_assignment(*cmd, env))
		cmd++;
	for (int i = 0; i < l->operands && *cmd; i++)
		cmd++;
	if (*cmd && !strcmp(*cmd, "--"))
		cmd++;
	return cmd;
}

/* After "python": "-m MODULE", or a script that is the command. */
static char *const *
skip_python(char *const *cmd, bool *module)
{
	static const struct launcher python = {.options = "-W -X",
	                                       .module = "-m"};

	cmd = skip_options(&python, cmd + 1, module);
	return *cmd && (*module || !strchr(*cmd, '.')) ? cmd : NULL;
}

/* Simple words with quotes, to 'to'; false: a shell is needed for more. */
static bool
split_words(const char *s, struct strv *to)
{
	cleanup_buf struct buf word = BUF_INIT;
	bool open = false;
	int quote = 0;

	for (; *s; s++) {
		if (quote ? *s == quote : *s == '\'' || *s == '"') {
			quote = quote ? '\0' : (unsigned char)*s;
			open = true;
		} else if (strchr("\\`$", *s) && quote != '\'') {
			return false;
		} else if (!quote && strchr("|&;<>()*?[#~\n", *s)) {
			return false;
		} else if (!quote && (*s == ' ' || *s == '\t')) {
			if (open)
				strv_add(to, word.s);
			buf_reset(&word);
			open = false;
		} else {
			buf_addc(&word, *s);
			open = true;
		}
	}
	if (open)
		strv_add(to, word.s);
	return !quote && to->n;
}

/* "sh -c 'kedro run'"; other options of shells do not matter. */
static char *const *
skip_shell(char *const *cmd, struct strv *own, struct kvs *env)
{
	size_t i = 0;

	for (cmd++; *cmd && **cmd == '-'; cmd++)
		if ((*cmd)[1] != '-' && strchr(*cmd, 'c'))
			break;
	if (!*cmd || **cmd != '-' || !cmd[1] || own->n ||
	    !split_words(cmd[1], own))
		return NULL;
	while (i < own->n && is_assignment(own->v[i], env))
		i++;
	return own->v + i;
}

static const struct launcher *
find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(launchers); i++)
		if (!strcmp(launchers[i].name, name))
			return &launchers[i];
	return NULL;
}

void
launcher_skip(char *const *cmd, struct strv *own, struct kvs *env,
              char *const **ret, bool *module, const char **python)
{
	*module = false;
	*python = NULL;
	for (int i = 0; i < MAX_LAUNCHERS && *cmd; i++) {
		const char *name = base_name(*cmd);
		const struct launcher *l = find(name);
		char *const *next;

		if (is_python(name) && !*module)
			next = skip_python(cmd, module);
		else if (is_shell(name))
			next = skip_shell(cmd, own, env);
		else
			next = l ? skip_one(l, cmd, env, module) : NULL;
		if (!next || !*next)
			break;
		*python = is_python(name) ? *cmd : NULL;
		cmd = next;
		/* "python -m poetry run …" goes on; "python -m kedro" ends. */
		if (*module && !find(*cmd))
			break;
		if (find(base_name(*cmd)))
			*module = false;
	}
	*ret = cmd;
}
