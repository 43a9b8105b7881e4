/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's socket, and the lock that says whose it is. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

struct fault;
struct server;

/*
 * Takes the run directory's lock, puts the socket there, in place of one that a killed server left,
 * and takes connections. -EAGAIN: a server runs already, the sentence says which process; -errno.
 */
int listen_begin(struct server *server, struct fault *f);
/* Takes no more connections, and removes the socket. Twice is fine. */
void listen_end(struct server *server);
/* The next server may begin. */
void listen_unlock(struct server *server);

#endif
