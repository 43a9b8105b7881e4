/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can only block, done by a child. See worker.h. */
#include "worker.h"
#include "base/fault.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { CHUNK = 1 << 20, SLICES = 8 };

struct worker {
	struct ev_loop *loop;
	ev_io io;
	ev_child child;
	void (*done)(void *data, const struct worker_result *result);
	void *data;
	struct worker_result result;
	size_t got;
};

/* --- the checksum, eight bytes at a time (slicing by eight) ---------------------------------- */

static uint32_t tables[SLICES][256];

static void make_tables(void)
{
	for (uint32_t n = 0; n < 256; n++) {
		uint32_t c = n;

		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
		tables[0][n] = c;
	}
	for (int slice = 1; slice < SLICES; slice++) {
		for (int n = 0; n < 256; n++) {
			uint32_t c = tables[slice - 1][n];

			tables[slice][n] = c >> 8 ^ tables[0][c & 0xff];
		}
	}
}

static uint32_t add_eight(uint32_t c, const uint8_t *p)
{
	c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	return tables[7][c & 0xff] ^ tables[6][c >> 8 & 0xff] ^ tables[5][c >> 16 & 0xff] ^
	       tables[4][c >> 24] ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^
	       tables[0][p[7]];
}

uint32_t crc32_add(uint32_t crc, const void *bytes, uint64_t length)
{
	const uint8_t *p = bytes;
	uint32_t c = ~crc;

	if (!tables[0][1])
		make_tables();
	for (; length >= 8; length -= 8, p += 8)
		c = add_eight(c, p);
	while (length--)
		c = c >> 8 ^ tables[0][(c ^ *p++) & 0xff];
	return ~c;
}

/* --- in the child ---------------------------------------------------------------------------- */

/* Only async-signal-safe calls: what other threads held is held for ever here. */
static void work(int fd, int sync, int report)
{
	static uint8_t bytes[CHUNK];
	struct worker_result r = {0};
	ssize_t n;

	if (sync && fsync(fd) && errno != EINVAL && errno != EROFS)
		r.err = errno;
	while (!r.err && (n = pread(fd, bytes, sizeof(bytes), (off_t)r.length))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r.err = errno;
		} else {
			r.crc = crc32_add(r.crc, bytes, (uint64_t)n);
			r.length += (uint64_t)n;
		}
	}
	_exit(write(report, &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1);
}

/* --- in the parent --------------------------------------------------------------------------- */

static void worker_free(struct worker *w)
{
	ev_io_stop(w->loop, &w->io);
	ev_child_stop(w->loop, &w->child);
	close(w->io.fd);
	free(w);
}

void worker_drop(struct worker *w)
{
	if (!w)
		return;
	/* libev reaps it */
	if (ev_is_active(&w->child))
		kill(w->child.pid, SIGKILL);
	worker_free(w);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct worker *w = io->data;
	ssize_t n = read(io->fd, (char *)&w->result + w->got, sizeof(w->result) - w->got);
	void (*done)(void *data, const struct worker_result *result) = w->done;
	struct worker_result result;
	void *data = w->data;

	(void)loop, (void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	w->got += n > 0 ? (size_t)n : 0;
	if (n > 0 && w->got < sizeof(w->result))
		return;
	result = w->got == sizeof(w->result) ? w->result : (struct worker_result){.err = EIO};
	worker_free(w);
	done(data, &result);
}

static void on_child(struct ev_loop *loop, ev_child *child, int revents)
{
	(void)revents;
	/* what it found is in the pipe, which says by its end that there is no more */
	ev_child_stop(loop, child);
}

int worker_start(struct ev_loop *loop, int fd, int sync,
		 void (*done)(void *data, const struct worker_result *result), void *data,
		 struct worker **worker, struct fault *f)
{
	struct worker *w = calloc(1, sizeof(*w));
	int ends[2];
	pid_t pid;

	if (!w)
		return fault_no_memory(f);
	if (pipe2(ends, O_CLOEXEC)) {
		free(w);
		return fault_set(f, errno, "cannot start a child: %s", strerror(errno));
	}
	make_tables();
	pid = fork();
	if (!pid)
		work(fd, sync, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		int err = errno;

		close(ends[0]);
		free(w);
		return fault_set(f, err, "cannot start a child: %s", strerror(err));
	}
	*w = (struct worker){.loop = loop, .done = done, .data = data};
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	ev_io_init(&w->io, on_readable, ends[0], EV_READ);
	ev_child_init(&w->child, on_child, pid, 0);
	w->io.data = w->child.data = w;
	ev_io_start(loop, &w->io);
	ev_child_start(loop, &w->child);
	*worker = w;
	return 0;
}
