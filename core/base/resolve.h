/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks names up without blocking the event loop: getaddrinfo in a few threads of its own. */
#ifndef BASE_RESOLVE_H
#define BASE_RESOLVE_H

struct ev_loop;
struct fault;
struct resolve;
struct sockaddr_storage;

/*
 * Told how a look-up ended. err 0: address is the first that was found, with port 0. Otherwise err
 * is a negative errno (-ENOENT: there is no such name; -EAGAIN: the name server does not answer; …)
 * and the sentence says why. Address and sentence are gone when it returns. The handle is already
 * free: it must not be cancelled any more.
 */
typedef void resolve_fn(void *data, int err, const struct sockaddr_storage *address,
			const char *sentence);

/*
 * Begins to look up a host name or address (IPv6 with an optional %interface). family: AF_INET,
 * AF_INET6, or AF_UNSPEC for either. done is called once, later from the loop, never from in here;
 * that the name is unknown is told there too. Look-ups of the same name that are under way share
 * one query. All that are under way at a time are on the same loop. -ENOMEM or -EAGAIN with a
 * sentence; then done is not called.
 */
int resolve_start(struct ev_loop *loop, const char *host, int family, resolve_fn *done, void *data,
		  struct resolve **handle, struct fault *f);

/* done will not be called; handle is free. */
void resolve_cancel(struct resolve *handle);

/* Drops all that is under way without telling, and ends the threads that wait for work. */
void resolve_quit(void);

#endif
