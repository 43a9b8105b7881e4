/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can only block, done by a child of ours: to write a long file to its disk, and to read it
 * for its checksum.
 */
#ifndef GUEST_WORKER_H
#define GUEST_WORKER_H

#include <stdint.h>

struct ev_loop;
struct fault;
struct worker;

/* err: a positive errno, then the rest is nothing. length in bytes; crc as zlib has it. */
struct worker_result {
	int err;
	uint32_t crc;
	uint64_t length;
};

/* The checksum of bytes behind those with the checksum crc; start with 0. ISO 3309, 32 bits. */
uint32_t crc32_add(uint32_t crc, const void *bytes, uint64_t length);

/*
 * Begins: fsync where sync says so, then the file's checksum from its beginning. The descriptor
 * stays the caller's. done is called once, from the loop. loop: libev's default loop.
 */
int worker_start(struct ev_loop *loop, int fd, int sync,
		 void (*done)(void *data, const struct worker_result *result), void *data,
		 struct worker **worker, struct fault *f);
/* Ends it; done is not called. */
void worker_drop(struct worker *worker);

#endif
