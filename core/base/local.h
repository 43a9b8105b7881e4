/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets of this machine alone: UNIX stream sockets with a path. */
#ifndef BASE_LOCAL_H
#define BASE_LOCAL_H

/*
 * Connects, which never waits. The descriptor, non-blocking and closed on exec, which is the
 * caller's; or -ENAMETOOLONG where the path has more than the 107 bytes that there is room for
 * (unix(7)), -EAGAIN where as many wait there already as may, and what else connect(2) says.
 */
int local_connect(const char *path);

#endif
