/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --log FILE: what a console says is added to a file. A full disk does not end the attach. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include <stddef.h>

struct fault;

/* Start with {.fd = -1}: nothing is recorded. */
struct record {
	int fd;
	const char *path;
	size_t missing;			/* bytes that were not written since it last went well */
};

/* Opens the file, which is made with mode 0600; what is in it stays. -errno with a sentence. */
int record_open(struct record *record, const char *path, struct fault *f);
/* 0; 1 with a sentence: what is worth telling has happened, it fails now or goes on again. */
int record_bytes(struct record *record, const void *bytes, size_t length, struct fault *f);
void record_close(struct record *record);

#endif
