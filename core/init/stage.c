/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * File systems and the machine's end: see stage.h. Defined by: mount(2), umount(2), reboot(2),
 * pid_namespaces(7).
 */
#include "init/stage.h"
#include "base/file.h"
#include "init/init.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOUNTS_MAX = 65536 };

static const struct file_system {
	const char *type, *where;
	unsigned long flags;
	const char *options;
} file_systems[] = {
	{"devtmpfs", "/dev", MS_NOSUID, "mode=0755"},
	{"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	{"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	{"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755"},
};

/* The machine is ours, and not only a namespace of it. */
static bool whole_machine;
/* What is mounted is ours to take off. */
static bool mounts_are_ours;

/*
 * In a namespace of processes reboot(2) only knows how to end it, and refuses this. For the machine
 * it makes Ctrl-Alt-Del a signal to us, in place of a reset without warning.
 */
static bool is_whole_machine(void)
{
	return !reboot(RB_DISABLE_CAD);
}

static bool is_mounted(const char *path)
{
	struct stat here, root;

	return !stat(path, &here) && !stat("/", &root) && here.st_dev != root.st_dev;
}

static void mount_one(const struct file_system *fs)
{
	if (mkdir(fs->where, 0755) && errno != EEXIST && errno != EROFS)
		init_tell("the folder %s cannot be made: %s", fs->where, strerror(errno));
	if (is_mounted(fs->where))
		return;
	if (mount(fs->type, fs->where, fs->type, fs->flags, fs->options) && errno != EBUSY)
		init_tell("%s cannot be mounted on %s: %s", fs->type, fs->where, strerror(errno));
}

void stage_set(void)
{
	whole_machine = is_whole_machine();
	mounts_are_ours = whole_machine ||
			  (!unshare(CLONE_NEWNS) &&
			   !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (!mounts_are_ours) {
		init_tell("nothing is mounted: no namespace for mounts can be had: %s",
			  strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++)
		mount_one(&file_systems[i]);
}

/* A line of /proc/mounts: DEVICE FOLDER TYPE …; those above stand in lines below. */
static void take_off(char *line)
{
	const char *where;

	strsep(&line, " ");
	where = strsep(&line, " ");
	/* the one that cannot be taken off is at least clean on its disk */
	if (where && strcmp(where, "/") && umount(where) && whole_machine)
		mount(NULL, where, NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

static void take_off_all(void)
{
	char *text, *end;

	if (file_read("/proc/mounts", MOUNTS_MAX, &text, NULL, NULL))
		return;
	end = text + strlen(text);
	while (end > text) {
		*--end = '\0';
		while (end > text && end[-1] != '\n')
			end--;
		take_off(end);
	}
	free(text);
}

int stage_end(enum stage_end how)
{
	static const int commands[] = {
		[STAGE_POWEROFF] = RB_POWER_OFF, [STAGE_REBOOT] = RB_AUTOBOOT,
		[STAGE_HALT] = RB_HALT_SYSTEM,
	};

	sync();
	if (mounts_are_ours)
		take_off_all();
	reboot(commands[how]);
	return -errno;
}
