/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FreeIPMI's configuration file, as far as it concerns ipmipower: freeipmi.conf(5). A line is a
 * name and its value; "…" holds blanks together, # begins a comment, a backslash at the end of a
 * line joins it to the next, and before \ # " it makes them plain. The file may hold a password:
 * its bytes are wiped. Lines for FreeIPMI's other programs, or for BMCs that are reached in other
 * ways, are passed over; any other name that is not known is an error, as with ipmipower.
 */
#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "cli/ipmipower.h"
#include "model/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 1 << 20 };

static const char default_path[] = "/etc/freeipmi/freeipmi.conf";
static const char own_prefix[] = "ipmipower-";

/* Names that may also have ipmipower's prefix: what has it goes before what has not. */
static const struct setting_name {
	const char *name;
	int option;
	bool flag;
	bool prefixed;			/* it always has it */
} settings[] = {
	{"driver-type", 'D', false, false},
	{"username", 'u', false, false},
	{"password", 'p', false, false},
	{"k_g", 'k', false, false},
	{"session-timeout", OPT_SESSION_TIMEOUT, false, false},
	{"timeout", OPT_SESSION_TIMEOUT, false, false},
	{"retransmission-timeout", OPT_RETRANSMISSION_TIMEOUT, false, false},
	{"retry-timeout", OPT_RETRANSMISSION_TIMEOUT, false, false},
	{"authentication-type", 'a', false, false},
	{"cipher-suite-id", 'I', false, false},
	{"cipher_suite_id", 'I', false, false},
	{"privilege-level", 'l', false, false},
	{"privilege", 'l', false, false},
	{"workaround-flags", 'W', false, false},
	{"buffer-output", 'B', true, false},
	{"consolidate-output", 'C', true, false},
	{"fanout", 'F', false, false},
	{"eliminate", 'E', true, false},
	{"always-prefix", OPT_ALWAYS_PREFIX, true, false},
	{"on-if-off", OPT_ON_IF_OFF, true, true},
	{"wait-until-on", OPT_WAIT_UNTIL_ON, true, true},
	{"wait-until-off", OPT_WAIT_UNTIL_OFF, true, true},
	{"oem-power-type", OPT_OEM_POWER_TYPE, false, true},
	{"retransmission-wait-timeout", OPT_WAIT_TIMEOUT, false, true},
	{"retransmission-backoff-count", OPT_BACKOFF, false, true},
	{"ping-interval", OPT_PING_INTERVAL, false, true},
	{"ping-timeout", OPT_PING_TIMEOUT, false, true},
	{"ping-packet-count", OPT_PING_PACKETS, false, true},
	{"ping-percent", OPT_PING_PERCENT, false, true},
	{"ping-consec-count", OPT_PING_CONSEC, false, true},
};

/* Of others: a name, or what names begin with where it ends in a dash. */
static const char *const foreign[] = {
	"bmc-", "ipmi-", "ipmiconsole-", "ipmiseld-", "ipmimonitoring-", "pef-config-",
	"disable-auto-probe", "driver-address", "driver-device", "register-spacing",
	"target-channel-number", "target-slave-address", "quiet-cache", "sdr-cache-directory",
	"utc-to-localtime", "localtime-to-utc", "utc-offset",
};

/* One line of the file, in place: a name, and its words joined by commas. */
struct line {
	char *name, *value;
	unsigned words, number;
	bool bad;			/* a quote is open */
};

struct file {
	struct order *order;
	struct fault *fault;
	char *rest;
	unsigned number;
	bool own;			/* now those with ipmipower's prefix are set */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a text, in place; *from moves behind it. NULL: there is none. */
static char *next_word(char **from, bool *open)
{
	char *p = *from, *word, *to;

	while (is_blank(*p))
		p++;
	if (!*p || *p == '#')
		return NULL;
	*open = false;
	for (word = to = p; *p && *p != '#' && (*open || !is_blank(*p)); p++) {
		if (*p == '"') {
			*open = !*open;
			continue;
		}
		if (*p == '\\' && p[1])
			p++;
		*to++ = *p;
	}
	*from = *p && *p != '#' ? p + 1 : p + strlen(p);
	*to = '\0';
	return word;
}

/* Cuts the next line off the text; lines that end in a backslash go on. NULL: no more. */
static char *next_text(struct file *f)
{
	char *start = f->rest, *end = start;

	if (!*start)
		return NULL;
	f->number++;
	while ((end = strchr(end, '\n')) && end > start && end[-1] == '\\') {
		end[-1] = *end = ' ';
		f->number++;
	}
	f->rest = end ? end + 1 : start + strlen(start);
	if (end)
		*end = '\0';
	return start;
}

/* false: the line is empty. */
static bool read_line(char *text, struct line *line)
{
	char *word, *to;

	*line = (struct line){.name = next_word(&text, &line->bad)};
	if (!line->name)
		return false;
	line->value = to = text;
	while (!line->bad && (word = next_word(&text, &line->bad))) {
		size_t length = strlen(word);

		if (line->words++)
			*to++ = ',';
		memmove(to, word, length);
		to += length;
	}
	if (line->words)
		*to = '\0';
	return true;
}

static bool is_foreign(const char *name)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		size_t length = strlen(foreign[i]);

		if (foreign[i][length - 1] == '-' ? !strncasecmp(name, foreign[i], length) :
						    !strcasecmp(name, foreign[i]))
			return true;
	}
	return false;
}

static const struct setting_name *find(const char *name, bool own)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (!strcasecmp(settings[i].name, name) && (own || !settings[i].prefixed))
			return &settings[i];
	}
	return NULL;
}

static int flag_of(const char *value)
{
	if (!strcmp(value, "1") || !strcasecmp(value, "y") || !strcasecmp(value, "t") ||
	    !strcasecmp(value, "enable"))
		return 1;
	if (!strcmp(value, "0") || !strcasecmp(value, "n") || !strcasecmp(value, "f") ||
	    !strcasecmp(value, "disable"))
		return 0;
	return flag_parse(value, NULL);
}

static int wrong(const struct file *f, const struct line *line, const char *what)
{
	return fault_set(f->fault, EINVAL, "Config File Error: %s \"%s\" on line %u", what,
			 line->name, line->number);
}

static int set(struct file *f, const struct line *line)
{
	size_t length = strlen(own_prefix);
	bool own = !strncasecmp(line->name, own_prefix, length);
	const struct setting_name *s = find(line->name + (own ? length : 0), own);
	int flag = 1;

	if (!s)
		return is_foreign(line->name) ? 0 : wrong(f, line, "unknown configuration option");
	if (own != f->own)
		return 0;
	if (line->bad)
		return fault_set(f->fault, EINVAL, "Config File Error: quotation marks used "
				 "improperly on line %u", line->number);
	if (!line->words)
		return wrong(f, line, "missing argument for option");
	if (line->words > 1 && s->option != 'W')
		return wrong(f, line, "too many arguments listed for option");
	if (s->flag)
		flag = flag_of(line->value);
	if (flag < 0 || (flag && order_set(f->order, s->option, line->value, NULL)))
		return wrong(f, line, "invalid argument listed for option");
	return 0;
}

static int set_all(struct file *f, const char *text, size_t length)
{
	char *copy = malloc(length + 1), *start;
	int err = copy ? 0 : fault_no_memory(f->fault);
	struct line line;

	if (err)
		return err;
	memcpy(copy, text, length + 1);
	f->rest = copy;
	f->number = 0;
	while (!err && (start = next_text(f))) {
		if (!read_line(start, &line))
			continue;
		line.number = f->number;
		err = set(f, &line);
	}
	wipe(copy, length);
	free(copy);
	return err;
}

int order_read_text(struct order *order, const char *text, size_t length, struct fault *fault)
{
	struct file f = {.order = order, .fault = fault};
	int err = set_all(&f, text, length);

	f.own = true;
	return err ? err : set_all(&f, text, length);
}

int order_read_file(struct order *order, const char *path, struct fault *fault)
{
	size_t length;
	char *text;
	int err;

	/* the default one is often readable by root alone: then it is as if it were missing */
	if (access(path ? path : default_path, R_OK))
		return path ? fault_set(fault, EINVAL, "Config File Error: configuration file does "
					"not exist") : 0;
	if (file_read(path ? path : default_path, FILE_BYTES_MAX, &text, &length, NULL))
		return fault_set(fault, EINVAL, "Config File Error: configuration file read error");
	err = order_read_text(order, text, length, fault);
	wipe(text, length);
	free(text);
	return err;
}
