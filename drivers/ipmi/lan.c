/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session wrapper of IPMI 1.5: IPMI 2.0, section 13.6, table 13-8, and section 22.17.1 for
 * authentication codes.
 */
#include "lan.h"

#include "crypt.h"
#include "rmcp.h"

#include <errno.h>

enum {
	HEADER_SIZE = 9,		/* authentication type, sequence number, session ID */
	RMCP_SIZE = 4,
	AUTH_MASK = 0x0f,
};

static void set_sequence(uint8_t at[4], const struct lan_header *header)
{
	if (header->swapped)
		set32_big(at, header->sequence);
	else
		set32(at, header->sequence);
}

void lan_begin(struct packet *p, const struct lan_header *header)
{
	uint8_t sequence[4];

	set_sequence(sequence, header);
	rmcp_begin(p, RMCP_IPMI);
	put8(p, (uint8_t)header->auth);
	put_bytes(p, sequence, sizeof(sequence));
	put32(p, header->session);
	if (header->auth != AUTH_NONE)
		packet_room(p, AUTH_CODE_SIZE);
	put8(p, 0);			/* lan_end knows the length */
}

/* Writes a packet's code, or the one that it should have. */
static int make_code(const struct lan_header *header, const uint8_t *password, struct view payload,
		     uint8_t code[AUTH_CODE_SIZE])
{
	uint8_t session[4], sequence[4];
	const struct view parts[] = {
		{password, LAN_PASSWORD_SIZE}, {session, sizeof(session)}, payload,
		{sequence, sizeof(sequence)}, {password, LAN_PASSWORD_SIZE},
	};

	if (header->auth == AUTH_STRAIGHT) {
		memcpy(code, password, AUTH_CODE_SIZE);
		return 0;
	}
	if (header->auth != AUTH_MD5)
		return -ENOTSUP;
	set32(session, header->session);
	set_sequence(sequence, header);
	return hash_parts(HASH_MD5, parts, sizeof(parts) / sizeof(parts[0]), code);
}

int lan_end(struct packet *p, const struct lan_header *header,
	    const uint8_t password[LAN_PASSWORD_SIZE])
{
	size_t code = RMCP_SIZE + HEADER_SIZE;
	size_t length = code + (header->auth == AUTH_NONE ? 0 : AUTH_CODE_SIZE);
	size_t payload = length + 1;

	if (p->overflow || p->length < payload || p->length - payload > UINT8_MAX)
		return -EMSGSIZE;
	p->bytes[length] = (uint8_t)(p->length - payload);
	if (header->auth == AUTH_NONE)
		return 0;
	return make_code(header, password,
			 (struct view){p->bytes + payload, p->length - payload}, p->bytes + code);
}

static bool auth_is_known(unsigned auth)
{
	return auth <= AUTH_OEM && auth != 3;
}

int lan_decode(struct view v, bool swapped, struct lan_packet *packet)
{
	const uint8_t *header = view_take(&v, HEADER_SIZE), *length;

	if (!header || !auth_is_known(header[0] & AUTH_MASK))
		return -EPROTO;
	packet->header = (struct lan_header){
		.auth = (enum auth_type)(header[0] & AUTH_MASK),
		.sequence = swapped ? get32_big(header + 1) : get32(header + 1),
		.session = get32(header + 5),
		.swapped = swapped,
	};
	packet->code = NULL;
	if (packet->header.auth != AUTH_NONE) {
		packet->code = view_take(&v, AUTH_CODE_SIZE);
		if (!packet->code)
			return -EPROTO;
	}
	length = view_take(&v, 1);
	/* Table 13-8: packets of some lengths have a byte of padding behind them. */
	if (!length || v.length < *length || v.length > *length + 1u)
		return -EPROTO;
	packet->payload = (struct view){v.at, *length};
	return 0;
}

int lan_check(const struct lan_packet *packet, const uint8_t password[LAN_PASSWORD_SIZE])
{
	uint8_t code[AUTH_CODE_SIZE];
	int err;

	if (packet->header.auth == AUTH_NONE)
		return 0;
	err = make_code(&packet->header, password, packet->payload, code);
	if (!err && !codes_equal(code, packet->code, AUTH_CODE_SIZE))
		err = -EBADMSG;
	explicit_bzero(code, sizeof(code));
	return err;
}
