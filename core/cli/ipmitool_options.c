/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options of ipmitool 1.8.19: read in their order, each checked as soon as it is read, with its
 * messages. Options that mean nothing for what is done here are taken; those that would mean
 * something, and cannot be had, are refused.
 */
#include "base/secret.h"
#include "cli/ipmi_front.h"
#include "cli/ipmitool.h"
#include "cli/prompt.h"
#include "config/VERSION.h"
#include "engine/credential.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { BMC_ADDRESS = 0x20 };

static const char letters[] = ":I:46hVvcgsEKYao:H:d:P:f:U:p:C:L:A:t:T:m:z:S:l:b:B:e:k:y:O:R:N:D:Z";

/* --- options ------------------------------------------------------------------------------- */

const char ipmitool_help[] =
	"The power of a machine, its identify light and its boot device, by its BMC, over the\n"
	"network:\n"
	"\n"
	"\tchassis power status|on|off|cycle|reset|diag|soft\n"
	"\tchassis bootdev none|pxe|disk|safe|diag|cdrom|bios|floppy\n"
	"\t                [options=persistent,efiboot]\n"
	"\tchassis identify [seconds|force]\n"
	"\tpower ...    the same as chassis power ...\n"
	"\n"
	"As with ipmitool, what is asked for is sent, and nobody looks whether it had its effect.\n"
	"\n"
	"\t-I interface  lan: IPMI 1.5, the default; lanplus: IPMI 2.0\n"
	"\t-H hostname   the BMC: its name or address\n"
	"\t-p port       its UDP port; default: 623\n"
	"\t-4, -6        by IPv4, by IPv6 alone\n"
	"\t-U username   who logs in; without it the null user\n"
	"\t-P password   with this password\n"
	"\t-f file       with the first line of this file\n"
	"\t-E            with that of IPMITOOL_PASSWORD, else IPMI_PASSWORD\n"
	"\t-a            ask for the password; so it is without -P, -f and -E\n"
	"\t-k, -y key    with this K_g: text, hexadecimal digits\n"
	"\t-K, -Y        with that of IPMI_KGKEY; ask for it\n"
	"\t-C suite      cipher suite of IPMI 2.0; default: 17, else 3\n"
	"\t-L level      privilege level; default: ADMINISTRATOR\n"
	"\t-A authtype   of IPMI 1.5: NONE, PASSWORD, MD5; default: the best on offer\n"
	"\t-o oemtype    faults to live with; list shows them\n"
	"\t-N seconds    for each try; default: 1, by lan 2\n"
	"\t-R retry      tries; default: 4. After -N times -R of silence it is given up\n"
	"\t-v            tell the cause of a failure, too\n"
	"\t-h, -V        show this text; the version\n"
	"\n"
	"The options -c -d -D -e -O -S -z -Z are taken and mean nothing here. What would change\n"
	"the meaning is refused: messages bridged to other controllers (-b -B -l -m -t -T with\n"
	"anything but the BMC itself), the look-up of a user by its privilege (-L LEVEL+), MD2,\n"
	"other options of bootdev. Exit code 0: done; 1: not.";

static void show_usage(void)
{
	fprintf(stderr, "ipmitool version 1.8.19 (stoker %s)\n\n"
		"usage: ipmitool [options...] <command>\n\n%s\n", STOKER_VERSION,
		ipmitool_help);
}

static bool number_of(const char *text, long long low, long long high, long long *number)
{
	char *rest;

	errno = 0;
	*number = strtoll(text, &rest, 0);
	return *text && !*rest && !errno && *number >= low && *number <= high;
}

static enum ending invalid(char letter)
{
	fprintf(stderr, "Invalid parameter given or out of range for '-%c'.\n", letter);
	return END_BADLY;
}

static enum ending read_number(char letter, const char *text, long long high, long long *number)
{
	return number_of(text, 0, high, number) ? GO_ON : invalid(letter);
}

static enum ending read_port(const char *text, long long *port)
{
	if (!number_of(text, INT32_MIN, INT32_MAX, port))
		return invalid('p');
	if (*port >= 0 && *port <= 65535)
		return GO_ON;
	fprintf(stderr, "Port number %lld is out of range.\n", *port);
	return END_BADLY;
}

static enum ending read_suite(const char *text, long long *suite)
{
	if (number_of(text, 0, 255, suite))
		return GO_ON;
	fputs("Invalid parameter given or out of range [0-255] for '-C'.\n", stderr);
	return END_BADLY;
}

/* Messages for other controllers than the BMC that is logged in to are not for us. */
static enum ending read_address(char letter, const char *text, long long itself)
{
	long long address;

	if (!number_of(text, 0, 255, &address))
		return invalid(letter);
	if (!address || address == itself)
		return GO_ON;
	fprintf(stderr, "ipmitool: -%c %s: messages cannot be bridged to another controller here\n",
		letter, text);
	return END_BADLY;
}

static enum ending read_privilege(struct wish *w, const char *text)
{
	static const char *const names[][2] = {
		{"CALLBACK", "callback"}, {"USER", "user"}, {"OPERATOR", "operator"},
		{"ADMINISTRATOR", "admin"}, {"OEM", "oem"},
	};
	size_t length = strlen(text);

	if (length && text[length - 1] == '+') {
		fprintf(stderr, "ipmitool: -L %s: a user cannot be looked up by its privilege level "
			"here: leave out the \"+\"\n", text);
		return END_BADLY;
	}
	w->privilege = NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcasecmp(names[i][0], text))
			w->privilege = names[i][1];
	}
	if (!w->privilege)
		fprintf(stderr, "Invalid privilege level %s\n", text);
	return GO_ON;
}

static enum ending read_oem(struct wish *w, const char *text)
{
	w->oem = text;
	if (strcmp(text, "list") && strcmp(text, "help"))
		return GO_ON;
	fputs("\nOEM Support:\n"
	      "\tintelplus    BMCs of Intel with IPMI 2.0: the quirk intel20\n"
	      "\tsupermicro quanta intelwv2 ibm kontron: no difference by IPMI 2.0\n", stderr);
	return END_WELL;
}

/* --- secrets ------------------------------------------------------------------------------- */

enum ending ipmitool_keep(struct secret **to, struct secret *secret)
{
	if (!secret) {
		fputs("ipmitool: no memory for a secret, or nobody answered\n", stderr);
		return END_BADLY;
	}
	secret_drop(*to);
	*to = secret;
	return GO_ON;
}

/* Nothing is known of the password in a file that cannot be read: it is asked for later. */
static enum ending read_password_file(struct wish *w, const char *path)
{
	char line[CREDENTIAL_MAX] = "";
	FILE *in = fopen(path, "re");
	struct secret *password;
	bool read;
	size_t end;

	if (!in) {
		fprintf(stderr, errno == ENOENT ? "File %s does not exist\n" :
			"File %s cannot be read\n", path);
		fprintf(stderr, "Unable to open password file %s\n", path);
	}
	/* no copy is to stay in a buffer */
	if (in)
		setvbuf(in, NULL, _IONBF, 0);
	read = in && fgets(line, sizeof(line), in);
	if (in)
		fclose(in);
	if (!read) {
		fprintf(stderr, "Unable to read password from file %s\n", path);
		secret_drop(w->password);
		w->password = NULL;
		return GO_ON;
	}
	end = strcspn(line, "\r\n\t");
	password = secret_new(line, end);
	wipe(line, sizeof(line));
	return ipmitool_keep(&w->password, password);
}

static enum ending read_environment(struct wish *w)
{
	char *value = getenv("IPMITOOL_PASSWORD");

	if (!value)
		value = getenv("IPMI_PASSWORD");
	if (value)
		return ipmitool_keep(&w->password, secret_of_argument(value));
	fputs("Unable to read password from environment\n", stderr);
	return GO_ON;
}

static enum ending keep_kg(struct wish *w, struct secret *kg)
{
	enum ending end = ipmitool_keep(&w->kg, kg);

	if (end == GO_ON && secret_length(w->kg) > CREDENTIAL_KG_MAX) {
		fputs("Kg key is too long\n", stderr);
		return END_BADLY;
	}
	return end;
}

/* -y: two digits a byte, with nothing in front. */
static enum ending keep_hex_kg(struct wish *w, char *digits)
{
	size_t length = strlen(digits);
	char text[2 + 2 * CREDENTIAL_KG_MAX + 1] = "0x";
	struct secret *kg = NULL;
	const char *wrong = NULL;

	if (length % 2)
		wrong = "Number of Kg key characters is not even";
	else if (strspn(digits, "0123456789abcdefABCDEF") < length)
		wrong = "Kg key is not hexadecimal number";
	else if (length > 2 * CREDENTIAL_KG_MAX)
		wrong = "Kg key is too long";
	if (wrong) {
		wipe(digits, length);
		fprintf(stderr, "%s\n", wrong);
		return END_BADLY;
	}
	strcat(text, digits);
	wipe(digits, length);
	if (length && credential_kg(text, strlen(text), &kg, NULL))
		kg = NULL;
	wipe(text, sizeof(text));
	return ipmitool_keep(&w->kg, length ? kg : secret_new("", 0));
}

static enum ending keep_environment_kg(struct wish *w)
{
	char *value = getenv("IPMI_KGKEY");

	if (value)
		return keep_kg(w, secret_of_argument(value));
	fputs("Unable to read kgkey from environment\n", stderr);
	return GO_ON;
}

/* --- all options --------------------------------------------------------------------------- */

static enum ending read_user(struct wish *w, const char *user)
{
	w->user = user;
	if (strlen(user) <= USER_MAX)
		return GO_ON;
	fprintf(stderr, "Username is too long (> %d bytes)\n", USER_MAX);
	return END_BADLY;
}

static enum ending read_family(struct wish *w, char letter)
{
	int family = letter == '4' ? AF_INET : AF_INET6;

	if (w->family == AF_UNSPEC) {
		w->family = family;
		return GO_ON;
	}
	if (w->family == family)
		fprintf(stderr, "Multiple -%c parameters given.\n", letter);
	else
		fprintf(stderr, "Parameter is mutually exclusive with -%c.\n",
			letter == '4' ? '6' : '4');
	return END_BADLY;
}

/* Options that say who logs in to what. */
static enum ending read_login(struct wish *w, int letter, char *value)
{
	switch (letter) {
	case 'I':
		w->interface = value;
		return GO_ON;
	case 'H':
		w->host = value;
		return GO_ON;
	case 'U':
		return read_user(w, value);
	case 'P':
		return ipmitool_keep(&w->password, secret_of_argument(value));
	case 'f':
		return read_password_file(w, value);
	case 'a':
		return ipmitool_keep(&w->password, ipmi_ask("Password: "));
	case 'E':
		return read_environment(w);
	case 'k':
		return keep_kg(w, secret_of_argument(value));
	case 'K':
		return keep_environment_kg(w);
	case 'y':
		return keep_hex_kg(w, value);
	case 'Y':
		return keep_kg(w, ipmi_ask("Key: "));
	case 'A':
		w->auth = value;
		return GO_ON;
	case 'L':
		return read_privilege(w, value);
	default:
		return END_BADLY;
	}
}

static enum ending read_option(struct wish *w, int letter, char *value)
{
	long long unused;

	switch (letter) {
	case 'h':
		show_usage();
		return END_WELL;
	case 'V':
		printf("ipmitool version 1.8.19 (stoker %s)\n", STOKER_VERSION);
		return END_WELL;
	case 'v':
		w->verbose++;
		return GO_ON;
	case '4':
	case '6':
		return read_family(w, (char)letter);
	case 'p':
		return read_port(value, &w->port);
	case 'C':
		return read_suite(value, &w->suite);
	case 'N':
		return read_number('N', value, UINT32_MAX, &w->wait);
	case 'R':
		return read_number('R', value, INT32_MAX, &w->tries);
	case 'm':
	case 't':
		return read_address((char)letter, value, BMC_ADDRESS);
	case 'b':
	case 'B':
	case 'l':
	case 'T':
		return read_address((char)letter, value, 0);
	case 'd':
		return read_number('d', value, INT32_MAX, &unused);
	case 'z':
		return read_number('z', value, UINT16_MAX, &unused);
	case 'o':
		return read_oem(w, value);
	case 'g':
		return read_oem(w, "intelwv2");
	case 's':
		return read_oem(w, "supermicro");
	case 'c':
	case 'D':
	case 'e':
	case 'O':
	case 'S':
	case 'Z':
		return GO_ON;
	default:
		return read_login(w, letter, value);
	}
}

static enum ending refuse_option(const char *program, int result)
{
	if (result == ':')
		fprintf(stderr, "%s: option requires an argument -- '%c'\n", program, optopt);
	else
		fprintf(stderr, "%s: invalid option -- '%c'\n", program, optopt ? optopt : '-');
	show_usage();
	return END_BADLY;
}

/* Options may stand behind the words, too: getopt_long() sorts them so with every C library. */
enum ending ipmitool_options(struct wish *w, int argc, char **argv)
{
	static const struct option none[] = {{0}};
	enum ending end = GO_ON;
	int letter;

	opterr = 0;
	optind = 0;
	while (end == GO_ON && (letter = getopt_long(argc, argv, letters, none, NULL)) != -1) {
		if (letter == '?' || letter == ':')
			end = refuse_option(argv[0], letter);
		else
			end = read_option(w, letter, optarg);
	}
	return end;
}
