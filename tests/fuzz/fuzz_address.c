/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MAC addresses, SecureOn passwords, hosts with ports, UUIDs, durations, words: any text. */
#include "base/text.h"
#include "model/address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mac(const char *text)
{
	uint8_t mac[MAC_LENGTH], again[MAC_LENGTH];
	char printed[MAC_TEXT_SIZE];

	mac_resembles(text);
	if (mac_parse(text, mac, NULL))
		return;
	mac_print(mac, printed);
	if (!mac_resembles(text) || mac_parse(printed, again, NULL) ||
	    memcmp(mac, again, sizeof(mac)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), printed[64];
	uint8_t password[SECUREON_MAX];
	struct endpoint endpoint;
	uint64_t ms, again;
	size_t length;
	char **words;

	if (!text)
		return 0;
	check_mac(text);
	if (!secureon_parse(text, password, &length, NULL) && length != 4 && length != 6)
		abort();
	if (!endpoint_parse(text, &endpoint, NULL) && !*endpoint.host)
		abort();
	uuid_check(text, NULL);
	if (!duration_parse(text, &ms, NULL)) {
		duration_print(ms, printed, sizeof(printed));
		if (duration_parse(printed, &again, NULL) || again != ms)
			abort();
	}
	if (!words_split(text, &words, &length, NULL)) {
		for (size_t i = 0; i < length; i++)
			(void)strlen(words[i]);
		free(words);
	}
	free(text);
	return 0;
}
