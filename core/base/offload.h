/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Offloads of network interfaces: what a card or the kernel does to packets on their way. Programs
 * that send and receive whole frames by themselves, as emulators do, meet packets without checksums
 * and larger than the net's where they are on.
 */
#ifndef BASE_OFFLOAD_H
#define BASE_OFFLOAD_H

#include "base/text.h"

struct fault;

/* Names as ethtool(8) has them, each with a blank before it. Start with {0}. */
struct offloads {
	struct buffer on;		/* that could be switched off */
	struct buffer fixed;		/* that are on and cannot be */
};

/* Which offloads of an interface are on. -ENODEV and others with a sentence. */
int offloads_read(const char *interface, struct offloads *offloads, struct fault *f);
/*
 * Switches all of them off and looks whether they are: 0, and offloads->on tells which were on,
 * ->fixed which still are because nothing can switch them. Who has none on needs no privilege.
 * -EPERM, -EIO (one stays on though it could be off), -ENODEV … with a sentence.
 */
int offloads_off(const char *interface, struct offloads *offloads, struct fault *f);
void offloads_free(struct offloads *offloads);

/* The ways of newer kernels (Linux 2.6.39) and of older ones: which of them is chosen by itself. */
struct offload_way {
	/* -EOPNOTSUPP: not by this way */
	int (*read)(int fd, const char *interface, struct offloads *offloads);
	int (*off)(int fd, const char *interface);
};
extern const struct offload_way offload_by_feature, offload_by_flag;

#endif
