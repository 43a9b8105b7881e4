/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How SOL parameters are written in settings: by the names of ipmitool's "sol set". */
#include "profile.h"

#include <stdlib.h>
#include <string.h>

static bool truth(const char *text, bool *to)
{
	*to = !strcmp(text, "true");
	return *to || !strcmp(text, "false");
}

static bool number(const char *text, unsigned long least, unsigned long most, uint8_t *to)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*to = (uint8_t)n;
	return *text >= '0' && *text <= '9' && !*end && n >= least && n <= most;
}

static bool privilege(const char *text, uint8_t *to)
{
	int privilege = privilege_parse(text);

	*to = (uint8_t)privilege;
	return privilege >= PRIVILEGE_USER;
}

bool sol_setting(struct sol_settings *settings, const char *value, const char **why)
{
	const char *equals = strchr(value, '=');
	char name[32];

	*why = "write enabled, force-encryption, force-authentication=true|false, "
	       "privilege-level=user|operator|admin, character-accumulate-level=1-255 (5 ms), "
	       "character-send-threshold=0-255, retry-count=0-7 or retry-interval=0-255 (10 ms)";
	if (!equals || (size_t)(equals - value) >= sizeof(name))
		return false;
	memcpy(name, value, (size_t)(equals - value));
	name[equals++ - value] = '\0';
	if (!strcmp(name, "enabled"))
		return truth(equals, &settings->enabled);
	if (!strcmp(name, "force-encryption"))
		return truth(equals, &settings->force_encryption);
	if (!strcmp(name, "force-authentication"))
		return truth(equals, &settings->force_authentication);
	if (!strcmp(name, "privilege-level"))
		return privilege(equals, &settings->privilege);
	if (!strcmp(name, "character-accumulate-level"))
		return number(equals, 1, 255, &settings->accumulate);
	if (!strcmp(name, "character-send-threshold"))
		return number(equals, 0, 255, &settings->threshold);
	if (!strcmp(name, "retry-count"))
		return number(equals, 0, 7, &settings->retry_count);
	if (!strcmp(name, "retry-interval"))
		return number(equals, 0, 255, &settings->retry_interval);
	return false;
}
