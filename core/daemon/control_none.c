/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build without the server: there is nobody to tell. See remote.h. */
#include "daemon/remote.h"

void control_tell_step(const struct step *step)
{
	(void)step;
}
