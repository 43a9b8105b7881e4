/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help says. */
#ifndef BMCSIM_HELP_H
#define BMCSIM_HELP_H

void help_print(void);

#endif
