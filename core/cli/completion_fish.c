/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completion script of fish (complete(1) of fish): one line for each option. */
#include "cli/completion.h"
#include "cli/command.h"

#include <stdio.h>

static const char head[] =
	"# fish completion of stoker; printed by: stoker completion fish\n"
	"\n"
	"# the words before the cursor without -c FILE and options: "
	"the command and what it is given\n"
	"function __stoker_words\n"
	"\tset -l skip 0\n"
	"\tfor word in (commandline -opc)[2..-1]\n"
	"\t\tif test $skip = 1\n"
	"\t\t\tset skip 0\n"
	"\t\telse if contains -- $word -c --config\n"
	"\t\t\tset skip 1\n"
	"\t\telse if not string match -q -- '-*' $word\n"
	"\t\t\techo $word\n"
	"\t\tend\n"
	"\tend\n"
	"end\n"
	"\n"
	"function __stoker_no_command\n"
	"\tset -l words (__stoker_words)\n"
	"\ttest (count $words) = 0\n"
	"end\n"
	"\n"
	"function __stoker_is\n"
	"\tset -l words (__stoker_words)\n"
	"\ttest (count $words) -gt 0; and contains -- $words[1] $argv\n"
	"end\n"
	"\n"
	"function __stoker_machines\n"
	"\tset -l config\n"
	"\tset -l program (commandline -opc)[1]\n"
	"\tset -l last\n"
	"\tfor word in (commandline -opc)[2..-1]\n"
	"\t\tif contains -- \"$last\" -c --config\n"
	"\t\t\tset config -c (string replace -r '^~/' \"$HOME/\" -- $word)\n"
	"\t\telse if string match -q -- '--config=*' $word\n"
	"\t\t\tset config -c (string replace -- --config= '' $word)\n"
	"\t\tend\n"
	"\t\tset last $word\n"
	"\tend\n"
	"\tset program (string replace -r '^~/' \"$HOME/\" -- $program)\n"
	"\tset -l before (string replace -r '[^,!]*$' '' -- (commandline -ct))\n"
	"\tprintf \"$before%s\\tmachine\\n\" ($program list $config --names 2>/dev/null)\n"
	"\tset -l groups all ($program list $config --groups --names 2>/dev/null)\n"
	"\tprintf \"$before%s\\tgroup\\n\" $groups\n"
	"end\n"
	"\n"
	"function __stoker_interfaces\n"
	"\tprintf '%s\\n' all (command ls /sys/class/net 2>/dev/null)\n"
	"end\n"
	"\n"
	"function __stoker_files\n"
	"\t__fish_complete_path (commandline -ct)\n"
	"end\n"
	"\n"
	"function __stoker_nothing\n"
	"end\n"
	"\n";

static void print_text(const char *text)
{
	complete_print_quoted(text, "\\'");
}

static void print_list(const char *name, void (*print)(void))
{
	printf("function __stoker_%s\n\tprintf '%%s\\n'", name);
	print();
	printf("\nend\n\n");
}

static void print_option(const struct command *command, const struct option_entry *o)
{
	printf("complete -c stoker -n '__stoker_is %s'", command->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	if (o->name)
		printf(" -l %s", o->name);
	if (o->argument)
		printf(" -x -a '(__stoker_%s)'", complete_name(complete_option(o)));
	printf(" -d '");
	print_text(o->help);
	printf("'\n");
}

static void print_command(const struct command *command)
{
	const struct option_entry *o;

	printf("\ncomplete -c stoker -n __stoker_no_command -a %s -d '", command->name);
	print_text(command->summary);
	printf("'\ncomplete -c stoker -n '__stoker_is %s' -a '(__stoker_%s)'\n", command->name,
	       complete_name(complete_command(command)));
	for (unsigned i = 0; (o = complete_option_at(command, i)); i++)
		print_option(command, o);
}

static void print_topics(void)
{
	const struct command *command;

	printf("function __stoker_topics\n"
	       "\tif contains keys (__stoker_words)\n"
	       "\t\t__stoker_keys\n"
	       "\telse\n"
	       "\t\tprintf '%%s\\n' keys");
	for (unsigned i = 0; (command = complete_command_at(i)); i++)
		printf(" %s", command->name);
	printf("\n\tend\nend\n\n");
}

/* Behind a device there are machines. */
static void print_devices(void)
{
	print_list("boot_devices", complete_print_devices);
	printf("function __stoker_devices\n"
	       "\tfor word in (__stoker_words)\n"
	       "\t\tif contains -- $word (__stoker_boot_devices)\n"
	       "\t\t\t__stoker_machines\n"
	       "\t\t\treturn\n"
	       "\t\tend\n"
	       "\tend\n"
	       "\t__stoker_boot_devices\n"
	       "end\n\n");
}

void completion_fish(void)
{
	const struct command *command;

	fputs(head, stdout);
	print_list("drivers", complete_print_drivers);
	print_list("keys", complete_print_keys);
	print_list("shells", complete_print_shells);
	print_list("viewers", complete_print_viewers);
	print_topics();
	print_devices();
	printf("complete -c stoker -f\n"
	       "complete -c stoker -n __stoker_no_command -s c -l config -r -F "
	       "-d 'Read this configuration'\n"
	       "complete -c stoker -n __stoker_no_command -s h -l help -d 'Show the commands'\n"
	       "complete -c stoker -n __stoker_no_command -s V -l version -d 'Show the version'\n");
	for (unsigned i = 0; (command = complete_command_at(i)); i++)
		print_command(command);
}
