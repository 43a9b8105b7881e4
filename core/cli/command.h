/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract with commands: one file each, found by name; their options are tables. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

struct context;
struct fault;

/* One option of a command: what it does is either a key that it sets, or a function. */
struct option_entry {
	char letter;			/* 0: it has only a name */
	const char *name;		/* without the dashes; NULL: it has only a letter */
	/* what stands for its argument in the help; NULL: it takes none */
	const char *argument;
	const char *help;		/* NULL: for the build's own use, shown nowhere */
	/* sets this configuration key for all machines, to value or to the argument */
	const char *key, *value;
	/* or: 0, or -errno with a sentence; value is NULL where it takes no argument */
	int (*set)(struct context *context, const char *value, struct fault *f);
};

struct command {
	const char *name;
	const char *summary;		/* one line; NULL: of no use to people, shown nowhere */
	const char *usage;		/* what follows the name: "[OPTION]… MACHINE…" */
	const char *help;		/* paragraphs; lines of at most 80 columns */
	/* tables that end in an entry without letter and name; NULL-terminated list; may be NULL */
	const struct option_entry *const *options;
	/*
	 * argv: what is left after the options. The program's exit code: 0, or 1: some did not, 2:
	 * usage or configuration, 3: status found a machine off.
	 */
	int (*run)(struct context *context, int argc, char **argv);
	/*
	 * A front end: found by the name that the program is called by, reads all its arguments
	 * itself (argv[0] is the name), takes no options from here.
	 */
	int (*front)(struct context *context, int argc, char **argv);
};

/* Registers a command: COMMAND(wake_command) in its own .c is all that is needed. */
#define COMMAND(it) \
	static const struct command *const it##_entry \
		__attribute__((used, section("stoker_commands"))) = &it

/* By name, NULL behind the last. */
const struct command *command_at(unsigned n);
const struct command *command_find(const char *name);

#endif
