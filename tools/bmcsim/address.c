/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of BMCs, and ranges of them. See address.h. Defined by: RFC 4291, section 2.5.5.2. */
#include "address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

void address_from_v4(struct address *address, const void *four_bytes)
{
	memcpy(address->bytes, v4_prefix, sizeof(v4_prefix));
	memcpy(address->bytes + 12, four_bytes, 4);
}

bool address_is_v4(const struct address *address)
{
	return !memcmp(address->bytes, v4_prefix, sizeof(v4_prefix));
}

bool address_is_loopback(const struct address *address)
{
	static const struct address one = {.bytes = {[15] = 1}};

	return address_is_v4(address) ? address->bytes[12] == 127 : address_equal(address, &one);
}

uint64_t address_hash(const struct address *address)
{
	uint64_t high, low;

	memcpy(&high, address->bytes, sizeof(high));
	memcpy(&low, address->bytes + 8, sizeof(low));
	low = (low ^ high) * 0x9e3779b97f4a7c15u;
	low ^= low >> 32;
	low *= 0xd6e8feb86659fd93u;
	return low ^ low >> 29;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool address_parse(const char *text, struct address *address)
{
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1) {
		address_from_v4(address, &four);
		return true;
	}
	return inet_pton(AF_INET6, text, address->bytes) == 1;
}

const char *address_print(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	if (address_is_v4(address))
		return inet_ntop(AF_INET, address->bytes + 12, text, ADDRESS_TEXT_SIZE);
	return inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT_SIZE);
}

/* A decimal number up to the end of the text; -1 when it is none, or greater than most. */
static long number_parse(const char *text, long most)
{
	char *end;
	long n;

	if (*text < '0' || *text > '9')
		return -1;
	n = strtol(text, &end, 10);
	return *end || n > most ? -1 : n;
}

static bool network_parse(const char *address, const char *bits_text, struct range *range)
{
	bool v4;
	long bits;

	if (!address_parse(address, &range->first))
		return false;
	v4 = address_is_v4(&range->first);
	bits = number_parse(bits_text, v4 ? 32 : 128);
	if (bits < 0)
		return false;
	bits += v4 ? 96 : 0;
	range->last = range->first;
	for (long i = bits; i < 128; i++) {
		range->first.bytes[i / 8] &= (uint8_t)~(0x80 >> i % 8);
		range->last.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
	}
	return true;
}

static bool range_parse(char *text, struct range *range)
{
	char *slash = strchr(text, '/'), *dash = strchr(text, '-');
	long last;

	if (slash) {
		*slash = '\0';
		return network_parse(text, slash + 1, range);
	}
	if (dash)
		*dash = '\0';
	if (!address_parse(text, &range->first))
		return false;
	range->last = range->first;
	if (!dash)
		return true;
	last = number_parse(dash + 1, 255);
	if (last >= 0)
		range->last.bytes[15] = (uint8_t)last;
	else if (!address_parse(dash + 1, &range->last))
		return false;
	return memcmp(range->first.bytes, range->last.bytes, sizeof(range->first.bytes)) <= 0;
}

bool ranges_parse(const char *text, struct ranges *ranges)
{
	char *copy = strdup(text), *rest = copy, *word;
	bool good = copy;

	*ranges = (struct ranges){0};
	while (good && (word = strsep(&rest, ","))) {
		struct range *list = realloc(ranges->list, (ranges->n + 1) * sizeof(*list));

		good = list;
		if (good) {
			ranges->list = list;
			good = range_parse(word, &list[ranges->n++]);
		}
	}
	free(copy);
	if (!good) {
		free(ranges->list);
		*ranges = (struct ranges){0};
	}
	return good;
}

bool ranges_match(const struct ranges *ranges, const struct address *address)
{
	for (size_t i = 0; i < ranges->n; i++) {
		const struct range *range = &ranges->list[i];

		if (memcmp(address->bytes, range->first.bytes, sizeof(address->bytes)) >= 0 &&
		    memcmp(address->bytes, range->last.bytes, sizeof(address->bytes)) <= 0)
			return true;
	}
	return false;
}
