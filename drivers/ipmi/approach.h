/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way to a machine's BMC, for power and console alike: what the configuration says, the address
 * that its name stands for, the secrets. Nothing is sent to the BMC.
 */
#ifndef IPMI_APPROACH_H
#define IPMI_APPROACH_H

#include "login.h"
#include "port.h"

struct credential_request;
struct ev_loop;
struct fault;
struct machine;
struct resolve;

struct approach {
	struct ev_loop *loop;
	const struct machine *machine;
	/*
	 * The end: 0, or a negative errno with a sentence. Once, from approach_start or later; not
	 * after approach_stop.
	 */
	void (*done)(struct approach *approach, int err, const char *sentence);
	struct login login;
	struct peer peer;		/* family 0: not known yet */
	uint16_t port;			/* of the BMC, in this machine's order */

	/* its own */
	struct resolve *lookup;
	struct credential_request *asking;
	uint8_t secrets;		/* how many of them are there */
};

/* privilege: what it is for, where the machine's key `privilege` says nothing else. */
void approach_start(struct approach *approach, struct ev_loop *loop, const struct machine *machine,
		    uint8_t privilege,
		    void (*done)(struct approach *approach, int err, const char *sentence));
/* Ends what is under way, and lets the secrets go. */
void approach_stop(struct approach *approach);

/* The BMC as messages name it: "10.0.0.7", "bmc1 (10.0.0.7)"; until the next call. */
const char *approach_bmc(const struct approach *approach);

#endif
