/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain of libvirt, as `virsh dumpxml` prints it and /etc/libvirt/qemu keeps it:
 * libvirt.org/formatdomain.html, read with Expat. A document type is refused: what it may declare
 * can grow without bounds. See import.h.
 */
#include "cli/import.h"
#include "cli/screen_address.h"
#include "base/fault.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <expat.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32, PATH_SIZE = 256, VALUE_SIZE = 1024 };

/* What is gathered of a device until its element ends. */
struct device {
	unsigned line;
	char type[32], kind[32], format[32], source[VALUE_SIZE], bus[32], cache[32], mac[32],
		model[32];
	bool readonly;
};

struct reading {
	struct import *import;
	XML_Parser parser;
	char path[PATH_SIZE];	 /* "domain/devices/disk" */
	unsigned depth, ignored; /* how deep, and from where on nothing is read; 0: all is */
	struct buffer text;	 /* of the element under work */
	char unit[16];		 /* of memory */
	char loader[VALUE_SIZE], emulator[VALUE_SIZE];
	char boots[32]; /* the first `boot dev` */
	bool isolated;	/* a document type */
	bool deep;
	struct device device;
	unsigned nserial;
};

static unsigned line_of(const struct reading *r)
{
	return (unsigned)XML_GetCurrentLineNumber(r->parser);
}

static const char *attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2) {
		if (!strcmp(attributes[0], name))
			return attributes[1];
	}
	return "";
}

/* --- elements begin -------------------------------------------------------------------------- */

/* What reads the attributes of an element; NULL: it has none of interest. */
typedef void begin_fn(struct reading *r, const char **attributes);
/* What reads the text of an element, when it ends. */
typedef void end_fn(struct reading *r, const char *text);

static void begin_domain(struct reading *r, const char **attributes)
{
	const char *type = attribute(attributes, "type");

	import_set(r->import, line_of(r), "guest", "qemu");
	if (r->import->path)
		import_set(r->import, line_of(r), "path", "%s", r->import->path);
	if (!strcmp(type, "qemu"))
		import_set(r->import, line_of(r), "qemu-accelerator", "tcg");
	else if (strcmp(type, "kvm"))
		import_leave_out(r->import, line_of(r), "type %s: the guest would be one of QEMU",
				 type);
}

static void begin_memory(struct reading *r, const char **attributes)
{
	snprintf(r->unit, sizeof(r->unit), "%s", attribute(attributes, "unit"));
}

static void begin_type(struct reading *r, const char **attributes)
{
	const char *arch = attribute(attributes, "arch"),
		   *machine = attribute(attributes, "machine");

	if (*arch && !*r->emulator)
		snprintf(r->emulator, sizeof(r->emulator), "qemu-system-%s",
			 !strcmp(arch, "i686") ? "i386" : arch);
	if (*machine)
		import_set(r->import, line_of(r), "qemu-machine", "%s", machine);
}

static void begin_boot(struct reading *r, const char **attributes)
{
	const char *dev = attribute(attributes, "dev");

	if (!*r->boots)
		snprintf(r->boots, sizeof(r->boots), "%s", dev);
	else
		import_leave_out(r->import, line_of(r), "boot %s: it boots from the first one, %s",
				 dev, r->boots);
}

static void begin_device(struct reading *r, const char **attributes)
{
	r->device = (struct device){.line = line_of(r)};
	snprintf(r->device.type, sizeof(r->device.type), "%s", attribute(attributes, "type"));
	snprintf(r->device.kind, sizeof(r->device.kind), "%s", attribute(attributes, "device"));
}

static void begin_driver(struct reading *r, const char **attributes)
{
	snprintf(r->device.format, sizeof(r->device.format), "%s", attribute(attributes, "type"));
	snprintf(r->device.cache, sizeof(r->device.cache), "%s", attribute(attributes, "cache"));
}

static void begin_source(struct reading *r, const char **attributes)
{
	static const char *const names[] = {"file", "dev", "bridge", "network"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = attribute(attributes, names[i]);

		if (!*value)
			continue;
		if (strlen(value) >= sizeof(r->device.source))
			import_leave_out(r->import, line_of(r), "%s: it is too long", names[i]);
		else
			strcpy(r->device.source, value);
		return;
	}
}

static void begin_target(struct reading *r, const char **attributes)
{
	snprintf(r->device.bus, sizeof(r->device.bus), "%s", attribute(attributes, "bus"));
}

static void begin_readonly(struct reading *r, const char **attributes)
{
	(void)attributes;
	r->device.readonly = true;
}

static void begin_mac(struct reading *r, const char **attributes)
{
	snprintf(r->device.mac, sizeof(r->device.mac), "%s", attribute(attributes, "address"));
}

static void begin_model(struct reading *r, const char **attributes)
{
	snprintf(r->device.model, sizeof(r->device.model), "%s", attribute(attributes, "type"));
}

/*
 * Where a screen by VNC is, libvirt.org/formatdomain.html#graphical-framebuffers: the port of its
 * number 0 is SCREEN_PORT; -1, and none, are the first that is free.
 */
static void map_vnc(struct reading *r, const char **attributes)
{
	const char *listen = attribute(attributes, "listen"), *port = attribute(attributes, "port");
	bool fixed = *port && strcmp(port, "-1") && strcmp(attribute(attributes, "autoport"), "yes");
	uint64_t number;

	if (!*listen)
		listen = "127.0.0.1";
	if (fixed && number_parse(port, "port", SCREEN_PORT, UINT16_MAX, &number, NULL)) {
		import_leave_out(r->import, line_of(r), "graphics: port %s: those of screens begin at %d",
				 port, SCREEN_PORT);
		fixed = false;
	}
	if (fixed) {
		import_set(r->import, line_of(r), "display",
			   strchr(listen, ':') ? "vnc [%s]:%" PRIu64 : "vnc %s:%" PRIu64, listen,
			   number - SCREEN_PORT);
	} else {
		import_set(r->import, line_of(r), "display", "vnc");
		if (strcmp(listen, "127.0.0.1"))
			import_leave_out(r->import, line_of(r),
					 "graphics: listen=%s: with no port of its own it is on "
					 "127.0.0.1",
					 listen);
	}
	if (*attribute(attributes, "passwd"))
		import_leave_out(r->import, line_of(r), "graphics: its password is left out");
	if (*attribute(attributes, "socket"))
		import_leave_out(r->import, line_of(r),
				 "graphics: socket: \"vnc unix\" has it in the guest's folder");
}

static void begin_graphics(struct reading *r, const char **attributes)
{
	const char *type = attribute(attributes, "type");
	bool vnc = !strcmp(type, "vnc");

	if (!vnc && strcmp(type, "sdl"))
		import_leave_out(r->import, line_of(r),
				 "graphics %s: a guest shows vnc or sdl here", type);
	else if (import_has(r->import, "display"))
		import_leave_out(r->import, line_of(r), "graphics %s: one is enough", type);
	else if (vnc)
		map_vnc(r, attributes);
	else
		import_set(r->import, line_of(r), "display", "%s", type);
}

static void begin_vcpu(struct reading *r, const char **attributes)
{
	const char *current = attribute(attributes, "current");

	if (*current)
		import_leave_out(r->import, line_of(r),
				 "vcpu: current=%s: all are there from the start", current);
}

static void begin_cpu(struct reading *r, const char **attributes)
{
	const char *mode = attribute(attributes, "mode");

	if (*mode && strcmp(mode, "host-passthrough") && strcmp(mode, "host-model") &&
	    strcmp(mode, "maximum"))
		import_leave_out(r->import, line_of(r),
				 "cpu: its mode %s: the guest gets all that this "
				 "host can; qemu-cpu chooses",
				 mode);
}

/* --- elements end ---------------------------------------------------------------------------- */

static void end_uuid(struct reading *r, const char *text)
{
	import_set(r->import, line_of(r), "uuid", "%s", text);
}

static void end_title(struct reading *r, const char *text)
{
	import_set(r->import, line_of(r), "label", "%s", text);
}

/* libvirt.org/formatdomain.html#memory-allocation: KiB without a unit. */
static void end_memory(struct reading *r, const char *text)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} units[] = {
		{"", 1024},	   {"b", 1},
		{"bytes", 1},	   {"KB", 1000},
		{"k", 1024},	   {"KiB", 1024},
		{"MB", 1000000},   {"M", 1 << 20},
		{"MiB", 1 << 20},  {"GB", 1000000000},
		{"G", 1 << 30},	   {"GiB", 1 << 30},
		{"T", 1ULL << 40}, {"TiB", 1ULL << 40},
	};
	uint64_t number;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, r->unit))
			continue;
		if (number_parse(text, "memory", 1, UINT64_MAX / units[i].bytes, &number, NULL))
			break;
		/* up to whole MB */
		number = number * units[i].bytes;
		number = number / (1 << 20) + (number % (1 << 20) != 0);
		import_set(r->import, line_of(r), "memory", "%" PRIu64 "M", number);
		return;
	}
	import_leave_out(r->import, line_of(r), "memory: \"%s %s\" is no size", text, r->unit);
}

static void end_vcpu(struct reading *r, const char *text)
{
	import_set(r->import, line_of(r), "cpus", "%s", text);
}

static void end_kernel(struct reading *r, const char *text)
{
	import_set(r->import, line_of(r), "kernel", "%s", text);
}

static void end_initrd(struct reading *r, const char *text)
{
	import_set(r->import, line_of(r), "initrd", "%s", text);
}

static void end_cmdline(struct reading *r, const char *text)
{
	import_set(r->import, line_of(r), "append", "%s", text);
}

static void end_loader(struct reading *r, const char *text)
{
	char word[2 * VALUE_SIZE];

	if (strlen(text) >= VALUE_SIZE / 2)
		import_leave_out(r->import, line_of(r), "os/loader: it is too long");
	else if (*text)
		snprintf(r->loader, sizeof(r->loader), "%s", import_word(text, word, sizeof(word)));
}

static void end_nvram(struct reading *r, const char *text)
{
	char word[2 * VALUE_SIZE];

	if (*r->loader && *text)
		import_set(r->import, line_of(r), "firmware", "%s %s", r->loader,
			   import_word(text, word, sizeof(word)));
	else if (*text)
		import_leave_out(r->import, line_of(r), "os/nvram: there is no loader before it");
	*r->loader = '\0';
}

static void end_os(struct reading *r, const char *text)
{
	static const struct {
		const char *theirs, *ours;
	} boots[] = {{"cdrom", "cd"}, {"network", "network"}, {"hd", ""}};

	(void)text;
	if (*r->loader)
		import_set(r->import, line_of(r), "firmware", "%s", r->loader);
	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		if (strcmp(r->boots, boots[i].theirs))
			continue;
		/* without the key it boots from its disks */
		if (*boots[i].ours)
			import_set(r->import, line_of(r), "boot", "%s", boots[i].ours);
		return;
	}
	if (*r->boots)
		import_leave_out(r->import, line_of(r), "boot %s is left out", r->boots);
}

static void end_emulator(struct reading *r, const char *text)
{
	if (strlen(text) >= sizeof(r->emulator))
		import_leave_out(r->import, line_of(r), "devices/emulator: it is too long");
	else
		strcpy(r->emulator, text);
}

static void end_disk(struct reading *r, const char *text)
{
	const struct device *d = &r->device;
	bool cdrom = !strcmp(d->kind, "cdrom"), raw = !*d->format || !strcmp(d->format, "raw");
	bool virtio = !*d->bus || !strcmp(d->bus, "virtio");
	bool bus = !strcmp(d->bus, "scsi") || !strcmp(d->bus, "ide") || !strcmp(d->bus, "usb") ||
		   !strcmp(d->bus, "nvme");
	char word[2 * VALUE_SIZE];

	(void)text;
	if (*d->kind && strcmp(d->kind, "disk") && !cdrom) {
		import_leave_out(r->import, d->line, "disk: a %s is left out", d->kind);
		return;
	}
	if (*d->source != '/') {
		import_leave_out(r->import, d->line,
				 *d->source ? "disk: its source \"%s\" is no absolute path"
					    : "disk: it has no source that is a file or a device%s",
				 d->source);
		return;
	}
	if (!virtio && !bus && !cdrom)
		import_leave_out(r->import, d->line, "disk: its bus %s: it is on virtio here",
				 d->bus);
	import_set(r->import, d->line, "disk", "%s%s%s%s%s%s%s%s",
		   import_word(d->source, word, sizeof(word)), bus && !cdrom ? " bus=" : "",
		   bus && !cdrom ? d->bus : "", raw ? "" : " format=", raw ? "" : d->format,
		   *d->cache && strcmp(d->cache, "default") ? " cache=" : "",
		   strcmp(d->cache, "default") ? d->cache : "",
		   cdrom	 ? " cdrom"
		   : d->readonly ? " readonly"
				 : "");
}

static void end_interface(struct reading *r, const char *text)
{
	const struct device *d = &r->device;
	char nic[3 * VALUE_SIZE], word[2 * VALUE_SIZE];
	const char *model = !strcmp(d->model, "virtio") ? "" : d->model;

	(void)text;
	if (!strcmp(d->type, "user")) {
		snprintf(nic, sizeof(nic), "user%s%s", *model ? " model=" : "", model);
	} else if (!strcmp(d->type, "bridge") && *d->source) {
		snprintf(nic, sizeof(nic), "tap %s%s%s", import_word(d->source, word, sizeof(word)),
			 *model ? " model=" : "", model);
	} else if (!strcmp(d->type, "network") && *d->source) {
		/* libvirt's own networks are bridges, mostly virbr0 for "default" */
		snprintf(nic, sizeof(nic), "tap %s%s%s",
			 !strcmp(d->source, "default") ? "virbr0"
						       : import_word(d->source, word, sizeof(word)),
			 *model ? " model=" : "", model);
		import_leave_out(r->import, d->line,
				 "interface: the network %s of libvirt: taken for a bridge: "
				 "see what `virsh net-info %s` says of it",
				 d->source, d->source);
	} else {
		import_leave_out(r->import, d->line, "interface: one of type %s is left out",
				 d->type);
		return;
	}
	import_nic(r->import, d->line, d->mac, nic);
}

/* libvirt shows the first serial port a second time, as the console. */
static void end_serial(struct reading *r, const char *text)
{
	(void)text;
	if (r->nserial++ || !strcmp(r->device.type, "pty") || !strcmp(r->device.type, "unix"))
		import_set(r->import, r->device.line, "serial", "socket");
	else
		import_leave_out(r->import, r->device.line,
				 "serial: of type %s: it is a socket here", r->device.type);
}

static void end_domain(struct reading *r, const char *text)
{
	(void)text;
	if (*r->emulator)
		import_set(r->import, line_of(r), "qemu-program", "%s", r->emulator);
}

/* --- the elements that are known ------------------------------------------------------------- */

static const struct element {
	const char *path;
	begin_fn *begin;
	end_fn *end;
	bool silent; /* nothing of it is wanted, nor of what is in it */
} elements[] = {
	{"domain", begin_domain, end_domain, false},
	{"domain/name", NULL, NULL, false},
	{"domain/uuid", NULL, end_uuid, false},
	{"domain/title", NULL, end_title, false},
	{"domain/memory", begin_memory, end_memory, false},
	{"domain/currentMemory", NULL, NULL, true},
	{"domain/vcpu", begin_vcpu, end_vcpu, false},
	{"domain/cpu", begin_cpu, NULL, true},
	{"domain/os", NULL, end_os, false},
	{"domain/os/type", begin_type, NULL, false},
	{"domain/os/boot", begin_boot, NULL, false},
	{"domain/os/kernel", NULL, end_kernel, false},
	{"domain/os/initrd", NULL, end_initrd, false},
	{"domain/os/cmdline", NULL, end_cmdline, false},
	{"domain/os/loader", NULL, end_loader, false},
	{"domain/os/nvram", NULL, end_nvram, false},
	{"domain/features", NULL, NULL, true},
	{"domain/clock", NULL, NULL, true},
	{"domain/on_poweroff", NULL, NULL, true},
	{"domain/on_reboot", NULL, NULL, true},
	{"domain/on_crash", NULL, NULL, true},
	{"domain/pm", NULL, NULL, true},
	{"domain/metadata", NULL, NULL, true},
	{"domain/devices", NULL, NULL, false},
	{"domain/devices/emulator", NULL, end_emulator, false},
	{"domain/devices/disk", begin_device, end_disk, false},
	{"domain/devices/disk/driver", begin_driver, NULL, false},
	{"domain/devices/disk/source", begin_source, NULL, false},
	{"domain/devices/disk/target", begin_target, NULL, false},
	{"domain/devices/disk/readonly", begin_readonly, NULL, false},
	{"domain/devices/disk/address", NULL, NULL, true},
	{"domain/devices/disk/alias", NULL, NULL, true},
	{"domain/devices/disk/backingStore", NULL, NULL, true},
	{"domain/devices/interface", begin_device, end_interface, false},
	{"domain/devices/interface/mac", begin_mac, NULL, false},
	{"domain/devices/interface/model", begin_model, NULL, false},
	{"domain/devices/interface/source", begin_source, NULL, false},
	{"domain/devices/interface/target", NULL, NULL, true},
	{"domain/devices/interface/address", NULL, NULL, true},
	{"domain/devices/interface/alias", NULL, NULL, true},
	{"domain/devices/serial", begin_device, end_serial, false},
	{"domain/devices/serial/target", NULL, NULL, true},
	{"domain/devices/console", NULL, NULL, true},
	{"domain/devices/controller", NULL, NULL, true},
	{"domain/devices/input", NULL, NULL, true},
	{"domain/devices/memballoon", NULL, NULL, true},
	{"domain/devices/rng", NULL, NULL, true},
	{"domain/devices/audio", NULL, NULL, true},
	{"domain/devices/graphics", begin_graphics, NULL, false},
	{"domain/devices/graphics/listen", NULL, NULL, true},
	{"domain/devices/video", NULL, NULL, true},
};

static const struct element *find_element(const char *path)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (!strcmp(elements[i].path, path))
			return &elements[i];
	}
	return NULL;
}

static void on_begin(void *data, const char *name, const char **attributes)
{
	struct reading *r = data;
	size_t length = strlen(r->path);
	const struct element *element;

	if (++r->depth > DEPTH_MAX) {
		r->deep = true;
		XML_StopParser(r->parser, XML_FALSE);
		return;
	}
	if (r->ignored)
		return;
	if (length + strlen(name) + 2 > sizeof(r->path)) {
		r->ignored = r->depth;
		return;
	}
	sprintf(r->path + length, "%s%s", length ? "/" : "", name);
	buffer_free(&r->text);
	element = find_element(r->path);
	if (!element)
		import_leave_out(r->import, line_of(r), "%s is left out",
				 r->path + strlen("domain/") *
						   !strncmp(r->path, "domain/", strlen("domain/")));
	if (element && element->begin)
		element->begin(r, attributes);
	if (!element || element->silent) {
		r->path[length] = '\0';
		r->ignored = r->depth;
	}
}

/* Its text without the blanks around it, which are of the file's form. */
static const char *stripped(struct buffer *text)
{
	char *p = text->text;

	if (!p)
		return "";
	while (text->length && isspace((unsigned char)p[text->length - 1]))
		p[--text->length] = '\0';
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

static void on_end(void *data, const char *name)
{
	struct reading *r = data;
	const struct element *element;
	char *slash;

	(void)name;
	if (r->ignored) {
		if (r->depth-- == r->ignored)
			r->ignored = 0;
		return;
	}
	r->depth--;
	element = find_element(r->path);
	if (element && element->end)
		element->end(r, stripped(&r->text));
	buffer_free(&r->text);
	slash = strrchr(r->path, '/');
	*(slash ? slash : r->path) = '\0';
}

static void on_text(void *data, const char *text, int length)
{
	struct reading *r = data;

	if (!r->ignored)
		buffer_add_bytes(&r->text, text, (size_t)length);
}

static void on_doctype(void *data, const char *name, const char *system, const char *public,
		       int internal)
{
	struct reading *r = data;

	(void)name, (void)system, (void)public, (void)internal;
	r->isolated = true;
	XML_StopParser(r->parser, XML_FALSE);
}

/* --- the name goes first --------------------------------------------------------------------- */

static void on_name_begin(void *data, const char *name, const char **attributes)
{
	struct reading *r = data;

	(void)attributes;
	buffer_free(&r->text);
	r->ignored = !(++r->depth == 2 && !strcmp(name, "name"));
	if (r->depth == 1 && strcmp(name, "domain"))
		XML_StopParser(r->parser, XML_FALSE);
}

static void on_name_end(void *data, const char *name)
{
	struct reading *r = data;

	if (r->depth-- == 2 && !r->ignored && !strcmp(name, "name")) {
		import_guest(r->import, line_of(r), stripped(&r->text));
		XML_StopParser(r->parser, XML_FALSE);
	}
	r->ignored = 1;
}

static XML_Parser make_parser(struct reading *r, struct import *import,
			      XML_StartElementHandler begin, XML_EndElementHandler end)
{
	*r = (struct reading){.import = import, .parser = XML_ParserCreate(NULL)};
	if (!r->parser)
		return NULL;
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin, end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	return r->parser;
}

/* One pass over the text; what stopped it is in r. */
static int pass(struct import *import, XML_StartElementHandler begin, XML_EndElementHandler end,
		struct fault *f)
{
	struct reading r;
	unsigned line;
	size_t n = import->n;
	enum XML_Status status;
	int err = 0;

	if (!make_parser(&r, import, begin, end))
		return fault_no_memory(f);
	status = XML_Parse(r.parser, import->text, (int)import->length, XML_TRUE);
	line = line_of(&r);
	if (r.isolated)
		err = fault_set(f, EINVAL,
				"%s:%u: there is a document type in it, which no domain has",
				import->file, line);
	else if (r.deep)
		err = fault_set(f, EINVAL, "%s:%u: its elements lie deeper than %d", import->file,
				line, DEPTH_MAX);
	else if (status != XML_STATUS_OK && XML_GetErrorCode(r.parser) != XML_ERROR_ABORTED)
		err = fault_set(f, EINVAL, "%s:%u: %s", import->file, line,
				XML_ErrorString(XML_GetErrorCode(r.parser)));
	else if (begin == on_name_begin && import->n == n)
		err = fault_set(f, EINVAL, "%s: it is no domain of libvirt that has a name",
				import->file);
	buffer_free(&r.text);
	XML_ParserFree(r.parser);
	return err;
}

int import_libvirt(struct import *import, struct fault *f)
{
	int err = pass(import, on_name_begin, on_name_end, f);

	if (!err && import->failed)
		return fault_no_memory(f);
	if (!err)
		err = pass(import, on_begin, on_end, f);
	if (!err && import->path && strstr(import->path, "/autostart/"))
		import_set(import, 1, "autostart", "yes");
	return err;
}
