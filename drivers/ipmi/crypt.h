/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sessions need of cryptography, by libgcrypt. One thread only. */
#ifndef IPMI_CRYPT_H
#define IPMI_CRYPT_H

#include "wire.h"

enum hash { HASH_MD5, HASH_SHA1, HASH_SHA256 };
enum { DIGEST_MAX = 32, AES_BLOCK = 16 };

/*
 * Readies the library; may be called again. Until then all that hashes or encrypts is -EIO. -ENOSYS
 * with no more than a build error as its cause.
 */
int crypt_open(void);
/* Gives back what is held, keys wiped. */
void crypt_close(void);

/* 16, 20 or 32 */
size_t hash_size(enum hash hash);
/* Digest of the parts, one behind the other. out: hash_size bytes. 0 or -EIO. */
int hash_parts(enum hash hash, const struct view *parts, size_t n, uint8_t *out);
/* HMAC (RFC 2104) of the parts. */
int hmac_parts(enum hash hash, struct view key, const struct view *parts, size_t n, uint8_t *out);

/* AES-128-CBC without padding, in place: length is a multiple of AES_BLOCK. 0, -EINVAL, -EIO. */
int aes_encrypt(const uint8_t key[16], const uint8_t iv[AES_BLOCK], uint8_t *bytes, size_t length);
int aes_decrypt(const uint8_t key[16], const uint8_t iv[AES_BLOCK], uint8_t *bytes, size_t length);

/* Bytes that nobody can guess (getrandom(2)), a few thousand fetched at a time. 0 or -errno. */
int random_bytes(void *bytes, size_t length);
/* Whether two codes are equal, in a time that does not tell where they differ. */
bool codes_equal(const uint8_t *a, const uint8_t *b, size_t length);

#endif
