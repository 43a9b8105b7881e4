/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration of a guest of Xen: xl.cfg(5), xl-disk-configuration(5),
 * xl-network-configuration(5); and xm's, of which the assignments of numbers, strings and lists are
 * read, since the rest is a program in Python. See import.h.
 */
#include "cli/import.h"
#include "base/fault.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 1024, LIST_MAX = 64 };

/* --- the language ---------------------------------------------------------------------------- */

struct scan {
	const char *p;
	unsigned line;
};

struct setting {
	char name[64];
	unsigned line;
	bool is_list;
	char (*items)[TEXT_MAX]; /* room for LIST_MAX */
	size_t n;
};

/* Blanks and comments; ends of lines too where they mean nothing. */
static void skip(struct scan *s, bool lines)
{
	for (;; s->p++) {
		if (*s->p == '#')
			s->p += strcspn(s->p, "\n");
		if (*s->p == '\\' && s->p[1] == '\n')
			s->p++;
		else if (!*s->p || !isspace((unsigned char)*s->p) || (*s->p == '\n' && !lines))
			return;
		s->line += *s->p == '\n';
	}
}

static void skip_line(struct scan *s)
{
	s->p += strcspn(s->p, "\n");
}

/* A text in quotes, single or double, with what xl and Python escape. false: it has no end. */
static bool read_quoted(struct scan *s, char text[TEXT_MAX])
{
	char quote = *s->p++;
	size_t n = 0;

	for (; *s->p && *s->p != quote && *s->p != '\n'; s->p++) {
		char c = *s->p;

		if (c == '\\' && s->p[1] && s->p[1] != '\n') {
			c = *++s->p;
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		if (n < TEXT_MAX - 1)
			text[n++] = c;
	}
	text[n] = '\0';
	if (*s->p != quote)
		return false;
	s->p++;
	return true;
}

static bool read_bare(struct scan *s, char text[TEXT_MAX])
{
	size_t n = 0;

	while (isalnum((unsigned char)*s->p) || (*s->p && strchr("._-+", *s->p))) {
		if (n < TEXT_MAX - 1)
			text[n++] = *s->p;
		s->p++;
	}
	text[n] = '\0';
	return n > 0;
}

static bool read_text(struct scan *s, char text[TEXT_MAX])
{
	return *s->p == '"' || *s->p == '\'' ? read_quoted(s, text) : read_bare(s, text);
}

static bool read_list(struct scan *s, struct setting *to)
{
	to->is_list = true;
	s->p++;
	for (;;) {
		skip(s, true);
		if (*s->p == ']')
			break;
		if (to->n == LIST_MAX || !read_text(s, to->items[to->n]))
			return false;
		to->n++;
		skip(s, true);
		if (*s->p == ',')
			s->p++;
		else if (*s->p != ']')
			return false;
	}
	s->p++;
	return true;
}

/* "name = value". false: it is none, and the line is to be left out. */
static bool read_setting(struct scan *s, struct setting *to)
{
	size_t length = 0;

	to->n = 0;
	to->is_list = false;
	to->line = s->line;
	while ((isalnum((unsigned char)s->p[length]) || s->p[length] == '_') &&
	       length < sizeof(to->name) - 1)
		length++;
	snprintf(to->name, sizeof(to->name), "%.*s", (int)length, s->p);
	s->p += length;
	skip(s, false);
	if (!length || *s->p != '=' || s->p[1] == '=')
		return false;
	s->p++;
	skip(s, false);
	if (*s->p == '[') {
		if (!read_list(s, to))
			return false;
	} else if (read_text(s, to->items[0])) {
		to->n = 1;
	} else {
		return false;
	}
	skip(s, false);
	if (*s->p == ';')
		s->p++;
	else if (*s->p && *s->p != '\n')
		return false;
	return true;
}

/* --- what maps ------------------------------------------------------------------------------- */

/* Pieces between commas; how many. Changes the text. */
static size_t cut(char *text, char *pieces[], size_t most)
{
	size_t n = 0;

	for (char *rest = text; rest && n < most;) {
		char *piece = strsep(&rest, ",");

		piece += strspn(piece, " \t");
		for (size_t l = strlen(piece); l && isblank((unsigned char)piece[l - 1]); l--)
			piece[l - 1] = '\0';
		pieces[n++] = piece;
	}
	return n;
}

static const char *after(const char *text, const char *start)
{
	size_t length = strlen(start);

	return strncasecmp(text, start, length) ? NULL : text + length;
}

struct xl_disk {
	const char *target, *format, *device, *access;
	bool cdrom;
};

/* xl's old way: "phy:/dev/vg/x,xvda,w", "file:/path,hda,r", "tap:qcow2:/path,…". */
static const char *old_target(const char *piece, struct xl_disk *disk)
{
	static const char *const formats[] = {"qcow2:", "qcow:", "vhd:", "raw:", "aio:"};
	const char *rest = after(piece, "phy:");

	if (rest || (rest = after(piece, "file:")))
		return disk->format = "raw", rest;
	rest = after(piece, "tap2:");
	rest = rest ? rest : after(piece, "tap:");
	rest = rest ? rest : piece;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const char *path = after(rest, formats[i]);

		if (!path)
			continue;
		disk->format = i == 0 ? "qcow2" : i == 1 ? "qcow" : i == 2 ? "vpc" : "raw";
		return path;
	}
	return rest;
}

/* A named parameter of xl-disk-configuration(5). false: it is none that is known. */
static bool read_disk_word(const char *piece, struct xl_disk *disk)
{
	const char *value;

	if ((value = after(piece, "target=")))
		disk->target = value;
	else if ((value = after(piece, "format=")))
		disk->format = !strcmp(value, "vhd") ? "vpc" : value;
	else if ((value = after(piece, "vdev=")))
		disk->device = value;
	else if ((value = after(piece, "access=")))
		disk->access = value;
	else if (!strcasecmp(piece, "cdrom") || !strcasecmp(piece, "devtype=cdrom"))
		disk->cdrom = true;
	else
		return false;
	return true;
}

static void map_disk(struct import *import, const struct setting *s, char *text)
{
	enum { PIECES_MAX = 16 };
	static const char *const places[] = {"target", "format", "device", "access"};
	char *pieces[PIECES_MAX], *colon, word[TEXT_MAX * 2];
	struct xl_disk disk = {0};
	size_t n = cut(text, pieces, PIECES_MAX), place = 0;
	bool old = n && (strchr(pieces[0], ':') != NULL);

	for (size_t i = 0; i < n; i++) {
		if (read_disk_word(pieces[i], &disk))
			continue;
		if (strchr(pieces[i], '=')) {
			import_leave_out(import, s->line, "disk: %s is left out", pieces[i]);
			continue;
		}
		/* the old way has no format of its own: it stands in front of the path */
		if (old && place == 1)
			place++;
		if (place == 0)
			disk.target = old ? old_target(pieces[i], &disk) : pieces[i];
		else if (place == 1)
			disk.format = *pieces[i] ? pieces[i] : NULL;
		else if (place == 2)
			disk.device = pieces[i];
		else if (place == 3)
			disk.access = pieces[i];
		else
			import_leave_out(import, s->line, "disk: \"%s\" behind its %s", pieces[i],
					 places[3]);
		place++;
	}
	colon = disk.device ? strchr(disk.device, ':') : NULL;
	if (colon && !strcmp(colon, ":cdrom"))
		disk.cdrom = true;
	if (!disk.target || !*disk.target) {
		import_leave_out(import, s->line, "disk: it has no target");
		return;
	}
	if (*disk.target != '/') {
		import_leave_out(import, s->line, "disk: \"%s\" is not an absolute path",
				 disk.target);
		return;
	}
	import_set(import, s->line, "disk", "%s%s%s%s%s",
		   import_word(disk.target, word, sizeof(word)),
		   disk.format && strcmp(disk.format, "raw") ? " format=" : "",
		   disk.format && strcmp(disk.format, "raw") ? disk.format : "",
		   disk.cdrom ? " cdrom" : "",
		   !disk.cdrom && disk.access && *disk.access == 'r' && strcmp(disk.access, "rw")
			   ? " readonly"
			   : "");
}

static void map_vif(struct import *import, const struct setting *s, char *text)
{
	enum { PIECES_MAX = 16 };
	char *pieces[PIECES_MAX];
	const char *bridge = NULL, *model = NULL, *mac = NULL, *value;
	char nic[TEXT_MAX * 2], first[TEXT_MAX], second[TEXT_MAX];
	size_t n = cut(text, pieces, PIECES_MAX);

	for (size_t i = 0; i < n; i++) {
		if ((value = after(pieces[i], "mac=")))
			mac = value;
		else if ((value = after(pieces[i], "bridge=")))
			bridge = value;
		else if ((value = after(pieces[i], "model=")))
			model = value;
		else if (*pieces[i] && strcasecmp(pieces[i], "type=ioemu") &&
			 strcasecmp(pieces[i], "type=vif"))
			import_leave_out(import, s->line, "vif: %s is left out", pieces[i]);
	}
	snprintf(nic, sizeof(nic), "tap %s%s%s",
		 import_word(bridge && *bridge ? bridge : "xenbr0", first, sizeof(first)),
		 model && *model ? " model=" : "",
		 model ? import_word(model, second, sizeof(second)) : "");
	import_nic(import, s->line, mac, nic);
}

/* The first letter that boots: c its disk, d its CD, n the network. */
static void map_boot(struct import *import, const struct setting *s, const char *text)
{
	const char *what = *text == 'c'	  ? "disk"
			   : *text == 'd' ? "cd"
			   : *text == 'n' ? "network"
					  : NULL;

	if (!what || !strcmp(what, "disk"))
		/* without the key a guest boots from its disks */
		return;
	import_set(import, s->line, "boot", "%s", what);
}

static void map_memory(struct import *import, const struct setting *s, const char *text)
{
	if (!*text || text[strspn(text, "0123456789")])
		import_leave_out(import, s->line, "memory: \"%s\" is no number", text);
	else
		import_set(import, s->line, "memory", "%sM", text);
}

static void map_append(struct import *import, const struct setting *s, const char *prefix,
		       const char *text)
{
	const char *disk = strstr(text, "/dev/xvd");

	if (*text)
		import_set(import, s->line, "append", "%s%s", prefix, text);
	if (disk)
		import_leave_out(import, s->line,
				 "%s: %.*s is a disk of Xen's: those of QEMU are /dev/vda and so on",
				 s->name, (int)strcspn(disk, " \t,"), disk);
}

/* Settings that say nothing that a guest of ours would not do by itself. */
static bool says_nothing(const struct setting *s)
{
	static const char *const names[] = {"name", "serial",		"pae",	  "acpi",
					    "apic", "xen_platform_pci", "stdvga", "vncunused"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(s->name, names[i]))
			return true;
	}
	return false;
}

static bool map_text(struct import *import, const struct setting *s, char *text)
{
	static const struct {
		const char *name, *key;
	} plain[] = {
		{"uuid", "uuid"},
		{"vcpus", "cpus"},
		{"kernel", "kernel"},
		{"ramdisk", "initrd"},
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (!strcmp(s->name, plain[i].name)) {
			import_set(import, s->line, plain[i].key, "%s", text);
			return true;
		}
	}
	if (!strcmp(s->name, "memory"))
		map_memory(import, s, text);
	else if (!strcmp(s->name, "cmdline") || !strcmp(s->name, "extra"))
		map_append(import, s, "", text);
	else if (!strcmp(s->name, "root"))
		map_append(import, s, "root=", text);
	else if (!strcmp(s->name, "boot"))
		map_boot(import, s, text);
	else if (!strcmp(s->name, "vnc") || !strcmp(s->name, "sdl"))
		return strcmp(text, "1") || import_has(import, "display")
			       ? true
			       : (import_set(import, s->line, "display", "%s", s->name), true);
	else
		return says_nothing(s);
	return true;
}

static bool map(struct import *import, const struct setting *s)
{
	bool disks = !strcmp(s->name, "disk"), nics = !strcmp(s->name, "vif");

	if (disks || nics) {
		for (size_t i = 0; i < s->n; i++) {
			if (disks)
				map_disk(import, s, s->items[i]);
			else
				map_vif(import, s, s->items[i]);
		}
		return true;
	}
	if (!s->is_list && map_text(import, s, s->items[0]))
		return true;
	if (!strcmp(s->name, "type") || !strcmp(s->name, "builder"))
		import_leave_out(import, s->line,
				 "%s = \"%s\": the guest would be one of QEMU, not of Xen%s",
				 s->name, s->n ? s->items[0] : "",
				 s->n && !strcmp(s->items[0], "hvm")
					 ? ""
					 : ": its kernel has to be one that QEMU starts");
	else
		import_leave_out(import, s->line, "%s is left out", s->name);
	return true;
}

/* --- the file -------------------------------------------------------------------------------- */

/* Calls back for each setting, until that says that it is enough; tells of what is none. */
static void each(struct import *import, struct setting *setting,
		 bool (*does)(struct import *, const struct setting *), bool tells)
{
	struct scan s = {.p = import->text, .line = 1};

	for (;;) {
		skip(&s, true);
		while (*s.p == ';')
			s.p++, skip(&s, true);
		if (!*s.p)
			return;
		if (read_setting(&s, setting)) {
			if (!does(import, setting))
				return;
			continue;
		}
		if (tells)
			import_leave_out(import, s.line,
					 "%.40s%sis no setting of a number, a text or a "
					 "list",
					 setting->name, *setting->name ? ": " : "");
		skip_line(&s);
	}
}

static bool take_name(struct import *import, const struct setting *s)
{
	if (s->is_list || strcmp(s->name, "name"))
		return true;
	import_guest(import, s->line, s->items[0]);
	return false;
}

int import_xl(struct import *import, struct fault *f)
{
	size_t before = import->n;
	struct setting setting = {.items = calloc(LIST_MAX, TEXT_MAX)};

	if (!setting.items)
		return fault_no_memory(f);
	/* the section wants its title first, wherever the name stands */
	each(import, &setting, take_name, false);
	if (import->n == before) {
		free(setting.items);
		return fault_set(f, EINVAL, "%s: there is no name = in it", import->file);
	}
	import_set(import, 1, "guest", "qemu");
	if (import->path)
		import_set(import, 1, "path", "%s", import->path);
	each(import, &setting, map, true);
	free(setting.items);
	return 0;
}
