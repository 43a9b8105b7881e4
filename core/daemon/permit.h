/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is at the other end of a socket, and what the configuration lets him do. */
#ifndef DAEMON_PERMIT_H
#define DAEMON_PERMIT_H

#include "base/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fault;
struct key;
struct machine;

enum { PEER_NAME_MAX = 33 };

struct peer {
	uid_t uid;
	pid_t pid;
	gid_t *groups;			/* his own and all others */
	size_t ngroups;
	char name[PEER_NAME_MAX];	/* "" where the system has none for his uid */
};

/* Asks the kernel about the other end. -errno. Groups are to be freed by peer_free. */
int peer_read(int fd, struct peer *peer);
void peer_free(struct peer *peer);
/* "alice (uid 1000, process 4711)" */
void peer_print(const struct peer *peer, char *text, size_t size);

/* Who is in one list of names; those that are equal share one. */
struct permit;

/* Start with {0}. */
struct permits {
	struct table by_text;
	struct permit *first;
};

/*
 * The permit of a machine's key; *permit is NULL where it is not set. -ENOENT with a sentence that
 * quotes the user or group that the system does not have.
 */
int permit_of(struct permits *permits, const struct machine *machine, const struct key *key,
	      const struct permit **permit, struct fault *f);
/* permit may be NULL; root and our own user always may. */
bool permit_has(const struct permit *permit, const struct peer *peer);
/* The names of the list: "alice, @ops"; of NULL "nobody". */
const char *permit_text(const struct permit *permit);
void permits_free(struct permits *permits);

#endif
