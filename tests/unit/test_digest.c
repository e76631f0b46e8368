/* SPDX-License-Identifier: MIT */
/* test_digest.c - published vectors: FIPS 180-4, RFC 1321, RFC 4231 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/err.h"
#include "wire/digest.h"

static void
known_messages(void **state)
{
	static const struct {
		enum digest_kind kind;
		size_t size;
		const char *text;
		const char *hex;
	} rows[] = {
	    {DIGEST_SHA256, SHA256_SIZE, "",
	     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"
	     "5"},
	    {DIGEST_SHA256, SHA256_SIZE, "abc",
	     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"
	     "d"},
	    {DIGEST_MD5, MD5_SIZE, "", "d41d8cd98f00b204e9800998ecf8427e"},
	    {DIGEST_MD5, MD5_SIZE, "message digest",
	     "f96b697d7cb7938d525a2f31aaf161d0"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_digest struct digest *d = NULL;
		cleanup_buf struct buf hex = BUF_INIT;
		unsigned char got[DIGEST_MAX];
		struct err err = ERR_INIT;

		assert_int_equal(digest_new(rows[i].kind, &d, &err), 0);
		digest_add(d, "left over", 9);
		digest_reset(d);
		for (const char *p = rows[i].text; *p; p++)
			digest_add(d, p, 1);
		digest_end(d, got);
		enc_hex(&hex, got, rows[i].size);
		assert_string_equal(hex.s, rows[i].hex);
	}
}

static void
fill(char *to, size_t len, int c)
{
	memset(to, c, len);
	to[len] = '\0';
}

/* The cases of RFC 4231 with a whole result. */
static void
hmac_of_rfc_4231(void **state)
{
	char key20[21], dd50[51], aa20[21], aa131[132], cd50[51];
	static const char key25[] =
	    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
	    "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19";
	const struct {
		const char *key, *data, *hex;
	} rows[] = {
	    {key20, "Hi There",
	     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff"
	     "7"},
	    {"Jefe", "what do ya want for nothing?",
	     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384"
	     "3"},
	    {aa20, dd50,
	     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565f"
	     "e"},
	    {key25, cd50,
	     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665"
	     "b"},
	    {aa131, "Test Using Larger Than Block-Size Key - Hash Key First",
	     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f5"
	     "4"},
	    {aa131,
	     "This is a test using a larger than block-size key and a larger "
	     "than block-size data. The key needs to be hashed before being "
	     "used by the HMAC algorithm.",
	     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e"
	     "2"},
	};

	(void)state;
	fill(key20, 20, 0x0b);
	fill(dd50, 50, 0xdd);
	fill(aa20, 20, 0xaa);
	fill(aa131, 131, 0xaa);
	fill(cd50, 50, 0xcd);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf hex = BUF_INIT;
		unsigned char got[SHA256_SIZE];
		struct err err = ERR_INIT;

		assert_int_equal(digest_hmac_sha256(rows[i].key,
		                                    strlen(rows[i].key),
		                                    rows[i].data,
		                                    strlen(rows[i].data), got,
		                                    &err),
		                 0);
		enc_hex(&hex, got, sizeof(got));
		assert_string_equal(hex.s, rows[i].hex);
	}
}

static void
part_of_a_file(void **state)
{
	cleanup_digest struct digest *d = NULL;
	cleanup_buf struct buf hex = BUF_INIT;
	cleanup_fd int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	unsigned char got[DIGEST_MAX];
	struct err err = ERR_INIT;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "xxabcyy", 7), 7);
	assert_int_equal(digest_new(DIGEST_SHA256, &d, &err), 0);
	assert_int_equal(digest_add_file(d, fd, 2, 3, &err), 0);
	digest_end(d, got);
	enc_hex(&hex, got, SHA256_SIZE);
	assert_string_equal(hex.s, "ba7816bf8f01cfea414140de5dae2223b00361a3961"
	                           "77a9cb410ff61f20015ad");
	digest_reset(d);
	assert_int_equal(digest_add_file(d, fd, 2, 6, &err), -1);
	assert_int_equal(err.kind, ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_messages),
	    cmocka_unit_test(hmac_of_rfc_4231),
	    cmocka_unit_test(part_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
