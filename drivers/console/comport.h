/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The serial line at the far end of a telnet connection: the messages of RFC 2217 that set it and
 * tell of it, without the telnet around them.
 */
#ifndef CONSOLE_COMPORT_H
#define CONSOLE_COMPORT_H

#include "serial.h"

#include <stdbool.h>
#include <stddef.h>

/* The telnet option. */
enum { COMPORT_OPTION = 44 };

struct comport_message {
	unsigned char bytes[5];
	size_t length;
};

enum { COMPORT_MESSAGES_MAX = 7, COMPORT_TEXT_MAX = 128 };

/* What is known of a line. Start with {.wanted = …}. */
struct comport {
	struct serial wanted;		/* how it is to be set; see comport_nothing */
	unsigned asked;			/* commands that were not answered yet, a bit each */
	bool carrier_known, carrier;
	bool broken;			/* of broken characters was told */
};

/* Nothing that a line is to be set to. */
extern const struct serial comport_nothing;
bool comport_is_nothing(const struct serial *wanted);

/* What a server says of it. */
enum comport_event {
	COMPORT_NOTHING,
	COMPORT_TOLD,			/* text says something that the user should know */
	COMPORT_STOP,			/* nothing more may be sent */
	COMPORT_GO,			/* it may again */
};

/*
 * The messages that say what is to be told of, and set what is to be set; how many. The server's
 * answers are awaited then.
 */
size_t comport_begin(struct comport *port, struct comport_message out[COMPORT_MESSAGES_MAX]);
/* That begins or ends a break. */
struct comport_message comport_break(bool on);
/* Reads a message of the server's; one that makes no sense is nothing. */
enum comport_event comport_read(struct comport *port, const unsigned char *message, size_t length,
				char text[COMPORT_TEXT_MAX]);

#endif
