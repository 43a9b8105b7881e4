/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keeper's process: what it knows. */
#ifndef KEEPER_KEEP_H
#define KEEPER_KEEP_H

#include "base/keeper/keeper.h"
#include "base/keeper/line.h"
#include "base/keeper/log.h"
#include "base/keeper/redial.h"

enum { LAST_WORDS_MAX = 200 };

struct keep {
	/* what it was told: see struct keeper_job */
	const char *run, *state, *folder, *path, *line_text, *resume, *interfaces;
	char *const *argv;
	bool detaches, holds_line, draws;
	bool given;			/* the terminal, as KEEPER_GIVEN */

	struct ev_loop *loop;
	int run_folder, state_folder;	/* descriptors */
	bool reports;			/* somebody waits to hear how it began */
	struct keeper_record record;
	pid_t first;			/* what was started: the program, unless that detaches */
	double first_ended;
	bool adopted, is_settled, was_patient, over, line_lost;
	bool status_known;
	int status;			/* as waitpid gives it */
	struct line terminal, line;
	struct redial redial;
	struct keeper_log log;
	ev_child child;
	ev_io gone;			/* of one that is not our child */
	ev_timer poll, background;
	ev_timer settle;		/* the beginning; and what is said after the end */
	char last[LAST_WORDS_MAX];	/* that it said */
	size_t nlast;
};

/* A line for who started us, while somebody waits. */
void keep_report(struct keep *keep, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* It has begun; nobody waits any more. */
void keep_report_on(struct keep *keep);
/* Sees the program's end: of a child of ours, or of the one in the record. */
void keep_watch_child(struct keep *keep, pid_t pid);
void keep_watch_stranger(struct keep *keep);

/*
 * The lock, of which a machine has one. 0; 1: another keeper has started it, which has been
 * reported; -errno with a sentence.
 */
int keep_lock(struct keep *keep, struct fault *f);
/* Starts it. -errno with a sentence. */
int keep_start(struct keep *keep, struct fault *f);
/* Takes the one in the record up. */
void keep_adopt(struct keep *keep);

/* Runs until the program has ended; the exit code. */
int keep_run(struct keep *keep);

#endif
