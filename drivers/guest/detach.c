/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts programs that outlive us. See detach.h. */
#include "detach.h"
#include "base/fault.h"
#include "base/process.h"
#include "base/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* All from first on but one; a program that is to live long must not hold a user's pipe open. */
static void close_others(unsigned first, unsigned keep)
{
	long most = sysconf(_SC_OPEN_MAX);

	if ((keep <= first || !syscall(SYS_close_range, first, keep - 1, 0)) &&
	    !syscall(SYS_close_range, keep + 1, ~0U, 0))
		return;
	for (unsigned fd = first; fd < (unsigned)(most > 0 ? most : 1024); fd++) {
		if (fd != keep)
			close((int)fd);
	}
}

/* Signals as a fresh program expects them. */
static void reset_signals(void)
{
	sigset_t none;

	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: becomes the program, or tells why not. Only async-signal-safe calls. */
static void become(const struct detached *p, int null, int log, int report)
{
	int err;

	setsid();
	reset_signals();
	umask(077);
	if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || chdir("/"))
		goto fail;
	if (p->master &&
	    (dup2(p->slave, 0) < 0 || dup2(p->slave, 1) < 0 || ioctl(0, TIOCSCTTY, 0) ||
	     dup2(p->master, PTY_HELD) < 0))
		goto fail;
	close_others(p->master ? PTY_HELD + 1 : 3, (unsigned)report);
	execve(p->path, p->argv, p->environment);
fail:
	err = errno;
	/* whoever reads finds an end of file where this fails */
	if (write(report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* A descriptor above those that the program gets, even where ours are closed. */
static int raise_fd(int fd)
{
	int raised = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, PTY_HELD + 1), err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
	return raised;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* The errno that the child could not become the program by; 0: it did. */
static int hear(int fd)
{
	int err = 0;
	ssize_t n;

	do {
		n = read(fd, &err, sizeof(err));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(err) ? err : 0;
}

static int start(const struct detached *p, int null, int log, struct proc *proc, struct fault *f)
{
	int plain[2], ends[2], err;
	pid_t pid;

	if (pipe2(plain, O_CLOEXEC))
		return fault_set(f, errno, "cannot start \"%s\": %s", p->path, strerror(errno));
	ends[0] = raise_fd(plain[0]);
	ends[1] = raise_fd(plain[1]);
	pid = ends[0] < 0 || ends[1] < 0 ? -1 : fork();
	if (!pid)
		become(p, null, log, ends[1]);
	err = pid < 0 ? errno : 0;
	close_fd(ends[1]);
	if (!err)
		err = hear(ends[0]);
	close_fd(ends[0]);
	if (err && pid > 0)
		waitpid(pid, NULL, 0);
	if (err && pid > 0)
		return process_cannot_run(p->path, err, f);
	if (err)
		return fault_set(f, err, "cannot start \"%s\": %s", p->path, strerror(err));
	/* one that has ended already is told by its absence later */
	if (proc_identify(pid, proc))
		*proc = (struct proc){.pid = pid};
	return 0;
}

int detach(const struct detached *p, struct proc *proc, struct fault *f)
{
	int null, log, err;

	log = raise_fd(open(p->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
	if (log < 0)
		return fault_set(f, errno, "cannot write \"%s\": %s", p->log, strerror(errno));
	null = raise_fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
	if (null < 0)
		err = fault_set(f, errno, "cannot open /dev/null: %s", strerror(errno));
	else
		err = start(p, null, log, proc, f);
	close_fd(null);
	close(log);
	return err;
}
