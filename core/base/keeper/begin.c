/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a keeper comes to its program: it starts it, or takes it up from one that was killed. Defined
 * by: flock(2), pidfd_getfd(2).
 */
#include "base/crash.h"
#include "base/fault.h"
#include "base/keeper/keep.h"
#include "base/keeper/record.h"
#include "base/offload.h"
#include "base/pty.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_TRIES = 500, LOCK_PAUSE_MS = 20 };

/* Their names stand with a blank before each. */
static unsigned count(const struct buffer *names)
{
	unsigned n = 0;

	for (const char *p = buffer_text(names); (p = strchr(p, ' ')); p++)
		n++;
	return n;
}

/* Here and not where it was asked for: a card that is set anew may take its time. */
static int switch_offloads_off(struct keep *k, struct fault *f)
{
	const char *p = k->interfaces ? k->interfaces : "";
	int err = 0;

	for (int length; !err && *p; p += length + (p[length] == ' ')) {
		struct offloads offloads = {0};
		char name[64];

		length = (int)strcspn(p, " ");
		snprintf(name, sizeof(name), "%.*s", length, p);
		err = offloads_off(name, &offloads, f);
		if (!err && offloads.on.length)
			keep_report(k, "note %s: %u offloads switched off",
				    name, count(&offloads.on));
		if (!err && offloads.fixed.length)
			keep_report(k, "note %s: offloads that are on and cannot be off:%s", name,
			       buffer_text(&offloads.fixed));
		offloads_free(&offloads);
		crash_point("keeper-offloads-off");
	}
	return err;
}

int keep_start(struct keep *k, struct fault *f)
{
	const struct pty_program program = {
		.path = k->path, .argv = k->argv, .environment = environ, .columns = 80, .rows = 24,
		.cooked = true, .holds = true, .detaches = k->detaches,
	};
	int master, err;

	if (k->folder && chdir(k->folder))
		return fault_set(f, errno, "it cannot work in the folder \"%s\": %s", k->folder,
				 strerror(errno));
	err = switch_offloads_off(k, f);
	if (err)
		return err;
	err = pty_run(&program, &master, &k->first, f);
	if (err)
		return err;
	crash_point("keeper-started");
	keep_watch_child(k, k->first);
	line_start(&k->terminal, master, false);
	/* one that has ended already is met by its end */
	if (proc_identify(k->first, &k->record.program))
		k->record.program = (struct proc){.pid = k->first};
	return 0;
}

/* The other end of its terminal, which it holds for whoever comes after a keeper's death. */
static int take_terminal(const struct proc *program)
{
	int process = proc_open(program), fd, err = 0;
	char link[64], wanted[64], name[64];
	unsigned number;
	ssize_t n;

	if (process < 0)
		return process;
	fd = (int)syscall(SYS_pidfd_getfd, process, PTY_HELD, 0);
	err = fd < 0 ? -errno : 0;
	close(process);
	if (err)
		return err;
	/* it may be any file of one that was started otherwise */
	snprintf(link, sizeof(link), "/proc/%ld/fd/0", (long)program->pid);
	n = readlink(link, name, sizeof(name) - 1);
	if (n > 0 && !ioctl(fd, TIOCGPTN, &number)) {
		name[n] = '\0';
		snprintf(wanted, sizeof(wanted), "/dev/pts/%u", number);
		if (!strcmp(name, wanted))
			return fd;
	}
	close(fd);
	return -ENOTTY;
}

void keep_adopt(struct keep *k)
{
	int master = k->given ? KEEPER_GIVEN : take_terminal(&k->record.program);

	k->adopted = true;
	k->line_lost = true;
	if (master >= 0)
		line_start(&k->terminal, master, false);
	else if (!k->detaches)
		keep_report(k, "note its terminal is lost: %s", strerror(-master));
	keep_watch_stranger(k);
}

int keep_lock(struct keep *k, struct fault *f)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
	struct keeper_record other;
	int fd = openat(k->run_folder, "keeper.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			0600);

	if (fd < 0)
		return fault_set(f, errno, "cannot make \"%s/keeper.lock\": %s", k->run,
				 strerror(errno));
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
		/* one that is being killed looks alive for a moment, and lets the lock go then */
		bool runs = i > 1 && !keeper_read(k->run, &other, NULL) &&
			    proc_look(&other.program) != PROC_GONE &&
			    proc_look(&other.keeper) != PROC_GONE;

		if (runs) {
			k->record = other;
			keep_report_on(k);
			return 1;
		}
		if (i == LOCK_TRIES)
			return fault_set(f, EBUSY, "another keeper holds \"%s/keeper.lock\" and "
					 "comes to no end", k->run);
		nanosleep(&pause, NULL);
	}
	/* what a keeper has started that was killed since is taken up, not started again */
	if (!k->record.program.pid && !keeper_read(k->run, &other, NULL) &&
	    proc_look(&other.program) != PROC_GONE)
		k->record.program = other.program;
	return 0;
}
