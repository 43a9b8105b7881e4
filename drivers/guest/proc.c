/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that are not our children. See proc.h. */
#include "proc.h"
#include "base/fault.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORDS_MAX = 1 << 20, STAT_MAX = 1024, STATUS_MAX = 16384 };

static const ev_tstamp poll_every = 0.02;

/* A file of a process; NULL where it is gone. To be freed. */
static char *read_file(pid_t pid, const char *name, size_t max, size_t *length)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	return file_read(path, max, &text, length, NULL) ? NULL : text;
}

/* The state is field 3, the start time field 22; field 2 is a name that may hold anything. */
bool proc_look(pid_t pid, struct proc *proc)
{
	char *text, *p;
	unsigned long long start = 0;
	bool lives = false;

	if (pid <= 0)
		return false;
	text = read_file(pid, "stat", STAT_MAX, NULL);
	p = text ? strrchr(text, ')') : NULL;
	if (p && p[1] == ' ' && p[2] && !strchr("ZXx", p[2])) {
		p += 2;
		for (int field = 3; p && field < 22; field++) {
			p = strchr(p, ' ');
			p = p ? p + 1 : NULL;
		}
		if (p) {
			start = strtoull(p, NULL, 10);
			lives = true;
		}
	}
	free(text);
	if (lives)
		*proc = (struct proc){.pid = pid, .start = start};
	return lives;
}

bool proc_lives(const struct proc *proc)
{
	struct proc now;

	return proc_look(proc->pid, &now) && now.start == proc->start;
}

char *proc_words(pid_t pid, size_t *length)
{
	char *words = read_file(pid, "cmdline", WORDS_MAX, length);

	if (words && *length && words[*length - 1]) {
		/* a process may have written over its words: the last one then has no end */
		words[*length - 1] = '\0';
	}
	if (words && !*length) {
		free(words);
		words = NULL;
	}
	return words;
}

/* A descriptor of the process, which holds its number; -errno, -ENOSYS on kernels before 5.3. */
static int open_process(const struct proc *proc)
{
	long fd = syscall(SYS_pidfd_open, proc->pid, 0);

	if (fd < 0)
		return -errno;
	/* checked only now, since the number cannot change hands any more */
	if (!proc_lives(proc)) {
		close((int)fd);
		return -ESRCH;
	}
	return (int)fd;
}

int proc_signal(const struct proc *proc, int signal)
{
	int fd = open_process(proc), err = 0;

	if (fd == -ENOSYS) {
		if (!proc_lives(proc))
			return -ESRCH;
		return kill(proc->pid, signal) ? -errno : 0;
	}
	if (fd < 0)
		return fd;
	if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0))
		err = -errno;
	close(fd);
	return err;
}

static uint64_t kilobytes(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

uint64_t proc_memory(const struct proc *proc)
{
	char *text = read_file(proc->pid, "status", STATUS_MAX, NULL);
	uint64_t kb = 0;

	if (text)
		kb = kilobytes(text, "\nVmRSS:") + kilobytes(text, "\nVmSwap:");
	free(text);
	return kb * 1024;
}

static void told(struct proc_watch *w)
{
	void (*gone)(void *data) = w->gone;
	void *data = w->data;

	proc_watch_stop(w);
	gone(data);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop, (void)revents;
	told(io->data);
}

static void on_poll(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct proc_watch *w = timer->data;

	(void)loop, (void)revents;
	if (!proc_lives(&w->proc))
		told(w);
}

void proc_watch_start(struct proc_watch *w, struct ev_loop *loop, const struct proc *proc,
		      void (*gone)(void *data), void *data)
{
	proc_watch_stop(w);
	*w = (struct proc_watch){
		.proc = *proc, .loop = loop, .running = true, .gone = gone, .data = data,
		.fd = open_process(proc),
	};
	ev_timer_init(&w->poll, on_poll, w->fd == -ESRCH ? 0 : poll_every, poll_every);
	w->poll.data = w->io.data = w;
	if (w->fd >= 0) {
		ev_io_init(&w->io, on_readable, w->fd, EV_READ);
		w->io.data = w;
		ev_io_start(loop, &w->io);
	} else {
		ev_timer_start(loop, &w->poll);
	}
}

void proc_watch_stop(struct proc_watch *w)
{
	if (!w->running)
		return;
	w->running = false;
	ev_timer_stop(w->loop, &w->poll);
	if (w->fd >= 0) {
		ev_io_stop(w->loop, &w->io);
		close(w->fd);
	}
}
