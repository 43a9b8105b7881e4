/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What guests are made of. See hardware.h. */
#include "hardware.h"
#include "base/fault.h"
#include "base/table.h"
#include "base/text.h"
#include "model/address.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A value's words; an empty value has none. */
static int split(const char *text, char ***words, size_t *n, struct fault *f)
{
	int err = words_split(text, words, n, f);

	if (!err && !*n) {
		free(*words);
		*words = NULL;
		err = fault_set(f, EINVAL, "it is empty");
	}
	return err;
}

static void drop_words(char ***words)
{
	free(*words);
	*words = NULL;
}

/* The value of "NAME=VALUE" where the word is that. */
static const char *value_of(const char *word, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(word, name, length) && word[length] == '=' ? word + length + 1 : NULL;
}

static int absolute(const char *path, struct fault *f)
{
	return *path == '/' ? 0 : fault_set(f, EINVAL, "\"%s\" is not an absolute path", path);
}

/* --- sizes ---------------------------------------------------------------------------------- */

int memory_parse(const char *text, uint64_t *bytes, struct fault *f)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] ? strchr(units, toupper((unsigned char)text[digits]))
					: units + 1;
	uint64_t number = 0;
	unsigned shift;

	if (!digits || digits > 9 || !unit || !*unit || (text[digits] && text[digits + 1]))
		return fault_set(f, EINVAL, "\"%s\" is no size: write for example 512M or 2G",
				 text);
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	shift = 10 * (unsigned)(unit - units + 1);
	if (!number || number >= UINT64_C(1) << (54 - shift))
		return fault_set(f, EINVAL, "\"%s\" is no size that a guest can have", text);
	*bytes = number << shift;
	return 0;
}

/* --- disks ---------------------------------------------------------------------------------- */

static const char *const buses[] = {"virtio", "scsi", "ide", "usb", "nvme", NULL};
static const char *const formats[] = {"raw", "qcow2", "qed", "vmdk", "vdi", "vhdx", "vpc", NULL};
static const char *const caches[] = {
	"none", "writeback", "writethrough", "directsync", "unsafe", NULL,
};

static int one_of(const char *value, const char *what, const char *const *list, struct fault *f)
{
	struct buffer names = {0};
	int err = 0;

	for (size_t i = 0; list[i]; i++) {
		if (!strcmp(value, list[i]))
			goto out;
		buffer_add(&names, "%s%s", i ? ", " : "", list[i]);
	}
	err = fault_set(f, EINVAL, "there is no %s \"%s\": write %s", what, value,
			buffer_text(&names));
out:
	buffer_free(&names);
	return err;
}

const char *disk_format(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && formats[i]; i++) {
		if (!strcmp(dot + 1, formats[i]))
			return formats[i];
	}
	return "raw";
}

static int disk_word(struct disk *d, const char *word, struct fault *f)
{
	const char *value;

	if ((value = value_of(word, "bus"))) {
		d->bus = value;
		return one_of(value, "bus", buses, f);
	}
	if ((value = value_of(word, "format"))) {
		d->format = value;
		return one_of(value, "format", formats, f);
	}
	if ((value = value_of(word, "cache"))) {
		d->cache = value;
		return one_of(value, "way to cache", caches, f);
	}
	if (!strcmp(word, "readonly"))
		d->readonly = true;
	else if (!strcmp(word, "cdrom"))
		d->cdrom = d->readonly = true;
	else
		return fault_set(f, EINVAL, "\"%s\" says nothing of a disk: write bus=, format=, "
				 "cache=, readonly or cdrom behind its path", word);
	return 0;
}

int disk_parse(const char *text, struct disk *d, struct fault *f)
{
	size_t n;
	int err;

	*d = (struct disk){0};
	err = split(text, &d->block, &n, f);
	if (err)
		return err;
	d->path = d->block[0];
	d->format = disk_format(d->path);
	err = absolute(d->path, f);
	for (size_t i = 1; i < n && !err; i++)
		err = disk_word(d, d->block[i], f);
	if (err)
		drop_words(&d->block);
	return err;
}

/* --- networks ------------------------------------------------------------------------------- */

static const char *const nic_kinds[] = {"none", "user", "tap", "bridge", "vde", NULL};

static int nic_words(struct nic *n, size_t count, struct fault *f)
{
	size_t i = 1;
	int err = one_of(n->block[0], "network", nic_kinds, f);

	if (err)
		return err;
	while (strcmp(n->block[0], nic_kinds[n->kind]))
		n->kind++;
	if (n->kind >= NIC_TAP) {
		if (count < 2 || strchr(n->block[1], '='))
			return fault_set(f, EINVAL,
					 "\"%s\" wants the %s behind it: write for "
					 "example \"%s\"",
					 n->block[0],
					 n->kind == NIC_VDE ? "socket of its switch"
							    : "bridge's name",
					 n->kind == NIC_VDE ? "vde /run/vde.ctl" : "tap br0");
		n->to = n->block[i++];
	}
	n->options = n->block + i;
	for (; i < count; i++) {
		const char *model = value_of(n->block[i], "model");

		if (model)
			n->model = model;
		else if (!strchr(n->block[i], '=') || n->kind == NIC_NONE)
			return fault_set(f, EINVAL, "\"%s\" says nothing of this network: write "
					 "NAME=VALUE, as in \"user hostfwd=tcp::2222-:22\"",
					 n->block[i]);
		else
			n->options[n->noptions++] = n->block[i];
	}
	n->options[n->noptions] = NULL;
	return 0;
}

int nic_parse(const char *text, struct nic *n, struct fault *f)
{
	size_t count;
	int err;

	*n = (struct nic){.model = "virtio"};
	err = split(text, &n->block, &count, f);
	if (err)
		return err;
	err = nic_words(n, count, f);
	if (err)
		drop_words(&n->block);
	return err;
}

int nic_mac(const struct machine *machine, size_t n, uint8_t mac[6], struct fault *f)
{
	uint64_t hash;

	if (n < machine_values(machine, &key_mac))
		return machine_mac(machine, &key_mac, n, mac, f);
	/* the numbers of KVM's makers, and a stable rest: two guests on a bridge must differ */
	hash = text_hash(machine->name) + n;
	memcpy(mac, (uint8_t[6]){0x52, 0x54, 0x00}, 6);
	for (int i = 3; i < 6; i++)
		mac[i] = (uint8_t)(hash >> 8 * (i - 3));
	return 0;
}

/* --- what it boots from --------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum boot_kind kind;
} boot_names[] = {
	{"cd", BOOT_CD}, {"dvd", BOOT_CD}, {"floppy", BOOT_FLOPPY}, {"disk", BOOT_DISK},
	{"virtual-disk", BOOT_DISK}, {"network", BOOT_NETWORK}, {"usb", BOOT_USB},
};

/* Reads a kind and what may stand behind it from the words; how many it took, or -errno. */
static int boot_words(char **words, size_t n, struct boot *b, struct fault *f)
{
	size_t i = 0;

	while (i < sizeof(boot_names) / sizeof(boot_names[0]) &&
	       strcmp(words[0], boot_names[i].name))
		i++;
	if (i == sizeof(boot_names) / sizeof(boot_names[0]))
		return fault_set(f, EINVAL, "nothing boots from \"%s\": write cd, dvd, floppy, "
				 "disk, virtual-disk, network or usb", words[0]);
	b->kind = boot_names[i].kind;
	if (n < 2 || *words[1] != '/')
		return 1;
	if (b->kind == BOOT_NETWORK)
		return fault_set(f, EINVAL, "the network has no path: write \"network\" alone");
	b->path = words[1];
	return 2;
}

int boot_parse(const char *text, struct boot *b, struct fault *f)
{
	size_t n;
	int used;

	*b = (struct boot){0};
	used = split(text, &b->block, &n, f);
	if (used)
		return used;
	used = boot_words(b->block, n, b, f);
	if (used > 0 && (size_t)used < n)
		used = absolute(b->block[used], f) ? -EINVAL :
		       fault_set(f, EINVAL, "\"%s\" is one too many: one medium is booted from",
				 b->block[used]);
	if (used > 0 && b->kind == BOOT_FLOPPY && !b->path)
		used = fault_set(f, EINVAL, "floppy wants the path of an image behind it");
	if (used < 0)
		drop_words(&b->block);
	return used < 0 ? used : 0;
}

static int install_words(struct install *in, size_t n, struct fault *f)
{
	static const char example[] = "cd /iso/debian.iso disk /vm/a.qcow2 20G init";
	char **words = in->block;
	uint64_t bytes;
	int used = boot_words(words, n, &in->source, f);

	if (used < 0)
		return used;
	words += used;
	n -= (size_t)used;
	used = n ? boot_words(words, n, &in->target, f) : 0;
	if (used < 0)
		return used;
	if (!in->target.path || in->target.kind == BOOT_CD)
		return fault_set(f, EINVAL, "it names no target: write for example \"%s\"",
				 example);
	words += used;
	n -= (size_t)used;
	if (n && strcmp(*words, "init")) {
		in->size = *words++;
		n--;
		used = memory_parse(in->size, &bytes, f);
		if (used)
			return used;
	}
	in->init = n == 1 && !strcmp(*words, "init");
	if (n != in->init)
		return fault_set(f, EINVAL, "\"%s\" is one too many: write for example \"%s\"",
				 words[0], example);
	if (in->init && !in->size)
		return fault_set(f, EINVAL,
				 "init makes the target: write how large it shall be, as "
				 "in \"%s\"",
				 example);
	return 0;
}

int install_parse(const char *text, struct install *in, struct fault *f)
{
	size_t n;
	int err;

	*in = (struct install){0};
	err = split(text, &in->block, &n, f);
	if (err)
		return err;
	err = install_words(in, n, f);
	if (err)
		drop_words(&in->block);
	return err;
}

/* --- display -------------------------------------------------------------------------------- */

int display_parse(const char *text, struct display *d, struct fault *f)
{
	static const char *const kinds[] = {"none", "vnc", "sdl", "curses", NULL};
	size_t n;
	int err;

	*d = (struct display){0};
	err = split(text, &d->block, &n, f);
	if (err)
		return err;
	err = one_of(d->block[0], "display", kinds, f);
	while (!err && strcmp(d->block[0], kinds[d->kind]))
		d->kind++;
	if (!err && n > 1) {
		d->at = d->block[1];
		if (d->kind != DISPLAY_VNC || n > 2 ||
		    (!strchr(d->at, ':') && strcmp(d->at, "unix")))
			err = fault_set(f, EINVAL,
					"\"%s\": write vnc, vnc unix, or vnc HOST:NUMBER "
					"as in \"vnc 127.0.0.1:7\"",
					text);
	}
	if (err)
		drop_words(&d->block);
	return err;
}

/* --- keys ----------------------------------------------------------------------------------- */

#define CHECK(what) \
	static int check_##what(const char *value, struct fault *f) \
	{ \
		struct what it; \
		int err = what##_parse(value, &it, f); \
		\
		if (!err) \
			free(it.block); \
		return err; \
	}

CHECK(disk)
CHECK(nic)
CHECK(boot)
CHECK(install)
CHECK(display)

static int check_size(const char *value, struct fault *f)
{
	uint64_t bytes;

	return memory_parse(value, &bytes, f);
}

static int check_cpus(const char *value, struct fault *f)
{
	uint64_t number;

	return number_parse(value, "number of processors", 1, 4096, &number, f);
}

static int check_path(const char *value, struct fault *f)
{
	return absolute(value, f);
}

/* One path, or two: code and variables. */
static int check_firmware(const char *value, struct fault *f)
{
	char **words;
	size_t n;
	int err = split(value, &words, &n, f);

	if (err)
		return err;
	if (n > 2)
		err = fault_set(f, EINVAL, "\"%s\": write one image, or code and variables", value);
	for (size_t i = 0; i < n && !err; i++)
		err = absolute(words[i], f);
	free(words);
	return err;
}

static int check_serial(const char *value, struct fault *f)
{
	return *value ? 0 : fault_set(f, EINVAL, "it is empty: write socket or none");
}

const struct key key_memory = {
	.name = "memory", .type = KEY_TEXT, .def = "512M", .check = check_size,
	.help = HELP("A guest's memory: 512M, 2G; a bare number counts MB."),
};
const struct key key_cpus = {
	.name = "cpus", .type = KEY_COUNT, .def = "1", .check = check_cpus,
	.help = HELP("A guest's processors."),
};
const struct key key_disk = {
	.name = "disk",
	.type = KEY_TEXT,
	.flags = KEY_LIST,
	.check = check_disk,
	.help = HELP(
		"A guest's disks: the path of an image or device, then what differs from the "
		"usual: bus=virtio (scsi, ide, usb, nvme), format= (else by the name's end: "
		".qcow2, .vmdk …; raw for others, never by the content), cache=, readonly, cdrom."),
};
const struct key key_nic = {
	.name = "nic", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_nic,
	.help = HELP("A guest's network cards: user (behind the host's address), tap BRIDGE (a "
		"port of a bridge, made by us: needs root), bridge BRIDGE (the same by QEMU's "
		"helper, for users that its bridge.conf allows), vde SOCKET, none; then model= "
		"(else virtio) and the network's own options: \"user hostfwd=tcp::2222-:22\". "
		"Their hardware addresses are those of `mac`, in order; else made of the name."),
};
const struct key key_serial = {
	.name = "serial",
	.type = KEY_TEXT,
	.flags = KEY_LIST,
	.def = "socket",
	.check = check_serial,
	.help = HELP(
		"A guest's serial ports: socket (a console, held by nobody until it is opened), "
		"none, or what the emulator understands: pty, /dev/ttyS0."),
};
const struct key key_display = {
	.name = "display",
	.type = KEY_TEXT,
	.def = "none",
	.check = check_display,
	.help = HELP(
		"A guest's screen: none, vnc (on 127.0.0.1, the first number that is free), vnc "
		"HOST:NUMBER, vnc unix (a socket in its folder), sdl (a window), curses (in "
		"letters, held for the console `qemu screen`)."),
};
const struct key key_boot = {
	.name = "boot", .type = KEY_TEXT, .check = check_boot,
	.help = HELP("What a guest boots from: cd, dvd, floppy, disk, virtual-disk, usb, each with "
		"the path of a medium that is put in for that, or network. Without it: its disks, "
		"then its network."),
};
const struct key key_install = {
	.name = "install", .type = KEY_TEXT, .check = check_install,
	.help = HELP("What a guest installs, from where to where: \"cd /iso/debian.iso disk "
		"/vm/a.qcow2 20G init\". It boots the source, with the target as its first disk. "
		"init makes the target, of that size, and never one that is there; its first "
		"restart ends it then. Without init the target is taken as it is."),
};
const struct key key_kernel = {
	.name = "kernel", .type = KEY_TEXT, .check = check_path,
	.help = HELP("A kernel that a guest starts with, without a boot loader."),
};
const struct key key_initrd = {
	.name = "initrd", .type = KEY_TEXT, .check = check_path,
	.help = HELP("The initial file system of `kernel`."),
};
const struct key key_append = {
	.name = "append", .type = KEY_TEXT,
	.help = HELP("The command line of `kernel`."),
};
const struct key key_firmware = {
	.name = "firmware", .type = KEY_TEXT, .check = check_firmware,
	.help = HELP("A guest's firmware: one image, or code and variables: "
		"\"/usr/share/OVMF/OVMF_CODE.fd /vm/a.vars\"."),
};
