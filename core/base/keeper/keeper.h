/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keepers: a small process of ours beside each program that outlives us. It holds the program's
 * terminal, without which many spin or stop, and its telnet line where dropping that would stop it;
 * keeps the end of what it says; writes down which process it is, and in the end how it ended.
 *
 * It can be killed at any time: the program goes on, and the next keeper takes its lines up again.
 */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

#include "base/proc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

/* What a keeper's process is called, in argv[0]. */
#define KEEPER_NAME "stoker-keeper"

struct keeper_job {
	const char *name;		/* the machine's: to be seen in ps */
	/* folders that are there: of sockets and the record, and of what survives */
	const char *run, *state;
	const char *folder;		/* where the program works */
	const char *path;		/* the program's file */
	char *const *argv, *const *environment;
	/* it goes into the background by itself: what it leaves running is the program */
	bool detaches;
	/* an address in figures and a port, where it offers a telnet line that has to be held */
	const char *line;
	/* what is typed on its terminal after that line was lost and is there again */
	const char *resume;
	/*
	 * network interfaces, a blank between them, whose offloads are switched off before it
	 * starts
	 */
	const char *interfaces;
	/* one that runs already, whose keeper was killed; pid 0: it is to be started */
	struct proc adopt;
	/* the other end of the adopted one's terminal; 0: it is taken from that itself */
	int terminal;
	/* it draws a screen: whoever comes to see it has it drawn anew, by SIGWINCH */
	bool draws;
};

/*
 * Starts a keeper, which starts or adopts the program. What it reports comes by the descriptor
 * *report, non-blocking and closed on exec, as lines, until an end of file: "note SENTENCE", and in
 * the end "on PID" or "fail ERRNO SENTENCE". Nothing has to be read. -errno with a sentence.
 */
int keeper_start(const struct keeper_job *job, int *report, struct fault *f);

/* The process itself: main of a program that is called KEEPER_NAME. */
int keeper_main(int argc, char **argv);

/* Who keeps whom: the file "record" in a run folder. */
struct keeper_record {
	struct proc program, keeper;
};

/* -ENOENT: there is none, or one of before the machine's last start; others with a sentence. */
int keeper_read(const char *run, struct keeper_record *record, struct fault *f);

/* Where the program's terminal and its held telnet line are to be seen. */
#define KEEPER_TERMINAL "terminal"
#define KEEPER_LINE "line"
/* Connects to one of these: a descriptor, non-blocking and closed on exec; or -errno. */
int keeper_connect(const char *run, const char *socket);

/*
 * How it ended: the file "ended" in a state folder, "TIME well SENTENCE" or "TIME badly SENTENCE"; to
 * be freed. NULL: not known. well: by itself with status 0, or because it was meant to.
 */
char *keeper_last_end(const char *state, int64_t *when, bool *well);
/* Writes that down of an end that was brought about, however it came; -errno with a sentence. */
int keeper_end_was_meant(const char *run, const char *state, struct fault *f);
/* The same file, for the keeper itself. */
int keeper_end_write(const char *state, bool well, int64_t when, const char *sentence,
		     struct fault *f);

#endif
