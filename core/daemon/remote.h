/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of the console server: its consoles as consoles like any other, and what it is
 * told. A build without the server has of it what others call: it finds no server.
 */
#ifndef DAEMON_REMOTE_H
#define DAEMON_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

struct fault;
struct step;

enum remote_mode {
	REMOTE_WRITE,		/* alone: -EBUSY while somebody else writes */
	REMOTE_JOIN,		/* beside those who write already */
	REMOTE_STEAL,		/* in place of them: their consoles end with -ESTALE */
	REMOTE_MONITOR,		/* only look */
};

/*
 * The path of the control socket: in STOKER_RUN, else in /run/stoker where there is one, else in
 * $XDG_RUNTIME_DIR/stoker. path: room for PATH_MAX bytes. -errno with a sentence.
 */
int control_path(char *path, size_t size, struct fault *f);
/* Whether a server listens there; false also where we may not connect. */
bool control_is_there(void);
/*
 * A connection to it: a descriptor, non-blocking. -ECONNREFUSED: there is no server; other errnos;
 * each with a sentence.
 */
int control_connect(struct fault *f);

/*
 * A console of the server, for console_open_by: "write rack01", "join rack01", "steal rack01",
 * "monitor rack01". All of enum console_request are answered. It opens when the server has the
 * line; where that takes long or fails, and the server goes on trying, it opens with a note. It
 * closes with -EBUSY: others write; -ESTALE: it was taken away; -EACCES: it may not be watched, or
 * written to; -EPIPE: the server has ended; else with what the server's own console closed with.
 */
extern const struct console_ops remote_console_ops;

/*
 * Tells a running server that these machines have just been switched on (or reset, or cycled): it
 * opens their consoles at once. Best effort, waits for nothing; without a server nothing happens.
 */
void control_tell_powered(const char *const *machines, size_t n);
/*
 * The same for a step of a plan that is done, if it has switched its machine on; of one that was to
 * put it down the server is told so that it does not start it again.
 */
void control_tell_step(const struct step *step);

#endif
