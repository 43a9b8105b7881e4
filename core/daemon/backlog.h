/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a console has said last, once for all who read it: each reader has only a position, so that
 * nothing is copied for him, and one who reads slowly keeps nobody waiting. It is held as long as
 * somebody has yet to read it, up to a limit; behind that he misses a part.
 */
#ifndef DAEMON_BACKLOG_H
#define DAEMON_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes: what a reader may be behind; and what all backlogs together may hold for slow readers
 * before that becomes BACKLOG_TIGHT.
 */
enum {
	BACKLOG_MOST = 16 << 20,
	BACKLOG_ALL = 256 << 20,
	BACKLOG_TIGHT = 256 << 10,
};

struct chunk;

/* Start with {.keep = …}. Positions count the bytes that were ever added. */
struct backlog {
	struct chunk *first, *last;
	uint64_t start, end;		/* positions of what is held */
	size_t keep;			/* bytes that are held without readers */
};

/*
 * Adds bytes. -ENOMEM: what there was no room for is skipped by all readers, as if it had been
 * trimmed.
 */
int backlog_add(struct backlog *backlog, const void *bytes, size_t length);
/* Forgets what nobody needs: needed is the position of the reader who is most behind. */
void backlog_trim(struct backlog *backlog, uint64_t needed);
/* Whether backlog_trim could forget something, if no reader needed it. */
int backlog_has_spare(const struct backlog *backlog);
/*
 * Bytes at a position, as many as lie together; their number, 0 at the end. A position that is no
 * longer held moves to the oldest one that is; skipped, where it is not NULL, becomes by how much.
 */
size_t backlog_read(const struct backlog *backlog, uint64_t *position, const unsigned char **bytes,
		    uint64_t *skipped);
/* The position from which on the last `keep` bytes are held. */
uint64_t backlog_replay(const struct backlog *backlog);
/* Copies the last bytes, at most size of them; their number. */
size_t backlog_tail(const struct backlog *backlog, void *bytes, size_t size);
void backlog_free(struct backlog *backlog);

#endif
