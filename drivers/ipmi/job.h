/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One attempt at one BMC: a log-in, what the verb asks for, and the end of the session. Private to
 * client.c, which carries jobs, and to the tasks, which say what is done once the session is there.
 */
#ifndef IPMI_JOB_H
#define IPMI_JOB_H

#include "approach.h"
#include "engine/driver.h"
#include "session.h"

#include <ev.h>

struct job;

/* What a verb does over a session. Each is called when the job may send its next command. */
struct task {
	/* the session is there */
	void (*begin)(struct job *job);
	/* to the command that was sent last */
	void (*answer)(struct job *job, const struct response *answer);
	/* job_pause is over */
	void (*wake)(struct job *job);
	/*
	 * a command that must not be done twice was sent, and nobody knows whether it was carried
	 * out
	 */
	void (*lost)(struct job *job);
	/* diagnose: a phase of the log-in is over. NULL elsewhere */
	void (*phase)(struct job *job, enum phase phase);
};

struct job {
	struct attempt *attempt;
	const struct task *task;
	struct bmc *bmc;		/* NULL: the address is not known yet */
	struct job *next;		/* of those that wait for the same BMC */
	ev_timer timer;
	enum { TIMER_BEGIN, TIMER_RESEND, TIMER_SEND, TIMER_WAKE } awaits;
	bool active;			/* it is its BMC's current job */
	bool ending;			/* the result is there, the session is being closed */
	bool answered;			/* something has come from the BMC */
	bool resume;			/* logging in anew: the request is to be sent again */
	uint8_t busy, logins;
	/* all times by a monotonic clock, in seconds */
	double heard;			/* when the BMC was heard last; at first: when we began */
	double until;			/* the end of the attempt's time */
	double sent, rto;
	double patience;		/* seconds of silence until it is given up */
	double interval;		/* seconds between commands to one BMC */
	int refused;			/* what the network said last: an errno */
	unsigned refusals;

	int err;			/* the result */
	enum state state;
	char *text;

	/* the task's own */
	unsigned step;
	int deed;			/* enum chassis_control that was sent */
	enum state seen;		/* chassis status, when it was asked last */
	bool was_off;
	double acted;			/* when the chassis command was answered */
	double pause;
	bool unsure;

	struct request resumed;		/* what is sent again after a new log-in */
	struct approach approach;
	struct session session;
};

/* Sends a command; the task's `answer` follows. once: see session_request. */
void job_request(struct job *job, const struct request *request, bool once);
/* The task's `wake` follows after so many seconds. */
void job_pause(struct job *job, double seconds);
/* The end: what remains is to close the session. text may be NULL. */
void job_done(struct job *job, enum state state, const char *text);
void job_fail(struct job *job, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A command was refused: the end, with a sentence. what: "the power command". */
void job_refused(struct job *job, const char *what, const struct response *answer);
/* The time by which job->heard and job->acted are told. */
double job_now(void);
/* The BMC as messages name it: "10.0.0.7", "bmc1 (10.0.0.7)"; until the next call. */
const char *job_bmc(const struct job *job);

/* The tasks of verbs: on off soft reset cycle nmi status; the others by their names. */
extern const struct task power_task, identify_task, bootdev_task, diagnose_task;

/* --- between begin.c and client.c ----------------------------------------------------------- */

/* A new job's timer. */
void job_init(struct job *job);
/* Address and secrets are there: begins as soon as the BMC has no other job. */
void job_take_turn(struct job *job);
/* Without a word to the attempt. */
void job_free(struct job *job);

/* --- for the driver -------------------------------------------------------------- */

/* Begins an attempt, with a privilege level that its verb needs. */
void client_start(struct attempt *attempt, const struct task *task, uint8_t privilege);
void client_cancel(struct attempt *attempt);
/* Forgets everything, and closes the sockets. */
void client_quit(void);

extern const struct key key_bmc, key_timeout, key_interval, key_poll;

#endif
