/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles: the second contract with drivers. A console is a stream of bytes in both directions, on
 * the loop, whatever stands behind it: attaching, logging, sharing and replaying see one kind.
 *
 * A machine's consoles are a ladder, the key `console`: "sol", "telnet ts1:2003 10s". The first that
 * opens is taken.
 */
#ifndef ENGINE_CONSOLE_H
#define ENGINE_CONSOLE_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct console;
struct driver;
struct fault;
struct key;
struct machine;

/* --- for who opens consoles ----------------------------------------------------------------- */

/*
 * Why a console closed, as far as it matters to who might open it again:
 *	-ECANCELED	console_close asked for it
 *	-EACCES, -EPERM	user or password, privilege: not to be tried again by oneself, accounts lock
 *	-EINVAL, -ENOSYS the configuration is wrong, or the far end cannot do it: likewise
 *	-EBUSY		somebody else has it
 *	-ESTALE		somebody else has taken it away
 *	-EPIPE		the far end has closed it: a program ended, a connection was hung up
 *	others		it cannot be reached, or was lost: worth another try
 */
struct console_events {
	/* it is there: from here on nothing that comes is lost. text: what a user may want to know */
	void (*opened)(void *data, const char *text);
	/* what the machine says */
	void (*bytes)(void *data, const unsigned char *bytes, size_t length);
	/* console_write took less than it was given, and there is room again; may be NULL */
	void (*writable)(void *data);
	/* something that is no byte of the stream: a sentence, "the far end sent a break" */
	void (*note)(void *data, const char *sentence);
	/*
	 * The end, exactly once, also after console_close; from the loop, never from in there.
	 * sentence: why, in the user's terms. The console is gone.
	 */
	void (*closed)(void *data, int err, const char *sentence);
};

enum console_steal {
	STEAL_CONFIGURED,	/* as the driver's own key says */
	STEAL_NEVER,		/* who has it keeps it: -EBUSY */
	STEAL_ALWAYS,		/* it is taken away from who has it */
};

/*
 * Begins to open the first console of a machine's ladder that can be had. 0 and *console, with the
 * events to follow from the loop, never from in here; or -errno with a sentence: the machine has
 * none, or the key is wrong. loop must be libev's default loop.
 */
int console_open(struct ev_loop *loop, const struct machine *machine, enum console_steal steal,
		 const struct console_events *events, void *data, struct console **console,
		 struct fault *f);

/* What of a console other than bytes can be asked for. */
enum console_request {
	CONSOLE_WHO,		/* who else sees it */
	CONSOLE_INFO,		/* what it is, and since when */
	CONSOLE_REPLAY,		/* what was said last, again, as bytes */
	CONSOLE_WATCH,		/* from now on only look */
	CONSOLE_WRITE,		/* from now on write too */
};

struct console_ops;

/*
 * A console that stands in no configuration: with these operations and one argument, which must
 * outlive the call. As console_open otherwise.
 */
int console_open_by(struct ev_loop *loop, const struct console_ops *ops, const char *argument,
		    const struct console_events *events, void *data, struct console **console,
		    struct fault *f);

/*
 * Takes the first of these bytes for the machine, as many as there is room for, and returns how
 * many; fewer than length: `writable` follows. 0 until it is open.
 */
size_t console_write(struct console *console, const void *bytes, size_t length);
/* -ENOSYS with a sentence where this console has no breaks; -ENOTCONN until it is open. */
int console_break(struct console *console, struct fault *f);
/* How large the window is; without effect where the far end does not care. */
void console_resize(struct console *console, unsigned columns, unsigned rows);
/* While paused the machine has to wait, as far as the line allows it: back-pressure. */
void console_pause(struct console *console, bool pause);
/* The answer is notes or bytes. -ENOSYS with a sentence where nobody can answer. */
int console_ask(struct console *console, enum console_request request, struct fault *f);
/* `closed` follows, with -ECANCELED. */
void console_close(struct console *console);

bool console_is_open(const struct console *console);
/* The method that is used or tried: "sol", "telnet ts1:2003". Its own, until it has closed. */
const char *console_way(const struct console *console);

/* Whether the machine has one: its key, or a driver's that shows consoles by default. */
bool console_exists(const struct machine *machine);

/*
 * Adds its ladder as text, with limits: "sol 60s, telnet ts1:2003 10s". -ENOENT where it has none,
 * -ENOSYS in a build without consoles, others where the key is wrong.
 */
int console_print(const struct machine *machine, struct buffer *out);

extern const struct key key_console;

/* --- for drivers ---------------------------------------------------------------------------- */

/*
 * How a driver shows consoles. Nothing blocks. Between open and console_closed a driver may call
 * console_opened (once), console_bytes, console_writable and console_note, from the loop or from
 * `open`. Whoever hears of it may answer by console_close, so that any of these calls may come back
 * after `close`: what the driver has freed there it must not touch then.
 */
struct console_ops {
	/* a method's arguments, when they are read; NULL: it takes none */
	int (*check_arguments)(size_t argc, char *const *argv, struct fault *f);
	/*
	 * Begins; console_opened or console_closed follows, from here or later. Its time ends with
	 * `close`.
	 */
	void (*open)(struct console *console);
	/* as console_write; only while it is open */
	size_t (*write)(struct console *console, const unsigned char *bytes, size_t length);
	/* NULL where the far end has no breaks; only while it is open */
	int (*send_break)(struct console *console, struct fault *f);
	/* each may be NULL */
	void (*resize)(struct console *console, unsigned columns, unsigned rows);
	void (*pause)(struct console *console, bool pause);
	int (*ask)(struct console *console, enum console_request request, struct fault *f);
	/*
	 * Ends it in good order: console_closed follows, from here or later, with whatever code: the
	 * engine knows why.
	 */
	void (*close)(struct console *console);
};

/* The driver reads the first part and owns `data`. */
struct console {
	const struct machine *machine;	/* NULL for one of console_open_by */
	size_t argc;			/* the method's arguments, without driver and limit */
	char *const *argv;
	enum console_steal steal;
	unsigned columns, rows;		/* of the window; 0: nobody has said */
	struct ev_loop *loop;
	void *data;

	/* the engine's own */
	const struct console_ops *ops;
	const struct console_events *events;
	void *owner;
	struct console_ladder *ladder;
	size_t rung;
	enum console_phase {
		CONSOLE_WAITING,	/* nothing has begun: the next rung begins from the loop */
		CONSOLE_OPENING,
		CONSOLE_OPEN,
		CONSOLE_ENDING,		/* the driver was told to close it */
		CONSOLE_OVER,		/* it has: the next rung or the end follows from the loop */
	} phase;
	bool short_write, late, paused;
	ev_timer timer;			/* the next step, or the end of the rung's time */
	int err;
	char *errors;			/* of the rungs until now */
};

/* The line is there. text: what a user may want to know of it; NULL: nothing. */
void console_opened(struct console *console, const char *text);
void console_bytes(struct console *console, const unsigned char *bytes, size_t length);
void console_writable(struct console *console);
void console_note(struct console *console, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* It is over, for whatever reason: a negative errno as above, and a sentence that says why. */
void console_closed(struct console *console, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
