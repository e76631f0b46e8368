/* SPDX-License-Identifier: MIT */
/* conf_driver.c - conf/ trees to Python's repr(), for conf.py to compare */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"
#include "model/conf.h"
#include "model/interp.h"
#include "model/project.h"
#include "model/pystr.h"
#include "model/runtime_params.h"
#include "model/settings.h"
#include "model/value.h"

static const char *const types[] = {"parameters", "catalog", "credentials",
                                    "mlflow"};

static void
print_tree(const char *type, const struct value *v)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (v && interp_find(v)) {
		printf("%s!%s\n", type, interp_find(v)->text.unresolved);
		return;
	}
	if (v)
		pyrepr(v, &text);
	else
		buf_adds(&text, "None");
	printf("%s=", type);
	fwrite(text.s, 1, text.len, stdout);
	putchar('\n');
}

static void
print_type(struct conf *c, const char *type, const char *version)
{
	struct err err = ERR_INIT;
	struct value *v = NULL;

	/* Of each type anew: a file may be of several. */
	strv_free(&c->unread);
	if (conf_load(c, type, &v, &err)) {
		printf("%s!%s\n", type, err.msg);
		return;
	}
	if (c->unread.n) {
		printf("%s!%s\n", type, c->unread.v[0]);
		return;
	}
	/* OmegaConf's loader has laid them over its files by itself. */
	if (v && c->dialect != DIALECT_OMEGACONF && !strcmp(type, "parameters"))
		runtime_params_apply(v, c->runtime, version, &c->arena);
	print_tree(type, v);
}

/* "DIRECTORY\tENVIRONMENT\tRUNTIME PARAMS"; no environment: none is asked for
 */
static void
answer(const char *record)
{
	const char *env = strchr(record, '\t') + 1;
	const char *params = strchr(env, '\t');
	cleanup_free char *dir = mem_ndup(record, (size_t)(env - 1 - record));
	cleanup_free char *asked = mem_ndup(env, (size_t)(params - env));
	cleanup_strv struct strv warnings = STRV_INIT;
	struct settings_request request = {.cwd = dir,
	                                   .directory = ".",
	                                   .kedro = true,
	                                   .env = *asked ? asked : NULL};
	struct err err = ERR_INIT;
	struct project project;
	struct conf conf;

	if (project_find(&request, &project, &err)) {
		printf("all!%s\n", err.msg);
		return;
	}
	if (conf_open(&project, dir, &conf, &err)) {
		printf("all!%s\n", err.msg);
	} else {
		if (interp_find(conf.globals))
			printf("all!%s\n",
			       interp_find(conf.globals)->text.unresolved);
		else {
			conf.runtime =
			    runtime_params_parse(params + 1,
			                         project.kedro_version,
			                         &conf.arena, &warnings);
			conf.merged = conf.runtime;
			for (size_t i = 0; i < ARRAY_LEN(types); i++)
				print_type(&conf, types[i],
				           project.kedro_version);
			print_tree("runtime", conf.runtime);
		}
		conf_close(&conf);
	}
	project_free(&project);
}

/* Directories on stdin end in a NUL each, and so do the answers on stdout. */
int
main(void)
{
	cleanup_buf struct buf in = BUF_INIT;
	struct err err = ERR_INIT;

	if (fs_read_fd(0, 1 << 28, &in, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	for (const char *p = in.s; p < in.s + in.len; p += strlen(p) + 1) {
		answer(p);
		putchar('\0');
	}
	return 0;
}
