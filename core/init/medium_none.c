/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In this build a configuration is a file of the initramfs. See medium.h. */
#include "base/fault.h"
#include "init/medium.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int medium_find(const char *conf, char *path, struct fault *f)
{
	if (conf && strchr(conf, ':'))
		return fault_set(f, ENOSYS, "stoker.conf=%s: not in this build: enable "
				 "CONFIG_INIT_MEDIUM, or name a file of the initramfs", conf);
	snprintf(path, PATH_MAX, "%s", conf ? conf : "");
	return 0;
}
