/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telnet for a line that is only held. See telnet.h. */
#include "base/keeper/telnet.h"
#include "base/text.h"

enum { SE = 240, SB = 250, WILL, WONT, DO, DONT, IAC };
enum { BINARY = 0, ECHO = 1, GO_AHEAD = 3 };
enum { TEXT, COMMAND, OPTION, PART, PART_COMMAND };	/* PART: of a subnegotiation */

/* Which options a side may have: they echo and both are binary, without go-ahead. */
static const unsigned char may_they = 1 << BINARY | 1 << ECHO | 1 << GO_AHEAD;
static const unsigned char may_we = 1 << BINARY | 1 << GO_AHEAD;

static void answer(struct buffer *answers, unsigned char verb, unsigned char option)
{
	const unsigned char bytes[] = {IAC, verb, option};

	buffer_add_bytes(answers, bytes, sizeof(bytes));
}

/*
 * One side's option: agreed on, declined, or given up. An answer goes out only where something
 * changes, or else two that are polite would never come to an end (RFC 1143).
 */
static void agree(unsigned char *side, unsigned char may, bool wish, unsigned char option,
		  unsigned char yes, unsigned char no, struct buffer *answers)
{
	unsigned char bit = option < 8 ? (unsigned char)(1 << option) : 0;

	if (wish && !(bit & may)) {
		answer(answers, no, option);
	} else if (wish && !(*side & bit)) {
		*side |= bit;
		answer(answers, yes, option);
	} else if (!wish && *side & bit) {
		*side &= (unsigned char)~bit;
		answer(answers, no, option);
	}
}

static void on_option(struct telnet *t, unsigned char option, struct buffer *answers)
{
	if (t->verb == WILL || t->verb == WONT)
		agree(&t->they, may_they, t->verb == WILL, option, DO, DONT, answers);
	else
		agree(&t->we, may_we, t->verb == DO, option, WILL, WONT, answers);
	t->binary_in = t->they & 1 << BINARY;
	t->binary_out = t->we & 1 << BINARY;
}

/* Whether the byte is one of the line's. */
static bool on_text(struct telnet *t, unsigned char byte)
{
	bool padding = t->return_in && !byte && !t->binary_in;

	t->return_in = byte == '\r';
	return !padding;
}

static bool on_byte(struct telnet *t, unsigned char byte, struct buffer *answers)
{
	switch (t->state) {
	case COMMAND:
		t->state = byte == SB ? PART : byte >= WILL && byte <= DONT ? OPTION : TEXT;
		t->verb = byte;
		return byte == IAC;
	case OPTION:
		t->state = TEXT;
		on_option(t, byte, answers);
		return false;
	case PART:
		t->state = byte == IAC ? PART_COMMAND : PART;
		return false;
	case PART_COMMAND:
		t->state = byte == SE ? TEXT : PART;
		return false;
	default:
		if (byte != IAC)
			return on_text(t, byte);
		t->state = COMMAND;
		return false;
	}
}

size_t telnet_read(struct telnet *t, const unsigned char *in, size_t length, unsigned char *out,
		   struct buffer *answers)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		if (on_byte(t, in[i], answers))
			out[n++] = in[i];
	}
	return n;
}

size_t telnet_escape(const struct telnet *t, const unsigned char *in, size_t length,
		     unsigned char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		out[n++] = in[i];
		if (in[i] == IAC)
			out[n++] = IAC;
		/* a return without a new line has a NUL behind it */
		else if (in[i] == '\r' && !t->binary_out)
			out[n++] = '\0';
	}
	return n;
}
