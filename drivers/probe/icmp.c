/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks by ICMP echo requests: RFC 792, RFC 4443 section 4, icmp(7). One socket for each family
 * serves all probes: a ping socket where net.ipv4.ping_group_range lets us, else a raw one. Errors
 * that routers send come by the socket's error queue (ip(7), IP_RECVERR).
 */
#include "probe.h"
#include "base/fault.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* before the kernel's own header, which wants struct timespec */
#include <linux/errqueue.h>
#include <linux/icmp.h>

enum {
	HEADER_SIZE = 8,
	COOKIE_SIZE = 8,
	PACKET_SIZE = HEADER_SIZE + COOKIE_SIZE,
	/* of 65536 sequence numbers, so that a number comes again only after many others */
	PROBES_MAX = 8192,
	BATCH = 32,
	BATCHES = 16,
	RECEIVED_MAX = 160,	/* an IPv4 header with all options, and what we sent */
};

struct channel {
	const int family, protocol;
	const uint8_t request, reply, unreachable;
	int fd;				/* -1: closed */
	bool raw;
	uint16_t id;			/* of a raw socket; a ping socket has its own */
	size_t users;
	ev_io io;
	struct probe **probes;		/* by the low bits of their sequence numbers */
	uint16_t last;			/* sequence number */
};

static struct channel channels[] = {
	{.family = AF_INET, .protocol = IPPROTO_ICMP, .request = ICMP_ECHO, .reply = ICMP_ECHOREPLY,
	 .unreachable = ICMP_DEST_UNREACH, .fd = -1},
	{.family = AF_INET6, .protocol = IPPROTO_ICMPV6, .request = ICMP6_ECHO_REQUEST,
	 .reply = ICMP6_ECHO_REPLY, .unreachable = ICMP6_DST_UNREACH, .fd = -1},
};

/* Answers to earlier runs, and to other programs, do not have it. */
static uint8_t cookie[COOKIE_SIZE];

static struct channel *channel_of(const struct probe *p)
{
	return &channels[p->address.ss_family == AF_INET6];
}

/* RFC 1071 */
static uint16_t checksum(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

static uint16_t get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* A socket of the family. -errno. */
static int socket_open(int family, int protocol, bool *raw)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(family, SOCK_DGRAM | flags, protocol);

	*raw = false;
	if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EPROTONOSUPPORT)) {
		fd = socket(family, SOCK_RAW | flags, protocol);
		*raw = true;
	}
	return fd < 0 ? -errno : fd;
}

static int open_fault(int family, int err, struct fault *f)
{
	if (err == EPERM || err == EACCES)
		return fault_set(f, EPERM, "ping needs permission: put your group into "
				 "net.ipv4.ping_group_range (sysctl -w "
				 "net.ipv4.ping_group_range=\"0 2147483647\"), or give CAP_NET_RAW "
				 "(run as root, or \"setcap cap_net_raw+ep PROGRAM\")");
	if (err == EAFNOSUPPORT)
		return fault_set(f, err, "this kernel has no %s",
				 family == AF_INET6 ? "IPv6" : "IPv4");
	return fault_set(f, err, "no ping can be sent: %s", strerror(err));
}

int icmp_check(struct fault *f)
{
	bool raw;
	int fd = socket_open(AF_INET, IPPROTO_ICMP, &raw);

	if (fd < 0)
		return open_fault(AF_INET, -fd, f);
	close(fd);
	return 0;
}

/*
 * A raw socket gets every ICMP message of the machine: the kernel shall keep all but echo replies.
 */
static void filter_set(const struct channel *c)
{
	if (c->family == AF_INET) {
		struct icmp_filter filter = {.data = ~(1u << ICMP_ECHOREPLY)};

		setsockopt(c->fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter));
	} else {
		struct icmp6_filter filter;

		ICMP6_FILTER_SETBLOCKALL(&filter);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
		setsockopt(c->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
	}
}

static void make_cookie(void)
{
	struct timespec now;

	if (getrandom(cookie, sizeof(cookie), GRND_NONBLOCK) == sizeof(cookie))
		return;
	/* early in the boot: good enough to tell runs apart */
	clock_gettime(CLOCK_MONOTONIC, &now);
	put16(cookie, (uint16_t)getpid());
	put16(cookie + 2, (uint16_t)now.tv_sec);
	put16(cookie + 4, (uint16_t)(now.tv_nsec >> 16));
	put16(cookie + 6, (uint16_t)now.tv_nsec);
}

static void on_io(struct ev_loop *loop, ev_io *w, int events);

static int channel_open(struct channel *c, struct fault *f)
{
	const int yes = 1, space = 1 << 20;

	if (c->fd >= 0)
		return 0;
	if (!c->probes)
		c->probes = calloc(PROBES_MAX, sizeof(struct probe *));
	if (!c->probes)
		return fault_no_memory(f);
	c->fd = socket_open(c->family, c->protocol, &c->raw);
	if (c->fd < 0) {
		int err = -c->fd;

		c->fd = -1;
		return open_fault(c->family, err, f);
	}
	make_cookie();
	c->id = get16(cookie);
	if (c->raw)
		filter_set(c);
	setsockopt(c->fd, c->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		   c->family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &yes, sizeof(yes));
	/* hundreds of answers may come at once */
	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &space, sizeof(space));
	ev_io_init(&c->io, on_io, c->fd, EV_READ);
	c->io.data = c;
	return 0;
}

static bool is_same_address(const struct probe *p, const struct sockaddr_storage *from)
{
	if (from->ss_family != p->address.ss_family)
		return false;
	if (from->ss_family == AF_INET)
		return ((const struct sockaddr_in *)from)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)&p->address)->sin_addr.s_addr;
	return !memcmp(&((const struct sockaddr_in6 *)from)->sin6_addr,
		       &((const struct sockaddr_in6 *)&p->address)->sin6_addr,
		       sizeof(struct in6_addr));
}

/* The probe that a message of ours, or the answer to it, belongs to; NULL: none. */
static struct probe *find_probe(const struct channel *c, const uint8_t *message, size_t length,
				uint8_t type, const struct sockaddr_storage *address)
{
	struct probe *p;
	uint16_t sequence;

	if (length < HEADER_SIZE || message[0] != type || (c->raw && get16(message + 4) != c->id))
		return NULL;
	sequence = get16(message + 6);
	p = c->probes[sequence % PROBES_MAX];
	return p && p->sequence == sequence && is_same_address(p, address) ? p : NULL;
}

static void take_answer(struct channel *c, const uint8_t *bytes, size_t length,
			const struct sockaddr_storage *from)
{
	struct probe *p;

	/* a raw IPv4 socket delivers the IP header too */
	if (c->raw && c->family == AF_INET) {
		size_t header = length ? (size_t)(bytes[0] & 15) * 4 : 0;

		if (header < 20 || header > length)
			return;
		bytes += header;
		length -= header;
	}
	p = find_probe(c, bytes, length, c->reply, from);
	if (p && length >= PACKET_SIZE && !memcmp(bytes + HEADER_SIZE, cookie, COOKIE_SIZE))
		probe_answered(p);
}

/* Reads a batch of answers; false when there are no more. */
static bool read_answers(struct channel *c)
{
	uint8_t bytes[BATCH][RECEIVED_MAX];
	struct sockaddr_storage from[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH];
	int n;

	memset(messages, 0, sizeof(messages));
	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){bytes[i], RECEIVED_MAX};
		messages[i].msg_hdr.msg_name = &from[i];
		messages[i].msg_hdr.msg_namelen = sizeof(from[i]);
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(c->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take_answer(c, bytes[i], messages[i].msg_len, &from[i]);
	return n == BATCH;
}

/* Whether somebody on the way forbids it: then nothing is known of the machine. */
static bool is_prohibited(const struct channel *c, const struct sock_extended_err *e)
{
	if (c->family == AF_INET6)
		return e->ee_code == ICMP6_DST_UNREACH_ADMIN ||
		       e->ee_code > ICMP6_DST_UNREACH_NOPORT;
	return e->ee_code == ICMP_NET_ANO || e->ee_code == ICMP_HOST_ANO ||
	       e->ee_code == ICMP_PKT_FILTERED;
}

static void take_error(struct channel *c, const uint8_t *message, size_t length,
		       const struct sockaddr_storage *to, const struct sock_extended_err *e)
{
	struct probe *p = find_probe(c, message, length, c->request, to);
	bool told = e->ee_origin == SO_EE_ORIGIN_ICMP || e->ee_origin == SO_EE_ORIGIN_ICMP6;

	if (!p || (told && e->ee_type != c->unreachable))
		return;
	if (told && is_prohibited(c, e))
		probe_refused(p, EACCES);
	else if (e->ee_errno)
		probe_refused(p, (int)e->ee_errno);
}

/* The socket asks for nothing else to come beside a message: the first is the only one. */
static bool find_error(struct msghdr *m, struct sock_extended_err *e)
{
	const struct cmsghdr *h = CMSG_FIRSTHDR(m);

	if (!h || h->cmsg_len < CMSG_LEN(sizeof(*e)) ||
	    !((h->cmsg_level == IPPROTO_IP && h->cmsg_type == IP_RECVERR) ||
	      (h->cmsg_level == IPPROTO_IPV6 && h->cmsg_type == IPV6_RECVERR)))
		return false;
	memcpy(e, CMSG_DATA(h), sizeof(*e));
	return true;
}

/* Reads one error; false when there are no more. The message that caused it comes with it. */
static bool read_error(struct channel *c)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[512];
	} control;
	uint8_t bytes[RECEIVED_MAX];
	struct sockaddr_storage to = {0};
	struct iovec iov = {bytes, sizeof(bytes)};
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t length = recvmsg(c->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT);
	struct sock_extended_err e;

	if (length < 0)
		return false;
	if (find_error(&m, &e))
		take_error(c, bytes, (size_t)length, &to, &e);
	return true;
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct channel *c = w->data;

	(void)loop, (void)events;
	for (unsigned i = 0; i < BATCH * BATCHES && read_error(c); i++)
		;
	for (unsigned i = 0; i < BATCHES && read_answers(c); i++)
		;
}

static int send_request(struct probe *p, struct fault *f)
{
	struct channel *c = channel_of(p);
	uint8_t packet[PACKET_SIZE] = {c->request};

	put16(packet + 4, c->id);
	put16(packet + 6, p->sequence);
	memcpy(packet + HEADER_SIZE, cookie, COOKIE_SIZE);
	/* the kernel does it for IPv6, whose sum covers addresses too */
	if (c->family == AF_INET)
		put16(packet + 2, checksum(packet, sizeof(packet)));
	/*
	 * the socket also gives back the errors of others, once each: only one that stays is ours
	 */
	for (unsigned i = 0; i < 8; i++) {
		if (sendto(c->fd, packet, sizeof(packet), MSG_DONTWAIT,
			   (struct sockaddr *)&p->address, p->address_length) >= 0)
			errno = 0;
		if (!errno || errno == EAGAIN || errno == ENOBUFS) {
			probe_sent(p, errno);
			return 0;
		}
	}
	return probe_fault(p, errno, f);
}

/* A sequence number that no probe has now. */
static int take_sequence(struct channel *c, struct probe *p, struct fault *f)
{
	for (unsigned i = 0; i < PROBES_MAX; i++) {
		uint16_t sequence = ++c->last;

		if (c->probes[sequence % PROBES_MAX])
			continue;
		c->probes[sequence % PROBES_MAX] = p;
		p->sequence = sequence;
		p->has_sequence = true;
		return 0;
	}
	return fault_set(f, EAGAIN, "more than %d pings at a time: ask fewer machines (--fanout)",
			 PROBES_MAX);
}

static int begin(struct probe *p, struct fault *f)
{
	struct channel *c = channel_of(p);
	int err = channel_open(c, f);

	if (!err)
		err = take_sequence(c, p, f);
	if (err)
		return err;
	if (!c->users++)
		ev_io_start(p->attempt->loop, &c->io);
	return send_request(p, f);
}

static void end(struct probe *p)
{
	struct channel *c = channel_of(p);

	if (!p->has_sequence)
		return;
	c->probes[p->sequence % PROBES_MAX] = NULL;
	if (!--c->users)
		ev_io_stop(p->attempt->loop, &c->io);
}

static void quit(void)
{
	for (unsigned i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		struct channel *c = &channels[i];

		if (c->fd >= 0)
			close(c->fd);
		c->fd = -1;
		free(c->probes);
		c->probes = NULL;
	}
}

const struct probe_kind probe_icmp = {
	.name = "icmp",
	.asked = "ping",
	.family = AF_UNSPEC,
	.sends = 3,
	.begin = begin,
	.again = send_request,
	.end = end,
	.quit = quit,
};
