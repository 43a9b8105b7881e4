/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of machines that are emulators. */
#include "base/fault.h"
#include "base/text.h"
#include "emulator.h"
#include "model/address.h"
#include "model/help.h"
#include "model/key.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- emulator-console ------------------------------------------------------------------------ */

static int telnet_parse(const char *text, char **address, struct fault *f)
{
	struct endpoint endpoint;
	uint64_t port;
	int err, n;

	if (text[strspn(text, "0123456789")]) {
		err = endpoint_parse(text, &endpoint, f);
		if (!err && !endpoint.port)
			err = fault_set(f, EINVAL, "\"%s\" has no port: write telnet PORT, or "
					"telnet HOST:PORT", text);
		if (err)
			return err;
		n = asprintf(address, "%s", text);
	} else {
		err = number_parse(text, "port", 1, 65535, &port, f);
		if (err)
			return err;
		n = asprintf(address, "127.0.0.1:%u", (unsigned)port);
	}
	if (n < 0)
		*address = NULL;
	return *address ? 0 : fault_no_memory(f);
}

int emulator_console_parse(const char *text, enum emulator_console *console, char **address,
			   struct fault *f)
{
	const char *rest = text + strcspn(text, " ");

	rest += strspn(rest, " ");
	*address = NULL;
	*console = CONSOLE_PTY;
	if (!strcmp(text, "pty"))
		return 0;
	*console = CONSOLE_NONE;
	if (!strcmp(text, "none"))
		return 0;
	if (!strncmp(text, "telnet ", 7) && *rest) {
		*console = CONSOLE_TELNET;
		return telnet_parse(rest, address, f);
	}
	if (!strncmp(text, "unix ", 5) && (*rest == '/' || *rest == '@')) {
		*console = CONSOLE_SOCKET;
		*address = strdup(rest);
		return *address ? 0 : fault_no_memory(f);
	}
	return fault_set(f, EINVAL, "\"%s\" is no console of an emulator: write pty, telnet PORT, "
			 "telnet HOST:PORT, unix /PATH, or none", text);
}

/* --- emulator-stop --------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int number;
} signals[] = {
	{"TERM", SIGTERM}, {"INT", SIGINT}, {"HUP", SIGHUP}, {"QUIT", SIGQUIT}, {"USR1", SIGUSR1},
	{"USR2", SIGUSR2}, {"PWR", SIGPWR}, {"ALRM", SIGALRM}, {"KILL", SIGKILL},
};

static int signal_parse(const char *name, int *number, struct fault *f)
{
	const char *bare = strncmp(name, "SIG", 3) ? name : name + 3;

	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (!strcmp(bare, signals[i].name)) {
			*number = signals[i].number;
			return 0;
		}
	}
	return fault_set(f, EINVAL, "\"%s\" is no signal that ends an emulator: write TERM, INT, "
			 "HUP, QUIT, USR1, USR2, PWR, ALRM or KILL", name);
}

int emulator_stop_parse(size_t n, char *const *words, struct emulator_stop *stop, struct fault *f)
{
	*stop = (struct emulator_stop){0};
	if (n >= 2 && !strcmp(words[0], "script") && *words[1] == '/')
		stop->way = WAY_SCRIPT;
	else if (n >= 2 && !strcmp(words[0], "command") && *words[1])
		stop->way = WAY_COMMAND;
	else if (n == 2 && !strcmp(words[0], "signal"))
		stop->way = WAY_SIGNAL;
	else if (n >= 2 && !strcmp(words[0], "script"))
		return fault_set(f, EINVAL, "\"%s\" is not an absolute path: what it is relative "
				 "to would depend on who calls", words[1]);
	else
		return fault_set(f, EINVAL, "\"%s\" is no way to let an emulator stop: write "
				 "script /PATH [ARGUMENT…], command TEXT, or signal NAME",
				 n ? words[0] : "");
	return stop->way == WAY_SIGNAL ? signal_parse(words[1], &stop->signal, f) : 0;
}

/* --- checks ---------------------------------------------------------------------------------- */

static int check_console(const char *value, struct fault *f)
{
	enum emulator_console console;
	char *address;
	int err = emulator_console_parse(value, &console, &address, f);

	free(address);
	return err;
}

static int check_stop(const char *value, struct fault *f)
{
	struct emulator_stop stop;
	char **words;
	size_t n;
	int err = words_split(value, &words, &n, f);

	if (err)
		return err;
	err = emulator_stop_parse(n, words, &stop, f);
	free(words);
	return err;
}

static int check_program(const char *value, struct fault *f)
{
	if (strchr(value, '/') && *value != '/')
		return fault_set(f, EINVAL, "\"%s\" is a relative path: write an absolute one, or "
				 "a name that is found by PATH", value);
	return 0;
}

static int check_path(const char *value, struct fault *f)
{
	if (*value != '/')
		return fault_set(f, EINVAL, "\"%s\" is not an absolute path", value);
	return 0;
}

static int check_interface(const char *value, struct fault *f)
{
	if (strlen(value) >= IF_NAMESIZE || strpbrk(value, "/ "))
		return fault_set(f, EINVAL, "\"%s\" cannot be the name of a network interface",
				 value);
	return 0;
}

static int check_escape(const char *value, struct fault *f)
{
	if (!strcmp(value, "none") || (value[0] && !value[1]) ||
	    (value[0] == '^' && isupper((unsigned char)value[1]) && !value[2]))
		return 0;
	return fault_set(f, EINVAL, "\"%s\" is no key: write ^E for Control-E, one "
			 "character, or none", value);
}

static int check_offloads(const char *value, struct fault *f)
{
	if (strcmp(value, "off") && strcmp(value, "keep"))
		return fault_set(f, EINVAL, "\"%s\" cannot be done to offloads: write off or keep",
				 value);
	return 0;
}

/* --- the keys -------------------------------------------------------------------------------- */

const struct key key_emulator = {
	.name = "emulator", .type = KEY_TEXT, .check = emulator_kind_check,
	.help = HELP("Which emulator it is: charon, simh- and the program's name (simh-pdp11), "
		     "hercules, or generic. With `guest` = emulator; the other keys say what is "
		     "different from what is known of it."),
};
const struct key key_emulator_program = {
	.name = "emulator-program", .type = KEY_TEXT, .check = check_program,
	.help = HELP("Its program: an absolute path, or a name that is found by PATH. charon and "
		     "generic need it."),
};
const struct key key_emulator_config = {
	.name = "emulator-config", .type = KEY_TEXT, .flags = KEY_OWN, .check = check_path,
	.help = HELP("Its configuration file, which its command line names. By it and the program "
		     "the machine is found that somebody has started by hand."),
};
const struct key key_emulator_args = {
	.name = "emulator-args", .type = KEY_TEXT, .flags = KEY_LIST,
	.help = HELP("What else its command line holds, behind the configuration file."),
};
const struct key key_emulator_detach = {
	.name = "emulator-detach", .type = KEY_TEXT,
	.help = HELP("The argument by which it goes into the background (-d), or none where it "
		     "stays in the foreground."),
};
const struct key key_emulator_directory = {
	.name = "emulator-directory", .type = KEY_TEXT, .check = check_path,
	.help = HELP("The folder that it works in; without it that of its configuration file."),
};
const struct key key_emulator_console = {
	.name = "emulator-console", .type = KEY_TEXT, .check = check_console,
	.help = HELP("Its console: pty (its own terminal), telnet PORT or telnet HOST:PORT as its "
		     "configuration file has it, unix PATH, or none."),
};
const struct key key_emulator_hold = {
	.name = "emulator-hold", .type = KEY_FLAG,
	.help = HELP("Whether its telnet console is held from start to end, and shown from there: "
		     "some stop when nobody is connected. The address is one in figures then."),
};
const struct key key_emulator_stop = {
	.name = "emulator-stop", .type = KEY_TEXT, .check = check_stop,
	.help = HELP("What lets it stop, for soft and stop: script PATH [ARGUMENT…], command TEXT "
		     "at its own prompt, or signal NAME."),
};
const struct key key_emulator_escape = {
	.name = "emulator-escape", .type = KEY_TEXT, .check = check_escape,
	.help = HELP("The key on its terminal that leads to its prompt: ^E, or none."),
};
const struct key key_emulator_prompt = {
	.name = "emulator-prompt", .type = KEY_TEXT,
	.help = HELP("What its prompt ends in: commands are typed when it has been seen."),
};
const struct key key_emulator_interfaces = {
	.name = "emulator-interfaces",
	.type = KEY_TEXT, .flags = KEY_LIST, .check = check_interface,
	.help = HELP("The network interfaces that it uses by itself; without it, for charon, those "
		     "that its configuration file names."),
};
const struct key key_emulator_offloads = {
	.name = "emulator-offloads", .type = KEY_TEXT, .check = check_offloads,
	.help = HELP("off: all offloads of its network interfaces are switched off, and seen to be "
		     "off, before it starts. keep: they are left alone."),
};

const struct key *const emulator_keys[] = {
	&key_guest, &key_emulator, &key_emulator_program, &key_emulator_config, &key_emulator_args,
	&key_emulator_detach, &key_emulator_directory, &key_emulator_console, &key_emulator_hold,
	&key_emulator_stop, &key_emulator_escape, &key_emulator_prompt, &key_emulator_interfaces,
	&key_emulator_offloads, NULL,
};
