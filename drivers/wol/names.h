/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Host names that packets go to: each is looked up once for all machines that name it. */
#ifndef WOL_NAMES_H
#define WOL_NAMES_H

#include "queue.h"

#include <sys/socket.h>

struct ev_loop;
struct fault;

/*
 * The address of a host name. -EINPROGRESS: the waiter is woken when it is known (ask again then),
 * or leaves with waiter_leave. Otherwise -errno with a sentence.
 */
int name_find(struct ev_loop *loop, const char *host, struct waiter *waiter,
	      struct sockaddr_storage *address, struct fault *f);
/* Forgets all names and ends what is under way. */
void names_forget(void);

#endif
