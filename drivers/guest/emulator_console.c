/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles of emulators. The terminal, and a telnet line that must not be dropped, are had from the
 * keeper, who holds them however many come and go; another telnet line or a socket is left to the
 * driver that knows such.
 */
#include "base/fault.h"
#include "base/keeper/keeper.h"
#include "base/stream.h"
#include "emulator.h"
#include "engine/console.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who leaves does not wait for a machine that does not listen. */
static const ev_tstamp close_limit = 1;

struct view {
	struct console *console;
	struct emulator emulator;
	struct stream stream;		/* from the keeper */
	struct console *inner;		/* of the other driver */
	bool closing;
	ev_timer limit;
	ev_io reported;			/* of a keeper that takes lines up again */
	int report;
};

static struct console *view_free(struct view *v)
{
	struct console *console = v->console;

	ev_timer_stop(console->loop, &v->limit);
	ev_io_stop(console->loop, &v->reported);
	if (v->report >= 0)
		close(v->report);
	stream_stop(&v->stream);
	emulator_free(&v->emulator);
	free(v);
	console->data = NULL;
	return console;
}

/* --- from the keeper ------------------------------------------------------------------------- */

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct view *v = data;

	console_bytes(v->console, bytes, length);
}

static void on_writable(void *data)
{
	struct view *v = data;

	console_writable(v->console);
}

static void on_end(void *data, int err)
{
	struct view *v = data;
	bool closing = v->closing;

	(void)err;
	console_closed(view_free(v), closing ? -ECANCELED : -EPIPE, closing ? "closed" :
		       "the emulator has ended");
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	console_closed(view_free(timer->data), -ECANCELED, "closed");
}

static bool is_kept(const struct view *v)
{
	return v->emulator.console == CONSOLE_PTY || v->emulator.holds;
}

/* false: there is no keeper. */
static bool look_through_keeper(struct view *v)
{
	static const struct stream_events events = {
		.data = on_data, .writable = on_writable, .end = on_end,
	};
	int fd = keeper_connect(v->emulator.run,
				v->emulator.holds ? KEEPER_LINE : KEEPER_TERMINAL);

	if (fd < 0)
		return false;
	stream_start(&v->stream, v->console->loop, fd, &events, v);
	console_opened(v->console, NULL);
	return true;
}

/* A new keeper has said all: either its lines are there now, or not. */
static void on_report(struct ev_loop *loop, ev_io *io, int events)
{
	struct view *v = io->data;
	char bytes[1024];
	ssize_t n = read(v->report, bytes, sizeof(bytes));

	(void)events;
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	ev_io_stop(loop, io);
	close(v->report);
	v->report = -1;
	if (!look_through_keeper(v))
		console_closed(view_free(v), -EIO, "its keeper was ended, and a new one cannot "
			       "take its lines up");
}

static int start_keeper(struct view *v, const struct emulator_found *found, struct fault *f)
{
	int err = emulator_keep(&v->emulator, NULL, &found->proc, &v->report, f);

	if (err)
		return err;
	ev_io_init(&v->reported, on_report, v->report, EV_READ);
	v->reported.data = v;
	ev_io_start(v->console->loop, &v->reported);
	return 0;
}

/* Nobody answers: it is off, or its keeper was killed, or it never had one. */
static void look_without_keeper(struct view *v)
{
	struct emulator_found found;
	struct fault f;
	int err = emulator_find(&v->emulator, &found, &f);

	if (err)
		console_closed(view_free(v), err, "%s", f.text);
	else if (!found.proc.pid)
		console_closed(view_free(v), -ENOTCONN, "it is off: its console is there when it "
			       "is on");
	else if (!found.ours)
		console_closed(view_free(v), -EBUSY, "process %ld was started by hand: its console "
			       "is where that was done", (long)found.proc.pid);
	else if (start_keeper(v, &found, &f))
		console_closed(view_free(v), -EIO, "%s", f.text);
}

/* --- by another driver ----------------------------------------------------------------------- */

static void inner_opened(void *data, const char *text)
{
	struct view *v = data;

	console_opened(v->console, text);
}

static void inner_bytes(void *data, const unsigned char *bytes, size_t length)
{
	on_data(data, bytes, length);
}

static void inner_writable(void *data)
{
	on_writable(data);
}

static void inner_note(void *data, const char *sentence)
{
	struct view *v = data;

	console_note(v->console, "%s", sentence);
}

static void inner_closed(void *data, int err, const char *sentence)
{
	struct view *v = data;

	v->inner = NULL;
	console_closed(view_free(v), err, "%s", sentence);
}

static void look_by(struct view *v, const char *name)
{
	static const struct console_events events = {
		inner_opened, inner_bytes, inner_writable, inner_note, inner_closed,
	};
	const struct driver *driver = driver_find(name);
	struct fault f;
	int err;

	if (!driver || !driver->console)
		err = fault_set(&f, ENOSYS, "the driver %s, which shows such consoles, is not in "
				"this build", name);
	else
		err = console_open_by(v->console->loop, driver->console, v->emulator.address,
				      &events, v, &v->inner, &f);
	if (err)
		console_closed(view_free(v), err, "%s", f.text);
}

/* --- the console's operations ---------------------------------------------------------------- */

static void view_open(struct console *console)
{
	struct view *v = calloc(1, sizeof(*v));
	struct fault f;
	int err;

	if (!v) {
		console_closed(console, -ENOMEM, "out of memory");
		return;
	}
	v->console = console;
	v->report = -1;
	ev_timer_init(&v->limit, on_limit, close_limit, 0);
	ev_init(&v->reported, on_report);
	v->limit.data = v;
	console->data = v;
	err = emulator_read(&v->emulator, console->machine, &f);
	/* one whose program is gone from the disk may still run */
	if (err && !v->emulator.state)
		console_closed(view_free(v), err, "%s", f.text);
	else if (v->emulator.console == CONSOLE_NONE)
		console_closed(view_free(v), -ENOSYS, "it has no console: set emulator-console = "
			       "\"telnet PORT\", as its configuration file has it");
	else if (!is_kept(v))
		look_by(v, v->emulator.console == CONSOLE_TELNET ? "telnet" : "unix");
	else if (!look_through_keeper(v))
		look_without_keeper(v);
}

static size_t view_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct view *v = console->data;

	return v->inner ? console_write(v->inner, bytes, length) :
			  stream_write(&v->stream, bytes, length);
}

static int view_break(struct console *console, struct fault *f)
{
	struct view *v = console->data;

	if (v->inner)
		return console_break(v->inner, f);
	return fault_set(f, ENOSYS, "a line that is held has no breaks: the emulator's prompt may "
			 "know how to do that");
}

static void view_resize(struct console *console, unsigned columns, unsigned rows)
{
	struct view *v = console->data;

	if (v->inner)
		console_resize(v->inner, columns, rows);
}

static void view_pause(struct console *console, bool pause)
{
	struct view *v = console->data;

	if (v->inner)
		console_pause(v->inner, pause);
	else
		stream_pause(&v->stream, pause);
}

/* What was taken is written before it ends. */
static void view_close(struct console *console)
{
	struct view *v = console->data;

	if (v->inner) {
		console_close(v->inner);
	} else if (!stream_waiting(&v->stream)) {
		console_closed(view_free(v), -ECANCELED, "closed");
	} else {
		v->closing = true;
		ev_timer_start(console->loop, &v->limit);
		stream_finish(&v->stream);
	}
}

const struct console_ops emulator_console = {
	.open = view_open,
	.write = view_write,
	.send_break = view_break,
	.resize = view_resize,
	.pause = view_pause,
	.close = view_close,
};
