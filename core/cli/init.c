/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker init, and the program that is called init: PID 1 of an initramfs. See init/init.h. The
 * kernel calls it with the words of its command line that it does not know, which are left alone.
 */
#include "init/init.h"
#include "cli/command.h"
#include "cli/context.h"

static int init_run(struct context *context, int argc, char **argv)
{
	(void)context, (void)argc, (void)argv;
	init_main();
	return usage_error("init: this is not the first process of a machine, and nothing was done: "
			   "`stoker init` is the init of an initramfs, see stoker(8)");
}

static const struct command init_command = {
	.name = "init",
	.summary = "Be the first process of an initramfs",
	.usage = "",
	.help = "In an initramfs whose /init is this program it is called by the kernel, as init. It "
		"mounts\n"
		"/dev, /proc, /sys and /run, loads the modules that /lib/modules/list names, brings "
		"the\n"
		"network up, runs one command of this program, and switches the machine off. What "
		"the\n"
		"kernel's command line may say:\n"
		"\n"
		"\tstoker.run=COMMAND    what to run: stoker.run=\"wake nas1\"\n"
		"\tstoker.conf=PATH      the configuration, a file of the initramfs; LABEL=NAME:PATH or\n"
		"\t                      DEVICE:PATH, a file on a disk\n"
		"\tstoker.then=WORD      when it succeeded: poweroff, reboot, stay or shell\n"
		"\tstoker.on-failure=WORD  when it failed, the same\n"
		"\tip=…                  an address, in the kernel's own format; ip=dhcp asks for one\n"
		"\n"
		"Without stoker.conf= it is stoker.conf on a medium with the label STOKER, if there is\n"
		"one, else stoker.conf.cred beside an image for UEFI (IMAGE.efi.extra.d/ or\n"
		"/loader/credentials/), else /etc/stoker/stoker.conf, else the one that is built in.\n"
		"\n"
		"Where it is not the first process it does nothing.",
	.run = init_run,
	.front = init_run,
};
COMMAND(init_command);
