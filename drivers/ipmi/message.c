/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPMI messages in their LAN form: IPMI 2.0, section 13.8, table 13-8. */
#include "message.h"

#include <errno.h>

enum {
	BMC_ADDRESS = 0x20, CONSOLE_ADDRESS = 0x81, NETFN_RESPONSE = 1, RESPONSE_LENGTH_MIN = 8
};

/* The value that makes the bytes and itself 0 when added up. */
static uint8_t checksum(const uint8_t *bytes, size_t length)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return (uint8_t)-sum;
}

void request_encode(struct packet *p, const struct request *request)
{
	const uint8_t to[] = {BMC_ADDRESS, (uint8_t)(request->netfn << 2)};
	const uint8_t from[] = {CONSOLE_ADDRESS, (uint8_t)(request->sequence << 2),
				request->command};
	uint8_t sum;

	put_bytes(p, to, sizeof(to));
	put8(p, checksum(to, sizeof(to)));
	put_bytes(p, from, sizeof(from));
	put_bytes(p, request->data, request->length);
	sum = (uint8_t)(checksum(from, sizeof(from)) + checksum(request->data, request->length));
	put8(p, sum);
}

/*
 * Neither FreeIPMI nor ipmitool look at who answers, or at logical unit numbers, so that a BMC that
 * has them wrong would not have been noticed: they do not matter here either.
 */
int response_decode(struct view v, bool checksums, struct response *response)
{
	const uint8_t *at = v.at;
	unsigned netfn;

	if (v.length < RESPONSE_LENGTH_MIN || at[0] != CONSOLE_ADDRESS)
		return -EPROTO;
	netfn = at[1] >> 2;
	if (!(netfn & NETFN_RESPONSE))
		return -EPROTO;
	if (checksums && (checksum(at, 3) || checksum(at + 3, v.length - 3)))
		return -EBADMSG;
	response->netfn = (enum netfn)(netfn - NETFN_RESPONSE);
	response->sequence = at[4] >> 2;
	response->command = at[5];
	response->completion = at[6];
	response->data = (struct view){at + 7, v.length - RESPONSE_LENGTH_MIN};
	return 0;
}
