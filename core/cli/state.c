/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker state: where the program keeps what must survive, and a disk for it. Images find such a
 * disk by its label. Defined by: mount(2), statfs(2), open(2) (O_EXCL on block devices).
 */
#include "base/fault.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define STATE_LABEL "STOKER-STATE"

enum {
	LOOK_BYTES = 128 << 10,	/* where file systems and partition tables have their marks */
	LEAST_BYTES = 1 << 20,	/* a device smaller than this has no room for a file system */
	KEEP_BYTES = 2048,	/* of what a program says */
};

static bool force;

static int set_force(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	force = true;
	return 0;
}

/* Whether what is written there is gone with the next power-off. */
static bool in_memory(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static int show(const char *folder)
{
	struct statfs fs;

	if (statfs(folder, &fs))
		return usage_error("state: \"%s\": %s", folder, strerror(errno));
	printf("%s: %s, %ju MB free\n", folder,
	       in_memory(folder) ? "in memory: lost when this machine goes off" : "on a disk",
	       (uintmax_t)fs.f_bavail * (uintmax_t)fs.f_bsize >> 20);
	return 0;
}

/* --- the device ------------------------------------------------------------------------------ */

/* Whether its first bytes are all the same 0x00 or 0xff: nothing is on it. -errno. */
static int is_blank(int fd)
{
	static unsigned char bytes[LOOK_BYTES];
	ssize_t got = pread(fd, bytes, sizeof(bytes), 0);

	if (got < 0)
		return -errno;
	for (ssize_t i = 1; i < got; i++) {
		if (bytes[i] != bytes[0])
			return 0;
	}
	return !got || bytes[0] == 0x00 || bytes[0] == 0xff;
}

static int check_open(int fd, const char *device, struct fault *f)
{
	struct stat st;
	uint64_t bytes;
	int blank;

	if (fstat(fd, &st) || !S_ISBLK(st.st_mode))
		return fault_set(f, ENOTBLK, "\"%s\" is no disk or partition: write for example "
				 "/dev/sdb1", device);
	if (ioctl(fd, BLKGETSIZE64, &bytes))
		return fault_set(f, errno, "\"%s\": %s", device, strerror(errno));
	if (bytes < LEAST_BYTES)
		return fault_set(f, ENOSPC, "\"%s\" has %ju bytes: 1 MB is the least", device,
				 (uintmax_t)bytes);
	blank = is_blank(fd);
	if (blank < 0)
		return fault_set(f, -blank, "cannot read \"%s\": %s", device, strerror(-blank));
	if (!blank && !force)
		return fault_set(f, EEXIST, "\"%s\" is not blank: --force erases all that is on it",
				 device);
	return 0;
}

/* It is a disk that nobody uses, and blank, or --force was given. */
static int check_device(const char *device, struct fault *f)
{
	int fd = open(device, O_RDWR | O_EXCL | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), err;

	if (fd < 0 && errno == EBUSY)
		return fault_set(f, EBUSY, "\"%s\" is in use: unmount it first", device);
	if (fd < 0)
		return fault_set(f, errno, "cannot open \"%s\": %s", device, strerror(errno));
	err = check_open(fd, device, f);
	close(fd);
	return err;
}

/* --- programs -------------------------------------------------------------------------------- */

struct call {
	const char *name;
	int err;
	struct fault *f;
};

static void on_done(void *data, const struct process_end *end)
{
	struct call *call = data;

	if (!end->status)
		call->err = 0;
	else if (end->signal)
		call->err = fault_set(call->f, EIO, "%s was ended by signal %d", call->name,
				      end->signal);
	else
		call->err = fault_set(call->f, EIO, "%s failed (exit status %d): %s", call->name,
				      end->status, end->output);
}

/* Runs a program to its end. -errno with a sentence, in which what it said stands. */
static int call_program(char *const *argv, struct fault *f)
{
	struct call call = {.name = argv[0], .err = -EIO, .f = f};
	const struct process_options options = {
		.argv = argv, .keep = KEEP_BYTES, .done = on_done, .data = &call,
	};
	struct ev_loop *loop = ev_default_loop(EVFLAG_NOENV);
	struct process *process;
	int err;

	if (!loop)
		return fault_set(f, ENOSYS, "the event loop cannot be made: epoll is missing");
	err = process_start(loop, &options, &process, f);
	if (err)
		return err;
	ev_run(loop, 0);
	return call.err;
}

static bool is_there(const char *program)
{
	char path[PATH_MAX];

	return !process_find(program, path, sizeof(path), NULL);
}

/* ext4, whose journal outlives a power cut; ext2 where only busybox can make it. */
static int make_file_system(char *device, struct fault *f)
{
	char *ext4[] = {"mkfs.ext4", "-q", "-F", "-L", STATE_LABEL, device, NULL};
	char *ext2[] = {"mke2fs", "-F", "-L", STATE_LABEL, device, NULL};

	return call_program(is_there(ext4[0]) ? ext4 : ext2, f);
}

/* --- moving in ------------------------------------------------------------------------------- */

/* Copies what is in the folder now to the new file system, which is mounted aside meanwhile. */
static int copy_state(char *device, const char *folder, struct fault *f)
{
	char aside[PATH_MAX], from[PATH_MAX];
	char *argv[] = {"cp", "-a", from, aside, NULL};
	int err;

	if (snprintf(aside, sizeof(aside), "%s.new", folder) >= (int)sizeof(aside) ||
	    snprintf(from, sizeof(from), "%s/.", folder) >= (int)sizeof(from))
		return fault_set(f, ENAMETOOLONG, "\"%s\" is longer than a path can be", folder);
	err = directory_make(aside, 0700, f);
	if (err)
		return err;
	if (mount(device, aside, "ext4", MS_NOATIME | MS_NOSUID | MS_NODEV, NULL))
		err = fault_set(f, errno, "cannot mount \"%s\": %s: is the module ext4 loaded?",
				device, strerror(errno));
	if (!err) {
		err = call_program(argv, f);
		if (umount2(aside, 0) && !err)
			err = fault_set(f, errno, "cannot unmount \"%s\": %s", aside,
					strerror(errno));
	}
	rmdir(aside);
	return err;
}

static int move_in(char *device, const char *folder, struct fault *f)
{
	int err = copy_state(device, folder, f);

	if (!err && mount(device, folder, "ext4", MS_NOATIME | MS_NOSUID | MS_NODEV, NULL))
		err = fault_set(f, errno, "cannot mount \"%s\" on %s: %s", device, folder,
				strerror(errno));
	return err;
}

static int init(char *device, const char *folder)
{
	struct fault fault;
	int err = check_device(device, &fault);

	if (!err)
		err = make_file_system(device, &fault);
	if (err)
		return usage_error("state: %s", fault.text);
	printf("%s: a file system for the state, label %s\n", device, STATE_LABEL);
	if (!in_memory(folder)) {
		printf("%s is on a disk already and stays there; images use %s from their next "
		       "start on\n", folder, device);
		return 0;
	}
	if (move_in(device, folder, &fault))
		return usage_error("state: %s", fault.text);
	printf("%s is on it from now on, with what was in it: restart `stoker daemon`, where it "
	       "runs\n", folder);
	return 0;
}

static int state_run(struct context *context, int argc, char **argv)
{
	char folder[PATH_MAX];
	struct fault fault;

	(void)context;
	if (argc && (strcmp(argv[0], "init") || argc != 2))
		return usage_error("state: write `stoker state`, or `stoker state init DEVICE`, "
				   "with a partition or disk, for example /dev/sdb1");
	if (state_directory(folder, sizeof(folder), &fault))
		return usage_error("state: %s", fault.text);
	return argc ? init(argv[1], folder) : show(folder);
}

static const struct option_entry state_options[] = {
	{0, "force", NULL, "init: erase what is on the device.", .set = set_force},
	{0},
};
static const struct option_entry *const state_tables[] = {state_options, NULL};

static const struct command state_command = {
	.name = "state",
	.summary = "Where the program's state is, and a disk for it",
	.usage = "[init [--force] DEVICE]",
	.help =
	"Shows the folder of what must survive (saved guests, what worked with which BMC, the\n"
	"inventory), and whether it is on a disk or in memory.\n"
	"\n"
	"`init` makes a file system with the label " STATE_LABEL " on a partition or a whole disk:\n"
	"the images mount the one with this label at their start. A device that is not blank is\n"
	"refused without --force, one that is in use always. Where the state is in memory, it\n"
	"moves to the device at once.",
	.options = state_tables,
	.run = state_run,
};
COMMAND(state_command);
