/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address by DHCP. */
#ifndef INIT_DHCP_H
#define INIT_DHCP_H

struct fault;
struct link;
struct setting;

/*
 * Asks for an address, gives it to the interface, and keeps it. What is set in wish already is not
 * replaced. -ETIMEDOUT or another errno with a sentence.
 */
int dhcp_set(const struct link *link, const struct setting *wish, struct fault *f);

#endif
