/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that are not our children. See proc.h. */
#include "base/proc.h"
#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * The longest command line that is looked at among all processes: what counts stands in front; and
 * that is read of one.
 */
enum { SEEN_MAX = 16384, WORDS_MAX = 1 << 20, STATUS_MAX = 16384 };

static const ev_tstamp poll_every = 0.02;

/* Bytes read, with a NUL behind them; -errno. */
static ssize_t read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/*
 * The fields of /proc/PID/stat behind the name, which may hold blanks and brackets itself: state,
 * parent … and as the 20th the start.
 */
static int read_stat(pid_t pid, char *state, pid_t *parent, uint64_t *start)
{
	char text[1024], *p;
	ssize_t n = read_file(pid, "stat", text, sizeof(text));

	if (n <= 0)
		return -ESRCH;
	p = strrchr(text, ')');
	if (!p || p[1] != ' ')
		return -ESRCH;
	p += 2;
	*state = *p;
	*parent = (pid_t)strtol(p + 1, NULL, 10);
	for (int field = 0; field < 19 && p; field++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	*start = p ? strtoull(p, NULL, 10) : 0;
	return p ? 0 : -ESRCH;
}

static bool is_over(char state)
{
	return state == 'Z' || state == 'X' || state == 'x';
}

int proc_identify(pid_t pid, struct proc *id)
{
	pid_t parent;
	char state;
	int err = pid > 0 ? read_stat(pid, &state, &parent, &id->start) : -ESRCH;

	if (err || is_over(state))
		return -ESRCH;
	id->pid = pid;
	return 0;
}

enum proc_state proc_look(const struct proc *id)
{
	uint64_t start;
	pid_t parent;
	char state;

	if (id->pid <= 0 || read_stat(id->pid, &state, &parent, &start) || start != id->start ||
	    is_over(state))
		return PROC_GONE;
	return state == 'T' || state == 't' ? PROC_STOPPED : PROC_RUNS;
}

bool proc_lives(const struct proc *id)
{
	return proc_look(id) != PROC_GONE;
}

int proc_open(const struct proc *id)
{
	int fd;

	if (id->pid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, id->pid, 0);
	if (fd < 0)
		return -errno;
	/* the number may have been given to another before it was opened, not afterwards */
	if (proc_look(id) != PROC_GONE)
		return fd;
	close(fd);
	return -ESRCH;
}

int proc_signal(const struct proc *id, int signal)
{
	int fd = proc_open(id), err;

	if (fd >= 0) {
		err = syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) ? -errno : 0;
		close(fd);
		return err;
	}
	if (fd != -ENOSYS)
		return fd;
	/* as near as older kernels let us come */
	if (proc_look(id) == PROC_GONE)
		return -ESRCH;
	return kill(id->pid, signal) ? -errno : 0;
}

/* A whole file of a process; NULL where it is gone. To be freed. */
static char *read_whole(pid_t pid, const char *name, size_t max, size_t *length)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	return file_read(path, max, &text, length, NULL) ? NULL : text;
}

char *proc_words(pid_t pid, size_t *length)
{
	char *words = read_whole(pid, "cmdline", WORDS_MAX, length);

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

static uint64_t kilobytes(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

uint64_t proc_memory(const struct proc *id)
{
	char *text = read_whole(id->pid, "status", STATUS_MAX, NULL);
	uint64_t kb = 0;

	if (text)
		kb = kilobytes(text, "\nVmRSS:") + kilobytes(text, "\nVmSwap:");
	free(text);
	return kb * 1024;
}

int64_t proc_since(const struct proc *id)
{
	const int64_t second = 1000000000;
	long ticks = sysconf(_SC_CLK_TCK);
	struct timespec now, up;
	int64_t start;

	if (ticks <= 0 || clock_gettime(CLOCK_REALTIME, &now) || clock_gettime(CLOCK_BOOTTIME, &up))
		return 0;
	start = now.tv_sec * second + now.tv_nsec - up.tv_sec * second - up.tv_nsec;
	return (start + (int64_t)id->start * (second / ticks)) / second;
}

/* --- until it is gone ------------------------------------------------------------------------ */

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
	if (!proc_lives(&w->id))
		told(w);
}

void proc_watch_start(struct proc_watch *w, struct ev_loop *loop, const struct proc *id,
		      void (*gone)(void *data), void *data)
{
	proc_watch_stop(w);
	*w = (struct proc_watch){
		.id = *id, .loop = loop, .running = true, .gone = gone, .data = data,
		.fd = proc_open(id),
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

/* --- all of them ---------------------------------------------------------------------------- */

static void count_words(struct proc_seen *seen, const char *text, size_t length)
{
	/*
	 * one that overwrites its command line may leave no NUL at its end: there is one behind it
	 */
	for (const char *p = text; p < text + length; p += strlen(p) + 1)
		seen->nwords++;
}

/* 0; 1 for one that is gone, a zombie or the kernel's own; -ENOMEM. */
static int read_one(pid_t pid, struct proc_seen *seen)
{
	char path[64], words[SEEN_MAX], state;
	struct stat st;
	ssize_t n;

	*seen = (struct proc_seen){.id.pid = pid};
	if (read_stat(pid, &state, &seen->parent, &seen->id.start) || is_over(state))
		return 1;
	n = read_file(pid, "cmdline", words, sizeof(words));
	if (n <= 0)
		return 1;
	snprintf(path, sizeof(path), "/proc/%ld/exe", (long)pid);
	if (!stat(path, &st)) {
		seen->device = st.st_dev;
		seen->inode = st.st_ino;
	}
	seen->words = malloc((size_t)n + 1);
	if (!seen->words)
		return -ENOMEM;
	memcpy(seen->words, words, (size_t)n + 1);
	count_words(seen, words, (size_t)n);
	return 0;
}

static int add(struct procs *procs, size_t *room, pid_t pid)
{
	int err;

	if (procs->n == *room) {
		size_t more = *room ? 2 * *room : 64;
		struct proc_seen *list = realloc(procs->list, more * sizeof(*list));

		if (!list)
			return -ENOMEM;
		procs->list = list;
		*room = more;
	}
	err = read_one(pid, &procs->list[procs->n]);
	if (!err)
		procs->n++;
	return err < 0 ? err : 0;
}

int procs_read(struct procs *procs)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	size_t room = 0;
	int err = 0;

	*procs = (struct procs){0};
	if (!folder)
		return -errno;
	while (!err && (entry = readdir(folder))) {
		if (isdigit((unsigned char)*entry->d_name))
			err = add(procs, &room, (pid_t)strtol(entry->d_name, NULL, 10));
	}
	closedir(folder);
	if (err)
		procs_free(procs);
	return err;
}

void procs_free(struct procs *procs)
{
	for (size_t i = 0; i < procs->n; i++)
		free(procs->list[i].words);
	free(procs->list);
	*procs = (struct procs){0};
}

const char *proc_word(const struct proc_seen *seen, size_t n)
{
	const char *word = seen->words;

	if (n >= seen->nwords)
		return NULL;
	while (n--)
		word += strlen(word) + 1;
	return word;
}
