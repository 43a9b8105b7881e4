/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Magic packets as UDP datagrams: no privilege is needed. One socket a family serves them all. */
#ifndef WOL_UDP_H
#define WOL_UDP_H

#include <stddef.h>
#include <stdint.h>

struct target;

/* Sends to an IPv4 or IPv6 target. 0; -EAGAIN: there is no room just now; other errors. */
int udp_send(const struct target *target, const uint8_t *packet, size_t size);
void udp_close(void);

#endif
