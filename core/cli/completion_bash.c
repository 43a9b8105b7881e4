/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completion script of bash (bash(1), Programmable Completion); needs no other package. */
#include "cli/completion.h"
#include "cli/command.h"

#include <stdio.h>

/*
 * The line is split here, not by readline: that splits at colons and equal signs, too. What is
 * offered replaces only what readline takes for the last word.
 */
static const char head[] =
	"# bash completion of stoker; printed by: stoker completion bash\n"
	"\n"
	"_stoker_machines() {\n"
	"\tlocal config=() before=${cur%\"${cur##*[,!]}\"} program=${words[0]/#\\~\\//$HOME/} i\n"
	"\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	"\t\tcase ${words[i]} in\n"
	"\t\t-c | --config) config=(-c \"${words[i + 1]/#\\~\\//$HOME/}\") ;;\n"
	"\t\t--config=*) config=(-c \"${words[i]#--config=}\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tmapfile -t COMPREPLY < <(\n"
	"\t\tcompgen -P \"$before\" -W \"all\n"
	"\t\t\t$(\"$program\" list \"${config[@]}\" --names 2>/dev/null)\n"
	"\t\t\t$(\"$program\" list \"${config[@]}\" --groups --names 2>/dev/null)\" "
	"-- \"${cur##*[,!]}\"\n"
	"\t)\n"
	"}\n"
	"\n"
	"_stoker_files() {\n"
	"\tcompopt -o filenames\n"
	"\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"}\n"
	"\n"
	"_stoker_interfaces() {\n"
	"\tmapfile -t COMPREPLY < <("
	"compgen -W \"all $(ls /sys/class/net 2>/dev/null)\" -- \"$cur\")\n"
	"}\n"
	"\n"
	"_stoker_nothing() {\n"
	"\tCOMPREPLY=()\n"
	"}\n"
	"\n"
	"_stoker_words() {\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
	"}\n"
	"\n";

static const char middle[] =
	"_stoker() {\n"
	"\tlocal line=${COMP_LINE:0:COMP_POINT} words=() cur prev typed skip i\n"
	"\tlocal command=\"\" kind=nothing options=\"\"\n"
	"\tread -ra words <<<\"$line\"\n"
	"\t[[ $line == *[[:blank:]] ]] && words+=(\"\")\n"
	"\tcur=${words[${#words[@]} - 1]} prev=${words[${#words[@]} - 2]}\n"
	"\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	"\t\tcase ${words[i]} in\n"
	"\t\t-c | --config) ((i++)) ;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) command=${words[i]} && break ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tcase $command in\n"
	"\t'')\n"
	"\t\tkind=commands options=\"-c --config --help --version\"\n"
	"\t\tcase $prev in -c | --config) kind=files ;; esac\n"
	"\t\t;;\n";

static const char tail[] =
	"\tesac\n"
	"\tif [[ $cur == -* ]]; then\n"
	"\t\t_stoker_words \"$options\"\n"
	"\telse\n"
	"\t\t\"_stoker_$kind\"\n"
	"\tfi\n"
	"\t# readline keeps what stands before its last break\n"
	"\ttyped=${COMP_WORDS[COMP_CWORD]}\n"
	"\t[[ $typed == [:=] ]] && typed=\n"
	"\tskip=$((${#cur} - ${#typed}))\n"
	"\t((skip > 0)) && COMPREPLY=(\"${COMPREPLY[@]#\"${cur:0:skip}\"}\")\n"
	"\treturn 0\n"
	"}\n"
	"\n"
	"complete -F _stoker stoker\n";

static void print_option(const struct option_entry *o, const char *between)
{
	if (o->letter)
		printf("-%c", o->letter);
	if (o->name)
		printf("%s--%s", o->letter ? between : "", o->name);
}

static void print_command(const struct command *command)
{
	const struct option_entry *o;

	printf("\t%s)\n\t\tkind=%s options=\"", command->name,
	       complete_name(complete_command(command)));
	for (unsigned i = 0; (o = complete_option_at(command, i)); i++) {
		fputs(i ? " " : "", stdout);
		print_option(o, " ");
	}
	printf("\"\n\t\tcase $prev in\n");
	for (unsigned i = 0; (o = complete_option_at(command, i)); i++) {
		if (!o->argument)
			continue;
		printf("\t\t");
		print_option(o, " | ");
		printf(") kind=%s ;;\n", complete_name(complete_option(o)));
	}
	printf("\t\tesac\n\t\t;;\n");
}

static void print_list(const char *name, void (*print)(void))
{
	printf("_stoker_%s() {\n\t_stoker_words \"", name);
	print();
	printf("\"\n}\n\n");
}

static void print_commands(void)
{
	const struct command *command;

	for (unsigned i = 0; (command = complete_command_at(i)); i++)
		printf(" %s", command->name);
}

/* Behind a device there are machines. */
static void print_devices(void)
{
	printf("_stoker_devices() {\n\tlocal devices=\"");
	complete_print_devices();
	printf(" \" i\n"
	       "\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	       "\t\t[[ $devices == *\" ${words[i]} \"* ]] && _stoker_machines && return\n"
	       "\tdone\n"
	       "\t_stoker_words \"$devices\"\n"
	       "}\n\n");
}

void completion_bash(void)
{
	const struct command *command;

	fputs(head, stdout);
	print_list("drivers", complete_print_drivers);
	print_list("keys", complete_print_keys);
	print_list("shells", complete_print_shells);
	print_list("viewers", complete_print_viewers);
	print_list("commands", print_commands);
	printf("_stoker_topics() {\n"
	       "\tif [[ \" ${words[*]:0:${#words[@]}-1} \" == *\" keys \"* ]]; then\n"
	       "\t\t_stoker_keys\n"
	       "\telse\n"
	       "\t\t_stoker_words \"keys");
	print_commands();
	printf("\"\n\tfi\n}\n\n");
	print_devices();
	fputs(middle, stdout);
	for (unsigned i = 0; (command = complete_command_at(i)); i++)
		print_command(command);
	fputs(tail, stdout);
}
