/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of QEMU alone: its program and arguments, and how verbs are done. */
#ifndef GUEST_QEMU_KEYS_H
#define GUEST_QEMU_KEYS_H

struct key;

extern const struct key key_qemu_program, key_qemu_machine, key_qemu_cpu, key_qemu_accelerator,
	key_qemu_args, key_sysrq_delay;

#endif
