/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The magic packet, as bytes. */
#ifndef WOL_PACKET_H
#define WOL_PACKET_H

#include "model/address.h"

#include <stddef.h>
#include <stdint.h>

enum { PACKET_REPETITIONS = 16, PACKET_MAX = (1 + PACKET_REPETITIONS) * MAC_LENGTH + SECUREON_MAX };

/*
 * Writes 6 × FF, 16 × mac and the SecureOn password of length bytes (0, 4 or 6). The size of the
 * packet in bytes.
 */
size_t packet_build(uint8_t packet[PACKET_MAX], const uint8_t mac[MAC_LENGTH],
		    const uint8_t *password, size_t length);

/* The same address from back to front. */
void mac_reverse(uint8_t mac[MAC_LENGTH]);

#endif
