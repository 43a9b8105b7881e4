/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The protocol of the control socket, all of it. A connection is a stream of frames both ways: a
 * byte that is the type, a byte that is 0, the length of what follows in two bytes (all numbers are
 * big-endian), and that. Text ends with its frame, and has no NUL; fields have a NUL behind each.
 *
 * Each side says HELLO first. A client then attaches to one console, for as long as the connection
 * lasts, or asks for the list. Of what it writes to the console it may have WIRE_WINDOW bytes under
 * way that the server has not TAKEN: so the server never holds more of it, and goes on to hear it.
 * The other way the socket is the bound: who does not read gets no more.
 */
#ifndef DAEMON_WIRE_H
#define DAEMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WIRE_VERSION = 1,
	WIRE_HEAD = 4,
	WIRE_PAYLOAD = 16384,	/* what a frame has at most behind its head */
	WIRE_WINDOW = 16384,
};

enum wire_type {
	WIRE_HELLO = 1, /* WIRE_VERSION (2 bytes), version of the program (text) */
	WIRE_DATA,	/* bytes: what is typed, what the console says */

	/* to the server */
	WIRE_ATTACH, /* enum remote_mode (1), machine (text): OPENED follows, or END */
	WIRE_BREAK,
	WIRE_RESIZE,  /* columns (2), rows (2) */
	WIRE_ASK,     /* enum console_request (1): NOTE or DATA follow */
	WIRE_LIST,    /* ROWs follow, and END */
	WIRE_POWERED, /* machines (fields) that have just been switched on: no answer */

	/* to the client */
	WIRE_OPENED, /* text */
	WIRE_TAKEN,  /* how many bytes of DATA (4) more are taken */
	WIRE_NOTE,   /* a sentence (text) */
	WIRE_ROW,    /* ROW_FIELDS fields */
	WIRE_END,    /* why (1), a sentence (text): nothing follows */

	/* to the server */
	WIRE_DOWNED, /* machines (fields) that have been put down on purpose: no answer */
	WIRE_TYPES,
};

/* A console in the list: the server's words and decimal numbers. */
enum row_field {
	ROW_MACHINE,
	ROW_STATE,	/* "open", "opening", "lost", "refused", "closed" */
	ROW_KEPT,	/* "yes", "no" */
	ROW_SINCE,	/* when it came to that state: milliseconds since 1970 */
	ROW_WRITERS,
	ROW_WATCHERS,
	ROW_BYTES,	/* that it has said since the server began to look */
	ROW_WHY,	/* why it is not open; "": it is, or nobody tried */
	ROW_LOG,	/* why it is not logged; "": it is, or need not be */
	ROW_LAST,	/* the last line that it has said, without what controls a terminal */
	ROW_FIELDS,
};

struct wire_frame {
	enum wire_type type;
	const unsigned char *bytes;	/* behind the head */
	size_t length;
};

/*
 * The first frame of these bytes: how many they are with its head; 0: they do not hold all of it
 * yet; -EPROTO: this is no frame, or has another length than its type allows.
 */
int wire_read(const unsigned char *bytes, size_t n, struct wire_frame *frame);
void wire_head(unsigned char head[WIRE_HEAD], enum wire_type type, size_t length);

unsigned wire_get16(const unsigned char *bytes);
uint32_t wire_get32(const unsigned char *bytes);
void wire_put16(unsigned char *bytes, unsigned value);
void wire_put32(unsigned char *bytes, uint32_t value);

/*
 * The text of a frame from a place on, cut to size; what could control a terminal became "?": it is
 * about to be shown.
 */
void wire_text(const struct wire_frame *frame, size_t from, char *text, size_t size);
/* The field at *at, which moves behind it; NULL where no whole field is left. */
const char *wire_field(const struct wire_frame *frame, size_t *at);

/* Reasons for an end: a negative errno of console.h as a byte, and back. */
unsigned char wire_reason(int err);
int wire_errno(unsigned char reason);

#endif
