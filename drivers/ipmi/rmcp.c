/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RMCP and the presence ping: ASF 2.0, sections 3.2.2 (header), 3.2.3.1 (ping) and 3.2.4.3 (pong);
 * IPMI 2.0, tables 13-2, 13-5 and 13-6.
 */
#include "rmcp.h"

#include <errno.h>

enum {
	RMCP_VERSION = 0x06, RMCP_NO_ACK = 0xff, RMCP_CLASS_MASK = 0x1f, RMCP_IS_ACK = 0x80,
	ASF_ENTERPRISE = 4542, ASF_PONG = 0x40, ASF_PING = 0x80,
	PONG_LENGTH = 16, PONG_SUPPORTS_IPMI = 0x80
};

void rmcp_begin(struct packet *p, enum rmcp_class class)
{
	p->length = 0;
	p->overflow = false;
	put8(p, RMCP_VERSION);
	put8(p, 0);
	put8(p, RMCP_NO_ACK);
	put8(p, (uint8_t)class);
}

int rmcp_take(struct view *v)
{
	struct view rest = *v;
	const uint8_t *header = view_take(&rest, 4);
	int class;

	if (!header || header[0] != RMCP_VERSION || header[3] & RMCP_IS_ACK)
		return -EPROTO;
	class = header[3] & RMCP_CLASS_MASK;
	if (class != RMCP_ASF && class != RMCP_IPMI)
		return -EPROTO;
	*v = rest;
	return class;
}

void ping_encode(struct packet *p, uint8_t tag)
{
	rmcp_begin(p, RMCP_ASF);
	put32_big(p, ASF_ENTERPRISE);
	put8(p, ASF_PING);
	put8(p, tag);
	put16(p, 0);			/* reserved, and no data */
}

int pong_decode(struct view v, struct pong *pong)
{
	const uint8_t *header = view_take(&v, 8), *data = view_take(&v, PONG_LENGTH);

	if (!header || !data || get32_big(header) != ASF_ENTERPRISE || header[4] != ASF_PONG ||
	    header[7] != PONG_LENGTH)
		return -EPROTO;
	pong->tag = header[5];
	pong->enterprise = get32_big(data);
	pong->ipmi = data[8] & PONG_SUPPORTS_IPMI;
	return 0;
}
