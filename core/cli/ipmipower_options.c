/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options of ipmipower 1.6.10: read in their order, each checked as soon as it is read, with
 * its messages. Options of the interactive mode and of retransmission are checked, and have no
 * effect: how often is sent again depends on how long a BMC takes to answer.
 */
#include "base/fault.h"
#include "base/secret.h"
#include "cli/context.h"
#include "cli/ipmi_front.h"
#include "cli/ipmipower.h"
#include "cli/prompt.h"
#include "config/VERSION.h"
#include "engine/credential.h"
#include "model/key.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PASSWORD_MAX = 20, PASSWORD_MAX_15 = 16, FANOUT_MAX = 1000000, LONG = 0x100 };

/* The letter of a long option is or-ed with LONG, so that messages can tell which was typed. */
static const struct option names[] = {
	{"driver-type", 1, NULL, LONG | 'D'}, {"ipmi-version", 1, NULL, OPT_IPMI_VERSION},
	{"hostname", 1, NULL, LONG | 'h'}, {"username", 1, NULL, LONG | 'u'},
	{"password", 1, NULL, LONG | 'p'}, {"password-prompt", 0, NULL, LONG | 'P'},
	{"k-g", 1, NULL, LONG | 'k'}, {"k-g-prompt", 0, NULL, LONG | 'K'},
	{"session-timeout", 1, NULL, OPT_SESSION_TIMEOUT},
	{"timeout", 1, NULL, OPT_SESSION_TIMEOUT},
	{"retransmission-timeout", 1, NULL, OPT_RETRANSMISSION_TIMEOUT},
	{"retry-timeout", 1, NULL, OPT_RETRANSMISSION_TIMEOUT},
	{"authentication-type", 1, NULL, LONG | 'a'}, {"auth-type", 1, NULL, LONG | 'a'},
	{"cipher-suite-id", 1, NULL, LONG | 'I'}, {"privilege-level", 1, NULL, LONG | 'l'},
	{"privilege", 1, NULL, LONG | 'l'}, {"priv-level", 1, NULL, LONG | 'l'},
	{"config-file", 1, NULL, OPT_CONFIG_FILE}, {"config", 1, NULL, OPT_CONFIG_FILE},
	{"workaround-flags", 1, NULL, LONG | 'W'}, {"buffer-output", 0, NULL, LONG | 'B'},
	{"consolidate-output", 0, NULL, LONG | 'C'}, {"fanout", 1, NULL, LONG | 'F'},
	{"eliminate", 0, NULL, LONG | 'E'}, {"always-prefix", 0, NULL, OPT_ALWAYS_PREFIX},
	{"debug", 0, NULL, OPT_DEBUG}, {"on", 0, NULL, LONG | 'n'}, {"off", 0, NULL, LONG | 'f'},
	{"cycle", 0, NULL, LONG | 'c'}, {"reset", 0, NULL, LONG | 'r'},
	{"stat", 0, NULL, LONG | 's'}, {"pulse", 0, NULL, OPT_PULSE}, {"soft", 0, NULL, OPT_SOFT},
	{"on-if-off", 0, NULL, OPT_ON_IF_OFF}, {"wait-until-on", 0, NULL, OPT_WAIT_UNTIL_ON},
	{"wait-until-off", 0, NULL, OPT_WAIT_UNTIL_OFF},
	{"oem-power-type", 1, NULL, OPT_OEM_POWER_TYPE},
	{"retransmission-wait-timeout", 1, NULL, OPT_WAIT_TIMEOUT},
	{"retry-wait-timeout", 1, NULL, OPT_WAIT_TIMEOUT},
	{"retransmission-backoff-count", 1, NULL, OPT_BACKOFF},
	{"retry-backoff-count", 1, NULL, OPT_BACKOFF},
	{"ping-interval", 1, NULL, OPT_PING_INTERVAL}, {"ping-timeout", 1, NULL, OPT_PING_TIMEOUT},
	{"ping-packet-count", 1, NULL, OPT_PING_PACKETS},
	{"ping-percent", 1, NULL, OPT_PING_PERCENT},
	{"ping-consec-count", 1, NULL, OPT_PING_CONSEC},
	{"help", 0, NULL, LONG | '?'}, {"usage", 0, NULL, OPT_USAGE}, {"version", 0, NULL, LONG | 'V'},
	{0},
};

static const char letters[] = ":D:h:u:p:Pk:Ka:I:l:W:BCF:EnfcrsV";

static const char usage[] =
	"Usage: ipmipower [-PKBCEnfcrs?V] [-D LAN|LAN_2_0] [-h HOSTS] [-u USERNAME]\n"
	"            [-p PASSWORD] [-k K_G] [-a AUTHENTICATION-TYPE] [-I CIPHER-SUITE-ID]\n"
	"            [-l PRIVILEGE-LEVEL] [-W WORKAROUNDS] [-F NUM] [--OPTION…]\n";

const char ipmipower_help[] =
	"Switches many machines by their BMCs, or tells which are on:\n"
	"\n"
	"\tipmipower -D LAN_2_0 -h 'bmc[001-400]' -u admin -P --stat\n"
	"\n"
	"What is done; of several, the last:\n"
	"\n"
	"\t-s, --stat          tell whether machines are on\n"
	"\t-n, --on            put them on\n"
	"\t-f, --off           put them off\n"
	"\t-c, --cycle         put them off and on again\n"
	"\t-r, --reset         reset them\n"
	"\t    --pulse         send a diagnostic interrupt\n"
	"\t    --soft          ask the operating system to go down\n"
	"\t    --on-if-off     with -c and -r: put those on that are off\n"
	"\t    --wait-until-on, --wait-until-off\n"
	"\t                    with -n, with -f: until it was seen. Without it nobody\n"
	"\t                    looks whether it had its effect, as with ipmipower\n"
	"\n"
	"To which machines, and how one logs in:\n"
	"\n"
	"\t-h, --hostname=HOSTS\n"
	"\t                    BMCs, by commas: names, addresses, ranges (a[1-3,7]), each\n"
	"\t                    with :PORT where it is not 623; [V6-ADDRESS]:PORT\n"
	"\t-D, --driver-type=LAN|LAN_2_0\n"
	"\t                    IPMI 1.5, the default; IPMI 2.0\n"
	"\t-u, --username=NAME without it the null user\n"
	"\t-p, --password=PASSWORD\n"
	"\t-P, --password-prompt\n"
	"\t                    its password; ask for it\n"
	"\t-k, --k-g=KEY       the K_g: text, or 0x and hexadecimal digits\n"
	"\t-K, --k-g-prompt    ask for it\n"
	"\t-l, --privilege-level=USER|OPERATOR|ADMIN\n"
	"\t                    default: OPERATOR\n"
	"\t-I, --cipher-suite-id=ID\n"
	"\t                    of IPMI 2.0; default: 3\n"
	"\t-a, --authentication-type=NONE|STRAIGHT_PASSWORD_KEY|MD5\n"
	"\t                    of IPMI 1.5; default: MD5\n"
	"\t-W, --workaround-flags=NAMES\n"
	"\t                    faults of BMCs to live with, by commas\n"
	"\t    --session-timeout=MS\n"
	"\t                    milliseconds for each machine; default: 20000\n"
	"\t    --config-file=FILE\n"
	"\t                    default: /etc/freeipmi/freeipmi.conf\n"
	"\n"
	"How it is told:\n"
	"\n"
	"\t-B, --buffer-output at the end\n"
	"\t-C, --consolidate-output\n"
	"\t                    at the end, machines of the same result in one block\n"
	"\t-F, --fanout=N      so many machines at a time\n"
	"\t    --debug         causes of failures as well, on standard error\n"
	"\t-?, --help, --usage, -V, --version\n"
	"\n"
	"There is no interactive mode: an action has to be named. --always-prefix and what is\n"
	"said of retransmission and pings is taken and means nothing here. --eliminate, OEM power\n"
	"types and MD2 are refused. Exit code 0: all machines did as asked; 1: some did not, or a\n"
	"value is wrong; 64: the command line is.";

/* --- values -------------------------------------------------------------------------------- */

static bool number_of(const char *text, int base, long low, long high, long *number)
{
	char *rest;

	errno = 0;
	*number = strtol(text, &rest, base);
	return *text && !*rest && !errno && *number >= low && *number <= high;
}

static int refuse(struct fault *f, const char *sentence)
{
	return fault_set(f, EINVAL, "%s", sentence);
}

static int set_ms(uint64_t *ms, const char *value, int base, long low, const char *wrong,
		  struct fault *f)
{
	long number;

	if (!number_of(value, base, low, INT_MAX, &number))
		return refuse(f, wrong);
	*ms = (uint64_t)number;
	return 0;
}

static int set_driver(struct order *o, const char *value, struct fault *f)
{
	static const char *const v20[] = {"lan_2_0", "lan20", "lan_20", "lan2_0", "lanplus"};

	o->v15 = !strcasecmp(value, "lan");
	for (size_t i = 0; i < sizeof(v20) / sizeof(v20[0]); i++) {
		if (!strcasecmp(value, v20[i]))
			return 0;
	}
	return o->v15 ? 0 : refuse(f, "invalid driver type");
}

static int set_version(struct order *o, const char *value, struct fault *f)
{
	o->v15 = !strcmp(value, "1.5");
	return o->v15 || !strcmp(value, "2.0") ? 0 : refuse(f, "invalid driver type specified");
}

/* The name of a user is taken out of the list of processes, too. */
static int set_user(struct order *o, char *value, struct fault *f)
{
	if (strlen(value) > POWER_USER_MAX)
		return refuse(f, "username too long");
	strcpy(o->user, value);
	wipe(value, strlen(value));
	return 0;
}

static int keep(struct secret **to, struct secret *secret, struct fault *f)
{
	if (!secret)
		return fault_no_memory(f);
	secret_drop(*to);
	*to = secret;
	return 0;
}

static int keep_password(struct order *o, struct secret *password, struct fault *f)
{
	int err = keep(&o->password, password, f);

	return err || secret_length(password) <= PASSWORD_MAX ? err : refuse(f, "password too long");
}

/* A last digit that is alone is a byte, too. */
static int read_hex_kg(const struct secret *typed, struct secret **kg, struct fault *f)
{
	char text[2 + 2 * CREDENTIAL_KG_MAX + 2];
	size_t length = secret_length(typed);
	int err;

	memcpy(text, secret_bytes(typed), length);
	if (length % 2) {
		text[length] = text[length - 1];
		text[length++ - 1] = '0';
	}
	err = credential_kg(text, length, kg, f);
	wipe(text, sizeof(text));
	return err;
}

static int keep_kg(struct order *o, struct secret *typed, struct fault *f)
{
	const char *bytes = typed ? (const char *)secret_bytes(typed) : NULL;
	size_t length = typed ? secret_length(typed) : 0;
	bool hex = length >= 2 && bytes[0] == '0' && (bytes[1] | 0x20) == 'x';
	struct secret *kg = NULL;
	int err = 0;

	if (length > (hex ? 2 + 2 * CREDENTIAL_KG_MAX : CREDENTIAL_KG_MAX))
		err = refuse(f, "k_g too long");
	else if (!hex || length == 2)
		return keep(&o->kg, typed, f);
	else if (read_hex_kg(typed, &kg, NULL))
		err = refuse(f, "k_g input formatted incorrectly");
	secret_drop(typed);
	return err ? err : keep(&o->kg, kg, f);
}

static int set_auth(struct order *o, const char *value, struct fault *f)
{
	static const char *const types[][2] = {
		{"none", "none"}, {"straight_password_key", "straight"}, {"plain", "straight"},
		{"md5", "md5"},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcasecmp(value, types[i][0])) {
			o->auth = types[i][1];
			return 0;
		}
	}
	if (!strcasecmp(value, "md2"))
		return refuse(f, "MD2 is not known to this program: choose MD5");
	return refuse(f, "invalid authentication type");
}

static int set_suite(struct order *o, const char *value, struct fault *f)
{
	const struct key *key = key_find("cipher-suites");
	long id;

	if (!number_of(value, 0, 0, 19, &id))
		return refuse(f, "invalid cipher suite id");
	snprintf(o->suite, sizeof(o->suite), "%ld", id);
	return key && key_check(key, o->suite, NULL) ? refuse(f, "unsupported cipher suite id") : 0;
}

static int set_privilege(struct order *o, const char *value, struct fault *f)
{
	static const char *const levels[][2] = {
		{"user", "user"}, {"operator", "operator"}, {"admin", "admin"},
		{"administrator", "admin"},
	};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!strcasecmp(value, levels[i][0])) {
			o->privilege = levels[i][1];
			return 0;
		}
	}
	return refuse(f, "invalid privilege level");
}

/* Workarounds of FreeIPMI's other tools, which ipmipower takes and never uses. */
static bool is_elsewhere(const char *name)
{
	static const char *const others[] = {
		"assumeio", "spinpoll", "assumemaxsdrrecordcount", "skipchecks",
		"assumesystemevent", "discretereading", "ignorescanningdisabled",
		"assumebmcowner", "ignoreauthcode", "slowcommit", "veryslowcommit",
		"solchannelassumelanchannel", "ignorestateflag", "malformedack", "guidformat",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!strcmp(name, others[i]))
			return true;
	}
	return false;
}

static int set_workarounds(struct order *o, const char *value, struct fault *f)
{
	const struct key *key = key_find("quirks");
	char list[WORKAROUNDS_MAX], *to = o->workarounds, *rest;

	if (strlen(value) >= sizeof(list))
		return refuse(f, "invalid workaround flags");
	for (size_t i = 0; (list[i] = (char)tolower((unsigned char)value[i])); i++)
		;
	for (char *w = strtok_r(list, ",", &rest); w; w = strtok_r(NULL, ",", &rest)) {
		if (!strcmp(w, "none")) {
			to = o->workarounds;
			break;
		}
		if (is_elsewhere(w))
			continue;
		if (key && key_check(key, w, NULL))
			return refuse(f, "invalid workaround flags");
		if (to > o->workarounds)
			*to++ = ',';
		to = stpcpy(to, w);
	}
	*to = '\0';
	return 0;
}

static int set_fanout(struct order *o, const char *value, struct fault *f)
{
	long number;

	if (!number_of(value, 10, 1, FANOUT_MAX, &number))
		return refuse(f, "invalid fanout");
	o->fanout = (unsigned)number;
	return 0;
}

static int set_oem(const char *value, struct fault *f)
{
	if (!strcasecmp(value, "none"))
		return 0;
	return refuse(f, strcasecmp(value, "c410x") ? "invalid oem power type" :
		      "the OEM power type C410X is not known to this program");
}

static int check_ping(const char *value, const char *wrong, struct fault *f)
{
	long unused;

	return number_of(value, 10, 0, INT_MAX, &unused) ? 0 : refuse(f, wrong);
}

/* --- options ------------------------------------------------------------------------------- */

/* Those that have an argument and say how one logs in. */
static int set_login(struct order *o, int option, char *value, struct fault *f)
{
	switch (option) {
	case 'D':
		return set_driver(o, value, f);
	case OPT_IPMI_VERSION:
		return set_version(o, value, f);
	case 'h':
		o->hosts = value;
		return 0;
	case 'u':
		return set_user(o, value, f);
	case 'p':
		return keep_password(o, secret_of_argument(value), f);
	case 'P':
		return keep_password(o, ipmi_ask("Password: "), f);
	case 'k':
		return keep_kg(o, secret_of_argument(value), f);
	case 'K':
		return keep_kg(o, ipmi_ask("K_g: "), f);
	case 'a':
		return set_auth(o, value, f);
	case 'I':
		return set_suite(o, value, f);
	case 'l':
		return set_privilege(o, value, f);
	case 'W':
		return set_workarounds(o, value, f);
	default:
		return 0;
	}
}

static int set_times(struct order *o, int option, const char *value, struct fault *f)
{
	uint64_t unused;

	switch (option) {
	case OPT_SESSION_TIMEOUT:
		return set_ms(&o->timeout_ms, value, 0, 1, "invalid session timeout", f);
	case OPT_RETRANSMISSION_TIMEOUT:
		return set_ms(&o->retransmission_ms, value, 0, 1, "invalid retransmission timeout",
			      f);
	case OPT_WAIT_TIMEOUT:
		return set_ms(&o->wait_ms, value, 10, 1,
			      "retransmission wait timeout length invalid", f);
	case OPT_BACKOFF:
		return set_ms(&unused, value, 10, 1, "retransmission backoff count invalid", f);
	case OPT_PING_INTERVAL:
		return check_ping(value, "ping interval length invalid", f);
	case OPT_PING_TIMEOUT:
		return check_ping(value, "ping timeout length invalid", f);
	case OPT_PING_PACKETS:
		return check_ping(value, "ping packet count invalid", f);
	case OPT_PING_PERCENT:
		return check_ping(value, "ping percent invalid", f);
	case OPT_PING_CONSEC:
		return check_ping(value, "ping consec count invalid", f);
	default:
		return 0;
	}
}

int order_set(struct order *o, int option, char *value, struct fault *f)
{
	static const struct {
		int option;
		enum verb verb;
	} actions[] = {
		{'n', VERB_ON}, {'f', VERB_OFF}, {'c', VERB_CYCLE}, {'r', VERB_RESET},
		{'s', VERB_STATUS}, {OPT_PULSE, VERB_NMI}, {OPT_SOFT, VERB_SOFT},
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (option == actions[i].option) {
			o->verb = actions[i].verb;
			return 0;
		}
	}
	switch (option) {
	case 'B':
		o->late = true;
		return 0;
	case 'C':
		o->folded = true;
		return 0;
	case 'E':
		return refuse(f, "--eliminate is not known to this program: it does not ask "
			      "ipmidetectd");
	case 'F':
		return set_fanout(o, value, f);
	case OPT_DEBUG:
		o->loud = true;
		return 0;
	case OPT_ON_IF_OFF:
		o->on_if_off = true;
		return 0;
	case OPT_WAIT_UNTIL_ON:
		o->wait_until_on = true;
		return 0;
	case OPT_WAIT_UNTIL_OFF:
		o->wait_until_off = true;
		return 0;
	case OPT_OEM_POWER_TYPE:
		return set_oem(value, f);
	default:
		return option >= OPT_SESSION_TIMEOUT && option <= OPT_PING_CONSEC ?
		       set_times(o, option, value, f) : set_login(o, option, value, f);
	}
}

/* --- the command line ---------------------------------------------------------------------- */

static int tell_usage(void)
{
	fputs("Try `ipmipower --help' or `ipmipower --usage' for more information.\n", stderr);
	return ORDER_USAGE;
}

static int tell_refused(int result, int argc, char **argv)
{
	/* musl counts the argument that is missing */
	const char *word = argv[(optind <= argc ? optind : argc) - 1];
	int length = (int)strcspn(word, "=");
	bool by_name = optopt == 0 || optopt >= LONG;

	if (by_name && result == ':')
		fprintf(stderr, "%s: option '%s' requires an argument\n", argv[0], word);
	else if (result == ':')
		fprintf(stderr, "%s: option requires an argument -- '%c'\n", argv[0], optopt);
	else if (optopt >= LONG)
		fprintf(stderr, "%s: option '%.*s' doesn't allow an argument\n", argv[0],
			length, word);
	else if (by_name)
		fprintf(stderr, "%s: unrecognized option '%s'\n", argv[0], word);
	else
		fprintf(stderr, "%s: invalid option -- '%c'\n", argv[0], optopt);
	return tell_usage();
}

static int show_help(void)
{
	printf("Usage: ipmipower [OPTION...]\n\n%s\n", ipmipower_help);
	return 0;
}

static int show_usage(void)
{
	fputs(usage, stdout);
	return 0;
}

/* The next option, by its letter or number; -1: no more; else *end is the exit code. */
static int next_option(int argc, char **argv, int *end)
{
	int result = getopt_long(argc, argv, letters, names, NULL);

	if (result == (LONG | '?') || (result == '?' && optopt == '?'))
		*end = show_help();
	else if (result == OPT_USAGE)
		*end = show_usage();
	else if (result == 'V' || result == (LONG | 'V'))
		*end = printf("ipmipower - 1.6.10 (stoker %s)\n", STOKER_VERSION) < 0;
	else if (result == '?' || result == ':')
		*end = tell_refused(result, argc, argv);
	return result < OPT_SESSION_TIMEOUT && result > 0 ? result & ~LONG : result;
}

static int tell_wrong(const struct fault *f)
{
	fprintf(stderr, "%s\n", f->text);
	return ORDER_WRONG;
}

/* The file that is named has to be known before the options that go before it are set. */
static int read_file(struct order *o, int argc, char **argv)
{
	const char *path = NULL;
	int option, end = ORDER_GOES_ON;
	struct fault fault;

	opterr = 0;
	optind = 0;
	while ((option = next_option(argc, argv, &end)) != -1 && end == ORDER_GOES_ON) {
		if (option == OPT_CONFIG_FILE)
			path = optarg;
	}
	if (end == ORDER_GOES_ON && optind < argc) {
		fputs("ipmipower: Too many arguments\n", stderr);
		end = tell_usage();
	}
	if (end == ORDER_GOES_ON && order_read_file(o, path, &fault))
		end = tell_wrong(&fault);
	return end;
}

static int check(const struct order *o)
{
	const char *wrong = NULL;

	if (o->v15 && o->password && secret_length(o->password) > PASSWORD_MAX_15)
		wrong = "password too long";
	else if (o->retransmission_ms > o->timeout_ms)
		wrong = "retransmission timeout larger than session timeout";
	else if (o->wait_ms > o->timeout_ms)
		wrong = "retransmission wait timeout larger than session timeout";
	else if (o->verb == VERBS)
		wrong = "ipmipower: there is no interactive mode here: name --on, --off, --cycle, "
			"--reset, --stat, --pulse or --soft";
	else if (!o->hosts)
		wrong = "must specify target hostname(s) in non-interactive mode";
	if (wrong)
		fprintf(stderr, "%s\n", wrong);
	return wrong ? ORDER_WRONG : ORDER_GOES_ON;
}

int order_read(struct order *o, int argc, char **argv)
{
	int option, end;
	struct fault fault;

	*o = (struct order){
		.v15 = true, .auth = "md5", .privilege = "operator", .suite = "3",
		.timeout_ms = 20000, .retransmission_ms = 400, .wait_ms = 500, .verb = VERBS,
	};
	end = read_file(o, argc, argv);
	optind = 0;
	while (end == ORDER_GOES_ON && (option = next_option(argc, argv, &end)) != -1) {
		if (order_set(o, option, optarg, &fault))
			end = tell_wrong(&fault);
	}
	return end == ORDER_GOES_ON ? check(o) : end;
}
