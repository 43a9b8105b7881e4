/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a console as text of a log. See logtext.h. Defined by: RFC 3629 (UTF-8), ISO 8601. */
#include "daemon/logtext.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* How many bytes follow the first one of a UTF-8 character; 0: none begins so. */
static unsigned char followers(unsigned char byte)
{
	return byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 :
	       byte >= 0xf0 && byte < 0xf5 ? 3 : 0;
}

/* Whether it goes on in a character, of which the first part is written already. */
static bool follows(struct logtext *t, unsigned char byte)
{
	/* the control characters of ISO 6429 are two bytes in UTF-8 */
	bool control = t->lead == 0xc2 && byte < 0xa0;

	if (!t->need || byte < 0x80 || byte >= 0xc0 || control) {
		t->need = 0;
		return false;
	}
	t->need--;
	t->lead = 0;
	return true;
}

static size_t visible(unsigned char byte, char *out)
{
	size_t n = 0;

	if (byte >= 0x80)
		out[n++] = '~';
	byte &= 0x7f;
	if (byte < 0x20 || byte == 0x7f) {
		out[n++] = '^';
		byte ^= 0x40;
	}
	out[n++] = (char)byte;
	return n;
}

static size_t put_text(struct logtext *t, unsigned char byte, char *out)
{
	if (follows(t, byte) || byte == '\t' || (byte >= 0x20 && byte < 0x7f)) {
		out[0] = (char)byte;
		return 1;
	}
	t->need = followers(byte);
	t->lead = byte;
	if (!t->need)
		return visible(byte, out);
	out[0] = (char)byte;
	return 1;
}

static size_t end_line(struct logtext *t, char *out)
{
	t->line_start = true;
	t->need = 0;
	out[0] = '\n';
	return 1;
}

static size_t put_stamp(struct logtext *t, const char *stamp, char *out)
{
	size_t n = t->line_start && t->stamps ? strlen(stamp) : 0;

	memcpy(out, stamp, n);
	t->line_start = false;
	return n;
}

size_t logtext_byte(struct logtext *t, unsigned char byte, const char *stamp,
		    char out[LOGTEXT_MAX])
{
	bool after_return = t->after_return;
	size_t n;

	if (!t->raw && byte == '\r') {
		if (t->line_start)
			return 0;
		t->after_return = true;
		return end_line(t, out);
	}
	t->after_return = false;
	if (!t->raw && byte == '\n' && after_return)
		return 0;
	n = put_stamp(t, stamp, out);
	if (byte == '\n')
		return n + end_line(t, out + n);
	if (!t->raw)
		return n + put_text(t, byte, out + n);
	out[n] = (char)byte;
	return n + 1;
}

void logtext_stamp(double time, char stamp[STAMP_MAX])
{
	time_t second = (time_t)time;
	char day[24], zone[8] = "";
	struct tm tm;

	localtime_r(&second, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	/* +hhmm, which is to be +hh:mm */
	strftime(zone, sizeof(zone), "%z", &tm);
	snprintf(stamp, STAMP_MAX, "%s.%03u%.3s:%.2s ", day,
		 (unsigned)((time - (double)second) * 1000) % 1000, zone, zone + 3);
}
