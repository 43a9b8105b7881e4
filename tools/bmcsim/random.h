/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers that look random and repeat with their seed: splitmix64. Nothing secret is made of them.
 */
#ifndef BMCSIM_RANDOM_H
#define BMCSIM_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Of 0 … n - 1; n is not 0. */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((random_next(state) >> 32) * n >> 32);
}

static inline void random_fill(uint64_t *state, void *to, size_t length)
{
	for (uint8_t *p = to; length;) {
		uint64_t r = random_next(state);
		size_t n = length < sizeof(r) ? length : sizeof(r);

		memcpy(p, &r, n);
		p += n;
		length -= n;
	}
}

#endif
