/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses: see setting.h. Defined by: the kernel's Documentation/admin-guide/nfs/nfsroot.rst and
 * net/ipv4/ipconfig.c for ip=, netdevice(7), resolv.conf(5).
 */
#include "init/setting.h"
#include "base/fault.h"
#include "init/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/route.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The places of ip=CLIENT:SERVER:GATEWAY:NETMASK:HOST:DEVICE:AUTOCONF:DNS0:DNS1:NTP. */
enum { CLIENT, SERVER, GATEWAY, NETMASK, HOST, DEVICE, AUTOCONF, DNS0, DNS1, NTP, PLACES };

/* The ways of AUTOCONF: without an address, and those that DHCP is one of. */
static const char *const never[] = {"", "off", "none", NULL};
static const char *const ask[] = {"dhcp", "on", "any", "both", "bootp", NULL};

static bool is_one_of(const char *word, const char *const *list)
{
	while (*list && strcmp(word, *list))
		list++;
	return *list;
}

struct in_addr setting_class(struct in_addr address)
{
	uint32_t first = ntohl(address.s_addr) >> 24;

	return (struct in_addr){htonl(first < 128 ? 0xff000000 : first < 192 ? 0xffff0000 :
				      first < 224 ? 0xffffff00 : 0)};
}

static int read_address(const char *text, const char *place, struct in_addr *address,
			struct fault *f)
{
	if (*text && inet_pton(AF_INET, text, address) != 1)
		return fault_set(f, EINVAL, "ip=: %s is \"%s\": an IPv4 address is wanted, as "
				 "192.168.1.10", place, text);
	return 0;
}

static int read_name(const char *text, const char *place, char *name, size_t size, struct fault *f)
{
	if ((size_t)snprintf(name, size, "%s", text) >= size)
		return fault_set(f, EINVAL, "ip=: %s \"%s\" is longer than %zu letters", place,
				 text, size - 1);
	return 0;
}

static int read_places(char *const *places, struct setting_wish *wish, struct fault *f)
{
	static const struct { int place; const char *name; size_t at; } addresses[] = {
		{CLIENT, "the address", offsetof(struct setting, address)},
		{GATEWAY, "the gateway", offsetof(struct setting, gateway)},
		{NETMASK, "the netmask", offsetof(struct setting, netmask)},
		{DNS0, "the name server", offsetof(struct setting, dns[0])},
		{DNS1, "the second name server", offsetof(struct setting, dns[1])},
	};
	const char *way = places[AUTOCONF];
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(addresses) / sizeof(addresses[0]); i++)
		err = read_address(places[addresses[i].place], addresses[i].name,
				   (void *)((char *)&wish->setting + addresses[i].at), f);
	if (!err)
		err = read_name(places[HOST], "the host name", wish->setting.host,
				sizeof(wish->setting.host), f);
	if (!err)
		err = read_name(places[DEVICE], "the interface", wish->device,
				sizeof(wish->device), f);
	wish->dhcp = is_one_of(way, ask);
	if (!err && !wish->dhcp && !is_one_of(way, never))
		return fault_set(f, EINVAL, "ip=: \"%s\" is no way to an address: dhcp, on, any, "
				 "off and none are", way);
	return err;
}

int setting_read(const char *text, struct setting_wish *wish, struct fault *f)
{
	char copy[256], *places[PLACES], *p = copy;
	size_t n = 0;

	*wish = (struct setting_wish){0};
	if (strlen(text) >= sizeof(copy))
		return fault_set(f, EINVAL, "ip=%.32s… is longer than %zu letters", text,
				 sizeof(copy) - 1);
	strcpy(copy, text);
	while (n < PLACES && p)
		places[n++] = strsep(&p, ":");
	if (p)
		return fault_set(f, EINVAL, "ip=%s has more than %d places: CLIENT::GATEWAY:NETMASK:"
				 "HOST:DEVICE:off, or dhcp", text, PLACES);
	while (n < PLACES)
		places[n++] = copy + strlen(text);
	/* alone it may be the way to an address as well */
	if (!strchr(text, ':') && (is_one_of(copy, never) || is_one_of(copy, ask))) {
		places[AUTOCONF] = copy;
		places[CLIENT] = copy + strlen(copy);
	}
	return read_places(places, wish, f);
}

/* --- giving it to an interface --------------------------------------------------------------- */

static void put_address(struct sockaddr *to, struct in_addr address)
{
	const struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = address};

	memcpy(to, &in, sizeof(in));
}

static int set(int fd, unsigned long request, const struct link *link, struct in_addr address)
{
	struct ifreq wish = {0};

	strcpy(wish.ifr_name, link->name);
	put_address(&wish.ifr_addr, address);
	return ioctl(fd, request, &wish) ? -errno : 0;
}

static int add_route(int fd, const struct link *link, struct in_addr gateway)
{
	char device[IF_NAMESIZE];
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = device};

	strcpy(device, link->name);
	put_address(&route.rt_dst, (struct in_addr){0});
	put_address(&route.rt_genmask, (struct in_addr){0});
	put_address(&route.rt_gateway, gateway);
	return ioctl(fd, SIOCADDRT, &route) && errno != EEXIST ? -errno : 0;
}

static int write_resolver(const struct setting *s, struct fault *f)
{
	static const char path[] = "/etc/resolv.conf";
	char text[INET_ADDRSTRLEN];
	FILE *out;

	mkdir("/etc", 0755);
	out = fopen(path, "we");
	if (!out)
		return fault_set(f, errno, "cannot write %s: %s", path, strerror(errno));
	if (s->domain[0])
		fprintf(out, "search %s\n", s->domain);
	for (size_t i = 0; i < SETTING_DNS; i++) {
		if (s->dns[i].s_addr)
			fprintf(out, "nameserver %s\n",
				inet_ntop(AF_INET, &s->dns[i], text, sizeof(text)));
	}
	return fclose(out) ? fault_set(f, errno, "cannot write %s: %s", path, strerror(errno)) : 0;
}

static int set_all(int fd, const struct setting *s, const struct link *link, struct fault *f)
{
	struct in_addr netmask = s->netmask.s_addr ? s->netmask : setting_class(s->address);
	char text[INET_ADDRSTRLEN];
	int err = set(fd, SIOCSIFADDR, link, s->address);

	if (!err && netmask.s_addr)
		err = set(fd, SIOCSIFNETMASK, link, netmask);
	if (err)
		return fault_set(f, -err, "%s cannot have the address %s: %s", link->name,
				 inet_ntop(AF_INET, &s->address, text, sizeof(text)),
				 strerror(-err));
	if (s->gateway.s_addr)
		err = add_route(fd, link, s->gateway);
	if (err)
		return fault_set(f, -err, "the gateway %s cannot be reached by %s: %s",
				 inet_ntop(AF_INET, &s->gateway, text, sizeof(text)), link->name,
				 strerror(-err));
	return 0;
}

int setting_apply(const struct setting *s, const struct link *link, struct fault *f)
{
	int fd, err = 0;

	if (s->host[0])
		sethostname(s->host, strlen(s->host));
	if (s->address.s_addr) {
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			return fault_set(f, errno, "this kernel has no IPv4: %s", strerror(errno));
		err = set_all(fd, s, link, f);
		close(fd);
	}
	if (!err && (s->dns[0].s_addr || s->dns[1].s_addr || s->domain[0]))
		err = write_resolver(s, f);
	return err;
}
