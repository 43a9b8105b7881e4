/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cipher suites and what they compute. See crypto.h. */
#include "crypto.h"
#include "wire.h"

#include <nettle/cbc.h>
#include <nettle/md5.h>
#include <nettle/memxor.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

const struct suite suites[] = {
	{0, RAKP_NONE, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{1, RAKP_HMAC_SHA1, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{2, RAKP_HMAC_SHA1, INTEGRITY_HMAC_SHA1_96, CONFIDENTIALITY_NONE},
	{3, RAKP_HMAC_SHA1, INTEGRITY_HMAC_SHA1_96, CONFIDENTIALITY_AES_CBC_128},
	{6, RAKP_HMAC_MD5, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{7, RAKP_HMAC_MD5, INTEGRITY_HMAC_MD5_128, CONFIDENTIALITY_NONE},
	{8, RAKP_HMAC_MD5, INTEGRITY_HMAC_MD5_128, CONFIDENTIALITY_AES_CBC_128},
	{11, RAKP_HMAC_MD5, INTEGRITY_MD5_128, CONFIDENTIALITY_NONE},
	{12, RAKP_HMAC_MD5, INTEGRITY_MD5_128, CONFIDENTIALITY_AES_CBC_128},
	{15, RAKP_HMAC_SHA256, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{16, RAKP_HMAC_SHA256, INTEGRITY_HMAC_SHA256_128, CONFIDENTIALITY_NONE},
	{17, RAKP_HMAC_SHA256, INTEGRITY_HMAC_SHA256_128, CONFIDENTIALITY_AES_CBC_128},
	{.id = 0xff},
};

const struct suite *suite_find(uint8_t rakp, uint8_t integrity, uint8_t confidentiality)
{
	for (const struct suite *s = suites; s->id != 0xff; s++) {
		if (s->rakp == rakp && s->integrity == integrity &&
		    s->confidentiality == confidentiality)
			return s;
	}
	return NULL;
}

const struct suite *suite_by_id(uint8_t id)
{
	const struct suite *s = suites;

	while (s->id != 0xff && s->id != id)
		s++;
	return s->id == id ? s : NULL;
}

size_t rakp_length(enum rakp rakp)
{
	static const uint8_t lengths[] = {0, SHA1_DIGEST_SIZE, MD5_DIGEST_SIZE, SHA256_DIGEST_SIZE};

	return lengths[rakp];
}

size_t rakp_check_length(enum rakp rakp)
{
	static const uint8_t lengths[] = {0, 12, 16, 16};

	return lengths[rakp];
}

size_t rakp_hmac(enum rakp rakp, const uint8_t *key, size_t key_length, const uint8_t *bytes,
		 size_t length, uint8_t digest[DIGEST_MAX])
{
	union {
		struct hmac_sha1_ctx sha1;
		struct hmac_md5_ctx md5;
		struct hmac_sha256_ctx sha256;
	} u;

	switch (rakp) {
	case RAKP_NONE:
		break;
	case RAKP_HMAC_SHA1:
		hmac_sha1_set_key(&u.sha1, key_length, key);
		hmac_sha1_update(&u.sha1, length, bytes);
		hmac_sha1_digest(&u.sha1, SHA1_DIGEST_SIZE, digest);
		break;
	case RAKP_HMAC_MD5:
		hmac_md5_set_key(&u.md5, key_length, key);
		hmac_md5_update(&u.md5, length, bytes);
		hmac_md5_digest(&u.md5, MD5_DIGEST_SIZE, digest);
		break;
	case RAKP_HMAC_SHA256:
		hmac_sha256_set_key(&u.sha256, key_length, key);
		hmac_sha256_update(&u.sha256, length, bytes);
		hmac_sha256_digest(&u.sha256, SHA256_DIGEST_SIZE, digest);
		break;
	}
	return rakp_length(rakp);
}

size_t integrity_length(enum integrity integrity)
{
	static const uint8_t lengths[] = {0, 12, 16, 16, 16};

	return lengths[integrity];
}

void keys_make(struct keys *keys, const struct suite *suite, const uint8_t *sik,
	       const uint8_t password[20])
{
	size_t length = rakp_length(suite->rakp);
	uint8_t constant[20], k[DIGEST_MAX];

	memset(constant, 1, sizeof(constant));
	rakp_hmac(suite->rakp, sik, length, constant, sizeof(constant), k);
	switch (suite->integrity) {
	case INTEGRITY_HMAC_SHA1_96:
		hmac_sha1_set_key(&keys->k1.sha1, length, k);
		break;
	case INTEGRITY_HMAC_MD5_128:
		hmac_md5_set_key(&keys->k1.md5, length, k);
		break;
	case INTEGRITY_HMAC_SHA256_128:
		hmac_sha256_set_key(&keys->k1.sha256, length, k);
		break;
	case INTEGRITY_MD5_128:
		memcpy(keys->k1.password, password, sizeof(keys->k1.password));
		break;
	}
	if (suite->confidentiality == CONFIDENTIALITY_NONE)
		return;
	memset(constant, 2, sizeof(constant));
	rakp_hmac(suite->rakp, sik, length, constant, sizeof(constant), k);
	aes128_set_encrypt_key(&keys->encrypt, k);
	aes128_invert_key(&keys->decrypt, &keys->encrypt);
}

size_t integrity_code(struct keys *keys, enum integrity integrity, const uint8_t *bytes,
		      size_t length, uint8_t digest[DIGEST_MAX])
{
	struct md5_ctx md5;

	/* the digest functions leave an HMAC as it was after its key was set */
	switch (integrity) {
	case INTEGRITY_NONE:
		break;
	case INTEGRITY_HMAC_SHA1_96:
		hmac_sha1_update(&keys->k1.sha1, length, bytes);
		hmac_sha1_digest(&keys->k1.sha1, SHA1_DIGEST_SIZE, digest);
		break;
	case INTEGRITY_HMAC_MD5_128:
		hmac_md5_update(&keys->k1.md5, length, bytes);
		hmac_md5_digest(&keys->k1.md5, MD5_DIGEST_SIZE, digest);
		break;
	case INTEGRITY_HMAC_SHA256_128:
		hmac_sha256_update(&keys->k1.sha256, length, bytes);
		hmac_sha256_digest(&keys->k1.sha256, SHA256_DIGEST_SIZE, digest);
		break;
	case INTEGRITY_MD5_128:
		md5_init(&md5);
		md5_update(&md5, sizeof(keys->k1.password), keys->k1.password);
		md5_update(&md5, length, bytes);
		md5_update(&md5, sizeof(keys->k1.password), keys->k1.password);
		md5_digest(&md5, MD5_DIGEST_SIZE, digest);
		break;
	}
	return integrity_length(integrity);
}

void encrypt(const struct keys *keys, const uint8_t iv[BLOCK], uint8_t *bytes, size_t length)
{
	uint8_t chain[BLOCK];

	memcpy(chain, iv, sizeof(chain));
	cbc_aes128_encrypt(&keys->encrypt, chain, length, bytes, bytes);
}

void decrypt(const struct keys *keys, const uint8_t iv[BLOCK], uint8_t *bytes, size_t length)
{
	uint8_t chain[BLOCK];

	memcpy(chain, iv, sizeof(chain));
	cbc_decrypt(&keys->decrypt, (nettle_cipher_func *)aes128_decrypt, sizeof(chain), chain,
		    length, bytes, bytes);
}

void md5_code(const uint8_t password[16], uint32_t session_id, const uint8_t *message,
	      size_t length, uint32_t sequence, uint8_t code[MD5_LENGTH])
{
	struct md5_ctx md5;
	uint8_t number[4];

	md5_init(&md5);
	md5_update(&md5, 16, password);
	put32(number, session_id);
	md5_update(&md5, sizeof(number), number);
	md5_update(&md5, length, message);
	put32(number, sequence);
	md5_update(&md5, sizeof(number), number);
	md5_update(&md5, 16, password);
	md5_digest(&md5, MD5_LENGTH, code);
}
