/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of a console: a file that grows, is renamed when it is large, begun anew when it was
 * renamed by others, and may be full. What was handed over is written when the call returns, so
 * that no end of the program loses it.
 *
 * A log that cannot be written holds nothing up: it is tried again once a second, when there is
 * something to write; then a line in it says how many bytes are missing.
 */
#ifndef DAEMON_LOGFILE_H
#define DAEMON_LOGFILE_H

#include "daemon/logtext.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;
struct machine;

struct logfile {
	const struct machine *machine;	/* NULL: no log */
	struct logtext text;
	int fd;				/* -1: not open */
	unsigned day;			/* when it was opened: its name may have the day in it */
	uint64_t limit;			/* bytes; 0: none */
	unsigned files;
	int err;			/* why it cannot be written: a negative errno; 0: it can */
	uint64_t missing;		/* bytes that the console said meanwhile */
	double since, next_try;		/* times of the day */
	struct logfile *older, *newer;	/* of those that are open, by when they were last used */
};

/* How many files are open at most; those that were used longest ago are closed. */
void logfile_set_most(unsigned most);

/* Reads what the configuration says; opens nothing. A machine without console-log has no log. */
void logfile_init(struct logfile *log, const struct machine *machine);
/*
 * Writes what the console said. 0; -errno: it cannot be written any more, 1: it can again; both
 * with a sentence, and told once.
 */
int logfile_write(struct logfile *log, const void *bytes, size_t length, struct fault *f);
/* Writes a line of our own, with the time: "[stoker: console lost: …]". As logfile_write. */
int logfile_note(struct logfile *log, struct fault *f, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Closes the file; what is written next goes to the one that has the name then. */
void logfile_close(struct logfile *log);
/* Why it cannot be written, a sentence of size bytes at most; "" where it can. */
void logfile_trouble(const struct logfile *log, char *text, size_t size);
/* The path for a time. -ENAMETOOLONG with a sentence. */
int logfile_path(const struct machine *machine, double time, char *path, size_t size,
		 struct fault *f);

#endif
