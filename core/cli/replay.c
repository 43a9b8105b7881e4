/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a console has said last. See replay.h. */
#include "cli/replay.h"

#include <string.h>

void replay_add(struct replay *r, const unsigned char *bytes, size_t length)
{
	if (length > REPLAY_SIZE) {
		bytes += length - REPLAY_SIZE;
		length = REPLAY_SIZE;
	}
	while (length) {
		size_t n = REPLAY_SIZE - r->end;

		if (n > length)
			n = length;
		memcpy(r->bytes + r->end, bytes, n);
		r->end = (r->end + n) % REPLAY_SIZE;
		r->length += n;
		bytes += n;
		length -= n;
	}
	if (r->length > REPLAY_SIZE)
		r->length = REPLAY_SIZE;
}

/* Bytes of the oldest line, which is not there from its begin. */
static size_t torn(const struct replay *r, size_t begin)
{
	if (r->length < REPLAY_SIZE)
		return 0;
	for (size_t i = 0; i < r->length; i++) {
		if (r->bytes[(begin + i) % REPLAY_SIZE] == '\n')
			return i + 1 < r->length ? i + 1 : 0;
	}
	return 0;
}

void replay_show(const struct replay *r,
		 void (*show)(void *data, const unsigned char *bytes, size_t length), void *data)
{
	size_t begin = (r->end + REPLAY_SIZE - r->length) % REPLAY_SIZE;
	size_t skip = torn(r, begin), length = r->length - skip, first;

	begin = (begin + skip) % REPLAY_SIZE;
	first = REPLAY_SIZE - begin < length ? REPLAY_SIZE - begin : length;
	if (first)
		show(data, r->bytes + begin, first);
	if (length > first)
		show(data, r->bytes, length - first);
}
