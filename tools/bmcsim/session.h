/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sessions of a BMC, from the first step of a log-in to their end (IPMI 2.0, 6.12, 13.15 to 13.24).
 */
#ifndef BMCSIM_SESSION_H
#define BMCSIM_SESSION_H

#include "bmc.h"
#include "crypto.h"
#include "net.h"

/* Numbers that were received: the highest, and which of the 32 below it (IPMI 2.0, appendix A). */
struct window {
	uint32_t highest, seen;
};

enum step {
	STEP_CHALLENGED,		/* 1.5: Get Session Challenge was answered */
	STEP_OPENED,			/* 2.0: Open Session was */
	STEP_KEYED,			/* 2.0: RAKP 1 was */
	STEP_ACTIVE,
};

struct session {
	struct session *next;
	struct bmc *bmc;
	uint32_t id;			/* this side's; 1.5's only one */
	uint32_t temporary_id;		/* 1.5: before it is active */
	uint32_t console_id;		/* 2.0: the other side's */
	enum step step;
	bool rmcpplus;
	bool closing;			/* it ends when the answer is on its way */
	double used;			/* when last */
	struct endpoint from;		/* who opened it */
	const struct user *user;	/* NULL: not known yet */
	uint8_t limit, privilege;	/* most that it may have, what it has */
	struct window inbound;
	uint32_t outbound;		/* number of the next answer */
	uint8_t handle;			/* small number, for Get Session Info */
	/* 1.5 */
	bool heard;			/* a message since it became active */
	uint8_t auth_type;
	uint8_t challenge[16];
	/* 2.0 */
	const struct suite *suite;
	uint8_t open_privilege;		/* asked for in Open Session */
	uint8_t role;			/* byte of RAKP 1 */
	uint8_t name_length;
	uint8_t name[NAME_MAX_LENGTH];
	uint8_t console_random[16], random[16];
	uint8_t sik[DIGEST_MAX];
	uint32_t rakp4_lost;
	struct keys keys;
};

/* A session of this id; NULL when there is none or its time is up. */
struct session *session_find(struct bmc *bmc, uint32_t id);

/* 1.5: the one that had this id before it became active; NULL: none. */
struct session *session_find_temporary(struct bmc *bmc, uint32_t id);

/* A new id for it. */
void session_rename(struct session *session);

/* 2.0: the one that this end opened with its own id and did not log in to yet; NULL: none. */
struct session *session_find_opened(struct bmc *bmc, const struct endpoint *from,
				    uint32_t console_id);

/*
 * A log-in that begins, with id and random numbers; the oldest that is not complete may have to go.
 * NULL without memory.
 */
struct session *session_make(struct bmc *bmc, const struct endpoint *from, enum step step);

void session_end(struct session *session);

/* Whether its time is up. */
bool session_is_over(const struct session *session);

/* How many are active, and whether there may not be more. */
unsigned session_count(struct bmc *bmc);
bool session_is_full(struct bmc *bmc);

/* How many there are in all. */
size_t session_total(void);

/* The number for the next answer. */
uint32_t session_number(struct session *session);

/* Starts a window: this number is the next one. */
void window_start(struct window *window, uint32_t next);

/* Whether a number is new and near enough: at most so much ahead of the highest, or behind it. */
bool window_accept(struct window *window, uint32_t number, uint32_t ahead, uint32_t behind);

/* The user of a name; by id. role 0: by name only, else the limit counts too. NULL: none. */
const struct user *user_find(const struct bmc *bmc, const uint8_t *name, size_t length,
			     uint8_t role);

/* Counts a log-in that failed. */
void login_failed(struct bmc *bmc);

/* Whether so many log-ins failed that there are no users any more. */
bool locked_out(const struct bmc *bmc);

#endif
