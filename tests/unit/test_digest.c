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

/* RFC 7515, A.2: its key, what is signed, and the signature. */
static void
rs256_of_rfc_7515(void **state)
{
	static const char key[] =
	    "-----BEGIN RSA PRIVATE KEY-----\n"
	    "MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0\n"
	    "l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pC\n"
	    "gNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSX\n"
	    "ndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD\n"
	    "Zlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8\n"
	    "q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35S\n"
	    "bEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjIL303l2cf\n"
	    "UhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1O\n"
	    "n95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP1edYH6USyPSWGp6wuA+KgHRnKK\n"
	    "Vf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f\n"
	    "40493HDw1WRQ/aSLoS4QTp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlU\n"
	    "bjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnE\n"
	    "tfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPG\n"
	    "BY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y2XDwGUcCgYEAuQPE\n"
	    "fgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYs\n"
	    "p1ZSe7zFYHj7C6ul7TjeLQeZD/YwD66t62wDmpe/HlB+TnBA+njbglfIsRLtXlnD\n"
	    "zQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7\n"
	    "DOX4IKjzdahm+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4\n"
	    "U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PCsDzqtm\n"
	    "27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN\n"
	    "54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYjagqvo3cOj1TRqNocX40omfCC\n"
	    "Mx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S\n"
	    "0iJMdQKBgCGHewxzoa1r8ZMD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1Z\n"
	    "NqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE\n"
	    "6yUXjoKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1\n"
	    "-----END RSA PRIVATE KEY-----\n";
	static const char signed_text[] =
	    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTk"
	    "zODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
	static const char want[] =
	    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5R"
	    "Zmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQ"
	    "jbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
	    "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt"
	    "FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq"
	    "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
	cleanup_buf struct buf signature = BUF_INIT;
	cleanup_buf struct buf encoded = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(digest_sign_rs256(key, signed_text,
	                                   strlen(signed_text), &signature,
	                                   &err),
	                 0);
	enc_base64url(&encoded, signature.s, signature.len);
	assert_string_equal(encoded.s, want);
}

static void
no_key_no_signature(void **state)
{
	static const char *const rows[] = {
	    "",
	    "planted-secret",
	    "-----BEGIN PRIVATE KEY-----\nplanted-secret\n"
	    "-----END PRIVATE KEY-----\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cleanup_buf struct buf signature = BUF_INIT;
		struct err err = ERR_INIT;

		assert_int_equal(digest_sign_rs256(rows[i], "x", 1, &signature,
		                                   &err),
		                 -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(strstr(err.msg, "planted"));
		assert_int_equal(signature.len, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_messages),
	    cmocka_unit_test(hmac_of_rfc_4231),
	    cmocka_unit_test(rs256_of_rfc_7515),
	    cmocka_unit_test(no_key_no_signature),
	    cmocka_unit_test(part_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
