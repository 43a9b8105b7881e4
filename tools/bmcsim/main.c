/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bmcsim: any number of BMCs in one process, told apart by the address that a datagram was sent to.
 * Speaks RMCP/ASF, IPMI 1.5 and IPMI 2.0 over LAN, as the IPMI 2.0 specification (revision 1.1) has
 * them, and can have the faults of others. It shares no code with stoker's IPMI client.
 */
#include "alarm.h"
#include "bmc.h"
#include "console.h"
#include "control.h"
#include "help.h"
#include "log.h"
#include "profile.h"
#include "program.h"
#include "random.h"
#include "server.h"
#include "sol.h"

#include <errno.h>
#include <ev.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

struct options {
	struct server server;
	const char *control, *log;
	int ready_fd;
	bool has_user;
	uint64_t seed;
};

enum {
	SETTING = 256,
	PORT,
	BIND,
	ANYWHERE,
	ADDRESSES,
	AT,
	USERS,
	READY_FD,
	LOG,
	CONTROL,
	SEED,
	ASK,
	HELP
};

static const struct option longs[] = {
	{"port", required_argument, NULL, PORT},
	{"bind", required_argument, NULL, BIND},
	{"anywhere", no_argument, NULL, ANYWHERE},
	{"addresses", required_argument, NULL, ADDRESSES},
	{"at", required_argument, NULL, AT},
	{"users", required_argument, NULL, USERS},
	{"ready-fd", required_argument, NULL, READY_FD},
	{"log", required_argument, NULL, LOG},
	{"control", required_argument, NULL, CONTROL},
	{"seed", required_argument, NULL, SEED},
	{"ask", required_argument, NULL, ASK},
	{"help", no_argument, NULL, HELP},
	/* the rest are settings */
	{"user", required_argument, NULL, SETTING},
	{"kg", required_argument, NULL, SETTING},
	{"guid", required_argument, NULL, SETTING},
	{"suites", required_argument, NULL, SETTING},
	{"auth", required_argument, NULL, SETTING},
	{"per-message-auth", required_argument, NULL, SETTING},
	{"user-level-auth", required_argument, NULL, SETTING},
	{"power", required_argument, NULL, SETTING},
	{"power-delay", required_argument, NULL, SETTING},
	{"cycle-interval", required_argument, NULL, SETTING},
	{"sessions", required_argument, NULL, SETTING},
	{"power-program", required_argument, NULL, SETTING},
	{"console", required_argument, NULL, SETTING},
	{"sol", required_argument, NULL, SETTING},
	{"fault", required_argument, NULL, SETTING},
	{0},
};

static void wrong(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void wrong(const char *format, ...)
{
	va_list arguments;

	fputs("bmcsim: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("\n", stderr);
	exit(2);
}

static uint64_t number(const char *option, const char *text, uint64_t most)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n > most)
		wrong("--%s \"%s\" is not a number of 0 to %llu", option, text,
		      (unsigned long long)most);
	return n;
}

static struct ranges *ranges_of(const char *option, const char *text)
{
	struct ranges *ranges = malloc(sizeof(*ranges));

	if (!ranges || !ranges_parse(text, ranges))
		wrong("--%s \"%s\" is no range: write 127.0.0.1-127.0.3.255, 127.1.0.0/16 "
		      "or addresses with commas",
		      option, text);
	return ranges;
}

/* --fault NAME=VALUE@ADDRESSES and all other settings, for the addresses of --at. */
static void add_setting(const char *name, char *value, const struct ranges *at)
{
	char *place = strcmp(name, "fault") ? NULL : strrchr(value, '@');
	const char *why;

	if (place) {
		*place = '\0';
		at = ranges_of(name, place + 1);
	}
	if (!setting_add(name, value, at, &why)) {
		/* no passwords on the screen */
		if (!strcmp(name, "user") || !strcmp(name, "kg"))
			wrong("--%s: %s", name, why);
		wrong("--%s \"%s\": %s", name, value, why);
	}
}

static void add_users(const char *path, const struct ranges *at)
{
	const char *why;

	if (!users_read(path, at, &why))
		wrong("--users \"%s\": %s", path, why);
}

static void parse(int argc, char *argv[], struct options *o)
{
	const struct ranges *at = NULL;
	int c, which;

	while ((c = getopt_long(argc, argv, "", longs, &which)) >= 0) {
		const char *name = c == '?' ? "" : longs[which].name;

		switch (c) {
		case PORT:
			o->server.port = (uint16_t)number(name, optarg, UINT16_MAX);
			break;
		case BIND:
			o->server.bind = optarg;
			break;
		case ANYWHERE:
			o->server.anywhere = true;
			break;
		case ADDRESSES:
			o->server.only = ranges_of(name, optarg);
			break;
		case AT:
			at = strcmp(optarg, "all") ? ranges_of(name, optarg) : NULL;
			break;
		case USERS:
			add_users(optarg, at);
			o->has_user = true;
			break;
		case READY_FD:
			o->ready_fd = (int)number(name, optarg, 1023);
			break;
		case LOG:
			o->log = optarg;
			break;
		case CONTROL:
			o->control = optarg;
			break;
		case SEED:
			o->seed = number(name, optarg, UINT64_MAX);
			break;
		case ASK:
			exit(control_ask(optarg, argv + optind));
		case HELP:
			help_print();
			exit(0);
		case SETTING:
			add_setting(name, optarg, at);
			o->has_user |= !strcmp(name, "user");
			break;
		default:
			fputs("bmcsim --help tells what there is\n", stderr);
			exit(2);
		}
	}
	if (optind < argc)
		wrong("\"%s\": there are options only; --help tells which", argv[optind]);
}

static void on_signal(struct ev_loop *loop, ev_signal *w, int events)
{
	(void)w, (void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void tell_ready(const struct options *o)
{
	if (dprintf(o->ready_fd, "ready %u\n", o->server.port) < 0)
		wrong("--ready-fd %d: %s", o->ready_fd, strerror(errno));
	if (o->ready_fd > 2)
		close(o->ready_fd);
}

static void start(struct options *o, struct ev_loop *loop)
{
	static ev_signal terminated, interrupted;
	int err;

	if (o->log && (err = log_open(o->log)))
		wrong("--log \"%s\": %s", o->log, strerror(err));
	err = server_start(&o->server, loop);
	if (err)
		wrong("cannot listen on %s, port %u: %s", o->server.bind, o->server.port,
		      strerror(-err));
	if (o->control && (err = control_start(o->control, loop)))
		wrong("--control \"%s\": %s", o->control, strerror(-err));
	sol_port = o->server.port;
	alarm_start(loop);
	console_start(loop);
	program_start(loop);
	ev_signal_init(&terminated, on_signal, SIGTERM);
	ev_signal_start(loop, &terminated);
	ev_signal_init(&interrupted, on_signal, SIGINT);
	ev_signal_start(loop, &interrupted);
}

int main(int argc, char *argv[])
{
	static struct options o = {.server = {.bind = "0.0.0.0", .port = 623}, .ready_fd = 1};
	struct ev_loop *loop;

	if (getrandom(&o.seed, sizeof(o.seed), 0) != sizeof(o.seed))
		o.seed = (uint64_t)getpid();
	parse(argc, argv, &o);
	if (!o.has_user)
		add_setting("user", (char[]){"admin:secret:admin"}, NULL);
	bmc_seed(o.seed);
	signal(SIGPIPE, SIG_IGN);
	loop = ev_default_loop(0);
	if (!loop)
		wrong("no event loop");
	start(&o, loop);
	tell_ready(&o);
	ev_run(loop, 0);
	program_stop();
	console_stop();
	control_stop();
	server_stop();
	alarm_end();
	ev_loop_destroy(loop);
	return 0;
}
