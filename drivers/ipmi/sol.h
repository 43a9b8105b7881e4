/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles by serial over LAN (IPMI 2.0, chapter 15): what the driver's rooms share. sol.c is the
 * driver with its keys, sol_console.c carries a console from its opening to its end, sol_library.c
 * is the only one that knows libipmiconsole, sol_error.c says in words what its numbers mean.
 */
#ifndef IPMI_SOL_H
#define IPMI_SOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct approach;
struct console;
struct fault;
struct ipmiconsole_ctx;
struct key;
struct machine;

/* --- sol.c ---------------------------------------------------------------------------------- */

enum sol_tickle {
	TICKLE_NEVER,
	TICKLE_NUL,			/* a NUL character to the serial port */
	TICKLE_EMPTY,			/* a packet without one */
};

struct sol_settings {
	uint32_t timeout_ms, keepalive_ms;
	uint8_t instance;		/* 1 to 15 */
	bool steal;
	bool deactivate;		/* only free the BMC's console */
	enum sol_tickle tickle;
};

/* What the machine's keys say; steal and deactivate too. -EINVAL with a sentence. */
int sol_read(const struct console *console, struct sol_settings *settings, struct fault *f);

/* --- sol_console.c: as struct console_ops, and struct driver -------------------------------- */

void sol_open(struct console *console);
size_t sol_write(struct console *console, const unsigned char *bytes, size_t length);
int sol_break(struct console *console, struct fault *f);
void sol_pause(struct console *console, bool pause);
void sol_close(struct console *console);
void sol_quit(void);

/* --- sol_library.c -------------------------------------------------------------------------- */

/* The library's number for a cipher suite that the BMC does not have. */
enum { SUITE_REFUSED = 10 };


/* Starts the library, once. -errno with a sentence. */
int library_open(struct fault *f);
/* Ends its threads; sessions that are not over stay open in their BMCs until these give them up. */
void library_close(void);

/*
 * Begins a session. *fd is the caller's to close, and says one byte when the console is there; its
 * end is the session's. 0; a number of the library; or -errno with a sentence.
 */
int library_begin(const struct approach *approach, const struct sol_settings *settings,
		  uint8_t suite, struct ipmiconsole_ctx **session, int *fd, struct fault *f);
/* After the descriptor's end: the library's number for why. */
int library_end(struct ipmiconsole_ctx *session);
/* -EIO */
int library_break(struct ipmiconsole_ctx *session);
/* The library's flags for enum quirk. */
unsigned library_workarounds(unsigned quirks);

/* --- sol_error.c ---------------------------------------------------------------------------- */

/* What a sentence may tell. */
struct sol_case {
	const char *bmc, *user, *privilege, *suites;
	double seconds;			/* since it began; of silence, where it was open */
	bool open;			/* the console was there */
	bool steal, password, kg;	/* asked for; set */
};

/* The errno and the sentence for a number of the library. */
int sol_explain(int number, const struct sol_case *c, struct fault *f);
/* Whether another cipher suite may do better. */
bool sol_suite_may_help(int number);

#endif
