/* SPDX-License-Identifier: MIT */
/* test_manual.c - kmlflow.yml(5) names each key that is read, and no other */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/strv.h"
#include "model/mlflow_yml.h"
#include "temp.h"

static const char page[] = "docs/man/kmlflow.yml.5";

/* The lines of 'text' that are list items of a configuration key. */
static void
keys_of_page(const char *text, const char *from, const char *to,
             struct strv *ret)
{
	const char *p = strstr(text, from);
	const char *end = p ? strstr(p, to) : NULL;

	if (!p || !end)
		fail_msg("%s has no '%s'", page, p ? to : from);
	while ((p = strstr(p, "\n.It Ic ")) && p < end) {
		p += strlen("\n.It Ic ");
		strv_take(ret, mem_ndup(p, strcspn(p, "\n")));
	}
}

static void
compare(const char *layout, const struct strv *in_page)
{
	cleanup_strv struct strv all = STRV_INIT;
	size_t known = 0;

	mlflow_yml_keys(&all);
	for (size_t i = 0; i < all.n; i++) {
		const char *space = strchr(all.v[i], ' ');

		assert_non_null(space);
		if (strncmp(all.v[i], layout, strlen(layout)) != 0)
			continue;
		known++;
		if (!strv_has(in_page, space + 1))
			fail_msg("%s does not name '%s'", page, all.v[i]);
	}
	if (known != in_page->n)
		fail_msg("%s: %zu %s keys, the program has %zu", page,
		         in_page->n, layout, known);
}

static void
keys_of_mlflow_yml(void **state)
{
	cleanup_free char *text = temp_read(".", page);
	cleanup_strv struct strv nested = STRV_INIT;
	cleanup_strv struct strv flat = STRV_INIT;

	(void)state;
	keys_of_page(text, ".Sh MLFLOW.YML", "That of 0.2", &nested);
	keys_of_page(text, "That of 0.2", ".Sh EXAMPLES", &flat);
	compare("nested", &nested);
	compare("flat", &flat);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_of_mlflow_yml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
