/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A console of the server, at the client's end of the control socket. See remote.h, wire.h. */
#include "daemon/remote.h"
#include "base/fault.h"
#include "config/VERSION.h"
#include "daemon/link.h"
#include "engine/console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const modes[] = {
	[REMOTE_WRITE] = "write", [REMOTE_JOIN] = "join", [REMOTE_STEAL] = "steal",
	[REMOTE_MONITOR] = "monitor",
};

enum { MODES = sizeof(modes) / sizeof(modes[0]) };

struct remote {
	struct console *console;
	struct link link;
	size_t window;			/* bytes that may still be sent untaken */
	bool greeted, full;
};

static void forget(struct remote *r)
{
	link_stop(&r->link);
	r->console->data = NULL;
	free(r);
}

static void over(struct remote *r, int err, const char *sentence)
{
	struct console *console = r->console;

	forget(r);
	console_closed(console, err, "%s", sentence);
}

/* --- what the server says ------------------------------------------------------------------- */

static void on_hello(struct remote *r, const struct wire_frame *frame)
{
	struct fault f;
	char version[64];

	r->greeted = true;
	if (wire_get16(frame->bytes) == WIRE_VERSION)
		return;
	wire_text(frame, 2, version, sizeof(version));
	fault_set(&f, EINVAL, "the server is stoker %s and this is stoker %s, which do not "
		  "understand each other: start `stoker daemon` again, or use --direct", version,
		  STOKER_VERSION);
	over(r, -EINVAL, f.text);
}

static void on_taken(struct remote *r, const struct wire_frame *frame)
{
	uint32_t taken = wire_get32(frame->bytes);

	if (taken > WIRE_WINDOW - r->window) {
		over(r, -EPROTO, "the server has taken more than was sent: it is broken");
		return;
	}
	r->window += taken;
	if (r->full && taken) {
		r->full = false;
		console_writable(r->console);
	}
}

static void on_end_frame(struct remote *r, const struct wire_frame *frame)
{
	char sentence[FAULT_TEXT_MAX];

	wire_text(frame, 1, sentence, sizeof(sentence));
	over(r, wire_errno(frame->bytes[0]), sentence);
}

static void on_frame(void *data, const struct wire_frame *frame)
{
	struct remote *r = data;
	char text[FAULT_TEXT_MAX];

	if (frame->type == WIRE_HELLO)
		on_hello(r, frame);
	else if (frame->type == WIRE_END)
		on_end_frame(r, frame);
	else if (!r->greeted)
		over(r, -EPROTO, "who answers there is no console server");
	else if (frame->type == WIRE_DATA)
		console_bytes(r->console, frame->bytes, frame->length);
	else if (frame->type == WIRE_TAKEN)
		on_taken(r, frame);
	else if (frame->type == WIRE_OPENED || frame->type == WIRE_NOTE) {
		wire_text(frame, 0, text, sizeof(text));
		if (frame->type == WIRE_NOTE)
			console_note(r->console, "%s", text);
		else
			console_opened(r->console, *text ? text : NULL);
	} else
		over(r, -EPROTO, "the server sends what is not for a client");
}

static void on_end(void *data, int err)
{
	over(data, err == -EPROTO ? err : -EPIPE, err == -EPROTO ?
		   "who answers there is no console server" : "the daemon has ended");
}

static const struct link_events link_events = {.frame = on_frame, .end = on_end};

/* --- what the user asks for ----------------------------------------------------------------- */

/* The mode of "write rack01"; machine becomes the rest. MODES: it is none. */
static unsigned char read_mode(const char *argument, const char **machine)
{
	const char *blank = strchr(argument, ' ');

	for (unsigned char i = 0; blank && i < MODES; i++) {
		if (!strncmp(argument, modes[i], (size_t)(blank - argument)) &&
		    !modes[i][blank - argument]) {
			*machine = blank + 1;
			return i;
		}
	}
	return MODES;
}

static void say_hello(struct link *link)
{
	unsigned char version[2];

	wire_put16(version, WIRE_VERSION);
	link_send(link, WIRE_HELLO, version, sizeof(version), STOKER_VERSION,
		  strlen(STOKER_VERSION));
}

static void remote_open(struct console *console)
{
	const char *machine = NULL;
	unsigned char mode = read_mode(console->argv[0], &machine);
	struct remote *r;
	struct fault f;
	int fd;

	if (mode == MODES) {
		console_closed(console, -EINVAL, "\"%s\" is no console of the server: write for "
			       "example \"write rack01\"", console->argv[0]);
		return;
	}
	fd = control_connect(&f);
	if (fd < 0) {
		console_closed(console, fd, "%s", f.text);
		return;
	}
	r = calloc(1, sizeof(*r));
	console->data = r;
	if (!r) {
		close(fd);
		console_closed(console, -ENOMEM, "out of memory");
		return;
	}
	r->console = console;
	r->window = WIRE_WINDOW;
	link_start(&r->link, console->loop, fd, &link_events, r);
	say_hello(&r->link);
	link_send(&r->link, WIRE_ATTACH, &mode, 1, machine, strlen(machine));
}

static size_t remote_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct remote *r = console->data;
	size_t left = length < r->window ? length : r->window, taken = left;

	r->full = taken < length;
	r->window -= taken;
	while (left) {
		size_t n = left < WIRE_PAYLOAD ? left : WIRE_PAYLOAD;

		link_send(&r->link, WIRE_DATA, bytes, n, NULL, 0);
		bytes += n;
		left -= n;
	}
	return taken;
}

static int remote_break(struct console *console, struct fault *f)
{
	struct remote *r = console->data;

	(void)f;
	link_send(&r->link, WIRE_BREAK, NULL, 0, NULL, 0);
	return 0;
}

static void remote_resize(struct console *console, unsigned columns, unsigned rows)
{
	struct remote *r = console->data;
	unsigned char size[4];

	wire_put16(size, columns < UINT16_MAX ? columns : UINT16_MAX);
	wire_put16(size + 2, rows < UINT16_MAX ? rows : UINT16_MAX);
	link_send(&r->link, WIRE_RESIZE, size, sizeof(size), NULL, 0);
}

static void remote_pause(struct console *console, bool pause)
{
	struct remote *r = console->data;

	link_pause(&r->link, pause);
}

static int remote_ask(struct console *console, enum console_request request, struct fault *f)
{
	const unsigned char what = (unsigned char)request;
	struct remote *r = console->data;

	(void)f;
	link_send(&r->link, WIRE_ASK, &what, 1, NULL, 0);
	return 0;
}

static void remote_close(struct console *console)
{
	over(console->data, 0, "closed");
}

const struct console_ops remote_console_ops = {
	.open = remote_open, .write = remote_write, .send_break = remote_break,
	.resize = remote_resize, .pause = remote_pause, .ask = remote_ask, .close = remote_close,
};
