/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the front ends of IPMI have in common. See ipmi_front.h. */
#include "cli/ipmi_front.h"
#include "base/secret.h"
#include "cli/context.h"
#include "cli/prompt.h"
#include "engine/credential.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

struct secret *ipmi_ask(const char *prompt)
{
	char line[CREDENTIAL_MAX + 1] = "";
	struct secret *secret;

	if (has_terminal())
		return secret_prompt(prompt, NULL);
	fputs(prompt, stderr);
	/* no copy is to stay in a buffer */
	setvbuf(stdin, NULL, _IONBF, 0);
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	fputc('\n', stderr);
	line[strcspn(line, "\n")] = '\0';
	secret = secret_new(line, strlen(line));
	wipe(line, sizeof(line));
	return secret;
}

/* A key of zeros is none: so a BMC without one has it. */
static bool is_zero(const struct secret *secret)
{
	for (size_t i = 0; secret && i < secret_length(secret); i++) {
		if (secret_bytes(secret)[i])
			return false;
	}
	return true;
}

int ipmi_give(struct secret *password, struct secret *kg)
{
	struct secret *none = secret_new("", 0);

	if (!none)
		return usage_error("out of memory");
	credential_give(CREDENTIAL_PASSWORD, password ? password : none);
	credential_give(CREDENTIAL_KG, is_zero(kg) ? none : kg);
	secret_drop(none);
	return 0;
}

int ipmi_code(const char *sentence)
{
	static const char before[] = "(code 0x";
	const char *last = NULL;

	for (const char *p = sentence; p && (p = strstr(p, before)); p++)
		last = p + strlen(before);
	return last ? (int)strtoul(last, NULL, 16) & 0xFF : -1;
}
