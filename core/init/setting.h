/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address of an interface, and what belongs to it. */
#ifndef INIT_SETTING_H
#define INIT_SETTING_H

#include <netinet/in.h>
#include <stdbool.h>

struct fault;
struct link;

enum { SETTING_DNS = 2, SETTING_NAME_SIZE = 64 };

/* Addresses are in network order; 0: none. */
struct setting {
	struct in_addr address, netmask, gateway, dns[SETTING_DNS];
	char host[SETTING_NAME_SIZE], domain[SETTING_NAME_SIZE];
};

struct setting_wish {
	struct setting setting;		/* with dhcp: what shall not be asked for */
	char device[16];		/* ""; the first interface that has a carrier */
	bool dhcp;
};

/* Reads the value of ip=, nfsroot.rst. "" wishes nothing. -EINVAL with a sentence. */
int setting_read(const char *text, struct setting_wish *wish, struct fault *f);

/* The netmask that an address has by its class; 0: it has none. */
struct in_addr setting_class(struct in_addr address);

/* Gives it to an interface, with route, /etc/resolv.conf and host name. -errno with a sentence. */
int setting_apply(const struct setting *setting, const struct link *link, struct fault *f);

#endif
