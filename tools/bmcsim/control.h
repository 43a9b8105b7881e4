/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket: tests look at BMCs and change them. One line asks, one answers; see --help.
 */
#ifndef BMCSIM_CONTROL_H
#define BMCSIM_CONTROL_H

#include <stdio.h>

struct ev_loop;

/* Makes the socket (a stream) and listens; 0 or a negative errno. */
int control_start(const char *path, struct ev_loop *loop);

void control_stop(void);

/* Sends one line to another process' control socket and prints its answer; an exit code. */
int control_ask(const char *path, char *const words[]);

#endif
