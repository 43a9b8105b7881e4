/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles on serial ports of this machine: set up, locked against others, and given back as they
 * were found. Defined by: tty(4), ioctl_tty(2).
 *
 * The carrier is ignored unless asked for, as conman, cu and minicom do for direct lines: cables to
 * consoles seldom have that wire.
 */
#include "channel.h"
#include "serial.h"
#include "uucplock.h"
#include "base/fault.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct port {
	struct channel channel;		/* on a descriptor of its own */
	struct serial serial;
	int fd;
	struct serial_settings *before;
	char *lock;			/* the lock file; NULL: there is none */
	enum step {
		STEP_NONE,
		STEP_CARRIER,		/* the line is not open until it is there */
		STEP_SENDING,		/* a break follows when all is sent */
		STEP_BREAK,		/* it is sent */
		STEP_CLOSING,		/* what was taken is sent, for a moment */
	} step;
	double until;			/* of STEP_SENDING and STEP_CLOSING: ev_now() time */
	ev_timer timer;			/* of the step */
	int err;			/* of its end */
	struct port *previous, *next;
};

static struct port *ports;

/* tcsendbreak's break, and how often and how long the port is looked at */
static const ev_tstamp break_lasts = 0.3, look_every = 0.01, carrier_every = 0.1, send_limit = 1;

static int check_folder(const char *value, struct fault *f)
{
	if (*value != '/' && strcmp(value, "none"))
		return fault_set(f, EINVAL, "\"%s\" is no absolute path: write for example "
				 "/run/lock, or none", value);
	return 0;
}

static const struct key key_locks = {
	.name = "tty-locks", .type = KEY_TEXT, .flags = KEY_GLOBAL, .def = "/var/lock",
	.check = check_folder,
	.help = HELP("The folder of the lock files LCK..NAME by which programs tell each other "
		"that they use a serial port; none: there are none."),
};

static const struct key *const keys[] = {&key_locks, NULL};

static int check_arguments(size_t argc, char *const *argv, struct fault *f)
{
	struct serial ignored = serial_default;

	if (!argc)
		return fault_set(f, EINVAL, "tty needs a device: write for example console = \"tty "
				 "/dev/ttyS0 115200\"");
	if (*argv[0] != '/')
		return fault_set(f, EINVAL, "\"%s\" is not the path of a device: write for example "
				 "/dev/ttyS0, or /dev/serial/by-id/NAME", argv[0]);
	return serial_parse(argc - 1, argv + 1, &ignored, f);
}

/* --- the beginning -------------------------------------------------------------------------- */

static int cannot_open(const char *device, int err, struct fault *f)
{
	switch (err) {
	case ENOENT:
	case ENOTDIR:
		return fault_set(f, ENOENT, "there is no device \"%s\": is it plugged in?", device);
	case EACCES:
	case EPERM:
		return fault_set(f, EACCES, "user %u may not use \"%s\": the group of the device may, "
				 "dialout mostly", (unsigned)geteuid(), device);
	case EBUSY:
		return fault_set(f, err, "\"%s\" is used by somebody else, who wants to be alone",
				 device);
	case ENXIO:
	case ENODEV:
	case EIO:
		return fault_set(f, ENXIO, "behind \"%s\" there is no port in this machine", device);
	default:
		return fault_set(f, err, "\"%s\" cannot be opened: %s", device, strerror(err));
	}
}

/* Without its folder, as in an initramfs, nobody else has lock files either. */
static int take_lock(struct port *p, struct fault *f)
{
	const struct console *console = p->channel.console;
	const char *folder = model_value(console->machine->section->model, &key_locks);
	int err;

	if (!strcmp(folder, "none") || (access(folder, F_OK) && errno == ENOENT))
		return 0;
	err = uucplock_take(folder, console->argv[0], &p->lock, f);
	return err ? fault_prefix(f, err, "\"%s\"", console->argv[0]) : 0;
}

static int begin(struct port *p, struct fault *f)
{
	const struct console *console = p->channel.console;
	const char *device = console->argv[0];
	int err;

	p->fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0)
		return cannot_open(device, errno, f);
	if (!isatty(p->fd))
		return fault_set(f, EINVAL, "\"%s\" is no serial port", device);
	err = take_lock(p, f);
	if (err)
		return err;
	err = serial_apply(p->fd, device, &p->serial, &p->before, f);
	if (!err)
		serial_exclusive(p->fd, true);
	return err;
}

/* --- the end -------------------------------------------------------------------------------- */

/* Gives the port back as it was found. */
static struct console *port_free(struct port *p)
{
	struct console *console = p->channel.console;

	ev_timer_stop(console->loop, &p->timer);
	if (p->before) {
		serial_exclusive(p->fd, false);
		serial_restore(p->fd, p->before);
	}
	if (p->fd >= 0)
		close(p->fd);
	if (p->lock)
		uucplock_release(p->lock);
	free(p->lock);
	*(p->previous ? &p->previous->next : &ports) = p->next;
	if (p->next)
		p->next->previous = p->previous;
	free(p);
	return console;
}

static void finish(struct port *p)
{
	int err = p->err;
	struct console *console = port_free(p);
	const char *device = console->argv[0];

	if (err)
		console_closed(console, err, "\"%s\": %s", device, strerror(-err));
	else if (access(device, F_OK))
		console_closed(console, -ENODEV, "the device \"%s\" has gone: it was unplugged",
			       device);
	else
		console_closed(console, -EPIPE, "the line \"%s\" was hung up: its carrier has gone",
			       device);
}

static void step(struct port *p, enum step next, ev_tstamp every)
{
	struct ev_loop *loop = p->channel.console->loop;

	p->step = next;
	p->until = ev_now(loop) + send_limit;
	ev_timer_stop(loop, &p->timer);
	if (next == STEP_NONE)
		return;
	ev_timer_set(&p->timer, every, every);
	ev_timer_start(loop, &p->timer);
}

/* The stream is over; what it wrote may not be sent yet. */
static void on_over(struct channel *channel, int err)
{
	struct port *p = (struct port *)channel;

	p->err = err;
	if (p->step == STEP_BREAK)
		(void)serial_break(p->fd, false);
	step(p, STEP_CLOSING, look_every);
	if (err != -ECANCELED || !serial_unsent(p->fd))
		finish(p);
}

/* --- one step after the other --------------------------------------------------------------- */

static void open_line(struct port *p)
{
	struct console *console = p->channel.console;
	char text[SERIAL_TEXT_SIZE];
	int fd = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);

	step(p, STEP_NONE, 0);
	if (fd < 0) {
		p->err = -errno;
		finish(p);
		return;
	}
	channel_start(&p->channel, fd);
	serial_print(&p->serial, text);
	console_opened(console, text);
}

static bool is_sent(const struct port *p)
{
	return !stream_waiting(&p->channel.stream) && !serial_unsent(p->fd);
}

static bool time_is_up(const struct port *p)
{
	return ev_now(p->channel.console->loop) >= p->until;
}

/* Who wanted to write meanwhile is told. */
static void no_break(struct port *p, const char *why)
{
	struct console *console = p->channel.console;

	step(p, STEP_NONE, 0);
	console_note(console, "no break was sent: %s", why);
	console_writable(console);
}

static void begin_break(struct port *p)
{
	int err = serial_break(p->fd, true);

	if (err)
		no_break(p, strerror(-err));
	else
		step(p, STEP_BREAK, break_lasts);
}

static void end_break(struct port *p)
{
	(void)serial_break(p->fd, false);
	step(p, STEP_NONE, 0);
	console_writable(p->channel.console);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct port *p = timer->data;

	(void)loop, (void)revents;
	if (p->step == STEP_CARRIER && serial_has_carrier(p->fd))
		open_line(p);
	else if (p->step == STEP_SENDING && is_sent(p))
		begin_break(p);
	else if (p->step == STEP_SENDING && time_is_up(p))
		no_break(p, "the other end does not take what was written before it");
	else if (p->step == STEP_BREAK)
		end_break(p);
	else if (p->step == STEP_CLOSING && (!serial_unsent(p->fd) || time_is_up(p)))
		finish(p);
}

/* --- what the engine asks for --------------------------------------------------------------- */

static void port_add(struct port *p)
{
	p->next = ports;
	if (ports)
		ports->previous = p;
	ports = p;
}

static void tty_open(struct console *console)
{
	struct port *p = calloc(1, sizeof(*p));
	struct fault f;
	int err;

	if (!p) {
		console_closed(console, -ENOMEM, "out of memory");
		return;
	}
	channel_init(&p->channel, console, on_over);
	port_add(p);
	console->data = p;
	p->fd = -1;
	ev_init(&p->timer, on_timer);
	p->timer.data = p;
	p->serial = serial_default;
	err = serial_parse(console->argc - 1, console->argv + 1, &p->serial, &f);
	if (!err)
		err = begin(p, &f);
	if (err)
		console_closed(port_free(p), err, "%s", f.text);
	else if (p->serial.carrier && !serial_has_carrier(p->fd))
		step(p, STEP_CARRIER, carrier_every);
	else
		open_line(p);
}

/* Between break's beginning and end nothing is sent: it would be lost in it. */
static size_t tty_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct port *p = console->data;

	return p->step == STEP_NONE ? channel_write(console, bytes, length) : 0;
}

static int tty_break(struct console *console, struct fault *f)
{
	struct port *p = console->data;

	if (p->step != STEP_NONE)
		return fault_set(f, EBUSY, "a break is being sent already");
	step(p, STEP_SENDING, look_every);
	return 0;
}

static void tty_close(struct console *console)
{
	struct port *p = console->data;

	if (p->step != STEP_CLOSING)
		channel_close(console);
}

/* Nobody is there any more to wait: but ports and locks are given back. */
static void quit(void)
{
	while (ports) {
		stream_stop(&ports->channel.stream);
		port_free(ports);
	}
}

static const struct console_ops tty_console = {
	.check_arguments = check_arguments,
	.open = tty_open,
	.write = tty_write,
	.send_break = tty_break,
	.pause = channel_pause,
	.close = tty_close,
};

static const struct driver tty_driver = {
	.name = "tty",
	.summary = "consoles on serial ports of this machine",
	.help = HELP("`tty DEVICE SETTINGS` is a console on a serial port. Settings, in any order: "
		"a speed in bits a second (9600 where none is named; any that the port can do), "
		"a format (8N1: data bits 5 to 8, parity N, E, O, M or S, stop bits 1 or 2), flow "
		"control (rtscts, xonxoff or none, which is the default).\n"
		"\n"
		"DTR and RTS are raised. The carrier (DCD) is ignored, which `local` says too, since "
		"few cables to consoles have it; with `carrier` the console opens when it is "
		"there, and ends when it goes.\n"
		"\n"
		"The port is locked by a file LCK..NAME in /var/lock as by minicom, cu and pppd "
		"(`tty-locks`), under the device's own name where DEVICE is a link, as in "
		"/dev/serial/by-id; and nobody but root opens it meanwhile. Its settings are put "
		"back in the end.\n"
		"\n"
		"\tmachine \"board\" {\n"
		"\t\tconsole = \"tty /dev/ttyUSB0 115200\"\n"
		"\t}\n"
		"\tmachine \"old\" {\n"
		"\t\tconsole = \"tty /dev/ttyS1 1200 7E1 rtscts\"\n"
		"\t}\n"),
	.keys = keys,
	.console = &tty_console,
	.rank = 60,
	.quit = quit,
};
DRIVER(tty_driver);
