/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw Ethernet frames: libnet(3), packet(7). One context for each interface, kept open. */
#include "raw.h"
#include "base/fault.h"
#include "interface.h"

#include <errno.h>
#include <fcntl.h>
#include <libnet.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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

/* What the kernel said when a packet socket was opened in vain. */
static int refused;

static bool may_send_raw(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	/* to open a socket and see would cost the 15 ms that the kernel takes to close one */
	return !syscall(SYS_capget, &header, data) && data[0].effective & 1u << CAP_NET_RAW;
}

int raw_check(struct fault *f)
{
	if (!may_send_raw() || refused == EPERM || refused == EACCES)
		return fault_set(f, EPERM, "raw packets need CAP_NET_RAW: run as root, or \"setcap "
				 "cap_net_raw+ep PROGRAM\", or leave out --raw to send UDP");
	if (refused == EAFNOSUPPORT)
		return fault_set(f, EAFNOSUPPORT, "this kernel has no packet sockets "
				 "(CONFIG_PACKET): leave out --raw to send UDP");
	if (refused)
		return fault_set(f, refused, "raw packets cannot be sent: %s", strerror(refused));
	return 0;
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
	errno = 0;
	raw->net = libnet_init(LIBNET_LINK, interface->name, error);
	if (!raw->net) {
		if (errno == EPERM || errno == EACCES || errno == EAFNOSUPPORT)
			refused = errno;
		/* what remains is an interface that has just gone */
		*err = refused ? -refused : -ENODEV;
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

/*
 * The kernel waits some 15 ms in the last close of a packet socket (synchronize_net): fifty times
 * what all else takes. So a child keeps the sockets open until this end of a pipe is closed, which
 * is after our own close of them, and waits in our place. -1: there is none, and we wait.
 */
static int begin_closing(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		close(ends[1]);
		/* who reads our output to its end shall not wait for the child's */
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		setsid();
		_exit(read(ends[0], &byte, 1) != 0);
	}
	close(ends[0]);
	if (pid > 0)
		return ends[1];
	close(ends[1]);
	return -1;
}

void raw_close(void)
{
	int end = raws ? begin_closing() : -1;

	while (raws)
		raw_forget(raws);
	if (end >= 0)
		close(end);
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
