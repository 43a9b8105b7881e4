/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU's command line. See qemu_command.h. */
#include "qemu_command.h"
#include "base/fault.h"
#include "base/process.h"
#include "base/table.h"
#include "base/text.h"
#include "model/address.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A command line in the making. */
struct line {
	const struct machine *machine;
	const char *run;
	json_t *words;
	bool failed;			/* no memory for some word */
	bool pc, microvm;		/* the kind of -machine */
	bool has_fdc;			/* it has a controller of floppy disks by itself */
	bool scsi, usb;			/* there is such a bus */
	unsigned drives, nics;
	/* the next places in the order of booting: of what goes first, and of the others */
	unsigned first, rest;
	struct boot boot;
	struct install install;
};

static void add(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *l, const char *format, ...)
{
	va_list args;
	char *word;
	int n;

	va_start(args, format);
	n = vasprintf(&word, format, args);
	va_end(args);
	if (n < 0) {
		l->failed = true;
		return;
	}
	/* a name need not be UTF-8, but what is kept of it has to */
	if (json_array_append_new(l->words, json_string(word)))
		l->failed = true;
	free(word);
}

static void option(struct line *l, const char *name, const char *value)
{
	add(l, "%s", name);
	add(l, "%s", value);
}

/* A value inside an option: commas are doubled. In buffer, which is returned. */
static const char *quoted(const char *value, char buffer[2 * VALUE_MAX])
{
	size_t n = 0;

	for (; *value && n + 3 < 2 * VALUE_MAX; value++) {
		if (*value == ',')
			buffer[n++] = ',';
		buffer[n++] = *value;
	}
	buffer[n] = '\0';
	return buffer;
}

static const char *value(const struct line *l, const struct key *key, char buffer[VALUE_MAX])
{
	return machine_value(l->machine, key, 0, buffer);
}

/* --- what it is ----------------------------------------------------------------------------- */

static void add_identity(struct line *l, const char *accelerator)
{
	char text[VALUE_MAX], twice[2 * VALUE_MAX];
	const char *v;

	add(l, "-name");
	add(l, "guest=%s", quoted(l->machine->name, twice));
	v = value(l, &key_uuid, text);
	if (v)
		option(l, "-uuid", v);
	/* nothing that is not written here, so that a saved state fits in a year too */
	add(l, "-nodefaults");
	add(l, "-no-user-config");
	v = value(l, &key_qemu_machine, text);
	l->pc = !strncmp(v, "pc", 2) || !strncmp(v, "q35", 3);
	l->microvm = !strncmp(v, "microvm", 7);
	l->has_fdc = !strncmp(v, "pc", 2) && strncmp(v, "pc-q35", 6);
	option(l, "-machine", v);
	option(l, "-accel", accelerator);
	v = value(l, &key_qemu_cpu, text);
	if (strcmp(v, "none"))
		option(l, "-cpu", v);
	v = value(l, &key_memory, text);
	option(l, "-m", v);
	option(l, "-smp", value(l, &key_cpus, text));
}

static void add_firmware(struct line *l)
{
	char text[VALUE_MAX], twice[2 * VALUE_MAX], **words = NULL;
	const char *v = value(l, &key_firmware, text);
	size_t n;

	if (!v)
		return;
	if (words_split(v, &words, &n, NULL)) {
		l->failed = true;
		return;
	}
	if (n == 1) {
		option(l, "-bios", words[0]);
	} else {
		add(l, "-drive");
		add(l, "if=pflash,unit=0,format=raw,readonly=on,file=%s", quoted(words[0], twice));
		add(l, "-drive");
		add(l, "if=pflash,unit=1,format=%s,file=%s", disk_format(words[1]),
		    quoted(words[1], twice));
	}
	free(words);
}

static void add_kernel(struct line *l)
{
	static const struct {
		const char *option;
		const struct key *key;
	} parts[] = {{"-kernel", &key_kernel}, {"-initrd", &key_initrd}, {"-append", &key_append}};
	char text[VALUE_MAX];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *v = value(l, parts[i].key, text);

		if (v)
			option(l, parts[i].option, v);
	}
}

/* --- disks ---------------------------------------------------------------------------------- */

static void need_usb(struct line *l)
{
	if (!l->usb)
		option(l, "-device", "qemu-xhci,id=usb");
	l->usb = true;
}

static void need_scsi(struct line *l)
{
	if (!l->scsi)
		add(l, "-device"), add(l, "virtio-scsi-%s,id=scsi", l->microvm ? "device" : "pci");
	l->scsi = true;
}

/* The device that a drive is behind, by bus. */
static void add_device(struct line *l, const struct disk *d, unsigned n, unsigned place)
{
	const char *bus = d->bus ? d->bus : d->cdrom ? l->pc ? "ide" : "scsi" : "virtio";

	if (!strcmp(bus, "usb"))
		need_usb(l);
	if (!strcmp(bus, "scsi"))
		need_scsi(l);
	add(l, "-device");
	if (!strcmp(bus, "usb"))
		add(l, "usb-storage,bus=usb.0,drive=drive%u,bootindex=%u", n, place);
	else if (!strcmp(bus, "scsi"))
		add(l, "scsi-%s,bus=scsi.0,drive=drive%u,bootindex=%u", d->cdrom ? "cd" : "hd", n,
		    place);
	else if (!strcmp(bus, "ide"))
		add(l, "ide-%s,drive=drive%u,bootindex=%u", d->cdrom ? "cd" : "hd", n, place);
	else if (!strcmp(bus, "nvme"))
		add(l, "nvme,serial=drive%u,drive=drive%u,bootindex=%u", n, n, place);
	else
		add(l, "virtio-blk-%s,drive=drive%u,bootindex=%u",
		    l->microvm ? "device" : "pci", n, place);
}

static void add_drive(struct line *l, const struct disk *d, unsigned n)
{
	char twice[2 * VALUE_MAX];

	add(l, "-drive");
	add(l, "if=none,id=drive%u,format=%s%s%s%s%s,file=%s", n, d->format,
	    d->cdrom ? ",media=cdrom" : "", d->readonly ? ",readonly=on" : "",
	    d->cache ? ",cache=" : "", d->cache ? d->cache : "", quoted(d->path, twice));
}

static void add_disk(struct line *l, const struct disk *d, bool first)
{
	unsigned n = l->drives++;

	add_drive(l, d, n);
	add_device(l, d, n, first ? l->first++ : l->rest++);
}

static void add_floppy(struct line *l, const char *path)
{
	const struct disk floppy = {.path = path, .format = disk_format(path)};
	unsigned n = l->drives++;

	add_drive(l, &floppy, n);
	if (!l->has_fdc)
		option(l, "-device", "isa-fdc");
	add(l, "-global");
	add(l, "isa-fdc.bootindexA=%u", l->first++);
	add(l, "-device");
	add(l, "floppy,unit=0,drive=drive%u", n);
}

/* A medium that is put in to boot from it, or to install to it. */
static void add_medium(struct line *l, const struct boot *b)
{
	struct disk medium = {.path = b->path};

	if (!b->path)
		return;
	medium.format = disk_format(b->path);
	if (b->kind == BOOT_FLOPPY) {
		add_floppy(l, b->path);
		return;
	}
	medium.cdrom = medium.readonly = b->kind == BOOT_CD;
	medium.bus = b->kind == BOOT_USB ? "usb" : NULL;
	add_disk(l, &medium, true);
}

static bool is_medium(const struct line *l, const char *path)
{
	const struct boot *media[] = {&l->boot, &l->install.source, &l->install.target};

	for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
		if (media[i]->path && !strcmp(media[i]->path, path))
			return true;
	}
	return false;
}

/* Whether a disk of the configuration is what `boot` means without a path. */
static bool is_meant(enum boot_kind kind, const struct disk *d)
{
	bool usb = d->bus && !strcmp(d->bus, "usb");

	return (kind == BOOT_CD && d->cdrom) || (kind == BOOT_USB && usb) ||
	       (kind == BOOT_DISK && !d->cdrom);
}

static int add_disks(struct line *l, struct fault *f)
{
	const struct boot *boot = l->install.block ? &l->install.source : &l->boot;
	bool meant = boot->path || boot->kind == BOOT_ANY || boot->kind == BOOT_NETWORK;

	add_medium(l, boot);
	if (l->install.block)
		add_medium(l, &l->install.target);
	for (size_t i = 0; i < machine_values(l->machine, &key_disk); i++) {
		char text[VALUE_MAX];
		struct disk d;
		bool first;
		int err = disk_parse(machine_value(l->machine, &key_disk, i, text), &d, f);

		if (err)
			return err;
		first = !boot->path && is_meant(boot->kind, &d);
		meant |= first;
		if (!is_medium(l, d.path))
			add_disk(l, &d, first);
		free(d.block);
	}
	if (!meant)
		return fault_set(f, EINVAL,
				 "\"%s\" has nothing of the kind that it shall boot from: "
				 "write the medium's path behind it",
				 l->machine->name);
	return 0;
}

/* --- networks ------------------------------------------------------------------------------- */

void qemu_tap_name(const char *run, size_t n, char name[16])
{
	/* two services on one machine may have guests of one name */
	snprintf(name, 16, "stk%08x.%u", (unsigned)text_hash(run), (unsigned)(n % 100));
}

static void add_backend(struct line *l, const struct nic *nic, unsigned n)
{
	static const char *const kinds[] = {
		[NIC_USER] = "user", [NIC_TAP] = "tap", [NIC_BRIDGE] = "bridge", [NIC_VDE] = "vde",
	};
	char twice[2 * VALUE_MAX], name[16];
	struct buffer b = {0};

	buffer_add(&b, "%s,id=net%u", kinds[nic->kind], n);
	if (nic->kind == NIC_TAP) {
		/* it becomes the bridge's when it is there: qemu_on.c */
		qemu_tap_name(l->run, n, name);
		buffer_add(&b, ",ifname=%s,script=no,downscript=no", name);
	} else if (nic->to) {
		buffer_add(&b, ",%s=%s", nic->kind == NIC_VDE ? "sock" : "br",
			   quoted(nic->to, twice));
	}
	for (size_t i = 0; i < nic->noptions; i++)
		buffer_add(&b, ",%s", nic->options[i]);
	option(l, "-netdev", buffer_text(&b));
	l->failed |= b.failed;
	buffer_free(&b);
}

static int add_card(struct line *l, const struct nic *nic, bool first, struct fault *f)
{
	char mac_text[MAC_TEXT_SIZE];
	uint8_t mac[MAC_LENGTH];
	unsigned n = l->nics;
	int err = nic_mac(l->machine, n, mac, f);

	if (err)
		return err;
	mac_print(mac, mac_text);
	l->nics++;
	add_backend(l, nic, n);
	add(l, "-device");
	if (!strcmp(nic->model, "virtio"))
		add(l, "virtio-net-%s,netdev=net%u,mac=%s,bootindex=%u",
		    l->microvm ? "device" : "pci", n, mac_text, first ? l->first++ : l->rest++);
	else
		add(l, "%s,netdev=net%u,mac=%s,bootindex=%u", nic->model, n, mac_text,
		    first ? l->first++ : l->rest++);
	return 0;
}

static int add_nic(struct line *l, const char *text, bool first, struct fault *f)
{
	struct nic nic;
	int err = nic_parse(text, &nic, f);

	if (err)
		return err;
	if (nic.kind != NIC_NONE)
		err = add_card(l, &nic, first, f);
	free(nic.block);
	return err;
}

static int add_nics(struct line *l, struct fault *f)
{
	enum boot_kind kind = l->install.block ? l->install.source.kind : l->boot.kind;
	int err = 0;

	for (size_t i = 0; i < machine_values(l->machine, &key_nic) && !err; i++) {
		char text[VALUE_MAX];

		err = add_nic(l, machine_value(l->machine, &key_nic, i, text),
			      kind == BOOT_NETWORK, f);
	}
	if (!err && kind == BOOT_NETWORK && !l->nics)
		err = fault_set(f, EINVAL, "\"%s\" has no network to boot from: write nic = \"tap "
				"br0\" or \"user\"", l->machine->name);
	return err;
}

/* --- what people and we talk to it by ------------------------------------------------------- */

static void add_serial(struct line *l)
{
	for (size_t i = 0; i < machine_values(l->machine, &key_serial); i++) {
		char text[VALUE_MAX], twice[2 * VALUE_MAX];
		const char *v = machine_value(l->machine, &key_serial, i, text);

		if (!strcmp(v, "none")) {
			option(l, "-serial", "none");
		} else if (strcmp(v, "socket")) {
			option(l, "-serial", v);
		} else {
			add(l, "-chardev");
			add(l, "socket,id=stoker-serial%zu,path=%s/serial%zu,server=on,wait=off", i,
			    quoted(l->run, twice), i);
			add(l, "-serial");
			add(l, "chardev:stoker-serial%zu", i);
		}
	}
}

static int add_display(struct line *l, struct fault *f)
{
	char text[VALUE_MAX], twice[2 * VALUE_MAX];
	struct display d;
	int err = display_parse(value(l, &key_display, text), &d, f);

	if (err)
		return err;
	option(l, "-display", d.kind == DISPLAY_SDL ? "sdl" :
			      d.kind == DISPLAY_CURSES ? "curses" : "none");
	if (d.kind != DISPLAY_NONE)
		option(l, l->pc ? "-vga" : "-device", l->pc ? "std" : "virtio-gpu-pci");
	if (d.kind == DISPLAY_VNC || d.kind == DISPLAY_SDL) {
		/* a pointer that is where the user's is */
		need_usb(l);
		option(l, "-device", "usb-tablet,bus=usb.0");
	}
	if (d.kind == DISPLAY_VNC) {
		add(l, "-vnc");
		if (d.at && !strcmp(d.at, "unix"))
			add(l, "unix:%s/vnc", quoted(l->run, twice));
		else
			add(l, "%s", d.at ? d.at : "127.0.0.1:0,to=99");
	}
	free(d.block);
	return 0;
}

/* Who looks does not wait for who works, nor for who types: each serves one connection at a time. */
static void add_monitors(struct line *l)
{
	static const struct {
		const char *name, *mode;
	} monitors[] = {{"qmp", "control"}, {"look", "control"}, {"status", "readline"},
			{"monitor", "readline"}};
	char twice[2 * VALUE_MAX];

	for (size_t i = 0; i < sizeof(monitors) / sizeof(monitors[0]); i++) {
		add(l, "-chardev");
		add(l, "socket,id=stoker-%s,path=%s/%s,server=on,wait=off", monitors[i].name,
		    quoted(l->run, twice), monitors[i].name);
		add(l, "-mon");
		add(l, "chardev=stoker-%s,mode=%s", monitors[i].name, monitors[i].mode);
	}
	add(l, "-pidfile");
	add(l, "%s/pid", l->run);
}

static int add_args(struct line *l, struct fault *f)
{
	int err = 0;

	for (size_t i = 0; i < machine_values(l->machine, &key_qemu_args) && !err; i++) {
		char text[VALUE_MAX], **words;
		size_t n;

		err = words_split(machine_value(l->machine, &key_qemu_args, i, text), &words, &n,
				  f);
		for (size_t w = 0; w < n && !err; w++)
			add(l, "%s", words[w]);
		if (!err)
			free(words);
	}
	return err;
}

/* --- all of it ------------------------------------------------------------------------------ */

int qemu_install(const struct machine *machine, struct install *install, struct fault *f)
{
	char text[VALUE_MAX];
	const char *v = machine_value(machine, &key_install, 0, text);

	*install = (struct install){0};
	return v ? install_parse(v, install, f) : 0;
}

static int open_line(struct line *l, struct fault *f)
{
	char text[VALUE_MAX];
	const char *v = machine_value(l->machine, &key_boot, 0, text);
	int err = v ? boot_parse(v, &l->boot, f) : 0;

	if (err)
		l->boot = (struct boot){0};
	else
		err = qemu_install(l->machine, &l->install, f);
	if (err)
		l->install = (struct install){0};
	else if (!(l->words = json_array()))
		err = fault_no_memory(f);
	return err;
}

static int fill_line(struct line *l, const char *accelerator, struct fault *f)
{
	int err;

	add_identity(l, accelerator);
	add_firmware(l);
	add_kernel(l);
	err = add_disks(l, f);
	if (!err)
		err = add_nics(l, f);
	if (!err)
		err = add_display(l, f);
	if (err)
		return err;
	/* what is installed would be installed again */
	if (l->install.init)
		add(l, "-no-reboot");
	add_serial(l);
	add_monitors(l);
	err = add_args(l, f);
	if (!err && l->failed)
		err = fault_set(f, ENOMEM,
				"the command line of \"%s\" cannot be made: out of memory, "
				"or text that is not UTF-8",
				l->machine->name);
	return err;
}

int qemu_command(const struct machine *machine, const char *run, const char *accelerator,
		 json_t **arguments, struct fault *f)
{
	struct line l = {.machine = machine, .run = run, .rest = 10};
	int err;

	if (strlen(run) > SOCKET_FOLDER_MAX)
		return fault_set(f, ENAMETOOLONG,
				 "\"%s\" is too long for the sockets that are made "
				 "in it (%d bytes at most): set STOKER_RUN to a shorter one",
				 run, SOCKET_FOLDER_MAX);
	err = open_line(&l, f);
	if (!err)
		err = fill_line(&l, accelerator, f);
	free(l.boot.block);
	free(l.install.block);
	if (err) {
		json_decref(l.words);
		return err;
	}
	*arguments = l.words;
	return 0;
}

char *qemu_command_text(const char *program, const json_t *arguments)
{
	struct buffer b = {0};

	buffer_add_text(&b, program);
	for (size_t i = 0; i < json_array_size(arguments); i++) {
		const char *word = json_string_value(json_array_get(arguments, i));

		if (word)
			buffer_add(&b, !*word || strpbrk(word, " \t'\"$&;|<>()*?#~`\\") ?
				   " '%s'" : " %s", word);
	}
	return buffer_take(&b);
}

/* --- what it needs -------------------------------------------------------------------------- */

static int check_file(const char *key, const char *path, int mode, struct fault *f)
{
	if (!access(path, mode))
		return 0;
	if (errno == EACCES)
		return fault_set(f, EACCES, "%s: user %u may not %s \"%s\"", key,
				 (unsigned)geteuid(), mode & W_OK ? "write" : "read", path);
	return fault_set(f, errno, "%s: there is no \"%s\": %s", key, path, strerror(errno));
}

static int check_key(const struct machine *machine, const struct key *key, struct fault *f)
{
	char text[VALUE_MAX];
	const char *v = machine_value(machine, key, 0, text);

	return v ? check_file(key->name, v, R_OK, f) : 0;
}

static int check_media(const struct machine *machine, struct fault *f)
{
	char text[VALUE_MAX];
	const char *v = machine_value(machine, &key_boot, 0, text);
	struct install in;
	struct boot boot;
	int err = v ? boot_parse(v, &boot, f) : 0;

	if (err)
		return err;
	if (v) {
		if (boot.path)
			err = check_file("boot", boot.path, R_OK, f);
		free(boot.block);
	}
	if (!err)
		err = qemu_install(machine, &in, f);
	if (err)
		return err;
	if (in.block && in.source.path)
		err = check_file("install", in.source.path, R_OK, f);
	if (!err && in.block && !in.init)
		err = check_file("install", in.target.path, R_OK | W_OK, f);
	free(in.block);
	return err;
}

static int check_disks(const struct machine *machine, struct fault *f)
{
	struct install in;
	int err = qemu_install(machine, &in, f);

	for (size_t i = 0; i < machine_values(machine, &key_disk) && !err; i++) {
		char text[VALUE_MAX];
		struct disk d;

		err = disk_parse(machine_value(machine, &key_disk, i, text), &d, f);
		if (err)
			break;
		if (!in.init || strcmp(in.target.path, d.path))
			err = check_file("disk", d.path, d.readonly ? R_OK : R_OK | W_OK, f);
		free(d.block);
	}
	free(in.block);
	return err;
}

int qemu_command_check(const struct machine *machine, struct fault *f)
{
	char text[VALUE_MAX], path[PATH_MAX];
	int err = process_find(machine_value(machine, &key_qemu_program, 0, text), path,
			       sizeof(path), f);

	if (!err)
		err = check_key(machine, &key_kernel, f);
	if (!err)
		err = check_key(machine, &key_initrd, f);
	if (!err)
		err = check_media(machine, f);
	return err ? err : check_disks(machine, f);
}
