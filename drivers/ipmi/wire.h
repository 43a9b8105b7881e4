/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes of a packet, read and written with bounds. IPMI's numbers have the least significant byte
 * first (IPMI 2.0, section 5.2); RMCP's and ASF's the most significant.
 */
#ifndef IPMI_WIRE_H
#define IPMI_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* No packet of LAN sessions is longer, with payloads of the size that this driver sends. */
enum { PACKET_MAX = 384 };

/* Bytes that belong to somebody else. */
struct view {
	const uint8_t *at;
	size_t length;
};

/* Takes n bytes from the front; NULL, and nothing is taken, when there are fewer. */
static inline const uint8_t *view_take(struct view *v, size_t n)
{
	const uint8_t *at = v->at;

	if (n > v->length)
		return NULL;
	v->at += n;
	v->length -= n;
	return at;
}

static inline uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static inline uint32_t get32_big(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void set32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
	at[2] = (uint8_t)(value >> 16);
	at[3] = (uint8_t)(value >> 24);
}

static inline void set32_big(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

/* A packet that is being written. */
struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t length;
	bool overflow;			/* something did not fit, and is missing */
};

static inline uint8_t *packet_room(struct packet *p, size_t n)
{
	uint8_t *at = p->bytes + p->length;

	if (n > PACKET_MAX - p->length) {
		p->overflow = true;
		return NULL;
	}
	p->length += n;
	return at;
}

static inline void put_bytes(struct packet *p, const void *bytes, size_t n)
{
	uint8_t *at = packet_room(p, n);

	if (at && n)
		memcpy(at, bytes, n);
}

static inline void put8(struct packet *p, uint8_t value)
{
	put_bytes(p, &value, 1);
}

static inline void put16(struct packet *p, uint16_t value)
{
	const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};

	put_bytes(p, bytes, sizeof(bytes));
}

static inline void put32(struct packet *p, uint32_t value)
{
	uint8_t bytes[4];

	set32(bytes, value);
	put_bytes(p, bytes, sizeof(bytes));
}

static inline void put32_big(struct packet *p, uint32_t value)
{
	uint8_t bytes[4];

	set32_big(bytes, value);
	put_bytes(p, bytes, sizeof(bytes));
}

#endif
