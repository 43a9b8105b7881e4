/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A DHCP client: see dhcp.h. Defined by: RFC 2131, 3.1 and 4.4. Answers are asked for as broadcasts,
 * which an interface without an address takes in: no raw socket is needed.
 */
#include "init/dhcp.h"
#include "base/fault.h"
#include "init/dhcp_packet.h"
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's own client asks as long; a switch may take 30 s before it lets the first packet through. */
enum { PATIENCE_MS = 45000, FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 16000, SHORTEST_WAIT_S = 60 };

struct client {
	int fd;
	const struct link *link;
	struct dhcp_question question;
	struct dhcp_answer answer;
	int64_t began_ms;
};

static uint32_t any_number(const struct link *link)
{
	uint32_t number;

	/* it need not be secret, only another than that of other machines */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number)) {
		memcpy(&number, link->address + 2, sizeof(number));
		number ^= (uint32_t)init_now_ms();
	}
	return number;
}

static int open_socket(struct client *c, struct fault *f)
{
	const struct sockaddr_in here = {
		.sin_family = AF_INET, .sin_port = htons(DHCP_CLIENT_PORT),
	};
	const int yes = 1;
	int err;

	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return fault_set(f, errno, "this kernel has no IPv4: %s", strerror(errno));
	if (!setsockopt(c->fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes)) &&
	    !setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) &&
	    !setsockopt(c->fd, SOL_SOCKET, SO_BINDTODEVICE, c->link->name, sizeof(c->link->name)) &&
	    !bind(c->fd, (const void *)&here, sizeof(here)))
		return 0;
	err = fault_set(f, errno, "%s: DHCP's port %d cannot be had: %s", c->link->name,
			DHCP_CLIENT_PORT, strerror(errno));
	close(c->fd);
	return err;
}

/* What cannot be sent now may be at the next try. */
static void ask(struct client *c, struct in_addr server)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(DHCP_SERVER_PORT), .sin_addr = server,
	};
	uint8_t packet[DHCP_PACKET_SIZE];
	size_t length;

	c->question.seconds = (uint16_t)((init_now_ms() - c->began_ms) / 1000);
	length = dhcp_write(&c->question, packet);
	(void)!sendto(c->fd, packet, length, 0, (const void *)&to, sizeof(to));
}

/* Waits for an answer of one of these kinds. */
static bool hear(struct client *c, enum dhcp_kind kind, enum dhcp_kind or_kind, int64_t until_ms)
{
	struct pollfd wait = {.fd = c->fd, .events = POLLIN};
	uint8_t packet[1500];
	int64_t left;

	while ((left = until_ms - init_now_ms()) > 0) {
		ssize_t n;

		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		n = recv(c->fd, packet, sizeof(packet), MSG_DONTWAIT);
		if (n > 0 && dhcp_read(packet, (size_t)n, &c->question, &c->answer) &&
		    (c->answer.kind == kind || c->answer.kind == or_kind))
			return true;
	}
	return false;
}

/* Asks, again with waits that double, until there is an answer or the time is over. */
static bool converse(struct client *c, struct in_addr server, enum dhcp_kind kind,
		     enum dhcp_kind or_kind, int64_t end_ms)
{
	int64_t pause = FIRST_WAIT_MS;

	do {
		int64_t until = init_now_ms() + pause;

		ask(c, server);
		if (hear(c, kind, or_kind, until < end_ms ? until : end_ms))
			return true;
		pause = pause < LONGEST_WAIT_MS ? 2 * pause : pause;
	} while (init_now_ms() < end_ms);
	return false;
}

static const struct in_addr everybody = {INADDR_BROADCAST};

/* From nothing to an address. A server that says no is asked again, from the beginning. */
static bool obtain(struct client *c, int64_t end_ms)
{
	while (init_now_ms() < end_ms) {
		c->began_ms = init_now_ms();
		c->question = (struct dhcp_question){
			.kind = DHCP_DISCOVER, .id = any_number(c->link),
		};
		memcpy(c->question.mac, c->link->address, sizeof(c->question.mac));
		if (!converse(c, everybody, DHCP_OFFER, DHCP_OFFER, end_ms))
			return false;
		c->question.kind = DHCP_REQUEST;
		c->question.wants = c->answer.setting.address;
		c->question.server = c->answer.server;
		/* an offer that nobody stands by any more is not waited for to the end */
		if (converse(c, everybody, DHCP_ACK, DHCP_NAK, init_now_ms() + PATIENCE_MS / 6) &&
		    c->answer.kind == DHCP_ACK)
			return true;
	}
	return false;
}

/* What was written on the command line counts; the rest is the server's. */
static int apply(struct client *c, const struct setting *wish, struct fault *f)
{
	struct setting s = c->answer.setting;

	if (wish->gateway.s_addr)
		s.gateway = wish->gateway;
	if (wish->netmask.s_addr)
		s.netmask = wish->netmask;
	for (size_t i = 0; i < SETTING_DNS; i++) {
		if (wish->dns[i].s_addr)
			s.dns[i] = wish->dns[i];
	}
	if (wish->host[0])
		strcpy(s.host, wish->host);
	return setting_apply(&s, c->link, f);
}

/* --- keeping it ------------------------------------------------------------------------------ */

static void sleep_until(int64_t ms)
{
	int64_t left;

	while ((left = ms - init_now_ms()) > 0)
		poll(NULL, 0, left < 3600000 ? (int)left : 3600000);
}

/*
 * Asks until ms, each time after half of what is left; true when it was prolonged, or refused: then
 * the answer is a NAK.
 */
static bool prolong(struct client *c, struct in_addr server, int64_t until_ms)
{
	int64_t left;

	while ((left = until_ms - init_now_ms()) > 0) {
		int64_t pause = left / 2 > SHORTEST_WAIT_S * 1000 ? left / 2 : left;

		ask(c, server);
		if (hear(c, DHCP_ACK, DHCP_NAK, init_now_ms() + pause))
			return true;
	}
	return false;
}

static void keep(struct client *c, const struct setting *wish)
{
	for (;;) {
		int64_t begin = init_now_ms();
		struct dhcp_answer had = c->answer;

		if (had.lease == UINT32_MAX)
			return;
		sleep_until(begin + had.renew * 1000LL);
		c->began_ms = init_now_ms();
		c->question.kind = DHCP_REQUEST;
		c->question.id = any_number(c->link);
		c->question.has = had.setting.address;
		c->question.wants = c->question.server = (struct in_addr){0};
		if ((!prolong(c, had.server, begin + had.rebind * 1000LL) &&
		     !prolong(c, everybody, begin + had.lease * 1000LL)) ||
		    c->answer.kind == DHCP_NAK) {
			init_tell("%s: its address was not prolonged: another is asked for",
				  c->link->name);
			while (!obtain(c, init_now_ms() + PATIENCE_MS))
				;
		}
		apply(c, wish, NULL);
	}
}

/* One client at a time: that of an earlier run ends. The lock is the new one's as long as it lives. */
static void replace_earlier(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open("/run/stoker-init-dhcp", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK)
		kill(lock.l_pid, SIGKILL);
	lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (fd >= 0)
		fcntl(fd, F_SETLKW, &lock);
}

/* A process of its own, nobody's child but PID 1's. */
static void keep_on(struct client *c, const struct setting *wish)
{
	pid_t pid = fork();

	if (pid > 0 || pid < 0)
		return;
	if (fork())
		_exit(0);
	/* not of the job's group, which signals may go to */
	setpgid(0, 0);
	replace_earlier();
	keep(c, wish);
	_exit(0);
}

int dhcp_set(const struct link *link, const struct setting *wish, struct fault *f)
{
	struct client c = {.link = link};
	int err = open_socket(&c, f);

	if (err)
		return err;
	if (!obtain(&c, init_now_ms() + PATIENCE_MS))
		err = fault_set(f, ETIMEDOUT, "%s: no DHCP server gave an address within %d s", link->name,
				PATIENCE_MS / 1000);
	else
		err = apply(&c, wish, f);
	if (!err)
		keep_on(&c, wish);
	close(c.fd);
	return err;
}
