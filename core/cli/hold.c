/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds a console. See hold.h. Defined by: proc(5). */
#include "cli/hold.h"
#include "base/fault.h"
#include "engine/lock.h"
#include "model/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = NAME_LENGTH_MAX + 16, PROC_MAX = 2048, STARTED = 22 };

static void name_of(const char *machine, char name[NAME_MAX_BYTES])
{
	snprintf(name, NAME_MAX_BYTES, "console %s", machine);
}

/* What a file of a process says; "" where that cannot be seen. */
static void read_proc(pid_t pid, const char *name, char text[PROC_MAX])
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, PROC_MAX - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
}

/* When it began, in seconds since 1970; 0 where that cannot be told. */
static time_t begin_of(pid_t pid)
{
	struct timespec now, up;
	char text[PROC_MAX];
	const char *p;

	read_proc(pid, "stat", text);
	/* the second field is in parentheses, and may have anything in it */
	p = strrchr(text, ')');
	for (int field = 2; p && field < STARTED; field++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	if (!p || clock_gettime(CLOCK_REALTIME, &now) || clock_gettime(CLOCK_BOOTTIME, &up))
		return 0;
	return now.tv_sec - up.tv_sec +
	       (time_t)(strtoull(p, NULL, 10) / (unsigned long)sysconf(_SC_CLK_TCK));
}

/* Not the owner of its folder: that is root for a process that has read a password. */
static bool user_of(pid_t pid, uid_t *uid)
{
	static const char field[] = "\nUid:";
	char text[PROC_MAX];
	const char *p;

	read_proc(pid, "status", text);
	p = strstr(text, field);
	if (p)
		*uid = (uid_t)strtoul(p + strlen(field), NULL, 10);
	return p;
}

/* "12:03:11", with the day where it was not today. */
static void print_time(time_t when, char *text, size_t size)
{
	time_t now = time(NULL);
	struct tm then, today;

	localtime_r(&when, &then);
	localtime_r(&now, &today);
	strftime(text, size, then.tm_yday == today.tm_yday && then.tm_year == today.tm_year ?
		 "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then);
}

static int tell_holder(pid_t pid, struct fault *f)
{
	const struct passwd *user;
	char since[64] = "";
	time_t begin;
	uid_t uid;

	if (pid <= 0 || !user_of(pid, &uid))
		return fault_set(f, EBUSY, "a process that cannot be seen from here has it: only "
				 "the server (stoker daemon) lets several in");
	begin = begin_of(pid);
	if (begin) {
		memcpy(since, " since ", sizeof(" since "));
		print_time(begin, since + strlen(since), sizeof(since) - strlen(since));
	}
	user = getpwuid(uid);
	return fault_set(f, EBUSY, "%s (uid %lu, process %ld) has it%s: only the server (stoker "
			 "daemon) lets several in, or takes it from one",
			 user ? user->pw_name : "another user", (unsigned long)uid, (long)pid,
			 since);
}

int hold_take(const char *machine, struct fault *f)
{
	char name[NAME_MAX_BYTES];
	pid_t holder;
	int err;

	name_of(machine, name);
	err = lock_try(name, &holder, f);
	return err == -EAGAIN ? tell_holder(holder, f) : err;
}

void hold_release(const char *machine)
{
	char name[NAME_MAX_BYTES];

	name_of(machine, name);
	lock_release(name);
}
