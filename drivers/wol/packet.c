/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The magic packet: AMD, Magic Packet Technology (publication 20213), and the SecureOn password. */
#include "packet.h"

#include <string.h>

size_t packet_build(uint8_t packet[PACKET_MAX], const uint8_t mac[MAC_LENGTH],
		    const uint8_t *password, size_t length)
{
	uint8_t *p = packet;

	memset(p, 0xff, MAC_LENGTH);
	p += MAC_LENGTH;
	for (int i = 0; i < PACKET_REPETITIONS; i++, p += MAC_LENGTH)
		memcpy(p, mac, MAC_LENGTH);
	if (length)
		memcpy(p, password, length);
	return (size_t)(p - packet) + length;
}

void mac_reverse(uint8_t mac[MAC_LENGTH])
{
	for (int i = 0; i < MAC_LENGTH / 2; i++) {
		uint8_t byte = mac[i];

		mac[i] = mac[MAC_LENGTH - 1 - i];
		mac[MAC_LENGTH - 1 - i] = byte;
	}
}
