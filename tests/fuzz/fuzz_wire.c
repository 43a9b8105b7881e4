/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket, both ends: whole connections of a client that says anything to the server,
 * and of a server that says anything to a client. The first byte chooses: 1: to the client; 2:
 * behind a hello and, with 4, an attach; 8: the rest is frames, each a type, a length in one byte,
 * and that, rather than bytes; 16: cut in pieces.
 */
#include "base/fault.h"
#include "cli/context.h"
#include "daemon/client.h"
#include "daemon/remote.h"
#include "daemon/server.h"
#include "engine/console.h"
#include "model/config.h"
#include "model/machine.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TO_CLIENT = 1, HELLO = 2, ATTACH = 4, FRAMES = 8, PIECES = 16 };

static const char config[] =
	"machine \"a\" { sandbox = \"on\" sandbox-console = \"raw-echo\" console-keep = yes }\n"
	"machine \"b\" { sandbox = \"on\" sandbox-console = {\"echo\", \"log\"}\n"
	"  console-replay = 0 }\n"
	"machine \"c\" { sandbox = \"on\" sandbox-console = \"fault refuse\" }\n";

static struct ev_loop *loop;
static struct server server;
static struct model *model;
static int listener;	/* of the server that says anything */

static void fail(void *data, const char *sentence)
{
	(void)data, (void)sentence;
	abort();
}

static void turn(unsigned times)
{
	while (times--)
		ev_run(loop, EVRUN_NOWAIT);
}

static void listen_as(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control", folder);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, 8))
		abort();
}

/* The real server in one folder, the other one in another, where clients look. */
static void begin(void)
{
	const struct config_reader reader = {model = model_new(), all_keys(), fail, NULL};
	static char folder[] = "/tmp/fuzz-wire-XXXXXX";
	struct fault f;

	if (!mkdtemp(folder) || setenv("STOKER_RUN", folder, 1))
		abort();
	loop = ev_default_loop(EVFLAG_NOENV);
	config_read_text(&reader, "fuzz", config);
	if (server_start(&server, loop, model, &f))
		abort();
	unlink(server.path);
	listen_as(folder);
	turn(10);
}

/* --- what is said --------------------------------------------------------------------------- */

static void say(int fd, const void *bytes, size_t length, bool pieces)
{
	const uint8_t *p = bytes;

	while (length) {
		size_t n = pieces && length > 7 ? 7 : length;

		if (send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
			return;
		p += n;
		length -= n;
		turn(1);
	}
}

static void say_frame(int fd, uint8_t type, const void *bytes, size_t length, bool pieces)
{
	uint8_t frame[WIRE_HEAD + 256];

	wire_head(frame, type, length);
	memcpy(frame + WIRE_HEAD, bytes, length);
	say(fd, frame, WIRE_HEAD + length, pieces);
}

static void say_all(int fd, uint8_t how, const uint8_t *data, size_t size)
{
	if (how & HELLO)
		say_frame(fd, WIRE_HELLO, "\0\1", 2, how & PIECES);
	if (how & ATTACH)
		say_frame(fd, how & TO_CLIENT ? WIRE_OPENED : WIRE_ATTACH, "\1a", 2, how & PIECES);
	if (!(how & FRAMES)) {
		say(fd, data, size, how & PIECES);
		return;
	}
	while (size >= 2) {
		size_t length = data[1] < size - 2 ? data[1] : size - 2;

		say_frame(fd, data[0] % (WIRE_TYPES + 1), data + 2, length, how & PIECES);
		data += 2 + length;
		size -= 2 + length;
	}
}

/* --- who hears it --------------------------------------------------------------------------- */

static void to_server(uint8_t how, const uint8_t *data, size_t size)
{
	static uint8_t heard[65536];
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) || client_new(&server, fds[1]))
		abort();
	say_all(fds[0], how, data, size);
	turn(4);
	/* what it answers is frames */
	for (ssize_t n = read(fds[0], heard, sizeof(heard)), at = 0; n > 0 && at < n;) {
		struct wire_frame frame;
		int length = wire_read(heard + at, (size_t)(n - at), &frame);

		if (length < 0)
			abort();
		if (!length)
			break;
		at += length;
	}
	close(fds[0]);
	for (unsigned i = 0; i < 1000 && server.nclients; i++)
		turn(1);
	if (server.nclients)
		abort();
}

struct owner {
	bool opened, closed;
};

static void on_opened(void *data, const char *text)
{
	struct owner *o = data;

	if (o->opened || o->closed || (text && strlen(text) > FAULT_TEXT_MAX))
		abort();
	o->opened = true;
}

static void on_bytes(void *data, const unsigned char *bytes, size_t length)
{
	const struct owner *o = data;

	if (!o->opened || o->closed || !bytes || !length)
		abort();
}

static void on_note(void *data, const char *sentence)
{
	const struct owner *o = data;

	if (o->closed || !sentence)
		abort();
}

static void on_closed(void *data, int err, const char *sentence)
{
	struct owner *o = data;

	if (o->closed || err > 0 || !sentence)
		abort();
	o->closed = true;
}

static void to_client(uint8_t how, const uint8_t *data, size_t size)
{
	static const struct console_events events = {on_opened, on_bytes, NULL, on_note, on_closed};
	struct owner owner = {false, false};
	struct console *console;
	int fd;

	if (console_open_by(loop, &remote_console_ops, "write a", &events, &owner, &console, NULL))
		abort();
	turn(2);
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0)
		abort();
	say_all(fd, how, data, size);
	turn(2);
	if (!owner.closed && owner.opened)
		console_write(console, data, size);
	turn(2);
	if (!owner.closed)
		console_close(console);
	turn(4);
	if (!owner.closed)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!loop)
		begin();
	if (!size)
		return 0;
	if (data[0] & TO_CLIENT)
		to_client(data[0], data + 1, size - 1);
	else
		to_server(data[0], data + 1, size - 1);
	return 0;
}
