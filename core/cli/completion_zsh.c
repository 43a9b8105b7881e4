/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completion script of zsh (zshcompsys(1)): _arguments with a specification for each option. */
#include "cli/completion.h"
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static const char head[] =
	"#compdef stoker\n"
	"# zsh completion of stoker; printed by: stoker completion zsh\n"
	"\n"
	"_stoker_machines() {\n"
	"\tlocal -a config names groups\n"
	"\tlocal program=${${(Q)_stoker_program}/#\\~\\//$HOME/}\n"
	"\tconfig=($_stoker_config)\n"
	"\t(( ${+opt_args[-c]} )) && config=(-c \"${(Q)opt_args[-c]}\")\n"
	"\t(( ${+opt_args[--config]} )) && config=(-c \"${(Q)opt_args[--config]}\")\n"
	"\t(( $#config )) && config[2]=${config[2]/#\\~\\//$HOME/}\n"
	"\tnames=(${(f)\"$($program list $config --names 2>/dev/null)\"})\n"
	"\tgroups=(all ${(f)\"$($program list $config --groups --names 2>/dev/null)\"})\n"
	"\tcompset -P '*,'\n"
	"\tcompset -P '(\\\\|)!'\n"
	"\tlocal expl found=1\n"
	"\t_wanted machines expl machine compadd -a names && found=0\n"
	"\t_wanted groups expl group compadd -a groups && found=0\n"
	"\treturn found\n"
	"}\n"
	"\n"
	"_stoker_files() {\n"
	"\t_files\n"
	"}\n"
	"\n"
	"_stoker_interfaces() {\n"
	"\tlocal -a names=(all /sys/class/net/*(N:t))\n"
	"\tlocal expl\n"
	"\t_wanted interfaces expl interface compadd -a names\n"
	"}\n"
	"\n"
	"_stoker_nothing() {\n"
	"\t_message \"no more arguments\"\n"
	"}\n"
	"\n";

static const char tail[] =
	"_stoker() {\n"
	"\tlocal curcontext=\"$curcontext\" state line _stoker_program=$words[1]\n"
	"\tlocal -a _stoker_config\n"
	"\tlocal -A opt_args\n"
	"\t_arguments -C -A '-*' \\\n"
	"\t\t'(-c --config)'{-c,--config}'[Read this configuration]:file:_files' \\\n"
	"\t\t'(- *)'{-h,--help}'[Show the commands]' \\\n"
	"\t\t'(- *)'{-V,--version}'[Show the version]' \\\n"
	"\t\t'1:command:_stoker_commands' '*::argument:->arguments' && return\n"
	"\t[[ $state == arguments ]] || return 1\n"
	"\t(( ${+opt_args[-c]} )) && _stoker_config=(-c \"${(Q)opt_args[-c]}\")\n"
	"\t(( ${+opt_args[--config]} )) && _stoker_config=(-c \"${(Q)opt_args[--config]}\")\n"
	"\t(( ${+functions[_stoker_do_$words[1]]} )) && _stoker_do_$words[1]\n"
	"}\n"
	"\n"
	"if [[ $funcstack[1] == _stoker ]]; then\n"
	"\t_stoker \"$@\"\n"
	"else\n"
	"\tcompdef _stoker stoker\n"
	"fi\n";

/* Inside '…' and […]: brackets, colons and backslashes mean something there. */
static void print_escaped(const char *text)
{
	for (; *text; text++) {
		char one[2] = {*text, '\0'};

		if (strchr("[]:\\", *text))
			putchar('\\');
		complete_print_quoted(one, "'\\''");
	}
}

static void print_option(const struct option_entry *o)
{
	if (o->letter && o->name)
		printf("'*'{-%c,--%s%s}'[", o->letter, o->name, o->argument ? "=" : "");
	else if (o->letter)
		printf("'*-%c[", o->letter);
	else
		printf("'*--%s%s[", o->name, o->argument ? "=" : "");
	print_escaped(o->help);
	putchar(']');
	if (o->argument) {
		putchar(':');
		print_escaped(o->argument);
		printf(":_stoker_%s", complete_name(complete_option(o)));
	}
	printf("' \\\n\t\t");
}

static void print_command(const struct command *command)
{
	const struct option_entry *o;
	const char *name = complete_name(complete_command(command));

	printf("_stoker_do_%s() {\n\t_arguments -S \\\n\t\t", command->name);
	for (unsigned i = 0; (o = complete_option_at(command, i)); i++)
		print_option(o);
	if (complete_command(command) == COMPLETE_DEVICES) {
		printf("'1:device:_stoker_devices' \\\n\t\t");
		name = complete_name(COMPLETE_MACHINES);
	}
	printf("'*:%s:_stoker_%s'\n}\n\n", name, name);
}

static void print_list(const char *name, void (*print)(void))
{
	printf("_stoker_%s() {\n\tlocal expl\n\t_wanted %s expl %s compadd", name, name, name);
	print();
	printf("\n}\n\n");
}

static void print_commands(void)
{
	const struct command *command;

	printf("_stoker_commands() {\n\tlocal -a commands=(\n");
	for (unsigned i = 0; (command = complete_command_at(i)); i++) {
		printf("\t\t'%s:", command->name);
		print_escaped(command->summary);
		printf("'\n");
	}
	printf("\t)\n\t_describe command commands\n}\n\n"
	       "_stoker_topics() {\n"
	       "\tif (( ${words[(I)keys]} && ${words[(I)keys]} < CURRENT )); then\n"
	       "\t\t_stoker_keys\n"
	       "\telse\n"
	       "\t\tlocal expl\n"
	       "\t\t_wanted topics expl topic compadd keys\n"
	       "\t\t_stoker_commands\n"
	       "\tfi\n"
	       "}\n\n");
}

void completion_zsh(void)
{
	const struct command *command;

	fputs(head, stdout);
	print_list("drivers", complete_print_drivers);
	print_list("keys", complete_print_keys);
	print_list("shells", complete_print_shells);
	print_list("viewers", complete_print_viewers);
	print_list("devices", complete_print_devices);
	print_commands();
	for (unsigned i = 0; (command = complete_command_at(i)); i++)
		print_command(command);
	fputs(tail, stdout);
}
