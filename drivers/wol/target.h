/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a machine's packets go: chosen from its configuration and the interfaces that there are. */
#ifndef WOL_TARGET_H
#define WOL_TARGET_H

#include "base/text.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct fault;
struct interfaces;
struct machine;
struct waiter;

struct target {
	sa_family_t family;		/* AF_INET, AF_INET6; AF_PACKET: a raw frame */
	uint16_t port;			/* of UDP */
	unsigned index;			/* of the interface to go out of; 0: as it is routed */
	/* in network order */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	bool waiting;			/* there was no room for the packet that is being sent */
	bool sent;			/* at least one packet has gone there */
	int err;			/* the last negative errno of one that could not go there */
};

enum { TARGETS_FEW = 3, TARGET_TEXT_SIZE = 96 };

/* Start with {0}. */
struct targets {
	struct target *list;		/* few, while they are */
	size_t n, size;
	struct target few[TARGETS_FEW];
	size_t asked;			/* how many values of wol-to were dealt with */
	int err;			/* the first negative errno among the troubles */
	unsigned troubles;
	struct buffer trouble;		/* sentences that say so */
};

/*
 * Fills targets in. What cannot become one is told in trouble, and the others are chosen all the
 * same. -EINPROGRESS: a host name is being looked up; when the waiter is woken this is to be called
 * again.
 */
int targets_choose(struct targets *targets, const struct machine *machine,
		   const struct interfaces *interfaces, struct ev_loop *loop,
		   struct waiter *waiter);
void targets_free(struct targets *targets);

/* Whether a machine's interfaces are there and up. 0, or -errno with a sentence. */
int targets_check(const struct machine *machine, const struct interfaces *interfaces,
		  struct fault *f);

/* Adds a sentence to the trouble. */
void targets_trouble(struct targets *targets, int err, const char *sentence);
/* "192.168.3.255 port 9 on eth0" */
const char *target_print(const struct target *target, char text[TARGET_TEXT_SIZE]);

#endif
