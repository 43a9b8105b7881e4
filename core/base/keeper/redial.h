/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TCP connection that is made again and again until it stands. */
#ifndef KEEPER_REDIAL_H
#define KEEPER_REDIAL_H

#include <ev.h>
#include <stdbool.h>
#include <sys/socket.h>

struct fault;

struct redial {
	struct ev_loop *loop;
	struct sockaddr_storage address;
	socklen_t length;
	int fd;				/* < 0: none is being made */
	ev_io io;
	ev_timer again;
	/* a connection, which is the caller's from now on */
	void (*stands)(void *data, int fd);
	void *data;
};

/* text: "127.0.0.1:4001", "[::1]:4001", in figures. -EINVAL with a sentence. */
int redial_init(struct redial *redial, struct ev_loop *loop, const char *text,
	      void (*stands)(void *data, int fd), void *data, struct fault *f);
/* Begins, after some seconds. */
void redial_start(struct redial *redial, double after);
void redial_stop(struct redial *redial);

#endif
