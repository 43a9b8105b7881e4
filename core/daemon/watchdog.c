/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's own watchdog. It is fed by a timer of the loop, and by nothing else, so that it
 * counts down while the loop hangs. A daemon that is killed leaves it counting: the next one has
 * that time to come up. Defined by: Linux, Documentation/watchdog/watchdog-api.rst.
 */
#include "daemon/watchdog.h"
#include "base/fault.h"
#include "base/text.h"
#include "daemon/server.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	TIMEOUT_LEAST_S = 4,
	TIMEOUT_MOST_S = 3600,
	FEEDINGS = 4,		/* within its time: one that comes late is no reset */
	AGAIN_S = 10,		/* when a device that could not be opened is tried again */
};

static int check_device(const char *value, struct fault *f)
{
	if (*value == '/')
		return 0;
	return fault_set(f, EINVAL, "\"%s\" is no device's path: write for example /dev/watchdog",
			 value);
}

static int check_timeout(const char *value, struct fault *f)
{
	uint64_t ms;
	int err = duration_parse(value, &ms, f);

	if (err || (ms >= TIMEOUT_LEAST_S * 1000 && ms <= TIMEOUT_MOST_S * 1000))
		return err;
	return fault_set(f, EINVAL, "\"%s\" is no time for a watchdog: write one from %ds to %ds",
			 value, TIMEOUT_LEAST_S, TIMEOUT_MOST_S);
}

static const struct key key_watchdog = {
	.name = "watchdog", .type = KEY_TEXT, .flags = KEY_GLOBAL, .check = check_device,
	.help = HELP("The watchdog of the machine that `stoker daemon` runs on, /dev/watchdog: the "
		"daemon feeds it, and it resets the machine when the daemon hangs, or ends and "
		"does not come back. Without it no watchdog is opened."),
};
static const struct key key_timeout = {
	.name = "watchdog-timeout", .type = KEY_TIME, .flags = KEY_GLOBAL, .def = "60s",
	.check = check_timeout,
	.help = HELP("How long the daemon may hang before the watchdog resets the machine: 4s to "
		"3600s. Hardware that cannot do this takes the nearest that it can."),
};

static const struct key *const keys[] = {&key_watchdog, &key_timeout, NULL};
static const struct key_set watchdog_key_set = {.title = "Watchdog", .keys = keys};
KEY_SET(watchdog_key_set);

struct watchdog {
	struct ev_loop *loop;
	const char *path;	/* the model's */
	int wanted_s;
	int fd;			/* -1: not open */
	int told;		/* the errno that was told last */
	ev_timer timer;
};

/* --- the device ------------------------------------------------------------------------------ */

static void run_timer(struct watchdog *w, double seconds)
{
	ev_timer_stop(w->loop, &w->timer);
	ev_timer_set(&w->timer, seconds, seconds);
	ev_timer_start(w->loop, &w->timer);
}

/* The seconds that it resets after, as it took them; -errno: it is no watchdog, or has no time. */
static int set_timeout(int fd, int wanted_s)
{
	struct watchdog_info info;
	int seconds = wanted_s;

	if (ioctl(fd, WDIOC_GETSUPPORT, &info))
		return -errno;
	/* one whose time cannot be set tells it */
	if (ioctl(fd, WDIOC_SETTIMEOUT, &seconds) && ioctl(fd, WDIOC_GETTIMEOUT, &seconds))
		return -errno;
	return seconds > 0 ? seconds : -EINVAL;
}

static void tell_once(struct watchdog *w, int err)
{
	if (w->told == err)
		return;
	w->told = err;
	if (err == EBUSY)
		server_tell(NULL, "watchdog: \"%s\" is fed by another program: it is tried again "
			    "every %d s", w->path, AGAIN_S);
	else if (err == ENOTTY)
		server_tell(NULL, "watchdog: \"%s\" is no watchdog: write watchdog = \"/dev/"
			    "watchdog\", or none", w->path);
	else
		server_tell(NULL, "watchdog: cannot open \"%s\": %s: is its module loaded? It is "
			    "tried again every %d s", w->path, strerror(err), AGAIN_S);
}

static void try_open(struct watchdog *w)
{
	int fd = open(w->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int seconds = fd < 0 ? -errno : set_timeout(fd, w->wanted_s);

	if (seconds < 0) {
		if (fd >= 0)
			close(fd);
		tell_once(w, -seconds);
		run_timer(w, AGAIN_S);
		return;
	}
	w->fd = fd;
	w->told = 0;
	server_tell(NULL, "watchdog: %s resets this machine when the daemon hangs for %d s",
		    w->path, seconds);
	run_timer(w, (double)seconds / FEEDINGS);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct watchdog *w = timer->data;

	(void)loop, (void)events;
	if (w->fd < 0)
		try_open(w);
	else if (ioctl(w->fd, WDIOC_KEEPALIVE, 0))
		tell_once(w, errno);
}

/* --- beginning and end ----------------------------------------------------------------------- */

struct watchdog *watchdog_start(struct ev_loop *loop, const struct model *model)
{
	const char *path = model_value(model, &key_watchdog);
	struct watchdog *w = path ? calloc(1, sizeof(*w)) : NULL;
	uint64_t ms;

	if (!w)
		return NULL;
	w->loop = loop;
	w->path = path;
	w->fd = -1;
	w->wanted_s = 60;
	if (!duration_parse(model_value(model, &key_timeout), &ms, NULL))
		w->wanted_s = (int)((ms + 999) / 1000);
	ev_init(&w->timer, on_timer);
	w->timer.data = w;
	try_open(w);
	return w;
}

void watchdog_stop(struct watchdog *w)
{
	if (!w)
		return;
	ev_timer_stop(w->loop, &w->timer);
	if (w->fd >= 0) {
		/* the magic close: without it the device goes on counting */
		if (write(w->fd, "V", 1) != 1)
			server_tell(NULL, "watchdog: %s cannot be stopped, and resets this machine "
				    "unless it is fed", w->path);
		close(w->fd);
	}
	free(w);
}
