/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System boot options: what the machine does at its next start. */
#ifndef BMCSIM_BOOT_H
#define BMCSIM_BOOT_H

#include "command.h"

int boot_options_set(struct request *request);
int boot_options_get(struct request *request);

#endif
