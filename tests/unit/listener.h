/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A UNIX socket in a folder of the test's own, where the test answers what the code under test asks. */
#ifndef TEST_LISTENER_H
#define TEST_LISTENER_H

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char listener_folder[] = "/tmp/stoker_test.XXXXXX", listener_path[64];
static int listener, peer; /* peer: who has connected, behind listener_accept */

static inline int listener_group_setup(void **state)
{
	(void)state;
	if (!mkdtemp(listener_folder))
		return -1;
	snprintf(listener_path, sizeof(listener_path), "%s/socket", listener_folder);
	return 0;
}

static inline int listener_group_teardown(void **state)
{
	(void)state;
	return rmdir(listener_folder);
}

/* false: it cannot be made */
static inline bool listener_start(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strcpy(address.sun_path, listener_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return !bind(listener, (struct sockaddr *)&address, sizeof(address)) &&
	       !listen(listener, 1);
}

static inline bool listener_accept(void)
{
	peer = accept(listener, NULL, NULL);
	return peer >= 0;
}

static inline int listener_stop(void)
{
	close(peer);
	close(listener);
	return unlink(listener_path);
}

#endif
