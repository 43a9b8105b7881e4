/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What guests are made of, as their configuration says it: keys that fit every way to run a guest.
 * The texts of values are parsed here, the machine's command line is made elsewhere.
 */
#ifndef GUEST_HARDWARE_H
#define GUEST_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct key;
struct machine;

extern const struct key key_memory, key_cpus, key_disk, key_nic, key_serial, key_display, key_boot,
	key_install, key_kernel, key_initrd, key_append, key_firmware;

/* A part of a guest as text, taken apart; its words are in one block, given back by free(). */
struct disk {
	char **block;
	const char *path, *bus, *format, *cache;
	bool readonly, cdrom;
};
int disk_parse(const char *text, struct disk *disk, struct fault *f);
/* How an image is written, by its name's end: never by its content, which its guest can write. */
const char *disk_format(const char *path);

struct nic {
	char **block;
	enum nic_kind { NIC_NONE, NIC_USER, NIC_TAP, NIC_BRIDGE, NIC_VDE } kind;
	const char *to;			/* bridge, or socket of the switch; NULL: none */
	const char *model;
	char **options;			/* further ones of the network, NULL at the end */
	size_t noptions;
};
int nic_parse(const char *text, struct nic *nic, struct fault *f);

/* What a machine boots from. */
struct boot {
	char **block;
	enum boot_kind {
		BOOT_ANY, BOOT_CD, BOOT_FLOPPY, BOOT_DISK, BOOT_NETWORK, BOOT_USB, BOOT_KINDS
	} kind;
	const char *path; /* of a medium that is put in for that; NULL: what there is */
};
int boot_parse(const char *text, struct boot *boot, struct fault *f);

/* What is installed, from where to where. */
struct install {
	char **block;
	struct boot source, target;
	const char *size;		/* of a target that is to be made; NULL: it is there */
	bool init;
};
int install_parse(const char *text, struct install *install, struct fault *f);

struct display {
	char **block;
	enum display_kind { DISPLAY_NONE, DISPLAY_VNC, DISPLAY_SDL, DISPLAY_CURSES } kind;
	const char *at; /* of VNC: HOST:NUMBER, "unix"; NULL: the first that is free */
};
int display_parse(const char *text, struct display *display, struct fault *f);

/* 512M, 2G, 1.5G is none; a bare number counts MB. In bytes. */
int memory_parse(const char *text, uint64_t *bytes, struct fault *f);

/* The hardware address of a machine's nth network card: its key mac, else one made of its name. */
int nic_mac(const struct machine *machine, size_t n, uint8_t mac[6], struct fault *f);

#endif
