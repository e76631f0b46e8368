/* SPDX-License-Identifier: MIT */
/* fuzz_yaml.c - any bytes as YAML in both dialects and as JSON, as text */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "fuzz.h"
#include "model/pystr.h"
#include "model/value.h"
#include "model/value_json.h"
#include "model/value_yaml.h"
#include "wire/yaml.h"

static void
one(const char *data, size_t size, enum dialect dialect)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct ynode *node = NULL;
	struct value *v = NULL;

	if (yaml_parse("f", data, size, &arena, &node, &err) || !node)
		return;
	/* What the cap allows would still be much to print. */
	if (node->weight > 20000 ||
	    value_from_yaml(node, dialect, "f", &arena, &v, &err))
		return;
	pystr(v, &text);
	if (v->type == VALUE_DICT && v->dict.n &&
	    !value_find(v, v->dict.v[0].key) &&
	    v->dict.v[0].key->type != VALUE_FLOAT)
		__builtin_trap();
}

static void
one_json(const char *data, size_t size)
{
	cleanup_arena struct arena arena = {.chunk = NULL};
	cleanup_buf struct buf ended = BUF_INIT;
	cleanup_buf struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct value *v = NULL;

	buf_add(&ended, data, size);
	if (!value_from_json(ended.s, ended.len, "f", &arena, &v, &err))
		pystr(v, &text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	one((const char *)data, size, DIALECT_OMEGACONF);
	one((const char *)data, size, DIALECT_YAML11);
	one_json((const char *)data, size);
	return 0;
}
