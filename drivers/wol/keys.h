/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration keys of Wake-on-LAN. */
#ifndef WOL_KEYS_H
#define WOL_KEYS_H

#include "model/key.h"

extern const struct key wol_interface, wol_to, wol_port, wol_raw, wol_broadcast, wol_password,
	wol_count, wol_interval, wol_reverse, wol_rate;

/* All of them, NULL-terminated. */
extern const struct key *const wol_keys[];

#endif
