/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of cli/prompt, at a pseudo-terminal. */
#include "test.h"
#include "base/fault.h"
#include "base/secret.h"
#include "cli/prompt.h"
#include "engine/credential.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* One that is asked at a terminal of its own, and says on a pipe what came of it. */
struct asked {
	int master, slave, result;
	pid_t pid;
	char screen[4096];
	size_t used;
};

static void tell(int fd, const char *what, const void *bytes, size_t length)
{
	if (write(fd, what, strlen(what)) < 0 || write(fd, bytes, length) < 0)
		_exit(9);
}

static void be_asked(int result)
{
	struct fault f;
	struct secret *secret = secret_prompt("Password: ", &f);

	if (secret)
		tell(result, "got ", secret_bytes(secret), secret_length(secret));
	else
		tell(result, "not ", f.text, strlen(f.text));
	secret_drop(secret);
	_exit(0);
}

static void begin(struct asked *asked, bool terminal)
{
	int result[2];

	*asked = (struct asked){.slave = -1, .master = posix_openpt(O_RDWR | O_NOCTTY)};
	assert_true(asked->master >= 0);
	assert_int_equal(grantpt(asked->master) || unlockpt(asked->master), 0);
	assert_int_equal(pipe(result), 0);
	asked->slave = open(ptsname(asked->master), O_RDWR | O_NOCTTY);
	assert_true(asked->slave >= 0);
	asked->pid = fork();
	if (!asked->pid) {
		alarm(20);
		setsid();
		if (terminal && ioctl(asked->slave, TIOCSCTTY, 0))
			_exit(9);
		be_asked(result[1]);
	}
	assert_true(asked->pid > 0);
	close(result[1]);
	asked->result = result[0];
}

/* Reads what the terminal shows until the text is among it. */
static void wait_for(struct asked *asked, const char *text)
{
	while (!strstr(asked->screen, text)) {
		struct pollfd p = {.fd = asked->master, .events = POLLIN};
		ssize_t n;

		assert_int_equal(poll(&p, 1, 20000), 1);
		n = read(asked->master, asked->screen + asked->used,
			 sizeof(asked->screen) - 1 - asked->used);
		assert_true(n > 0);
		asked->used += (size_t)n;
		asked->screen[asked->used] = '\0';
	}
}

static void forget_screen(struct asked *asked)
{
	asked->used = 0;
	asked->screen[0] = '\0';
}

static void type(struct asked *asked, const char *text)
{
	assert_int_equal(write(asked->master, text, strlen(text)), strlen(text));
}

static bool echoes(const struct asked *asked)
{
	struct termios t;

	assert_int_equal(tcgetattr(asked->slave, &t), 0);
	return t.c_lflag & ECHO;
}

/* Waits for its end; the terminal must be as it was. The status as waitpid gives it. */
static int end(struct asked *asked, char *result, size_t size)
{
	size_t used = 0;
	ssize_t n;
	int status;

	while ((n = read(asked->result, result + used, size - 1 - used)) > 0)
		used += (size_t)n;
	result[used] = '\0';
	assert_int_equal(waitpid(asked->pid, &status, 0), asked->pid);
	assert_true(echoes(asked));
	close(asked->master);
	close(asked->slave);
	close(asked->result);
	return status;
}

static void what_is_typed_is_taken_and_not_shown(void **state)
{
	struct asked asked;
	char result[600];

	(void)state;
	begin(&asked, true);
	wait_for(&asked, "Password: ");
	assert_false(echoes(&asked));
	type(&asked, "ses ame\n");
	assert_int_equal(end(&asked, result, sizeof(result)), 0);
	assert_string_equal(result, "got ses ame");
	assert_null(strstr(asked.screen, "ses"));
}

static void nothing_but_the_key_is_an_empty_one(void **state)
{
	struct asked asked;
	char result[600];

	(void)state;
	begin(&asked, true);
	wait_for(&asked, "Password: ");
	type(&asked, "\n");
	assert_int_equal(end(&asked, result, sizeof(result)), 0);
	assert_string_equal(result, "got ");
}

static void end_of_input_and_too_much_are_told(void **state)
{
	char result[600], longest[CREDENTIAL_MAX + 3];
	struct asked asked;

	(void)state;
	begin(&asked, true);
	wait_for(&asked, "Password: ");
	type(&asked, "\004");
	assert_int_equal(end(&asked, result, sizeof(result)), 0);
	assert_string_equal(result, "not nothing was typed");

	memset(longest, 'x', sizeof(longest));
	strcpy(longest + CREDENTIAL_MAX + 1, "\n");
	begin(&asked, true);
	wait_for(&asked, "Password: ");
	type(&asked, longest);
	assert_int_equal(end(&asked, result, sizeof(result)), 0);
	assert_string_equal(result, "not what was typed is longer than 256 bytes");
}

static void ends_by(int number)
{
	struct asked asked;
	char result[600];
	int status;

	begin(&asked, true);
	wait_for(&asked, "Password: ");
	if (number == SIGINT)
		type(&asked, "half\003");
	else
		kill(asked.pid, number);
	status = end(&asked, result, sizeof(result));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
	assert_string_equal(result, "");
}

static void signals_end_the_program_and_give_the_terminal_back(void **state)
{
	(void)state;
	ends_by(SIGINT);
	ends_by(SIGTERM);
	ends_by(SIGHUP);
}

static void one_that_comes_back_asks_again(void **state)
{
	struct asked asked;
	char result[600];

	(void)state;
	begin(&asked, true);
	wait_for(&asked, "Password: ");
	forget_screen(&asked);
	/* in a session without another process it does not stop */
	kill(asked.pid, SIGTSTP);
	wait_for(&asked, "Password: ");
	type(&asked, "sesame\n");
	assert_int_equal(end(&asked, result, sizeof(result)), 0);
	assert_string_equal(result, "got sesame");
}

static void missing_terminal_is_told(void **state)
{
	struct asked asked;
	char result[600];

	(void)state;
	begin(&asked, false);
	assert_int_equal(end(&asked, result, sizeof(result)), 0);
	assert_string_equal(result, "not there is no terminal to ask at (/dev/tty: No such device "
			    "or address): a file can hold what would be typed");
}

static void argument_is_overwritten(void **state)
{
	char arguments[] = "-P\0sesame\0off";
	struct secret *secret = secret_of_argument(arguments + 3);

	(void)state;
	assert_int_equal(secret_length(secret), 6);
	assert_memory_equal(secret_bytes(secret), "sesame", 6);
	assert_memory_equal(arguments, "-P\0\0\0\0\0\0\0\0off", sizeof(arguments));
	secret_drop(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_is_taken_and_not_shown),
		cmocka_unit_test(nothing_but_the_key_is_an_empty_one),
		cmocka_unit_test(end_of_input_and_too_much_are_told),
		cmocka_unit_test(signals_end_the_program_and_give_the_terminal_back),
		cmocka_unit_test(one_that_comes_back_asks_again),
		cmocka_unit_test(missing_terminal_is_told),
		cmocka_unit_test(argument_is_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
