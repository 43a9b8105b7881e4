/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of Serial over LAN in the simulator of BMCs share: a console of a BMC without a net. */
#ifndef SIMSOL_H
#define SIMSOL_H

#include "simnet.h"
#include "tools/bmcsim/sol.h"
#include "tools/bmcsim/wire.h"

enum {
	SET_PRIVILEGE = 0x3b,
	CLOSE = 0x3c,
	ACTIVATE = 0x48,
	DEACTIVATE = 0x49,
	STATUS = 0x4a,
	INFO = 0x4b,
	SET_ACCESS = 0x4c,
	SUSPEND = 0x55,
	SET_PARAMETER = 0x21,
	GET_PARAMETER = 0x22,
	CODED = 0xc0,			/* Activate Payload with encryption and authentication */
	SOON = 1,			/* seconds, more than any interval of a BMC's settings */
};

/* Those intervals: a retry, then a little more than what makes it send, than a packet is held. */
static const double retry_interval = 0.1, accumulated = 0.006, held = 0.06;

/* What a SOL packet of the BMC says. */
struct said {
	uint8_t number, acknowledges, count, status;
	size_t length;
	char text[SOL_CHARACTERS + 1];
};

/* Of one of the answers. */
struct said said(struct client *client, unsigned answer);

/* The only answer is this acknowledgement. */
void assert_acknowledged(struct client *client, uint8_t number, uint8_t count, uint8_t status);

/* The only answer has these characters; its number. */
uint8_t heard(struct client *client, const char *text);

/* A packet of the console; the answers to it are the only ones. */
void say_bytes(struct client *client, uint8_t number, uint8_t acknowledges, uint8_t count,
	       uint8_t operation, const void *text, size_t length);
void say(struct client *client, uint8_t number, const char *text);
void acknowledge(struct client *client, uint8_t number, uint8_t count);

/* Time goes by; what is sent meanwhile are the only answers. */
void wait_for(double seconds);

/* What comes in so many steps of 20 ms, all of it acknowledged. */
const char *read_on(struct client *client, int steps);

/* Activate Payload with these flags, Deactivate Payload: a completion code. */
int activate(struct client *client, uint8_t flags);
int deactivate(struct client *client);

/* A session at a BMC, with administrator's privilege; NULL: at a new one. */
void log_in(struct client *client, struct bmc *bmc, int suite);

/* Another far end. */
struct sol *far_of(struct client *client, const char *far);

/* The only session there is, which has SOL with this far end and fault; NULL: no fault. */
struct sol *open_with(struct client *client, const char *far, const char *fault);

/* For cmocka: the user there is; and nobody is there any more who could send something. */
int add_admin(void **state);
int end_sessions(void **state);

#endif
