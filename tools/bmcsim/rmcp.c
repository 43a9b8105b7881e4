/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RMCP: which class a datagram is of, and ASF's presence ping (IPMI 2.0, 13.1 to 13.2; DSP0136,
 * 3.2.4).
 */
#include "command.h"
#include "log.h"
#include "wire.h"

#include <string.h>

enum { ASF_PING = 0x80, ASF_PONG = 0x40, ASF_LENGTH = 8, RMCP_ACK = 0x80 };

static const uint8_t asf_iana[4] = {0x00, 0x00, 0x11, 0xbe};

static void acknowledge(struct bmc *bmc, const struct endpoint *from, uint8_t number)
{
	struct answer *answer = answer_begin(bmc, from);
	const uint8_t header[] = {RMCP_VERSION, 0, number, RMCP_ACK | RMCP_ASF};

	memcpy(answer->bytes, header, sizeof(header));
	answer->length = sizeof(header);
	answer_send(answer);
}

static void pong(struct bmc *bmc, const struct endpoint *from, uint8_t tag)
{
	static const uint8_t data[16] = {0, 0, 0x11, 0xbe, [8] = 0x81};
	struct answer *answer = answer_begin(bmc, from);
	uint8_t *p = answer->bytes;
	const uint8_t header[] = {RMCP_VERSION, 0, RMCP_NO_ACK, RMCP_ASF};

	memcpy(p, header, sizeof(header));
	p += sizeof(header);
	memcpy(p, asf_iana, sizeof(asf_iana));
	p += sizeof(asf_iana);
	*p++ = ASF_PONG;
	*p++ = tag;
	*p++ = 0;
	*p++ = sizeof(data);
	memcpy(p, data, sizeof(data));
	answer->length = (size_t)(p - answer->bytes) + sizeof(data);
	answer_send(answer);
}

static void asf_receive(struct bmc *bmc, const struct endpoint *from, const uint8_t *p,
			size_t length)
{
	uint8_t number = p[2];

	p += RMCP_LENGTH;
	length -= RMCP_LENGTH;
	if (length < ASF_LENGTH || memcmp(p, asf_iana, sizeof(asf_iana)) ||
	    p[7] > length - ASF_LENGTH) {
		stats.malformed++;
		return;
	}
	if (p[4] != ASF_PING)
		return;
	log_line(bmc, has(bmc, FAULT_NO_PING) ? CODE_SILENT : CODE_OK, "ping");
	if (has(bmc, FAULT_NO_PING))
		return;
	if (number != RMCP_NO_ACK)
		acknowledge(bmc, from, number);
	pong(bmc, from, p[5]);
}

void rmcp_receive(struct bmc *bmc, const struct endpoint *from, uint8_t *bytes, size_t length)
{
	if (now < bmc->silent_until) {
		stats.lost++;
		return;
	}
	if (length <= RMCP_LENGTH || bytes[0] != RMCP_VERSION) {
		stats.malformed++;
		return;
	}
	if (bytes[3] == RMCP_ASF) {
		asf_receive(bmc, from, bytes, length);
	} else if (bytes[3] != RMCP_IPMI) {
		stats.malformed++;
	} else if (bytes[RMCP_LENGTH] != AUTH_RMCPPLUS) {
		lan15_receive(bmc, from, bytes + RMCP_LENGTH, length - RMCP_LENGTH);
	} else if (!has(bmc, FAULT_ONLY_15)) {
		rmcpplus_receive(bmc, from, bytes + RMCP_LENGTH, length - RMCP_LENGTH);
	}
}
