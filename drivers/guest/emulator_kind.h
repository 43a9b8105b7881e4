/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of emulators: one description each, as data. */
#ifndef GUEST_EMULATOR_KIND_H
#define GUEST_EMULATOR_KIND_H

#include <stdbool.h>
#include <stddef.h>

struct fault;

struct emulator_kind {
	const char *name;		/* "simh-*": what the * stands for is the program */
	const char *summary;
	const char *program;		/* NULL: it has to be configured */
	/*
	 * what its command line holds before the configuration file, and to go into the background
	 */
	const char *config_option, *detach;
	const char *console;		/* as in the key emulator-console; NULL: none */
	/* it stops when its telnet console is dropped: the line is held from start to end… */
	bool holds;
	bool listens_everywhere;	/* on telnet, at every address of the host */
	const char *resume;		/* …and this lets it go on after that has happened */
	const char *escape;		/* the key to its own prompt; NULL: it is there always */
	const char *prompt;		/* what its prompt ends in */
	const char *stop;		/* as in the key emulator-stop; NULL: nothing is known */
	bool stop_kills;		/* …and who asks it to stop then means kill */
	bool offloads_off;		/* it speaks frames of its own on network interfaces */
	/* what is read from its configuration file */
	bool names_interfaces;		/* interface = "eth0" */
	bool names_telnet;		/* set console telnet=4001 */
};

/* The description of a name, *program what its "*" stands for, NULL where it has none. */
const struct emulator_kind *emulator_kind_find(const char *name, const char **program);
/* -EINVAL with a sentence that names those there are. */
int emulator_kind_check(const char *name, struct fault *f);
/* The table as text for the driver's help; to be freed. */
char *emulator_kind_table(void);

#endif
