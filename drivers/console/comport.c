/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serial lines behind telnet. See comport.h. Defined by: RFC 2217, section 3. */
#include "comport.h"

#include <stdio.h>
#include <string.h>

/* A server's messages have the numbers of the client's and 100 more. */
enum {
	SET_BAUDRATE = 1,
	SET_DATASIZE,
	SET_PARITY,
	SET_STOPSIZE,
	SET_CONTROL,
	NOTIFY_LINESTATE,
	NOTIFY_MODEMSTATE,
	FLOWCONTROL_SUSPEND,
	FLOWCONTROL_RESUME,
	SET_LINESTATE_MASK,
	SET_MODEMSTATE_MASK,
	FROM_SERVER = 100,
};

enum { CONTROL_NO_FLOW = 1, CONTROL_XONXOFF, CONTROL_HARDWARE, BREAK_ON = 5, BREAK_OFF };

enum { LINE_BREAK = 16, LINE_FRAMING = 8, MODEM_CARRIER = 128 };

/* Numbers on the wire: none is 1, odd 2, …; one stop bit 1, two 2, one and a half 3. */
static const char parities[] = "?NOEMS";
static const char *const stop_names[] = {"?", "1", "2", "1.5"};
static const char *const flow_names[] = {"?", "none", "xonxoff", "rtscts"};
static const unsigned char flows[] = {
	[SERIAL_NO_FLOW] = CONTROL_NO_FLOW, [SERIAL_XONXOFF] = CONTROL_XONXOFF,
	[SERIAL_RTSCTS] = CONTROL_HARDWARE, [SERIAL_FLOW_KEPT] = 0,
};

const struct serial comport_nothing = {.flow = SERIAL_FLOW_KEPT};

bool comport_is_nothing(const struct serial *wanted)
{
	return !wanted->speed && !wanted->data_bits && wanted->flow == SERIAL_FLOW_KEPT;
}

static unsigned parity_number(char parity)
{
	return (unsigned)(strchr(parities, parity) - parities);
}

static struct comport_message message(unsigned command, unsigned value)
{
	return (struct comport_message){{(unsigned char)command, (unsigned char)value}, 2};
}

static struct comport_message set_speed(uint32_t speed)
{
	return (struct comport_message){
		{SET_BAUDRATE, (unsigned char)(speed >> 24), (unsigned char)(speed >> 16),
		 (unsigned char)(speed >> 8), (unsigned char)speed}, 5,
	};
}

size_t comport_begin(struct comport *port, struct comport_message out[COMPORT_MESSAGES_MAX])
{
	const struct serial *s = &port->wanted;
	size_t n = 0;

	out[n++] = message(SET_LINESTATE_MASK, LINE_BREAK | LINE_FRAMING);
	out[n++] = message(SET_MODEMSTATE_MASK, MODEM_CARRIER);
	port->asked = 0;
	if (s->speed)
		out[n++] = set_speed(s->speed);
	if (s->data_bits) {
		out[n++] = message(SET_DATASIZE, s->data_bits);
		out[n++] = message(SET_PARITY, parity_number(s->parity));
		out[n++] = message(SET_STOPSIZE, s->stop_bits);
	}
	if (s->flow != SERIAL_FLOW_KEPT)
		out[n++] = message(SET_CONTROL, flows[s->flow]);
	for (size_t i = 2; i < n; i++)
		port->asked |= 1u << out[i].bytes[0];
	return n;
}

struct comport_message comport_break(bool on)
{
	return message(SET_CONTROL, on ? BREAK_ON : BREAK_OFF);
}

/* Whether the server has set what it was asked to; text says what else it has. */
static bool is_as_asked(const struct serial *s, unsigned command, uint32_t value,
			char text[COMPORT_TEXT_MAX])
{
	switch (command) {
	case SET_BAUDRATE:
		snprintf(text, COMPORT_TEXT_MAX,
			 "the server has set the line to %u baud, not to %u", value, s->speed);
		return value == s->speed;
	case SET_DATASIZE:
		snprintf(text, COMPORT_TEXT_MAX,
			 "the server has set the line to %u bits, not to %u", value, s->data_bits);
		return value == s->data_bits;
	case SET_PARITY:
		snprintf(text, COMPORT_TEXT_MAX,
			 "the server has set the line to parity %c, not to %c",
			 value < 6 ? parities[value] : '?', s->parity);
		return value == parity_number(s->parity);
	case SET_STOPSIZE:
		snprintf(text, COMPORT_TEXT_MAX,
			 "the server has set the line to %s stop bits, not to %s",
			 stop_names[value < 4 ? value : 0], stop_names[s->stop_bits]);
		return value == s->stop_bits;
	default:
		snprintf(text, COMPORT_TEXT_MAX,
			 "the server has set the line to flow control %s, not to %s",
			 flow_names[value < 4 ? value : 0], flow_names[flows[s->flow]]);
		return value == flows[s->flow];
	}
}

static enum comport_event read_answer(struct comport *port, unsigned command,
				      const unsigned char *value, size_t length,
				      char text[COMPORT_TEXT_MAX])
{
	size_t size = command == SET_BAUDRATE ? 4 : 1;
	uint32_t number = 0;

	if (length != size || !(port->asked & 1u << command))
		return COMPORT_NOTHING;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | value[i];
	/* an answer to a break, which may come before that to the flow control */
	if (command == SET_CONTROL && number > CONTROL_HARDWARE)
		return COMPORT_NOTHING;
	port->asked &= ~(1u << command);
	return is_as_asked(&port->wanted, command, number, text) ? COMPORT_NOTHING : COMPORT_TOLD;
}

static enum comport_event read_line_state(struct comport *port, unsigned state,
					  char text[COMPORT_TEXT_MAX])
{
	if (state & LINE_BREAK) {
		snprintf(text, COMPORT_TEXT_MAX, "the machine has sent a break");
		return COMPORT_TOLD;
	}
	if (!(state & LINE_FRAMING) || port->broken)
		return COMPORT_NOTHING;
	port->broken = true;
	snprintf(text, COMPORT_TEXT_MAX,
		 "characters arrive broken at the server: the line has another speed or format");
	return COMPORT_TOLD;
}

/* Many lines have no carrier at all: only a change is told. */
static enum comport_event read_modem_state(struct comport *port, unsigned state,
					   char text[COMPORT_TEXT_MAX])
{
	bool carrier = state & MODEM_CARRIER;
	bool told = port->carrier_known && carrier != port->carrier;

	port->carrier_known = true;
	port->carrier = carrier;
	if (!told)
		return COMPORT_NOTHING;
	snprintf(text, COMPORT_TEXT_MAX, "%s", carrier ? "the line has a carrier again" :
		 "the line has lost its carrier: the machine is off, or its cable is out");
	return COMPORT_TOLD;
}

enum comport_event comport_read(struct comport *port, const unsigned char *m, size_t length,
				char text[COMPORT_TEXT_MAX])
{
	unsigned command;

	if (!length || *m < FROM_SERVER)
		return COMPORT_NOTHING;
	command = *m - FROM_SERVER;
	switch (command) {
	case SET_BAUDRATE:
	case SET_DATASIZE:
	case SET_PARITY:
	case SET_STOPSIZE:
	case SET_CONTROL:
		return read_answer(port, command, m + 1, length - 1, text);
	case NOTIFY_LINESTATE:
		return length == 2 ? read_line_state(port, m[1], text) : COMPORT_NOTHING;
	case NOTIFY_MODEMSTATE:
		return length == 2 ? read_modem_state(port, m[1], text) : COMPORT_NOTHING;
	case FLOWCONTROL_SUSPEND:
		return COMPORT_STOP;
	case FLOWCONTROL_RESUME:
		return COMPORT_GO;
	default:
		return COMPORT_NOTHING;
	}
}
