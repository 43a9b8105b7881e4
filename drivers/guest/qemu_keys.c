/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of QEMU alone. See qemu_keys.h; what any guest is made of: hardware.c. */
#include "qemu_keys.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/help.h"
#include "model/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check_words(const char *v, struct fault *f)
{
	char **words;
	size_t n;
	int err = words_split(v, &words, &n, f);

	if (!err)
		free(words);
	return err;
}

static int check_word(const char *v, struct fault *f)
{
	return *v && !strchr(v, ' ') ? 0 : fault_set(f, EINVAL, "\"%s\" is not one word", v);
}

const struct key key_qemu_program = {
	.name = "qemu-program", .type = KEY_TEXT, .def = "qemu-system-x86_64",
	.help = HELP("QEMU: its absolute path, or a name that is found by PATH."),
};
const struct key key_qemu_machine = {
	.name = "qemu-machine", .type = KEY_TEXT, .def = "q35", .check = check_word,
	.help = HELP("The kind of machine that QEMU is, with its properties: q35, pc, microvm, "
		"virt; `qemu-system-x86_64 -machine help` lists them."),
};
const struct key key_qemu_cpu = {
	.name = "qemu-cpu",
	.type = KEY_TEXT,
	.def = "max",
	.check = check_word,
	.help = HELP(
		"The model of QEMU's processors: max (all that this host can), or one that the "
		"host has too which the guest will be moved to; none: QEMU's own default."),
};
const struct key key_qemu_accelerator = {
	.name = "qemu-accelerator", .type = KEY_TEXT, .def = "auto", .check = check_word,
	.help = HELP("How QEMU runs the guest's code: kvm, tcg, or another text for -accel; auto: "
		"kvm, where a tiny guest really ran by it, else tcg."),
};
const struct key key_qemu_args = {
	.name = "qemu-args", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_words,
	.help = HELP("Further arguments of QEMU, passed through at the end of its command line: "
		"\"-device virtio-rng-pci\"."),
};
const struct key key_sysrq_delay = {
	.name = "sysrq-delay", .type = KEY_TIME, .def = "100ms",
	.help = HELP("The pause behind each magic key: the guest's kernel has to come to its end "
		"with it."),
};
