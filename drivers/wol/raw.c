/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw Ethernet frames: libnet(3), packet(7). One context for each interface, kept open. */
#include "raw.h"
#include "base/fault.h"
#include "interface.h"

#include <errno.h>
#include <fcntl.h>
#include <libnet.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ETHERTYPE_WAKE_ON_LAN = 0x0842 };

struct raw {
	struct raw *next;
	libnet_t *net;
	libnet_ptag_t ethernet;		/* libnet's name for the frame, which is written anew */
	unsigned index;
	char name[IF_NAMESIZE];
};

static struct raw *raws;

int raw_check(struct fault *f)
{
	static bool allowed;
	int fd;

	/* the kernel takes milliseconds to close a packet socket: once will do */
	if (allowed)
		return 0;
	/* protocol 0: receives nothing */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		close(fd);
		allowed = true;
		return 0;
	}
	if (errno == EPERM || errno == EACCES)
		return fault_set(f, EPERM, "raw packets need CAP_NET_RAW: run as root, or \"setcap "
				 "cap_net_raw+ep PROGRAM\", or leave out --raw to send UDP");
	if (errno == EAFNOSUPPORT)
		return fault_set(f, EAFNOSUPPORT, "this kernel has no packet sockets "
				 "(CONFIG_PACKET): leave out --raw to send UDP");
	return fault_set(f, errno, "raw packets cannot be sent: %s", strerror(errno));
}

/* libnet's socket blocks, and receives every frame that passes: it shall do neither. */
static int tame(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = {1, &nothing};
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -errno;
	/* a kernel without filters only wastes some memory */
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
	return 0;
}

static struct raw *raw_open(const struct interface *interface, int *err)
{
	char error[LIBNET_ERRBUF_SIZE];
	struct raw *raw;

	*err = raw_check(NULL);
	if (*err)
		return NULL;
	*err = -ENOMEM;
	raw = calloc(1, sizeof(*raw));
	if (!raw)
		return NULL;
	raw->index = interface->index;
	memcpy(raw->name, interface->name, sizeof(raw->name));
	raw->ethernet = LIBNET_PTAG_INITIALIZER;
	raw->net = libnet_init(LIBNET_LINK, interface->name, error);
	if (!raw->net) {
		/* permission was checked before: what remains is an interface that has just gone */
		*err = -ENODEV;
		goto err1;
	}
	*err = tame(libnet_getfd(raw->net));
	if (*err)
		goto err0;
	raw->next = raws;
	raws = raw;
	return raw;
err0:
	libnet_destroy(raw->net);
err1:
	free(raw);
	return NULL;
}

static void raw_forget(struct raw *raw)
{
	struct raw **link = &raws;

	while (*link != raw)
		link = &(*link)->next;
	*link = raw->next;
	libnet_destroy(raw->net);
	free(raw);
}

void raw_close(void)
{
	while (raws)
		raw_forget(raws);
}

/* Interfaces come and go, and are renamed, while a daemon runs. */
static void forget_gone(void)
{
	struct raw *next;

	for (struct raw *raw = raws; raw; raw = next) {
		next = raw->next;
		if (if_nametoindex(raw->name) != raw->index)
			raw_forget(raw);
	}
}

static struct raw *raw_get(const struct interface *interface, int *err)
{
	for (struct raw *raw = raws; raw; raw = raw->next) {
		if (raw->index == interface->index && !strcmp(raw->name, interface->name))
			return raw;
	}
	forget_gone();
	return raw_open(interface, err);
}

int raw_send(const struct interface *interface, const uint8_t to[MAC_LENGTH], const uint8_t *packet,
	     size_t size)
{
	libnet_ptag_t tag;
	int err;
	struct raw *raw = raw_get(interface, &err);

	if (!raw)
		return err;
	tag = libnet_build_ethernet(to, interface->mac, ETHERTYPE_WAKE_ON_LAN, packet,
				    (uint32_t)size, raw->net, raw->ethernet);
	if (tag < 0) {
		/* libnet has already freed its block, which the tag still names */
		raw_forget(raw);
		return -ENOMEM;
	}
	raw->ethernet = tag;
	errno = 0;
	if (libnet_write(raw->net) >= 0)
		return 0;
	err = errno ? errno : EIO;
	if (err == ENODEV || err == ENXIO)
		raw_forget(raw);
	return err == ENOBUFS ? -EAGAIN : -err;
}
