/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's screen in letters: QEMU draws it by curses at a terminal, whose other end a keeper holds
 * (base/keeper), so that whoever comes can see it, and QEMU never waits for somebody who reads. QEMU
 * holds that end too, and a keeper that was killed has a successor when the guest is looked at next.
 */
#include "qemu_screen.h"
#include "qemu_task.h"
#include "base/crash.h"
#include "base/keeper/keeper.h"
#include "base/process.h"
#include "base/pty.h"
#include "engine/environment.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a screen of letters has, and what most terminals understand. */
enum { COLUMNS = 80, ROWS = 25 };
static char term[] = "TERM=xterm", charset[] = "LC_ALL=C.UTF-8";

bool qemu_screen_is_drawn(const json_t *arguments)
{
	bool display = false;

	for (size_t i = 0; i < json_array_size(arguments); i++) {
		const char *word = json_string_value(json_array_get(arguments, i));

		if (!word)
			continue;
		if (display && !strncmp(word, "curses", 6))
			return true;
		word += *word == '-' && word[1] == '-';
		if (!strcmp(word, "-curses"))
			return true;
		display = !strcmp(word, "-display");
	}
	return false;
}

char **qemu_screen_environment(char **environment)
{
	static const char *const others[] = {"TERM=", "LC_ALL=", "LINES=", "COLUMNS="};
	size_t n = 0, used = 0;
	char **list;

	while (environment[n])
		n++;
	list = calloc(n + 3, sizeof(*list));
	for (size_t i = 0; list && i < n; i++) {
		bool kept = true;

		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			kept = kept && strncmp(environment[i], others[k], strlen(others[k]));
		if (kept)
			list[used++] = environment[i];
	}
	if (list) {
		list[used++] = term;
		list[used] = charset;
	}
	return list;
}

/* --- its folders ------------------------------------------------------------------------------ */

static int make_folder(const char *folder, char path[PATH_MAX], struct fault *f)
{
	place_path(folder, SCREEN_FOLDER, path);
	if (mkdir(path, 0700) && errno != EEXIST)
		return fault_set(f, errno, "cannot make the folder \"%s\": %s", path,
				 strerror(errno));
	return 0;
}

int qemu_screen_make(struct task *task, struct fault *f)
{
	char path[PATH_MAX];
	int err = make_folder(task->place.run, path, f);

	if (!err)
		err = make_folder(task->place.state, path, f);
	return err ? err : pty_pair(COLUMNS, ROWS, &task->master, &task->slave, f);
}

void qemu_screen_forget(const struct place *place)
{
	static const char *const files[] = {KEEPER_TERMINAL, "record", "keeper.lock"};
	char path[PATH_MAX];

	place_path(place->run, SCREEN_FOLDER, path);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		place_remove(path, files[i]);
	rmdir(path);
}

void qemu_screen_close(struct task *task)
{
	if (task->master)
		close(task->master);
	if (task->slave)
		close(task->slave);
	task->master = task->slave = 0;
	ev_io_stop(task->attempt->loop, &task->reported);
	if (task->report)
		close(task->report);
	task->report = 0;
}

/* --- its keeper ------------------------------------------------------------------------------- */

/* A keeper says one line that counts, at the end: "on PID" or "fail ERRNO SENTENCE". */
static void on_report(struct ev_loop *loop, ev_io *io, int revents)
{
	struct task *task = io->data;
	char bytes[FAULT_TEXT_MAX + 64], *fail, *sentence;
	ssize_t n = read(task->report, bytes, sizeof(bytes) - 1);
	int err;

	(void)loop, (void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	bytes[n > 0 ? n : 0] = '\0';
	fail = !strncmp(bytes, "fail ", 5) ? bytes : strstr(bytes, "\nfail ");
	if (n > 0 && !fail)
		return;
	qemu_screen_close(task);
	crash_point("qemu-screen-kept");
	if (!fail || !task->deed || !proc_lives(&task->found.proc)) {
		/*
		 * What runs already does so without its screen too; why QEMU has ended before it had
		 * one, it has said itself, and the next step tells.
		 */
		task_next(task);
		return;
	}
	fail += 5 + (*fail == '\n');
	err = (int)strtol(fail, &sentence, 10);
	task_fail(task, err ? -err : -EIO, "its screen:%.*s", (int)strcspn(sentence, "\n"),
		  sentence);
}

static int start_keeper(struct task *task, struct fault *f)
{
	char run[PATH_MAX], state[PATH_MAX];
	char **environment = environment_make(task->attempt->machine, "on");
	/* it does not start it, and names it nevertheless */
	char *argv[] = {(char *)"qemu", NULL};
	const struct keeper_job job = {
		.name = task->attempt->machine->name,
		.run = place_path(task->place.run, SCREEN_FOLDER, run),
		.state = place_path(task->place.state, SCREEN_FOLDER, state),
		.path = argv[0], .argv = argv, .environment = environment,
		.adopt = task->found.proc, .terminal = task->master, .draws = true,
	};
	int err = environment ? keeper_start(&job, &task->report, f) : fault_no_memory(f);

	free(environment);
	if (err)
		return err;
	ev_io_init(&task->reported, on_report, task->report, EV_READ);
	task->reported.data = task;
	ev_io_start(task->attempt->loop, &task->reported);
	return 0;
}

void step_screen(struct task *task)
{
	struct fault f;
	int err;

	if (!task->master) {
		task_next(task);
		return;
	}
	err = start_keeper(task, &f);
	if (err)
		task_fail(task, err, "%s", f.text);
}

static bool is_kept(const struct task *task)
{
	struct keeper_record record;
	char run[PATH_MAX];

	return !keeper_read(place_path(task->place.run, SCREEN_FOLDER, run), &record, NULL) &&
	       proc_lives(&record.keeper);
}

void step_keep_screen(struct task *task)
{
	if (!task_has_process(task) || task->found.by_hand ||
	    !place_has(task->place.run, SCREEN_FOLDER) || is_kept(task) ||
	    start_keeper(task, NULL))
		task_next(task);
}

/* --- who looks at it -------------------------------------------------------------------------- */

int qemu_screen_connect(const struct place *place, struct fault *f)
{
	char run[PATH_MAX];
	int fd;

	if (!place_has(place->run, SCREEN_FOLDER))
		return fault_set(f, ENOENT, "it has no screen of letters: the guest is off, was "
				 "started by hand, or its display is not \"curses\"");
	fd = keeper_connect(place_path(place->run, SCREEN_FOLDER, run), KEEPER_TERMINAL);
	if (fd == -ECONNREFUSED)
		return fault_set(f, ECONNREFUSED, "the keeper of its screen was ended: \"stoker "
				 "status\" starts another one");
	if (fd == -ENOENT)
		return fault_set(f, ENOENT, "the guest is off");
	return fd < 0 ? fault_set(f, -fd, "its screen: %s", strerror(-fd)) : fd;
}

void qemu_screen_resize(const struct place *place, unsigned columns, unsigned rows)
{
	struct keeper_record record;
	char run[PATH_MAX], path[64];
	int fd;

	if (keeper_read(place_path(place->run, SCREEN_FOLDER, run), &record, NULL) ||
	    !proc_lives(&record.program))
		return;
	snprintf(path, sizeof(path), "/proc/%ld/fd/0", (long)record.program.pid);
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	if (isatty(fd))
		pty_resize(fd, columns, rows);
	close(fd);
	/* also where the size is what it was: who has one now may see it for the first time */
	(void)proc_signal(&record.program, SIGWINCH);
}
