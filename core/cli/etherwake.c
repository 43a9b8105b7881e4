/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Called as etherwake or ether-wake: takes the arguments of etherwake 1.09 (etherwake(8)), and
 * those of busybox's ether-wake, which are fewer. Exit codes are those that its manual page
 * promises: 0 sent, 1 the interface or the sending failed, 2 no permission, 3 wrong arguments.
 *
 * Where the program and its page differ, the page counts: a password that cannot be read is an
 * error (it sends without one and ends with 0), and so is a packet that could not be sent (it ends
 * with 0).
 */
#include "base/fault.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/wake.h"
#include "config/VERSION.h"
#include "engine/driver.h"
#include "model/address.h"
#include "model/ethers.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_FAILED = 1, EXIT_PERMISSION = 2, EXIT_ARGUMENTS = 3 };

static const char usage[] =
	"[-i <ifname>] [-p aa:bb:cc:dd[:ee:ff]] 00:11:22:33:44:55";

static const char help[] =
	"Sends a magic packet as a raw Ethernet frame to a station address, "
	"or to the address that\n"
	"/etc/ethers has for a name; out of eth0. It needs CAP_NET_RAW.\n"
	"\n"
	"\t-b         address the frame to all instead of to the station\n"
	"\t-D         tell what is done\n"
	"\t-i ifname  send out of this interface\n"
	"\t-p passwd  append a password: 00:22:44:66:88:aa or 192.168.1.1\n"
	"\t-u         show the usage\n"
	"\t-V         show the version\n"
	"\n"
	"Exit code 0: sent; 1: the interface or the sending failed; 2: no permission; 3: the\n"
	"arguments are wrong.";

struct wish {
	bool broadcast, debug, show_usage, show_version, refused;
	const char *interface, *password;
};

static void read_options(struct wish *wish, int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "bDi:p:uvV")) != -1) {
		switch (letter) {
		case 'b':
			wish->broadcast = true;
			break;
		case 'D':
			wish->debug = true;
			break;
		case 'i':
			/* eth0:1 is another address of eth0; frames have none */
			optarg[strcspn(optarg, ":")] = '\0';
			wish->interface = optarg;
			break;
		case 'p':
			wish->password = optarg;
			break;
		case 'u':
			wish->show_usage = true;
			break;
		case 'v':
		case 'V':
			wish->show_version = true;
			break;
		default:
			wish->refused = true;
		}
	}
}

static int set_keys(struct context *c, const struct wish *wish, struct fault *f)
{
	int err = context_set(c, "wol-raw", "yes", f);

	if (!err)
		err = context_set(c, "wol-interface", wish->interface, f);
	if (!err && wish->broadcast)
		err = context_set(c, "wol-broadcast", "yes", f);
	if (!err && wish->password)
		err = context_set(c, "wol-password", wish->password, f);
	return err;
}

/* The address in the form that etherwake takes (ether_aton(3)), or by its name in /etc/ethers. */
static int find_station(const struct wish *wish, const char *word, char text[MAC_TEXT_SIZE])
{
	bool colons = strchr(word, ':');
	uint8_t mac[MAC_LENGTH];

	if (colons ? mac_parse(word, mac, NULL) : ethers_find(word, mac)) {
		fprintf(stderr, "etherwake: \"%s\" is neither a station address, "
			"00:11:22:33:44:55, nor a name in /etc/ethers\n", word);
		return EXIT_ARGUMENTS;
	}
	mac_print(mac, text);
	if (wish->debug && colons)
		fprintf(stderr, "The target station address is %s.\n", text);
	else if (wish->debug)
		fprintf(stderr, "Station address for hostname %s is %s.\n", word, text);
	return 0;
}

static int check_driver(void)
{
	const struct driver *driver = driver_find("wol");
	struct fault fault;
	int err;

	if (!driver) {
		usage_error("the driver wol is not in this build: enable CONFIG_DRIVER_WOL");
		return EXIT_FAILED;
	}
	err = driver->check ? driver->check(&fault) : 0;
	if (err)
		fprintf(stderr, "etherwake: %s\n", fault.text);
	return !err ? 0 : err == -EPERM ? EXIT_PERMISSION : EXIT_FAILED;
}

static int wake(struct context *c, const struct wish *wish, const char *word)
{
	char station[MAC_TEXT_SIZE], *words[] = {station};
	struct fault fault;
	int code = find_station(wish, word, station);

	if (code)
		return code;
	if (set_keys(c, wish, &fault)) {
		usage_error("%s", fault.text);
		return EXIT_FAILED;
	}
	/* applies the settings: what is wrong with them is told here */
	if (context_load_none(c))
		return EXIT_ARGUMENTS;
	code = check_driver();
	if (code)
		return code;
	c->quiet = !wish->debug;
	return wake_words(c, words, 1) ? EXIT_FAILED : 0;
}

static int etherwake_front(struct context *context, int argc, char **argv)
{
	struct wish wish = {.interface = "eth0"};

	read_options(&wish, argc, argv);
	if (wish.show_usage) {
		printf("usage: etherwake %s\n\n%s\n", usage, help);
		return 0;
	}
	if (wish.refused) {
		fprintf(stderr, "usage: etherwake %s\n"
			"   Use '-u' to see the complete set of options.\n", usage);
		return EXIT_ARGUMENTS;
	}
	if (wish.show_version)
		printf("etherwake: stoker %s, with the arguments of etherwake v1.09\n",
		       STOKER_VERSION);
	if (optind == argc) {
		fprintf(stderr, "Specify the Ethernet address as 00:11:22:33:44:55.\n");
		return EXIT_ARGUMENTS;
	}
	/* the forebear says nothing, and wakes the first one only */
	if (argc - optind > 1)
		fprintf(stderr, "etherwake: takes one station: \"%s\" is left out\n",
			argv[optind + 1]);
	return wake(context, &wish, argv[optind]);
}

static const struct command etherwake_command = {
	.name = "etherwake",
	.summary = "Wake a machine, with the arguments of etherwake",
	.usage = usage,
	.help = help,
	.front = etherwake_front,
};
COMMAND(etherwake_command);

static const struct command ether_wake_command = {
	.name = "ether-wake",
	.summary = "The same, as busybox calls it",
	.usage = usage,
	.help = help,
	.front = etherwake_front,
};
COMMAND(ether_wake_command);
