/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's own watchdog, fed from the loop: it resets a machine whose daemon hangs. */
#ifndef DAEMON_WATCHDOG_H
#define DAEMON_WATCHDOG_H

struct ev_loop;
struct model;
struct watchdog;

/*
 * Opens the device that the key `watchdog` names and feeds it from now on. NULL: none is wanted, or
 * there is no memory. A device that cannot be opened is told, and tried again: it may come later,
 * and consoles are worth more than none.
 */
struct watchdog *watchdog_start(struct ev_loop *loop, const struct model *model);

/* The daemon ends in good order: the device is told so, and resets nothing. NULL is fine. */
void watchdog_stop(struct watchdog *watchdog);

#endif
