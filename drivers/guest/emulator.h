/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The emulator driver's parts: a machine as its keys describe it, and what becomes of it. */
#ifndef GUEST_EMULATOR_H
#define GUEST_EMULATOR_H

#include "base/proc.h"
#include "emulator_kind.h"
#include "engine/driver.h"

#include <limits.h>

struct console_ops;
struct fault;
struct key;
struct machine;

extern const struct key key_emulator, key_emulator_program, key_emulator_config, key_emulator_args,
	key_emulator_detach, key_emulator_directory, key_emulator_console, key_emulator_hold,
	key_emulator_stop, key_emulator_escape, key_emulator_prompt, key_emulator_interfaces,
	key_emulator_offloads;
extern const struct key *const emulator_keys[];

enum emulator_console {
	CONSOLE_NONE,
	CONSOLE_PTY,			/* its terminal */
	CONSOLE_TELNET,
	CONSOLE_SOCKET,
};

/* A machine that is an emulator, as it is configured. Start with {0}. */
struct emulator {
	const struct machine *machine;
	const struct emulator_kind *kind;
	char path[PATH_MAX];		/* of the program's file */
	char *config;			/* absolute; NULL: none */
	char *folder;			/* where it works; NULL: anywhere */
	char **argv;			/* one block */
	bool detaches;
	enum emulator_console console;
	char *address;			/* "127.0.0.1:4001", or a socket's path */
	bool holds;			/* its telnet line is the keeper's */
	char *run, *state;		/* its folders, which may be missing */
};

/* Reads the keys and looks for the program. -errno with a sentence. To be freed in either case. */
int emulator_read(struct emulator *emulator, const struct machine *machine, struct fault *f);
/* Without the program, which may be gone while the machine still runs. */
int emulator_read_places(struct emulator *emulator, const struct machine *machine,
			 struct fault *f);
void emulator_free(struct emulator *emulator);

/* "pty", "telnet [HOST:]PORT", "unix PATH", "none": address is to be freed, NULL for the others. */
int emulator_console_parse(const char *text, enum emulator_console *console, char **address,
			   struct fault *f);

/* Which process it is. */
struct emulator_found {
	struct proc proc;		/* pid 0: it does not run */
	struct proc keeper;		/* pid 0: nobody keeps its lines */
	bool ours;			/* we have started it */
	bool stopped;			/* by SIGSTOP: paused */
};

/*
 * By the keeper's record, else by its program and its configuration file among all processes. 0,
 * also where it does not run; -EEXIST with a sentence where more than one is this machine.
 */
int emulator_find(const struct emulator *emulator, struct emulator_found *found, struct fault *f);
/* Gives back what was read of processes. */
void emulator_find_forget(void);

/* Its network interfaces, in the keys or its configuration file; to be freed, NULL for none. */
int emulator_interfaces(const struct emulator *emulator, char ***interfaces, size_t *n,
			struct fault *f);
/*
 * Starts a keeper: one that starts the program, or, with adopt->pid, one for the program that runs
 * without. interfaces: whose offloads it switches off first; NULL: none. *report: see keeper_start.
 */
int emulator_keep(const struct emulator *emulator, const char *interfaces,
		  const struct proc *adopt, int *report, struct fault *f);

/* Ways to let it stop, as in emulator-stop. */
enum emulator_way { WAY_NONE, WAY_SCRIPT, WAY_COMMAND, WAY_SIGNAL };
struct emulator_stop {
	enum emulator_way way;
	char **words;			/* of the whole; to be freed */
	size_t n;
	int signal;
};
/* -EINVAL with a sentence. */
int emulator_stop_parse(size_t n, char *const *words, struct emulator_stop *stop, struct fault *f);

/* What verbs do. */
void emulator_on(struct attempt *attempt);
void emulator_off(struct attempt *attempt);
void emulator_soft(struct attempt *attempt);
void emulator_stop(struct attempt *attempt);
void emulator_reset(struct attempt *attempt);
void emulator_pause(struct attempt *attempt);
void emulator_resume(struct attempt *attempt);
void emulator_status(struct attempt *attempt);
void emulator_diagnose(struct attempt *attempt);
void emulator_cancel(struct attempt *attempt);
void emulator_quit(void);

extern const struct console_ops emulator_console;

#endif
