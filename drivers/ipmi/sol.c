/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver: machines' consoles by their baseboard management controllers, over the network:
 * serial over LAN (IPMI 2.0, chapter 15), by FreeIPMI's libipmiconsole. See sol.h.
 */
#include "sol.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/console.h"
#include "engine/credential.h"
#include "engine/driver.h"
#include "job.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <string.h>

enum { TIME_MIN_MS = 2000, TIME_MAX_MS = 3600 * 1000, INSTANCE_MAX = 15 };

static int check_time(const char *value, struct fault *f)
{
	uint64_t ms;
	int err = duration_parse(value, &ms, f);

	if (!err && (ms < TIME_MIN_MS || ms > TIME_MAX_MS))
		return fault_set(f, EINVAL, "\"%s\" is no time for a console: write 2s to 1h",
				 value);
	return err;
}

static int check_instance(const char *value, struct fault *f)
{
	uint64_t number;

	return number_parse(value, "a console's number", 1, INSTANCE_MAX, &number, f);
}

static int tickle_parse(const char *value, enum sol_tickle *tickle, struct fault *f)
{
	if (!strcmp(value, "no"))
		*tickle = TICKLE_NEVER;
	else if (!strcmp(value, "yes"))
		*tickle = TICKLE_NUL;
	else if (!strcmp(value, "empty"))
		*tickle = TICKLE_EMPTY;
	else
		return fault_set(f, EINVAL, "\"%s\" is no way to keep the serial line awake: write "
				 "no, yes or empty", value);
	return 0;
}

static int check_tickle(const char *value, struct fault *f)
{
	enum sol_tickle tickle;

	return tickle_parse(value, &tickle, f);
}

static const struct key key_steal = {
	.name = "sol-steal", .type = KEY_FLAG, .def = "yes",
	.help = HELP("Whether the console is taken from whom the BMC shows it to, which may be a "
		"session that was left behind; no: that is told, and --steal takes it."),
};
static const struct key key_instance = {
	.name = "sol-instance", .type = KEY_COUNT, .def = "1", .check = check_instance,
	.help = HELP("Which of the BMC's consoles, 1 to 15; nearly all have one."),
};
static const struct key key_sol_timeout = {
	.name = "sol-timeout", .type = KEY_TIME, .def = "20s", .check = check_time,
	.help = HELP("How long the BMC may be silent until its console counts as lost."),
};
static const struct key key_keepalive = {
	.name = "sol-keepalive", .type = KEY_TIME, .def = "10s", .check = check_time,
	.help = HELP("After how long a silence the BMC is asked for a sign of life. Also how long "
		"it may take to acknowledge what is typed."),
};
static const struct key key_tickle = {
	.name = "sol-serial-keepalive", .type = KEY_TEXT, .def = "no", .check = check_tickle,
	.help = HELP("Whether the serial line is kept awake too, for BMCs that show nothing any "
		"more after a while, or give the console to somebody else without a word: yes "
		"sends it a NUL character after each silence of sol-timeout, empty a packet "
		"without one, which some BMCs do not answer."),
};

static const struct key *const keys[] = {
	&key_bmc, &key_user, &key_password_file, &key_password_command, &key_kg_file,
	&key_privilege, &key_version, &key_cipher_suites, &key_quirks, &key_steal, &key_instance,
	&key_sol_timeout, &key_keepalive, &key_tickle, NULL,
};

int sol_read(const struct console *console, struct sol_settings *settings, struct fault *f)
{
	const struct machine *machine = console->machine;
	char buffer[VALUE_MAX];

	settings->timeout_ms = (uint32_t)machine_time_ms(machine, &key_sol_timeout);
	settings->keepalive_ms = (uint32_t)machine_time_ms(machine, &key_keepalive);
	settings->instance = (uint8_t)machine_number(machine, &key_instance);
	settings->steal = console->steal == STEAL_ALWAYS ||
			  (console->steal == STEAL_CONFIGURED && machine_flag(machine, &key_steal));
	settings->deactivate = console->argc;
	if (settings->keepalive_ms > settings->timeout_ms)
		return fault_set(f, EINVAL, "sol-keepalive, %u s, is longer than sol-timeout, "
				 "%u s: half of it would be right",
				 settings->keepalive_ms / 1000, settings->timeout_ms / 1000);
	return tickle_parse(machine_value(machine, &key_tickle, 0, buffer), &settings->tickle, f);
}

static int check_arguments(size_t argc, char *const *argv, struct fault *f)
{
	if (argc > 1 || (argc && strcmp(argv[0], "deactivate")))
		return fault_set(f, EINVAL, "\"%s\" is nothing that sol can do: write sol, or sol "
				 "deactivate", argv[argc - 1]);
	return 0;
}

static const struct console_ops sol_ops = {
	.check_arguments = check_arguments,
	.open = sol_open,
	.write = sol_write,
	.send_break = sol_break,
	.pause = sol_pause,
	.close = sol_close,
};

static const struct driver sol_driver = {
	.name = "sol",
	.summary = "consoles by baseboard management controllers (serial over LAN, IPMI 2.0)",
	.help = HELP(
		"A machine with the key `bmc` has the console that its controller shows: serial "
		"over LAN, which has to be switched on in the BMC, and to be set as console in "
		"firmware and operating system. Logs in as the driver ipmi does, with the same "
		"keys and what is known of the BMC, but as admin unless `privilege` says otherwise. Of "
		"`quirks`, those of IPMI 1.5 and ipmiping have no effect on consoles.\n"
		"\n"
		"A BMC shows its console to one session at a time. Who has it, or a session that "
		"was left behind, loses it, unless `sol-steal` says no. `sol deactivate` as the "
		"method frees the BMC's console and opens none; so does `stoker console "
		"--deactivate`.\n"
		"\n"
		"\tprofile \"lab\" {\n"
		"\t\tuser = \"admin\"\n"
		"\t\tpassword-file = \"/etc/stoker/lab.pass\"\n"
		"\t\tconsole = {\"sol\"}\n"
		"\t}\n"),
	.keys = keys,
	.console = &sol_ops,
	.needs = &key_bmc,
	.rank = 5,
	.quit = sol_quit,
};

DRIVER(sol_driver);
