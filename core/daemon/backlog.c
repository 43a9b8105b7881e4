/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a console has said last. See backlog.h. */
#include "daemon/backlog.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Chunks grow with what is held: a console that says little costs little. */
enum { CHUNK_LEAST = 512, CHUNK_MOST = 16384 };

struct chunk {
	struct chunk *previous, *next;
	uint64_t start;
	uint32_t length, size;
	unsigned char bytes[];
};

/* what the chunks of all backlogs have room for */
static size_t all;

static bool add_chunk(struct backlog *b)
{
	uint64_t held = b->end - b->start;
	uint32_t size = held < CHUNK_LEAST ? CHUNK_LEAST :
			held > CHUNK_MOST ? CHUNK_MOST : (uint32_t)held;
	struct chunk *chunk = malloc(sizeof(*chunk) + size);

	if (!chunk)
		return false;
	*chunk = (struct chunk){.previous = b->last, .start = b->end, .size = size};
	if (b->last)
		b->last->next = chunk;
	else
		b->first = chunk;
	b->last = chunk;
	all += size;
	return true;
}

static void drop_first(struct backlog *b)
{
	struct chunk *chunk = b->first;

	b->first = chunk->next;
	if (b->first)
		b->first->previous = NULL;
	else
		b->last = NULL;
	b->start = b->first ? b->first->start : b->end;
	all -= chunk->size;
	free(chunk);
}

void backlog_free(struct backlog *b)
{
	while (b->first)
		drop_first(b);
}

int backlog_add(struct backlog *b, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;

	while (length) {
		struct chunk *last = b->last;
		size_t room = last ? last->size - last->length : 0;

		if (!room && !add_chunk(b)) {
			/* positions have no holes: what is held ends here, and begins behind it */
			b->end += length;
			backlog_free(b);
			b->start = b->end;
			return -ENOMEM;
		}
		if (!room)
			continue;
		if (room > length)
			room = length;
		memcpy(last->bytes + last->length, p, room);
		last->length += (uint32_t)room;
		b->end += room;
		p += room;
		length -= room;
	}
	return 0;
}

/* The position behind the first chunk. */
static uint64_t first_end(const struct backlog *b)
{
	return b->first->start + b->first->length;
}

int backlog_has_spare(const struct backlog *b)
{
	return b->first && b->end - first_end(b) >= b->keep && b->first != b->last;
}

void backlog_trim(struct backlog *b, uint64_t needed)
{
	while (backlog_has_spare(b)) {
		uint64_t most = all > BACKLOG_ALL ? BACKLOG_TIGHT : BACKLOG_MOST;

		if (first_end(b) > needed && b->end - first_end(b) < most)
			break;
		drop_first(b);
	}
}

/* Readers are mostly at one of the ends: it is looked for from the nearer one. */
static const struct chunk *chunk_at(const struct backlog *b, uint64_t position)
{
	const struct chunk *chunk = b->last;

	if (position - b->start < b->end - position) {
		for (chunk = b->first; chunk->start + chunk->length <= position;)
			chunk = chunk->next;
	} else {
		while (chunk->start > position)
			chunk = chunk->previous;
	}
	return chunk;
}

size_t backlog_read(const struct backlog *b, uint64_t *position, const unsigned char **bytes,
		    uint64_t *skipped)
{
	const struct chunk *chunk;
	size_t offset;

	if (skipped)
		*skipped = *position < b->start ? b->start - *position : 0;
	if (*position < b->start)
		*position = b->start;
	if (*position >= b->end)
		return 0;
	chunk = chunk_at(b, *position);
	offset = (size_t)(*position - chunk->start);
	*bytes = chunk->bytes + offset;
	return chunk->length - offset;
}

uint64_t backlog_replay(const struct backlog *b)
{
	return b->end - b->start > b->keep ? b->end - b->keep : b->start;
}

size_t backlog_tail(const struct backlog *b, void *bytes, size_t size)
{
	uint64_t position = b->end - b->start > size ? b->end - size : b->start;
	const unsigned char *from;
	size_t done = 0, n;

	while ((n = backlog_read(b, &position, &from, NULL))) {
		memcpy((char *)bytes + done, from, n);
		done += n;
		position += n;
	}
	return done;
}
