/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The UDP socket. See server.h. One socket stands for all BMCs: the address that a datagram was
 * sent to says which is meant, and its answer carries this address as its source (IP_PKTINFO in
 * ip(7), RFC 3542).
 */
#include "server.h"
#include "bmc.h"
#include "command.h"
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Datagrams at a time, and how often before others on the loop have their turn. */
enum { BATCH = 64, ROUNDS = 32, ROOM = 32 << 20 };

/* Room for either family's packet information. */
union ancillary {
	struct cmsghdr header;
	char in[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char in6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct batch {
	struct mmsghdr headers[BATCH];
	struct iovec vectors[BATCH];
	union ancillary controls[BATCH];
	struct endpoint peers[BATCH];
};

static const struct server *server;
static int fd = -1;
static bool v6;
static unsigned loopback;
static ev_io readable;
static struct batch in, out;
static uint8_t buffers[BATCH][REQUEST_MAX];
static struct answer answers[BATCH];
static unsigned waiting;

/* -- out --------------------------------------------------------------------------------------- */

static void set_source(struct msghdr *header, union ancillary *control,
		       const struct address *source)
{
	struct cmsghdr *c = &control->header;

	memset(control, 0, sizeof(*control));
	header->msg_control = control;
	if (v6) {
		struct in6_pktinfo info = {.ipi6_ifindex = 0};

		memcpy(&info.ipi6_addr, source->bytes, sizeof(info.ipi6_addr));
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		header->msg_controllen = CMSG_SPACE(sizeof(info));
	} else {
		struct in_pktinfo info = {.ipi_ifindex = 0};

		memcpy(&info.ipi_spec_dst, source->bytes + 12, sizeof(info.ipi_spec_dst));
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		header->msg_controllen = CMSG_SPACE(sizeof(info));
	}
}

void server_flush(void)
{
	unsigned sent = 0;

	log_flush();
	while (sent < waiting) {
		int n = sendmmsg(fd, out.headers + sent, waiting - sent, 0);

		if (n > 0) {
			sent += (unsigned)n;
			stats.sent += (unsigned)n;
		} else if (errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};

			poll(&p, 1, 100);
		} else if (errno != EINTR) {
			/* this one cannot go anywhere */
			sent++;
		}
	}
	waiting = 0;
}

struct answer *server_answer(void)
{
	if (waiting == BATCH)
		server_flush();
	return &answers[waiting];
}

void server_commit(void)
{
	struct answer *answer = &answers[waiting];
	struct msghdr *header = &out.headers[waiting].msg_hdr;

	out.vectors[waiting].iov_base = answer->bytes;
	out.vectors[waiting].iov_len = answer->length;
	header->msg_name = &answer->to.u;
	header->msg_namelen = answer->to.length;
	header->msg_iov = &out.vectors[waiting];
	header->msg_iovlen = 1;
	set_source(header, &out.controls[waiting], &answer->bmc->address);
	waiting++;
}

void server_send(const struct answer *answer)
{
	struct answer *place = server_answer();

	place->bmc = answer->bmc;
	place->to = answer->to;
	place->length = answer->length;
	memcpy(place->bytes, answer->bytes, answer->length);
	server_commit();
}

/* -- in ---------------------------------------------------------------------------------------- */

/* Where a datagram was sent to, and by which interface it came; false when nobody knows. */
static bool destination(struct msghdr *header, struct address *address, unsigned *interface)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			address_from_v4(address, &info.ipi_addr);
			*interface = (unsigned)info.ipi_ifindex;
			return true;
		}
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(address->bytes, &info.ipi6_addr, sizeof(address->bytes));
			*interface = info.ipi6_ifindex;
			return true;
		}
	}
	return false;
}

static bool is_here(const struct address *address, unsigned interface)
{
	/* addresses of IPv6 that a test gave to the loopback interface count too */
	if (!server->anywhere && (interface != loopback || (address_is_v4(address) &&
							     !address_is_loopback(address))))
		return false;
	return !server->only || ranges_match(server->only, address);
}

static void receive(unsigned i)
{
	struct msghdr *header = &in.headers[i].msg_hdr;
	struct address address;
	unsigned interface;
	struct bmc *bmc;

	stats.received++;
	if (!destination(header, &address, &interface) || !is_here(&address, interface)) {
		stats.foreign++;
		return;
	}
	if (header->msg_flags & MSG_TRUNC) {
		stats.malformed++;
		return;
	}
	bmc = bmc_get(&address);
	if (!bmc || has(bmc, FAULT_DEAD) || bmc_chance(bmc, FAULT_LOSE_REQUESTS)) {
		stats.lost++;
		return;
	}
	in.peers[i].length = header->msg_namelen;
	rmcp_receive(bmc, &in.peers[i], buffers[i], in.headers[i].msg_len);
}

static void set_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
	int n = BATCH;

	(void)loop, (void)events;
	for (int round = 0; round < ROUNDS && n == BATCH; round++) {
		for (int i = 0; i < BATCH; i++) {
			struct msghdr *header = &in.headers[i].msg_hdr;

			in.vectors[i] = (struct iovec){buffers[i], REQUEST_MAX};
			header->msg_name = &in.peers[i].u;
			header->msg_namelen = sizeof(in.peers[i].u);
			header->msg_iov = &in.vectors[i];
			header->msg_iovlen = 1;
			header->msg_control = &in.controls[i];
			header->msg_controllen = sizeof(in.controls[i]);
		}
		n = recvmmsg(w->fd, in.headers, BATCH, MSG_DONTWAIT, NULL);
		set_clock();
		for (int i = 0; i < n; i++)
			receive((unsigned)i);
		server_flush();
	}
}

/* Answers that were made by a timer or a program's end go out before the loop waits. */
static void on_prepare(struct ev_loop *loop, ev_prepare *w, int events)
{
	(void)loop, (void)w, (void)events;
	server_flush();
}

static void on_check(struct ev_loop *loop, ev_check *w, int events)
{
	(void)loop, (void)w, (void)events;
	set_clock();
}

/* -- the socket -------------------------------------------------------------------------------- */

static int open_socket(struct server *s)
{
	const int one = 1, zero = 0, room = ROOM;
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(s->port)};
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(s->port)};
	struct address address;
	socklen_t length = sizeof(in6);

	if (!address_parse(s->bind, &address))
		return -EINVAL;
	v6 = !address_is_v4(&address);
	memcpy(&in6.sin6_addr, address.bytes, sizeof(in6.sin6_addr));
	memcpy(&in4.sin_addr, address.bytes + 12, sizeof(in4.sin_addr));
	fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* a burst of fifty thousand must find room; what the system does not give is not fatal */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (v6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)) ||
		 setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)) :
		 setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)))
		return -errno;
	if (v6 ? bind(fd, (struct sockaddr *)&in6, sizeof(in6)) :
		 bind(fd, (struct sockaddr *)&in4, sizeof(in4)))
		return -errno;
	if (getsockname(fd, (struct sockaddr *)&in6, &length))
		return -errno;
	s->port = ntohs(in6.sin6_port);
	return 0;
}

int server_start(struct server *s, struct ev_loop *loop)
{
	static ev_prepare prepare;
	static ev_check check;
	int err = open_socket(s);

	if (err) {
		server_stop();
		return err;
	}
	server = s;
	loopback = if_nametoindex("lo");
	set_clock();
	delay_start(loop);
	ev_io_init(&readable, on_readable, fd, EV_READ);
	ev_io_start(loop, &readable);
	ev_prepare_init(&prepare, on_prepare);
	ev_prepare_start(loop, &prepare);
	ev_check_init(&check, on_check);
	ev_check_start(loop, &check);
	return 0;
}

void server_stop(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
	delay_stop();
}
