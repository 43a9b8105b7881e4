/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker daemon: what goes on by itself; the console server. */
#include "daemon/server.h"
#include "base/fault.h"
#include "base/resolve.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "engine/credential.h"
#include "engine/driver.h"
#include "engine/lock.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>

static int serve(struct context *c, struct ev_loop *loop)
{
	struct server server;
	struct fault fault;
	int code = 0;

	if (server_start(&server, loop, c->model, &fault)) {
		code = usage_error("%s", fault.text);
	} else {
		printf("[stoker daemon: %zu console%s kept, socket %s]\n", server.kept,
		       server.kept == 1 ? "" : "s", server.path);
		fflush(stdout);
		notify_manager("READY=1");
		ev_run(loop, 0);
	}
	server_stop(&server);
	return code;
}

static int daemon_run(struct context *context, int argc, char **argv)
{
	struct ev_loop *loop;
	int code;

	if (argc)
		return usage_error("daemon: \"%s\": there is nothing to name: it holds the "
				   "consoles that the configuration marks with console-keep",
				   argv[0]);
	code = context_load(context);
	if (code)
		return code;
	credential_environment();
	signal(SIGPIPE, SIG_IGN);
	loop = ev_default_loop(EVFLAG_NOENV);
	if (!loop)
		return usage_error("the event loop cannot be made: epoll is missing");
	code = serve(context, loop);
	drivers_quit();
	credential_quit();
	resolve_quit();
	lock_quit();
	ev_loop_destroy(loop);
	return code;
}

static const struct option_entry daemon_options[] = {
	{0, "watchdog", "DEVICE", "Feed this watchdog, as the key watchdog says.", .key = "watchdog"},
	{0, "watchdog-timeout", "T", "How long the daemon may hang: the key watchdog-timeout.",
	 .key = "watchdog-timeout"},
	{0},
};

static const struct option_entry *const daemon_tables[] = {daemon_options, config_options, NULL};

static const struct command daemon_command = {
	.name = "daemon",
	.summary = "Keep, log and share consoles",
	.usage = "[OPTION]…",
	.help = "Holds the consoles that the configuration marks with console-keep: opens them "
		"again when\n"
		"they are lost, logs them (console-log), and keeps what they said last. `stoker "
		"console`\n"
		"attaches through it, several at a time; who may is said by console-watch and\n"
		"console-write. `stoker consoles` shows how they are. Other machines' consoles are "
		"open\n"
		"while somebody is attached. Guests with `restart =` that have ended by themselves "
		"are\n"
		"started again.\n"
		"\n"
		"It stays in the foreground and tells on standard error what happens. SIGHUP opens "
		"logs\n"
		"by their names again, and tries consoles again that had been refused; SIGTERM "
		"ends it.",
	.options = daemon_tables,
	.run = daemon_run,
};
COMMAND(daemon_command);
