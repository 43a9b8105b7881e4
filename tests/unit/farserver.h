/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server of the test's own that says and hears bytes, and who is attached to it by the machine
 * "m": for tests of consoles behind TCP. One of each.
 */
#ifndef TESTS_FARSERVER_H
#define TESTS_FARSERVER_H

#include "base/fault.h"
#include "consoles.h"

#include <ev.h>

#define IAC "\377"
#define DONT "\376"
#define DO "\375"
#define WONT "\374"
#define WILL "\373"
#define SB "\372"
#define BRK "\363"
#define SE "\360"
#define BINARY "\0"
#define ECHO "\1"
#define SGA "\3"
#define TTYPE "\30"
#define NAWS "\37"
#define LINEMODE "\42"
#define LINE "\54"

/* a text without the NUL behind it */
#define SAYS(text) (const unsigned char *)(text), sizeof(text) - 1

/* What is said when a connection stands, and two answers. */
#define WISHES IAC DO SGA IAC DO BINARY IAC WILL BINARY
#define AGREES IAC WILL SGA IAC WILL BINARY IAC DO BINARY
#define REFUSES IAC WONT SGA IAC WONT BINARY IAC DONT BINARY


enum { HEARD_MAX = 12 << 20 };

extern struct model *far_model;
extern struct watched user;
extern struct fault fault;

extern struct far_server {
	int listening, fd;		/* fd: -1 until somebody calls */
	uint16_t port;
	ev_io accepting, reading;
	unsigned char *heard;
	size_t length;
	bool over;
} server;

/* Serves on a free port of 127.0.0.1, or of ::1; before each test, and after it. */
void serve(int family);
void serve_no_more(void);
int far_setup(void **state);
int far_teardown(void **state);
void hang_up(void);

/* Makes the machine with this console, in which %u is the server's port. */
void make_model(const char *method);
/* …and begins to open it. */
void begin(const char *method);
/* …and waits until it is open. */
void opens(const char *method);
/* …and answers what it wishes. */
void opens_and_agrees(const char *method);
/* Likewise, where the line is to be set: agrees to that too. */
void opens_line(const char *method);
/* Waits for its end; the server's port stands for %u in format. */
void ends(int err, const char *format);
/* Until somebody has called. */
void await_call(void);
/* Runs the loop until there is this much; more is a failure too. */
void await(const size_t *length, size_t wanted);

/* That the server, the user, has got this and nothing else since it was asked last. */
void hears(const unsigned char *bytes, size_t length);
void gets_bytes(const unsigned char *bytes, size_t length);
/* What the server says, the user types. */
void says(const unsigned char *bytes, size_t length);
void types(const unsigned char *bytes, size_t length);
/* Time enough for bytes on a loopback; nothing may have come of them. */
void nothing_comes(void);
/* That the user was told these lines and no others since it was asked last. */
void notes(const char *wanted);

#endif
