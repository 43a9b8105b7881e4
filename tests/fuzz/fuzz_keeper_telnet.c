/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a telnet server sends to a held line: whole, and byte by byte, which must be the same; and
 * what is escaped is read again as what it was.
 */
#include "base/keeper/telnet.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_alike(const uint8_t *data, size_t size)
{
	struct telnet whole = {0}, single = {0};
	struct buffer one = {0}, other = {0};
	unsigned char *out = malloc(size + 1), *bytes = malloc(size + 1);
	size_t n, m = 0;

	if (!out || !bytes)
		abort();
	n = telnet_read(&whole, data, size, out, &one);
	for (size_t i = 0; i < size; i++)
		m += telnet_read(&single, data + i, 1, bytes + m, &other);
	if (n != m || memcmp(out, bytes, n) || one.length != other.length ||
	    (one.length && memcmp(one.text, other.text, one.length)))
		abort();
	buffer_free(&one);
	buffer_free(&other);
	free(out);
	free(bytes);
}

static void read_again(const uint8_t *data, size_t size, struct telnet way)
{
	unsigned char *out = malloc(2 * size + 1), *bytes = malloc(2 * size + 1);
	struct buffer answers = {0};
	size_t n;

	if (!out || !bytes)
		abort();
	n = telnet_escape(&way, data, size, out);
	n = telnet_read(&way, out, n, bytes, &answers);
	/* without binary a NUL behind a return is its padding */
	if (answers.length || (way.binary_out && (n != size || memcmp(bytes, data, n))))
		abort();
	free(out);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_alike(data, size);
	read_again(data, size, (struct telnet){0});
	read_again(data, size, (struct telnet){.binary_in = true, .binary_out = true});
	return 0;
}
