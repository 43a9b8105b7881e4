/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A clock under the test's control, linked in place of libc's by --wrap. See fakeclock.h. */
#include "fakeclock.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>

static const int64_t start_ns = 1000000000000000000;

static bool faked;
static int64_t now_ns;

int __real_clock_gettime(clockid_t id, struct timespec *ts);
int __real_epoll_wait(int fd, struct epoll_event *events, int max, int timeout);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __real_gettimeofday(struct timeval *tv, void *zone);
int __wrap_gettimeofday(struct timeval *tv, void *zone);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout);

void fakeclock_start(void)
{
	faked = true;
	now_ns = start_ns;
}

void fakeclock_stop(void)
{
	faked = false;
}

double fakeclock_now(void)
{
	return (double)(now_ns - start_ns) / 1e9;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!faked)
		return __real_clock_gettime(id, ts);
	ts->tv_sec = now_ns / 1000000000;
	ts->tv_nsec = now_ns % 1000000000;
	return 0;
}

int __wrap_gettimeofday(struct timeval *tv, void *zone)
{
	if (!faked)
		return __real_gettimeofday(tv, zone);
	tv->tv_sec = now_ns / 1000000000;
	tv->tv_usec = now_ns % 1000000000 / 1000;
	return 0;
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	int n;

	if (!faked)
		return __real_epoll_wait(fd, events, max, timeout);
	n = __real_epoll_wait(fd, events, max, 0);
	if (n)
		return n;
	if (timeout < 0 || timeout > 3600 * 1000) {
		/* nothing will ever happen: a step that was forgotten */
		fprintf(stderr, "the loop would sleep for ever\n");
		abort();
	}
	/*
	 * libev fires what lies before now: a clock that stands still at a timer's time would stay
	 * there
	 */
	now_ns += (int64_t)timeout * 1000000 + 1000;
	return 0;
}
