/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in packets, least significant byte first, and what packets are made of. */
#ifndef BMCSIM_WIRE_H
#define BMCSIM_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* RMCP header (IPMI 2.0, table 13-1; DSP0136, 3.2.2.3). */
enum { RMCP_LENGTH = 4, RMCP_VERSION = 6, RMCP_NO_ACK = 0xff, RMCP_ASF = 6, RMCP_IPMI = 7 };

enum { NETFN_CHASSIS = 0x00, NETFN_APP = 0x06, NETFN_TRANSPORT = 0x0c };

/* Payload types (table 13-16). */
enum payload {
	PAYLOAD_IPMI = 0x00,
	PAYLOAD_SOL = 0x01,
	PAYLOAD_OPEN_REQUEST = 0x10,
	PAYLOAD_OPEN_RESPONSE,
	PAYLOAD_RAKP1,
	PAYLOAD_RAKP2,
	PAYLOAD_RAKP3,
	PAYLOAD_RAKP4,
	PAYLOAD_TYPE = 0x3f,		/* mask */
	PAYLOAD_AUTHENTICATED = 0x40,
	PAYLOAD_ENCRYPTED = 0x80,
};

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void put16(uint8_t *p, uint16_t n)
{
	p[0] = (uint8_t)n;
	p[1] = (uint8_t)(n >> 8);
}

static inline void put32(uint8_t *p, uint32_t n)
{
	put16(p, (uint16_t)n);
	put16(p + 2, (uint16_t)(n >> 16));
}

/* What makes the sum of the bytes zero (13.8). */
static inline uint8_t checksum(const uint8_t *p, size_t length)
{
	uint8_t sum = 0;

	while (length--)
		sum = (uint8_t)(sum + *p++);
	return (uint8_t)-sum;
}

#endif
