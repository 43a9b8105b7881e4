/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The BMCs that were met in this run: whose turn it is with each, and what each refused. Private to
 * those who log in to them.
 */
#ifndef IPMI_BMC_H
#define IPMI_BMC_H

#include "port.h"

#include <stdbool.h>

struct job;
struct login;
struct rejection;

struct bmc {
	struct peer peer;
	struct bmc *next;		/* of the same bucket */
	struct job *job;		/* the one whose turn it is */
	struct job *queue, **tail;	/* those that wait for it */
	double commanded; /* when it was sent a command last: monotonic, in s; 0: never */
	uint8_t port;			/* which of the sockets serves it */
	struct rejection *rejections;
};

/* NULL: nothing was sent to that address. */
struct bmc *bmc_find(const struct peer *peer);
/* The same, made where it is new; NULL without memory. */
struct bmc *bmc_get(const struct peer *peer);
/* Forgets them all, secrets included; no job may be left. */
void bmcs_quit(void);

/* A job waits for its turn, or does so no more. */
void bmc_queue(struct bmc *bmc, struct job *job);
void bmc_dequeue(struct bmc *bmc, struct job *job);
/* Takes the first that waits; NULL: none does. */
struct job *bmc_next(struct bmc *bmc);

/*
 * What was refused is not tried again, since accounts lock and a wrong K_g leaves a session behind:
 * bmc_reject keeps user, password and K_g; bmc_has_rejected compares by their bytes with what was
 * refused in the last so many seconds, HUGE_VAL: in this run. Where too much was refused to be
 * kept, everything counts as refused.
 */
void bmc_reject(struct bmc *bmc, const struct login *login);
bool bmc_has_rejected(const struct bmc *bmc, const struct login *login, double seconds);

#endif
