/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The UDP socket: datagrams in and out, many at a time. */
#ifndef BMCSIM_SERVER_H
#define BMCSIM_SERVER_H

#include "address.h"
#include "net.h"

struct ev_loop;

struct server {
	const char *bind;		/* address */
	uint16_t port;			/* 0: any; then which */
	bool anywhere;			/* not only what comes by the loopback interface */
	const struct ranges *only;	/* BMCs that there are; NULL: all */
};

/* Binds and begins; 0 or a negative errno. */
int server_start(struct server *server, struct ev_loop *loop);

/* Sends what is waiting to be sent at once. */
void server_flush(void);

void server_stop(void);

/* Sends answers later; the heap of those (delay.c). */
void delay_start(struct ev_loop *loop);
void delay_add(const struct answer *answer, double at);
void delay_stop(void);

/* A datagram goes out as it is (server.c; fuzzers have their own). */
void server_send(const struct answer *answer);

/* A place for an answer that is next to be sent. */
struct answer *server_answer(void);
void server_commit(void);

#endif
