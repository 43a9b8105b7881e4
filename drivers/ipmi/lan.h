/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session wrapper of IPMI 1.5: IPMI 2.0, sections 13.6 and 22.17. */
#ifndef IPMI_LAN_H
#define IPMI_LAN_H

#include "wire.h"

enum auth_type {
	AUTH_NONE = 0, AUTH_MD2 = 1, AUTH_MD5 = 2, AUTH_STRAIGHT = 4, AUTH_OEM = 5,
	AUTH_RMCPPLUS = 6,		/* marks packets of IPMI 2.0 */
};
enum { AUTH_CODE_SIZE = 16, LAN_PASSWORD_SIZE = 16 };

struct lan_header {
	enum auth_type auth;
	uint32_t sequence, session;
	/*
	 * the bytes of sequence numbers are swapped, on the wire and in what is hashed. Machines
	 * with the quirk endianseq do so in what they send, and expect ours the right way round.
	 */
	bool swapped;
};

/*
 * Begins a packet, with the RMCP header: what is put behind it up to lan_end is the payload.
 * AUTH_NONE: there is no authentication code.
 */
void lan_begin(struct packet *p, const struct lan_header *header);
/*
 * Writes the payload's length and the authentication code (section 22.17.1): of the password,
 * padded with zeros, straight or by MD5. 0; -ENOTSUP for another type; -EMSGSIZE for more than 255
 * bytes of payload; -EIO.
 */
int lan_end(struct packet *p, const struct lan_header *header,
	    const uint8_t password[LAN_PASSWORD_SIZE]);

/* What came, behind the RMCP header. */
struct lan_packet {
	struct lan_header header;
	const uint8_t *code;		/* AUTH_CODE_SIZE bytes; NULL: AUTH_NONE has none */
	struct view payload;
};

/* 0 or -EPROTO. */
int lan_decode(struct view v, bool swapped, struct lan_packet *packet);
/*
 * Whether the code is that of the payload. AUTH_NONE is always right. 0, -EBADMSG, -ENOTSUP or
 * -EIO.
 */
int lan_check(const struct lan_packet *packet, const uint8_t password[LAN_PASSWORD_SIZE]);

#endif
