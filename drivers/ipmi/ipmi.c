/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver: machines that are switched by their baseboard management controllers, over the
 * network. IPMI 2.0 (Intelligent Platform Management Interface Specification, second generation,
 * revision 1.1). See client.c for how it goes on, session.c for the protocol.
 */
#include "base/fault.h"
#include "base/text.h"
#include "command.h"
#include "crypt.h"
#include "engine/credential.h"
#include "job.h"
#include "model/address.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"
#include "quirk.h"

#include <errno.h>
#include <string.h>

/* Sessions at a time: bounded by memory alone, since each BMC has one; about a kilobyte each. */
enum { FANOUT = 1 << 16, RATE_MAX = 1000000, TIME_MIN_MS = 100 };

static int check_time(const char *value, struct fault *f)
{
	uint64_t ms;
	int err = duration_parse(value, &ms, f);

	if (!err && ms < TIME_MIN_MS)
		return fault_set(f, EINVAL, "\"%s\" is too short for a BMC: write %dms or more",
				 value, TIME_MIN_MS);
	return err;
}

const struct key key_bmc = {
	.name = "bmc", .type = KEY_HOST,
	.help = HELP("The machine's BMC: name or address, with a port where it is not 623."),
};
const struct key key_timeout = {
	.name = "ipmi-timeout", .type = KEY_TIME, .def = "20s", .check = check_time,
	.help = HELP("How long a BMC may be silent until it is given up."),
};
const struct key key_interval = {
	.name = "ipmi-interval", .type = KEY_TIME, .def = "50ms",
	.help = HELP("How much time is left between two commands to the same BMC: slow ones are "
		"easily overrun, and some want seconds."),
};
const struct key key_poll = {
	.name = "ipmi-poll", .type = KEY_TIME, .def = "1s", .check = check_time,
	.help = HELP("How often a BMC is asked while a machine is awaited to go on or off."),
};
static const struct key key_rate = {
	.name = "ipmi-rate", .type = KEY_COUNT, .flags = KEY_GLOBAL, .def = "0",
	.help = HELP("How many log-ins are begun a second, over all BMCs; 0: no limit."),
};

static const struct key *const keys[] = {
	&key_bmc, &key_user, &key_password_file, &key_password_command, &key_kg_file,
	&key_privilege, &key_version, &key_cipher_suites, &key_auth, &key_quirks, &key_timeout,
	&key_interval, &key_poll, &key_rate, NULL,
};

static void start_look(struct attempt *attempt)
{
	client_start(attempt, &power_task, PRIVILEGE_USER);
}

static void start_power(struct attempt *attempt)
{
	client_start(attempt, &power_task, PRIVILEGE_OPERATOR);
}

static void start_identify(struct attempt *attempt)
{
	client_start(attempt, &identify_task, PRIVILEGE_OPERATOR);
}

static void start_bootdev(struct attempt *attempt)
{
	client_start(attempt, &bootdev_task, PRIVILEGE_OPERATOR);
}

static void start_diagnose(struct attempt *attempt)
{
	client_start(attempt, &diagnose_task, PRIVILEGE_OPERATOR);
}

static unsigned rate(const struct model *model)
{
	uint64_t rate = model_number(model, &key_rate);

	return rate < RATE_MAX ? (unsigned)rate : RATE_MAX;
}

static int check(struct fault *f)
{
	int err = crypt_open();

	return err ? fault_set(f, -err, "libgcrypt cannot be used: %s", strerror(-err)) : 0;
}

static int check_machine(const struct machine *machine, struct fault *f)
{
	struct login login;
	int err = login_read(machine, PRIVILEGE_USER, &login, f);

	if (!err && !machine_values(machine, &key_bmc))
		err = fault_set(f, EINVAL, "there is no BMC: set bmc = \"ADDRESS\"");
	return err;
}

static const struct verb_op ops[] = {
	{.verb = VERB_ON, .flags = OP_OBSERVES, .start = start_power},
	{.verb = VERB_OFF, .flags = OP_OBSERVES, .start = start_power},
	{.verb = VERB_SOFT, .flags = OP_OBSERVES, .start = start_power},
	{.verb = VERB_RESET, .flags = OP_OBSERVES, .start = start_power},
	{.verb = VERB_CYCLE, .flags = OP_OBSERVES, .start = start_power},
	{.verb = VERB_NMI, .flags = 0, .start = start_power},
	{.verb = VERB_STATUS, .flags = OP_OBSERVES, .start = start_look},
	{.verb = VERB_IDENTIFY, .flags = 0, .start = start_identify},
	{.verb = VERB_BOOTDEV, .flags = OP_OBSERVES, .start = start_bootdev},
	{.verb = VERB_DIAGNOSE, .flags = OP_OBSERVES, .start = start_diagnose},
};

static const struct driver ipmi_driver = {
	.name = "ipmi",
	.summary = "baseboard management controllers, over the network (IPMI 2.0 and 1.5)",
	.help = HELP(
		"A machine with the key `bmc` is switched by that controller. What is asked for "
		"counts as done when the chassis status shows it; a machine that has the state "
		"already is left alone; cycle puts one on that is off. soft asks the operating "
		"system by ACPI, and fails at its time limit when nothing happens: `off = {\"ipmi "
		"soft 120s\", \"ipmi\"}`.\n"
		"\n"
		"Log-ins use IPMI 2.0 with the cipher suites 17 and 3, in this order, unless "
		"`cipher-suites` says otherwise; what worked is remembered for a month. A BMC that "
		"knows nothing but IPMI 1.5 gets that, with MD5. A password that was refused is not "
		"tried again, since accounts lock. `stoker diagnose` walks through a log-in and says "
		"where it ends.\n"
		"\n"
		"\tprofile \"lab\" {\n"
		"\t\tuser = \"admin\"\n"
		"\t\tpassword-file = \"/etc/stoker/lab.pass\"\n"
		"\t}\n"
		"\tmachine \"rack[001-400]\" {\n"
		"\t\tbmc = \"bmc-rack[001-400]\"\n"
		"\t\tprofile = \"lab\"\n"
		"\t\toff = {\"ipmi soft 120s\", \"ipmi\"}\n"
		"\t}\n"),
	.help_tables = quirks_text,
	.keys = keys,
	.ops = ops,
	.nops = sizeof(ops) / sizeof(ops[0]),
	.needs = &key_bmc,
	.rank = 5,
	.interval = &key_poll,
	.fanout = FANOUT,
	.rate = rate,
	.check = check,
	.check_machine = check_machine,
	.cancel = client_cancel,
	.quit = client_quit,
};

DRIVER(ipmi_driver);
