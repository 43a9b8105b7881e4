/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Far ends: what is at the other end of a BMC's serial line. A setting says which ("echo",
 * "source=2000", "unix:/tmp/%a"); each kind is a struct far_end. Characters go from a far end to
 * SOL by sol_put (sol.h).
 */
#ifndef BMCSIM_CONSOLE_H
#define BMCSIM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ev_loop;
struct sol;

struct console_setting {
	const struct far_end *far;
	uint32_t rate;			/* bytes a second */
	const char *place;		/* a path, or HOST:PORT; %a in it is the BMC's address */
};

/* What a far end can do; only take is never NULL. */
struct far_end {
	const char *name;
	enum { NO_VALUE, RATE, PLACE } value;
	uint32_t rate;			/* when none is written; 0: it must be */
	bool powered;			/* nothing can be transferred while the machine is off */
	/* Its state in sol->far_state; 0 or a negative errno. */
	int (*open)(struct sol *sol);
	void (*close)(struct sol *sol);
	/* A session has come: DCD is there. */
	void (*begin)(struct sol *sol);
	/* Characters from the console; how many it took. */
	size_t (*take)(struct sol *sol, const uint8_t *bytes, size_t length);
	void (*take_break)(struct sol *sol);
	/* There is room for characters again. */
	void (*ready)(struct sol *sol);
	/* Does what is due now, in a session; when next, HUGE_VAL for never. */
	double (*tick)(struct sol *sol);
	/* Where it can be found, for the control socket. */
	const char *(*where)(struct sol *sol);
};

extern const struct far_end far_echo, far_raw_echo, far_boot_log, far_source, far_pty, far_unix,
	far_unix_listen, far_tcp;

/* Reads a setting; the value is kept. False with what is wrong in *why. */
bool console_parse(const char *value, struct console_setting *setting, const char **why);

/* The place with the address in it, in a buffer; false when that is too small. */
bool console_place(const struct sol *sol, char *to, size_t size);

/* The login prompt and the lines of an echo machine, which a boot log ends in too. */
struct echo {
	size_t length;
	uint8_t line[128];
};

void echo_prompt(struct sol *sol, struct echo *echo);
size_t echo_take(struct sol *sol, struct echo *echo, const uint8_t *bytes, size_t length);

/* For those that need the loop: descriptors (console_device.c). */
void console_start(struct ev_loop *loop);
void console_stop(void);

#endif
