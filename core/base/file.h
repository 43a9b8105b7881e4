/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are read and replaced whole, and the folders where the program keeps its state. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

struct fault;

/*
 * Puts a file of these bytes in the place of path: written aside in the same folder, synced,
 * renamed, and the folder synced, so that a reader, or the next run after a power cut, finds the
 * old bytes or the new ones. A symbolic link is followed. mode: its permissions. -errno with a
 * sentence.
 */
int file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct fault *f);

/*
 * Reads a whole file of at most max bytes. text has a NUL behind its length bytes and is to be
 * freed. -EFBIG for a longer one, -ENOENT and other errnos, with a sentence. length may be NULL.
 */
int file_read(const char *path, size_t max, char **text, size_t *length, struct fault *f);

/*
 * Makes a folder and all that are missing above it (those with mode 0755 at most). 0 when it is
 * there already; -ENOTDIR when something else is.
 */
int directory_make(const char *path, mode_t mode, struct fault *f);

/*
 * The folder of what must survive: STOKER_STATE, else /var/lib/stoker. Made when it is missing.
 * path: room for PATH_MAX bytes. -errno with a sentence that names the variable.
 */
int state_directory(char *path, size_t size, struct fault *f);
/*
 * The folder of locks and sockets: STOKER_RUN, else /run/stoker, else, for a user who cannot write
 * there, $XDG_RUNTIME_DIR/stoker. As state_directory.
 */
int run_directory(char *path, size_t size, struct fault *f);

#endif
