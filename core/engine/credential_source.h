/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and programs that secrets come from: each is read once a run. For credential.c alone. */
#ifndef ENGINE_CREDENTIAL_SOURCE_H
#define ENGINE_CREDENTIAL_SOURCE_H

#include "engine/credential.h"

#include <stdbool.h>

enum source_kind { SOURCE_PASSWORD_FILE, SOURCE_PASSWORD_COMMAND, SOURCE_KG_FILE };

/* text: a path, or a command line. Results as of credential_get; *secret is never NULL with 0. */
int source_get(struct ev_loop *loop, enum source_kind kind, const char *text,
	       struct secret **secret, credential_fn *done, void *data,
	       struct credential_request **handle, struct fault *f);
/* Forgets them all, and who waits for them. */
void sources_quit(void);

/*
 * Opens a file of secrets and looks whether it may be one. pipe: it is a pipe, which may have
 * nothing to say yet. -errno with a sentence that speaks of "it".
 */
int secret_file_open(const char *path, int *fd, bool *pipe, struct fault *f);

#endif
