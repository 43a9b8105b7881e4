/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console: see console.h. Defined by: console_ioctl(4), tty_ioctl(4).
 *
 * PID 1 leads the session, and not the programs that it runs: when a leader ends, the kernel hangs
 * its terminal up, and what it said last is lost on a slow line.
 */
#include "init/console.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool is_terminal;

/* Not there, or /dev/null, which is opened early on where it is not there. */
static bool leads_nowhere(int fd)
{
	struct stat st;

	return fstat(fd, &st) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

void init_console_open(void)
{
	int fd;

	if (leads_nowhere(1) && leads_nowhere(2)) {
		fd = open("/dev/console", O_RDWR | O_NOCTTY);
		for (int i = 0; i < 3 && fd >= 0; i++)
			dup2(fd, i);
		if (fd > 2)
			close(fd);
	}
	setsid();
	ioctl(0, TIOCSCTTY, 0);
	is_terminal = !tcgetattr(0, &before);
}

void console_hand_over(void)
{
	setpgid(0, 0);
	tcsetpgrp(0, getpid());
}

void console_restore(void)
{
	if (is_terminal)
		tcsetattr(0, TCSADRAIN, &before);
}
