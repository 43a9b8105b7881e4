/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network interfaces: up, and with a carrier. */
#ifndef INIT_LINKS_H
#define INIT_LINKS_H

#include <net/if.h>
#include <stdint.h>

struct fault;

enum { LINK_ADDRESS_SIZE = 6 };

struct link {
	unsigned index;
	char name[IF_NAMESIZE];
	uint8_t address[LINK_ADDRESS_SIZE];
};

/*
 * Brings every interface up, those too that come while it waits, until an Ethernet interface (the
 * one of this name, where device is not "") has a carrier: link is that. -ETIMEDOUT or another
 * errno with a sentence.
 */
int links_up(const char *device, int wait_ms, struct link *link, struct fault *f);

#endif
