/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serial over LAN (IPMI 2.0, chapter 15): one payload instance for each BMC. A BMC has a struct sol
 * from the first command on that has to do with it.
 */
#ifndef BMCSIM_SOL_H
#define BMCSIM_SOL_H

#include "alarm.h"
#include "command.h"
#include "console.h"

/* Characters in a packet, their header, and what waits to be sent. */
enum { SOL_CHARACTERS = 255, SOL_HEADER = 4, SOL_BUFFER = 4096 };

/* The last byte of the header (table 15-2), from the console and from the BMC. */
enum sol_operation {
	SOL_NACK = 0x40,		/* both ways */
	SOL_RING = 0x20,
	SOL_BREAK = 0x10,
	SOL_CTS_OFF = 0x08,
	SOL_DCD_OFF = 0x04,
	SOL_FLUSH_IN = 0x02,
	SOL_FLUSH_OUT = 0x01,
	SOL_UNAVAILABLE = 0x20,
	SOL_DEACTIVATING = 0x10,
	SOL_OVERRUN = 0x08,
	SOL_BREAK_SEEN = 0x04,
};

/* What it answered to the console's last packet with a number, for when that comes again. */
struct sol_taken {
	uint8_t number, count;
	bool nack;
};

/* A packet that waits: nothing of it could be taken yet. */
struct sol_held {
	double until;			/* then it is refused */
	uint8_t number, length;		/* number 0: there is none */
	uint8_t bytes[SOL_CHARACTERS];
};

struct sol_counts {
	uint64_t in, out;		/* characters that were taken, that were acknowledged */
	uint64_t dropped;		/* not acknowledged after all retries, or flushed */
	uint64_t overrun;		/* from the far end, without room */
	uint32_t activations, retries, breaks, stuck;
};

struct sol {
	struct bmc *bmc;
	struct sol_settings settings;
	uint16_t no_access;		/* users who may not; bit id - 1 */
	struct console_setting console;
	char *own_console;		/* the setting's text when it is this BMC's own; NULL */
	bool open;			/* the far end is */
	void *far_state;
	double far_at;			/* its next tick */
	struct alarm alarm;
	/* who has it */
	struct session *session;	/* NULL: nobody */
	struct endpoint to;
	uint8_t protection;		/* PAYLOAD_… flags of its packets */
	bool paused;			/* CTS is off: nothing may come from the far end */
	bool no_carrier;		/* DCD is off */
	/* to the console: the first of the buffer are under way when it waits */
	bool waiting;
	bool overrun;			/* not told yet */
	uint8_t number, under_way, tries, status;
	double retry_at, not_before;
	double since;			/* when the first that is not under way came */
	size_t length;
	uint8_t buffer[SOL_BUFFER];
	/* from the console */
	struct sol_taken taken;
	struct sol_held held;
	uint8_t stuck;			/* the number that it does not hear; 0: none */
	struct sol_counts counts;
};

/* The port to tell in Activate Payload's answer. */
extern uint16_t sol_port;

/* Of a BMC; made when there is none. NULL without memory. */
struct sol *sol_get(struct bmc *bmc);

/* The session has it from now on; packets have these flags, CTS and DCD are there or not. */
void sol_begin(struct sol *sol, const struct origin *origin, uint8_t protection, bool no_carrier);

/* Nobody has it any more; with a notice to who had it. The reason is for the log. */
void sol_end(struct sol *sol, bool notice, const char *reason);

/* A session is going to end. */
void sol_session_ends(struct session *session);

/* The flags that SOL packets of this session have. */
uint8_t sol_protection(const struct session *session);

/* A payload from the console. */
void sol_receive(const struct origin *origin, const uint8_t *bytes, size_t length);

/*
 * For far ends. Characters for the console; how many of them there was room for (all, when nobody
 * listens). Who puts outside of the calls of struct far_end goes on by sol_go.
 */
size_t sol_put(struct sol *sol, const void *bytes, size_t length);
size_t sol_room(const struct sol *sol);
void sol_overrun(struct sol *sol, size_t length);
void sol_go(struct sol *sol);

/* A status to the console that comes from the line: SOL_BREAK_SEEN, SOL_OVERRUN. */
void sol_tell(struct sol *sol, uint8_t status);

/* Opens the far end, when it is not; 0 or a negative errno. */
int sol_open(struct sol *sol);

/* Another far end. False with what is wrong in *why. */
bool sol_console(struct sol *sol, const char *value, const char **why);

/* The machine has started, or its power will change. */
void sol_power(struct bmc *bmc, bool started);

int sol_config_set(struct request *request);
int sol_config_get(struct request *request);

#endif
