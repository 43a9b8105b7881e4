/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDP datagrams out of a chosen interface: ip(7), ipv6(7), RFC 3542. See udp.h. */
#include "udp.h"
#include "target.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How often one packet is tried again because of errors that belong to earlier ones. */
enum { TRIES_MAX = 16 };

static int socket_v4 = -1, socket_v6 = -1;

static int set_on(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on));
}

static int udp_open(sa_family_t family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	/* without …_RECVERR the kernel does not tell that an interface's queue was full */
	if (family == AF_INET)
		err = set_on(fd, SOL_SOCKET, SO_BROADCAST) || set_on(fd, IPPROTO_IP, IP_RECVERR);
	else
		err = set_on(fd, IPPROTO_IPV6, IPV6_V6ONLY) ||
		      set_on(fd, IPPROTO_IPV6, IPV6_RECVERR);
	if (err) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int udp_socket(sa_family_t family)
{
	int *fd = family == AF_INET ? &socket_v4 : &socket_v6;

	if (*fd < 0) {
		int opened = udp_open(family);

		if (opened < 0)
			return opened;
		*fd = opened;
	}
	return *fd;
}

void udp_close(void)
{
	if (socket_v4 >= 0)
		close(socket_v4);
	if (socket_v6 >= 0)
		close(socket_v6);
	socket_v4 = socket_v6 = -1;
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_of(const struct target *t, union address *address)
{
	*address = (union address){.any.sa_family = t->family};
	if (t->family == AF_INET) {
		address->v4.sin_addr = t->v4;
		address->v4.sin_port = htons(t->port);
		return sizeof(address->v4);
	}
	address->v6.sin6_addr = t->v6;
	address->v6.sin6_port = htons(t->port);
	if (IN6_IS_ADDR_LINKLOCAL(&t->v6) || IN6_IS_ADDR_MC_LINKLOCAL(&t->v6))
		address->v6.sin6_scope_id = t->index;
	return sizeof(address->v6);
}

enum { CONTROL_SIZE = CMSG_SPACE(sizeof(struct in6_pktinfo)) };

/* Names the interface to go out of. */
static void set_interface(struct msghdr *message, const struct target *t, char *control)
{
	struct in_pktinfo v4 = {.ipi_ifindex = (int)t->index};
	struct in6_pktinfo v6 = {.ipi6_ifindex = t->index};
	bool is_v4 = t->family == AF_INET;
	size_t size = is_v4 ? sizeof(v4) : sizeof(v6);
	struct cmsghdr *c;

	memset(control, 0, CONTROL_SIZE);
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(size);
	c = CMSG_FIRSTHDR(message);
	c->cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = is_v4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), is_v4 ? (void *)&v4 : &v6, size);
}

/* Drops the ICMP errors about earlier packets; false when there were none. */
static bool drop_stale_errors(int fd)
{
	char byte;
	bool any = false;

	while (recv(fd, &byte, sizeof(byte), MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		any = true;
	return any;
}

int udp_send(const struct target *target, const uint8_t *packet, size_t size)
{
	_Alignas(struct cmsghdr) char control[CONTROL_SIZE];
	union address address;
	struct iovec data = {(uint8_t *)packet, size};
	struct msghdr message = {.msg_name = &address, .msg_iov = &data, .msg_iovlen = 1};
	int fd = udp_socket(target->family), err, tries = 0;

	if (fd < 0)
		return fd;
	message.msg_namelen = address_of(target, &address);
	if (target->index)
		set_interface(&message, target, control);
	/* that a host answered "unreachable" to an earlier packet must not stop this one */
	do {
		if (sendmsg(fd, &message, 0) >= 0)
			return 0;
		err = errno;
		if (err == EAGAIN || err == ENOBUFS)
			return -EAGAIN;
		tries++;
	} while (tries < TRIES_MAX && (drop_stale_errors(fd) || tries == 1));
	return -err;
}
