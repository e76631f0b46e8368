/* SPDX-License-Identifier: MIT */
/* value_driver.c - YAML texts to Python's str(), for values.py to compare */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "model/pystr.h"
#include "model/value.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

/* The first letter is the dialect: "o" OmegaConf's, "y" PyYAML's. */
static void
answer(const char *record)
{
	enum dialect dialect =
	    *record == 'o' ? DIALECT_OMEGACONF : DIALECT_YAML11;
	cleanup_arena struct arena arena = {.chunk = NULL};
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct ynode *node = NULL;
	struct value *v = NULL;

	if (yaml_parse("f", record + 1, strlen(record + 1), &arena, &node,
	               &err) ||
	    (node && value_from_yaml(node, dialect, "f", &arena, &v, &err))) {
		printf("!%s", err.msg);
	} else {
		if (v)
			pystr(v, &text);
		else
			buf_adds(&text, "None");
		putchar('=');
		fwrite(text.s, 1, text.len, stdout);
	}
	putchar('\0');
}

/* Records on stdin end in a NUL each, and so do the answers on stdout. */
int
main(void)
{
	cleanup_buf struct buf in = BUF_INIT;
	struct err err = ERR_INIT;

	if (fs_read_fd(0, 1 << 28, &in, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	for (const char *p = in.s; p < in.s + in.len; p += strlen(p) + 1)
		answer(p);
	return 0;
}
