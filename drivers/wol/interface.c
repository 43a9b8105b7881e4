/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interfaces, read with getifaddrs(3): see interface.h and netdevice(7). */
#include "interface.h"
#include "base/fault.h"
#include "base/text.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long what was read counts, in seconds; how many names an error lists. */
enum { FRESH_S = 2, LISTED_MAX = 12 };

/* IFF_LOWER_UP, which <net/if.h> lacks: a carrier, though 802.1X may not be through yet. */
enum { LOWER_UP = 1 << 16 };

static struct interfaces kept;
static double kept_at;

void interfaces_free(struct interfaces *interfaces)
{
	free(interfaces->list);
	free(interfaces->broadcasts);
	*interfaces = (struct interfaces){0};
}

/* Without /sys a bridge's ports are sent to beside the bridge: twice is better than not at all. */
static bool is_bridge_port(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/brport", name);
	return !access(path, F_OK);
}

static void add_link(struct interfaces *all, const struct ifaddrs *a)
{
	struct sockaddr_ll link;
	struct interface *i = &all->list[all->n];

	memcpy(&link, a->ifa_addr, sizeof(link));
	*i = (struct interface){
		.index = (unsigned)link.sll_ifindex,
		.up = a->ifa_flags & IFF_UP,
		.carrier = a->ifa_flags & (IFF_RUNNING | LOWER_UP),
		.loopback = a->ifa_flags & IFF_LOOPBACK,
		.ethernet = link.sll_hatype == ARPHRD_ETHER && link.sll_halen == MAC_LENGTH,
		.broadcasts = a->ifa_flags & IFF_BROADCAST,
		.multicasts = a->ifa_flags & IFF_MULTICAST,
		.member = a->ifa_flags & IFF_SLAVE || is_bridge_port(a->ifa_name),
	};
	snprintf(i->name, sizeof(i->name), "%s", a->ifa_name);
	if (i->ethernet)
		memcpy(i->mac, link.sll_addr, MAC_LENGTH);
	all->n++;
}

static struct in_addr ipv4_of(const struct sockaddr *address)
{
	struct sockaddr_in in;

	memcpy(&in, address, sizeof(in));
	return in.sin_addr;
}

static void add_broadcast(struct interfaces *all, unsigned index, const struct ifaddrs *a)
{
	struct in_addr address = {0};

	if (!(a->ifa_flags & IFF_BROADCAST) || !a->ifa_netmask)
		return;
	if (a->ifa_broadaddr)
		address = ipv4_of(a->ifa_broadaddr);
	/* `ip address add` sets none unless told to, the kernel has a route to it all the same */
	if (!address.s_addr || address.s_addr == ipv4_of(a->ifa_addr).s_addr) {
		uint32_t hosts = ~ntohl(ipv4_of(a->ifa_netmask).s_addr);

		if (hosts < 3)
			return;
		address.s_addr = ipv4_of(a->ifa_addr).s_addr | htonl(hosts);
	}
	for (size_t i = 0; i < all->nbroadcasts; i++) {
		if (all->broadcasts[i].index == index &&
		    all->broadcasts[i].address.s_addr == address.s_addr)
			return;
	}
	all->broadcasts[all->nbroadcasts++] = (struct broadcast){index, address};
}

static void add_address(struct interfaces *all, const struct ifaddrs *a)
{
	/* an IPv4 address may have a label, "eth0:1" */
	size_t length = strcspn(a->ifa_name, ":");

	for (size_t i = 0; i < all->n; i++) {
		struct interface *interface = &all->list[i];

		if (strncmp(interface->name, a->ifa_name, length) || interface->name[length])
			continue;
		if (a->ifa_addr->sa_family == AF_INET6) {
			interface->ipv6 = true;
		} else {
			interface->ipv4 = true;
			add_broadcast(all, interface->index, a);
		}
	}
}

int interfaces_read(struct interfaces *interfaces, struct fault *f)
{
	struct interfaces all = {0};
	struct ifaddrs *addresses;
	size_t links = 0, ipv4 = 0;

	if (getifaddrs(&addresses))
		return fault_set(f, errno, "the network interfaces cannot be read: %s",
				 strerror(errno));
	for (struct ifaddrs *a = addresses; a; a = a->ifa_next) {
		links += a->ifa_addr && a->ifa_addr->sa_family == AF_PACKET;
		ipv4 += a->ifa_addr && a->ifa_addr->sa_family == AF_INET;
	}
	all.list = malloc((links + 1) * sizeof(*all.list));
	all.broadcasts = malloc((ipv4 + 1) * sizeof(*all.broadcasts));
	if (!all.list || !all.broadcasts) {
		interfaces_free(&all);
		freeifaddrs(addresses);
		return fault_no_memory(f);
	}
	for (struct ifaddrs *a = addresses; a; a = a->ifa_next) {
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_PACKET)
			add_link(&all, a);
	}
	for (struct ifaddrs *a = addresses; a; a = a->ifa_next) {
		if (a->ifa_addr &&
		    (a->ifa_addr->sa_family == AF_INET || a->ifa_addr->sa_family == AF_INET6))
			add_address(&all, a);
	}
	freeifaddrs(addresses);
	*interfaces = all;
	return 0;
}

const struct interfaces *interfaces_at(double now, struct fault *f)
{
	struct interfaces fresh;

	/* the clock may have been set back */
	if (kept.list && now - kept_at < FRESH_S && now >= kept_at)
		return &kept;
	if (interfaces_read(&fresh, f))
		return NULL;
	interfaces_free(&kept);
	kept = fresh;
	kept_at = now;
	return &kept;
}

void interfaces_forget(void)
{
	interfaces_free(&kept);
}

const struct interface *interface_by_index(const struct interfaces *interfaces, unsigned index)
{
	for (size_t i = 0; i < interfaces->n; i++) {
		if (interfaces->list[i].index == index)
			return &interfaces->list[i];
	}
	return NULL;
}

static void tell_unknown(const struct interfaces *interfaces, const char *name, struct fault *f)
{
	struct nearest nearest = {.wanted = name};
	struct buffer names = {0};

	for (size_t i = 0; i < interfaces->n; i++) {
		nearest_offer(&nearest, interfaces->list[i].name);
		if (i < LISTED_MAX)
			buffer_add(&names, "%s%s", i ? ", " : "", interfaces->list[i].name);
	}
	if (interfaces->n > LISTED_MAX)
		buffer_add(&names, " and %zu more", interfaces->n - LISTED_MAX);
	if (nearest.name)
		fault_set(f, ENODEV, "there is no interface \"%s\", did you mean \"%s\"? There are "
			  "%s", name, nearest.name, buffer_text(&names));
	else
		fault_set(f, ENODEV, "there is no interface \"%s\": there are %s", name,
			  interfaces->n ? buffer_text(&names) : "none");
	buffer_free(&names);
}

const struct interface *interface_find(const struct interfaces *interfaces, const char *name,
				       struct fault *f)
{
	for (size_t i = 0; i < interfaces->n; i++) {
		if (!strcmp(interfaces->list[i].name, name))
			return &interfaces->list[i];
	}
	tell_unknown(interfaces, name, f);
	return NULL;
}

int interface_check(const struct interface *interface, struct fault *f)
{
	if (!interface->up)
		return fault_set(f, ENETDOWN, "interface \"%s\" is down: bring it up with \"ip "
				 "link set %s up\"", interface->name, interface->name);
	/* the kernel drops what is sent without a carrier, and says nothing */
	if (!interface->carrier)
		return fault_set(f, ENETDOWN, "interface \"%s\" has no carrier: is its cable "
				 "plugged in, and the other end switched on?", interface->name);
	return 0;
}
