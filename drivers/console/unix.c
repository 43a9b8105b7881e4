/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles behind UNIX stream sockets, as QEMU makes them for serial ports (-serial
 * unix:PATH,server=on) and other emulators for theirs. Defined by: unix(7).
 */
#include "channel.h"
#include "base/fault.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "model/help.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct line {
	struct channel channel;
	int fd;				/* until it is the channel's */
	ev_timer again;
};

/* how often it is tried while as many wait before us as the socket lets wait */
static const ev_tstamp retry_every = 0.05;

static int check_arguments(size_t argc, char *const *argv, struct fault *f)
{
	const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

	if (argc != 1)
		return fault_set(f, EINVAL, "unix needs the path of one socket: write for example "
				 "console = \"unix /run/vm/rack01.serial\"");
	if (*argv[0] != '/' && (*argv[0] != '@' || !argv[0][1]))
		return fault_set(f, EINVAL, "\"%s\" is not an absolute path: write for example "
				 "/run/vm/rack01.serial, or @NAME for a socket without a path",
				 argv[0]);
	if (strlen(argv[0]) > most)
		return fault_set(f, EINVAL, "\"%s\" has %zu bytes: the path of a socket has at most "
				 "%zu", argv[0], strlen(argv[0]), most);
	return 0;
}

static int connect_to(int fd, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(path);

	memcpy(address.sun_path, path, length);
	if (*path == '@')
		address.sun_path[0] = '\0';
	length += offsetof(struct sockaddr_un, sun_path) + (*path != '@');
	return connect(fd, (struct sockaddr *)&address, (socklen_t)length) ? -errno : 0;
}

static int cannot_connect(const char *path, int err, struct fault *f)
{
	struct stat st;

	switch (err) {
	case ENOENT:
		return fault_set(f, err, "there is no socket \"%s\": start what makes it, or mend "
				 "the path", path);
	case ENOTDIR:
	case ELOOP:
		return fault_set(f, ENOENT, "there can be no socket \"%s\": %s", path,
				 strerror(err));
	case ECONNREFUSED:
		if (*path == '/' && !stat(path, &st) && !S_ISSOCK(st.st_mode))
			return fault_set(f, EINVAL, "\"%s\" is no socket", path);
		return fault_set(f, err, "nobody listens on the socket \"%s\"%s", path,
				 *path == '/' ? ": what made it has ended" : "");
	case EACCES:
	case EPERM:
		return fault_set(f, EACCES, "user %u may not write to the socket \"%s\"",
				 (unsigned)geteuid(), path);
	case EPROTOTYPE:
		return fault_set(f, EINVAL, "\"%s\" is a socket for datagrams: a console needs one "
				 "for streams", path);
	default:
		return fault_set(f, err, "cannot connect to the socket \"%s\": %s", path,
				 strerror(err));
	}
}

static void over(struct channel *channel, int err)
{
	struct line *line = (struct line *)channel;
	struct console *console = channel->console;

	ev_timer_stop(console->loop, &line->again);
	if (line->fd >= 0)
		close(line->fd);
	free(line);
	if (!err || err == -EPIPE || err == -ECONNRESET)
		console_closed(console, -EPIPE, "what made the socket \"%s\" has closed it",
			       console->argv[0]);
	else
		console_closed(console, err, "the socket \"%s\": %s", console->argv[0],
			       strerror(-err));
}

static void fail(struct line *line, int err)
{
	struct console *console = line->channel.console;
	struct fault f;

	err = cannot_connect(console->argv[0], -err, &f);
	if (line->fd >= 0)
		close(line->fd);
	free(line);
	console_closed(console, err, "%s", f.text);
}

/* A UNIX socket connects at once, or says why not. */
static void try_to_connect(struct line *line)
{
	struct console *console = line->channel.console;
	int err = line->fd < 0 ? -errno : connect_to(line->fd, console->argv[0]);

	if (err == -EAGAIN || err == -EINTR) {
		ev_timer_again(console->loop, &line->again);
	} else if (err) {
		ev_timer_stop(console->loop, &line->again);
		fail(line, err);
	} else {
		ev_timer_stop(console->loop, &line->again);
		channel_start(&line->channel, line->fd);
		line->fd = -1;
		console_opened(console, NULL);
	}
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop, (void)revents;
	try_to_connect(timer->data);
}

static void unix_open(struct console *console)
{
	struct line *line = malloc(sizeof(*line));

	if (!line) {
		console_closed(console, -ENOMEM, "out of memory");
		return;
	}
	channel_init(&line->channel, console, over);
	console->data = line;
	ev_timer_init(&line->again, on_again, retry_every, retry_every);
	line->again.data = line;
	line->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	try_to_connect(line);
}

static const struct console_ops unix_console = {
	.check_arguments = check_arguments,
	.open = unix_open,
	.write = channel_write,
	.pause = channel_pause,
	.close = channel_close,
};

static const struct driver unix_driver = {
	.name = "unix",
	.summary = "consoles on UNIX sockets",
	.help = HELP("`unix PATH` is a console behind a UNIX stream socket, as QEMU makes one for a "
		"serial port by -serial unix:PATH,server=on,wait=off; @NAME is a socket without "
		"a path. Such a console has no breaks.\n"
		"\n"
		"\tmachine \"vm[1-8]\" {\n"
		"\t\tconsole = \"unix /run/vm/vm[1-8].serial\"\n"
		"\t}\n"),
	.console = &unix_console,
	.rank = 60,
};
DRIVER(unix_driver);
