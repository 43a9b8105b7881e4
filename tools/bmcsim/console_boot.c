/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A far end that boots: from the machine's start on it says a boot log, so many bytes a second;
 * then it is an echo machine. What was said while nobody listened is gone.
 */
#include "console.h"
#include "log.h"
#include "sol.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Seconds between looks at what is due, and a line's rate of 115200 bit/s. */
static const double step = 0.02;
enum { RATE_115200 = 11520 };

static const char log_text[] =
	"Memory test: 65536 MB ok\r\n"
	"CPU 0: 16 cores\r\n"
	"PCI: bus 0 scanned, 14 devices\r\n"
	"SATA 0: disk, 512110190592 bytes\r\n"
	"NIC 0: link is up, 1000 Mbit/s, full duplex\r\n"
	"Boot: the first of: disk, network\r\n"
	"Loading the kernel ..................................................\r\n"
	"[    0.000000] Command line: console=ttyS1,115200n8\r\n"
	"[    0.000000] BIOS-provided physical RAM map\r\n"
	"[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\r\n"
	"[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable\r\n"
	"[    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000103fffffff] usable\r\n"
	"[    0.004000] tsc: Detected 2400.000 MHz processor\r\n"
	"[    0.081215] Memory: 65536000K available\r\n"
	"[    0.120001] smp: Bringing up secondary CPUs\r\n"
	"[    0.212512] smp: Brought up 1 node, 16 CPUs\r\n"
	"[    0.300417] pci 0000:00:00.0: host bridge\r\n"
	"[    0.412003] Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled\r\n"
	"[    0.412855] 00:05: ttyS1 at I/O 0x2f8 (irq = 3, base_baud = 115200)\r\n"
	"[    0.730552] ata1: SATA link up 6.0 Gbps\r\n"
	"[    0.912201] sda: sda1 sda2 sda3\r\n"
	"[    1.020093] Run /init as init process\r\n"
	"[    1.400771] e1000e: eth0 NIC Link is Up 1000 Mbps Full Duplex\r\n"
	"[    1.801124] EXT4-fs (sda2): mounted filesystem with ordered data mode\r\n"
	"Starting: udev ok\r\n"
	"Starting: network ok\r\n"
	"Starting: sshd ok\r\n"
	"\r\n";

enum { FIRST_MAX = ADDRESS_TEXT_SIZE + 32 };

struct boot_log {
	struct echo echo;
	double started;			/* of the log that is said; negative: none */
	double from;			/* when its first byte was due */
	size_t said, first_length;
	char first[FIRST_MAX];		/* a line of this machine's own */
};

static size_t log_length(const struct boot_log *log)
{
	return log->first_length + sizeof(log_text) - 1;
}

static int open_log(struct sol *sol)
{
	struct boot_log *log = calloc(1, sizeof(*log));
	char address[ADDRESS_TEXT_SIZE];

	if (!log)
		return -ENOMEM;
	log->started = -1;
	log->first_length = (size_t)snprintf(log->first, sizeof(log->first), "BIOS of %s starts\r\n",
					     address_print(&sol->bmc->address, address));
	sol->far_state = log;
	return 0;
}

static void close_log(struct sol *sol)
{
	free(sol->far_state);
}

/* How much of it is due at this moment. */
static size_t due(struct sol *sol, const struct boot_log *log)
{
	double bytes = (now - log->from) * sol->console.rate;

	return bytes < (double)log_length(log) ? (size_t)bytes : log_length(log);
}

/* Says the log up to here; what there is no room for is lost, as by a serial line. */
static void say(struct sol *sol, struct boot_log *log, size_t to)
{
	while (log->said < to) {
		bool first = log->said < log->first_length;
		const char *from = first ? log->first + log->said :
					   log_text + (log->said - log->first_length);
		size_t n = (first ? log->first_length : log_length(log)) - log->said, put;

		n = n < to - log->said ? n : to - log->said;
		put = sol_put(sol, from, n);
		if (put < n)
			sol_overrun(sol, n - put);
		log->said += n;
	}
}

/* Looks at whether the machine was started again. */
static void look(struct sol *sol, struct boot_log *log)
{
	if (!power_is_on(sol->bmc)) {
		log->started = -1;
	} else if (log->started != sol->bmc->power.started) {
		log->started = log->from = sol->bmc->power.started;
		log->said = 0;
	}
}

static bool is_up(const struct boot_log *log)
{
	return log->started >= 0 && log->said == log_length(log);
}

static void begin(struct sol *sol)
{
	struct boot_log *log = sol->far_state;

	look(sol, log);
	if (log->started >= 0)
		log->said = due(sol, log);
	if (is_up(log))
		echo_prompt(sol, &log->echo);
}

static double tick(struct sol *sol)
{
	struct boot_log *log = sol->far_state;
	const struct power *power = &sol->bmc->power;
	double next = HUGE_VAL;

	look(sol, log);
	if (power->nsteps)
		next = power->steps[0].at;
	if (log->started < 0 || is_up(log))
		return next;
	/* it may not: the rest comes so much later */
	if (sol->paused)
		log->from = now - (double)log->said / sol->console.rate;
	else
		say(sol, log, due(sol, log));
	if (is_up(log)) {
		echo_prompt(sol, &log->echo);
		return next;
	}
	return next < now + step ? next : now + step;
}

static size_t take(struct sol *sol, const uint8_t *bytes, size_t length)
{
	struct boot_log *log = sol->far_state;

	/* nobody reads it yet */
	if (!is_up(log))
		return length;
	return echo_take(sol, &log->echo, bytes, length);
}

static void take_break(struct sol *sol)
{
	static const char text[] = "\r\n[break]\r\n";

	if (((struct boot_log *)sol->far_state)->started >= 0)
		sol_put(sol, text, sizeof(text) - 1);
}

const struct far_end far_boot_log = {
	.name = "boot-log",
	.value = RATE,
	.rate = RATE_115200,
	.powered = true,
	.open = open_log,
	.close = close_log,
	.begin = begin,
	.take = take,
	.take_break = take_break,
	.tick = tick,
};
