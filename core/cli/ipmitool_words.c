/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of ipmitool: "chassis power on", "chassis bootdev pxe", "chassis identify 30". What
 * they mean, and the sentences about them, are those of ipmitool 1.8.19; all are checked before
 * anything is sent. A part of a boot device's options that cannot be set here is refused: the
 * machine would boot, but not as it was asked to.
 */
#include "base/text.h"
#include "cli/ipmitool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void deed_list(void)
{
	fputs("Commands:\n"
	      "\tchassis       The power of a machine, its identify light, its boot device\n"
	      "\tpower         The same as chassis power\n"
	      "\n", stderr);
}

/* --- power --------------------------------------------------------------------------------- */

static const struct power {
	const char *word, *alias;
	enum verb verb;
	const char *name;
} powers[] = {
	{"on", "up", VERB_ON, "Up/On"},
	{"off", "down", VERB_OFF, "Down/Off"},
	{"cycle", "cycle", VERB_CYCLE, "Cycle"},
	{"reset", "reset", VERB_RESET, "Reset"},
	{"diag", "diag", VERB_NMI, "Diag"},
	{"soft", "acpi", VERB_SOFT, "Soft"},
};

static enum ending read_power(int argc, char **argv, struct deed *deed)
{
	if (!argc || !strcmp(argv[0], "help")) {
		fputs("chassis power Commands: status, on, off, cycle, reset, diag, soft\n",
		      stderr);
		return END_WELL;
	}
	if (!strcmp(argv[0], "status")) {
		deed->verb = VERB_STATUS;
		strcpy(deed->done, "Chassis Power is ");
		strcpy(deed->failed, "Get Chassis Power Status");
		return GO_ON;
	}
	for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
		const struct power *p = &powers[i];

		if (strcmp(argv[0], p->word) && strcmp(argv[0], p->alias))
			continue;
		deed->verb = p->verb;
		snprintf(deed->done, sizeof(deed->done), "Chassis Power Control: %s", p->name);
		snprintf(deed->failed, sizeof(deed->failed), "Set Chassis Power Control to %s",
			 p->name);
		return GO_ON;
	}
	fprintf(stderr, "Invalid chassis power command: %s\n", argv[0]);
	return END_BADLY;
}

/* --- identify ------------------------------------------------------------------------------ */

static enum ending light_for(struct deed *deed, char *word, const char *told)
{
	deed->words[0] = word;
	deed->nwords = word != NULL;
	snprintf(deed->done, sizeof(deed->done), "Chassis identify interval: %s", told);
	return GO_ON;
}

static enum ending read_identify(int argc, char **argv, struct deed *deed)
{
	char told[32], *rest;
	unsigned long long seconds;

	deed->verb = VERB_IDENTIFY;
	strcpy(deed->failed, "Set Chassis Identify");
	if (!argc)
		return light_for(deed, NULL, "default (15 seconds)");
	if (!strcmp(argv[0], "help")) {
		fputs("chassis identify <interval>\n"
		      "  seconds, 15 without it; 0: off; force: until it is put off\n", stderr);
		return END_BADLY;
	}
	if (!strcmp(argv[0], "force"))
		return light_for(deed, (char *)"on", "indefinite");
	errno = 0;
	seconds = strtoull(argv[0], &rest, 0);
	if (!*argv[0] || *rest) {
		fputs("Invalid interval given.\n", stderr);
		return END_BADLY;
	}
	if (errno || seconds > 255) {
		fputs("Given interval is too big.\n", stderr);
		return END_BADLY;
	}
	if (!seconds)
		return light_for(deed, (char *)"off", "off");
	snprintf(deed->duration, sizeof(deed->duration), "%us", (unsigned)seconds);
	snprintf(told, sizeof(told), "%u seconds", (unsigned)seconds);
	return light_for(deed, deed->duration, told);
}

/* --- boot device --------------------------------------------------------------------------- */

static const struct device {
	const char *name, *meaning;
} devices[] = {
	{"none", "as its firmware is set up"},
	{"pxe", "from the network"},
	{"disk", "from its first disk"},
	{"safe", "from its first disk, in safe mode"},
	{"diag", "from its diagnostic partition"},
	{"cdrom", "from a CD or DVD"},
	{"bios", "into the set-up of its firmware"},
	{"floppy", "from a floppy disk or other removable medium"},
};

/* What each option asks for beyond the device; NULL: it cannot be set here. */
static const struct boot_option {
	const char *name;
	const char *word;		/* of the verb; "": what is so anyway */
} boot_options[] = {
	{"help", NULL}, {"valid", ""}, {"persistent", "always"}, {"efiboot", "efi"},
	{"clear-cmos", NULL}, {"lockkbd", NULL}, {"screenblank", NULL}, {"lockoutreset", NULL},
	{"lockout_power", NULL}, {"verbose=default", ""}, {"verbose=no", NULL},
	{"verbose=yes", NULL}, {"force_pet", NULL}, {"upw_bypass", NULL}, {"lockout_sleep", NULL},
	{"cons_redirect=default", ""}, {"cons_redirect=skip", NULL},
	{"cons_redirect=enable", NULL},
};

enum { BOOT_OPTIONS = sizeof(boot_options) / sizeof(boot_options[0]) };

static void show_devices(void)
{
	fputs("bootdev <device> [clear-cmos=no]\n"
	      "bootdev <device> [options=help,...]\n", stderr);
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		fprintf(stderr, "  %-6s: %s\n", devices[i].name, devices[i].meaning);
}

static void show_boot_options(void)
{
	fputs("Legal options settings are:\n"
	      "  help       : show this\n"
	      "  valid      : the flags count; they do anyway\n"
	      "  persistent : from now on, not the next time alone\n"
	      "  efiboot    : by EFI, not as a legacy BIOS\n"
	      "Others of ipmitool are known, and refused:\n ", stderr);
	for (size_t i = 4; i < BOOT_OPTIONS; i++)
		fprintf(stderr, " %s", boot_options[i].name);
	fputc('\n', stderr);
}

static bool refuse_boot_option(const char *option)
{
	fprintf(stderr, "bootdev: \"%s\" cannot be set by this program, which knows persistent and "
		"efiboot: nothing was done\n", option);
	return false;
}

static void add_word(struct deed *deed, const char *word)
{
	for (size_t i = 0; i < deed->nwords; i++) {
		if (!strcmp(deed->words[i], word))
			return;
	}
	if (*word)
		deed->words[deed->nwords++] = (char *)word;
}

static bool read_boot_options(char *list, struct deed *deed)
{
	const char *refused = NULL;
	bool known = true;
	char *rest;

	for (char *o = strtok_r(list, ",", &rest); o; o = strtok_r(NULL, ",", &rest)) {
		size_t i = 0;

		if (!strcmp(o, "help")) {
			known = false;
			break;
		}
		while (i < BOOT_OPTIONS && strcmp(boot_options[i].name, o))
			i++;
		if (i == BOOT_OPTIONS) {
			fprintf(stderr, "Invalid option: %s\n", o);
			known = false;
		} else if (boot_options[i].word) {
			add_word(deed, boot_options[i].word);
		} else {
			refused = o;
		}
	}
	if (!known)
		show_boot_options();
	else if (refused)
		refuse_boot_option(refused);
	return known && !refused;
}

static bool read_device(char *word, struct deed *deed)
{
	char *name = strncmp(word, "force_", 6) || !strcmp(word, "force_none") ? word : word + 6;

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		if (!strcmp(devices[i].name, name)) {
			add_word(deed, name);
			return true;
		}
	}
	fprintf(stderr, "Invalid argument: %s\n", word);
	return false;
}

static enum ending read_bootdev(int argc, char **argv, struct deed *deed)
{
	deed->verb = VERB_BOOTDEV;
	if (!argc || !strcmp(argv[0], "help")) {
		show_devices();
		return END_BADLY;
	}
	if (!read_device(argv[0], deed))
		return END_BADLY;
	snprintf(deed->done, sizeof(deed->done), "Set Boot Device to %s", argv[0]);
	strcpy(deed->failed, "Set Chassis Boot Parameter 5");
	for (int i = 1; i < argc; i++) {
		if (i == 1 && !strncmp(argv[i], "options=", 8)) {
			if (!read_boot_options(argv[i] + 8, deed))
				return END_BADLY;
		} else if (i == 1 && !strcmp(argv[i], "clear-cmos=yes")) {
			refuse_boot_option(argv[i]);
			return END_BADLY;
		} else if (strcmp(argv[i], "clear-cmos=no")) {
			/* ipmitool looks at the second word alone, and says nothing */
			fprintf(stderr, "bootdev: \"%s\" is left out\n", argv[i]);
		}
	}
	return GO_ON;
}

/* ------------------------------------------------------------------------------------------- */

static enum ending read_chassis(int argc, char **argv, struct deed *deed)
{
	if (!argc || !strcmp(argv[0], "help")) {
		fputs("Chassis Commands:\n  power, identify, bootdev\n", stderr);
		return END_BADLY;
	}
	if (!strcmp(argv[0], "power"))
		return read_power(argc - 1, argv + 1, deed);
	if (!strcmp(argv[0], "identify"))
		return read_identify(argc - 1, argv + 1, deed);
	if (!strcmp(argv[0], "bootdev"))
		return read_bootdev(argc - 1, argv + 1, deed);
	fprintf(stderr, "Invalid chassis command: %s\n", argv[0]);
	return END_BADLY;
}

enum ending deed_read(int argc, char **argv, struct deed *deed)
{
	*deed = (struct deed){0};
	if (argc && !strcmp(argv[0], "chassis"))
		return read_chassis(argc - 1, argv + 1, deed);
	if (argc && !strcmp(argv[0], "power"))
		return read_power(argc - 1, argv + 1, deed);
	if (argc)
		fprintf(stderr, "Invalid command: %s\n", argv[0]);
	else
		fputs("No command provided!\n", stderr);
	deed_list();
	return END_BADLY;
}
