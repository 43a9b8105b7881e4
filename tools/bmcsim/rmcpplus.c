/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RMCP+ packets: session header and trailer, integrity, confidentiality, sequence numbers (IPMI
 * 2.0, table 13-8, 13.28, 13.29, 6.12).
 */
#include "command.h"
#include "random.h"
#include "sol.h"
#include "wire.h"

#include <string.h>

/* Type, payload type, session id, sequence number, payload's length. */
enum { HEADER = 12, AHEAD = 15, BEHIND = 16, NEXT_HEADER = 0x07 };

struct packet {
	uint8_t payload;		/* type and flags */
	uint32_t session_id, sequence;
	uint8_t *bytes;			/* of the payload */
	size_t length;
};

static void ipmi_payload(const struct origin *origin, const uint8_t *bytes, size_t length)
{
	message_receive(origin, bytes, length);
}

uint8_t session_protection(const struct session *session)
{
	uint8_t flags = 0;

	if (session->suite->integrity != INTEGRITY_NONE)
		flags |= PAYLOAD_AUTHENTICATED;
	if (session->suite->confidentiality != CONFIDENTIALITY_NONE)
		flags |= PAYLOAD_ENCRYPTED;
	return flags;
}

/* Payloads inside of sessions; a further one is a row. */
static const struct payload_row {
	uint8_t type;
	uint8_t (*protection)(const struct session *session);	/* what packets must have */
	void (*receive)(const struct origin *origin, const uint8_t *bytes, size_t length);
} payloads[] = {
	{PAYLOAD_IPMI, session_protection, ipmi_payload},
	{PAYLOAD_SOL, sol_protection, sol_receive},
};

static const struct payload_row *payload_find(uint8_t type)
{
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		if (payloads[i].type == (type & PAYLOAD_TYPE))
			return &payloads[i];
	}
	return NULL;
}

static bool packet_parse(uint8_t *p, size_t length, struct packet *packet)
{
	if (length < HEADER)
		return false;
	packet->payload = p[1];
	packet->session_id = get32(p + 2);
	packet->sequence = get32(p + 6);
	packet->length = get16(p + 10);
	packet->bytes = p + HEADER;
	return packet->length <= length - HEADER;
}

/* Checks trailer and code; p is the whole from the session header on. */
static bool is_authentic(struct session *session, const struct packet *packet, uint8_t protection,
			 const uint8_t *p, size_t length)
{
	size_t used = HEADER + packet->length, code_length, pad;
	uint8_t code[DIGEST_MAX];

	if (!(packet->payload & PAYLOAD_AUTHENTICATED))
		return !(protection & PAYLOAD_AUTHENTICATED) && used == length;
	code_length = integrity_length(session->suite->integrity);
	if (!code_length || length < used + 2 + code_length)
		return false;
	length -= code_length;
	pad = length - used - 2;
	if (p[length - 1] != NEXT_HEADER || p[length - 2] != pad || length % 4)
		return false;
	integrity_code(&session->keys, session->suite->integrity, p, length, code);
	return !memcmp(code, p + length, code_length);
}

/* Decrypts the payload in place; false when it cannot be one. */
static bool open_payload(struct session *session, struct packet *packet)
{
	uint8_t *p = packet->bytes + BLOCK;
	size_t length, pad;

	if (packet->length < 2 * BLOCK || packet->length % BLOCK)
		return false;
	length = packet->length - BLOCK;
	decrypt(&session->keys, packet->bytes, p, length);
	pad = p[length - 1];
	if (pad >= BLOCK)
		return false;
	for (size_t i = 1; i <= pad; i++) {
		if (p[length - 2 - pad + i] != i)
			return false;
	}
	packet->bytes = p;
	packet->length = length - pad - 1;
	return true;
}

static void session_receive(struct bmc *bmc, const struct endpoint *from, struct packet *packet,
			    const uint8_t *bytes, size_t length)
{
	struct session *session = session_find(bmc, packet->session_id);
	const struct payload_row *row = payload_find(packet->payload);
	struct origin origin = {.bmc = bmc, .session = session, .from = *from, .rmcpplus = true,
				.session_id = packet->session_id};
	bool encrypted = packet->payload & PAYLOAD_ENCRYPTED;
	uint8_t protection;

	if (!session || !session->rmcpplus || session->step != STEP_ACTIVE) {
		stats.no_session++;
		return;
	}
	protection = row ? row->protection(session) : session_protection(session);
	if (!is_authentic(session, packet, protection, bytes, length)) {
		stats.wrong_code++;
		return;
	}
	if (!packet->sequence ||
	    !window_accept(&session->inbound, packet->sequence, AHEAD, BEHIND)) {
		stats.sequence++;
		return;
	}
	if (!row || (encrypted && session->suite->confidentiality == CONFIDENTIALITY_NONE) ||
	    (!encrypted && protection & PAYLOAD_ENCRYPTED) ||
	    (encrypted && !open_payload(session, packet))) {
		stats.malformed++;
		return;
	}
	session->used = now;
	row->receive(&origin, packet->bytes, packet->length);
}

void rmcpplus_receive(struct bmc *bmc, const struct endpoint *from, uint8_t *bytes, size_t length)
{
	struct origin origin = {.bmc = bmc, .from = *from, .rmcpplus = true};
	struct packet packet;

	if (!packet_parse(bytes, length, &packet)) {
		stats.malformed++;
		return;
	}
	if (packet.session_id) {
		session_receive(bmc, from, &packet, bytes, length);
		return;
	}
	if (HEADER + packet.length != length) {
		stats.malformed++;
		return;
	}
	switch (packet.payload) {
	case PAYLOAD_IPMI:
		message_receive(&origin, packet.bytes, packet.length);
		break;
	case PAYLOAD_OPEN_REQUEST:
		open_session(bmc, from, packet.bytes, packet.length);
		break;
	case PAYLOAD_RAKP1:
		rakp1(bmc, from, packet.bytes, packet.length);
		break;
	case PAYLOAD_RAKP3:
		rakp3(bmc, from, packet.bytes, packet.length);
		break;
	default:
		stats.malformed++;
	}
}

static uint8_t *put_header(uint8_t *p, uint8_t payload, uint32_t session_id, uint32_t sequence)
{
	const uint8_t header[] = {RMCP_VERSION, 0, RMCP_NO_ACK, RMCP_IPMI, AUTH_RMCPPLUS, payload};

	memcpy(p, header, sizeof(header));
	p += sizeof(header);
	put32(p, session_id);
	put32(p + 4, sequence);
	return p + 10;
}

uint8_t *rmcpplus_begin(struct answer *answer, uint8_t payload)
{
	return put_header(answer->bytes, payload, 0, 0);
}

void rmcpplus_send(struct answer *answer, size_t payload_length)
{
	put16(answer->bytes + RMCP_LENGTH + HEADER - 2, (uint16_t)payload_length);
	answer->length = RMCP_LENGTH + HEADER + payload_length;
	answer_send(answer);
}

/* Puts the payload, encrypted or as it is; returns its length. */
static size_t put_payload(struct session *session, bool encrypted, uint8_t *p,
			  const uint8_t *bytes, size_t length)
{
	size_t pad = BLOCK - 1 - length % BLOCK;
	uint8_t *start = p;

	if (!encrypted) {
		memcpy(p, bytes, length);
		return length;
	}
	random_fill(&session->bmc->random, p, BLOCK);
	p += BLOCK;
	memcpy(p, bytes, length);
	p += length;
	for (size_t i = 1; i <= pad; i++)
		*p++ = (uint8_t)i;
	*p++ = (uint8_t)pad;
	encrypt(&session->keys, start, start + BLOCK, (size_t)(p - start) - BLOCK);
	return (size_t)(p - start);
}

/* Puts trailer and code behind the bytes from the session header up to p; returns the end. */
static uint8_t *put_trailer(struct session *session, const uint8_t *header, uint8_t *p)
{
	enum integrity integrity = session->suite->integrity;
	size_t pad = (4 - (size_t)(p + 2 - header) % 4) % 4;
	uint8_t code[DIGEST_MAX];
	size_t length;

	memset(p, 0xff, pad);
	p += pad;
	*p++ = (uint8_t)pad;
	*p++ = NEXT_HEADER;
	length = integrity_code(&session->keys, integrity, header, (size_t)(p - header), code);
	if (bmc_chance(session->bmc, FAULT_BAD_AUTHCODE))
		code[random_below(&session->bmc->random, (uint32_t)length)] ^= 0x40;
	memcpy(p, code, length);
	return p + length;
}

void rmcpplus_answer(const struct origin *origin, uint8_t payload, const uint8_t *bytes,
		     size_t length)
{
	struct session *session = origin->session;
	struct answer *answer = answer_begin(origin->bmc, &origin->from);
	uint8_t *header = answer->bytes + RMCP_LENGTH, *p;
	uint8_t protection;

	if (!session) {
		memcpy(rmcpplus_begin(answer, payload), bytes, length);
		rmcpplus_send(answer, length);
		return;
	}
	protection = payload_find(payload)->protection(session);
	p = put_header(answer->bytes, payload | protection, session->console_id,
		       session_number(session));
	length = put_payload(session, protection & PAYLOAD_ENCRYPTED, p, bytes, length);
	put16(p - 2, (uint16_t)length);
	p += length;
	if (protection & PAYLOAD_AUTHENTICATED)
		p = put_trailer(session, header, p);
	answer->length = (size_t)(p - answer->bytes);
	answer_send(answer);
}
