/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker consoles: how the consoles are that `stoker daemon` holds. */
#include "cli/consoles.h"
#include "base/fault.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "cli/view.h"
#include "config/VERSION.h"
#include "daemon/link.h"
#include "daemon/remote.h"
#include "daemon/server.h"
#include "engine/console.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* a server that does not answer for so long is stuck */
static const double answer_s = 10;

struct asking {
	struct ev_loop *loop;
	struct link link;
	ev_timer timer;
	struct console_row *rows, **end;
	struct table by_name;
	bool heard, failed;
};

/* --- asking the server ---------------------------------------------------------------------- */

static void fail(struct asking *a, const char *sentence)
{
	usage_error("consoles: %s", sentence);
	a->failed = true;
	ev_break(a->loop, EVBREAK_ALL);
}

static void add_row(struct asking *a, const struct wire_frame *frame)
{
	struct console_row *row = malloc(sizeof(*row) + frame->length);
	struct wire_frame copy = {WIRE_ROW, NULL, frame->length};
	size_t at = 0;

	if (!row) {
		fail(a, "out of memory");
		return;
	}
	row->next = NULL;
	memcpy(row->text, frame->bytes, frame->length);
	copy.bytes = (const unsigned char *)row->text;
	*a->end = row;
	a->end = &row->next;
	for (unsigned i = 0; i < ROW_FIELDS; i++) {
		row->fields[i] = wire_field(&copy, &at);
		if (!row->fields[i]) {
			fail(a, "the server says what cannot be understood");
			return;
		}
	}
	if (table_add(&a->by_name, row->fields[ROW_MACHINE], row, NULL) == -ENOMEM)
		fail(a, "out of memory");
}

static void on_frame(void *data, const struct wire_frame *frame)
{
	struct asking *a = data;
	char sentence[FAULT_TEXT_MAX];

	ev_timer_again(a->loop, &a->timer);
	if (frame->type == WIRE_ROW) {
		add_row(a, frame);
	} else if (frame->type == WIRE_END) {
		a->heard = true;
		wire_text(frame, 1, sentence, sizeof(sentence));
		if (wire_errno(frame->bytes[0]))
			fail(a, sentence);
		ev_break(a->loop, EVBREAK_ALL);
	}
}

static void on_end(void *data, int err)
{
	(void)err;
	fail(data, "the server has ended before it had told all");
}

static void on_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	fail(timer->data, "the server does not answer");
}

static const struct link_events link_events = {.frame = on_frame, .end = on_end};

/* 0, or EXIT_NOT_ALL with a sentence on standard error. */
static int ask(struct asking *a)
{
	unsigned char version[2];
	struct fault fault;
	int fd = control_connect(&fault);

	if (fd < 0) {
		usage_error("consoles: %s", fault.text);
		return EXIT_NOT_ALL;
	}
	wire_put16(version, WIRE_VERSION);
	link_start(&a->link, a->loop, fd, &link_events, a);
	link_send(&a->link, WIRE_HELLO, version, sizeof(version), STOKER_VERSION,
		  strlen(STOKER_VERSION));
	link_send(&a->link, WIRE_LIST, NULL, 0, NULL, 0);
	ev_timer_init(&a->timer, on_timeout, 0, answer_s);
	a->timer.data = a;
	ev_timer_again(a->loop, &a->timer);
	ev_run(a->loop, 0);
	ev_timer_stop(a->loop, &a->timer);
	link_stop(&a->link);
	return a->failed || !a->heard ? EXIT_NOT_ALL : 0;
}

/* --- what is shown -------------------------------------------------------------------------- */

/* A machine whose console the server does not hold now: all the same it has one. */
static const struct console_row *closed_row(const struct machine *machine)
{
	static struct console_row row;
	static const char *const fields[ROW_FIELDS] = {
		[ROW_STATE] = "closed", [ROW_KEPT] = "no", [ROW_SINCE] = "0", [ROW_WRITERS] = "0",
		[ROW_WATCHERS] = "0", [ROW_BYTES] = "0", [ROW_WHY] = "", [ROW_LOG] = "",
		[ROW_LAST] = "",
	};

	memcpy(row.fields, fields, sizeof(fields));
	row.fields[ROW_MACHINE] = machine->name;
	return &row;
}

/* The n-th row that is to be shown; NULL behind the last. */
static const struct console_row *row_at(const struct asking *a, const struct selection *selection,
					size_t n, const struct console_row *last)
{
	const struct console_row *row;

	if (!selection)
		return n ? last->next : a->rows;
	if (n >= selection->n)
		return NULL;
	row = table_find(&a->by_name, selection->machines[n]->name);
	return row ? row : closed_row(selection->machines[n]);
}

enum { COLUMNS = 6, CELL_MAX = 300 };

static const char *const titles[COLUMNS] = {
	"MACHINE", "STATE", "SINCE", "CLIENTS", "BYTES", "LAST LINE",
};

static void print_cells(const struct console_row *row, char cells[COLUMNS][CELL_MAX])
{
	const char *const *f = row->fields;
	const char *last = *f[ROW_WHY] ? f[ROW_WHY] : *f[ROW_LAST] ? f[ROW_LAST] : "-";

	snprintf(cells[0], CELL_MAX, "%s", f[ROW_MACHINE]);
	snprintf(cells[1], CELL_MAX, "%s", f[ROW_STATE]);
	snprintf(cells[2], CELL_MAX, "-");
	if (strcmp(f[ROW_SINCE], "0"))
		clock_text(strtod(f[ROW_SINCE], NULL) / 1000, cells[2], CELL_MAX);
	/* the date stays one column for a script */
	if (strchr(cells[2], ' '))
		*strchr(cells[2], ' ') = 'T';
	snprintf(cells[3], CELL_MAX, "%s/%s", f[ROW_WRITERS], f[ROW_WATCHERS]);
	snprintf(cells[4], CELL_MAX, "%s", f[ROW_BYTES]);
	snprintf(cells[5], CELL_MAX, "%s", last);
}

/* Characters of a text, a byte at least each. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* Cut to so many characters; 0: to none. */
static void cut(char *text, int width)
{
	for (; *text; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80 && width-- <= 0)
			break;
	}
	*text = '\0';
}

/* Columns of the terminal behind standard output; 0: there is none. */
static int terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

static void print_line(char cells[COLUMNS][CELL_MAX], const int widths[COLUMNS], int terminal)
{
	int used = 0;

	for (unsigned i = 0; i + 1 < COLUMNS; i++) {
		/* numbers stand at the right */
		printf(i == 3 || i == 4 ? "%*s  " : "%-*s  ", widths[i], cells[i]);
		used += widths[i] + 2;
	}
	if (terminal)
		cut(cells[COLUMNS - 1], terminal > used + 8 ? terminal - used : 8);
	puts(cells[COLUMNS - 1]);
}

static void print_table(const struct asking *a, const struct selection *selection)
{
	const struct console_row *row = NULL;
	char cells[COLUMNS][CELL_MAX];
	int widths[COLUMNS] = {0}, terminal = terminal_width();

	for (unsigned i = 0; i < COLUMNS && terminal; i++)
		widths[i] = (int)strlen(titles[i]);
	for (size_t n = 0; (row = row_at(a, selection, n, row)); n++) {
		print_cells(row, cells);
		for (unsigned i = 0; i < COLUMNS; i++) {
			int width = width_of(cells[i]);

			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
	for (unsigned i = 0; i < COLUMNS && terminal; i++)
		snprintf(cells[i], CELL_MAX, "%s", titles[i]);
	if (terminal)
		print_line(cells, widths, terminal);
	for (size_t n = 0; (row = row_at(a, selection, n, row)); n++) {
		print_cells(row, cells);
		print_line(cells, widths, terminal);
	}
}

static int show(const struct context *c, const struct asking *a, const struct selection *selection)
{
	const struct view *view = c->json ? view_find("consoles", "json") : NULL;
	const struct console_row *row = NULL;

	if (c->json && !view)
		return EXIT_USAGE;
	if (!view)
		print_table(a, selection);
	for (size_t n = 0; (row = row_at(a, selection, n, row)); n++) {
		if (view)
			view->print(row);
		else if (*row->fields[ROW_LOG])
			fprintf(stderr, "%s: its console is not logged: %s\n",
				row->fields[ROW_MACHINE], row->fields[ROW_LOG]);
	}
	return 0;
}

/* --- the command ---------------------------------------------------------------------------- */

/* The machines that are asked for, each of which must have a console. */
static int choose(struct context *c, int argc, char **argv, struct selection *selection)
{
	int code = context_load(c);

	if (!code)
		code = context_select(c, argc, argv, selection);
	for (size_t i = 0; i < selection->n && !code; i++) {
		if (!console_exists(selection->machines[i]))
			code = usage_error("%s has no console: set console = in its section",
					   selection->machines[i]->name);
	}
	return code;
}

static int consoles_run(struct context *context, int argc, char **argv)
{
	struct asking a = {.loop = ev_default_loop(EVFLAG_NOENV), .end = &a.rows};
	struct selection selection = {0};
	int code = argc ? choose(context, argc, argv, &selection) : 0;

	if (!code && !a.loop)
		code = usage_error("the event loop cannot be made: epoll is missing");
	if (!code)
		code = ask(&a);
	if (!code)
		code = show(context, &a, argc ? &selection : NULL);
	while (a.rows) {
		struct console_row *row = a.rows;

		a.rows = row->next;
		free(row);
	}
	table_free(&a.by_name);
	selection_free(&selection);
	if (a.loop)
		ev_loop_destroy(a.loop);
	return code;
}

static int set_json(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->json = true;
	return 0;
}

static const struct option_entry consoles_options[] = {
	{0, "json", NULL, "Print one JSON object a line for each console.", .set = set_json},
	{0},
};

static const struct option_entry *const consoles_tables[] = {
	consoles_options, config_options, NULL,
};

static const struct command consoles_command = {
	.name = "consoles",
	.summary = "Show how the consoles are that the daemon holds",
	.usage = "[OPTION]… [MACHINE]…",
	.help =
	"Asks `stoker daemon` for its consoles: the state (open, opening, lost, refused, closed),\n"
	"since when, how many write and watch, how many bytes it has said, and its last line, or\n"
	"why it is not open. Without a name: those that are kept or attached to, as far as one\n"
	"may watch them. Names of the columns are printed on a terminal only.\n"
	"\n"
	"Exit code 0; 1: no daemon runs, or it does not answer.",
	.options = consoles_tables,
	.run = consoles_run,
};
COMMAND(consoles_command);
