/* SPDX-License-Identifier: MIT */
/* env.c - keeps our two variables in the environment of new programs */
#include "env.h"

#include <stdint.h>

#include "kmlflow/env.h"
#include "lib.h"
#include "real.h"
#include "str.h"

static bool
says_off(const char *value)
{
	return str_same("0", 1, value) || str_same("off", 3, value);
}

void
env_find(char *const *envp, struct env_vars *ret)
{
	const char *value;
	size_t i;

	*ret = (struct env_vars){.n = 0};
	for (i = 0; envp && envp[i]; i++) {
		const char *s = envp[i];

		if (s[0] == 'L' && (value = str_after(s, "LD_PRELOAD="))) {
			ret->preload = value;
			ret->preload_at = i;
		} else if (s[0] == 'K' &&
		           (value = str_after(s, KMLFLOW_ENV_IMAGE "="))) {
			ret->image = value;
		} else if (s[0] == 'K' &&
		           (value = str_after(s, KMLFLOW_ENV_CAPTURE "="))) {
			ret->capture_off = says_off(value);
		}
	}
	ret->n = i;
}

/* The next entry of a list; false: no more.  'len' 0 and NULL to begin. */
static bool
next_entry(const char *list, const char **entry, size_t *len)
{
	const char *p = *entry ? *entry + *len : list;
	size_t n = 0;

	while (*p == ' ' || *p == ':')
		p++;
	while (p[n] && p[n] != ' ' && p[n] != ':')
		n++;
	*entry = p;
	*len = n;
	return n;
}

bool
env_own_entry(const char *preload, const char **ret, size_t *ret_len)
{
	size_t self_len = str_len(real_self);
	const char *name = real_self + str_name(real_self, self_len);
	const char *entry = NULL;
	size_t len = 0;
	bool found = false;

	while (next_entry(preload, &entry, &len)) {
		size_t at = str_name(entry, len);

		if (str_same(entry, len, real_self)) {
			*ret = entry;
			*ret_len = len;
			return true;
		}
		/* "$LIB" in it makes the loader's name another one. */
		if (!found && at && str_same(entry + at, len - at, name)) {
			*ret = entry;
			*ret_len = len;
			found = true;
		}
	}
	return found;
}

/* Whether LD_PRELOAD's value has the entry that brought us here. */
static bool
has_us(const char *preload)
{
	const char *self = lib.preload_var + sizeof("LD_PRELOAD");
	const char *entry = NULL;
	size_t len = 0;

	while (next_entry(preload, &entry, &len))
		if (str_same(entry, len, self))
			return true;
	return false;
}

bool
env_plan(char *const *envp, struct env_plan *ret)
{
	lib_start();
	ret->vars = (struct env_vars){.n = 0};
	if (lib.off)
		return false;
	env_find(envp, &ret->vars);
	if (ret->vars.capture_off)
		return false;
	ret->envp = envp;
	ret->add_image = !ret->vars.image;
	ret->add_preload = !ret->vars.preload || !has_us(ret->vars.preload);
	ret->slots = ret->vars.n + 3;
	ret->text = 0;
	if (ret->add_preload && ret->vars.preload)
		ret->text = lib.preload_len + str_len(ret->vars.preload) + 3;
	return (ret->add_image || ret->add_preload) &&
	       ret->slots <= ENV_MAX_SLOTS && ret->text <= ENV_MAX_TEXT;
}

/* A sanitizer's runtime insists on being the first library. */
static bool
is_sanitizer(const char *entry, size_t len)
{
	size_t at = str_name(entry, len);

	for (size_t i = at; i < len; i++)
		if (str_after(entry + i, "san.so") ||
		    str_after(entry + i, "libclang_rt."))
			return true;
	return false;
}

static void
merge(const char *old, char *to)
{
	const char *self = lib.preload_var + sizeof("LD_PRELOAD");
	const char *first = NULL;
	size_t len = 0;

	to = str_put(to, "LD_PRELOAD=", 11);
	if (next_entry(old, &first, &len) && is_sanitizer(first, len)) {
		to = str_put(to, first, len);
		*to++ = ':';
		old = first + len;
		while (*old == ' ' || *old == ':')
			old++;
	}
	to = str_put(to, self, str_len(self));
	if (*old) {
		*to++ = ':';
		to = str_put(to, old, str_len(old));
	}
	*to = '\0';
}

void
env_build(const struct env_plan *plan, char **slots, char *text)
{
	const struct env_vars *vars = &plan->vars;
	bool replace = plan->add_preload && vars->preload;

	if (replace)
		merge(vars->preload, text);
	if (plan->add_preload)
		*slots++ = replace ? text : lib.preload_var;
	if (plan->add_image)
		*slots++ = lib.image_var;
	for (size_t i = 0; i < vars->n; i++)
		if (!replace || i != vars->preload_at)
			*slots++ = plan->envp[i];
	*slots = NULL;
}
