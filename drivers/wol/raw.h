/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Magic packets as raw Ethernet frames, made and sent by libnet. */
#ifndef WOL_RAW_H
#define WOL_RAW_H

#include "model/address.h"

#include <stddef.h>
#include <stdint.h>

struct fault;
struct interface;

/* Whether this process may send raw frames: 0, or -errno with a sentence. */
int raw_check(struct fault *f);
/*
 * Sends a frame of EtherType 0x0842 out of an interface. 0; -EAGAIN: there is no room just now;
 * another negative errno: raw_check() may have the sentence.
 */
int raw_send(const struct interface *interface, const uint8_t to[MAC_LENGTH], const uint8_t *packet,
	     size_t size);
void raw_close(void);

#endif
