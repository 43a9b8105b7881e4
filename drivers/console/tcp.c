/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles behind plain TCP: the raw ports of terminal servers, ser2net, emulators. Every byte goes
 * through as it is (RFC 9293); there are no breaks and no line settings.
 */
#include "channel.h"
#include "dial.h"
#include "base/fault.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "model/help.h"

#include <errno.h>
#include <stdlib.h>

struct tcp {
	struct channel channel;
	struct dial dial;
};

static int check_arguments(size_t argc, char *const *argv, struct fault *f)
{
	if (!argc)
		return fault_set(f, EINVAL, "tcp needs host and port: write for example \"tcp "
				 "ts1:4001\"");
	if (argc > 1)
		return fault_set(f, EINVAL, "\"%s\" is one word too many: write tcp, host and "
				 "port; a port that can be told speed and format is one of telnet",
				 argv[1]);
	return dial_check(argv[0], 0, f);
}

static void over(struct channel *channel, int err)
{
	struct tcp *t = (struct tcp *)channel;
	struct console *console = channel->console;

	dial_cancel(&t->dial);
	free(t);
	dial_lost(console, console->argv[0], err);
}

static void on_dialed(void *data, int fd, int err, const char *sentence)
{
	struct tcp *t = data;
	struct console *console = t->channel.console;

	if (err) {
		free(t);
		console_closed(console, err, "%s", sentence);
		return;
	}
	channel_start(&t->channel, fd);
	console_opened(console, NULL);
}

static void tcp_open(struct console *console)
{
	struct tcp *t = malloc(sizeof(*t));

	if (!t) {
		console_closed(console, -ENOMEM, "out of memory");
		return;
	}
	channel_init(&t->channel, console, over);
	console->data = t;
	dial_start(&t->dial, console->loop, console->argv[0], 0, on_dialed, t);
}

static const struct console_ops tcp_console = {
	.check_arguments = check_arguments,
	.open = tcp_open,
	.write = channel_write,
	.pause = channel_pause,
	.close = channel_close,
};

static const struct driver tcp_driver = {
	.name = "tcp",
	.summary = "shows consoles behind plain TCP",
	.help = HELP("A way to a console, tcp HOST:PORT: the raw port of a terminal server or of "
		"ser2net, or an emulator's. Every byte goes through as it is. It has no breaks "
		"and sets no lines: ports that speak telnet do, and want the driver telnet. An "
		"IPv6 address stands in brackets.\n"
		"\n"
		"\tmachine \"rack[01-32]\" {\n"
		"\t\tconsole = \"tcp ts1:[4001-4032]\"\n"
		"\t}\n"
		"\tmachine \"guest\" {\n"
		"\t\tconsole = \"tcp [fe80::1%eth0]:4321 10s\"\n"
		"\t}\n"
		"\n"
		"QEMU: -serial tcp:127.0.0.1:4321,server=on,wait=off. ser2net 4:\n"
		"\n"
		"\tconnection: &rack01\n"
		"\t  accepter: tcp,4001\n"
		"\t  connector: serialdev,/dev/ttyUSB0,115200n81,local\n"),
	.rank = 60,
	.console = &tcp_console,
};
DRIVER(tcp_driver);
