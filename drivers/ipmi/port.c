/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDP by the batch: udp(7), ip(7), ipv6(7). See port.h. */
#include "port.h"
#include "base/fault.h"

#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* before the kernel's own header, which wants struct timespec */
#include <linux/errqueue.h>

enum {
	BATCH = 64,
	ROUNDS = 16,			/* batches that are read before others get their turn */
	RECEIVE_SPACE = 8 << 20,
	CONTROL_SIZE = 256,
	/* of one packet, against errors that belong to earlier ones */
	TRIES_MAX = 4,
};

struct port {
	int fd;				/* -1: closed */
	sa_family_t family;
	ev_io io;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Packets that wait to be sent, all by one socket. */
struct outbox {
	struct port *port;
	unsigned n;
	union address to[BATCH];
	struct packet packets[BATCH];
};

/* Made when the first socket is opened. */
struct ports {
	struct ev_loop *loop;
	const struct port_owner *owner;
	ev_prepare flush;		/* never started: fed where something is to be sent */
	struct port list[2][PORTS];
	struct outbox outbox;
	uint8_t inbox[BATCH][PACKET_MAX];
};

static struct ports *ports;

struct peer peer_of(const struct sockaddr_storage *address, uint16_t port)
{
	struct peer peer = {.family = address->ss_family, .port = htons(port)};

	if (address->ss_family == AF_INET) {
		memcpy(peer.address, &((const struct sockaddr_in *)address)->sin_addr, 4);
	} else {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

		memcpy(peer.address, &v6->sin6_addr, 16);
		peer.scope = IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ? v6->sin6_scope_id : 0;
	}
	return peer;
}

static struct peer peer_from(const union address *from)
{
	struct peer peer = {.family = from->any.sa_family};

	if (peer.family == AF_INET) {
		peer.port = from->v4.sin_port;
		memcpy(peer.address, &from->v4.sin_addr, 4);
	} else {
		peer.port = from->v6.sin6_port;
		memcpy(peer.address, &from->v6.sin6_addr, 16);
		if (IN6_IS_ADDR_LINKLOCAL(&from->v6.sin6_addr))
			peer.scope = from->v6.sin6_scope_id;
	}
	return peer;
}

static socklen_t address_of(const struct peer *peer, union address *address)
{
	memset(address, 0, sizeof(*address));
	address->any.sa_family = peer->family;
	if (peer->family == AF_INET) {
		address->v4.sin_port = peer->port;
		memcpy(&address->v4.sin_addr, peer->address, 4);
		return sizeof(address->v4);
	}
	address->v6.sin6_port = peer->port;
	address->v6.sin6_scope_id = peer->scope;
	memcpy(&address->v6.sin6_addr, peer->address, 16);
	return sizeof(address->v6);
}

static socklen_t address_size(sa_family_t family)
{
	return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

/* --- receiving ---------------------------------------------------------------------------- */

/* Reads a batch; false when there is no more. */
static bool receive(struct port *port)
{
	union address from[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH];
	int n;

	memset(messages, 0, sizeof(messages));
	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ports->inbox[i], PACKET_MAX};
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &iov[i],
			.msg_iovlen = 1,
		};
	}
	n = recvmmsg(port->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct peer peer = peer_from(&from[i]);

		if (!(messages[i].msg_hdr.msg_flags & MSG_TRUNC))
			ports->owner->take(&peer, ports->inbox[i], messages[i].msg_len);
	}
	return n == BATCH;
}

/* Reads one error; false when there is none. */
static bool receive_error(struct port *port)
{
	_Alignas(struct cmsghdr) char control[CONTROL_SIZE];
	union address to = {.any.sa_family = AF_UNSPEC};
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct sock_extended_err e;
	struct cmsghdr *c;

	if (recvmsg(port->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_len >= CMSG_LEN(sizeof(e)) && to.any.sa_family != AF_UNSPEC) {
		struct peer peer = peer_from(&to);

		memcpy(&e, CMSG_DATA(c), sizeof(e));
		ports->owner->refused(&peer, (int)e.ee_errno);
	}
	return true;
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct port *port = w->data;

	(void)loop, (void)events;
	for (unsigned i = 0; i < ROUNDS * BATCH && receive_error(port); i++)
		;
	for (unsigned i = 0; i < ROUNDS && port->fd >= 0 && receive(port); i++)
		port_flush();
}

/* --- sending ------------------------------------------------------------------------------ */

/* What the kernel would not send. */
struct refusal {
	struct peer peer;
	int err;
};

void port_flush(void)
{
	struct iovec iov[BATCH];
	struct mmsghdr messages[BATCH];
	struct outbox *o;
	struct refusal refused[BATCH];
	unsigned sent = 0, tries = 0, nrefused = 0;

	if (!ports || !ports->outbox.n)
		return;
	o = &ports->outbox;
	memset(messages, 0, sizeof(messages));
	for (unsigned i = 0; i < o->n; i++) {
		iov[i] = (struct iovec){o->packets[i].bytes, o->packets[i].length};
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = &o->to[i], .msg_namelen = address_size(o->port->family),
			.msg_iov = &iov[i], .msg_iovlen = 1,
		};
	}
	while (sent < o->n) {
		int n = sendmmsg(o->port->fd, messages + sent, o->n - sent, MSG_DONTWAIT);

		if (n > 0) {
			sent += (unsigned)n;
			tries = 0;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			break;
		} else if (++tries == TRIES_MAX) {
			/* what stays is this packet's; what an ICMP message told goes away */
			refused[nrefused++] = (struct refusal){peer_from(&o->to[sent]), errno};
			sent++;
			tries = 0;
		}
	}
	/* who is told of it may send again */
	o->n = 0;
	for (unsigned i = 0; i < nrefused && ports; i++)
		ports->owner->refused(&refused[i].peer, refused[i].err);
}

static void on_flush(struct ev_loop *loop, ev_prepare *w, int events)
{
	(void)loop, (void)w, (void)events;
	port_flush();
}

static int open_ports(struct ev_loop *loop, const struct port_owner *owner, struct fault *f)
{
	if (ports)
		return 0;
	ports = calloc(1, sizeof(*ports));
	if (!ports)
		return fault_no_memory(f);
	ports->loop = loop;
	ports->owner = owner;
	for (unsigned i = 0; i < PORTS; i++)
		ports->list[0][i].fd = ports->list[1][i].fd = -1;
	ev_prepare_init(&ports->flush, on_flush);
	/* behind all who have something to send in the same round */
	ev_set_priority(&ports->flush, EV_MINPRI);
	return 0;
}

static int open_port(struct port *port, sa_family_t family, struct fault *f)
{
	const int yes = 1, space = RECEIVE_SPACE;
	const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;

	if (port->fd >= 0)
		return 0;
	port->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (port->fd < 0)
		return fault_set(f, errno, "no UDP socket can be had: %s", strerror(errno));
	port->family = family;
	setsockopt(port->fd, level, family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &yes,
		   sizeof(yes));
	if (family == AF_INET6)
		setsockopt(port->fd, level, IPV6_V6ONLY, &yes, sizeof(yes));
	/* thousands of answers may come at once; more than the limit is for the privileged */
	if (setsockopt(port->fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)))
		setsockopt(port->fd, SOL_SOCKET, SO_RCVBUF, &space, sizeof(space));
	ev_io_init(&port->io, on_io, port->fd, EV_READ);
	port->io.data = port;
	ev_io_start(ports->loop, &port->io);
	ev_unref(ports->loop);
	return 0;
}

int port_send(struct ev_loop *loop, const struct port_owner *owner, const struct peer *to,
	      unsigned number, const struct packet *packet, struct fault *f)
{
	struct port *port;
	struct outbox *o;
	int err = open_ports(loop, owner, f);

	if (err)
		return err;
	port = &ports->list[to->family == AF_INET6][number % PORTS];
	err = open_port(port, to->family, f);
	if (err)
		return err;
	o = &ports->outbox;
	if (o->n && (o->port != port || o->n == BATCH))
		port_flush();
	if (!o->n)
		ev_feed_event(loop, &ports->flush, EV_PREPARE);
	o->port = port;
	address_of(to, &o->to[o->n]);
	o->packets[o->n].length = packet->length;
	memcpy(o->packets[o->n].bytes, packet->bytes, packet->length);
	o->n++;
	return 0;
}

static void close_port(struct port *port)
{
	if (port->fd < 0)
		return;
	ev_ref(ports->loop);
	ev_io_stop(ports->loop, &port->io);
	close(port->fd);
	port->fd = -1;
}

void port_close(void)
{
	if (!ports)
		return;
	port_flush();
	for (unsigned i = 0; i < PORTS; i++) {
		close_port(&ports->list[0][i]);
		close_port(&ports->list[1][i]);
	}
	ev_clear_pending(ports->loop, &ports->flush);
	free(ports);
	ports = NULL;
}
