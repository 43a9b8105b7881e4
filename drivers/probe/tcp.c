/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks by a TCP connection that is closed as soon as it stands: connect(2), RFC 9293, section 3.5.
 */
#include "probe.h"
#include "base/fault.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * A port of this machine's own range on which nobody listens may be given to the caller: then the
 * connection is with itself (RFC 9293, simultaneous open).
 */
static bool is_with_itself(int fd)
{
	struct sockaddr_storage here, there;
	socklen_t length = sizeof(here), other = sizeof(there);

	return !getsockname(fd, (struct sockaddr *)&here, &length) &&
	       !getpeername(fd, (struct sockaddr *)&there, &other) && length == other &&
	       !memcmp(&here, &there, length);
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct probe *p = w->data;
	socklen_t length = sizeof(int);
	int err = 0;

	(void)loop, (void)events;
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &length))
		err = errno;
	if (!err && is_with_itself(w->fd))
		err = ECONNREFUSED;
	if (err)
		probe_refused(p, err);
	else
		probe_answered(p);
}

static int begin(struct probe *p, struct fault *f)
{
	int fd = socket(p->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	p->io.fd = fd;
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE)
			return fault_set(f, errno, "too many files are open: ask fewer machines at "
					 "a time (--fanout), or raise the limit (ulimit -n)");
		return probe_fault(p, errno, f);
	}
	ev_io_init(&p->io, on_io, fd, EV_WRITE);
	p->io.data = p;
	if (connect(fd, (struct sockaddr *)&p->address, p->address_length) && errno != EINPROGRESS)
		return probe_fault(p, errno, f);
	ev_io_start(p->attempt->loop, &p->io);
	return 0;
}

static void end(struct probe *p)
{
	if (p->io.fd < 0)
		return;
	ev_io_stop(p->attempt->loop, &p->io);
	close(p->io.fd);
}

const struct probe_kind probe_tcp = {
	.name = "tcp",
	.asked = "connections",
	.family = AF_UNSPEC,
	.has_port = true,
	.sends = 1,
	.begin = begin,
	.end = end,
};
