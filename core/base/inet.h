/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internet addresses in figures. */
#ifndef BASE_INET_H
#define BASE_INET_H

struct fault;
struct sockaddr_storage;

/*
 * An address in figures, for which no name server has to be asked: IPv4, or IPv6 with an optional
 * %interface. 1, and address has port 0; 0 when text is none; -ENODEV with a sentence for an
 * interface that is not there.
 */
int inet_read(const char *text, struct sockaddr_storage *address, struct fault *f);

#endif
