/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network interfaces of the machine that sends. */
#ifndef WOL_INTERFACE_H
#define WOL_INTERFACE_H

#include "model/address.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

struct interface {
	char name[IF_NAMESIZE];
	unsigned index;
	uint8_t mac[MAC_LENGTH];	/* where ethernet */
	bool up, carrier, loopback;
	bool ethernet;
	bool broadcasts, multicasts;	/* it can */
	bool member;			/* of a bridge or bond: that one is sent out of instead */
	bool ipv4, ipv6;		/* it has an address */
};

/* An IPv4 broadcast address: of the interface with this index. */
struct broadcast {
	unsigned index;
	struct in_addr address;
};

struct interfaces {
	struct interface *list;
	size_t n;
	struct broadcast *broadcasts;	/* each address of an interface once */
	size_t nbroadcasts;
};

int interfaces_read(struct interfaces *interfaces, struct fault *f);
void interfaces_free(struct interfaces *interfaces);

/*
 * Those of now (ev_now() seconds), or of a moment ago: kept for the whole process, and read again
 * when they are older than two seconds, so that a daemon sees cables come and go. Valid until the
 * next call.
 */
const struct interfaces *interfaces_at(double now, struct fault *f);
/* Forgets what interfaces_at keeps. */
void interfaces_forget(void);

/* NULL with a sentence that names those that there are. */
const struct interface *interface_find(const struct interfaces *interfaces, const char *name,
				       struct fault *f);
/* NULL when it has gone. */
const struct interface *interface_by_index(const struct interfaces *interfaces, unsigned index);
/* Whether something sent out of it now would get onto the wire: 0, or -errno with a sentence. */
int interface_check(const struct interface *interface, struct fault *f);

#endif
