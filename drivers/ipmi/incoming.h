/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a BMC sent, as far as it can be told without knowing what is awaited. Private to session.c. */
#ifndef IPMI_INCOMING_H
#define IPMI_INCOMING_H

#include "session.h"

/* A datagram, taken apart as far as it can be without knowing what is awaited. */
struct incoming {
	enum { IN_PONG, IN_PAYLOAD, IN_RESPONSE } kind;
	bool in_session;
	bool unsigned_refusal;		/* counts only where it refuses */
	uint8_t type;			/* IN_PAYLOAD: enum payload_type */
	struct view payload;
	struct response response;
	struct pong pong;
};

/*
 * Takes a datagram apart: headers, signature, encryption, sequence number, checksums. 0; a negative
 * errno for what is to be passed over; s->hint says why where that may help. bytes are decrypted in
 * place.
 */
int incoming_open(struct session *s, uint8_t *bytes, size_t length, struct incoming *in);

#endif
