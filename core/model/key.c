/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration keys: types, and the keys that belong to no driver. See key.h. */
#include "model/key.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/address.h"
#include "model/help.h"

#include <errno.h>
#include <stdint.h>
#include <strings.h>

int flag_parse(const char *text, struct fault *f)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(text, words[i]))
			return i & 1;
	}
	return fault_set(f, EINVAL, "\"%s\" is neither yes nor no", text);
}

/* weak: a build may have none */
extern const struct key_set *const __start_stoker_keys[] __attribute__((weak));
extern const struct key_set *const __stop_stoker_keys[] __attribute__((weak));

const struct key_set *key_set_at(size_t n)
{
	return n < (size_t)(__stop_stoker_keys - __start_stoker_keys) ? __start_stoker_keys[n] : NULL;
}

static int text_check(const char *value, struct fault *f)
{
	if (!*value)
		return fault_set(f, EINVAL, "the value is empty");
	return 0;
}

static int flag_check(const char *value, struct fault *f)
{
	int flag = flag_parse(value, f);

	return flag < 0 ? flag : 0;
}

static int count_check(const char *value, struct fault *f)
{
	uint64_t number;

	return number_parse(value, "value", 0, 1000000000, &number, f);
}

static int time_check(const char *value, struct fault *f)
{
	uint64_t ms;

	return duration_parse(value, &ms, f);
}

static int mac_check(const char *value, struct fault *f)
{
	uint8_t mac[MAC_LENGTH];

	return mac_parse(value, mac, f);
}

static int host_check(const char *value, struct fault *f)
{
	struct endpoint endpoint;

	return endpoint_parse(value, &endpoint, f);
}

static const struct {
	const char *name;
	int (*check)(const char *value, struct fault *f);
} types[] = {
	[KEY_TEXT] = {"text", text_check},
	[KEY_FLAG] = {"yes or no", flag_check},
	[KEY_COUNT] = {"number", count_check},
	[KEY_TIME] = {"duration", time_check},
	[KEY_MAC] = {"MAC address", mac_check},
	[KEY_UUID] = {"UUID", uuid_check},
	[KEY_HOST] = {"host", host_check},
	[KEY_MACHINES] = {"machines", text_check},
	[KEY_PROFILES] = {"profile", text_check},
};

int key_check(const struct key *key, const char *value, struct fault *f)
{
	int err = types[key->type].check(value, f);

	if (!err && key->check)
		err = key->check(value, f);
	return err;
}

const char *key_type_name(const struct key *key)
{
	return types[key->type].name;
}

const struct key key_address = {
	.name = "address", .type = KEY_HOST, .flags = KEY_OWN,
	.help = HELP("Where the machine itself answers: a host name or an address. Probes go "
		"there."),
};
const struct key key_mac = {
	.name = "mac", .type = KEY_MAC, .flags = KEY_LIST | KEY_OWN,
	.help = HELP("The MAC addresses of its network interfaces that wake it. Ranges count in "
		"hexadecimal."),
};
const struct key key_uuid = {
	.name = "uuid", .type = KEY_UUID, .flags = KEY_OWN,
	.help = HELP("Its UUID, as firmware or an emulator knows it. Ranges count in hexadecimal."),
};
const struct key key_label = {
	.name = "label", .type = KEY_TEXT, .flags = KEY_OWN,
	.help = HELP("A second name, for `label:NAME`."),
};
const struct key key_path = {
	.name = "path", .type = KEY_TEXT, .flags = KEY_OWN,
	.help = HELP("The absolute path of a guest's own configuration file, for `path:` and "
		"`file:`."),
};
const struct key key_host = {
	.name = "host", .type = KEY_MACHINES,
	.help = HELP("The machine that this one runs on. It goes on before its guests and off "
		"after them."),
};
const struct key key_after = {
	.name = "after", .type = KEY_MACHINES, .flags = KEY_LIST,
	.help = HELP("Machines that have to be on before this one goes on, and that go off after "
		"it."),
};
const struct key key_profile = {
	.name = "profile", .type = KEY_PROFILES, .flags = KEY_LIST,
	.help = HELP("Profiles to take further keys from; the first that has a key wins."),
};
const struct key key_machines = {
	.name = "machines", .type = KEY_MACHINES, .flags = KEY_LIST,
	.help = HELP("The members of a group: machines, ranges, groups, addresses, !exclusions."),
};

const struct key *const model_keys[] = {
	&key_address, &key_mac, &key_uuid, &key_label, &key_path, &key_host, &key_after,
	&key_profile, NULL,
};
