/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a configuration file says of guests: their names, and what no two of them may have: UUIDs,
 * hardware addresses, addresses, ports of consoles. See scan.h.
 */
#include "cli/scan.h"
#include "base/text.h"
#include "cli/context.h"
#include "model/config.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* of one configuration of ours: more are a range written by mistake, or by an enemy */
enum { MACHINES_MAX = 10000 };

/* --- records --------------------------------------------------------------------------------- */

/* What is gathered of a guest until it is complete. */
struct gathered {
	char name[NAME_LENGTH_MAX + 1];
	struct buffer uuid, macs, addresses, behind;
};

static void add_part(struct buffer *list, const char *text)
{
	size_t length = strlen(text);

	/* what would break the inventory's lines is no address */
	for (size_t i = 0; i < length; i++) {
		if (iscntrl((unsigned char)text[i]) || text[i] == ',')
			return;
	}
	if (!length)
		return;
	if (list->length)
		buffer_add_text(list, ",");
	buffer_add_text(list, text);
}

/* "00-16-3E-11-22-33" → "00:16:3e:11:22:33". What is none is left out. */
static void add_mac(struct buffer *list, const char *text)
{
	char mac[18];
	size_t n = 0;

	for (; *text && n < sizeof(mac) - 1; text++) {
		bool digit = isxdigit((unsigned char)*text);

		if (n % 3 == 2 ? *text != ':' && *text != '-' : !digit)
			return;
		mac[n] = n % 3 == 2 ? ':' : (char)tolower((unsigned char)*text);
		n++;
	}
	mac[n] = '\0';
	if (n == sizeof(mac) - 1 && !*text)
		add_part(list, mac);
}

static void add_uuid(struct buffer *list, const char *text)
{
	char uuid[64];
	size_t n = 0;

	for (; *text && n < sizeof(uuid) - 1; text++)
		uuid[n++] = (char)tolower((unsigned char)*text);
	uuid[n] = '\0';
	add_part(list, uuid);
}

static char *text_of(struct buffer *b)
{
	return b->text || b->failed ? buffer_take(b) : strdup("");
}

static void keep(struct inventory *inventory, const char *file, enum import_kind kind,
		 struct gathered *g)
{
	struct found found = {
		.file = strdup(file),
		.kind = kind,
		.name = strdup(g->name),
		.uuid = text_of(&g->uuid),
		.macs = text_of(&g->macs),
		.addresses = text_of(&g->addresses),
		.behind = text_of(&g->behind),
	};

	if (inventory->n == inventory->size) {
		size_t size = inventory->size ? inventory->size * 2 : 16;
		struct found *list = realloc(inventory->list, size * sizeof(*list));

		if (list) {
			inventory->list = list;
			inventory->size = size;
		}
	}
	if (found.file && found.name && found.uuid && found.macs && found.addresses &&
	    found.behind && inventory->n < inventory->size) {
		inventory->list[inventory->n++] = found;
		return;
	}
	inventory->failed = true;
	free(found.file);
	free(found.name);
	free(found.uuid);
	free(found.macs);
	free(found.addresses);
	free(found.behind);
}

/* --- files that import reads ----------------------------------------------------------------- */

static void take_imported(struct gathered *g, const struct import_guest *guest)
{
	snprintf(g->name, sizeof(g->name), "%s", guest->name);
	for (size_t k = 0; k < guest->nkeys; k++) {
		const struct import_key *key = &guest->keys[k];

		for (size_t v = 0; v < key->n; v++) {
			if (!strcmp(key->key, "uuid"))
				add_uuid(&g->uuid, key->values[v]);
			else if (!strcmp(key->key, "mac"))
				add_mac(&g->macs, key->values[v]);
			else if (!strcmp(key->key, "emulator-config"))
				add_part(&g->behind, key->values[v]);
		}
	}
}

static void scan_imported(struct inventory *inventory, const char *file, const char *text,
			  enum import_kind kind,
			  int (*does)(struct import *import, struct fault *f))
{
	struct import import = {.file = file, .text = text, .length = strlen(text), .alone = true};

	does(&import, NULL);
	for (size_t i = 0; i < import.n; i++) {
		struct gathered g = {0};

		take_imported(&g, &import.guests[i]);
		keep(inventory, file, kind, &g);
	}
	inventory->failed |= import.failed;
	import_free(&import);
}

/* --- files of emulators ---------------------------------------------------------------------- */

/* The word behind NAME and an equal sign in a line, without quotes. */
static bool word_behind(const char *line, const char *name, char *word, size_t size)
{
	const char *p = strcasestr(line, name);
	size_t length;

	p = p ? p + strlen(name) : NULL;
	while (p && isblank((unsigned char)*p))
		p++;
	if (!p || *p++ != '=')
		return false;
	while (isblank((unsigned char)*p) || *p == '"' || *p == '\'')
		p++;
	length = strcspn(p, " \t\r\"',");
	if (!length || length >= size)
		return false;
	memcpy(word, p, length);
	word[length] = '\0';
	return true;
}

/* A port on which a console is to be reached here. */
static void add_port(struct gathered *g, const char *word)
{
	const char *port = strrchr(word, ':');
	char text[32];

	port = port ? port + 1 : word;
	if (!*port || port[strspn(port, "0123456789")] || strlen(port) > 5)
		return;
	snprintf(text, sizeof(text), "telnet:%s", port);
	add_part(&g->addresses, text);
}

/* CHARON's manuals: configuration_name of the session, port of lines, station_address of cards. */
static void look_at_charon(struct gathered *g, const char *line)
{
	char word[NAME_LENGTH_MAX + 1];

	if (strcasestr(line, "session") &&
	    word_behind(line, "configuration_name", word, sizeof(word)))
		snprintf(g->name, sizeof(g->name), "%s", word);
	if (strcasestr(line, "serial_line") && word_behind(line, "port", word, sizeof(word)))
		add_port(g, word);
	if (word_behind(line, "station_address", word, sizeof(word)))
		add_mac(&g->macs, word);
}

/* SIMH users' guide V3.8: "set console telnet=PORT", "attach DZ PORT", "set XQ MAC=…". */
static void look_at_simh(struct gathered *g, const char *line)
{
	char word[64];

	if (word_behind(line, "telnet", word, sizeof(word)))
		add_port(g, word);
	if (word_behind(line, "mac", word, sizeof(word)))
		add_mac(&g->macs, word);
}

/* The file's name without its folder and its end. */
static void name_by_file(struct gathered *g, const char *file)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file,
		   *dot = strrchr(base, '.');
	int length = dot && dot > base ? (int)(dot - base) : (int)strlen(base);

	snprintf(g->name, sizeof(g->name), "%.*s", length, base);
}

static void scan_lines(struct inventory *inventory, const char *file, const char *text,
		       enum import_kind kind)
{
	struct gathered g = {0};

	name_by_file(&g, file);
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *p = text + strspn(text, " \t");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s",
			 (int)(text + length > p ? text + length - p : 0), p);
		if (!strchr("#;!", *line) && kind == IMPORT_CHARON_GUEST)
			look_at_charon(&g, line);
		else if (!strchr("#;!", *line))
			look_at_simh(&g, line);
		text += length + (text[length] == '\n');
	}
	keep(inventory, file, kind, &g);
}

/* --- configurations of ours ------------------------------------------------------------------ */

static void ignore(void *data, const char *sentence)
{
	(void)data, (void)sentence;
}

/* How many machines the titles in quotes stand for. */
static size_t count_machines(const char *text)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, "machine")) && n <= MACHINES_MAX;) {
		char title[VALUE_MAX];
		struct range *range;
		size_t length;

		p += strlen("machine");
		p += strspn(p, " \t\r\n\"'");
		length = strcspn(p, "\"'{\n");
		if (length >= sizeof(title))
			continue;
		memcpy(title, p, length);
		title[length] = '\0';
		if (range_parse(title, RANGE_NAMES, &range, NULL))
			continue;
		n += range_count(range);
		range_free(range);
	}
	return n;
}

/* What a file names is looked at where it lies. */
static void blank_includes(char *text)
{
	for (char *p = text; (p = strstr(p, "include"));) {
		char *open = p + strlen("include");

		open += strspn(open, " \t\r\n");
		if (*open == '(') {
			size_t length = strcspn(p, ")");

			memset(p, ' ', p[length] ? length + 1 : length);
		} else {
			p = open;
		}
	}
}

static void take_machine(struct gathered *g, const struct machine *machine)
{
	static const struct {
		const char *key;
		size_t list;
		void (*add)(struct buffer *list, const char *text);
	} keys[] = {
		{"uuid", offsetof(struct gathered, uuid), add_uuid},
		{"mac", offsetof(struct gathered, macs), add_mac},
		{"address", offsetof(struct gathered, addresses), add_part},
		{"path", offsetof(struct gathered, behind), add_part},
		{"emulator-config", offsetof(struct gathered, behind), add_part},
	};
	char buffer[VALUE_MAX];

	snprintf(g->name, sizeof(g->name), "%s", machine->name);
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		const struct key *key = key_find(keys[k].key);

		for (size_t i = 0; key && i < machine_values(machine, key); i++)
			keys[k].add((struct buffer *)((char *)g + keys[k].list),
				    machine_value(machine, key, i, buffer));
	}
}

static void scan_ours(struct inventory *inventory, const char *file, const char *text)
{
	struct config_reader reader = {.keys = all_keys(), .tell = ignore};
	char *alone = count_machines(text) <= MACHINES_MAX ? strdup(text) : NULL;

	if (!alone)
		return;
	blank_includes(alone);
	reader.model = model_new();
	if (reader.model)
		config_read_text(&reader, file, alone);
	for (size_t i = 0; reader.model && i < reader.model->nmachines && i < MACHINES_MAX; i++) {
		struct gathered g = {0};

		take_machine(&g, &reader.model->machines[i]);
		keep(inventory, file, IMPORT_STOKER, &g);
	}
	model_free(reader.model);
	free(alone);
}

void scan_text(struct inventory *inventory, const char *file, const char *text)
{
	enum import_kind kind = import_kind_of(text);

	switch (kind) {
	case IMPORT_CHARON_LIST:
		scan_imported(inventory, file, text, kind, import_charon);
		break;
	case IMPORT_XL:
		scan_imported(inventory, file, text, kind, import_xl);
		break;
	case IMPORT_LIBVIRT:
		scan_imported(inventory, file, text, kind, import_libvirt);
		break;
	case IMPORT_CHARON_GUEST:
	case IMPORT_SIMH:
		scan_lines(inventory, file, text, kind);
		break;
	case IMPORT_STOKER:
		scan_ours(inventory, file, text);
		break;
	case IMPORT_NOT_KNOWN:
		break;
	}
}
