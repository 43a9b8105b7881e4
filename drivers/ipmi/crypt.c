/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Digests, HMAC (RFC 2104), AES-128-CBC and random bytes, by libgcrypt and getrandom(2).
 *
 * A handle for each algorithm is opened once and used for all sessions: opening one costs more than
 * what is done with it here.
 */
#include "crypt.h"

#include <errno.h>
#include <gcrypt.h>
#include <sys/random.h>

enum { HASHES = 3, POOL_SIZE = 4096 };

static const int algorithms[HASHES] = {
	[HASH_MD5] = GCRY_MD_MD5, [HASH_SHA1] = GCRY_MD_SHA1, [HASH_SHA256] = GCRY_MD_SHA256,
};
static const size_t sizes[HASHES] = {[HASH_MD5] = 16, [HASH_SHA1] = 20, [HASH_SHA256] = 32};

static gcry_md_hd_t hashes[HASHES], hmacs[HASHES];
static gcry_cipher_hd_t aes;

static struct {
	uint8_t bytes[POOL_SIZE];
	size_t left;			/* at the end of bytes; what was given away is wiped */
} pool;

static int library_open(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return 0;
	if (!gcry_check_version(GCRYPT_VERSION))
		return -ENOSYS;
	/* BMCs speak MD5 and take short keys, whatever the machine's policy is for itself. */
	gcry_control(GCRYCTL_NO_FIPS_MODE);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return 0;
}

int crypt_open(void)
{
	int err;

	if (aes)
		return 0;
	err = library_open();
	for (int i = 0; i < HASHES && !err; i++) {
		if (gcry_md_open(&hashes[i], algorithms[i], 0) ||
		    gcry_md_open(&hmacs[i], algorithms[i], GCRY_MD_FLAG_HMAC))
			err = -ENOSYS;
	}
	if (!err && gcry_cipher_open(&aes, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CBC, 0))
		err = -ENOSYS;
	if (err)
		crypt_close();
	return err;
}

void crypt_close(void)
{
	/* Closing wipes the handles. */
	for (int i = 0; i < HASHES; i++) {
		gcry_md_close(hashes[i]);
		gcry_md_close(hmacs[i]);
		hashes[i] = hmacs[i] = NULL;
	}
	gcry_cipher_close(aes);
	aes = NULL;
	explicit_bzero(&pool, sizeof(pool));
}

size_t hash_size(enum hash hash)
{
	return sizes[hash];
}

static int digest(gcry_md_hd_t md, enum hash hash, const struct view *parts, size_t n, uint8_t *out)
{
	const uint8_t *result;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].length)
			gcry_md_write(md, parts[i].at, parts[i].length);
	}
	result = gcry_md_read(md, 0);
	if (!result)
		return -EIO;
	memcpy(out, result, sizes[hash]);
	return 0;
}

int hash_parts(enum hash hash, const struct view *parts, size_t n, uint8_t *out)
{
	if (!hashes[hash])
		return -EIO;
	gcry_md_reset(hashes[hash]);
	return digest(hashes[hash], hash, parts, n, out);
}

int hmac_parts(enum hash hash, struct view key, const struct view *parts, size_t n, uint8_t *out)
{
	if (!hmacs[hash] || gcry_md_setkey(hmacs[hash], key.at, key.length))
		return -EIO;
	return digest(hmacs[hash], hash, parts, n, out);
}

static int aes_ready(const uint8_t key[16], const uint8_t iv[AES_BLOCK], size_t length)
{
	if (length % AES_BLOCK)
		return -EINVAL;
	if (!aes || gcry_cipher_setkey(aes, key, 16) || gcry_cipher_setiv(aes, iv, AES_BLOCK))
		return -EIO;
	return 0;
}

int aes_encrypt(const uint8_t key[16], const uint8_t iv[AES_BLOCK], uint8_t *bytes, size_t length)
{
	int err = aes_ready(key, iv, length);

	if (err || !length)
		return err;
	return gcry_cipher_encrypt(aes, bytes, length, NULL, 0) ? -EIO : 0;
}

int aes_decrypt(const uint8_t key[16], const uint8_t iv[AES_BLOCK], uint8_t *bytes, size_t length)
{
	int err = aes_ready(key, iv, length);

	if (err || !length)
		return err;
	return gcry_cipher_decrypt(aes, bytes, length, NULL, 0) ? -EIO : 0;
}

static int pool_fill(void)
{
	size_t have = 0;

	while (have < POOL_SIZE) {
		ssize_t n = getrandom(pool.bytes + have, POOL_SIZE - have, 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			have += (size_t)n;
	}
	pool.left = POOL_SIZE;
	return 0;
}

int random_bytes(void *bytes, size_t length)
{
	uint8_t *to = bytes;

	while (length) {
		int err = pool.left ? 0 : pool_fill();
		size_t n = length < pool.left ? length : pool.left;
		uint8_t *from = pool.bytes + POOL_SIZE - pool.left;

		if (err)
			return err;
		memcpy(to, from, n);
		explicit_bzero(from, n);
		pool.left -= n;
		to += n;
		length -= n;
	}
	return 0;
}

bool codes_equal(const uint8_t *a, const uint8_t *b, size_t length)
{
	uint8_t differ = 0;

	for (size_t i = 0; i < length; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}
