/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control socket can ask about consoles. */
#ifndef BMCSIM_CONTROL_CONSOLE_H
#define BMCSIM_CONTROL_CONSOLE_H

#include "bmc.h"

#include <stdio.h>

/* get ADDRESS console: who has it, what went through. */
void control_get_console(struct bmc *bmc, FILE *to);

/* get ADDRESS place: where the far end can be found; it is opened. */
void control_get_place(struct bmc *bmc, FILE *to);

/* set ADDRESS console FAR-END */
void control_set_console(struct bmc *bmc, const char *value, FILE *to);

/* console ADDRESS say TEXT, break; what is behind "console ". */
void control_console(char *words, FILE *to);

/* steal ADDRESS: as another session would. */
void control_steal(struct bmc *bmc, FILE *to);

/* reboot ADDRESS [SECONDS]: the BMC itself; it is silent for so long. */
void control_reboot(struct bmc *bmc, const char *seconds, FILE *to);

#endif
