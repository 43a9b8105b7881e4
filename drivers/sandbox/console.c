/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The consoles of simulated machines: they echo what is typed, tell how the machine boots, at a
 * speed if need be, and have the faults of real ones. That the machine was switched is seen by its
 * unit, whoever did it: this run, or another by the state file.
 */
#include "sandbox.h"
#include "store.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/console.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OUT_SIZE = 16384,		/* what the machine has said and the line has not carried */
	TYPED_MAX = 200,
	ROOM_FOR_ONE = 1024,		/* most that one byte typed makes the machine say */
	POUR_LINE = 64,
};

/* how often the machine is looked at, and how often a line with a speed carries something */
static const ev_tstamp look_every = 0.1, carry_every = 0.01;

/* --- what a console does -------------------------------------------------------------------- */

/* Numbers, or 1 where it does it; 0 where not. */
struct script {
	uint64_t log, echo, raw_echo, speed, pour, refuse, busy, silent, drop, stolen;
};

static const struct trait {
	const char *name;
	size_t at;			/* in struct script */
	const char *what;		/* the number behind it; NULL: there is none */
	uint64_t low, high;
} traits[] = {
	{"echo", offsetof(struct script, echo), NULL, 0, 0},
	{"raw-echo", offsetof(struct script, raw_echo), NULL, 0, 0},
	{"log", offsetof(struct script, log), NULL, 0, 0},
	{"speed", offsetof(struct script, speed), "the speed in bits a second", 50, 1000000000},
	{"pour", offsetof(struct script, pour), "the number of bytes", 1, 1000000000000},
	{"fault refuse", offsetof(struct script, refuse), NULL, 0, 0},
	{"fault busy", offsetof(struct script, busy), NULL, 0, 0},
	{"fault silent", offsetof(struct script, silent), NULL, 0, 0},
	{"fault drop", offsetof(struct script, drop), "the number of bytes", 1, 1000000000000},
	{"fault stolen", offsetof(struct script, stolen), "the number of bytes", 1, 1000000000000},
};

enum { TRAITS = sizeof(traits) / sizeof(traits[0]) };

static int unknown_trait(const char *value, struct fault *f)
{
	char word[VALUE_MAX];
	struct nearest nearest = {.wanted = word};
	size_t length = strlen(value);

	/* its name alone, as it would be without the number */
	while (length && strchr("0123456789 ", value[length - 1]))
		length--;
	snprintf(word, sizeof(word), "%.*s", (int)length, value);
	for (size_t i = 0; i < TRAITS; i++)
		nearest_offer(&nearest, traits[i].name);
	if (nearest.name)
		return fault_set(f, EINVAL, "\"%s\" is nothing that a console can do: did you mean "
				 "\"%s\"?", value, nearest.name);
	return fault_set(f, EINVAL, "\"%s\" is nothing that a console can do: write echo, raw-echo, "
			 "log, speed BITS, pour BYTES, or fault with refuse, busy, silent, drop "
			 "BYTES or stolen BYTES", value);
}

static const struct trait *trait_find(const char *value)
{
	for (size_t i = 0; i < TRAITS; i++) {
		size_t length = strlen(traits[i].name);

		if (!strncmp(value, traits[i].name, length) &&
		    (!value[length] || value[length] == ' '))
			return &traits[i];
	}
	return NULL;
}

static int script_add(struct script *script, const char *value, struct fault *f)
{
	const struct trait *trait = trait_find(value);
	const char *rest;
	uint64_t number = 1;
	int err = 0;

	if (!trait)
		return unknown_trait(value, f);
	rest = value + strlen(trait->name);
	rest += strspn(rest, " ");
	if (trait->what)
		err = number_parse(rest, trait->what, trait->low, trait->high, &number, f);
	else if (*rest)
		err = fault_set(f, EINVAL, "\"%s\": %s takes no \"%s\"", value, trait->name, rest);
	memcpy((char *)script + trait->at, &number, sizeof(number));
	return err;
}

static int check_trait(const char *value, struct fault *f)
{
	struct script ignored = {0};

	return script_add(&ignored, value, f);
}

const struct key key_sandbox_console = {
	.name = "sandbox-console", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_trait,
	.help = HELP("What the console of a simulated machine does: echo (each line comes back "
		"behind a prompt, and `pour BYTES` typed pours; the default), raw-echo (each byte "
		"comes back as it is), log (the machine tells how it boots), speed BITS (so many "
		"a second, ten to a byte), pour BYTES (so many in numbered lines, when it opens "
		"and when the machine starts). Faults: fault refuse (user or password are wrong), "
		"fault busy (somebody else has it, and loses it to who steals it), fault silent "
		"(it never opens), fault drop BYTES (it is lost behind so many), fault stolen "
		"BYTES (somebody else takes it then)."),
};

/* --- one console ---------------------------------------------------------------------------- */

/* "NAME" stands for the machine's. */
static const char *const boot_log[] = {
	"Sandbox firmware 1.0, self-test passed",
	"Booting from disk",
	"[    0.000000] Linux version 6.1.0-sandbox (stoker@sandbox) #1 SMP",
	"[    0.000000] Command line: root=/dev/vda1 console=ttyS0",
	"[    0.000000] BIOS-provided physical RAM map: 64 MB",
	"[    0.004000] Calibrating delay loop... 4800.00 BogoMIPS",
	"[    0.012000] smp: Brought up 1 node, 4 CPUs",
	"[    0.104000] NET: Registered PF_INET protocol family",
	"[    0.212000] Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled",
	"[    0.220000] 00:00: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A",
	"[    0.308000] virtio_blk virtio0: [vda] 131072 512-byte logical blocks (64 MB)",
	"[    0.416000] EXT4-fs (vda1): mounted filesystem with ordered data mode",
	"[    0.520000] Run /sbin/init as init process",
	"Starting system logger: OK",
	"Starting network: OK",
	"Starting sshd: OK",
	"",
	"Sandbox 1.0 NAME ttyS0",
	"",
};

enum { BOOT_LINES = sizeof(boot_log) / sizeof(boot_log[0]) };

struct line {
	struct console *console;
	struct unit *unit;
	struct script does;
	ev_timer timer;
	double looked, carried;		/* when: ev_now() times */
	double credit;			/* bytes that the speed lets through now */
	bool opened, on, logged_in, prompt_due, paused, blocked;
	uint32_t boots;			/* the start that is told, or was */
	unsigned boot_line;		/* of boot_log, the next */
	uint64_t pour_left, poured, sent;
	char typed[TYPED_MAX];
	size_t ntyped;
	size_t first, length;		/* of out */
	char out[OUT_SIZE];
};

static size_t room(const struct line *l)
{
	return OUT_SIZE - l->length;
}

/* There is room: who calls has looked. */
static void add_bytes(struct line *l, const char *bytes, size_t length)
{
	if (l->first + l->length + length > OUT_SIZE) {
		memmove(l->out, l->out + l->first, l->length);
		l->first = 0;
	}
	if (length > room(l))
		length = room(l);
	memcpy(l->out + l->first + l->length, bytes, length);
	l->length += length;
}

static void add(struct line *l, const char *text)
{
	add_bytes(l, text, strlen(text));
}

static void add_prompt(struct line *l)
{
	add(l, l->console->machine->name);
	add(l, l->does.log && !l->logged_in ? " login: " : "> ");
}

static void add_boot_line(struct line *l)
{
	const char *text = boot_log[l->boot_line++], *name = strstr(text, "NAME");

	if (name) {
		add_bytes(l, text, (size_t)(name - text));
		add(l, l->console->machine->name);
		text = name + strlen("NAME");
	}
	add(l, text);
	add(l, "\r\n");
}

/* Its number is that of its first byte. */
static void add_poured(struct line *l)
{
	char text[POUR_LINE + 1];
	size_t n = l->pour_left < POUR_LINE ? (size_t)l->pour_left : POUR_LINE;

	snprintf(text, sizeof(text), "%015llu abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ\r\n",
		 (unsigned long long)l->poured);
	add_bytes(l, text, n);
	l->poured += n;
	l->pour_left -= n;
}

/* What the machine says by itself comes when there is nothing else to carry. */
static void refill(struct line *l)
{
	while (l->length < OUT_SIZE / 2) {
		if (l->boot_line < BOOT_LINES)
			add_boot_line(l);
		else if (l->pour_left)
			add_poured(l);
		else if (l->prompt_due && !l->does.raw_echo)
			add_prompt(l), l->prompt_due = false;
		else
			return;
	}
}

static void start_pouring(struct line *l, uint64_t bytes)
{
	l->pour_left = bytes;
	l->poured = 0;
}

static void machine_is_off(struct line *l)
{
	l->on = l->logged_in = l->prompt_due = false;
	l->boot_line = BOOT_LINES;
	l->pour_left = l->length = l->ntyped = 0;
}

static void machine_starts(struct line *l)
{
	machine_is_off(l);
	l->on = l->prompt_due = true;
	l->boots = l->unit->boots;
	l->boot_line = l->does.log ? 0 : BOOT_LINES;
	start_pouring(l, l->does.pour);
}

/* Whether the machine was switched since. */
static int look(struct line *l, struct fault *f)
{
	double now = ev_now(l->console->loop);
	bool on;
	int err;

	if (now >= l->looked && now < l->looked + look_every)
		return 0;
	l->looked = now;
	err = sandbox_look(l->console->loop, l->console->machine, f);
	if (err)
		return err;
	on = unit_state(l->unit, now) == STATE_ON;
	if (on && (!l->on || l->boots != l->unit->boots) && now >= l->unit->changes_at)
		machine_starts(l);
	else if (!on && l->on)
		machine_is_off(l);
	return 0;
}

/* In so many seconds at the latest. */
static void wake_up(struct line *l, ev_tstamp seconds)
{
	if (ev_is_active(&l->timer) && ev_timer_remaining(l->console->loop, &l->timer) <= seconds)
		return;
	ev_timer_stop(l->console->loop, &l->timer);
	ev_timer_set(&l->timer, seconds, 0);
	ev_timer_start(l->console->loop, &l->timer);
}

static void wake_soon(struct line *l)
{
	wake_up(l, l->does.speed ? carry_every : 0);
}

/* How many bytes the line carries now. */
static size_t due(struct line *l)
{
	double now = ev_now(l->console->loop);
	double rate = (double)l->does.speed / 10;
	size_t most = l->length;

	if (rate > 0) {
		/* a line that was idle has saved nothing up */
		l->credit += (now - l->carried) * rate;
		if (l->credit > 1 + 2 * look_every * rate)
			l->credit = 1 + 2 * look_every * rate;
		if (most > (size_t)l->credit)
			most = (size_t)l->credit;
		l->credit -= (double)most;
	}
	l->carried = now;
	/* a fault shows behind the very byte */
	if (l->does.drop && most > l->does.drop - l->sent)
		most = (size_t)(l->does.drop - l->sent);
	if (l->does.stolen && most > l->does.stolen - l->sent)
		most = (size_t)(l->does.stolen - l->sent);
	return most;
}

static struct console *line_free(struct line *l)
{
	struct console *console = l->console;

	ev_timer_stop(console->loop, &l->timer);
	unit_leave(l->unit);
	free(l);
	return console;
}

/* --- on the loop: at most one call of the engine a turn, and that last ----------------------- */

static void open_now(struct line *l)
{
	bool stolen = l->console->steal == STEAL_ALWAYS;

	if (l->does.silent)
		return;
	if (l->does.refuse) {
		console_closed(line_free(l), -EACCES, "the machine refuses the user: its "
			       "sandbox-console says so");
	} else if (l->does.busy && !stolen) {
		console_closed(line_free(l), -EBUSY, "somebody else has it: its sandbox-console "
			       "says so");
	} else {
		l->opened = true;
		wake_soon(l);
		console_opened(l->console, l->does.busy ? "taken from somebody else" : NULL);
	}
}

static void carry(struct line *l)
{
	/* who hears of them may write, or close it */
	static unsigned char bytes[OUT_SIZE];
	size_t n;

	if (l->paused) {
		wake_up(l, look_every);
		return;
	}
	refill(l);
	n = due(l);
	memcpy(bytes, l->out + l->first, n);
	l->first += n;
	l->length -= n;
	l->sent += n;
	if (l->length || l->pour_left || l->blocked || n)
		wake_soon(l);
	else
		wake_up(l, look_every);
	console_bytes(l->console, bytes, n);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct line *l = timer->data;
	struct fault f;
	int err;

	(void)loop, (void)revents;
	if (!l->opened) {
		open_now(l);
		return;
	}
	err = look(l, &f);
	if (err) {
		console_closed(line_free(l), err, "%s", f.text);
	} else if (l->does.drop && l->sent >= l->does.drop) {
		console_closed(line_free(l), -ECONNRESET, "the line was lost: its sandbox-console "
			       "says so");
	} else if (l->does.stolen && l->sent >= l->does.stolen) {
		console_closed(line_free(l), -ESTALE, "somebody else has taken it: its "
			       "sandbox-console says so");
	} else if (l->blocked && room(l) >= OUT_SIZE / 2) {
		l->blocked = false;
		wake_soon(l);
		console_writable(l->console);
	} else {
		carry(l);
	}
}

/* --- what is typed -------------------------------------------------------------------------- */

static void end_line(struct line *l)
{
	const char pour[] = "pour ";
	uint64_t bytes;

	add(l, "\r\n");
	l->typed[l->ntyped] = '\0';
	if (!strncmp(l->typed, pour, strlen(pour)) &&
	    !number_parse(l->typed + strlen(pour), "", 1, UINT32_MAX, &bytes, NULL)) {
		start_pouring(l, bytes);
	} else if (l->ntyped && l->does.log && !l->logged_in) {
		l->logged_in = true;
	} else if (l->ntyped) {
		add_bytes(l, l->typed, l->ntyped);
		add(l, "\r\n");
	}
	l->ntyped = 0;
	l->prompt_due = true;
}

static void take(struct line *l, unsigned char byte)
{
	enum { BACKSPACE = 8, DELETE = 127 };

	if (!l->on)
		return;
	if (l->does.raw_echo) {
		add_bytes(l, (char *)&byte, 1);
	} else if (byte == '\r' || byte == '\n') {
		end_line(l);
	} else if (byte == BACKSPACE || byte == DELETE) {
		if (l->ntyped) {
			l->ntyped--;
			add(l, "\b \b");
		}
	} else if (byte >= ' ' && l->ntyped + 1 < TYPED_MAX) {
		l->typed[l->ntyped++] = (char)byte;
		add_bytes(l, (char *)&byte, 1);
	}
}

static size_t sandbox_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct line *l = console->data;
	size_t n = 0;

	/* a prompt that is due comes before the echo */
	refill(l);
	while (n < length && room(l) >= ROOM_FOR_ONE)
		take(l, bytes[n++]);
	l->blocked = n < length;
	wake_soon(l);
	return n;
}

/* Something that is no byte of the stream is told between brackets. */
static void remark(struct line *l, const char *text)
{
	if (!l->on || room(l) < ROOM_FOR_ONE)
		return;
	add(l, text);
	if (!l->does.raw_echo) {
		add(l, "\r\n");
		l->ntyped = 0;
		l->prompt_due = true;
	}
	wake_soon(l);
}

static int sandbox_break(struct console *console, struct fault *f)
{
	(void)f;
	remark(console->data, "[break]");
	return 0;
}

static void sandbox_resize(struct console *console, unsigned columns, unsigned rows)
{
	struct line *l = console->data;
	char text[64];

	/* one that only hands bytes back must not be disturbed by who changes a window */
	if (l->does.raw_echo)
		return;
	snprintf(text, sizeof(text), "[window %ux%u]", columns, rows);
	remark(l, text);
}

static void sandbox_pause(struct console *console, bool pause)
{
	struct line *l = console->data;

	l->paused = pause;
	if (!pause)
		wake_soon(l);
}

/* --- its beginning and its end -------------------------------------------------------------- */

static int read_script(struct line *l, struct fault *f)
{
	const struct machine *machine = l->console->machine;
	char buffer[VALUE_MAX];
	int err = 0;

	for (size_t i = 0; i < machine_values(machine, &key_sandbox_console) && !err; i++)
		err = script_add(&l->does, machine_value(machine, &key_sandbox_console, i, buffer),
				 f);
	return err;
}

static void sandbox_open(struct console *console)
{
	struct line *l = calloc(1, sizeof(*l));
	struct fault f;
	int err = l ? sandbox_unit(console->loop, console->machine, &l->unit, &f) :
		      fault_no_memory(&f);

	if (err) {
		free(l);
		console_closed(console, err, "%s", f.text);
		return;
	}
	l->console = console;
	ev_init(&l->timer, on_timer);
	l->timer.data = l;
	err = read_script(l, &f);
	if (err) {
		console_closed(line_free(l), err, "%s", f.text);
		return;
	}
	console->data = l;
	machine_is_off(l);
	l->looked = l->carried = ev_now(console->loop);
	l->boots = l->unit->boots;
	/* one that runs already has told how it booted */
	if (unit_state(l->unit, l->looked) == STATE_ON) {
		l->on = l->prompt_due = true;
		start_pouring(l, l->does.pour);
	}
	wake_up(l, (ev_tstamp)sandbox_latency_ms(console->machine) / 1000);
}

static void sandbox_close(struct console *console)
{
	console_closed(line_free(console->data), -ECANCELED, "closed");
}

const struct console_ops sandbox_console = {
	.open = sandbox_open,
	.write = sandbox_write,
	.send_break = sandbox_break,
	.resize = sandbox_resize,
	.pause = sandbox_pause,
	.close = sandbox_close,
};
