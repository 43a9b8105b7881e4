/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * QEMU's monitor for people, for one question: the state of a guest. QEMU reads its monitors byte
 * by byte, and goes through its loop for each. "info status" is 12 of them; by QMP the same takes
 * 56, since each connection has to agree on capabilities first. That matters to who asks hundreds.
 */
#ifndef GUEST_HMP_H
#define GUEST_HMP_H

#include <stddef.h>

struct ev_loop;
struct hmp;

enum { HMP_STATE_MAX = 32 };

/*
 * state: as RunState of qapi/run-state.json names it; NULL: it was not to be had there, QMP may
 * know. The connection is gone by then.
 */
typedef void hmp_state_fn(void *data, const char *state);

/*
 * Asks at a socket; the answer follows from the loop, unless hmp_close comes first. How long it may
 * take is the caller's to say: who is served meanwhile keeps it waiting. -errno where nobody
 * listens, or as many wait as may.
 */
int hmp_ask_state(struct ev_loop *loop, const char *path, hmp_state_fn *answer, void *data,
		  struct hmp **hmp);
/* NULL is fine. */
void hmp_close(struct hmp *hmp);

/*
 * Reads the answer out of all that the monitor has said since the connection, its greeting and the
 * echo of what was typed among it. 0; -EAGAIN: more has to come; -EPROTO: what it says is no state.
 * Defined by: QEMU, hmp_info_status in monitor/hmp-cmds.c.
 */
int hmp_read_state(const char *text, char state[HMP_STATE_MAX]);

#endif
