/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One verb of the emulator driver in flight. */
#ifndef GUEST_EMULATOR_JOB_H
#define GUEST_EMULATOR_JOB_H

#include "base/stream.h"
#include "base/text.h"
#include "emulator.h"

#include <ev.h>

struct process;

struct emulator_job {
	struct attempt *attempt;
	struct emulator emulator;
	struct emulator_found found;
	bool cancelled;
	char *interfaces;		/* whose offloads go off first; NULL: none */

	/* its keeper's reports */
	int report;			/* < 0: none is read */
	ev_io reported;
	struct buffer reports;
	void (*kept)(struct emulator_job *job);
	/* what is done if the one that was to be kept has ended meanwhile; NULL: the attempt fails */
	void (*lost)(struct emulator_job *job);

	/* looks again and again whether it has come to be what is waited for */
	ev_timer tick;
	bool (*is_there)(struct emulator_job *job);
	void (*there)(struct emulator_job *job);

	/* soft */
	struct process *script;
	struct stream terminal;
	struct buffer heard;
	ev_timer typing;
	unsigned tries;
	char *command;

	struct emulator_job *previous, *next;
};

/*
 * Reads the machine and looks for its process. NULL: the attempt has been ended. The job is the
 * attempt's data until one of the ends.
 */
struct emulator_job *emulator_job_new(struct attempt *attempt);
/* The ends: the job is gone. text may be NULL. */
void emulator_job_done(struct emulator_job *job, enum state state, const char *text);
void emulator_job_fail(struct emulator_job *job, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Waits until it is so. */
void emulator_job_await(struct emulator_job *job, bool (*is_there)(struct emulator_job *job),
			void (*there)(struct emulator_job *job));
/* Waits until it and its keeper are gone. */
void emulator_job_await_gone(struct emulator_job *job, void (*gone)(struct emulator_job *job));

/*
 * Starts a keeper: one that starts the program, or one for the program that runs without. kept
 * follows when that has begun well; else the attempt fails.
 */
void emulator_job_keep(struct emulator_job *job, void (*kept)(struct emulator_job *job));
/* Whether it is one of ours whose keeper was killed. */
bool emulator_job_lacks_keeper(const struct emulator_job *job);
/*
 * The same for who needs it now: a keeper that has just been killed is still there for a moment,
 * but does not answer any more.
 */
bool emulator_job_wants_keeper(const struct emulator_job *job);
/* on, from where nothing runs. */
void emulator_job_begin(struct emulator_job *job);
/* off, from where it runs. */
void emulator_job_kill(struct emulator_job *job, void (*gone)(struct emulator_job *job));

#endif
