/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker: puts machines on and off. main finds the command, reads its options and runs it. */
#include "base/fault.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int unknown_command(const char *name)
{
	struct nearest nearest = {.wanted = name};
	const struct command *command;

	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (command->run)
			nearest_offer(&nearest, command->name);
	}
	if (nearest.name)
		return usage_error("there is no command \"%s\": did you mean \"%s\"?", name,
				   nearest.name);
	return usage_error("there is no command \"%s\": `stoker help` lists all", name);
}

static int show_commands(void)
{
	const struct command *command;

	printf("usage: stoker COMMAND [OPTION]… [MACHINE]…\n\n");
	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (command->run)
			printf("  %-12s%s\n", command->name, command->summary);
	}
	printf("\n`stoker COMMAND --help` says more about each.\n");
	return 0;
}

static int run_command(struct context *context, int argc, char **argv)
{
	const struct command *command = command_find(argv[0]);
	struct fault fault;
	int first, result;

	if (!command || !command->run)
		return unknown_command(argv[0]);
	context->command = command;
	result = options_read(command, context, argc, argv, &first, &fault);
	if (result < 0)
		return usage_error("%s", fault.text);
	if (result > 0) {
		command_help(command);
		return 0;
	}
	context->options = argv + 1;
	context->noptions = (size_t)first - 1;
	return command->run(context, argc - first, argv + first);
}

static int run_program(struct context *context, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const struct command *front = command_find(slash ? slash + 1 : argv[0]);

	if (front && front->front) {
		context->command = front;
		return front->front(context, argc, argv);
	}
	/* -c may stand before the command as well as behind it */
	if (argc > 2 && (!strcmp(argv[1], "-c") || !strcmp(argv[1], "--config"))) {
		context->config_path = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return argc < 2 ? (show_commands(), EXIT_USAGE) : show_commands();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		argv[1] = (char *)"version";
	return run_command(context, argc - 1, argv + 1);
}

/* What is opened later must not become a standard stream: messages would be written into it. */
static void occupy_standard(void)
{
	for (int fd = 0; fd < 3; fd++) {
		/* the lowest free one; the wrong way round, so that what is printed is an error */
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd ? O_RDONLY : O_WRONLY);
	}
}

int main(int argc, char **argv)
{
	struct context context = {0};
	int code;

	if (argc < 1)
		return EXIT_USAGE;
	occupy_standard();
	code = run_program(&context, argc, argv);
	context_free(&context);
	/* a full disk or a closed pipe behind standard output is a failure like another */
	if (fflush(stdout) || ferror(stdout)) {
		perror("stoker: standard output");
		return code ? code : EXIT_NOT_ALL;
	}
	return code;
}
