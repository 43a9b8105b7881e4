/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program of the user's finds in its environment. See environment.h. */
#include "engine/environment.h"
#include "base/text.h"
#include "model/address.h"
#include "model/key.h"
#include "model/machine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Parts of the names of variables that hold secrets; case does not matter. */
static const char *const secret_parts[] = {
	"PASSWORD", "PASSWD", "PASSPHRASE", "SSHPASS", "SECRET", "TOKEN", "CREDENTIAL", "API_KEY",
	"APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "COMMUNITY",
	"IPMI_K",	/* IPMI_K_g, as ipmitool -y reads it */
	"STOKER_KG",
};

/* What we say ourselves: whatever had these names before is not passed on. */
static const char *const ours[] = {
	"STOKER_MACHINE", "STOKER_VERB", "STOKER_ADDRESS", "STOKER_MAC", "STOKER_HOST",
};

enum { OURS = sizeof(ours) / sizeof(ours[0]) };

static bool has_part(const char *name, size_t length, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= length; i++) {
		if (!strncasecmp(name + i, part, n))
			return true;
	}
	return false;
}

static bool is_passed_on(const char *variable)
{
	size_t length = strcspn(variable, "=");

	for (size_t i = 0; i < sizeof(secret_parts) / sizeof(secret_parts[0]); i++) {
		if (has_part(variable, length, secret_parts[i]))
			return false;
	}
	for (size_t i = 0; i < OURS; i++) {
		if (strlen(ours[i]) == length && !memcmp(variable, ours[i], length))
			return false;
	}
	return true;
}

static void add(struct buffer *b, const char *name, const char *value)
{
	if (!value)
		return;
	buffer_add(b, "%s=%s", name, value);
	buffer_add_bytes(b, "", 1);
}

/* What we say: strings one behind the other, each with its NUL. */
static void describe(struct buffer *b, const struct machine *machine, const char *verb)
{
	char buffer[VALUE_MAX], mac_text[MAC_TEXT_SIZE];
	const struct machine *host = machine_host(machine);
	uint8_t mac[MAC_LENGTH];

	add(b, "STOKER_MACHINE", machine->name);
	add(b, "STOKER_VERB", verb);
	add(b, "STOKER_ADDRESS", machine_value(machine, &key_address, 0, buffer));
	if (!machine_mac(machine, &key_mac, 0, mac, NULL)) {
		mac_print(mac, mac_text);
		add(b, "STOKER_MAC", mac_text);
	}
	add(b, "STOKER_HOST", host ? host->name : NULL);
}

char **environment_make(const struct machine *machine, const char *verb)
{
	struct buffer own = {0};
	char **list = NULL, *text;
	size_t n = 0, used = 0;

	describe(&own, machine, verb);
	while (environ && environ[n])
		n++;
	if (!own.failed)
		list = malloc((n + OURS + 1) * sizeof(*list) + own.length);
	if (!list)
		goto out;
	text = (char *)(list + n + OURS + 1);
	memcpy(text, own.text, own.length);
	for (size_t i = 0; i < n; i++) {
		if (is_passed_on(environ[i]))
			list[used++] = environ[i];
	}
	for (char *p = text; p < text + own.length; p += strlen(p) + 1)
		list[used++] = p;
	list[used] = NULL;
out:
	buffer_free(&own);
	return list;
}
