/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection to QEMU's monitor. See qmp.h. */
#include "qmp.h"
#include "base/fault.h"
#include "base/local.h"
#include "base/stream.h"
#include "qmp_message.h"

#include <errno.h>
#include <ev.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct qmp {
	struct ev_loop *loop;
	const struct qmp_events *events;
	void *data;
	struct stream stream;
	struct qmp_lines lines;
	ev_timer again;			/* while as many wait before us as the socket lets wait */
	bool ready;
	char version[64];
	uint64_t last_id, waits_for;	/* of commands; 0: of none */
	/* the first thing that all ask, sent before anybody does */
	bool first_wanted;		/* it is not too late for its reply */
	bool first_comes;		/* its reply, which has no id */
	qmp_reply_fn *reply;
	/* set while lines are read, to see whether a callback has closed it */
	bool *closed;
	char path[];
};

static const ev_tstamp retry_every = 0.01;

/*
 * QEMU 7.2 reads a monitor byte by byte, and goes through its loop for each: what all begin with is
 * short, and is sent at once, before the greeting has come, which would wake QEMU up once more.
 */
#define FIRST_QUESTION "query-status"
static const char beginning[] = "{\"execute\":\"qmp_capabilities\"}"
				"{\"execute\":\"" FIRST_QUESTION "\"}";
enum { FIRST_ID = 1 };

void qmp_close(struct qmp *q)
{
	if (!q)
		return;
	if (q->closed)
		*q->closed = true;
	ev_timer_stop(q->loop, &q->again);
	stream_stop(&q->stream);
	qmp_lines_free(&q->lines);
	free(q);
}

static void lose(struct qmp *q, const char *sentence)
{
	const struct qmp_events *events = q->events;
	void *data = q->data;
	struct fault copy;

	/* the sentence may be in what is freed now */
	fault_set(&copy, 0, "%s", sentence);
	qmp_close(q);
	events->lost(data, copy.text);
}

static int send_line(struct qmp *q, const char *line, int fd)
{
	size_t length = strlen(line);
	struct iovec part = {.iov_base = (void *)line, .iov_len = length};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	ssize_t n;

	if (fd < 0)
		return stream_write(&q->stream, line, length) == length ? 0 : -EPIPE;
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	n = sendmsg(q->stream.fd, &message, MSG_NOSIGNAL);
	return n == (ssize_t)length ? 0 : n < 0 ? -errno : -EPIPE;
}

int qmp_send_fd(struct qmp *q, const char *command, json_t *arguments, int fd, qmp_reply_fn *reply)
{
	char *line;
	int err;

	if (q->waits_for || !q->ready || !q->stream.running) {
		json_decref(arguments);
		return q->stream.running ? -EBUSY : -EPIPE;
	}
	if (q->first_wanted && !strcmp(command, FIRST_QUESTION) && !arguments) {
		q->waits_for = FIRST_ID;
		q->first_wanted = false;
		q->reply = reply;
		return 0;
	}
	q->first_wanted = false;
	line = qmp_message_write(command, arguments, ++q->last_id);
	json_decref(arguments);
	if (!line)
		return -ENOMEM;
	err = send_line(q, line, fd);
	free(line);
	if (err)
		return err;
	q->waits_for = q->last_id;
	q->reply = reply;
	return 0;
}

int qmp_send(struct qmp *q, const char *command, json_t *arguments, qmp_reply_fn *reply)
{
	return qmp_send_fd(q, command, arguments, -1, reply);
}

void qmp_forget(struct qmp *q)
{
	q->waits_for = 0;
	q->reply = NULL;
}

static void on_capabilities(struct qmp *q, const struct qmp_message *m)
{
	if (m->kind == QMP_ERROR) {
		lose(q, m->text);
		return;
	}
	q->ready = true;
	q->events->ready(q->data);
}

static void on_reply(struct qmp *q, const struct qmp_message *m)
{
	qmp_reply_fn *reply = q->reply;
	uint64_t id = m->id;

	if (!id && q->first_comes) {
		id = FIRST_ID;
		q->first_comes = false;
	}
	/* the reply to a command that nobody waits for any more; a syntax error names no command */
	if (!q->waits_for || (id && id != q->waits_for))
		return;
	qmp_forget(q);
	if (reply)
		reply(q->data, m->kind == QMP_RETURN ? m->value : NULL,
		      m->kind == QMP_ERROR ? m->text : NULL);
}

static void on_message(struct qmp *q, const struct qmp_message *m)
{
	switch (m->kind) {
	case QMP_GREETING:
		snprintf(q->version, sizeof(q->version), "%.63s", m->text);
		break;
	case QMP_EVENT:
		if (q->ready && q->events->event)
			q->events->event(q->data, m->text, m->value);
		break;
	case QMP_RETURN:
	case QMP_ERROR:
		if (q->ready)
			on_reply(q, m);
		else
			on_capabilities(q, m);
		break;
	}
}

static int on_line(void *data, const char *text, size_t length)
{
	struct qmp *q = data;
	struct qmp_message message;
	struct fault f;
	bool closed = false;
	int err = qmp_message_read(text, length, &message, &f);

	if (err) {
		lose(q, f.text);
		return -ECANCELED;
	}
	q->closed = &closed;
	on_message(q, &message);
	qmp_message_free(&message);
	if (closed)
		return -ECANCELED;
	q->closed = NULL;
	return 0;
}

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct qmp *q = data;
	int err = qmp_lines_add(&q->lines, bytes, length, on_line, q);

	if (err && err != -ECANCELED)
		lose(q,
		     err == -ENOMEM ? "out of memory" : "QEMU's monitor says a line without end");
}

static void on_end(void *data, int err)
{
	(void)err;
	lose(data, "QEMU has closed its monitor");
}

static const struct stream_events stream_events = {.data = on_data, .end = on_end};

/* 0, also while it has to be tried again; -errno. */
static int try_to_connect(struct qmp *q)
{
	int fd = local_connect(q->path);

	if (fd == -EAGAIN || fd == -EINTR) {
		ev_timer_again(q->loop, &q->again);
		return 0;
	}
	if (fd < 0)
		return fd;
	ev_timer_stop(q->loop, &q->again);
	stream_start(&q->stream, q->loop, fd, &stream_events, q);
	q->last_id = FIRST_ID;
	q->first_wanted = q->first_comes = true;
	return send_line(q, beginning, -1);
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct qmp *q = timer->data;

	(void)loop, (void)revents;
	if (try_to_connect(q))
		lose(q, "QEMU has closed its monitor");
}

int qmp_open(struct ev_loop *loop, const char *path, const struct qmp_events *events, void *data,
	     struct qmp **qmp, struct fault *f)
{
	struct qmp *q;
	int err;

	q = calloc(1, sizeof(*q) + strlen(path) + 1);
	if (!q)
		return fault_no_memory(f);
	q->loop = loop;
	q->events = events;
	q->data = data;
	ev_timer_init(&q->again, on_again, retry_every, retry_every);
	q->again.data = q;
	strcpy(q->path, path);
	err = try_to_connect(q);
	if (err) {
		qmp_close(q);
		if (err == -ENAMETOOLONG)
			return fault_set(f, ENAMETOOLONG,
					 "\"%s\" is longer than a socket's path can be", path);
		return fault_set(f, -err, "QEMU's monitor \"%s\": %s", path, strerror(-err));
	}
	*qmp = q;
	return 0;
}

const char *qmp_version(const struct qmp *q)
{
	return q->version;
}

bool qmp_is_ready(const struct qmp *q)
{
	return q->ready;
}

pid_t qmp_peer(const struct qmp *q)
{
	struct ucred peer = {0};
	socklen_t length = sizeof(peer);

	if (!q->stream.running ||
	    getsockopt(q->stream.fd, SOL_SOCKET, SO_PEERCRED, &peer, &length))
		return 0;
	return peer.pid;
}
