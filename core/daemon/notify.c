/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tells a service manager how it goes. See server.h. Defined by: sd_notify(3), NOTIFY_SOCKET;
 * sd_watchdog_enabled(3), WATCHDOG_USEC, WATCHDOG_PID.
 */
#include "daemon/server.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_manager(const char *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;
	int fd;

	if (!length || length >= sizeof(address.sun_path) || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, length);
	/* a name that begins so lies in no folder */
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		server_tell(NULL, "cannot tell the service manager at \"%s\"", path);
	close(fd);
}

/* Whether the manager waits for signs of life, and for ours: the longest time between two. */
static bool is_watched(double *seconds)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t value;

	if (!usec || number_parse(usec, "WATCHDOG_USEC", 1, UINT64_MAX / 2, &value, NULL))
		return false;
	*seconds = (double)value / 1e6;
	return !pid || (!number_parse(pid, "WATCHDOG_PID", 1, INT32_MAX, &value, NULL) &&
			value == (uint64_t)getpid());
}

static void on_beat(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)timer, (void)events;
	notify_manager("WATCHDOG=1");
}

void notify_begin(struct server *server)
{
	double seconds;

	ev_timer_init(&server->beat, on_beat, 0, 0);
	if (!is_watched(&seconds))
		return;
	/* three within its time: one that comes late is no end */
	ev_timer_set(&server->beat, seconds / 3, seconds / 3);
	ev_timer_start(server->loop, &server->beat);
}

void notify_end(struct server *server)
{
	ev_timer_stop(server->loop, &server->beat);
}
