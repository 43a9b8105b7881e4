/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console server: from its start to its end. See server.h. Defined by: unix(7), fcntl(2). */
#include "daemon/server.h"
#include "base/fault.h"
#include "base/file.h"
#include "daemon/client.h"
#include "daemon/keys.h"
#include "daemon/listen.h"
#include "daemon/logfile.h"
#include "daemon/served.h"
#include "daemon/supervise.h"
#include "daemon/watchdog.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const double end_limit_s = 5;

void server_tell(const struct machine *machine, const char *format, ...)
{
	struct fault line;
	va_list args;

	va_start(args, format);
	fault_vset(&line, 0, format, args);
	va_end(args);
	fprintf(stderr, "stoker: %s%s%s\n", machine ? machine->name : "", machine ? ": " : "",
		line.text);
}

/* --- the configuration ---------------------------------------------------------------------- */

/* Two consoles in one file could not be told apart, and would rename it under each other. */
static int check_log_name(struct table *names, const struct machine *machine, struct fault *f)
{
	char path[PATH_MAX], *copy;
	void *other;
	int err;

	if (!machine_values(machine, &key_log))
		return 0;
	err = logfile_path(machine, (double)time(NULL), path, sizeof(path), f);
	if (err)
		return err;
	copy = strdup(path);
	err = copy ? table_add(names, copy, (void *)machine, &other) : -ENOMEM;
	if (err)
		free(copy);
	if (err == -EEXIST)
		return fault_set(f, EINVAL, "console-log: \"%s\" is also that of %s: write %%n "
				 "where the machine's name shall stand", path,
				 ((const struct machine *)other)->name);
	return err ? fault_no_memory(f) : 0;
}

static int check_machine(struct server *server, struct table *names, const struct machine *machine,
			 struct fault *f)
{
	const struct permit *permit;
	int err = permit_of(&server->permits, machine, &key_watch, &permit, f);

	if (!err)
		err = permit_of(&server->permits, machine, &key_write, &permit, f);
	if (!err && machine_flag(machine, &key_keep) && !console_exists(machine))
		err = fault_set(f, EINVAL, "console-keep is set, but it has no console: set "
				"console = in its section");
	if (!err && console_exists(machine))
		err = check_log_name(names, machine, f);
	return err ? fault_prefix(f, err, "%s", machine->name) : 0;
}

static int check_all(struct server *server, struct fault *f)
{
	struct table names = {0};
	int err = 0;

	for (size_t i = 0; i < server->model->nmachines && !err; i++)
		err = check_machine(server, &names, &server->model->machines[i], f);
	for (size_t i = 0; i < names.size; i++)
		free((char *)names.slots[i].key);
	table_free(&names);
	return err;
}

/* --- files ---------------------------------------------------------------------------------- */

/*
 * A console is a descriptor or two, its log one, a client one. No more than that may be needed:
 * programs that we start have the same limit, and some walk through all of it.
 */
static void raise_limit(struct server *server)
{
	rlim_t wanted = 2 * CLIENTS_MOST + 4 * (rlim_t)server->model->nmachines, most = 1024;
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		if (limit.rlim_cur < wanted)
			limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
		if (!setrlimit(RLIMIT_NOFILE, &limit) || !getrlimit(RLIMIT_NOFILE, &limit))
			most = limit.rlim_cur;
	}
	if (most > 1 << 20)
		most = 1 << 20;
	logfile_set_most((unsigned)most / 4);
	server->most_clients = most / 4 < CLIENTS_MOST ? most / 4 : CLIENTS_MOST;
}

/* --- signals -------------------------------------------------------------------------------- */

static void on_hangup(struct ev_loop *loop, ev_signal *signal, int events)
{
	struct server *server = signal->data;

	(void)loop, (void)events;
	for (size_t i = 0; i < server->model->nmachines; i++) {
		struct served *s = server->served[i];

		if (!s)
			continue;
		logfile_close(&s->log);
		if (s->state == SERVED_REFUSED)
			served_want(s, STEAL_CONFIGURED);
	}
	server_tell(NULL, "logs are opened again, and consoles that were refused");
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
	struct server *server = signal->data;

	(void)loop, (void)events;
	/* the second one ends the program at once */
	ev_signal_stop(loop, &server->interrupt);
	ev_signal_stop(loop, &server->terminate);
	server_end(server);
}

static void watch_signal(struct server *server, ev_signal *signal, int number,
			 void (*call)(struct ev_loop *, ev_signal *, int))
{
	ev_signal_init(signal, call, number);
	signal->data = server;
	ev_signal_start(server->loop, signal);
}

/* --- the end -------------------------------------------------------------------------------- */

static void on_end_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
	const struct server *server = timer->data;

	(void)events;
	if (server->busy)
		server_tell(NULL, "%zu consoles did not close in time", server->busy);
	ev_break(loop, EVBREAK_ALL);
}

void server_console_over(struct server *server)
{
	if (server->ending && !server->busy && !server->clients && !supervise_is_busy(server))
		ev_break(server->loop, EVBREAK_ALL);
}

void server_end(struct server *server)
{
	if (server->ending)
		return;
	server->ending = true;
	notify_manager("STOPPING=1");
	listen_end(server);
	supervise_end(server);
	for (struct client *c = server->clients, *next; c; c = next) {
		next = c->next;
		client_end(c, -EPIPE, "the daemon has ended");
	}
	for (size_t i = 0; i < server->model->nmachines; i++) {
		if (server->served[i])
			served_end(server->served[i]);
	}
	ev_timer_set(&server->end, end_limit_s, 0);
	ev_timer_start(server->loop, &server->end);
	server_console_over(server);
}

/* --- beginning and end ---------------------------------------------------------------------- */

static void on_second(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	served_next_second(timer->data);
}

static int keep_consoles(struct server *server, struct fault *f)
{
	for (size_t i = 0; i < server->model->nmachines; i++) {
		const struct machine *machine = &server->model->machines[i];
		struct served *s;
		int err;

		if (!machine_flag(machine, &key_keep))
			continue;
		err = served_get(server, machine, &s, f);
		if (err)
			return fault_prefix(f, err, "%s", machine->name);
		served_want(s, STEAL_CONFIGURED);
	}
	return 0;
}

int server_start(struct server *server, struct ev_loop *loop, struct model *model, struct fault *f)
{
	int err;

	*server = (struct server){.loop = loop, .model = model, .socket = -1, .lock = -1};
	server->queue_end = &server->queue;
	ev_timer_init(&server->end, on_end_limit, 0, 0);
	ev_timer_init(&server->pace, on_second, 0, 1);
	notify_begin(server);
	server->end.data = server->pace.data = server;
	server->served = calloc(model->nmachines + 1, sizeof(struct served *));
	if (!server->served)
		return fault_no_memory(f);
	raise_limit(server);
	err = check_all(server, f);
	if (!err)
		err = listen_begin(server, f);
	if (err)
		return err;
	watch_signal(server, &server->interrupt, SIGINT, on_signal);
	watch_signal(server, &server->terminate, SIGTERM, on_signal);
	watch_signal(server, &server->hangup, SIGHUP, on_hangup);
	server->watchdog = watchdog_start(loop, model);
	err = supervise_start(server, f);
	return err ? err : keep_consoles(server, f);
}

void server_stop(struct server *server)
{
	server->ending = true;
	listen_end(server);
	while (server->clients)
		client_free(server->clients);
	for (size_t i = 0; server->served && i < server->model->nmachines; i++) {
		if (server->served[i])
			served_free(server->served[i]);
	}
	free(server->served);
	server->served = NULL;
	supervise_stop(server);
	watchdog_stop(server->watchdog);
	server->watchdog = NULL;
	permits_free(&server->permits);
	notify_end(server);
	ev_timer_stop(server->loop, &server->end);
	ev_timer_stop(server->loop, &server->pace);
	ev_signal_stop(server->loop, &server->interrupt);
	ev_signal_stop(server->loop, &server->terminate);
	ev_signal_stop(server->loop, &server->hangup);
	listen_unlock(server);
}
