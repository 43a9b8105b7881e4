/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands between a bare kernel and the job. */
#ifndef INIT_PREPARE_H
#define INIT_PREPARE_H

struct words_given;

/* The exit code for words that say nothing; what the program's commands end with too. */
enum { PREPARE_WRONG = 2, PREPARE_NOT_RUN = 127 };

/*
 * In a child of PID 1, so that whatever goes wrong is its end alone: loads modules, brings the
 * network up, finds the configuration, and becomes the job. Returns the exit code when it cannot;
 * why is told.
 */
int prepare_and_run(const struct words_given *words);

#endif
