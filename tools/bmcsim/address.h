/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of BMCs, and ranges of them. An IPv4 address is kept as IPv6 does: ::ffff:a.b.c.d. */
#ifndef BMCSIM_ADDRESS_H
#define BMCSIM_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADDRESS_TEXT_SIZE = 46 };

struct address {
	uint8_t bytes[16];
};

/* Ranges of addresses, both ends included. */
struct ranges {
	struct range {
		struct address first, last;
	} *list;
	size_t n;
};

void address_from_v4(struct address *address, const void *four_bytes);

bool address_is_v4(const struct address *address);

/* Of 127.0.0.0/8, or ::1. */
bool address_is_loopback(const struct address *address);

uint64_t address_hash(const struct address *address);

bool address_equal(const struct address *a, const struct address *b);

/* False when the text is not an address. */
bool address_parse(const char *text, struct address *address);

const char *address_print(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/*
 * "127.0.0.1-127.0.3.255,127.1.0.0/16,127.2.0.1-9,::1": addresses, from-to (the end may be the last
 * byte alone), networks. False when the text is something else, or without memory.
 */
bool ranges_parse(const char *text, struct ranges *ranges);

bool ranges_match(const struct ranges *ranges, const struct address *address);

#endif
