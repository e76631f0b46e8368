/* SPDX-License-Identifier: MIT */
/* journal.c - what a `kedro run` command line says of the run */
#include "model/journal.h"

#include <stddef.h>

#include "base/buf.h"
#include "model/redact.h"

enum { NAMES = 4 };

/* Each option with its spellings in Kedro 0.16 to 1.x, and its tag. */
static const struct option {
	const char *names[NAMES];
	size_t offset;
	bool list; /* given again it adds; of others the last one counts */
	const char *tag;
} options[] = {
    {{"--env", "-e"}, offsetof(struct kedro_run, env), false, "env"},
    {{"--pipeline", "--pipelines", "-p"},
     offsetof(struct kedro_run, pipeline),
     false,
     "pipeline_name"},
    {{"--tag", "--tags", "-t"}, offsetof(struct kedro_run, tags), true, "tags"},
    {{"--node", "--nodes", "-n"},
     offsetof(struct kedro_run, nodes),
     true,
     "node_names"},
    {{"--from-nodes"},
     offsetof(struct kedro_run, from_nodes),
     false,
     "from_nodes"},
    {{"--to-nodes"}, offsetof(struct kedro_run, to_nodes), false, "to_nodes"},
    {{"--from-inputs"},
     offsetof(struct kedro_run, from_inputs),
     false,
     "from_inputs"},
    {{"--to-outputs"},
     offsetof(struct kedro_run, to_outputs),
     false,
     "to_outputs"},
    {{"--load-version", "--load-versions", "-lv"},
     offsetof(struct kedro_run, load_versions),
     true,
     "load_versions"},
    {{"--namespace", "--namespaces", "-ns"},
     offsetof(struct kedro_run, namespaces),
     false,
     "namespaces"},
    {{"--runner", "-r"}, offsetof(struct kedro_run, runner), false, "runner"},
    {{"--params"}, offsetof(struct kedro_run, params), false, "extra_params"},
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Where the module name stands in "python [OPTION]… -m MODULE", else 0. */
static size_t
module_at(char *const *cmd)
{
	size_t i = 1;

	if (strncmp(base_name(cmd[0]), "python", 6) != 0)
		return 0;
	for (; cmd[i] && cmd[i][0] == '-' && strcmp(cmd[i], "-m") != 0; i++)
		/* Those two are followed by a word of theirs. */
		if ((!strcmp(cmd[i], "-W") || !strcmp(cmd[i], "-X")) &&
		    cmd[i + 1])
			i++;
	return cmd[i] && !strcmp(cmd[i], "-m") && cmd[i + 1] ? i + 1 : 0;
}

/* The words after "kedro run", NULL when CMD is something else. */
static char *const *
kedro_arguments(char *const *cmd)
{
	size_t i = module_at(cmd);

	if (strcmp(base_name(cmd[i]), "kedro") != 0)
		return NULL;
	/* Options of kedro itself, such as --verbose, are flags. */
	do
		i++;
	while (cmd[i] && cmd[i][0] == '-');
	return cmd[i] && !strcmp(cmd[i], "run") ? cmd + i + 1 : NULL;
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
		mem_replace(to, *to && **to && option->list
		                    ? mem_printf("%s,%s", *to, value)
		                    : mem_dup(value));
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
		if (value && *value) {
			cleanup_buf struct buf text = BUF_INIT;

			redact_text(&text, value);
			kvs_set(tags, options[i].tag, text.s);
		}
	}
	buf_adds(&command, "kedro run");
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (order[i].value && *order[i].value)
			buf_addf(&command, " %s%s", order[i].flag,
			         order[i].value);
	kvs_set(tags, "kedro_command", command.s);
}
