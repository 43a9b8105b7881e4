/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection to QEMU's monitor, on the loop: one command at a time. See qmp_message.h. */
#ifndef GUEST_QMP_H
#define GUEST_QMP_H

#include <stdbool.h>
#include <sys/types.h>

struct ev_loop;
struct fault;
struct json_t;
struct qmp;

/* What happens, always from the loop. Each may call qmp_close. */
struct qmp_events {
	/* commands can be sent */
	void (*ready)(void *data);
	/* may be NULL; value: its data, or NULL */
	void (*event)(void *data, const char *name, const struct json_t *value);
	/* it has ended, or says what cannot be understood; the connection is gone */
	void (*lost)(void *data, const char *sentence);
};

/*
 * What a command brought: value, or QEMU's sentence of why not and value NULL. It may send the next
 * one.
 */
typedef void qmp_reply_fn(void *data, const struct json_t *value, const char *error);

/*
 * Connects to a socket; `ready` or `lost` follows. -ENOENT, -ECONNREFUSED and others with a
 * sentence where nobody listens. A monitor serves one at a time: who comes second waits.
 */
int qmp_open(struct ev_loop *loop, const char *path, const struct qmp_events *events, void *data,
	     struct qmp **qmp, struct fault *f);
void qmp_close(struct qmp *qmp);

/* Until `ready` "". */
const char *qmp_version(const struct qmp *qmp);
bool qmp_is_ready(const struct qmp *qmp);
/* The process that listens there; 0: not known. */
pid_t qmp_peer(const struct qmp *qmp);

/*
 * Sends a command; the reply follows from the loop, or `lost`. arguments are taken over, and may be
 * NULL. reply may be NULL. -EBUSY before `ready` and while another command waits
 * for its reply; -EPIPE, -ENOMEM.
 */
int qmp_send(struct qmp *qmp, const char *command, struct json_t *arguments, qmp_reply_fn *reply);
/* The same, and hands QEMU a descriptor with it: for getfd. The descriptor stays ours too. */
int qmp_send_fd(struct qmp *qmp, const char *command, struct json_t *arguments, int fd,
		qmp_reply_fn *reply);
/* Nobody wants the reply any more: the next command can be sent. */
void qmp_forget(struct qmp *qmp);

#endif
