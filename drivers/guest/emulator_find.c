/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which process a machine is: the one that its keeper has written down, else one of its program and
 * its configuration file, whoever started that. Defined by: proc(5), execve(2) (interpreters).
 */
#include "base/fault.h"
#include "base/keeper/keeper.h"
#include "base/pty.h"
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * All machines of one command are looked for among the same processes, if they are no older. One
 * that is gone since is seen to be; one that we have started since has a record.
 */
static const double fresh = 0.2;

static struct procs kept;
static double kept_at;

void emulator_find_forget(void)
{
	procs_free(&kept);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int read_tasks(void)
{
	double at = now();

	if (kept.list && at >= kept_at && at - kept_at < fresh)
		return 0;
	procs_free(&kept);
	kept_at = at;
	return procs_read(&kept);
}

/* What is looked for: files, which may have several names. */
struct wanted {
	const struct emulator *emulator;
	struct stat program, config;
	bool is_script;			/* then its interpreter's is the file that runs */
	bool has_config;
};

static bool begins_with_interpreter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char two[2] = "";
	bool does;

	if (fd < 0)
		return false;
	does = read(fd, two, 2) == 2 && two[0] == '#' && two[1] == '!';
	close(fd);
	return does;
}

/* false: there is no such program, or no such configuration file: nothing can be it. */
static bool want(const struct emulator *e, struct wanted *w)
{
	*w = (struct wanted){.emulator = e};
	if (!e->argv || stat(e->path, &w->program))
		return false;
	w->is_script = begins_with_interpreter(e->path);
	w->has_config = e->config;
	return !e->config || !stat(e->config, &w->config);
}

/* Whether a word of a process's command line names this file, from where the process works. */
static bool names_file(const struct proc_seen *seen, const char *word, const char *path,
		       const struct stat *file)
{
	char full[PATH_MAX];
	struct stat st;

	if (!strcmp(word, path))
		return true;
	if (!*word || *word == '-')
		return false;
	if (*word == '/')
		snprintf(full, sizeof(full), "%s", word);
	else
		snprintf(full, sizeof(full), "/proc/%ld/cwd/%.4000s", (long)seen->id.pid, word);
	return !stat(full, &st) && st.st_dev == file->st_dev && st.st_ino == file->st_ino;
}

/* The first word behind the program; 0: it runs another one. */
static size_t behind_program(const struct wanted *w, const struct proc_seen *seen)
{
	if (seen->device == w->program.st_dev && seen->inode == w->program.st_ino)
		return 1;
	if (!w->is_script)
		return 0;
	/* "#!/bin/sh -e" puts the interpreter, and one word more, before the script */
	for (size_t i = 1; i <= 2 && i < seen->nwords; i++) {
		if (names_file(seen, proc_word(seen, i), w->emulator->path, &w->program))
			return i + 1;
	}
	return 0;
}

/* Without a configuration file the whole command line has to be the same. */
static bool has_same_words(const struct wanted *w, const struct proc_seen *seen, size_t first)
{
	char *const *argv = w->emulator->argv + 1;
	const char *word;

	for (size_t i = first; (word = proc_word(seen, i)); i++, argv++) {
		if (!*argv || strcmp(word, *argv))
			return false;
	}
	return !*argv;
}

static bool is_it(const struct wanted *w, const struct proc_seen *seen)
{
	size_t first = behind_program(w, seen);
	const char *word;

	if (!first)
		return false;
	if (!w->has_config)
		return has_same_words(w, seen, first);
	for (size_t i = first; (word = proc_word(seen, i)); i++) {
		if (names_file(seen, word, w->emulator->config, &w->config))
			return true;
	}
	return false;
}

/* An emulator may have processes of its own, which look like it: it is their parent. */
static bool is_child_of(const struct proc_seen *seen, const struct proc *proc)
{
	return seen->parent == proc->pid;
}

static int scan(const struct emulator *e, struct proc *proc, struct fault *f)
{
	const struct proc_seen *it = NULL;
	struct wanted w;
	int err;

	if (!want(e, &w))
		return 0;
	err = read_tasks();
	if (err)
		return fault_set(f, -err, "the processes cannot be read: %s", strerror(-err));
	for (size_t i = 0; i < kept.n; i++) {
		const struct proc_seen *seen = &kept.list[i];

		if (!is_it(&w, seen) || proc_look(&seen->id) == PROC_GONE ||
		    (it && is_child_of(seen, &it->id)))
			continue;
		if (it && !is_child_of(it, &seen->id))
			return fault_set(f, EEXIST, "processes %ld and %ld are both this machine: "
					 "end one of them", (long)it->id.pid, (long)seen->id.pid);
		it = seen;
	}
	if (it)
		*proc = it->id;
	return 0;
}

/*
 * What a keeper has started holds the other end of its terminal: one whose keeper was killed before
 * it could write anything down is known by that.
 */
static bool holds_its_terminal(const struct proc *proc)
{
	char path[64], name[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)proc->pid, PTY_HELD);
	n = readlink(path, name, sizeof(name) - 1);
	if (n < 4)
		return false;
	name[n] = '\0';
	return !strcmp(name + n - 4, "ptmx");
}

int emulator_find(const struct emulator *e, struct emulator_found *found, struct fault *f)
{
	struct keeper_record record = {0};
	enum proc_state state;
	int err = keeper_read(e->run, &record, NULL);

	*found = (struct emulator_found){0};
	/* it may be about to end, or to begin: with a keeper there must be no second one */
	if (!err && proc_look(&record.keeper) != PROC_GONE)
		found->keeper = record.keeper;
	state = err ? PROC_GONE : proc_look(&record.program);
	if (state != PROC_GONE) {
		found->proc = record.program;
		found->ours = true;
	} else {
		err = scan(e, &found->proc, f);
		if (err)
			return err;
		state = found->proc.pid ? proc_look(&found->proc) : PROC_GONE;
		found->ours = state != PROC_GONE && holds_its_terminal(&found->proc);
	}
	if (state == PROC_GONE)
		found->proc.pid = 0;
	found->stopped = state == PROC_STOPPED;
	return 0;
}
