/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told of a console: a row of the list, and a few sentences for who is attached. */
#include "base/fault.h"
#include "base/text.h"
#include "daemon/client.h"
#include "daemon/served.h"
#include "daemon/server.h"
#include "model/machine.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LAST_LINE_MOST = 1024, LAST_SHOWN = 256 };

const char *served_state_name(const struct served *s)
{
	static const char *const names[] = {
		[SERVED_CLOSED] = "closed", [SERVED_QUEUED] = "opening",
		[SERVED_OPENING] = "opening", [SERVED_OPEN] = "open", [SERVED_ENDING] = "closed",
		[SERVED_LOST] = "lost", [SERVED_REFUSED] = "refused",
	};

	/* between two tries it is as lost as before */
	if ((s->state == SERVED_QUEUED || s->state == SERVED_OPENING) && s->why)
		return "lost";
	return names[s->state];
}

const char *clock_text(double time, char *text, size_t size)
{
	struct timespec ts;
	struct tm tm, today;
	time_t second = (time_t)time;

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &today);
	localtime_r(&second, &tm);
	strftime(text, size, tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year ?
		 "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
	return text;
}

static void count_clients(const struct served *s, unsigned *writers, unsigned *watchers)
{
	*writers = *watchers = 0;
	for (const struct client *c = s->clients; c; c = c->next_attached) {
		if (!c->ending)
			++*(c->writes ? writers : watchers);
	}
}

/* --- the last line -------------------------------------------------------------------------- */

/* Behind an escape sequence (ECMA-48) that begins at i; what is not whole is left out too. */
static size_t skip_escape(const unsigned char *bytes, size_t n, size_t i)
{
	unsigned char kind = ++i < n ? bytes[i] : 0;

	if (kind == '[') {
		for (i++; i < n && (bytes[i] < 0x40 || bytes[i] > 0x7e);)
			i++;
	} else if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
		for (i++; i < n && bytes[i] != 0x07 && bytes[i] != 0x1b && bytes[i] != '\n';)
			i++;
	} else {
		/* bytes between ESC and the final one */
		while (i < n && bytes[i] >= 0x20 && bytes[i] < 0x30)
			i++;
	}
	return i < n && bytes[i] != '\n' ? i + 1 : i;
}

/* The last line that is not blank, as text without anything that controls a terminal. */
static void last_line(const struct served *s, char *text, size_t size)
{
	unsigned char bytes[LAST_LINE_MOST];
	size_t n = backlog_tail(&s->backlog, bytes, sizeof(bytes)), length = 0;
	bool fresh = true;

	for (size_t i = 0; i < n;) {
		unsigned char byte = bytes[i];

		if (byte == 0x1b) {
			i = skip_escape(bytes, n, i);
			continue;
		}
		i++;
		if (byte == '\n' || byte == '\r')
			fresh = true;
		/* leading blanks neither begin a line nor belong to it */
		if (byte < 0x20 || byte == 0x7f || (byte == ' ' && fresh))
			continue;
		length = fresh ? 0 : length;
		fresh = false;
		if (length + 1 < size)
			text[length++] = (char)byte;
	}
	while (length && text[length - 1] == ' ')
		length--;
	text[length] = '\0';
}

/* Whole characters of UTF-8 only; every other byte becomes "?". */
static void make_utf8(char *text)
{
	char *to = text;

	for (const char *p = text; *p;) {
		unsigned char first = (unsigned char)*p;
		size_t n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 :
			   first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

		for (size_t i = 1; i < n; i++) {
			if (((unsigned char)p[i] & 0xc0) != 0x80)
				n = 0;
		}
		/* U+0080 to U+009F control terminals too */
		if (n == 2 && first == 0xc2 && (unsigned char)p[1] < 0xa0)
			n = 0;
		if (!n)
			*to++ = '?';
		for (size_t i = 0; i < n; i++)
			*to++ = p[i];
		p += n ? n : 1;
	}
	*to = '\0';
}

/* --- rows and sentences --------------------------------------------------------------------- */

static void add_field(struct buffer *fields, const char *text)
{
	buffer_add_text(fields, text);
	buffer_add_bytes(fields, "", 1);
}

static void add_number(struct buffer *fields, unsigned long long number)
{
	buffer_add(fields, "%llu", number);
	buffer_add_bytes(fields, "", 1);
}

size_t listing_row(const struct served *s, char *fields, size_t size)
{
	char trouble[FAULT_TEXT_MAX], last[LAST_SHOWN];
	struct buffer row = {0};
	unsigned writers, watchers;
	size_t length;

	count_clients(s, &writers, &watchers);
	logfile_trouble(&s->log, trouble, sizeof(trouble));
	last_line(s, last, sizeof(last));
	make_utf8(last);
	add_field(&row, s->machine->name);
	add_field(&row, served_state_name(s));
	add_field(&row, s->kept ? "yes" : "no");
	add_number(&row, (unsigned long long)(s->since * 1000));
	add_number(&row, writers);
	add_number(&row, watchers);
	add_number(&row, s->bytes);
	add_field(&row, s->why ? s->why : "");
	add_field(&row, trouble);
	add_field(&row, last);
	length = row.failed || row.length > size ? 0 : row.length;
	if (length)
		memcpy(fields, row.text, length);
	buffer_free(&row);
	return length;
}

void served_print(const struct served *s, char *text, size_t size)
{
	char since[32], path[PATH_MAX] = "";
	unsigned writers, watchers;
	int n;

	count_clients(s, &writers, &watchers);
	n = snprintf(text, size, "%s: %s, %s since %s, %llu bytes; %u write%s, %u watch%s",
		     s->machine->name, s->console ? console_way(s->console) : "console",
		     served_state_name(s), clock_text(s->since, since, sizeof(since)),
		     (unsigned long long)s->bytes, writers, writers == 1 ? "s" : "", watchers,
		     watchers == 1 ? "es" : "");
	if (n > 0 && (size_t)n < size && s->kept)
		n += snprintf(text + n, size - (size_t)n, "; kept open");
	if (s->log.machine)
		logfile_path(s->machine, s->since, path, sizeof(path), NULL);
	if (n > 0 && (size_t)n < size && *path)
		snprintf(text + n, size - (size_t)n, "; log: %s", path);
}
