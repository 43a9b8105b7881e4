/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles that a program shows: ssh, xenconsole, virsh console. It runs on a pty of its own, with
 * a stdin that blocks, as it would in somebody's terminal. Defined by: pty(7).
 */
#include "channel.h"
#include "base/fault.h"
#include "base/process.h"
#include "base/pty.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "engine/environment.h"
#include "model/help.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* One program that runs. */
struct session {
	struct channel channel;
	pid_t pid;			/* its session's number too */
	bool ended;
	int status;			/* as waitpid gives it; once ended */
	ev_child child;
	/* from its end to that of its terminal, which others may hold; or from SIGHUP to SIGKILL */
	ev_timer timer;
	/* ev_now() times: when it was last told something, and till when it may read that */
	double told, leaves;
	ev_timer rest;
	struct session *previous, *next;
};

static struct session *sessions;

static const ev_tstamp terminal_grace = 0.2, kill_after = 2;
/* how long who leaves waits for a program to read what it was told, and to pass it on; s */
static const ev_tstamp read_limit = 1, pass_on = 0.02, look_every = 0.005;

static bool is_shell(size_t argc, char *const *argv)
{
	return argc && !strcmp(argv[0], "shell");
}

static int check_arguments(size_t argc, char *const *argv, struct fault *f)
{
	if (!argc || !*argv[0])
		return fault_set(f, EINVAL, "program needs a program: write for example console = "
				 "\"program ssh -t admin@ts1 connect 7\", or \"program shell 'nc ts1 2003 "
				 "| tee /tmp/log'\"");
	if (is_shell(argc, argv)) {
		if (argc != 2 || !*argv[1])
			return fault_set(f, EINVAL, "program shell needs one command line: put it "
					 "in quotes, as in \"program shell 'nc ts1 2003 | tee "
					 "/tmp/log'\"");
		return 0;
	}
	/* what it is relative to would depend on who calls */
	if (strchr(argv[0], '/') && *argv[0] != '/')
		return fault_set(f, EINVAL, "\"%s\" is a relative path: write an absolute one, or "
				 "a name that is found by PATH", argv[0]);
	return 0;
}

static struct console *session_free(struct session *s)
{
	struct console *console = s->channel.console;

	ev_child_stop(console->loop, &s->child);
	ev_timer_stop(console->loop, &s->timer);
	ev_timer_stop(console->loop, &s->rest);
	*(s->previous ? &s->previous->next : &sessions) = s->next;
	if (s->next)
		s->next->previous = s->previous;
	free(s);
	return console;
}

/* Both the program and its terminal are gone. */
static void finish(struct session *s)
{
	int status = s->status;
	struct console *console = session_free(s);

	if (WIFSIGNALED(status))
		console_closed(console, -EPIPE, "the program \"%s\" was ended by signal %d (%s)",
			       console->argv[is_shell(console->argc, console->argv)],
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		console_closed(console, -EPIPE, "the program \"%s\" ended with exit status %d",
			       console->argv[is_shell(console->argc, console->argv)],
			       WEXITSTATUS(status));
}

static void wait_for(struct session *s, ev_tstamp seconds)
{
	ev_timer_stop(s->channel.console->loop, &s->timer);
	ev_timer_set(&s->timer, seconds, 0);
	ev_timer_start(s->channel.console->loop, &s->timer);
}

static void hang_up(const struct session *s)
{
	kill(-s->pid, SIGHUP);
	/* one that is stopped by a signal would not see the other */
	kill(-s->pid, SIGCONT);
}

/* The terminal is closed: what is still there has lost it. */
static void on_over(struct channel *channel, int err)
{
	struct session *s = (struct session *)channel;

	(void)err;
	ev_timer_stop(channel->console->loop, &s->rest);
	if (s->ended) {
		finish(s);
	} else {
		hang_up(s);
		wait_for(s, kill_after);
	}
}

static void on_child(struct ev_loop *loop, ev_child *child, int revents)
{
	struct session *s = child->data;

	(void)revents;
	ev_child_stop(loop, child);
	s->status = child->rstatus;
	s->ended = true;
	if (!s->channel.stream.running)
		finish(s);
	/* its last words are still to be read */
	else
		wait_for(s, terminal_grace);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct session *s = timer->data;

	(void)loop, (void)revents;
	if (!s->ended)
		kill(-s->pid, SIGKILL);
	/* who pauses has not heard them yet */
	else if (s->channel.stream.paused)
		wait_for(s, terminal_grace);
	else
		channel_end(&s->channel, 0);
}

/*
 * Who leaves: a terminal that is hung up takes back what was not read there. The program may have
 * read it and not yet said it to whom it has to.
 */
static void on_rest(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct session *s = timer->data;
	struct stream *stream = &s->channel.stream;
	double now = ev_now(loop);

	(void)revents;
	if (stream_waiting(stream) || pty_unread(stream->fd))
		s->told = now;
	if (s->ended || now >= s->leaves || now >= s->told + pass_on)
		channel_end(&s->channel, -ECANCELED);
	else
		ev_timer_again(loop, timer);
}

static void watch(struct session *s, int master)
{
	struct console *console = s->channel.console;

	s->next = sessions;
	if (sessions)
		sessions->previous = s;
	sessions = s;
	ev_timer_init(&s->timer, on_timer, 0, 0);
	ev_child_init(&s->child, on_child, s->pid, 0);
	ev_timer_init(&s->rest, on_rest, look_every, look_every);
	s->timer.data = s->child.data = s->rest.data = s;
	ev_child_start(console->loop, &s->child);
	channel_start(&s->channel, master);
}

static int run(struct console *console, int *master, pid_t *pid, struct fault *f)
{
	char *shell[] = {(char *)"/bin/sh", (char *)"-c", NULL, NULL};
	struct pty_program program = {
		.argv = console->argv, .columns = console->columns, .rows = console->rows,
	};
	char **environment, path[PATH_MAX];
	int err;

	if (is_shell(console->argc, console->argv)) {
		shell[2] = console->argv[1];
		program.argv = shell;
	}
	err = process_find(program.argv[0], path, sizeof(path), f);
	if (err)
		return err;
	environment = environment_make(console->machine, "console");
	if (!environment)
		return fault_no_memory(f);
	program.path = path;
	program.environment = environment;
	err = pty_run(&program, master, pid, f);
	free(environment);
	return err;
}

static void program_open(struct console *console)
{
	struct session *s = calloc(1, sizeof(*s));
	struct fault f;
	int master, err = s ? run(console, &master, &s->pid, &f) : fault_no_memory(&f);

	if (err) {
		free(s);
		console_closed(console, err, "%s", f.text);
		return;
	}
	channel_init(&s->channel, console, on_over);
	console->data = s;
	watch(s, master);
	console_opened(console, NULL);
}

static void program_resize(struct console *console, unsigned columns, unsigned rows)
{
	struct session *s = console->data;

	if (s->channel.stream.running)
		pty_resize(s->channel.stream.fd, columns, rows);
}

static void program_close(struct console *console)
{
	struct session *s = console->data;

	/* its terminal may be gone already, and it be about to follow */
	if (!s->channel.stream.running)
		return;
	/* what it says meanwhile is read, so that it can go on, and heard by nobody */
	stream_pause(&s->channel.stream, false);
	s->leaves = ev_now(console->loop) + read_limit;
	on_rest(console->loop, &s->rest, 0);
}

static size_t program_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct session *s = console->data;

	s->told = ev_now(console->loop);
	return channel_write(console, bytes, length);
}

/* Nobody is there any more to wait for them. */
static void quit(void)
{
	while (sessions) {
		struct session *s = sessions;

		if (!s->ended)
			hang_up(s);
		stream_stop(&s->channel.stream);
		session_free(s);
	}
}

static const struct console_ops program_console = {
	.check_arguments = check_arguments,
	.open = program_open,
	.write = program_write,
	.resize = program_resize,
	.pause = channel_pause,
	.close = program_close,
};

static const struct driver program_driver = {
	.name = "program",
	.summary = "consoles that a program shows",
	.help = HELP("`program PROGRAM ARGUMENTS` runs a program, without a shell, on a "
		"pseudo-terminal of its own: its absolute path, or a name that is found by PATH. "
		"`program shell 'COMMAND LINE'` runs a line by /bin/sh. What it writes is what the "
		"machine says; the size of the window is passed on, breaks cannot be.\n"
		"\n"
		"The terminal passes bytes on as they are, so that Ctrl-C goes to the machine and "
		"does not end the program; one that wants a terminal which echoes, edits lines and "
		"has signals sets it, or is run by `program shell 'stty sane; …'`. When the "
		"console is closed the program has a second to read what was typed, then gets "
		"SIGHUP, and SIGKILL two seconds later.\n"
		"\n"
		"It finds in its environment STOKER_MACHINE, STOKER_VERB (console), and as far as "
		"they are known STOKER_ADDRESS, STOKER_MAC (the first) and STOKER_HOST; and all "
		"of stoker's own but for variables that look like secrets.\n"
		"\n"
		"\tmachine \"vm[1-8]\" {\n"
		"\t\tconsole = \"program /usr/lib/xen-4.17/bin/xenconsole vm[1-8]\"\n"
		"\t}\n"
		"\tmachine \"router\" {\n"
		"\t\tconsole = \"program ssh -t admin@ts1 connect 7\"\n"
		"\t}\n"),
	.console = &program_console,
	.rank = 60,
	.quit = quit,
};
DRIVER(program_driver);
