/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of drivers/ipmi share: bytes, and what their decoders do with fewer of them. */
#ifndef TEST_IPMI_H
#define TEST_IPMI_H

#include "test.h"

#include "drivers/ipmi/crypt.h"
#include "drivers/ipmi/wire.h"

#define VIEW(text) ((struct view){(const uint8_t *)(text), sizeof(text) - 1})
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define assert_view(actual, expected) \
	do { \
		struct view actual_ = (actual), expected_ = (expected); \
		assert_int_equal(actual_.length, expected_.length); \
		if (expected_.length) \
			assert_memory_equal(actual_.at, expected_.at, expected_.length); \
	} while (0)

#define assert_packet(packet, expected) \
	do { \
		assert_false((packet).overflow); \
		assert_view(((struct view){(packet).bytes, (packet).length}), expected); \
	} while (0)

/* A copy in memory of its own, so that a sanitizer sees what reads past its end. To be freed. */
static inline uint8_t *exact_copy(struct view v)
{
	uint8_t *copy = malloc(v.length);

	if (v.length && !copy)
		abort();
	if (v.length)
		memcpy(copy, v.at, v.length);
	return copy;
}

/*
 * Every beginning of the bytes that is shorter than they are, and not shorter than least, is
 * refused: decode gives a negative number, and reads no further.
 */
static inline void assert_cut_is_refused(int (*decode)(struct view v), struct view whole,
					 size_t least)
{
	for (size_t n = least; n < whole.length; n++) {
		uint8_t *copy = exact_copy((struct view){whole.at, n});
		int result = decode((struct view){copy, n});

		free(copy);
		if (result >= 0)
			fail_msg("%zu of %zu bytes were taken for all", n, whole.length);
	}
}

static inline int open_crypt(void **state)
{
	(void)state;
	return crypt_open();
}

static inline int close_crypt(void **state)
{
	(void)state;
	crypt_close();
	return 0;
}

#endif
