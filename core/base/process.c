/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs programs beside the event loop. See process.h. Defined by: posix_spawn(3), setpgid(2).
 *
 * A process is over when the program has ended and its pipes are closed. What it left behind may
 * hold a pipe open for ever: after its end the pipes have a moment, and after process_stop the
 * group has until it is killed.
 */
#include "base/process.h"
#include "base/fault.h"
#include "base/secret.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const ev_tstamp pipe_grace = 0.2, kill_after = 2, group_poll = 0.05;

/* What comes by one pipe. */
struct stream {
	ev_io io;
	bool open;
	size_t keep, total;		/* of all bytes, the last keep are in the ring */
	char *ring;
};

enum { OUTPUT, ERRORS, STREAMS };

struct process {
	struct ev_loop *loop;
	process_fn *done;
	void *data;
	pid_t pid;			/* its group's number too */
	int status;			/* as waitpid gives it; once ended */
	bool ended, stopping, private;
	ev_child child;
	struct stream streams[STREAMS];	/* ERRORS is never open unless private */
	ev_timer grace;			/* from the program's end to the pipes' */
	ev_timer killer;		/* from process_stop to SIGKILL */
	ev_timer poll;			/* while stopped: whether the group is gone */
	size_t size;			/* with the rings */
	char rings[];
};

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

int process_cannot_run(const char *path, int err, struct fault *f)
{
	struct stat st;

	if (stat(path, &st))
		return fault_set(f, errno, "there is no program \"%s\": %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fault_set(f, EACCES, "\"%s\" is a folder, not a program", path);
	if (access(path, X_OK))
		return fault_set(f, EACCES, "\"%s\" is not executable: chmod +x would make it so",
				 path);
	if (err == ENOENT)
		return fault_set(f, err, "\"%s\" cannot be run: the interpreter that its first "
				 "line names, or its loader, is missing", path);
	if (err == ENOEXEC)
		return fault_set(f, err, "\"%s\" is not a program: a script begins with #!/bin/sh",
				 path);
	return err ? fault_set(f, err, "\"%s\" cannot be run: %s", path, strerror(err)) : 0;
}

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

int process_find(const char *program, char *path, size_t size, struct fault *f)
{
	const char *folders = getenv("PATH");

	if (strchr(program, '/')) {
		int err = process_cannot_run(program, 0, f);

		if (!err && (size_t)snprintf(path, size, "%s", program) >= size)
			err = fault_set(f, ENAMETOOLONG, "\"%s\" is longer than a path can be",
					program);
		return err;
	}
	if (!folders || !*folders)
		folders = default_path;
	for (const char *p = folders; *p;) {
		int length = (int)strcspn(p, ":");

		/* an empty one would mean the current folder: nobody wants that here */
		if (length && (size_t)snprintf(path, size, "%.*s/%s", length, p, program) < size &&
		    is_program(path))
			return 0;
		p += length;
		p += *p == ':';
	}
	return fault_set(f, ENOENT, "the program \"%s\" is in none of the folders of PATH (%s): "
			 "install it, or write its absolute path", program, folders);
}

static void stream_close(struct process *p, struct stream *s)
{
	if (!s->open)
		return;
	ev_io_stop(p->loop, &s->io);
	close(s->io.fd);
	s->open = false;
}

static void process_free(struct process *p)
{
	ev_child_stop(p->loop, &p->child);
	ev_timer_stop(p->loop, &p->grace);
	ev_timer_stop(p->loop, &p->killer);
	ev_timer_stop(p->loop, &p->poll);
	stream_close(p, &p->streams[OUTPUT]);
	stream_close(p, &p->streams[ERRORS]);
	wipe(p, p->size);
	free(p);
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t kept(const struct stream *s)
{
	return s->total < s->keep ? s->total : s->keep;
}

/* The kept bytes in order, as they are, with a NUL behind them. NULL without memory. */
static char *stream_bytes(const struct stream *s)
{
	size_t length = kept(s);
	char *bytes = malloc(length + 1);

	for (size_t i = 0; bytes && i < length; i++)
		bytes[i] = s->ring[(s->total - length + i) % s->keep];
	if (bytes)
		bytes[length] = '\0';
	return bytes;
}

/* The kept bytes as text, behind a note of what was cut. NULL without memory. */
static char *stream_text(const struct stream *s, size_t *cut)
{
	size_t length = kept(s), skip = 0, used = 0;
	size_t start = s->total - length;
	char *text = malloc(length + 64);

	if (!text)
		return NULL;
	/* no half of a UTF-8 letter in front */
	while (start && skip < 3 && skip < length &&
	       is_continuation(s->ring[(start + skip) % s->keep]))
		skip++;
	*cut = start + skip;
	if (*cut)
		used = (size_t)snprintf(text, 64, "[… %zu bytes cut]\n", *cut);
	for (size_t i = *cut; i < s->total; i++) {
		char c = s->ring[i % s->keep];

		text[used++] = c ? c : ' ';
	}
	text[used] = '\0';
	return text;
}

static void text_free(char *text, size_t length)
{
	if (text)
		wipe(text, length);
	free(text);
}

static void finish(struct process *p)
{
	const struct stream *output = &p->streams[OUTPUT];
	struct process_end end = {.status = -1};
	size_t length = kept(output), ignored;
	process_fn *done = p->done;
	void *data = p->data;
	char *text, *errors = NULL;

	if (p->private) {
		text = stream_bytes(output);
		errors = stream_text(&p->streams[ERRORS], &ignored);
		end.cut = output->total - length;
	} else {
		text = stream_text(output, &end.cut);
	}
	end.output = text ? text : "";
	end.length = p->private && text ? length : strlen(end.output);
	end.errors = errors ? errors : "";
	if (WIFEXITED(p->status))
		end.status = WEXITSTATUS(p->status);
	else
		end.signal = WTERMSIG(p->status);
	process_free(p);
	done(data, &end);
	text_free(text, end.length);
	text_free(errors, strlen(end.errors));
}

static bool group_is_gone(const struct process *p)
{
	return kill(-p->pid, 0) && errno == ESRCH;
}

/* Whether all is over, and if not, what to wait for. */
static void look(struct process *p)
{
	if (!p->ended)
		return;
	if (p->stopping) {
		if (group_is_gone(p) || !ev_is_active(&p->killer))
			finish(p);
		else if (!ev_is_active(&p->poll))
			ev_timer_again(p->loop, &p->poll);
	} else if (!p->streams[OUTPUT].open && !p->streams[ERRORS].open) {
		finish(p);
	} else if (!ev_is_active(&p->grace)) {
		ev_timer_again(p->loop, &p->grace);
	}
}

static void stream_add(struct stream *s, const char *bytes, size_t length)
{
	for (size_t i = 0; s->keep && i < length;) {
		size_t at = s->total % s->keep;
		size_t n = s->keep - at < length - i ? s->keep - at : length - i;

		memcpy(s->ring + at, bytes + i, n);
		s->total += n;
		i += n;
	}
}

/* Reads what is there; a program that never stops talking must not keep the loop. */
static void stream_read(struct process *p, struct stream *s)
{
	char bytes[4096];

	for (int rounds = 0; s->open && rounds < 16; rounds++) {
		ssize_t n = read(s->io.fd, bytes, sizeof(bytes));

		if (n > 0) {
			stream_add(s, bytes, (size_t)n);
			wipe(bytes, (size_t)n);
		} else if (!n || errno != EINTR) {
			if (n && errno == EAGAIN)
				break;
			stream_close(p, s);
		}
	}
}

static void read_all(struct process *p)
{
	stream_read(p, &p->streams[OUTPUT]);
	stream_read(p, &p->streams[ERRORS]);
}

static void on_stream(struct ev_loop *loop, ev_io *w, int events)
{
	struct process *p = w->data;

	(void)loop, (void)events;
	read_all(p);
	look(p);
}

static void on_child(struct ev_loop *loop, ev_child *w, int events)
{
	struct process *p = w->data;

	(void)events;
	ev_child_stop(loop, w);
	p->status = w->rstatus;
	p->ended = true;
	read_all(p);
	look(p);
}

static void on_grace(struct ev_loop *loop, ev_timer *w, int events)
{
	struct process *p = w->data;

	(void)loop, (void)events;
	read_all(p);
	finish(p);
}

static void on_killer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct process *p = w->data;

	(void)loop, (void)events;
	kill(-p->pid, SIGKILL);
	look(p);
}

static void on_poll(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop, (void)events;
	look(w->data);
}

/* A pipe whose ends are none of 0, 1 and 2, even where those were closed. */
static int pipe_make(int fds[2])
{
	int plain[2], err = 0;

	if (pipe2(plain, O_CLOEXEC))
		return -errno;
	for (int i = 0; i < 2; i++) {
		fds[i] = fcntl(plain[i], F_DUPFD_CLOEXEC, 3);
		if (fds[i] < 0)
			err = -errno;
		close(plain[i]);
	}
	if (!err && fcntl(fds[0], F_SETFL, O_NONBLOCK))
		err = -errno;
	for (int i = 0; i < 2 && err; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return err;
}

int process_attributes(posix_spawnattr_t *attributes, short own)
{
	const short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigset_t none, all;
	int err = posix_spawnattr_init(attributes);

	if (err)
		return err;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setflags(attributes, (short)(flags | own));
	/* 0: a new one, where it is to have one */
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	return 0;
}

/* stdin from nowhere, stdout and stderr to these descriptors. An errno. */
static int actions_make(posix_spawn_file_actions_t *actions, int output, int errors)
{
	int err = posix_spawn_file_actions_init(actions);

	if (err)
		return err;
	err = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, output, 1);
	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, errors, 2);
	if (err)
		posix_spawn_file_actions_destroy(actions);
	return err;
}

/* Runs the program; an errno. */
static int spawn(const struct process_options *o, const char *path, int output, int errors,
		 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = process_attributes(&attributes, POSIX_SPAWN_SETPGROUP);

	if (err)
		return err;
	err = actions_make(&actions, output, errors);
	if (!err) {
		err = posix_spawn(pid, path, &actions, &attributes, o->argv,
				  o->environment ? o->environment : environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return err;
}

static void stream_watch(struct process *p, struct stream *s, int fd)
{
	s->open = true;
	ev_io_init(&s->io, on_stream, fd, EV_READ);
	s->io.data = p;
	ev_io_start(p->loop, &s->io);
}

static void watch(struct process *p, int output, int errors)
{
	stream_watch(p, &p->streams[OUTPUT], output);
	if (p->private)
		stream_watch(p, &p->streams[ERRORS], errors);
	ev_child_init(&p->child, on_child, p->pid, 0);
	ev_timer_init(&p->grace, on_grace, pipe_grace, pipe_grace);
	ev_timer_init(&p->killer, on_killer, kill_after, 0);
	ev_timer_init(&p->poll, on_poll, group_poll, group_poll);
	p->child.data = p->grace.data = p->killer.data = p->poll.data = p;
	ev_child_start(p->loop, &p->child);
}

static struct process *process_new(struct ev_loop *loop, const struct process_options *o)
{
	size_t size = sizeof(struct process) + (o->private ? 2 : 1) * o->keep;
	struct process *p = calloc(1, size);

	if (!p)
		return NULL;
	p->loop = loop;
	p->done = o->done;
	p->data = o->data;
	p->private = o->private;
	p->size = size;
	p->streams[OUTPUT] = (struct stream){.keep = o->keep, .ring = p->rings};
	p->streams[ERRORS] = (struct stream){.keep = o->keep, .ring = p->rings + o->keep};
	return p;
}

static void close_pipe(const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

/* Makes the pipes, runs the program, watches both. */
static int run(struct process *p, const struct process_options *o, const char *path,
	       struct fault *f)
{
	int output[2], errors[2], err = pipe_make(output);

	if (!err && p->private) {
		err = pipe_make(errors);
		if (err)
			close_pipe(output);
	}
	if (err)
		return fault_set(f, -err, "cannot run \"%s\": no pipe for its output: %s", path,
				 strerror(-err));
	err = spawn(o, path, output[1], p->private ? errors[1] : output[1], &p->pid);
	if (err) {
		close_pipe(output);
		if (p->private)
			close_pipe(errors);
		return process_cannot_run(path, err, f);
	}
	close(output[1]);
	if (p->private)
		close(errors[1]);
	watch(p, output[0], p->private ? errors[0] : -1);
	return 0;
}

int process_start(struct ev_loop *loop, const struct process_options *options,
		  struct process **process, struct fault *f)
{
	struct process *p;
	char found[PATH_MAX];
	const char *path = options->path;
	int err;

	if (!path) {
		err = process_find(options->argv[0], found, sizeof(found), f);
		if (err)
			return err;
		path = found;
	}
	p = process_new(loop, options);
	if (!p)
		return fault_no_memory(f);
	err = run(p, options, path, f);
	if (err) {
		free(p);
		return err;
	}
	*process = p;
	return 0;
}

void process_stop(struct process *p)
{
	if (p->stopping)
		return;
	p->stopping = true;
	ev_timer_stop(p->loop, &p->grace);
	kill(-p->pid, SIGTERM);
	/* one that is stopped by a signal would not see the other */
	kill(-p->pid, SIGCONT);
	ev_timer_start(p->loop, &p->killer);
	/* the program itself may have ended already; done still comes later */
	if (p->ended)
		ev_timer_again(p->loop, &p->poll);
}

void process_drop(struct process *p)
{
	kill(-p->pid, SIGKILL);
	process_free(p);
}
