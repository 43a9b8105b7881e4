/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the configuration says of consoles that the server holds. */
#ifndef DAEMON_KEYS_H
#define DAEMON_KEYS_H

#include <stdint.h>

struct fault;
struct key;

extern const struct key key_keep, key_log, key_stamps, key_raw, key_log_size, key_log_files,
	key_replay, key_watch, key_write;

/* A number of bytes, "10M": with K, M or G behind it. -EINVAL with a sentence. */
int size_parse(const char *text, uint64_t *bytes, struct fault *f);

#endif
