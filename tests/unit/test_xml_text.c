/* SPDX-License-Identifier: MIT */
/* test_xml_text.c - single elements of an answer, hostile ones too */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "wire/xml_text.h"

static void
expect(const char *xml, const char *name, const char *want)
{
	cleanup_buf struct buf got = BUF_INIT;
	const char *end;

	buf_adds(&got, "=");
	end = xml_text(xml, name, &got);
	if (!want) {
		assert_null(end);
		assert_string_equal(got.s, "=");
		return;
	}
	assert_non_null(end);
	assert_string_equal(got.s + 1, want);
}

static void
elements_are_found(void **state)
{
	(void)state;
	expect("<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code>"
	       "<Message>The bucket</Message></Error>",
	       "Code", "NoSuchBucket");
	expect("<E><CodeX>no</CodeX><Code a='b'>yes</Code></E>", "Code", "yes");
	expect("<a></a>", "a", "");
	expect("<a>1</a><a>2</a>", "a", "1");
	expect("<Error><Code>x</Code></Error>", "Message", NULL);
	expect("<Error><Code>x</Code></Error>", "Error", NULL);
	expect("<a/><b>1</b>", "a", NULL);
	expect("", "a", NULL);
	expect("no xml", "a", NULL);
}

static void
entities_are_decoded(void **state)
{
	(void)state;
	expect("<a>&lt;x&gt; &amp;amp; &quot;&apos;</a>", "a", "<x> &amp; \"'");
	expect("<a>&#65;&#xe9;&#x20ac;&#128512;</a>", "a",
	       "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	expect("<a>&nosuch; & &#0; &#xd800; &#x110000; &#x;</a>", "a",
	       "&nosuch; & &#0; &#xd800; &#x110000; &#x;");
}

static void
what_is_cut_is_nothing(void **state)
{
	(void)state;
	expect("<a>text", "a", NULL);
	expect("<a", "a", NULL);
	expect("<a>text<", "a", NULL);
	expect("<a>&amp", "a", NULL);
}

static void
size_is_bounded(void **state)
{
	cleanup_buf struct buf xml = BUF_INIT;
	cleanup_buf struct buf got = BUF_INIT;

	(void)state;
	buf_adds(&xml, "<a>");
	for (int i = 0; i < 200000; i++)
		buf_addc(&xml, 'x');
	buf_adds(&xml, "</a>");
	assert_non_null(xml_text(xml.s, "a", &got));
	assert_int_equal(got.len, 65536);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elements_are_found),
	    cmocka_unit_test(entities_are_decoded),
	    cmocka_unit_test(what_is_cut_is_nothing),
	    cmocka_unit_test(size_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
