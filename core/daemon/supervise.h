/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests that are started again when they end: `restart = always`, `restart = on-failure`. */
#ifndef DAEMON_SUPERVISE_H
#define DAEMON_SUPERVISE_H

#include <stdbool.h>

struct fault;
struct machine;
struct server;

/*
 * Begins to look at the guests that have a key `restart`; what has been seen running, and ended
 * without having been told to by us, is started again. 0 or -ENOMEM with a sentence.
 */
int supervise_start(struct server *server, struct fault *f);
/* One was put down on purpose: it stays down until it is seen running again. */
void supervise_downed(struct server *server, const struct machine *machine);
/* Nothing new begins; what goes on is told to stop. */
void supervise_end(struct server *server);
/* Whether something still goes on. */
bool supervise_is_busy(const struct server *server);
/* After the loop has ended. */
void supervise_stop(struct server *server);

#endif
