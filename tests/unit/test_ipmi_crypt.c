/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of drivers/ipmi/crypt.c, by the vectors that the algorithms' own documents give. */
#include "ipmi.h"

#include <errno.h>

/* --- digests -------------------------------------------------------------------------------- */

/* RFC 1321, A.5; RFC 3174, 7.3; FIPS 180-2, B.2: "abc", or the next with these in the end. */
#define LONG "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

static void digests_are_those_of_their_standards(void **state)
{
	static const struct {
		enum hash hash;
		struct view text, digest;
	} vectors[] = {
		{HASH_MD5, {(const uint8_t *)"abc", 3},
		 {(const uint8_t *)"\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72",
		  16}},
		{HASH_SHA1, {(const uint8_t *)LONG, sizeof(LONG) - 1},
		 {(const uint8_t *)"\x84\x98\x3e\x44\x1c\x3b\xd2\x6e\xba\xae\x4a\xa1\xf9\x51\x29\xe5"
				   "\xe5\x46\x70\xf1", 20}},
		{HASH_SHA256, {(const uint8_t *)LONG, sizeof(LONG) - 1},
		 {(const uint8_t *)"\x24\x8d\x6a\x61\xd2\x06\x38\xb8\xe5\xc0\x26\x93\x0c\x3e\x60\x39"
				   "\xa3\x3c\xe4\x59\x64\xff\x21\x67\xf6\xec\xed\xd4\x19\xdb\x06\xc1",
		  32}},
	};
	uint8_t out[DIGEST_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		assert_int_equal(hash_size(vectors[i].hash), vectors[i].digest.length);
		assert_int_equal(hash_parts(vectors[i].hash, &vectors[i].text, 1, out), 0);
		assert_memory_equal(out, vectors[i].digest.at, vectors[i].digest.length);
	}
}

/* RFC 2202, test case 2 of MD5 and SHA-1; RFC 4231, 4.3 */
static void hmacs_are_those_of_their_standards(void **state)
{
	static const char *const digests[] = {
		[HASH_MD5] = "\x75\x0c\x78\x3e\x6a\xb0\xb5\x03\xea\xa8\x6e\x31\x0a\x5d\xb7\x38",
		[HASH_SHA1] = "\xef\xfc\xdf\x6a\xe5\xeb\x2f\xa2\xd2\x74\x16\xd5\xf1\x84\xdf\x9c"
			      "\x25\x9a\x7c\x79",
		[HASH_SHA256] = "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
				"\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
	};
	const struct view parts[] = {VIEW("what do ya want "), VIEW(""), VIEW("for nothing?")};
	uint8_t out[DIGEST_MAX];

	(void)state;
	for (enum hash hash = HASH_MD5; hash <= HASH_SHA256; hash++) {
		assert_int_equal(hmac_parts(hash, VIEW("Jefe"), parts, 3, out), 0);
		assert_memory_equal(out, digests[hash], hash_size(hash));
	}
}

/* Whether the key was the last one, differs, is shorter, or comes back: each has its own HMAC. */
static void every_key_has_its_hmac(void **state)
{
	const struct view keys[] = {VIEW("key"), VIEW("key"), VIEW("kez"), VIEW("ke"), VIEW(""),
				    VIEW(""), VIEW("key")};
	const struct view text = VIEW("text");
	uint8_t out[DIGEST_MAX], fresh[DIGEST_MAX];

	(void)state;
	for (enum hash hash = HASH_MD5; hash <= HASH_SHA256; hash++) {
		for (size_t i = 0; i < COUNT(keys); i++) {
			crypt_close();
			assert_int_equal(crypt_open(), 0);
			assert_int_equal(hmac_parts(hash, keys[i], &text, 1, fresh), 0);
			for (size_t j = 0; j <= i; j++)
				assert_int_equal(hmac_parts(hash, keys[j], &text, 1, out), 0);
			assert_memory_equal(out, fresh, hash_size(hash));
		}
	}
}

/* RFC 2202, test case 6 of SHA-1: a key longer than a block */
static void a_long_key_is_hashed_first(void **state)
{
	const struct view text = VIEW("Test Using Larger Than Block-Size Key - Hash Key First");
	uint8_t out[DIGEST_MAX], key[80];

	(void)state;
	memset(key, 0xaa, sizeof(key));
	assert_int_equal(hmac_parts(HASH_SHA1, (struct view){key, sizeof(key)}, &text, 1, out), 0);
	assert_memory_equal(out, "\xaa\x4a\xe5\xe1\x52\x72\xd0\x0e\x95\x70\x56\x37\xce\x8a\x3b\x55"
				 "\xed\x40\x21\x12", 20);
}

static void a_key_of_zeros_is_no_key(void **state)
{
	const struct view text = VIEW("text");
	uint8_t with[DIGEST_MAX], without[DIGEST_MAX];

	(void)state;
	for (enum hash hash = HASH_MD5; hash <= HASH_SHA256; hash++) {
		assert_int_equal(hmac_parts(hash, VIEW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
					    &text, 1, with), 0);
		assert_int_equal(hmac_parts(hash, (struct view){NULL, 0}, &text, 1, without), 0);
		assert_memory_equal(with, without, hash_size(hash));
	}
}

/* --- AES ------------------------------------------------------------------------------------ */

/* NIST SP 800-38A, F.2.1 */
#define KEY ((const uint8_t *)"\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c")
#define IV  ((const uint8_t *)"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f")
#define PLAIN \
	"\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a" \
	"\xae\x2d\x8a\x57\x1e\x03\xac\x9c\x9e\xb7\x6f\xac\x45\xaf\x8e\x51"
#define CIPHER \
	"\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b\x12\xe9\x19\x7d" \
	"\x50\x86\xcb\x9b\x50\x72\x19\xee\x95\xdb\x11\x3a\x91\x76\x78\xb2"

static void aes_is_that_of_its_standard(void **state)
{
	uint8_t bytes[32];

	(void)state;
	memcpy(bytes, PLAIN, 32);
	assert_int_equal(aes_encrypt(KEY, IV, bytes, 32), 0);
	assert_memory_equal(bytes, CIPHER, 32);
	assert_int_equal(aes_decrypt(KEY, IV, bytes, 32), 0);
	assert_memory_equal(bytes, PLAIN, 32);
}

static void only_whole_blocks_are_encrypted(void **state)
{
	uint8_t bytes[32] = {0};

	(void)state;
	assert_int_equal(aes_encrypt(KEY, IV, bytes, 31), -EINVAL);
	assert_int_equal(aes_decrypt(KEY, IV, bytes, 1), -EINVAL);
	assert_int_equal(aes_encrypt(KEY, IV, bytes, 0), 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0);
}

/* --- the rest ------------------------------------------------------------------------------- */

static void random_bytes_do_not_repeat(void **state)
{
	static uint8_t bytes[3 * 4096];

	(void)state;
	/* 13 does not divide the pool: some of these come from two fillings of it */
	for (size_t i = 0; i + 13 <= sizeof(bytes); i += 13)
		assert_int_equal(random_bytes(bytes + i, 13), 0);
	assert_int_equal(random_bytes(bytes, sizeof(bytes)), 0);
	assert_memory_not_equal(bytes, bytes + 4096, 4096);
	for (size_t i = 0; i + 16 < 4096; i += 16)
		assert_memory_not_equal(bytes + i, bytes + i + 16, 16);
}

static void codes_are_equal_when_every_byte_is(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	(void)state;
	assert_true(codes_equal(a, b, 32));
	for (size_t i = 0; i < 32; i++) {
		b[i] = 0x80;
		assert_false(codes_equal(a, b, 32));
		assert_true(codes_equal(a, b, i));
		b[i] = 0;
	}
}

static void nothing_is_hashed_before_it_is_opened(void **state)
{
	const struct view text = VIEW("text");
	uint8_t out[DIGEST_MAX], block[16] = {0};

	(void)state;
	crypt_close();
	assert_int_equal(hash_parts(HASH_MD5, &text, 1, out), -EIO);
	assert_int_equal(hmac_parts(HASH_SHA1, text, &text, 1, out), -EIO);
	assert_int_equal(aes_encrypt(KEY, IV, block, 16), -EIO);
	assert_int_equal(aes_decrypt(KEY, IV, block, 16), -EIO);
	crypt_close();
	assert_int_equal(crypt_open(), 0);
	assert_int_equal(crypt_open(), 0);
	assert_int_equal(hash_parts(HASH_MD5, &text, 1, out), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_their_standards),
		cmocka_unit_test(hmacs_are_those_of_their_standards),
		cmocka_unit_test(every_key_has_its_hmac),
		cmocka_unit_test(a_long_key_is_hashed_first),
		cmocka_unit_test(a_key_of_zeros_is_no_key),
		cmocka_unit_test(aes_is_that_of_its_standard),
		cmocka_unit_test(only_whole_blocks_are_encrypted),
		cmocka_unit_test(random_bytes_do_not_repeat),
		cmocka_unit_test(codes_are_equal_when_every_byte_is),
		cmocka_unit_test(nothing_is_hashed_before_it_is_opened),
	};

	return cmocka_run_group_tests_name("ipmi_crypt", tests, open_crypt, close_crypt);
}
