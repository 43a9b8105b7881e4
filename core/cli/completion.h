/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completions: what the scripts of all shells are made from. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

struct command;
struct option_entry;

/* What an argument can be. The scripts have a function of each name: _stoker_machines … */
enum complete {
	COMPLETE_NOTHING,
	COMPLETE_MACHINES,	/* names and groups, as the program itself lists them */
	COMPLETE_FILES,
	COMPLETE_INTERFACES,
	COMPLETE_DRIVERS,
	COMPLETE_TOPICS,	/* commands, and keys behind the word keys */
	COMPLETE_SHELLS,
	COMPLETE_VIEWERS,
	COMPLETE_DEVICES,	/* one to boot from, then machines */
};

enum complete complete_option(const struct option_entry *option);
enum complete complete_command(const struct command *command);
const char *complete_name(enum complete kind);

/* The options of a command that are shown, over all its tables. NULL behind the last. */
const struct option_entry *complete_option_at(const struct command *command, unsigned n);
/* The commands that can be typed behind "stoker". NULL behind the last. */
const struct command *complete_command_at(unsigned n);

/* Lists of words with a blank before each. */
void complete_print_drivers(void);
void complete_print_keys(void);
void complete_print_shells(void);
void complete_print_viewers(void);
void complete_print_devices(void);

/* A text between the apostrophes of a shell: stop is what the shell needs another form of ('). */
void complete_print_quoted(const char *text, const char *apostrophe);

void completion_bash(void);
void completion_zsh(void);
void completion_fish(void);

#endif
