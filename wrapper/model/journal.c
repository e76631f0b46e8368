/* SPDX-License-Identifier: MIT */
/* journal.c - what a `kedro run` command line says of the run */
#include "model/journal.h"

#include <stddef.h>

#include "base/buf.h"
#include "model/launcher.h"
#include "model/pystr.h"
#include "model/redact.h"
#include "model/version.h"

enum { NAMES = 4 };

/* What Python's str() of it looks like. */
enum form { TEXT, LIST, TUPLE, VERSIONS };

/* Each option with its spellings in Kedro 0.16 to 1.x, and its tag. */
static const struct option {
	const char *names[NAMES];
	size_t offset;
	bool list; /* given again it adds; of others the last one counts */
	enum form form;
	const char *tag;
} options[] = {
    {{"--env", "-e"}, offsetof(struct kedro_run, env), false, TEXT, "env"},
    {{"--pipeline", "--pipelines", "-p"},
     offsetof(struct kedro_run, pipeline),
     false,
     TEXT,
     "pipeline_name"},
    {{"--tag", "--tags", "-t"},
     offsetof(struct kedro_run, tags),
     true,
     TUPLE,
     "tags"},
    {{"--node", "--nodes", "-n"},
     offsetof(struct kedro_run, nodes),
     true,
     TUPLE,
     "node_names"},
    {{"--from-nodes"},
     offsetof(struct kedro_run, from_nodes),
     false,
     LIST,
     "from_nodes"},
    {{"--to-nodes"},
     offsetof(struct kedro_run, to_nodes),
     false,
     LIST,
     "to_nodes"},
    {{"--from-inputs"},
     offsetof(struct kedro_run, from_inputs),
     false,
     LIST,
     "from_inputs"},
    {{"--to-outputs"},
     offsetof(struct kedro_run, to_outputs),
     false,
     LIST,
     "to_outputs"},
    {{"--load-version", "--load-versions", "-lv"},
     offsetof(struct kedro_run, load_versions),
     true,
     VERSIONS,
     "load_versions"},
    {{"--namespace", "--namespaces", "-ns"},
     offsetof(struct kedro_run, namespaces),
     false,
     LIST,
     "namespaces"},
    {{"--runner", "-r"},
     offsetof(struct kedro_run, runner),
     false,
     TEXT,
     "runner"},
    {{"--params"}, offsetof(struct kedro_run, params), false, TEXT, NULL},
    {{"--config", "-c"}, offsetof(struct kedro_run, config), false, TEXT, NULL},
    {{"--conf-source"},
     offsetof(struct kedro_run, conf_source),
     false,
     TEXT,
     NULL},
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The words after "kedro run", NULL when CMD is something else. */
static char *const *
kedro_arguments(char *const *cmd, struct strv *own, struct kvs *env,
                struct packaged *packaged)
{
	const char *python;
	bool module;

	launcher_skip(cmd, own, env, &cmd, &module, &python);
	if (!*cmd)
		return NULL;
	if (strcmp(module ? *cmd : base_name(*cmd), "kedro") != 0)
		return packaged_find(*cmd, module, python, packaged) ? cmd + 1
		                                                     : NULL;
	/* Options of kedro itself, such as --verbose, are flags. */
	do
		cmd++;
	while (*cmd && **cmd == '-');
	return *cmd && !strcmp(*cmd, "run") ? cmd + 1 : NULL;
}

/* The option of which 'name' of 'len' bytes is a spelling, or NULL. */
static const struct option *
named(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		for (size_t j = 0; j < NAMES && options[i].names[j]; j++)
			if (strlen(options[i].names[j]) == len &&
			    !strncmp(options[i].names[j], name, len))
				return &options[i];
	return NULL;
}

/* The option that 'word' begins; *value: what it holds of it, else NULL. */
static const struct option *
find_option(const char *word, const char **value)
{
	size_t len = strcspn(word, "=");
	const struct option *option = named(word, len);

	*value = word[len] ? word + len + 1 : NULL;
	if (option || *word != '-' || word[1] == '-' || len <= 2)
		return option;
	*value = word + 2; /* -pNAME */
	return named(word, 2);
}

static char **
field(struct kedro_run *k, const struct option *option)
{
	return (char **)(void *)((char *)k + option->offset);
}

void
kedro_run_read(char *const *cmd, struct kedro_run *ret)
{
	cleanup_strv struct strv own = STRV_INIT;
	cleanup_kvs struct kvs env = KVS_INIT;
	struct packaged packaged = {.name = NULL};
	char *const *arg = kedro_arguments(cmd, &own, &env, &packaged);

	*ret = (struct kedro_run){.is_kedro_run = arg != NULL,
	                          .packaged = packaged};
	if (arg)
		ret->kedro_env = mem_dup(kvs_get(&env, "KEDRO_ENV"));
	for (; arg && *arg; arg++) {
		const char *value;
		const struct option *option = find_option(*arg, &value);
		char **to;

		if (!option)
			continue;
		if (!value)
			value = arg[1];
		if (!value)
			break;
		if (value == arg[1])
			arg++;
		to = field(ret, option);
		mem_replace(to, *to && **to && option->list
		                    ? mem_printf("%s,%s", *to, value)
		                    : mem_dup(value));
	}
	if (!ret->env && !ret->config)
		ret->env = mem_steal(&ret->kedro_env);
}

char **
kedro_run_field(struct kedro_run *k, const char *name)
{
	const struct option *option = named(name, strlen(name));

	return option ? field(k, option) : NULL;
}

void
kedro_run_free(struct kedro_run *k)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		free(*field(k, &options[i]));
	packaged_free(&k->packaged);
	free(k->kedro_env);
	*k = (struct kedro_run){.is_kedro_run = false};
}

/* Up to a comma; those within square brackets are part of a node's name. */
static size_t
item_length(const char *s)
{
	int depth = 0;
	size_t n = 0;

	for (; s[n] && (depth > 0 || s[n] != ','); n++)
		depth += (s[n] == '[') - (s[n] == ']');
	return n;
}

/* "a,b" as Python's list or tuple, "a:1,b:2" as its dict of texts. */
static void
show(const char *value, enum form form, struct buf *to)
{
	static const char open[] = "\0[({", close[] = "\0])}";
	size_t items = 0;

	if (form == TEXT) {
		buf_adds(to, value);
		return;
	}
	buf_addc(to, open[form]);
	while (*value) {
		size_t len = item_length(value);
		size_t skip = strspn(value, " ");
		size_t name = form == VERSIONS ? strcspn(value, ":,") : len;

		if (items++)
			buf_adds(to, ", ");
		skip = skip < name ? skip : name;
		pyrepr_str(value + skip, name - skip, to);
		if (form == VERSIONS) {
			buf_adds(to, ": ");
			pyrepr_str(value + name + (name < len),
			           len - name - (name < len), to);
		}
		value += len;
		value += *value == ',';
	}
	if (form == TUPLE && items == 1)
		buf_addc(to, ',');
	buf_addc(to, close[form]);
}

/* Names that Kedro 1.0 has changed. */
static void
put_tag(const struct option *option, const char *value, bool old,
        struct kvs *tags)
{
	cleanup_buf struct buf shown = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	const char *tag = option->tag;
	enum form form = option->form;

	if (!old && !strcmp(tag, "pipeline_name")) {
		tag = "pipeline_names";
		form = LIST;
	}
	if (old && !strcmp(tag, "namespaces")) {
		tag = "namespace";
		form = TEXT;
	}
	show(value, form, &shown);
	redact_text(&text, shown.s);
	kvs_set(tags, tag, text.s);
}

void
kedro_run_tags(const struct kedro_run *k, const char *version,
               const char *params, struct kvs *tags)
{
	bool old = version_before(version, 1, 0, 0);
	/* Kedro 1.0 names the default pipeline to the plugin, too. */
	const char *unnamed = old ? NULL : "__default__";
	/* The plugin's own order, which is not that of Kedro's help. */
	const struct {
		const char *flag;
		const char *value;
	} order[] = {
	    {"--from-inputs=", k->from_inputs},
	    {"--from-nodes=", k->from_nodes},
	    {"--to-nodes=", k->to_nodes},
	    {"--node=", k->nodes},
	    {"--pipeline=", k->pipeline ? k->pipeline : unnamed},
	    {"--tag=", k->tags},
	    {"--load-version=", k->load_versions},
	};
	cleanup_buf struct buf command = BUF_INIT;

	if (!k->is_kedro_run)
		return;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const char *value;

		memcpy(&value, (const char *)k + options[i].offset,
		       sizeof(value));
		if (value && *value && options[i].tag)
			put_tag(&options[i], value, old, tags);
	}
	if (params && strcmp(params, "{}") != 0)
		kvs_set(tags, old ? "extra_params" : "runtime_params", params);
	buf_adds(&command, "kedro run");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (order[i].value && *order[i].value)
			buf_addf(&command, " %s%s", order[i].flag,
			         order[i].value);
	kvs_set(tags, "kedro_command", command.s);
}
