/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cipher suites and what they compute, by nettle. Algorithms: IPMI 2.0, tables 13-17 to 13-20,
 * 22-19; keys: 13.31, 13.32.
 */
#ifndef BMCSIM_CRYPTO_H
#define BMCSIM_CRYPTO_H

#include <nettle/aes.h>
#include <nettle/hmac.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rakp { RAKP_NONE, RAKP_HMAC_SHA1, RAKP_HMAC_MD5, RAKP_HMAC_SHA256 };

enum integrity {
	INTEGRITY_NONE,
	INTEGRITY_HMAC_SHA1_96,
	INTEGRITY_HMAC_MD5_128,
	INTEGRITY_MD5_128,
	INTEGRITY_HMAC_SHA256_128,
};

enum confidentiality { CONFIDENTIALITY_NONE, CONFIDENTIALITY_AES_CBC_128 };

enum { DIGEST_MAX = 32, BLOCK = 16, MD5_LENGTH = 16 };

struct suite {
	uint8_t id, rakp, integrity, confidentiality;
};

/* Ends with a suite of id 0xff. */
extern const struct suite suites[];

/* NULL when there is none of these algorithms. */
const struct suite *suite_find(uint8_t rakp, uint8_t integrity, uint8_t confidentiality);

const struct suite *suite_by_id(uint8_t id);

/* The digest's length of RAKP's HMAC; 0 for none. */
size_t rakp_length(enum rakp rakp);

/* The length of RAKP 4's integrity check value; 0 for none. */
size_t rakp_check_length(enum rakp rakp);

/* RAKP's HMAC of some bytes; returns its length, 0 for RAKP_NONE. */
size_t rakp_hmac(enum rakp rakp, const uint8_t *key, size_t key_length, const uint8_t *bytes,
		 size_t length, uint8_t digest[DIGEST_MAX]);

/* The authentication code's length in packets. */
size_t integrity_length(enum integrity integrity);

/* Keys of a session, made once. */
struct keys {
	union {
		struct hmac_sha1_ctx sha1;
		struct hmac_md5_ctx md5;
		struct hmac_sha256_ctx sha256;
		uint8_t password[20];	/* INTEGRITY_MD5_128 */
	} k1;
	struct aes128_ctx encrypt, decrypt;
};

/* From the session integrity key; password has 20 bytes. */
void keys_make(struct keys *keys, const struct suite *suite, const uint8_t *sik,
	       const uint8_t password[20]);

/* The authentication code of a packet's bytes; returns its length. */
size_t integrity_code(struct keys *keys, enum integrity integrity, const uint8_t *bytes,
		      size_t length, uint8_t digest[DIGEST_MAX]);

/* AES-CBC in place, length a multiple of BLOCK. */
void encrypt(const struct keys *keys, const uint8_t iv[BLOCK], uint8_t *bytes, size_t length);
void decrypt(const struct keys *keys, const uint8_t iv[BLOCK], uint8_t *bytes, size_t length);

/* IPMI 1.5's code of type MD5 (22.17.1); password has 16 bytes. */
void md5_code(const uint8_t password[16], uint32_t session_id, const uint8_t *message,
	      size_t length, uint32_t sequence, uint8_t code[MD5_LENGTH]);

#endif
