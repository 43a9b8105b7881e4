/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a program on a pseudo-terminal. See pty.h. Defined by: pty(7), posix_spawn(3), setsid(2). */
#include "base/pty.h"
#include "base/fault.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

/* The kernel's CLOSE_RANGE_CLOEXEC, which not every libc knows. */
enum { RANGE_CLOEXEC = 1 << 2 };

/* On Linux a master has its slave's settings. An errno. */
static int make_raw(int master)
{
	struct termios settings;

	if (tcgetattr(master, &settings))
		return errno;
	cfmakeraw(&settings);
	return tcsetattr(master, TCSANOW, &settings) ? errno : 0;
}

/* name: room for PATH_MAX bytes; the slave's. */
static int pty_make(int *master, char *name, bool cooked, struct fault *f)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), err;

	if (fd < 0)
		return fault_set(f, errno, "there is no pty to be had: %s", strerror(errno));
	/* ptsname_r returns what errno would be */
	err = grantpt(fd) || unlockpt(fd) ? errno : ptsname_r(fd, name, PATH_MAX);
	if (!err && !cooked)
		err = make_raw(fd);
	if (err) {
		close(fd);
		return fault_set(f, err, "there is no pty to be had: %s", strerror(err));
	}
	*master = fd;
	return 0;
}

/* An errno. */
static int actions_make(posix_spawn_file_actions_t *actions, const char *slave, int held)
{
	int err = posix_spawn_file_actions_init(actions);

	if (err)
		return err;
	/* the first terminal that the leader of a new session opens becomes its controlling one */
	err = posix_spawn_file_actions_addopen(actions, 0, slave, O_RDWR, 0);
	for (int fd = 1; fd <= 2 && !err; fd++)
		err = posix_spawn_file_actions_adddup2(actions, 0, fd);
	if (!err && held >= 0)
		err = posix_spawn_file_actions_adddup2(actions, held, PTY_HELD);
	if (err)
		posix_spawn_file_actions_destroy(actions);
	return err;
}

/* An errno. */
static int spawn(const struct pty_program *program, const char *slave, int held, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = process_attributes(&attributes, program->detaches ? POSIX_SPAWN_SETPGROUP
								    : POSIX_SPAWN_SETSID);

	if (err)
		return err;
	err = actions_make(&actions, slave, held);
	if (!err) {
		err = posix_spawn(pid, program->path, &actions, &attributes, program->argv,
				  program->environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return err;
}

int pty_run(const struct pty_program *program, int *master, pid_t *pid, struct fault *f)
{
	char slave[PATH_MAX];
	int err = pty_make(master, slave, program->cooked, f);

	if (err)
		return err;
	if (program->columns)
		pty_resize(*master, program->columns, program->rows);
	/*
	 * Ours are all closed on exec: this is for what others left open when they started us, and
	 * a kernel without it (before 5.11) passes that on.
	 */
	syscall(SYS_close_range, 3, ~0U, RANGE_CLOEXEC);
	err = spawn(program, slave, program->holds ? *master : -1, pid);
	if (err) {
		close(*master);
		return process_cannot_run(program->path, err, f);
	}
	return 0;
}

static int raise_fd(int *fd)
{
	int raised = fcntl(*fd, F_DUPFD_CLOEXEC, PTY_HELD + 1), err = raised < 0 ? errno : 0;

	close(*fd);
	*fd = raised;
	return err;
}

int pty_pair(unsigned columns, unsigned rows, int *master, int *slave, struct fault *f)
{
	char name[PATH_MAX];
	int err = pty_make(master, name, false, f);

	if (err)
		return err;
	pty_resize(*master, columns, rows);
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	err = *slave < 0 ? errno : raise_fd(slave);
	if (!err)
		err = raise_fd(master);
	else
		close(*master);
	if (!err)
		return 0;
	if (*slave >= 0)
		close(*slave);
	return fault_set(f, err, "there is no pty to be had: %s", strerror(err));
}

size_t pty_unread(int master)
{
	/* Linux before 4.13 does not know it: nothing is told there */
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), n = 0;

	if (slave < 0)
		return 0;
	if (ioctl(slave, FIONREAD, &n) || n < 0)
		n = 0;
	close(slave);
	return (size_t)n;
}

void pty_resize(int master, unsigned columns, unsigned rows)
{
	struct winsize size = {
		.ws_col = (unsigned short)(columns < USHRT_MAX ? columns : USHRT_MAX),
		.ws_row = (unsigned short)(rows < USHRT_MAX ? rows : USHRT_MAX),
	};

	/* a terminal of another size is no reason to end */
	(void)ioctl(master, TIOCSWINSZ, &size);
}
