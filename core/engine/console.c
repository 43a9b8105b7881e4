/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles: a ladder of ways to one, of which the first that opens is taken. See console.h. What a
 * driver reports is handed on at once; that a console is over, from the loop, so that the driver
 * has let go of it by then.
 */
#include "engine/console.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_LIMIT_MS = 60 * 1000 };

struct rung {
	const struct driver *driver;
	char **words;			/* all words; argv points into them */
	size_t argc;
	uint64_t limit_ms;
	bool has_limit;			/* the text names it */
	char *text;
};

struct console_ladder {
	size_t n;
	struct rung rungs[];
};

/* --- reading -------------------------------------------------------------------------------- */

static int no_console(const struct driver *driver, struct fault *f)
{
	struct buffer names = {0};
	const struct driver *other;
	int err;

	for (size_t i = 0; (other = driver_at(i)); i++) {
		if (other->console)
			buffer_add(&names, "%s%s", names.length ? ", " : "", other->name);
	}
	err = fault_set(f, ENOSYS, "the driver %s shows no consoles: these do: %s", driver->name,
			names.length ? buffer_text(&names) : "none of this build");
	buffer_free(&names);
	return err;
}

static int rung_check(const char *text, struct rung *rung, struct fault *f)
{
	const struct driver *driver = rung->driver;

	if (!driver->console)
		return no_console(driver, f);
	if (driver->console->check_arguments)
		return driver->console->check_arguments(rung->argc, rung->words + 1, f);
	if (rung->argc)
		return fault_set(f, EINVAL, "\"%s\": the console of %s takes no argument \"%s\"",
				 text, driver->name, rung->words[1]);
	return 0;
}

static void rung_free(struct rung *rung)
{
	free(rung->words);
	free(rung->text);
	*rung = (struct rung){0};
}

/* -EINVAL, -ENOSYS, -ENOMEM, with a sentence. */
static int rung_parse(const char *text, struct rung *rung, struct fault *f)
{
	int err = method_words(text, &rung->words, &rung->argc, &rung->driver, &rung->limit_ms, f);

	if (err)
		return err;
	rung->has_limit = rung->limit_ms;
	if (!rung->has_limit)
		rung->limit_ms = OPEN_LIMIT_MS;
	err = rung_check(text, rung, f);
	if (!err) {
		rung->text = strdup(text);
		err = rung->text ? 0 : fault_no_memory(f);
	}
	if (err)
		rung_free(rung);
	return err;
}

static int key_console_check(const char *value, struct fault *f)
{
	struct rung rung = {0};
	int err = rung_parse(value, &rung, f);

	if (!err)
		rung_free(&rung);
	return err;
}

const struct key key_console = {
	.name = "console", .type = KEY_TEXT, .flags = KEY_LIST, .check = key_console_check,
	.help = HELP("Where its console is, best way first: {\"sol\", \"telnet ts1:2003\"}. Without "
		"it: that of the driver that switches it, where that has one."),
};

static const struct key *const console_keys[] = {&key_console, NULL};
static const struct key_set console_key_set = {.title = "Consoles", .keys = console_keys};
KEY_SET(console_key_set);

static bool is_default(const struct driver *driver, const struct machine *machine)
{
	return driver->console && driver_is_default(driver, machine);
}

bool console_exists(const struct machine *machine)
{
	const struct driver *driver;

	if (machine_entry(machine, &key_console, NULL))
		return machine_values(machine, &key_console) > 0;
	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (is_default(driver, machine))
			return true;
	}
	return false;
}

static void ladder_drop(struct console_ladder *ladder)
{
	for (size_t i = 0; ladder && i < ladder->n; i++)
		rung_free(&ladder->rungs[i]);
	free(ladder);
}

static int add_configured(struct console_ladder *ladder, const struct machine *machine,
			  struct fault *f)
{
	char buffer[VALUE_MAX];

	for (size_t i = 0; i < machine_values(machine, &key_console); i++) {
		const char *text = machine_value(machine, &key_console, i, buffer);
		int err = rung_parse(text, &ladder->rungs[ladder->n], f);

		if (err)
			return err;
		ladder->n++;
	}
	return 0;
}

static int add_defaults(struct console_ladder *ladder, const struct machine *machine,
			struct fault *f)
{
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		int err;

		if (!is_default(driver, machine))
			continue;
		err = rung_parse(driver->name, &ladder->rungs[ladder->n], f);
		if (err)
			return err;
		ladder->n++;
	}
	return 0;
}

static int console_ladder_make(const struct machine *machine, struct console_ladder **made,
			       struct fault *f)
{
	size_t most = machine_values(machine, &key_console);
	struct console_ladder *ladder;
	int err;

	for (size_t i = 0; driver_at(i); i++)
		most++;
	ladder = calloc(1, sizeof(*ladder) + most * sizeof(struct rung));
	if (!ladder)
		return fault_no_memory(f);
	err = machine_entry(machine, &key_console, NULL) ? add_configured(ladder, machine, f) :
							   add_defaults(ladder, machine, f);
	if (!err && !ladder->n)
		err = fault_set(f, ENOENT, "it has no console: set console = in its section, for "
				"example console = \"tty /dev/ttyS0 115200\"");
	if (err)
		ladder_drop(ladder);
	else
		*made = ladder;
	return err;
}

int console_print(const struct machine *machine, struct buffer *out)
{
	struct console_ladder *ladder;
	char limit[32];
	int err = console_ladder_make(machine, &ladder, NULL);

	if (err)
		return err;
	for (size_t i = 0; i < ladder->n; i++) {
		const struct rung *rung = &ladder->rungs[i];

		buffer_add(out, "%s%s", i ? ", " : "", rung->text);
		duration_print(rung->limit_ms, limit, sizeof(limit));
		if (!rung->has_limit)
			buffer_add(out, " %s", limit);
	}
	ladder_drop(ladder);
	return 0;
}

/* --- from one phase to the next ------------------------------------------------------------- */

static void after(struct console *c, double seconds)
{
	ev_timer_stop(c->loop, &c->timer);
	ev_timer_set(&c->timer, seconds, 0);
	ev_timer_start(c->loop, &c->timer);
}

static bool is_final(int err)
{
	return err == -EACCES || err == -EPERM || err == -EINVAL || err == -ENOSYS;
}

/* That the user or the configuration is wrong goes before what another try may mend. */
static void add_error(struct console *c, int err, const char *sentence)
{
	char *both;

	if (!is_final(c->err))
		c->err = err;
	if (asprintf(&both, "%s%s%s", c->errors ? c->errors : "", c->errors ? "; " : "",
		     sentence) < 0)
		return;
	free(c->errors);
	c->errors = both;
}

static void finish(struct console *c)
{
	const struct console_events *events = c->events;
	char *errors = c->errors;
	void *owner = c->owner;
	int err = c->err;

	ev_timer_stop(c->loop, &c->timer);
	ladder_drop(c->ladder);
	free(c);
	events->closed(owner, err, errors ? errors : "out of memory");
	free(errors);
}

static void begin(struct console *c)
{
	const struct rung *rung = &c->ladder->rungs[c->rung];

	c->phase = CONSOLE_OPENING;
	c->late = false;
	if (rung->driver) {
		c->ops = rung->driver->console;
		c->argc = rung->argc;
		c->argv = rung->words + 1;
	}
	after(c, (double)rung->limit_ms / 1000);
	c->ops->open(c);
}

static void time_is_up(struct console *c)
{
	c->phase = CONSOLE_ENDING;
	c->late = true;
	c->ops->close(c);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct console *c = timer->data;

	(void)loop, (void)events;
	if (c->phase == CONSOLE_WAITING)
		begin(c);
	else if (c->phase == CONSOLE_OPENING)
		time_is_up(c);
	else
		finish(c);
}

static struct console *console_new(struct ev_loop *loop, const struct console_events *events,
				   void *owner)
{
	struct console *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->loop = loop;
	c->events = events;
	c->owner = owner;
	ev_timer_init(&c->timer, on_timer, 0, 0);
	c->timer.data = c;
	ev_timer_start(loop, &c->timer);
	return c;
}

int console_open(struct ev_loop *loop, const struct machine *machine, enum console_steal steal,
		 const struct console_events *events, void *data, struct console **console,
		 struct fault *f)
{
	struct console_ladder *ladder = NULL;
	int err = console_ladder_make(machine, &ladder, f);

	if (err)
		return err;
	*console = console_new(loop, events, data);
	if (!*console) {
		ladder_drop(ladder);
		return fault_no_memory(f);
	}
	(*console)->machine = machine;
	(*console)->steal = steal;
	(*console)->ladder = ladder;
	return 0;
}

int console_open_by(struct ev_loop *loop, const struct console_ops *ops, const char *argument,
		    const struct console_events *events, void *data, struct console **console,
		    struct fault *f)
{
	struct console_ladder *ladder = calloc(1, sizeof(*ladder) + sizeof(struct rung));
	struct rung *rung;

	if (!ladder)
		return fault_no_memory(f);
	rung = &ladder->rungs[ladder->n++];
	rung->limit_ms = OPEN_LIMIT_MS;
	rung->text = strdup(argument);
	rung->words = calloc(2, sizeof(*rung->words));
	if (!rung->text || !rung->words)
		goto fail;
	rung->words[0] = rung->text;
	*console = console_new(loop, events, data);
	if (!*console)
		goto fail;
	(*console)->ladder = ladder;
	(*console)->ops = ops;
	(*console)->argc = 1;
	(*console)->argv = rung->words;
	return 0;
fail:
	ladder_drop(ladder);
	return fault_no_memory(f);
}

/* --- what the owner asks for ---------------------------------------------------------------- */

size_t console_write(struct console *c, const void *bytes, size_t length)
{
	size_t n = c->phase == CONSOLE_OPEN ? c->ops->write(c, bytes, length) : 0;

	if (n < length)
		c->short_write = true;
	return n;
}

int console_break(struct console *c, struct fault *f)
{
	if (c->phase != CONSOLE_OPEN)
		return fault_set(f, ENOTCONN, "the console is not open");
	if (!c->ops->send_break)
		return fault_set(f, ENOSYS, "%s has no breaks", console_way(c));
	return c->ops->send_break(c, f);
}

void console_resize(struct console *c, unsigned columns, unsigned rows)
{
	c->columns = columns;
	c->rows = rows;
	if (c->phase == CONSOLE_OPEN && c->ops->resize && columns)
		c->ops->resize(c, columns, rows);
}

void console_pause(struct console *c, bool pause)
{
	c->paused = pause;
	if (c->phase == CONSOLE_OPEN && c->ops->pause)
		c->ops->pause(c, pause);
}

int console_ask(struct console *c, enum console_request request, struct fault *f)
{
	if (c->phase != CONSOLE_OPEN)
		return fault_set(f, ENOTCONN, "the console is not open");
	if (!c->ops->ask)
		return fault_set(f, ENOSYS, "%s cannot tell that", console_way(c));
	return c->ops->ask(c, request, f);
}

void console_close(struct console *c)
{
	enum console_phase phase = c->phase;

	free(c->errors);
	c->errors = strdup("closed");
	c->err = -ECANCELED;
	c->late = false;
	if (phase == CONSOLE_OPENING || phase == CONSOLE_OPEN) {
		c->phase = CONSOLE_ENDING;
		ev_timer_stop(c->loop, &c->timer);
		c->ops->close(c);
	} else if (phase != CONSOLE_ENDING) {
		c->phase = CONSOLE_OVER;
		after(c, 0);
	}
}

bool console_is_open(const struct console *c)
{
	return c->phase == CONSOLE_OPEN;
}

const char *console_way(const struct console *c)
{
	return c->ladder->rungs[c->rung].text;
}

/* --- what the driver reports ---------------------------------------------------------------- */

void console_opened(struct console *c, const char *text)
{
	if (c->phase != CONSOLE_OPENING)
		return;
	ev_timer_stop(c->loop, &c->timer);
	c->phase = CONSOLE_OPEN;
	if (c->columns)
		console_resize(c, c->columns, c->rows);
	if (c->paused)
		console_pause(c, true);
	c->events->opened(c->owner, text);
	/* who wrote too early waits to be told */
	console_writable(c);
}

void console_bytes(struct console *c, const unsigned char *bytes, size_t length)
{
	if (c->phase == CONSOLE_OPEN && length)
		c->events->bytes(c->owner, bytes, length);
}

void console_writable(struct console *c)
{
	if (c->phase != CONSOLE_OPEN || !c->short_write)
		return;
	c->short_write = false;
	if (c->events->writable)
		c->events->writable(c->owner);
}

void console_note(struct console *c, const char *format, ...)
{
	struct fault note;
	va_list args;

	if (c->phase != CONSOLE_OPEN && c->phase != CONSOLE_OPENING)
		return;
	va_start(args, format);
	fault_vset(&note, 0, format, args);
	va_end(args);
	c->events->note(c->owner, note.text);
}

static void rung_failed(struct console *c, int err, const char *sentence)
{
	const struct rung *rung = &c->ladder->rungs[c->rung];
	struct fault f;

	fault_set(&f, 0, "%s", sentence);
	if (rung->driver)
		fault_prefix(&f, 0, "%s", rung->driver->name);
	add_error(c, err, f.text);
}

/* It did not open: the next rung, where there is one. */
static void go_on(struct console *c, int err, const char *sentence)
{
	rung_failed(c, err, sentence);
	c->phase = CONSOLE_OVER;
	if (c->rung + 1 < c->ladder->n) {
		c->rung++;
		c->phase = CONSOLE_WAITING;
	}
}

/* What failed before it opened does not matter any more. */
static void lost(struct console *c, int err, const char *sentence)
{
	free(c->errors);
	c->errors = NULL;
	c->err = 0;
	rung_failed(c, err, sentence);
	c->phase = CONSOLE_OVER;
}

void console_closed(struct console *c, int err, const char *format, ...)
{
	char limit[32];
	struct fault f;
	va_list args;

	va_start(args, format);
	fault_vset(&f, 0, format, args);
	va_end(args);
	if (c->phase == CONSOLE_OPEN) {
		lost(c, err, f.text);
	} else if (c->phase == CONSOLE_OPENING) {
		go_on(c, err, f.text);
	} else if (c->late) {
		duration_print(c->ladder->rungs[c->rung].limit_ms, limit, sizeof(limit));
		fault_set(&f, 0, "it did not open in %s", limit);
		go_on(c, -ETIMEDOUT, f.text);
	} else {
		c->phase = CONSOLE_OVER;
	}
	c->data = NULL;
	after(c, 0);
}
