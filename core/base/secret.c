/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets. See secret.h. Defined by: explicit_bzero(3), PR_SET_DUMPABLE in prctl(2). */
#include "base/secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

struct secret {
	size_t holders, length;
	uint8_t bytes[];
};

static bool undumpable;

/* Where the kernel refuses, as none does, the secret is used all the same. */
void secret_expect(void)
{
	if (!undumpable)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	undumpable = true;
}

struct secret *secret_new(const void *bytes, size_t length)
{
	struct secret *secret = malloc(sizeof(*secret) + length);

	if (!secret)
		return NULL;
	secret_expect();
	secret->holders = 1;
	secret->length = length;
	if (length)
		memcpy(secret->bytes, bytes, length);
	return secret;
}

struct secret *secret_keep(struct secret *secret)
{
	if (secret)
		secret->holders++;
	return secret;
}

void secret_drop(struct secret *secret)
{
	if (!secret || --secret->holders)
		return;
	wipe(secret->bytes, secret->length);
	free(secret);
}

size_t secret_length(const struct secret *secret)
{
	return secret->length;
}

const uint8_t *secret_bytes(const struct secret *secret)
{
	return secret->bytes;
}

void wipe(void *bytes, size_t length)
{
	/* explicit_bzero(NULL, 0) would be undefined */
	if (length)
		explicit_bzero(bytes, length);
}
