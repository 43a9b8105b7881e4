/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network interfaces: see links.h. Defined by: rtnetlink(7). The kernel tells of every change, so
 * that nothing is asked twice.
 */
#include "init/links.h"
#include "base/fault.h"
#include "init/init.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* IFF_LOWER_UP, which <net/if.h> lacks: a carrier. */
enum { LOWER_UP = 1 << 16, MESSAGES_SIZE = 16384 };

struct search {
	int fd;
	const char *device;
	struct link *link;
	bool found, listed;
	unsigned seen;			/* interfaces that may be meant */
};

struct question {
	struct nlmsghdr header;
	struct ifinfomsg info;
};

static int send_question(int fd, struct question *q)
{
	q->header.nlmsg_len = sizeof(*q);
	return send(fd, q, sizeof(*q), 0) < 0 ? -errno : 0;
}

static int ask_for_all(int fd)
{
	struct question q = {
		.header = {.nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	};

	return send_question(fd, &q);
}

/* What goes wrong with it comes back as a message with its number. */
static void bring_up(int fd, int index)
{
	struct question q = {
		.header = {.nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST,
			   .nlmsg_seq = (unsigned)index},
		.info = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP},
	};

	send_question(fd, &q);
}

static void read_attributes(const struct nlmsghdr *header, struct link *link)
{
	const struct ifinfomsg *info = NLMSG_DATA(header);
	const struct rtattr *a = IFLA_RTA(info);
	size_t left = IFLA_PAYLOAD(header);

	*link = (struct link){.index = (unsigned)info->ifi_index};
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		size_t n = RTA_PAYLOAD(a);

		if (a->rta_type == IFLA_IFNAME && n && n <= sizeof(link->name))
			memcpy(link->name, RTA_DATA(a), n - 1);
		else if (a->rta_type == IFLA_ADDRESS && n == sizeof(link->address))
			memcpy(link->address, RTA_DATA(a), n);
	}
}

static void look_at(struct search *s, const struct nlmsghdr *header)
{
	const struct ifinfomsg *info = NLMSG_DATA(header);
	const unsigned wanted = IFF_UP | LOWER_UP;
	struct link link;

	if (!(info->ifi_flags & IFF_UP))
		bring_up(s->fd, info->ifi_index);
	read_attributes(header, &link);
	if (*s->device ? strcmp(s->device, link.name) != 0 :
	    info->ifi_type != ARPHRD_ETHER || info->ifi_flags & (IFF_LOOPBACK | IFF_NOARP))
		return;
	s->seen++;
	if (s->found || (info->ifi_flags & wanted) != wanted)
		return;
	*s->link = link;
	s->found = true;
}

static void refused(const struct nlmsghdr *header)
{
	const struct nlmsgerr *error = NLMSG_DATA(header);
	char name[IF_NAMESIZE];

	if (error->error && error->msg.nlmsg_seq && if_indextoname(error->msg.nlmsg_seq, name))
		init_tell("the network interface %s cannot be brought up: %s", name,
			  strerror(-error->error));
}

static void read_messages(struct search *s, const void *messages, size_t size)
{
	const struct nlmsghdr *header = messages;

	for (; NLMSG_OK(header, size); header = NLMSG_NEXT(header, size)) {
		if (header->nlmsg_type == RTM_NEWLINK)
			look_at(s, header);
		else if (header->nlmsg_type == NLMSG_ERROR)
			refused(header);
		else if (header->nlmsg_type == NLMSG_DONE)
			s->listed = true;
	}
}

static int not_found(const struct search *s, int wait_ms, struct fault *f)
{
	if (!s->seen && *s->device)
		return fault_set(f, ETIMEDOUT, "there is no network interface \"%s\"", s->device);
	if (!s->seen)
		return fault_set(f, ETIMEDOUT, "there is no network interface: its driver's module "
				 "has to be in /lib/modules/list");
	return fault_set(f, ETIMEDOUT, "no carrier within %d s on %s: is the cable plugged in?",
			 wait_ms / 1000, *s->device ? s->device : "any network interface");
}

static int wait_for_carrier(struct search *s, int wait_ms, struct fault *f)
{
	_Alignas(struct nlmsghdr) static char messages[MESSAGES_SIZE];
	struct pollfd wait = {.fd = s->fd, .events = POLLIN};
	int64_t end = init_now_ms() + wait_ms;

	while (!s->found || !s->listed) {
		int64_t left = end - init_now_ms();
		ssize_t got;

		if (left <= 0 || !poll(&wait, 1, (int)left))
			return not_found(s, wait_ms, f);
		got = recv(s->fd, messages, sizeof(messages), MSG_DONTWAIT);
		if (got >= 0)
			read_messages(s, messages, (size_t)got);
		/* there was more than the socket holds */
		else if (errno == ENOBUFS && ask_for_all(s->fd))
			return fault_set(f, errno, "the network interfaces cannot be read: %s",
					 strerror(errno));
	}
	return 0;
}

int links_up(const char *device, int wait_ms, struct link *link, struct fault *f)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	struct search search = {.device = device, .link = link};
	int err;

	*link = (struct link){0};
	search.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (search.fd < 0)
		return fault_set(f, errno, "this kernel has no network: %s", strerror(errno));
	if (bind(search.fd, (const void *)&address, sizeof(address)) || ask_for_all(search.fd))
		err = fault_set(f, errno, "the network interfaces cannot be read: %s",
				strerror(errno));
	else
		err = wait_for_carrier(&search, wait_ms, f);
	close(search.fd);
	return err;
}
