/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets: bytes that are wiped when their last holder lets go, and that nothing here can print.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

struct secret;

/*
 * A secret is about to be read, into memory that is not a secret's yet: from here on the process
 * leaves no core dump, and nobody but root can look into it. secret_new does it too.
 */
void secret_expect(void);

/*
 * Copies length bytes; the caller wipes its own. One holder: the caller. NULL without memory.
 *
 * The first secret of a process makes the process undumpable: from then on it leaves no core dump,
 * only root can trace it, and its files in /proc are root's. Programs that it starts are dumpable
 * again.
 */
struct secret *secret_new(const void *bytes, size_t length);
/* One holder more. Returns secret; NULL is fine. */
struct secret *secret_keep(struct secret *secret);
/* One holder less; the last one wipes the bytes. NULL is fine. */
void secret_drop(struct secret *secret);

size_t secret_length(const struct secret *secret);
/* For cryptography and nothing else. They have no NUL behind them, and go with the last holder. */
const uint8_t *secret_bytes(const struct secret *secret);

/* Overwrites bytes that are not needed any more; the compiler does not leave it out. */
void wipe(void *bytes, size_t length);

#endif
