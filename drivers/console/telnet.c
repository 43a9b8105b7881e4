/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles behind telnet (RFC 854): terminal servers, ser2net, emulators. Speed, format and flow
 * control of the serial line, and breaks, by RFC 2217 where the server knows it. What is spoken is
 * in nvt.c; here it meets the connection.
 */
#include "comport.h"
#include "dial.h"
#include "nvt.h"
#include "serial.h"
#include "base/fault.h"
#include "base/stream.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "model/help.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TELNET_PORT = 23 };

/*
 * Of the user's bytes so many are escaped at a time; what the stream has no room for then waits
 * here, with as much room again for what must be answered meanwhile.
 */
enum { PIECE = 1024, REST = 2 * PIECE + 4096 };

/* So many of the far end's remarks are told in a time; one that flaps would fill the log. */
enum { NOTES = 20 };
static const double NOTES_S = 10;

/* How long a break lasts, and how long a server may take to agree on RFC 2217. */
static const double BREAK_S = 0.3, AGREE_S = 5;

/* Who leaves does not wait longer than this for a machine that does not listen. */
static const double CLOSE_S = 1;

struct telnet {
	struct console *console;
	struct dial dial;
	struct stream stream;
	struct nvt *nvt;
	unsigned char *rest;		/* REST bytes, while there is a rest */
	size_t rest_length;
	int err;			/* it ends, by the timer `ending` at the latest */
	ev_timer breaking, agreeing, ending;
	double notes_since;
	unsigned notes;
};

static int parse(size_t argc, char *const *argv, struct serial *wanted, struct fault *f)
{
	int err;

	if (!argc)
		return fault_set(f, EINVAL, "telnet needs a host: write for example \"telnet "
				 "ts1:2003\", or \"telnet ts1:2003 115200 8N1\"");
	*wanted = comport_nothing;
	err = dial_check(argv[0], TELNET_PORT, f);
	if (!err)
		err = serial_parse(argc - 1, argv + 1, wanted, f);
	if (!err && wanted->carrier)
		return fault_set(f, EINVAL, "\"carrier\" is the server's to wait for: telnet tells "
				 "when it is lost");
	return err;
}

static int check_arguments(size_t argc, char *const *argv, struct fault *f)
{
	struct serial wanted;

	return parse(argc, argv, &wanted, f);
}

static struct console *telnet_drop(struct telnet *t)
{
	struct console *console = t->console;

	dial_cancel(&t->dial);
	stream_stop(&t->stream);
	ev_timer_stop(console->loop, &t->breaking);
	ev_timer_stop(console->loop, &t->agreeing);
	ev_timer_stop(console->loop, &t->ending);
	nvt_free(t->nvt);
	free(t->rest);
	free(t);
	return console;
}

/* --- out ------------------------------------------------------------------------------------ */

/* From the loop: whoever had something to send may still be at work. */
static void fail(struct telnet *t, int err)
{
	t->err = err;
	stream_stop(&t->stream);
	ev_timer_start(t->console->loop, &t->ending);
}

/* Takes all, or fails. */
static void put(struct telnet *t, const unsigned char *bytes, size_t length)
{
	size_t done = t->rest_length ? 0 : stream_write(&t->stream, bytes, length);

	if (done == length || t->err)
		return;
	bytes += done;
	length -= done;
	if (!t->rest)
		t->rest = malloc(REST);
	if (!t->rest) {
		fail(t, -ENOMEM);
	} else if (length > REST - t->rest_length) {
		fail(t, -EPROTO);
	} else {
		memcpy(t->rest + t->rest_length, bytes, length);
		t->rest_length += length;
	}
}

static void on_send(void *data, const unsigned char *bytes, size_t length)
{
	put(data, bytes, length);
}

static size_t telnet_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct telnet *t = console->data;
	unsigned char escaped[2 * PIECE];
	size_t done = 0;

	while (done < length && !t->rest_length && !t->err && !nvt_is_stopped(t->nvt)) {
		size_t n = length - done < PIECE ? length - done : PIECE;

		put(t, escaped, nvt_escape(t->nvt, bytes + done, n, escaped));
		done += n;
	}
	return done;
}

static void on_writable(void *data)
{
	struct telnet *t = data;
	size_t n = stream_write(&t->stream, t->rest, t->rest_length);

	t->rest_length -= n;
	if (t->rest_length) {
		memmove(t->rest, t->rest + n, t->rest_length);
		return;
	}
	free(t->rest);
	t->rest = NULL;
	console_writable(t->console);
}

static void on_go(void *data)
{
	struct telnet *t = data;

	console_writable(t->console);
}

/* --- in ------------------------------------------------------------------------------------- */

static void on_bytes(void *data, const unsigned char *bytes, size_t length)
{
	struct telnet *t = data;

	console_bytes(t->console, bytes, length);
}

static void on_note(void *data, const char *sentence)
{
	struct telnet *t = data;
	double now = ev_now(t->console->loop);

	if (now - t->notes_since >= NOTES_S) {
		t->notes_since = now;
		t->notes = 0;
	}
	if (t->notes++ < NOTES)
		console_note(t->console, "%s", sentence);
}

static void on_broken(void *data, int err, const char *sentence)
{
	struct console *console = telnet_drop(data);

	console_closed(console, err, "%s: %s", console->argv[0], sentence);
}

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct telnet *t = data;

	nvt_receive(t->nvt, bytes, length);
}

static void on_end(void *data, int err)
{
	struct telnet *t = data;
	int own = t->err;
	struct console *console = telnet_drop(t);

	if (own)
		console_closed(console, own, "closed");
	else
		dial_lost(console, console->argv[0], err);
}

/* --- from beginning to end ------------------------------------------------------------------ */

static void on_break_over(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct telnet *t = timer->data;

	(void)loop, (void)events;
	nvt_break_end(t->nvt);
}

static void on_not_agreed(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct telnet *t = timer->data;

	(void)loop, (void)events;
	if (nvt_is_unset(t->nvt))
		console_note(t->console, "%s does not agree to set the line (RFC 2217): it stays "
			     "as it is set there", t->console->argv[0]);
}

static void on_ending(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct telnet *t = timer->data;
	int err = t->err;
	struct console *console = telnet_drop(t);

	(void)loop, (void)events;
	if (err == -ENOMEM)
		console_closed(console, err, "out of memory");
	else if (err == -EPROTO)
		console_closed(console, err, "%s asks without end and takes no answers",
			       console->argv[0]);
	else
		console_closed(console, err, "closed");
}

static void on_dialed(void *data, int fd, int err, const char *sentence)
{
	static const struct stream_events events = {
		.data = on_data, .writable = on_writable, .end = on_end,
	};
	struct telnet *t = data;

	if (err) {
		console_closed(telnet_drop(t), err, "%s", sentence);
		return;
	}
	stream_start(&t->stream, t->console->loop, fd, &events, t);
	if (nvt_is_unset(t->nvt))
		ev_timer_start(t->console->loop, &t->agreeing);
	nvt_begin(t->nvt);
	console_opened(t->console, NULL);
}

static struct telnet *telnet_new(struct console *console, const struct serial *wanted)
{
	static const struct nvt_events events = {
		.send = on_send, .bytes = on_bytes, .note = on_note, .go = on_go,
		.broken = on_broken,
	};
	struct telnet *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->console = console;
	ev_timer_init(&t->breaking, on_break_over, 0, 0);
	ev_timer_init(&t->agreeing, on_not_agreed, AGREE_S, 0);
	ev_timer_init(&t->ending, on_ending, 0, 0);
	t->breaking.data = t->agreeing.data = t->ending.data = t;
	t->nvt = nvt_new(&events, t, wanted);
	if (t->nvt)
		return t;
	free(t);
	return NULL;
}

static void telnet_open(struct console *console)
{
	struct serial wanted;
	struct telnet *t;
	struct fault f;
	int err = parse(console->argc, console->argv, &wanted, &f);

	if (err) {
		console_closed(console, err, "%s", f.text);
		return;
	}
	t = telnet_new(console, &wanted);
	if (!t) {
		console_closed(console, -ENOMEM, "out of memory");
		return;
	}
	console->data = t;
	dial_start(&t->dial, console->loop, console->argv[0], TELNET_PORT, on_dialed, t);
}

static int telnet_break(struct console *console, struct fault *f)
{
	struct telnet *t = console->data;

	(void)f;
	if (!nvt_break(t->nvt))
		return 0;
	/* by the clock, not by the loop's idea of it, which may be older than the break is long */
	ev_now_update(console->loop);
	ev_timer_stop(console->loop, &t->breaking);
	ev_timer_set(&t->breaking, BREAK_S, 0);
	ev_timer_start(console->loop, &t->breaking);
	return 0;
}

static void telnet_resize(struct console *console, unsigned columns, unsigned rows)
{
	struct telnet *t = console->data;

	nvt_resize(t->nvt, columns, rows);
}

static void telnet_pause(struct console *console, bool pause)
{
	struct telnet *t = console->data;

	stream_pause(&t->stream, pause);
}

/* What was taken is written before it ends. */
static void telnet_close(struct console *console)
{
	struct telnet *t = console->data;

	if (ev_is_active(&t->breaking))
		nvt_break_end(t->nvt);
	if (t->rest_length)
		stream_write(&t->stream, t->rest, t->rest_length);
	if (!stream_waiting(&t->stream)) {
		console_closed(telnet_drop(t), -ECANCELED, "closed");
		return;
	}
	t->err = -ECANCELED;
	ev_timer_stop(console->loop, &t->breaking);
	ev_timer_stop(console->loop, &t->agreeing);
	ev_timer_set(&t->ending, CLOSE_S, 0);
	ev_timer_start(console->loop, &t->ending);
	stream_finish(&t->stream);
}

static const struct console_ops telnet_console = {
	.check_arguments = check_arguments,
	.open = telnet_open,
	.write = telnet_write,
	.send_break = telnet_break,
	.resize = telnet_resize,
	.pause = telnet_pause,
	.close = telnet_close,
};

static const struct driver telnet_driver = {
	.name = "telnet",
	.summary = "shows consoles behind telnet, with RFC 2217",
	.help = HELP("A way to a console, telnet HOST[:PORT] [SPEED] [FORMAT] [FLOW]: a port of a "
		"terminal server or of ser2net, or an emulator's console. Without a port it is "
		"23; an IPv6 address with one stands in brackets.\n"
		"\n"
		"Where speed (115200), format (8N1, 7E2) or flow control (rtscts, xonxoff, none) "
		"is given, the server is asked to set its serial line so (RFC 2217), and it is "
		"told when it does not; else the line stays as it is set there. Breaks go by RFC "
		"2217 too where the server knows it, else as telnet's own BRK. Breaks from the "
		"machine and a lost carrier are told.\n"
		"\n"
		"Bytes go through unchanged both ways when the server agrees to BINARY, as most "
		"do. The window's size is told to servers that ask; the type of the terminal is "
		"VT100. A port that does not speak telnet wants the driver tcp.\n"
		"\n"
		"\tmachine \"rack[01-32]\" {\n"
		"\t\tconsole = \"telnet ts1:[2001-2032] 115200 8N1 rtscts\"\n"
		"\t}\n"
		"\tmachine \"vax1\" {\n"
		"\t\tconsole = {\"telnet emulators:4001 10s\", \"telnet [fe80::1%eth0]:4001\"}\n"
		"\t}\n"
		"\n"
		"SIMH: set console telnet=4001. QEMU: -serial "
		"telnet:127.0.0.1:4001,server=on,wait=off. ser2net 4:\n"
		"\n"
		"\tconnection: &rack01\n"
		"\t  accepter: telnet(rfc2217),tcp,2001\n"
		"\t  connector: serialdev,/dev/ttyUSB0,115200n81,local\n"),
	.rank = 60,
	.console = &telnet_console,
};
DRIVER(telnet_driver);
