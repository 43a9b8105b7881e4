/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's modules: see modules.h. Defined by: finit_module(2). */
#include "init/modules.h"
#include "base/fault.h"
#include "base/file.h"
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/module.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LIST_MAX = 65536 };

static const char folder[] = "/lib/modules/";

static int load(const char *path, const char *parameters)
{
	size_t length = strlen(path);
	bool plain = length > 3 && !strcmp(path + length - 3, ".ko");
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	/* one that is built in or was loaded already is there, which is all that is asked */
	if (syscall(SYS_finit_module, fd, parameters, plain ? 0 : MODULE_INIT_COMPRESSED_FILE) &&
	    errno != EEXIST)
		err = errno == ENOENT ? -ENOLINK : -errno;
	close(fd);
	return err;
}

static void load_line(char *line)
{
	char path[256], *word = strsep(&line, " \t\r");
	int err;

	if (!*word || *word == '#')
		return;
	snprintf(path, sizeof(path), "%s%s", *word == '/' ? "" : folder, word);
	err = load(path, line ? line : "");
	if (err)
		init_tell("the module %s cannot be loaded: %s", path,
			  err == -ENOEXEC ? "it is none, or not of this kernel" :
			  err == -ENOLINK ? "a module that it needs does not stand before it" :
			  strerror(-err));
}

void modules_load(void)
{
	struct fault fault;
	char path[sizeof(folder) + 8], *text, *rest;
	int err;

	snprintf(path, sizeof(path), "%slist", folder);
	err = file_read(path, LIST_MAX, &text, NULL, &fault);
	if (err == -ENOENT)
		return;
	if (err) {
		init_tell("no module is loaded: %s", fault.text);
		return;
	}
	for (rest = text; rest;)
		load_line(strsep(&rest, "\n"));
	free(text);
}
