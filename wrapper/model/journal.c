/* SPDX-License-Identifier: MIT */
/* journal.c - what a `kedro run` command line says of the run */
#include "model/journal.h"

#include <stddef.h>

#include "base/buf.h"

enum { NAMES = 4 };

/* Each option with its spellings in Kedro 0.16 to 1.x, and its tag. */
static const struct option {
	const char *names[NAMES];
	size_t offset;
	const char *tag;
} options[] = {
    {{"--env", "-e"}, offsetof(struct kedro_run, env), "env"},
    {{"--pipeline", "--pipelines", "-p"},
     offsetof(struct kedro_run, pipeline),
     "pipeline_name"},
    {{"--tag", "--tags", "-t"}, offsetof(struct kedro_run, tags), "tags"},
    {{"--node", "--nodes", "-n"},
     offsetof(struct kedro_run, nodes),
     "node_names"},
    {{"--from-nodes"}, offsetof(struct kedro_run, from_nodes), "from_nodes"},
    {{"--to-nodes"}, offsetof(struct kedro_run, to_nodes), "to_nodes"},
    {{"--from-inputs"}, offsetof(struct kedro_run, from_inputs), "from_inputs"},
    {{"--to-outputs"}, offsetof(struct kedro_run, to_outputs), "to_outputs"},
    {{"--load-version", "--load-versions", "-lv"},
     offsetof(struct kedro_run, load_versions),
     "load_versions"},
    {{"--namespace", "--namespaces", "-ns"},
     offsetof(struct kedro_run, namespaces),
     "namespaces"},
    {{"--runner", "-r"}, offsetof(struct kedro_run, runner), "runner"},
    {{"--params"}, offsetof(struct kedro_run, params), "extra_params"},
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The words after "kedro run", NULL when CMD is something else. */
static char *const *
kedro_arguments(char *const *cmd)
{
	size_t i = 0;

	if (!strncmp(base_name(cmd[0]), "python", 6) && cmd[1] &&
	    !strcmp(cmd[1], "-m") && cmd[2])
		i = 2;
	if (strcmp(base_name(cmd[i]), "kedro") || !cmd[i + 1] ||
	    strcmp(cmd[i + 1], "run"))
		return NULL;
	return cmd + i + 2;
}

/* The option that 'word' begins; *value: what follows '=', else NULL. */
static const struct option *
find_option(const char *word, const char **value)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		for (size_t j = 0; j < NAMES && options[i].names[j]; j++) {
			const char *name = options[i].names[j];

			if (strlen(name) != len || strncmp(name, word, len))
				continue;
			*value = word[len] ? word + len + 1 : NULL;
			return &options[i];
		}
	}
	return NULL;
}

static char **
field(struct kedro_run *k, const struct option *option)
{
	return (char **)(void *)((char *)k + option->offset);
}

void
kedro_run_read(char *const *cmd, struct kedro_run *ret)
{
	char *const *arg = kedro_arguments(cmd);

	*ret = (struct kedro_run){.is_kedro_run = arg != NULL};
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
		/* Options that may be repeated add to their list. */
		if (*to)
			mem_replace(to, mem_printf("%s,%s", *to, value));
		else
			*to = mem_dup(value);
	}
}

void
kedro_run_free(struct kedro_run *k)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		free(*field(k, &options[i]));
	*k = (struct kedro_run){.is_kedro_run = false};
}

void
kedro_run_tags(const struct kedro_run *k, struct kvs *tags)
{
	/* The plugin's own order, which is not that of Kedro's help. */
	const struct {
		const char *flag;
		const char *value;
	} order[] = {
	    {"--from-inputs=", k->from_inputs},
	    {"--from-nodes=", k->from_nodes},
	    {"--to-nodes=", k->to_nodes},
	    {"--node=", k->nodes},
	    {"--pipeline=", k->pipeline ? k->pipeline : "__default__"},
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
		if (value && *value)
			kvs_set(tags, options[i].tag, value);
	}
	buf_adds(&command, "kedro run");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (order[i].value && *order[i].value)
			buf_addf(&command, " %s%s", order[i].flag,
			         order[i].value);
	kvs_set(tags, "kedro_command", command.s);
}
