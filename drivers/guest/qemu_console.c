/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles of guests that QEMU runs: their serial ports, and the monitor for people, each on a UNIX
 * socket in the guest's folder, which is there as long as QEMU is, whoever comes and goes; and the
 * screen in letters, by its keeper's.
 */
#include "base/fault.h"
#include "base/local.h"
#include "base/stream.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "place.h"
#include "qemu_screen.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who leaves does not wait for a machine that does not listen. */
static const ev_tstamp close_limit = 1;

struct line {
	struct console *console;
	struct stream stream;
	ev_timer limit;			/* while it closes */
};

/* The socket's name in the guest's folder; NULL: the argument means none. */
static const char *socket_name(size_t argc, char *const *argv)
{
	static const char *const names[] = {
		"monitor", "serial0", "serial1", "serial2", "serial3",
		"serial4", "serial5", "serial6", "serial7", SCREEN_FOLDER,
	};

	if (!argc)
		return "serial0";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && argc == 1; i++) {
		if (!strcmp(argv[0], names[i]))
			return names[i];
	}
	return NULL;
}

static int check_arguments(size_t argc, char *const *argv, struct fault *f)
{
	return socket_name(argc, argv)
		       ? 0
		       : fault_set(f, EINVAL,
				   "qemu has no console \"%s\": write nothing for the first serial "
				   "port, serial0 to serial7, screen, or monitor",
				   argv[0]);
}

static void over(struct line *line, int err)
{
	struct console *console = line->console;

	ev_timer_stop(console->loop, &line->limit);
	stream_stop(&line->stream);
	free(line);
	if (!err || err == -EPIPE || err == -ECONNRESET)
		console_closed(console, -EPIPE, "QEMU has closed it: the guest is off");
	else
		console_closed(console, err, "QEMU's socket: %s", strerror(-err));
}

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct line *line = data;

	console_bytes(line->console, bytes, length);
}

static void on_writable(void *data)
{
	struct line *line = data;

	console_writable(line->console);
}

static void on_end(void *data, int err)
{
	struct line *line = data;

	over(line, ev_is_active(&line->limit) ? -ECANCELED : err);
}

static const struct stream_events events = {on_data, on_writable, on_end};

static void on_limit(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop, (void)revents;
	over(timer->data, -ECANCELED);
}

/* A UNIX socket connects at once, or says why not. The descriptor, or -errno with a sentence. */
static int connect_to(const char *path, struct fault *f)
{
	int fd = local_connect(path);

	if (fd >= 0)
		return fd;
	if (fd == -ENAMETOOLONG)
		return fault_set(f, -fd, "\"%s\" is longer than a socket's path can be", path);
	if (fd == -ENOENT || fd == -ECONNREFUSED)
		return fault_set(f, -fd,
				 "there is no \"%s\": the guest is off, was started by hand, or "
				 "has no such port",
				 path);
	if (fd == -EAGAIN)
		return fault_set(f, EBUSY, "\"%s\": others wait for it already", path);
	return fault_set(f, -fd, "cannot connect to \"%s\": %s", path, strerror(-fd));
}

static bool is_screen(const struct console *console)
{
	return console->argc && !strcmp(console->argv[0], SCREEN_FOLDER);
}

static int open_line(const struct console *console, struct fault *f)
{
	char path[PATH_MAX];
	struct place place;
	int fd = place_open(&place, console->machine, f);

	if (fd)
		return fd;
	if (is_screen(console))
		fd = qemu_screen_connect(&place, f);
	else
		fd = connect_to(place_path(place.run, socket_name(console->argc, console->argv),
					   path), f);
	place_close(&place);
	return fd;
}

static void qemu_open(struct console *console)
{
	struct line *line = calloc(1, sizeof(*line));
	struct fault f;
	int fd = line ? open_line(console, &f) : fault_no_memory(&f);

	if (fd < 0) {
		free(line);
		console_closed(console, fd, "%s", f.text);
		return;
	}
	line->console = console;
	ev_timer_init(&line->limit, on_limit, close_limit, 0);
	line->limit.data = line;
	console->data = line;
	stream_start(&line->stream, console->loop, fd, &events, line);
	console_opened(console, NULL);
}

static size_t qemu_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct line *line = console->data;

	return stream_write(&line->stream, bytes, length);
}

static void qemu_resize(struct console *console, unsigned columns, unsigned rows)
{
	struct place place;

	if (!is_screen(console) || place_open(&place, console->machine, NULL))
		return;
	qemu_screen_resize(&place, columns, rows);
	place_close(&place);
}

static void qemu_pause_console(struct console *console, bool pause)
{
	struct line *line = console->data;

	stream_pause(&line->stream, pause);
}

static void qemu_close(struct console *console)
{
	struct line *line = console->data;

	if (!stream_waiting(&line->stream)) {
		over(line, -ECANCELED);
		return;
	}
	ev_timer_start(console->loop, &line->limit);
	stream_finish(&line->stream);
}

const struct console_ops qemu_console = {
	.check_arguments = check_arguments,
	.open = qemu_open,
	.write = qemu_write,
	.resize = qemu_resize,
	.pause = qemu_pause_console,
	.close = qemu_close,
};
