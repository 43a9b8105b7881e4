/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the configuration comes from. */
#ifndef INIT_MEDIUM_H
#define INIT_MEDIUM_H

struct fault;

/*
 * Finds the file that stoker.conf= means: PATH, DEVICE:PATH or LABEL=NAME:PATH; mounts its device,
 * read-only, on /run/medium. A device that is not there yet is waited for. conf is NULL where
 * nothing was said: stoker.conf on a medium that has the label STOKER, when there is one already.
 * path: room for PATH_MAX bytes; "": none, and what the program finds by itself counts. -errno with
 * a sentence.
 */
int medium_find(const char *conf, char *path, struct fault *f);

#endif
