/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The medium with the configuration: see medium.h. Defined by: sysfs (/sys/class/block), mount(2),
 * /proc/filesystems.
 */
#include "init/medium.h"
#include "base/fault.h"
#include "base/file.h"
#include "init/init.h"
#include "init/label.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Disks on USB need seconds until they are there. */
enum { PATIENCE_MS = 20000, LOOK_EACH_MS = 100, LIST_MAX = 16384 };

static const char place[] = "/run/medium", own_label[] = "STOKER", by_label[] = "LABEL=";

static bool has_label(const char *device, const char *label)
{
	static uint8_t head[LABEL_HEAD];
	char has[LABEL_SIZE];
	int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return false;
	n = pread(fd, head, sizeof(head), 0);
	close(fd);
	label_read(head, n > 0 ? (size_t)n : 0, has);
	return !strcmp(has, label);
}

/* A partition before the whole disk, which begins with the same bytes on a hybrid stick. */
static bool find_label(const char *label, char *device)
{
	DIR *folder = opendir("/sys/class/block");
	size_t longest = 0;
	struct dirent *e;
	char path[PATH_MAX];

	if (!folder)
		return false;
	while ((e = readdir(folder))) {
		size_t length = strlen(e->d_name);

		snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		if (e->d_name[0] == '.' || length <= longest || !has_label(path, label))
			continue;
		strcpy(device, path);
		longest = length;
	}
	closedir(folder);
	return longest;
}

/* By each kind of file system that the kernel knows and that wants a device. */
static int mount_medium(const char *device, struct fault *f)
{
	char *text, *rest, *line;
	int err = file_read("/proc/filesystems", LIST_MAX, &text, NULL, f), last = -ENODEV;

	if (err)
		return err;
	mkdir(place, 0755);
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (*line != '\t')
			continue;
		if (!mount(device, place, line + 1, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
			break;
		if (errno != EINVAL)
			last = -errno;
	}
	free(text);
	return line ? 0 : fault_set(f, -last, "%s cannot be mounted: %s: it has no file system that "
				    "this kernel knows; modules for one belong into /lib/modules/list",
				    device, strerror(-last));
}

/* Waits for the device that is meant. */
static bool await_device(const char *name, int64_t wait_ms, char *device)
{
	bool labelled = !strncmp(name, by_label, sizeof(by_label) - 1);
	int64_t end = init_now_ms() + wait_ms;

	for (;;) {
		struct stat st;

		if (labelled ? find_label(name + sizeof(by_label) - 1, device) :
		    !stat(name, &st) && S_ISBLK(st.st_mode)) {
			if (!labelled)
				snprintf(device, PATH_MAX, "%s", name);
			return true;
		}
		if (init_now_ms() >= end)
			return false;
		poll(NULL, 0, LOOK_EACH_MS);
	}
}

/* The one that was not asked for: none is no error, and one that cannot be read is only told. */
static void find_own(char *path)
{
	char device[PATH_MAX];
	struct fault fault;
	int err;

	*path = '\0';
	if (!find_label(own_label, device))
		return;
	err = mount_medium(device, &fault);
	if (err)
		init_tell("%s", fault.text);
	snprintf(path, PATH_MAX, "%s/stoker.conf", place);
	if (err || access(path, F_OK))
		*path = '\0';
}

int medium_find(const char *conf, char *path, struct fault *f)
{
	const char *colon = conf ? strchr(conf, ':') : NULL;
	char name[PATH_MAX], device[PATH_MAX];
	int err;

	if (!conf) {
		find_own(path);
		return 0;
	}
	if (!colon) {
		snprintf(path, PATH_MAX, "%s", conf);
		return 0;
	}
	/* both "sda1" and "/dev/sda1" */
	snprintf(name, sizeof(name), "%s%.*s",
		 *conf == '/' || !strncmp(conf, by_label, sizeof(by_label) - 1) ? "" : "/dev/",
		 (int)(colon - conf), conf);
	if (!await_device(name, PATIENCE_MS, device))
		return fault_set(f, ENOENT, "stoker.conf=%s: there is no device %s, after %d s: its "
				 "driver's module has to be in /lib/modules/list", conf, name,
				 PATIENCE_MS / 1000);
	err = mount_medium(device, f);
	if (err)
		return err;
	snprintf(path, PATH_MAX, "%s/%s", place, colon + 1 + strspn(colon + 1, "/"));
	if (access(path, R_OK))
		return fault_set(f, errno, "stoker.conf=%s: %s has no such file: %s", conf, device,
				 strerror(errno));
	return 0;
}
