/* SPDX-License-Identifier: MIT */
/* json.c - JSON documents: read with caps, look into, build, print */
#include "wire/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strv.h"

/* cJSON gives NULL when memory is out; mem.c says so and ends. */
static cJSON *
made(cJSON *node)
{
	return node ? node : mem_grow(NULL, SIZE_MAX, 2);
}

static int
line_of(const char *s, const char *at)
{
	int line = 1;

	for (; s < at; s++)
		line += *s == '\n';
	return line;
}

int
json_parse(const char *s, size_t len, struct cJSON **ret, struct err *err)
{
	const char *end = s;
	cJSON *node;

	if (memchr(s, '\0', len))
		return err_set(err, ERR_FORMAT, "a NUL byte in JSON");
	node = cJSON_ParseWithLengthOpts(s, len, &end, 0);
	if (!node)
		return err_set(err, ERR_FORMAT, "line %d: not valid JSON",
		               line_of(s, end));
	while (end < s + len && strchr(" \t\r\n", *end))
		end++;
	if (end < s + len) {
		cJSON_Delete(node);
		return err_set(err, ERR_FORMAT,
		               "line %d: something follows the JSON document",
		               line_of(s, end));
	}
	*ret = node;
	return 0;
}

int
json_read(const char *path, size_t cap, struct cJSON **ret, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (fs_read(path, cap, &text, err))
		return -1;
	if (json_parse(text.s, text.len, ret, err))
		return err_wrap(err, "'%s'", path);
	return 0;
}

void
json_free(struct cJSON *node)
{
	cJSON_Delete(node);
}

void
json_free_ptr(struct cJSON **node)
{
	cJSON_Delete(*node);
	*node = NULL;
}

const struct cJSON *
json_get(const struct cJSON *object, const char *key)
{
	if (!cJSON_IsObject(object))
		return NULL;
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *
json_str(const struct cJSON *object, const char *key)
{
	return json_text(json_get(object, key));
}

int64_t
json_int(const struct cJSON *object, const char *key, int64_t fallback)
{
	const cJSON *node = json_get(object, key);

	/* One that json_set_int() has made. */
	if (cJSON_IsRaw(node))
		return strtoll(node->valuestring, NULL, 10);
	/* 2^63 itself is no int64_t; a NaN fails both comparisons. */
	if (!cJSON_IsNumber(node) ||
	    !(node->valuedouble >= -9223372036854775808.0) ||
	    !(node->valuedouble < 9223372036854775808.0))
		return fallback;
	return (int64_t)node->valuedouble;
}

double
json_double(const struct cJSON *object, const char *key, double fallback)
{
	const cJSON *node = json_get(object, key);
	const char *text = json_text(node);

	if (cJSON_IsNumber(node))
		return node->valuedouble;
	if (text && !strcmp(text, "NaN"))
		return NAN;
	if (text && !strcmp(text, "Infinity"))
		return INFINITY;
	if (text && !strcmp(text, "-Infinity"))
		return -INFINITY;
	return fallback;
}

bool
json_bool(const struct cJSON *object, const char *key, bool fallback)
{
	const cJSON *node = json_get(object, key);

	return cJSON_IsBool(node) ? cJSON_IsTrue(node) : fallback;
}

bool
json_is_object(const struct cJSON *node)
{
	return cJSON_IsObject(node);
}

bool
json_is_array(const struct cJSON *node)
{
	return cJSON_IsArray(node);
}

const char *
json_text(const struct cJSON *node)
{
	return cJSON_IsString(node) ? node->valuestring : NULL;
}

const char *
json_key(const struct cJSON *node)
{
	return node ? node->string : NULL;
}

const struct cJSON *
json_first(const struct cJSON *node)
{
	return cJSON_IsObject(node) || cJSON_IsArray(node) ? node->child : NULL;
}

const struct cJSON *
json_next(const struct cJSON *node)
{
	return node->next;
}

void
json_kvs(const struct cJSON *object, const char *key, struct kvs *to)
{
	const cJSON *n = json_first(json_get(object, key));

	for (; n; n = n->next)
		if (n->string && cJSON_IsString(n))
			kvs_set(to, n->string, n->valuestring);
}

void
json_strv(const struct cJSON *object, const char *key, struct strv *to)
{
	const cJSON *n = json_first(json_get(object, key));

	for (; n; n = n->next)
		if (cJSON_IsString(n))
			strv_add(to, n->valuestring);
}

struct cJSON *
json_object(void)
{
	return made(cJSON_CreateObject());
}

struct cJSON *
json_array(void)
{
	return made(cJSON_CreateArray());
}

static cJSON *
string_node(const char *s)
{
	return made(s ? cJSON_CreateString(s) : cJSON_CreateNull());
}

void
json_set(struct cJSON *object, const char *key, struct cJSON *taken)
{
	if (!cJSON_AddItemToObject(object, key, taken))
		made(NULL);
}

void
json_push(struct cJSON *array, struct cJSON *taken)
{
	if (!cJSON_AddItemToArray(array, taken))
		made(NULL);
}

void
json_push_str(struct cJSON *array, const char *value)
{
	json_push(array, string_node(value));
}

void
json_set_strv(struct cJSON *object, const char *key, const struct strv *list)
{
	struct cJSON *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_push_str(array, list->v[i]);
	json_set(object, key, array);
}

void
json_set_str(struct cJSON *object, const char *key, const char *value)
{
	json_set(object, key, string_node(value));
}

/* Raw, because a number of cJSON is a double and would lose digits. */
void
json_set_int(struct cJSON *object, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	json_set(object, key, made(cJSON_CreateRaw(text)));
}

void
json_set_double(struct cJSON *object, const char *key, double value)
{
	if (isnan(value))
		json_set_str(object, key, "NaN");
	else if (isinf(value))
		json_set_str(object, key, value < 0 ? "-Infinity" : "Infinity");
	else
		json_set(object, key, made(cJSON_CreateNumber(value)));
}

void
json_set_bool(struct cJSON *object, const char *key, bool value)
{
	json_set(object, key, made(cJSON_CreateBool(value)));
}

void
json_set_kvs(struct cJSON *object, const char *key, const struct kvs *kvs)
{
	cJSON *child = json_object();

	for (size_t i = 0; i < kvs->n; i++)
		json_set_str(child, kvs->v[i].key, kvs->v[i].value);
	json_set(object, key, child);
}

void
json_print(const struct cJSON *node, bool pretty, struct buf *to)
{
	char *text = pretty ? cJSON_Print(node) : cJSON_PrintUnformatted(node);

	if (!text)
		made(NULL);
	buf_adds(to, text);
	if (pretty)
		buf_addc(to, '\n');
	cJSON_free(text);
}

int
json_write(const struct cJSON *node, bool pretty, const char *path, mode_t mode,
           struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT;

	json_print(node, pretty, &text);
	return fs_write_atomic(path, text.s, text.len, mode, err);
}
