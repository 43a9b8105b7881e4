/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How BMCs are set up. See profile.h. */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

/* Settings for some addresses only: what a set of 64 can tell apart. */
enum { SCOPED_MAX = 64 };

struct setting {
	const struct kind *kind;
	char *value;
	const struct ranges *at;
	int bit;			/* its number among those for some addresses; -1: for all */
};

/* Applies a value; false with what is wrong in *why. */
typedef bool apply_fn(struct profile *profile, const char *value, const char **why);

static struct setting *settings;
static size_t nsettings;
static int nscoped;

/* Profiles that were made, by the settings of their time and which scoped ones are in them. */
static struct made {
	unsigned generation;
	uint64_t scoped;
	struct profile profile;
} **made;
static size_t nmade;

unsigned profile_generation;

int privilege_parse(const char *word)
{
	static const char *const words[] = {"callback", "user", "operator", "admin", "oem"};

	for (int i = 0; i < 5; i++) {
		if (!strcmp(word, words[i]))
			return i + 1;
	}
	return -1;
}

/* The anonymous one is the first; one of the same name and privilege is replaced. */
static struct user *user_place(struct profile *profile, const char *name, size_t length,
			       int privilege)
{
	if (!length)
		return &profile->users[0];
	for (int i = 1; i < USERS_MAX; i++) {
		struct user *user = &profile->users[i];

		if (!user->enabled)
			return user;
		if (user->name_length == length && user->privilege == privilege &&
		    !memcmp(user->name, name, length))
			return user;
	}
	return NULL;
}

/* NAME:PASSWORD:PRIVILEGE; a password may have colons in it. */
static bool apply_user(struct profile *profile, const char *value, const char **why)
{
	const char *password = strchr(value, ':'), *privilege = strrchr(value, ':');
	size_t name_length, password_length;
	struct user *user;

	*why = "write NAME:PASSWORD:PRIVILEGE, with callback, user, operator, admin or oem";
	if (!password || password == privilege || privilege_parse(privilege + 1) < 0)
		return false;
	name_length = (size_t)(password++ - value);
	password_length = (size_t)(privilege - password);
	*why = "a name has at most 16 bytes, a password at most 20";
	if (name_length > NAME_MAX_LENGTH || password_length > PASSWORD_MAX)
		return false;
	user = user_place(profile, value, name_length, privilege_parse(privilege + 1));
	*why = "there is room for 16 users";
	if (!user)
		return false;
	*user = (struct user){
		.enabled = true,
		.privilege = (uint8_t)privilege_parse(privilege + 1),
		.name_length = (uint8_t)name_length,
		.password_length = (uint8_t)password_length,
	};
	memcpy(user->name, value, name_length);
	memcpy(user->password, password, password_length);
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of a text of hexadecimal digits; -1 when it is none, or too long. */
static int hex_parse(const char *text, uint8_t *bytes, size_t size)
{
	size_t n = 0;

	for (; *text; text += 2) {
		if (n == size || hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
			return -1;
		bytes[n++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
	}
	return (int)n;
}

static bool apply_kg(struct profile *profile, const char *value, const char **why)
{
	size_t length = strlen(value);

	*why = "a K_g is text of at most 20 bytes, or 0x and at most 40 hexadecimal digits";
	memset(profile->kg, 0, sizeof(profile->kg));
	if (!strncmp(value, "0x", 2)) {
		if (hex_parse(value + 2, profile->kg, sizeof(profile->kg)) < 0)
			return false;
	} else {
		if (length > sizeof(profile->kg))
			return false;
		memcpy(profile->kg, value, length);
	}
	profile->has_kg = false;
	for (int i = 0; i < KEY_MAX; i++)
		profile->has_kg |= profile->kg[i] != 0;
	return true;
}

static bool apply_guid(struct profile *profile, const char *value, const char **why)
{
	*why = "a GUID is 32 hexadecimal digits, in the order of the packets";
	profile->has_guid = hex_parse(value, profile->guid, GUID_LENGTH) == GUID_LENGTH;
	return profile->has_guid;
}

static bool apply_suites(struct profile *profile, const char *value, const char **why)
{
	const uint32_t known = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 7 | 1 << 8 |
			       1 << 11 | 1 << 12 | 1 << 15 | 1 << 16 | 1 << 17;

	*why = "cipher suites are of 0,1,2,3,6,7,8,11,12,15,16,17, or \"all\"";
	if (!strcmp(value, "all")) {
		profile->suites = known;
		return true;
	}
	profile->suites = 0;
	for (const char *p = value;; p++) {
		char *end;
		unsigned long id = strtoul(p, &end, 10);

		if (end == p || id >= SUITE_IDS || !(known >> id & 1) || (*end && *end != ','))
			return false;
		profile->suites |= UINT32_C(1) << id;
		p = end;
		if (!*p)
			return true;
	}
}

static bool apply_auth(struct profile *profile, const char *value, const char **why)
{
	char *copy = strdup(value), *rest = copy, *word;
	bool good = copy;

	*why = "authentication types are of none,md5,password";
	profile->auth_types = 0;
	while (good && (word = strsep(&rest, ","))) {
		if (!strcmp(word, "none"))
			profile->auth_types |= 1 << AUTH_NONE;
		else if (!strcmp(word, "md5"))
			profile->auth_types |= 1 << AUTH_MD5;
		else if (!strcmp(word, "password"))
			profile->auth_types |= 1 << AUTH_PASSWORD;
		else
			good = false;
	}
	free(copy);
	return good;
}

static bool on_off(const char *value, bool *to, const char **why)
{
	*why = "write on or off";
	*to = !strcmp(value, "on");
	return *to || !strcmp(value, "off");
}

static bool apply_per_message(struct profile *profile, const char *value, const char **why)
{
	return on_off(value, &profile->per_message_auth, why);
}

static bool apply_user_level(struct profile *profile, const char *value, const char **why)
{
	return on_off(value, &profile->user_level_auth, why);
}

static bool apply_power(struct profile *profile, const char *value, const char **why)
{
	return on_off(value, &profile->on, why);
}

static bool milliseconds(const char *value, double *to, const char **why)
{
	char *end;
	unsigned long ms = strtoul(value, &end, 10);

	*why = "write milliseconds";
	*to = (double)ms / 1000;
	return *value >= '0' && *value <= '9' && !*end && ms <= 86400000;
}

static bool apply_power_delay(struct profile *profile, const char *value, const char **why)
{
	return milliseconds(value, &profile->power_delay, why);
}

static bool apply_cycle(struct profile *profile, const char *value, const char **why)
{
	return milliseconds(value, &profile->cycle_interval, why);
}

static bool apply_sessions(struct profile *profile, const char *value, const char **why)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	*why = "write how many sessions there may be at once, 1 to 100";
	profile->sessions = (uint32_t)n;
	return end != value && !*end && n >= 1 && n <= SESSIONS_MAX;
}

static bool apply_program(struct profile *profile, const char *value, const char **why)
{
	*why = "write the path of a program";
	profile->program = value;
	return *value;
}

static bool apply_console(struct profile *profile, const char *value, const char **why)
{
	return console_parse(value, &profile->console, why);
}

static bool apply_sol(struct profile *profile, const char *value, const char **why)
{
	return sol_setting(&profile->sol, value, why);
}

static bool apply_fault(struct profile *profile, const char *value, const char **why)
{
	return fault_apply(&profile->faults, value, why);
}

static const struct kind {
	const char *name;
	apply_fn *apply;
} kinds[] = {
	{"user", apply_user},
	{"kg", apply_kg},
	{"guid", apply_guid},
	{"suites", apply_suites},
	{"auth", apply_auth},
	{"per-message-auth", apply_per_message},
	{"user-level-auth", apply_user_level},
	{"power", apply_power},
	{"power-delay", apply_power_delay},
	{"cycle-interval", apply_cycle},
	{"sessions", apply_sessions},
	{"power-program", apply_program},
	{"console", apply_console},
	{"sol", apply_sol},
	{"fault", apply_fault},
};

static const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

static void profile_defaults(struct profile *profile)
{
	const char *why;

	*profile = (struct profile){
		.auth_types = 1 << AUTH_NONE | 1 << AUTH_MD5 | 1 << AUTH_PASSWORD,
		.per_message_auth = true,
		.user_level_auth = true,
		.cycle_interval = 1,
		.sessions = 8,
		.console = {.far = &far_echo},
		.sol = {
			.enabled = true,
			.privilege = PRIVILEGE_USER,
			.accumulate = 1,
			.threshold = 200,
			.retry_count = 7,
			.retry_interval = 10,
			.bit_rate = 10,
			.volatile_bit_rate = 10,
		},
	};
	apply_suites(profile, "all", &why);
}

static bool profile_fill(struct profile *profile, uint64_t scoped, const char **why)
{
	profile_defaults(profile);
	for (size_t i = 0; i < nsettings; i++) {
		const struct setting *setting = &settings[i];

		if (setting->bit >= 0 && !(scoped >> setting->bit & 1))
			continue;
		if (!setting->kind->apply(profile, setting->value, why))
			return false;
	}
	return true;
}

bool setting_add(const char *name, const char *value, const struct ranges *at, const char **why)
{
	struct setting *grown = realloc(settings, (nsettings + 1) * sizeof(*grown));
	const struct kind *kind = kind_find(name);
	struct profile *trial = malloc(sizeof(*trial));
	char *copy = strdup(value);
	bool good = false;

	*why = "out of memory";
	if (grown)
		settings = grown;
	if (grown && trial && copy) {
		*why = "at most 64 settings can be for some addresses only";
		good = !at || nscoped < SCOPED_MAX;
	}
	if (good) {
		int bit = at ? nscoped : -1;

		settings[nsettings++] = (struct setting){kind, copy, at, bit};
		/* with all settings at once, so that the users of all would fit */
		good = profile_fill(trial, ~UINT64_C(0), why);
		if (good)
			nscoped += bit >= 0;
		else
			nsettings--;
	}
	free(trial);
	if (!good) {
		free(copy);
		return false;
	}
	/* old profiles stay: BMCs have pointers to them until they look again */
	profile_generation++;
	return true;
}

bool setting_is(const char *name)
{
	return kind_find(name);
}

const struct profile *profile_for(const struct address *address)
{
	struct made **grown, *one;
	uint64_t scoped = 0;
	const char *why;

	for (size_t i = 0; i < nsettings; i++) {
		if (settings[i].bit >= 0 && ranges_match(settings[i].at, address))
			scoped |= UINT64_C(1) << settings[i].bit;
	}
	for (size_t i = 0; i < nmade; i++) {
		if (made[i]->generation == profile_generation && made[i]->scoped == scoped)
			return &made[i]->profile;
	}
	grown = realloc(made, (nmade + 1) * sizeof(struct made *));
	if (!grown)
		return NULL;
	made = grown;
	one = malloc(sizeof(*one));
	if (!one)
		return NULL;
	one->generation = profile_generation;
	one->scoped = scoped;
	profile_fill(&one->profile, scoped, &why);
	made[nmade++] = one;
	return &one->profile;
}

bool users_read(const char *path, const struct ranges *at, const char **why)
{
	FILE *file = fopen(path, "re");
	char line[256];
	bool good = file;

	*why = "the file cannot be read";
	while (good && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			good = setting_add("user", line, at, why);
	}
	if (file)
		fclose(file);
	explicit_bzero(line, sizeof(line));
	return good;
}
