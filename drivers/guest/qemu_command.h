/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU's command line, made of a machine's keys. Defined by: qemu-system(1). */
#ifndef GUEST_QEMU_COMMAND_H
#define GUEST_QEMU_COMMAND_H

#include "hardware.h"
#include "qemu_keys.h"

#include <stdbool.h>
#include <stddef.h>

struct fault;
struct json_t;
struct machine;

/* The bounds of a socket's path leave this much for its folder. */
enum { SOCKET_FOLDER_MAX = 96 };

/*
 * The arguments behind the program, an array of strings, to be given back. run: the guest's folder
 * of sockets. accelerator: the text of -accel. -errno with a sentence.
 */
int qemu_command(const struct machine *machine, const char *run, const char *accelerator,
		 struct json_t **arguments, struct fault *f);

/* A command line for people: words with blanks in them are in quotes. To be freed. */
char *qemu_command_text(const char *program, const struct json_t *arguments);

/* The interface of its nth card, where that is a port of a bridge: at most 15 letters. */
void qemu_tap_name(const char *run, size_t n, char name[16]);

/* What it installs; *install is {0} where it does not. As install_parse. */
int qemu_install(const struct machine *machine, struct install *install, struct fault *f);

/*
 * Whether the files that the command line names are there, and the program; -ENOENT or -EACCES with
 * a sentence for the first that is not.
 */
int qemu_command_check(const struct machine *machine, struct fault *f);

#endif
