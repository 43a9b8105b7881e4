/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that are not our children. See task.h. Defined by: proc(5), pidfd_open(2). */
#include "base/task.h"

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

/* The longest command line that is looked at: what counts stands in front. */
enum { WORDS_MAX = 16384 };

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

int task_identify(pid_t pid, struct task *id)
{
	pid_t parent;
	char state;
	int err = pid > 0 ? read_stat(pid, &state, &parent, &id->start) : -ESRCH;

	if (err || is_over(state))
		return -ESRCH;
	id->pid = pid;
	return 0;
}

enum task_state task_look(const struct task *id)
{
	uint64_t start;
	pid_t parent;
	char state;

	if (id->pid <= 0 || read_stat(id->pid, &state, &parent, &start) || start != id->start ||
	    is_over(state))
		return TASK_GONE;
	return state == 'T' || state == 't' ? TASK_STOPPED : TASK_RUNS;
}

int task_watch(const struct task *id)
{
	int fd;

	if (id->pid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, id->pid, 0);
	if (fd < 0)
		return -errno;
	/* the number may have been given to another before it was opened, not afterwards */
	if (task_look(id) != TASK_GONE)
		return fd;
	close(fd);
	return -ESRCH;
}

int task_signal(const struct task *id, int signal)
{
	int fd = task_watch(id), err;

	if (fd >= 0) {
		err = syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) ? -errno : 0;
		close(fd);
		return err;
	}
	if (fd != -ENOSYS)
		return fd;
	/* as near as older kernels let us come */
	if (task_look(id) == TASK_GONE)
		return -ESRCH;
	return kill(id->pid, signal) ? -errno : 0;
}

int64_t task_since(const struct task *id)
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

static void count_words(struct task_seen *seen, const char *text, size_t length)
{
	/*
	 * one that overwrites its command line may leave no NUL at its end: there is one behind it
	 */
	for (const char *p = text; p < text + length; p += strlen(p) + 1)
		seen->nwords++;
}

/* 0; 1 for one that is gone, a zombie or the kernel's own; -ENOMEM. */
static int read_one(pid_t pid, struct task_seen *seen)
{
	char path[64], words[WORDS_MAX], state;
	struct stat st;
	ssize_t n;

	*seen = (struct task_seen){.id.pid = pid};
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

static int add(struct tasks *tasks, size_t *room, pid_t pid)
{
	int err;

	if (tasks->n == *room) {
		size_t more = *room ? 2 * *room : 64;
		struct task_seen *list = realloc(tasks->list, more * sizeof(*list));

		if (!list)
			return -ENOMEM;
		tasks->list = list;
		*room = more;
	}
	err = read_one(pid, &tasks->list[tasks->n]);
	if (!err)
		tasks->n++;
	return err < 0 ? err : 0;
}

int tasks_read(struct tasks *tasks)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	size_t room = 0;
	int err = 0;

	*tasks = (struct tasks){0};
	if (!folder)
		return -errno;
	while (!err && (entry = readdir(folder))) {
		if (isdigit((unsigned char)*entry->d_name))
			err = add(tasks, &room, (pid_t)strtol(entry->d_name, NULL, 10));
	}
	closedir(folder);
	if (err)
		tasks_free(tasks);
	return err;
}

void tasks_free(struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->n; i++)
		free(tasks->list[i].words);
	free(tasks->list);
	*tasks = (struct tasks){0};
}

const char *task_word(const struct task_seen *seen, size_t n)
{
	const char *word = seen->words;

	if (n >= seen->nwords)
		return NULL;
	while (n--)
		word += strlen(word) + 1;
	return word;
}
