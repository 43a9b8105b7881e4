/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Help texts of keys and drivers, kept only in builds that have a command to show them: HELP("…")
 * is NULL in others, and the text is not in the program.
 */
#ifndef MODEL_HELP_H
#define MODEL_HELP_H

#include "config/CMD_DRIVERS.h"
#include "config/CMD_HELP.h"

#include <stddef.h>

#define HELP(text) (CONFIG_CMD_DRIVERS || CONFIG_CMD_HELP ? (text) : NULL)

#endif
