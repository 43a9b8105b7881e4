/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console of PID 1. */
#ifndef INIT_CONSOLE_H
#define INIT_CONSOLE_H

/* Makes /dev/console the standard streams where there are none yet, and what rules our session. */
void init_console_open(void);

/* A child's keys, Ctrl-C among them, are its own. To be called by the child. */
void console_hand_over(void);

/* As it was when it was opened: a program that was killed may have left it otherwise. */
void console_restore(void);

#endif
