/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's modules. */
#ifndef INIT_MODULES_H
#define INIT_MODULES_H

/*
 * Loads what /lib/modules/list names: a path a line, from /lib/modules where it is not absolute, with
 * the module's parameters behind it; # begins a comment. What cannot be loaded is told, and the
 * others are loaded all the same.
 */
void modules_load(void);

#endif
