/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of the console server. See keys.h. */
#include "daemon/keys.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/help.h"
#include "model/key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { REPLAY_MOST_KB = 16384, LOG_FILES_MOST = 999 };

int size_parse(const char *text, uint64_t *bytes, struct fault *f)
{
	static const char units[] = "KMG";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] ? strchr(units, text[digits]) : NULL;
	char number[16];

	if (!digits || digits > 12 || (text[digits] && (!unit || text[digits + 1])))
		return fault_set(f, EINVAL, "\"%s\" is no size: write a number of bytes, with K, M "
				 "or G behind it, for example 10M", text);
	snprintf(number, sizeof(number), "%.*s", (int)digits, text);
	if (number_parse(number, "a size", 0, UINT64_C(1) << 33, bytes, NULL))
		return fault_set(f, EINVAL, "\"%s\" is too large: write a size of at most 8G",
				 text);
	if (unit)
		*bytes <<= 10 * (unit - units + 1);
	if (*bytes > UINT64_C(1) << 33)
		return fault_set(f, EINVAL, "\"%s\" is too large: write a size of at most 8G",
				 text);
	return 0;
}

static int check_size(const char *value, struct fault *f)
{
	uint64_t bytes;

	return size_parse(value, &bytes, f);
}

static int check_log(const char *value, struct fault *f)
{
	if (*value != '/')
		return fault_set(f, EINVAL, "\"%s\" is not an absolute path: write for example "
				 "/var/log/stoker/%%n.log", value);
	for (const char *p = value; (p = strchr(p, '%')); p += 2) {
		if (!p[1] || !strchr("nYmd%", p[1]))
			return fault_set(f, EINVAL, "\"%s\": there is no %%%.1s: write %%n for the "
					 "machine's name, %%Y %%m %%d for the day, %%%% for a %%",
					 value, p + 1);
	}
	return 0;
}

static int check_replay(const char *value, struct fault *f)
{
	uint64_t kb;

	return number_parse(value, "console-replay", 0, REPLAY_MOST_KB, &kb, f);
}

static int check_files(const char *value, struct fault *f)
{
	uint64_t files;

	return number_parse(value, "console-log-files", 0, LOG_FILES_MOST, &files, f);
}

static int check_who(const char *value, struct fault *f)
{
	if (!*value || !strcmp(value, "@") || strpbrk(value, " ,:"))
		return fault_set(f, EINVAL, "\"%s\" is nobody: write a user's name, @GROUP for a "
				 "group's members, or all", value);
	return 0;
}

const struct key key_keep = {
	.name = "console-keep", .type = KEY_FLAG, .def = "no",
	.help = HELP("Whether `stoker daemon` holds the console open all the time, logs it, and "
		"opens it again when it is lost."),
};
const struct key key_log = {
	.name = "console-log", .type = KEY_TEXT, .check = check_log,
	.help = HELP("The file that `stoker daemon` logs the console to: %n stands for the "
		"machine's name, %Y, %m and %d for the day. Folders are made. Without it there is "
		"no log."),
};
const struct key key_stamps = {
	.name = "console-timestamps", .type = KEY_FLAG, .def = "no",
	.help = HELP("Whether each line of the log begins with the time of its first byte."),
};
const struct key key_raw = {
	.name = "console-raw", .type = KEY_FLAG, .def = "no",
	.help = HELP("Whether the log has the very bytes. Else it has lines of text, in which a "
		"control character is visible (^[)."),
};
const struct key key_log_size = {
	.name = "console-log-size", .type = KEY_TEXT, .def = "0", .check = check_size,
	.help = HELP("How large a log becomes before it is renamed to NAME.1 and a new one begun: "
		"bytes, with K, M or G behind the number. 0: no limit."),
};
const struct key key_log_files = {
	.name = "console-log-files", .type = KEY_COUNT, .def = "4", .check = check_files,
	.help = HELP("How many renamed logs are kept, NAME.1 being the newest."),
};
const struct key key_replay = {
	.name = "console-replay", .type = KEY_COUNT, .def = "32", .check = check_replay,
	.help = HELP("How many KB of what a console has said last `stoker daemon` keeps, for who "
		"attaches and asks for it."),
};
const struct key key_watch = {
	.name = "console-watch", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_who,
	.help = HELP("Who may watch the console through `stoker daemon`: names of users, @GROUP "
		"for the members of a group of the system, or all. Root, the daemon's own user and "
		"who may write always may."),
};
const struct key key_write = {
	.name = "console-write", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_who,
	.help = HELP("Who may write to the console through `stoker daemon`, likewise."),
};

static const struct key *const keys[] = {
	&key_keep, &key_log, &key_stamps, &key_raw, &key_log_size, &key_log_files, &key_replay,
	&key_watch, &key_write, NULL,
};
static const struct key_set daemon_key_set = {.title = "Console server", .keys = keys};
KEY_SET(daemon_key_set);
