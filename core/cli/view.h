/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Other forms of what a command shows. They register themselves, so that a build without jansson
 * has the commands and not their JSON.
 */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

struct view {
	const char *command, *format;
	void (*print)(const void *what);	/* one thing of the command's own kind */
};

/* Registers a view: VIEW(list_json) in its own .c is all that is needed. */
#define VIEW(it) \
	static const struct view *const it##_entry \
		__attribute__((used, section("stoker_views"))) = &it

/* NULL, and a sentence on standard error, when the format is not in this build. */
const struct view *view_find(const char *command, const char *format);

#endif
