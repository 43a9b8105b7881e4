/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What save, restore and migrate have in common: the record of a saved state, and how states go. */
#ifndef GUEST_QEMU_STATE_H
#define GUEST_QEMU_STATE_H

#include "qemu_task.h"

struct worker_result;

/* Where a guest is awaited that names no port. */
enum { MIGRATE_PORT = 4444 };

/* The record of a saved state, from that of the process: with it the state is whole. */
int saved_write(struct task *task, const struct worker_result *result, struct fault *f);

/* Notes a deed, and whether the guest runs as it begins. */
int task_note_deed(struct task *task, const char *deed, struct fault *f);

/* How a state goes from now on, as fast as it can. */
step_fn step_to_file, step_to_another;

/* The argument of migrate and migrate-incoming, "tcp:h2:4444", of a host as text. */
int migrate_uri(const char *host, char *uri, size_t size, struct fault *f);

/* Waits with another one's guest to come: `on` with the argument "incoming ADDRESS:PORT". */
void qemu_incoming(struct attempt *attempt);

#endif
