/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration keys of the service of guests. See guests.h. */
#include "cli/guests.h"
#include "model/help.h"
#include "model/key.h"

const struct key key_autostart = {
	.name = "autostart",
	.type = KEY_FLAG,
	.def = "no",
	.help = HELP("Whether `stoker guests start` starts it, and `stoker guests stop` stops it. "
		     "A machine "
		     "for which this key or `guest` is set is one of the guests that this command "
		     "knows."),
};
const struct key key_order = {
	.name = "order",
	.type = KEY_COUNT,
	.flags = KEY_OWN,
	.help = HELP(
		"Its place in the list of guests: they are started in this order, and stopped "
		"in the same; lowest first, those without a place last, as they stand in the "
		"configuration. What `after` and `host` say goes before, and is turned round for "
		"stopping."),
};
const struct key key_start_delay = {
	.name = "start-delay",
	.type = KEY_TIME,
	.def = "0s",
	.help = HELP(
		"How long `stoker guests start` waits after this guest before it starts the "
		"next one, so that they do not all read their disks at once: counted from the end "
		"of its start where they are started one after the other, else from its beginning. "
		"Behind one that is restored there is no pause."),
};
const struct key key_start_parallel = {
	.name = "guests-start-parallel",
	.type = KEY_COUNT,
	.flags = KEY_GLOBAL,
	.def = "0",
	.help = HELP("How many guests `stoker guests start` starts at a time; 0: all at once; 1: "
		     "one after "
		     "the other."),
};
const struct key key_stop_parallel = {
	.name = "guests-stop-parallel",
	.type = KEY_COUNT,
	.flags = KEY_GLOBAL,
	.def = "1",
	.help = HELP("How many guests `stoker guests stop` stops at a time; 0: all at once; 1: one "
		     "after "
		     "the other, in the order of the list."),
};
const struct key key_stop_all = {
	.name = "guests-stop-all",
	.type = KEY_FLAG,
	.flags = KEY_GLOBAL,
	.def = "no",
	.help = HELP("Whether `stoker guests stop` stops all guests that run, and not only those "
		     "that the "
		     "service has started."),
};

static const struct key *const keys[] = {
	&key_autostart, &key_order, &key_start_delay, &key_start_parallel, &key_stop_parallel,
	&key_stop_all,	NULL,
};
static const struct key_set guests_key_set = {.title = "Guests as a service", .keys = keys};
KEY_SET(guests_key_set);
