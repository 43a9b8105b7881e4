/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles from afar. See far.h. Defined by: ssh(1): what stands behind the host is put together
 * with blanks, and the user's shell there reads it.
 */
#include "cli/far.h"
#include "base/fault.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "engine/credential.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The : between host and machine; an IPv6 address has its own, in brackets. NULL: there is none. */
static const char *find_colon(const char *word)
{
	const char *at = strchr(word, '@'), *colon = strchr(word, ':');

	if (!at || at == word || (colon && colon < at))
		return NULL;
	if (at[1] != '[')
		return colon > at + 1 ? colon : NULL;
	colon = strstr(at, "]:");
	return colon ? colon + 1 : NULL;
}

bool far_is(const char *word)
{
	const char *colon = find_colon(word);

	return colon && colon[1];
}

/* USER@HOST, an IPv6 address without its brackets. */
static char *far_host(const char *word)
{
	const char *colon = find_colon(word), *host = strchr(word, '@') + 1;
	struct buffer text = {0};

	buffer_add_bytes(&text, word, (size_t)(host - word));
	if (*host == '[')
		buffer_add_bytes(&text, host + 1, (size_t)(colon - host) - 2);
	else
		buffer_add_bytes(&text, host, (size_t)(colon - host));
	return buffer_take(&text);
}

void shell_quote(struct buffer *line, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "@%+=:,./-_";

	if (*word && !word[strspn(word, plain)]) {
		buffer_add_text(line, word);
		return;
	}
	buffer_add_text(line, "'");
	for (; *word; word++) {
		if (*word == '\'')
			buffer_add_text(line, "'\\''");
		else
			buffer_add_bytes(line, word, 1);
	}
	buffer_add_text(line, "'");
}

static char *far_command(const struct context *c, const char *machine)
{
	struct buffer line = {0};

	buffer_add(&line, "stoker %s", c->command->name);
	for (size_t i = 0; i < c->noptions; i++) {
		if (i + 1 == c->noptions && !strcmp(c->options[i], "--"))
			break;
		buffer_add_text(&line, " ");
		shell_quote(&line, c->options[i]);
	}
	buffer_add_text(&line, " -- ");
	shell_quote(&line, machine);
	return buffer_take(&line);
}

int far_console(const struct context *c, const char *word)
{
	const char *ssh = getenv("STOKER_SSH"), *machine = find_colon(word) + 1;
	char *host = far_host(word), *command = far_command(c, machine), path[PATH_MAX];
	char *arguments[5], **next = arguments;
	struct fault fault;

	if (!host || !command || *host == '-') {
		if (host && *host == '-')
			usage_error("\"%s\" is not a user and a host", host);
		else
			usage_error("out of memory");
		goto fail;
	}
	if (!ssh || !*ssh)
		ssh = "ssh";
	if (process_find(ssh, path, sizeof(path), &fault)) {
		usage_error("%s: consoles from afar need ssh, or another program like it in "
			    "STOKER_SSH", fault.text);
		goto fail;
	}
	*next++ = (char *)ssh;
	/* without a terminal here there is none to be made there, and bytes pass as they are */
	if (isatty(STDIN_FILENO))
		*next++ = (char *)"-t";
	*next++ = host;
	*next++ = command;
	*next = NULL;
	credential_environment();
	execv(path, arguments);
	usage_error("%s: %s", path, strerror(errno));
fail:
	free(host);
	free(command);
	return EXIT_USAGE;
}
