/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request to a simulated machine: what its verbs (sandbox.c) and those of guests share. */
#ifndef SANDBOX_REQUEST_H
#define SANDBOX_REQUEST_H

#include "store.h"

#include <ev.h>
#include <stdbool.h>

enum fault_kind {
	NO_FAULT,
	FAULT_FAIL,
	FAULT_HANG,
	FAULT_IGNORE,
	FAULT_BLIND,
	FAULT_FLAKY,
	FAULT_KINDS
};

struct quirk {
	enum verb verb;
	enum fault_kind kind;
	unsigned times; /* for FAULT_FLAKY */
};

struct request {
	struct attempt *attempt;
	struct unit *unit;
	ev_timer timer;
	struct quirk quirk; /* the one that shows now; NO_FAULT: none */
	bool acted;
};

/* The state that the machine is in now. */
enum state request_state(const struct request *r);
/* The machine begins to come to a state; the request goes on until it is there. */
void request_change(struct request *r, enum state to);
/* It has been started anew: a boot device that was chosen for once is used by that. */
void request_boot(struct request *r);
/* The end of a request, one of these: the request is gone then. */
void request_finish(struct request *r, enum state state);
/* "a" refuses to be put on: WHY */
void request_refuse(struct request *r, const char *why);
void request_fail(struct request *r, int err, const char *sentence);

/* A verb that only guests have reaches the machine; weak: builds without them have no guest.c. */
void guest_act(struct request *r) __attribute__((weak));

#endif
