/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The escape character: however what is typed is cut into pieces, the machine gets the same bytes
 * and the same is asked for; and nothing is lost but escape characters and requests.
 */
#include "cli/escape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came of it: a bit above those of bytes marks a request. */
struct result {
	uint16_t *list;
	size_t n;
};

static struct result feed(int character, const uint8_t *data, size_t size, size_t piece)
{
	struct result r = {.list = calloc(size + 2, sizeof(*r.list))};
	struct escape e = {.character = character};

	for (size_t i = 0; r.list && i < size;) {
		size_t length = size - i < piece ? size - i : piece, n, used;
		unsigned char *out = malloc(ESCAPE_ROOM(length));
		enum escape_request request;

		used = escape_feed(&e, data + i, length, out, &n, &request);
		if (!used || used > length || n > ESCAPE_ROOM(length))
			abort();
		for (size_t k = 0; k < n; k++)
			r.list[r.n++] = out[k];
		if (request)
			r.list[r.n++] = (uint16_t)(256 + request);
		if (request == ESCAPE_RESET || request == ESCAPE_CYCLE)
			escape_ask(&e);
		i += used;
		free(out);
	}
	if (r.n > size + 1)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, parts;
	char text[3];
	int character;

	if (size < 2)
		return 0;
	text[0] = data[0] & 0x80 ? '^' : (char)data[0];
	text[1] = data[0] & 0x80 ? (char)(data[0] & 0x7f) : '\0';
	text[2] = '\0';
	if (escape_parse(text, &character, NULL))
		character = ESCAPE_NONE;
	whole = feed(character, data + 2, size - 2, size);
	parts = feed(character, data + 2, size - 2, 1 + data[1] % 16);
	if (whole.list && parts.list &&
	    (whole.n != parts.n || memcmp(whole.list, parts.list, whole.n * sizeof(*whole.list))))
		abort();
	free(whole.list);
	free(parts.list);
	return 0;
}
