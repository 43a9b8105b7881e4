/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a bare kernel to the job: see prepare.h. */
#include "init/prepare.h"
#include "base/fault.h"
#include "base/text.h"
#include "config/INIT_LINK_WAIT.h"
#include "init/dhcp.h"
#include "init/init.h"
#include "init/links.h"
#include "init/medium.h"
#include "init/modules.h"
#include "init/setting.h"
#include "init/words.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is missing is told and no more: the job may need none of it, and says what it lacks. */
static void set_network(const struct setting_wish *wish)
{
	struct link link;
	struct fault fault;
	int err = links_up(wish->device, CONFIG_INIT_LINK_WAIT * 1000, &link, &fault);

	if (!err)
		err = wish->dhcp ? dhcp_set(&link, &wish->setting, &fault) :
				   setting_apply(&wish->setting, &link, &fault);
	if (err)
		init_tell("%s", fault.text);
}

static int become(char **argv)
{
	execv("/proc/self/exe", argv);
	/* without /proc: the kernel's own name for it */
	execv("/init", argv);
	init_tell("/init cannot be run: %s", strerror(errno));
	return PREPARE_NOT_RUN;
}

static int run_job(const char *command)
{
	struct fault fault;
	char **words, **argv;
	size_t n;

	if (words_split(command, &words, &n, &fault)) {
		init_tell("stoker.run: %s", fault.text);
		return PREPARE_WRONG;
	}
	argv = calloc(n + 2, sizeof(*argv));
	if (!argv) {
		init_tell("out of memory");
		return PREPARE_NOT_RUN;
	}
	argv[0] = (char *)"stoker";
	/* some write it as they would type it */
	n = n && !strcmp(words[0], argv[0]);
	for (size_t i = 1; words[n]; i++)
		argv[i] = words[n++];
	return become(argv);
}

/*
 * What lies beside the image on its boot medium: systemd's stub brings IMAGE.efi.extra.d/ and
 * /loader/credentials/, systemd-stub(7).
 */
static void find_beside(char path[PATH_MAX])
{
	static const char *const names[] = {
		"/.extra/credentials/stoker.conf.cred", "/.extra/global_credentials/stoker.conf.cred",
	};

	for (size_t i = 0; !*path && i < sizeof(names) / sizeof(names[0]); i++) {
		if (!access(names[i], R_OK))
			strcpy(path, names[i]);
	}
}

int prepare_and_run(const struct words_given *words)
{
	struct setting_wish wish;
	char path[PATH_MAX];
	struct fault fault;

	if (setting_read(words->ip, &wish, &fault)) {
		init_tell("%s", fault.text);
		return PREPARE_WRONG;
	}
	modules_load();
	set_network(&wish);
	if (medium_find(words->conf, path, &fault)) {
		init_tell("%s", fault.text);
		return PREPARE_WRONG;
	}
	find_beside(path);
	if (path[0])
		setenv("STOKER_CONF", path, 1);
	return run_job(words->run);
}
