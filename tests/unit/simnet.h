/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulator of BMCs without its socket: datagrams go in by a call, answers are kept. What a
 * client sends is made here too, from tables 13-8 to 13-14 of the IPMI 2.0 specification.
 */
#ifndef SIMNET_H
#define SIMNET_H

#include "tools/bmcsim/command.h"

enum { SENT_MAX = 16 };

/* The answers since sim_clear. */
extern struct answer sim_sent[SENT_MAX];
extern unsigned sim_nsent;

void sim_clear(void);

/* What sends: 127.0.0.1 and a port. */
struct endpoint sim_peer(uint16_t port);

/* A BMC of an address that was not used before; settings count from then on. */
struct bmc *sim_bmc(void);

/* A datagram arrives. */
void sim_receive(struct bmc *bmc, const void *bytes, size_t length);

/* The other end of a session. */
struct client {
	struct bmc *bmc;
	const struct suite *suite;	/* NULL: IPMI 1.5 */
	uint8_t auth_type;		/* of 1.5 */
	uint32_t id;			/* the BMC's, the one to send */
	uint32_t console_id;
	uint32_t number;		/* of the next packet */
	uint8_t challenge[16];
	uint8_t random[2][16];
	uint8_t role;
	struct keys keys;
};

/* Logs in as admin with "secret". */
void client_login(struct client *client, struct bmc *bmc, int suite);
void client_login15(struct client *client, struct bmc *bmc, uint8_t auth_type);

/* The steps of it; each sends, and clears the answers before. */
void client_open(struct client *client, int suite);
void client_rakp1(struct client *client, const char *name);
void client_rakp3(struct client *client, const char *name, const char *password);

/* A message with this number; then the answer's completion code, or -1 when there is none. */
int client_ask(struct client *client, uint8_t netfn, uint8_t command, const void *data,
	       size_t length);

/* Makes the datagram of a message, for those who do something to it; returns its length. */
size_t client_pack(struct client *client, uint8_t netfn, uint8_t command, const void *data,
		   size_t length, uint8_t packet[ANSWER_MAX]);

/* Puts any payload into a packet of a session by RMCP+. */
size_t client_wrap(struct client *client, uint8_t payload, const uint8_t *bytes, size_t length,
		   uint8_t packet[ANSWER_MAX]);

/* The payload of an answer, opened in a buffer; its length. */
size_t client_payload(struct client *client, unsigned answer, uint8_t payload[ANSWER_MAX]);

/* The last answer as a message: its data behind the completion code; the code, or -1. */
int client_reply(struct client *client, const uint8_t **data, size_t *length);

/* A message outside of sessions. */
int sim_ask(struct bmc *bmc, uint8_t netfn, uint8_t command, const void *data, size_t length);

#endif
