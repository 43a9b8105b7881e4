/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Called as wakeonlan: takes the arguments of wakeonlan 0.41 (wakeonlan(1)), prints its lines and
 * ends with its exit codes: 0, also where a name is unknown (that is told, and the others are
 * woken); else the number of the error (errno) that ended it, as Perl's die does. Where a packet
 * could not be sent the code is 1.
 *
 * A name is looked for in /etc/ethers first, so that it need not be known as a host as well.
 */
#include "base/fault.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/wake.h"
#include "config/VERSION.h"
#include "model/address.h"
#include "model/ethers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LINE_SIZE = 1024, BATCH_MAX = 1024 };

/*
 * An option's argument stands right behind its letter or in the next word, as for getopts of Perl.
 */
struct wish {
	bool help, version;
	const char *address, *port, *file;
};

/* Stations with the same destination, woken together. */
struct batch {
	const struct command *command;
	char address[HOST_MAX + 1], port[16];
	char text[BATCH_MAX][MAC_TEXT_SIZE];
	char *words[BATCH_MAX];
	size_t n;
	int code;
};

static void show_usage(const struct command *command)
{
	printf("Usage\n    wakeonlan %s\n\n%s\n", command->usage, command->help);
}

/* The first word that is no option; an unknown option is told and left out. */
static int read_options(struct wish *wish, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!strcmp(argv[i], "--"))
			return i + 1;
		for (const char *p = argv[i] + 1; *p; p++) {
			const char **value = *p == 'i' ? &wish->address : *p == 'p' ? &wish->port :
					     *p == 'f' ? &wish->file : NULL;

			if (value) {
				*value = p[1] ? p + 1 : i + 1 < argc ? argv[++i] : NULL;
				break;
			}
			if (*p == 'h')
				wish->help = true;
			else if (*p == 'v')
				wish->version = true;
			else
				fprintf(stderr, "Unknown option: %c\n", *p);
		}
	}
	return i;
}

/* What is empty or 0 is not given, for Perl. */
static const char *given(const char *value, const char *otherwise)
{
	return value && *value && strcmp(value, "0") ? value : otherwise;
}

/* Wakes what was gathered, and forgets it. */
static void batch_send(struct batch *b)
{
	struct context context = {.command = b->command, .quiet = true};
	struct fault fault;
	int code = 0;

	if (!b->n)
		return;
	fflush(stdout);
	if (context_set(&context, "wol-to", b->address, &fault) ||
	    context_set(&context, "wol-port", b->port, &fault))
		code = usage_error("%s", fault.text);
	/* applies the settings: what is wrong with them is told here */
	else if (context_load_none(&context))
		code = EINVAL;
	else if (wake_words(&context, b->words, b->n))
		code = EXIT_NOT_ALL;
	context_free(&context);
	b->code = b->code ? b->code : code;
	b->n = 0;
}

static bool is_station(const char *word)
{
	unsigned digits = 0, colons = 0;

	for (; *word; word++) {
		digits = *word == ':' ? 0 : digits + 1;
		colons += *word == ':';
		if (!strchr("0123456789ABCDEFabcdef:", *word) || digits > 2)
			return false;
	}
	return colons == 5;
}

/* The address that /etc/ethers has for a host, by its name or by its address. */
static int find_ethers(const char *host, uint8_t mac[MAC_LENGTH])
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
	char text[INET_ADDRSTRLEN];
	struct addrinfo *found;
	struct sockaddr_in in;

	if (!ethers_find(host, mac))
		return 0;
	if (!*host || getaddrinfo(host, NULL, &hints, &found)) {
		fprintf(stderr, "%s is not a hardware address and I could not resolve it as to an "
			"IP address.\n", host);
		return -ENOENT;
	}
	memcpy(&in, found->ai_addr, sizeof(in));
	freeaddrinfo(found);
	inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
	if (!ethers_find(text, mac))
		return 0;
	fprintf(stderr, "Could not find %s in /etc/ethers\n", host);
	return -ENOENT;
}

static void wake(struct batch *b, const char *word, const char *address, const char *port)
{
	char typed[MAC_TEXT_SIZE];
	uint8_t mac[MAC_LENGTH];

	if (strcmp(address, b->address) || strcmp(port, b->port) || b->n == BATCH_MAX) {
		batch_send(b);
		snprintf(b->address, sizeof(b->address), "%s", address);
		snprintf(b->port, sizeof(b->port), "%s", port);
	}
	if (is_station(word) && !mac_parse(word, mac, NULL)) {
		snprintf(typed, sizeof(typed), "%s", word);
	} else {
		if (find_ethers(word, mac))
			return;
		mac_print(mac, typed);
	}
	mac_print(mac, b->text[b->n]);
	b->words[b->n] = b->text[b->n];
	b->n++;
	printf("Sending magic packet to %s:%s with %s\n", address, port, typed);
}

/* Lines of "station [address [port]]"; # begins a comment where a line begins. */
static int wake_file(struct batch *b, const struct wish *wish)
{
	FILE *in = fopen(wish->file, "re");
	char line[LINE_SIZE];

	if (!in) {
		int err = errno;

		fprintf(stderr, "wakeonlan: %s: %s\n", wish->file, strerror(err));
		return err;
	}
	while (fgets(line, sizeof(line), in)) {
		char *rest, *word = strtok_r(line, " \t\r\n", &rest);
		const char *address, *port;

		if (!word || *word == '#')
			continue;
		address = strtok_r(NULL, " \t\r\n", &rest);
		port = address ? strtok_r(NULL, " \t\r\n", &rest) : NULL;
		wake(b, word, given(address, wish->address), given(port, wish->port));
	}
	fclose(in);
	return 0;
}

static int wake_all(const struct command *command, const struct wish *wish, int argc, char **argv)
{
	struct batch *b = calloc(1, sizeof(*b));
	int code = 0;

	if (!b)
		return usage_error("out of memory");
	b->command = command;
	if (wish->file)
		code = wake_file(b, wish);
	for (int i = 0; i < argc && !code; i++)
		wake(b, argv[i], wish->address, wish->port);
	batch_send(b);
	code = code ? code : b->code;
	free(b);
	return code;
}

static int wakeonlan_front(struct context *context, int argc, char **argv)
{
	struct wish wish = {0};
	int first = read_options(&wish, argc, argv);

	wish.address = given(wish.address, "255.255.255.255");
	wish.port = given(wish.port, "9");
	wish.file = given(wish.file, NULL);
	if (wish.help || (!wish.version && !wish.file && first >= argc)) {
		show_usage(context->command);
		return 0;
	}
	if (wish.version) {
		printf("wakeonlan version 0.41 (stoker %s)\n", STOKER_VERSION);
		return 0;
	}
	return wake_all(context->command, &wish, argc - first, argv + first);
}

static const struct command wakeonlan_command = {
	.name = "wakeonlan",
	.summary = "Wake machines, with the arguments of wakeonlan",
	.usage = "[-h] [-v] [-i IP_address] [-p port] [-f file] [[hardware_address] ...]",
	.help =
	"Sends magic packets by UDP to hardware addresses, or to those that /etc/ethers has for\n"
	"names and addresses of hosts.\n"
	"\n"
	"\t-h             show this text\n"
	"\t-v             show the version\n"
	"\t-i ip_address  send there; default: 255.255.255.255, out of every interface\n"
	"\t-p port        send to this port; default: 9\n"
	"\t-f file        read hardware addresses, each with an IP address and a port if\n"
	"\t               they are not the default ones",
	.front = wakeonlan_front,
};
COMMAND(wakeonlan_command);
