/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our end of a telnet connection. See nvt.h. libtelnet takes the wire's bytes apart and answers
 * what is negotiated (RFC 854, 855, 1143); here is what a console wants of it: BINARY (RFC 856)
 * both ways, ECHO (857), SGA (858), NAWS (1073), TERMINAL-TYPE (1091) and COM-PORT (2217).
 */
#include "nvt.h"
#include "comport.h"

#include <errno.h>
#include <libtelnet.h>
#include <stdlib.h>
#include <string.h>

/*
 * libtelnet is handed this many bytes at a time: so deep it may nest when a server sends one
 * sub-negotiation behind the other, and so many can come out of them.
 */
enum { PIECE = 1024 };

struct nvt {
	const struct nvt_events *events;	/* NULL: nvt_free was called in an event */
	void *data;
	telnet_t *telnet;
	unsigned depth;				/* of calls of libtelnet's */
	/* options that are in force */
	bool binary_in, binary_out, window, line;
	bool after_cr;				/* the last byte that came was one */
	bool stopped, mistaken;
	unsigned columns, rows;			/* 0: not known */
	struct comport port;
	unsigned char *said;			/* what came of the piece that is being read */
	size_t said_length;
	unsigned char answer[128];		/* what is to be sent for it */
	size_t answer_length;
};

static const telnet_telopt_t options[] = {
	{TELNET_TELOPT_BINARY, TELNET_WILL, TELNET_DO},
	{TELNET_TELOPT_ECHO, TELNET_WONT, TELNET_DO},
	{TELNET_TELOPT_SGA, TELNET_WILL, TELNET_DO},
	{TELNET_TELOPT_TTYPE, TELNET_WILL, TELNET_DONT},
	{TELNET_TELOPT_NAWS, TELNET_WILL, TELNET_DONT},
	{COMPORT_OPTION, TELNET_WILL, TELNET_DO},
	{-1, 0, 0},
};

/* --- in and out of libtelnet, which must not be freed while it is at work -------------------- */

/* In one piece: libtelnet sends a command by its parts, and some servers want to see it whole. */
static void answer(struct nvt *n)
{
	size_t length = n->answer_length;

	n->answer_length = 0;
	if (length && n->events)
		n->events->send(n->data, n->answer, length);
}

static void add_answer(struct nvt *n, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (n->answer_length == sizeof(n->answer))
			answer(n);
		n->answer[n->answer_length++] = (unsigned char)bytes[i];
	}
}

/* What was said goes before what is told of it; and whoever hears of it may write. */
static void flush(struct nvt *n)
{
	size_t length = n->said_length;

	answer(n);
	n->said_length = 0;
	if (length && n->events)
		n->events->bytes(n->data, n->said, length);
}

static void enter(struct nvt *n)
{
	n->depth++;
}

static void leave(struct nvt *n)
{
	if (n->depth == 1)
		answer(n);
	if (--n->depth || n->events)
		return;
	telnet_free(n->telnet);
	free(n);
}

void nvt_free(struct nvt *n)
{
	if (!n)
		return;
	enter(n);
	n->events = NULL;
	leave(n);
}

static void note(struct nvt *n, const char *sentence)
{
	flush(n);
	if (n->events)
		n->events->note(n->data, sentence);
}

static void broken(struct nvt *n, int err, const char *sentence)
{
	flush(n);
	if (n->events)
		n->events->broken(n->data, err, sentence);
}

/* --- what comes ----------------------------------------------------------------------------- */

/* Without BINARY a CR that is no line's end is followed by a NUL: RFC 854, "The NVT printer". */
static void take(struct nvt *n, const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool padding = !bytes[i] && n->after_cr && !n->binary_in;

		n->after_cr = bytes[i] == '\r';
		if (padding)
			continue;
		if (n->said_length == PIECE)
			flush(n);
		n->said[n->said_length++] = bytes[i];
	}
}

static void send_line(struct nvt *n, const struct comport_message *m)
{
	telnet_subnegotiation(n->telnet, COMPORT_OPTION, (const char *)m->bytes, m->length);
}

static void send_window(struct nvt *n)
{
	const unsigned char size[4] = {
		(unsigned char)(n->columns >> 8), (unsigned char)n->columns,
		(unsigned char)(n->rows >> 8), (unsigned char)n->rows,
	};

	if (n->columns)
		telnet_subnegotiation(n->telnet, TELNET_TELOPT_NAWS, (const char *)size,
				      sizeof(size));
}

static void set_line(struct nvt *n)
{
	struct comport_message messages[COMPORT_MESSAGES_MAX];
	size_t count = comport_begin(&n->port, messages);

	for (size_t i = 0; i < count; i++)
		send_line(n, &messages[i]);
}

/* What the server's COM port had stopped goes on. */
static void let_go(struct nvt *n)
{
	n->stopped = false;
	flush(n);
	if (n->events)
		n->events->go(n->data);
}

/* We may and will do it, or not any more. */
static void on_ours(struct nvt *n, unsigned option, bool on)
{
	if (option == TELNET_TELOPT_BINARY)
		n->binary_out = on;
	if (option == TELNET_TELOPT_NAWS) {
		n->window = on;
		if (on)
			send_window(n);
	}
	if (option == COMPORT_OPTION) {
		n->line = on;
		if (on)
			set_line(n);
		else
			let_go(n);
	}
}

static void on_theirs(struct nvt *n, unsigned option, bool on)
{
	if (option == TELNET_TELOPT_BINARY)
		n->binary_in = on;
}

static void on_line(struct nvt *n, const char *message, size_t length)
{
	char text[COMPORT_TEXT_MAX];

	switch (comport_read(&n->port, (const unsigned char *)message, length, text)) {
	case COMPORT_TOLD:
		note(n, text);
		break;
	case COMPORT_STOP:
		n->stopped = true;
		break;
	case COMPORT_GO:
		let_go(n);
		break;
	case COMPORT_NOTHING:
		break;
	}
}

/* It goes on with what it can read; which mistake it was, libtelnet 0.21 does not say. */
static void on_mistake(struct nvt *n)
{
	if (!n->mistaken)
		note(n, "not all that comes is telnet: where the port is a raw one, the driver is "
		     "tcp");
	n->mistaken = true;
}

static void on_event(telnet_t *telnet, telnet_event_t *e, void *data)
{
	struct nvt *n = data;

	if (!n->events)
		return;
	switch (e->type) {
	case TELNET_EV_DATA:
		take(n, (const unsigned char *)e->data.buffer, e->data.size);
		break;
	case TELNET_EV_SEND:
		add_answer(n, e->data.buffer, e->data.size);
		break;
	case TELNET_EV_DO:
	case TELNET_EV_DONT:
		on_ours(n, e->neg.telopt, e->type == TELNET_EV_DO);
		break;
	case TELNET_EV_WILL:
	case TELNET_EV_WONT:
		on_theirs(n, e->neg.telopt, e->type == TELNET_EV_WILL);
		break;
	case TELNET_EV_SUBNEGOTIATION:
		if (e->sub.telopt == COMPORT_OPTION && n->line)
			on_line(n, e->sub.buffer, e->sub.size);
		break;
	case TELNET_EV_TTYPE:
		if (e->ttype.cmd == TELNET_TTYPE_SEND)
			telnet_ttype_is(telnet, "VT100");
		break;
	case TELNET_EV_IAC:
		if (e->iac.cmd == TELNET_BREAK)
			note(n, "the far end has sent a break");
		break;
	case TELNET_EV_COMPRESS:
		broken(n, -EPROTO, "the server has begun to compress, which nobody had asked for");
		break;
	case TELNET_EV_WARNING:
	case TELNET_EV_ERROR:
		on_mistake(n);
		break;
	default:
		break;
	}
}

void nvt_receive(struct nvt *n, const unsigned char *bytes, size_t length)
{
	unsigned char said[PIECE];

	enter(n);
	n->said = said;
	while (length && n->events) {
		size_t piece = length < PIECE ? length : PIECE;

		telnet_recv(n->telnet, (const char *)bytes, piece);
		flush(n);
		bytes += piece;
		length -= piece;
	}
	n->said = NULL;
	leave(n);
}

/* --- what goes ------------------------------------------------------------------------------ */

struct nvt *nvt_new(const struct nvt_events *events, void *data, const struct serial *wanted)
{
	struct nvt *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->events = events;
	n->data = data;
	n->port.wanted = *wanted;
	n->telnet = telnet_init(options, on_event, 0, n);
	if (!n->telnet) {
		free(n);
		return NULL;
	}
	return n;
}

/*
 * All else is the server's to ask for. Nothing is offered but BINARY, and COM-PORT where it is
 * needed: SIMH 3.8 takes the option of any other WILL for a character typed.
 */
void nvt_begin(struct nvt *n)
{
	enter(n);
	telnet_negotiate(n->telnet, TELNET_DO, TELNET_TELOPT_SGA);
	telnet_negotiate(n->telnet, TELNET_DO, TELNET_TELOPT_BINARY);
	telnet_negotiate(n->telnet, TELNET_WILL, TELNET_TELOPT_BINARY);
	if (!comport_is_nothing(&n->port.wanted))
		telnet_negotiate(n->telnet, TELNET_WILL, COMPORT_OPTION);
	leave(n);
}

size_t nvt_escape(const struct nvt *n, const unsigned char *bytes, size_t length,
		  unsigned char *out)
{
	size_t done = 0;

	for (size_t i = 0; i < length; i++) {
		out[done++] = bytes[i];
		if (bytes[i] == TELNET_IAC)
			out[done++] = TELNET_IAC;
		else if (bytes[i] == '\r' && !n->binary_out)
			out[done++] = '\0';
	}
	return done;
}

bool nvt_is_stopped(const struct nvt *n)
{
	return n->stopped;
}

static void set_break(struct nvt *n, bool on)
{
	const struct comport_message m = comport_break(on);

	send_line(n, &m);
}

bool nvt_break(struct nvt *n)
{
	bool line = n->line;

	enter(n);
	if (line)
		set_break(n, true);
	else
		telnet_iac(n->telnet, TELNET_BREAK);
	leave(n);
	return line;
}

void nvt_break_end(struct nvt *n)
{
	enter(n);
	if (n->line)
		set_break(n, false);
	leave(n);
}

void nvt_resize(struct nvt *n, unsigned columns, unsigned rows)
{
	enter(n);
	n->columns = columns < 65535 ? columns : 65535;
	n->rows = rows < 65535 ? rows : 65535;
	if (n->window)
		send_window(n);
	leave(n);
}

bool nvt_is_unset(const struct nvt *n)
{
	return !n->line && !comport_is_nothing(&n->port.wanted);
}
