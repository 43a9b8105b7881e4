/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPMI messages: requests and their answers (IPMI 2.0, 5.2, 13.8), whatever they are wrapped in. */
#ifndef BMCSIM_COMMAND_H
#define BMCSIM_COMMAND_H

#include "bmc.h"
#include "net.h"
#include "session.h"

/* Completion codes (table 5-2). */
enum code {
	CODE_OK = 0x00,
	CODE_BUSY = 0xc0,
	CODE_UNKNOWN = 0xc1,
	CODE_BAD_LUN = 0xc2,
	CODE_BAD_LENGTH = 0xc7,
	CODE_OUT_OF_RANGE = 0xc9,
	CODE_NOT_PRESENT = 0xcb,
	CODE_BAD_FIELD = 0xcc,
	CODE_NO_PRIVILEGE = 0xd4,
	CODE_NOT_NOW = 0xd5,
	CODE_UNSPECIFIED = 0xff,
	/* results of a command that are none */
	CODE_SILENT = -1,		/* no answer */
	CODE_LATER = -2,		/* request_answer will be called */
};

enum { MESSAGE_MAX = 256, REPLY_MAX = 96 };

/* Where a message came from: its answer goes back the same way. */
struct origin {
	struct bmc *bmc;
	struct session *session;	/* NULL: outside of one */
	uint32_t session_id;		/* of the header */
	struct endpoint from;
	bool rmcpplus;			/* its wrapping */
	uint8_t auth_type;		/* 1.5: of the request */
};

struct request {
	struct origin origin;
	uint8_t netfn, command, lun, from_address, from_lun, number;
	const uint8_t *data;
	size_t length;
	uint8_t reply[REPLY_MAX];	/* data behind the completion code */
	size_t reply_length;
};

/* A command: one row of a table that ends with a row without a name. */
struct command {
	uint8_t netfn, command;
	uint8_t privilege;		/* needed; 0: can be had without a session too */
	uint8_t least, most;		/* bytes of data */
	const char *name;
	int (*run)(struct request *request);	/* an enum code */
};

extern const struct command app_commands[], session_commands[], chassis_commands[],
	sol_commands[];

/* A message has arrived, already taken out of its wrapping. */
void message_receive(const struct origin *origin, const uint8_t *message, size_t length);

/*
 * Answers a request whose command said CODE_LATER. The request is the caller's copy; a session of
 * it that has ended in the meantime gets nothing.
 */
void request_answer(struct request *request, int code);

/* Adds bytes to the reply. */
void reply_add(struct request *request, const void *bytes, size_t length);
void reply_byte(struct request *request, uint8_t byte);

/* Wraps a message and sends it, each in its own way. */
void lan15_answer(const struct origin *origin, const uint8_t *message, size_t length);
void rmcpplus_answer(const struct origin *origin, uint8_t payload, const uint8_t *bytes,
		     size_t length);

/* The flags that packets of a session by RMCP+ have, as its cipher suite says. */
uint8_t session_protection(const struct session *session);

/* Opens wrappings: datagrams from behind the RMCP header on, whose bytes may be changed. */
void lan15_receive(struct bmc *bmc, const struct endpoint *from, const uint8_t *bytes,
		   size_t length);
void rmcpplus_receive(struct bmc *bmc, const struct endpoint *from, uint8_t *bytes, size_t length);

/* A datagram for a BMC. */
void rmcp_receive(struct bmc *bmc, const struct endpoint *from, uint8_t *bytes, size_t length);

/* Payloads of a log-in by RMCP+ (13.17 to 13.23). */
void open_session(struct bmc *bmc, const struct endpoint *from, const uint8_t *p, size_t length);
void rakp1(struct bmc *bmc, const struct endpoint *from, const uint8_t *p, size_t length);
void rakp3(struct bmc *bmc, const struct endpoint *from, const uint8_t *p, size_t length);

/* The header of an RMCP+ payload outside of a session; returns where the payload goes. */
uint8_t *rmcpplus_begin(struct answer *answer, uint8_t payload);
/* Sets its length and sends it. */
void rmcpplus_send(struct answer *answer, size_t payload_length);

#endif
