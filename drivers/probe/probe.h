/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One probe under way, and what its kinds (ping, ARP, TCP) have to offer. */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "engine/driver.h"
#include "model/address.h"

#include <ev.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct fault;
struct probe;
struct resolve;

enum { PROBE_ANSWERED = 1 };

struct probe_kind {
	const char *name;		/* "icmp": in the key */
	const char *asked;		/* "ping": in sentences */
	int family;			/* AF_UNSPEC: either */
	bool has_port;
	unsigned sends;			/* how often within the time limit */
	/*
	 * Begins to ask p->address, and sends for the first time, which probe_sent is told of.
	 * 0, PROBE_ANSWERED, or -errno with a sentence; -EHOSTUNREACH and its like mean that the
	 * machine is not there. Never ends the probe itself.
	 */
	int (*begin)(struct probe *p, struct fault *f);
	/* Sends once more: as begin. NULL where the kernel does that. */
	int (*again)(struct probe *p, struct fault *f);
	/* Gives back what begin took, also after begin or again failed. */
	void (*end)(struct probe *p);
	/* Gives back what is kept between probes; may be NULL. */
	void (*quit)(void);
};

extern const struct probe_kind probe_icmp, probe_tcp;
/* Not in every build: it needs libnet and libpcap. */
extern const struct probe_kind probe_arp __attribute__((weak));

struct probe {
	struct attempt *attempt;
	const struct probe_kind *kind;
	uint16_t port;
	char host[HOST_MAX + 1];	/* as the user wrote it */
	struct sockaddr_storage address;
	socklen_t address_length;
	struct resolve *lookup;		/* under way; NULL: over */
	bool begun;
	unsigned sent;			/* how often it was tried to send */
	bool out;			/* it went out at least once */
	int unsent;			/* else: the errno why not */
	ev_timer timer;			/* when to send again, and when to give up */
	/* tcp's */
	ev_io io;
	/* icmp's */
	uint16_t sequence;
	bool has_sequence;
	/* arp's */
	struct wire *wire;
	struct probe *previous, *next;
};

/*
 * err 0: it went out. An errno: it did not, for want of room; that may be better the next time. A
 * machine that was never asked is not off.
 */
void probe_sent(struct probe *p, int err);
/* The machine answers; ends the probe. */
void probe_answered(struct probe *p);
/*
 * err is a negative errno: off for -EHOSTUNREACH and its like, else a failure with the sentence.
 * Ends the probe.
 */
void probe_error(struct probe *p, int err, const char *sentence);
/* The sentence for an errno of the kernel's; returns -err. */
int probe_fault(const struct probe *p, int err, struct fault *f);
/* probe_error with that sentence. */
void probe_refused(struct probe *p, int err);
/* "10.0.0.7" or "nas9 (10.0.0.7)": valid until the next call. */
const char *probe_name(const struct probe *p);

/* Whether pings can be sent here and now: 0, or -errno with a sentence. */
int icmp_check(struct fault *f);

#endif
