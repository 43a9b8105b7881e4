/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests that QEMU runs: the driver. Its command line is made of the machine's keys
 * (qemu_command.c), its process outlives us and is found again (qemu_find.c), and verbs talk to its
 * monitor, a step at a time (qemu_task.c). Defined by: qemu-system(1), the QEMU QMP Reference
 * Manual.
 */
#include "qemu_task.h"
#include "base/process.h"
#include "engine/console.h"
#include "engine/words.h"
#include "hardware.h"
#include "model/help.h"
#include "model/key.h"
#include "qemu_command.h"
#include "qemu_keys.h"
#include "qemu_state.h"

#include <limits.h>
#include <string.h>

static const struct key *const keys[] = {
	&key_guest,    &key_memory,	      &key_cpus,      &key_disk,	 &key_nic,
	&key_serial,   &key_display,	      &key_boot,      &key_install,	 &key_kernel,
	&key_initrd,   &key_append,	      &key_firmware,  &key_qemu_program, &key_qemu_machine,
	&key_qemu_cpu, &key_qemu_accelerator, &key_qemu_args, &key_sysrq_delay,	 NULL,
};

static void on(struct attempt *attempt)
{
	if (attempt->argc)
		qemu_incoming(attempt);
	else
		qemu_on(attempt);
}

static int check_incoming(size_t argc, char *const *argv, struct fault *f)
{
	char uri[512];

	if (argc != 2 || strcmp(argv[0], "incoming"))
		return fault_set(f, EINVAL, "\"%s\" is nothing that qemu could do: write \"qemu on "
				 "incoming 10.0.0.2:4444\" to wait for a guest that is moved here",
				 argv[0]);
	return migrate_uri(argv[1], uri, sizeof(uri), f);
}

static int check_arguments(enum verb verb, size_t argc, char *const *argv, struct fault *f)
{
	struct snapshot snapshot;
	const char *word;

	switch (verb) {
	case VERB_ON:
		return argc ? check_incoming(argc, argv, f) : 0;
	case VERB_SYSRQ:
		return argc ? sysrq_parse(argc, argv, &word, f) : 0;
	case VERB_MIGRATE:
		return argc ? migrate_parse(argc, argv, &word, f) : 0;
	case VERB_SNAPSHOT:
		return argc ? snapshot_parse(argc, argv, &snapshot, f) : 0;
	default:
		return argc ? fault_set(f, EINVAL, "\"%s\" takes no argument \"%s\"",
					verb_info(verb)->name, argv[0]) : 0;
	}
}

static int check(struct fault *f)
{
	char path[PATH_MAX];

	return process_find(key_qemu_program.def, path, sizeof(path), f);
}

static int check_machine(const struct machine *machine, struct fault *f)
{
	return qemu_command_check(machine, f);
}

static const struct verb_op ops[] = {
	{.verb = VERB_ON, .flags = OP_OBSERVES, .start = on},
	{.verb = VERB_OFF, .flags = OP_OBSERVES, .start = qemu_off},
	{.verb = VERB_SOFT, .flags = OP_OBSERVES, .start = qemu_soft},
	{.verb = VERB_RESET, .flags = OP_OBSERVES, .start = qemu_reset},
	{.verb = VERB_NMI, .flags = 0, .start = qemu_nmi},
	{.verb = VERB_STATUS, .flags = OP_OBSERVES, .start = qemu_status},
	{.verb = VERB_DIAGNOSE, .flags = OP_OBSERVES, .start = qemu_diagnose},
	{.verb = VERB_PAUSE, .flags = OP_OBSERVES, .start = qemu_pause},
	{.verb = VERB_RESUME, .flags = OP_OBSERVES, .start = qemu_resume},
	{.verb = VERB_SUSPEND, .flags = OP_OBSERVES, .start = qemu_suspend},
	{.verb = VERB_WAKEUP, .flags = OP_OBSERVES, .start = qemu_wakeup},
	{.verb = VERB_SAVE, .flags = OP_OBSERVES, .start = qemu_save},
	{.verb = VERB_RESTORE, .flags = OP_OBSERVES | OP_DECIDES, .start = qemu_restore},
	{.verb = VERB_SNAPSHOT, .flags = OP_OBSERVES, .start = qemu_snapshot},
	{.verb = VERB_MIGRATE, .flags = OP_OBSERVES, .start = qemu_migrate},
	{.verb = VERB_SYSRQ, .flags = OP_PREPARES, .start = qemu_sysrq},
};

/* A build without consoles has none of it. */
extern const struct console_ops qemu_console __attribute__((weak));

static const struct driver qemu_driver = {
	.name = "qemu",
	.summary = "guests that QEMU runs",
	.help = HELP(
		"Machines with `guest = \"qemu\"` are run by QEMU on this host. `on` starts it, "
		"detached: it outlives stoker, is found again, also where somebody has started it by hand (by its "
		"-uuid or -name), and is talked to by its monitor (QMP). The methods are the verbs; "
		"each is over when its effect was seen:\n"
		"\n"
		"\tsoft      its power button (ACPI); over when QEMU has ended\n"
		"\toff       QEMU ends, by SIGKILL if it must\n"
		"\tsuspend   its sleep key, which its system has to hear (S3)\n"
		"\twakeup    ends that; pause, resume, reset, nmi as they say\n"
		"\tsave      its state to STOKER_STATE/guests/NAME, then QEMU ends\n"
		"\trestore   brings it back as it was started, and lets it run\n"
		"\tsnapshot  NAME, load NAME, delete NAME, list: in qcow2 disks\n"
		"\tmigrate   HOST[:PORT] (4444): to a QEMU that waits there\n"
		"\tsysrq     KEYS: magic keys of Linux\n"
		"\tdiagnose  command line, missing files, KVM or not, its screen\n"
		"\n"
		"A guest that cannot be saved or moved goes on; a saved state that cannot be "
		"restored is kept, and the guest is not put on in its place.\n"
		"\n"
		"On the host that it is moved to, the method `qemu on incoming ADDRESS:PORT` "
		"waits with a machine of the same keys, as long as its time limit says. Both need the same disks. "
		"What is moved is not encrypted, and whoever connects first is taken: use a network of "
		"its own. A guest that was moved away is not put on here again without a word.\n"
		"\n"
		"Its consoles are its serial ports, `qemu` for the first or `qemu serial1`, `qemu "
		"monitor` for QEMU's own prompt, and with `display = curses` `qemu screen`: its text "
		"screen, 80 by 25, for terminals that are like xterm. Its folder is STOKER_RUN/guests/NAME; what QEMU said "
		"last is in STOKER_STATE/guests/NAME/log.\n"
		"\n"
		"\tmachine \"web\" {\n"
		"\t\tguest   = \"qemu\"\n"
		"\t\tmemory  = \"2G\"\n"
		"\t\tcpus    = 2\n"
		"\t\tdisk    = \"/vm/web.qcow2\"\n"
		"\t\tnic     = \"tap br0\"\n"
		"\t\tmac     = \"52:54:00:00:00:10\"\n"
		"\t\tdisplay = \"vnc\"\n"
		"\t\tstop    = {\"migrate h2 300s\", \"save 300s\", \"soft 120s\", \"off\"}\n"
		"\t}\n"
		"\tmachine \"new\" {\n"
		"\t\tguest   = \"qemu\"\n"
		"\t\tinstall = \"cd /iso/debian.iso disk /vm/new.qcow2 20G init\"\n"
		"\t\tnic     = \"user hostfwd=tcp::2222-:22\"\n"
		"\t}\n"
		"\tmachine \"rescue\" {\n"
		"\t\tguest   = \"qemu\"\n"
		"\t\tkernel  = \"/boot/vmlinuz\"\n"
		"\t\tinitrd  = \"/srv/rescue.cpio.gz\"\n"
		"\t\tappend  = \"console=ttyS0\"\n"
		"\t}\n"),
	.ops = ops,
	.nops = sizeof(ops) / sizeof(ops[0]),
	.keys = keys,
	.console = &qemu_console,
	.needs = &key_guest,
	.needs_value = "qemu",
	.rank = 30,
	.observer = false,
	.fanout = 64,
	.timeout_ms = 120 * 1000,
	.check = check,
	.check_machine = check_machine,
	.check_arguments = check_arguments,
	.cancel = task_cancel,
	.quit = tasks_quit,
};
DRIVER(qemu_driver);
