/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of engine/credential, with real files and programs. */
#include "test.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/secret.h"
#include "cli/context.h"
#include "engine/credential.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* One question, and what came of it. */
struct asked {
	bool over;
	unsigned times;
	int err;
	struct secret *secret;
	char sentence[FAULT_TEXT_MAX];
	struct credential_request *handle;
};

static char folder[64];
static char path_text[PATH_MAX];
static struct fault f;

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_credential.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	credential_quit();
	unsetenv("STOKER_PASSWORD");
	unsetenv("STOKER_KG");
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static const char *path_of(const char *name)
{
	snprintf(path_text, sizeof(path_text), "%s/%s", folder, name);
	return path_text;
}

static void write_bytes(const char *name, const void *bytes, size_t length, mode_t mode)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text), 0600);
}

/* A model; each @ in the text becomes the folder. */
static struct model *lab(const char *text)
{
	char full[4096];
	size_t used = 0;

	for (; *text; text++)
		used += (size_t)snprintf(full + used, sizeof(full) - used, "%.*s",
					 *text == '@' ? (int)strlen(folder) : 1,
					 *text == '@' ? folder : text);
	return model_of(full);
}

static void on_secret(void *data, int err, struct secret *secret, const char *sentence)
{
	struct asked *asked = data;

	asked->over = true;
	asked->times++;
	asked->err = err;
	asked->secret = secret;
	asked->handle = NULL;
	snprintf(asked->sentence, sizeof(asked->sentence), "%s", sentence ? sentence : "");
}

static void ask(struct asked *asked, const struct model *model, const char *machine,
		enum credential which)
{
	*asked = (struct asked){0};
	asked->err = credential_get(ev_default_loop(0), machine_find(model, machine), which,
				    &asked->secret, on_secret, asked, &asked->handle, &f);
	asked->over = asked->err != -EINPROGRESS;
	assert_true((asked->handle != NULL) == !asked->over);
	if (asked->err && asked->over)
		snprintf(asked->sentence, sizeof(asked->sentence), "%s", f.text);
}

static void is_secret(struct asked *asked, const char *text)
{
	if (asked->err)
		fail_msg("%s", asked->sentence);
	assert_non_null(asked->secret);
	assert_int_equal(secret_length(asked->secret), strlen(text));
	assert_memory_equal(secret_bytes(asked->secret), text, strlen(text));
	secret_drop(asked->secret);
}

static void gets(const struct model *model, const char *machine, enum credential which,
		 const char *text)
{
	struct asked asked;

	ask(&asked, model, machine, which);
	assert_true(loop_until(&asked.over, 10));
	if (text) {
		is_secret(&asked, text);
	} else {
		assert_int_equal(asked.err, 0);
		assert_null(asked.secret);
	}
}

static void password_is(const struct model *model, const char *machine, const char *text)
{
	gets(model, machine, CREDENTIAL_PASSWORD, text);
}

/* sentence: with @ for the folder. */
static void fails(const struct model *model, const char *machine, enum credential which, int err,
		  const char *sentence)
{
	char expected[FAULT_TEXT_MAX];
	size_t used = 0;
	struct asked asked;

	for (; *sentence; sentence++)
		used += (size_t)snprintf(expected + used, sizeof(expected) - used, "%.*s",
					 *sentence == '@' ? (int)strlen(folder) : 1,
					 *sentence == '@' ? folder : sentence);
	ask(&asked, model, machine, which);
	assert_true(loop_until(&asked.over, 10));
	assert_string_equal(asked.sentence, expected);
	assert_int_equal(asked.err, err);
	assert_null(asked.secret);
}

static void file_refused(const struct model *model, int err, const char *sentence)
{
	fails(model, "a", CREDENTIAL_PASSWORD, err, sentence);
	/* a new run */
	credential_quit();
}

/* -- the order ------------------------------------------------------------------------------ */

static void without_any_there_is_none(void **state)
{
	struct model *m = lab("machine \"a\" {}\n");

	(void)state;
	password_is(m, "a", NULL);
	gets(m, "a", CREDENTIAL_KG, NULL);
	model_free(m);
}

static void first_that_is_set_counts(void **state)
{
	struct model *m = lab("machine \"a\" { password-file = \"@/own\" kg-file = \"@/kg\" }\n"
			      "machine \"b\" {}\n");
	struct secret *typed = secret_new("typed", 5);
	char line[PATH_MAX];

	(void)state;
	write_file("own", "of the file\nsecond line\n");
	write_file("kg", "of the kg");
	write_file("line", "of the command line");
	setenv("STOKER_PASSWORD", "of the environment", 1);
	setenv("STOKER_KG", "kg of the world", 1);
	password_is(m, "a", "of the file");
	password_is(m, "b", "of the environment");
	gets(m, "a", CREDENTIAL_KG, "of the kg");
	gets(m, "b", CREDENTIAL_KG, "kg of the world");

	strcpy(line, path_of("line"));
	assert_int_equal(section_add(m->command, &key_password_file, 0, line, &f), 0);
	password_is(m, "a", "of the command line");
	password_is(m, "b", "of the command line");

	credential_give(CREDENTIAL_PASSWORD, typed);
	secret_drop(typed);
	password_is(m, "a", "typed");
	gets(m, "a", CREDENTIAL_KG, "of the kg");
	credential_give(CREDENTIAL_PASSWORD, NULL);
	password_is(m, "a", "of the command line");
	model_free(m);
}

static void empty_one_that_was_typed_counts(void **state)
{
	struct model *m = lab("machine \"a\" {}\n");
	struct secret *typed = secret_new("", 0);

	(void)state;
	setenv("STOKER_PASSWORD", "other", 1);
	credential_give(CREDENTIAL_PASSWORD, typed);
	secret_drop(typed);
	password_is(m, "a", "");
	model_free(m);
}

static void nearer_of_file_and_command_counts(void **state)
{
	struct model *m = lab("profile \"file\" { password-file = \"@/file\" }\n"
			      "profile \"command\" { password-command = \"echo command\" }\n"
			      "profile \"both\" { profile = {\"command\", \"file\"} }\n"
			      "machine \"a\" { profile = \"file\" password-command = \"echo own\" }\n"
			      "machine \"b\" { profile = \"command\" password-file = \"@/own\" }\n"
			      "machine \"c\" { profile = {\"file\", \"command\"} }\n"
			      "machine \"d\" { profile = \"both\" }\n"
			      "machine \"e\" { profile = \"both\" password-file = {} }\n");

	(void)state;
	write_file("file", "file");
	write_file("own", "own file");
	password_is(m, "a", "own");
	password_is(m, "b", "own file");
	password_is(m, "c", "file");
	password_is(m, "d", "command");
	password_is(m, "e", NULL);
	assert_int_equal(section_add(m->command, &key_password_command, 0, "echo line", &f), 0);
	password_is(m, "b", "line");
	model_free(m);
}

static void both_in_one_section_are_refused(void **state)
{
	char *errors = errors_of("machine \"a\" {\n password-file = \"/a\"\n"
				 " password-command = \"b\"\n}\nprofile \"p\" {\n user = \"u\"\n"
				 " password-file = \"/a\"\n}\n");
	struct model *m = lab("machine \"a\" {}\n");

	(void)state;
	assert_string_equal(errors, "test:3: password-file and password-command are both set: one "
			    "of them is enough\n");
	free(errors);
	assert_int_equal(section_add(m->command, &key_password_file, 0, "/a", &f), 0);
	assert_int_equal(section_add(m->command, &key_password_command, 0, "b", &f), 0);
	fails(m, "a", CREDENTIAL_PASSWORD, -EINVAL, "command line: password-file and "
	      "password-command are both set: one of them is enough");
	model_free(m);
}

static void relative_paths_of_a_configuration_are_refused(void **state)
{
	struct model *m = lab("machine \"a\" { password-file = \"lab.pass\" kg-file = \"lab.kg\" }\n"
			      "machine \"b\" {\n password-command = \"bin/ask me\"\n}\n");

	(void)state;
	fails(m, "a", CREDENTIAL_PASSWORD, -EINVAL,
	      "test:1: password-file \"lab.pass\" is a relative path: write an absolute one");
	fails(m, "a", CREDENTIAL_KG, -EINVAL,
	      "test:1: kg-file \"lab.kg\" is a relative path: write an absolute one");
	fails(m, "b", CREDENTIAL_PASSWORD, -EINVAL,
	      "test:3: password-command \"bin/ask\" is a relative path: write an absolute one");
	model_free(m);
}

/* -- the environment ------------------------------------------------------------------------ */

static void variable_is_taken_out_of_the_environment(void **state)
{
	struct model *m = lab("machine \"a\" { password-command = \"sh -c 'env | grep -c "
			      "^STOKER_[PK]'\" }\nmachine \"b\" { password-command = \"sh -c "
			      "'env | grep -c ^STOKER_[PK]; true'\" }\nmachine \"c\" {}\n");
	char variable[] = "STOKER_PASSWORD=sesame", kg[] = "STOKER_KG=0x6b";

	(void)state;
	putenv(variable);
	putenv(kg);
	/* the program that is run first does not see them either */
	password_is(m, "b", "0");
	password_is(m, "c", "sesame");
	gets(m, "c", CREDENTIAL_KG, "k");
	assert_null(getenv("STOKER_PASSWORD"));
	assert_null(getenv("STOKER_KG"));
	assert_memory_equal(variable, "STOKER_PASSWORD=\0\0\0\0\0\0", sizeof(variable));
	assert_memory_equal(kg, "STOKER_KG=\0\0\0\0", sizeof(kg));
	model_free(m);
}

static void variables_that_cannot_be_are_told(void **state)
{
	struct model *m = lab("machine \"a\" {}\n");
	char variable[CREDENTIAL_MAX + 2] = {0};

	(void)state;
	memset(variable, 'x', CREDENTIAL_MAX + 1);
	setenv("STOKER_PASSWORD", variable, 1);
	setenv("STOKER_KG", "0x0g", 1);
	fails(m, "a", CREDENTIAL_PASSWORD, -EINVAL,
	      "the environment variable STOKER_PASSWORD: it is longer than 256 bytes");
	fails(m, "a", CREDENTIAL_KG, -EINVAL, "the environment variable STOKER_KG: a K_g that "
	      "begins with 0x has hexadecimal digits behind it: its digit number 2 is none");
	assert_null(getenv("STOKER_PASSWORD"));
	credential_quit();
	/* an empty one is none */
	setenv("STOKER_PASSWORD", "", 1);
	password_is(m, "a", NULL);
	model_free(m);
}

/* -- K_g ------------------------------------------------------------------------------------ */

static void kg_refused(const char *text, const char *sentence)
{
	struct secret *secret;

	assert_int_equal(credential_kg(text, strlen(text), &secret, &f), -EINVAL);
	assert_string_equal(f.text, sentence);
}

static void kg_is_text_or_hexadecimal(void **state)
{
	struct secret *secret;

	(void)state;
	assert_int_equal(credential_kg("0x00fFa1", 8, &secret, &f), 0);
	assert_int_equal(secret_length(secret), 3);
	assert_memory_equal(secret_bytes(secret), "\x00\xff\xa1", 3);
	secret_drop(secret);
	assert_int_equal(credential_kg("0123456789abcdefghij", 20, &secret, &f), 0);
	assert_memory_equal(secret_bytes(secret), "0123456789abcdefghij", 20);
	secret_drop(secret);
	kg_refused("", "a K_g has 1 to 20 bytes: this one has 0");
	kg_refused("0123456789abcdefghijk", "a K_g has 1 to 20 bytes: this one has 21");
	kg_refused("0x", "a K_g has 1 to 20 bytes: this one has 0");
	kg_refused("0x000102030405060708090a0b0c0d0e0f1011121314",
		   "a K_g has 1 to 20 bytes: this one has 21");
	kg_refused("0x123", "a K_g that begins with 0x has two digits for each byte: these are 3");
	kg_refused("0x1x", "a K_g that begins with 0x has hexadecimal digits behind it: its digit "
		   "number 2 is none");
}

static void kg_of_a_file_is_read_likewise(void **state)
{
	struct model *m = lab("machine \"a\" { kg-file = \"@/kg\" password-file = \"@/kg\" }\n"
			      "machine \"b\" { kg-file = \"@/bad\" }\n");

	(void)state;
	write_file("kg", "0x6b67\n");
	write_file("bad", "0x1\n");
	gets(m, "a", CREDENTIAL_KG, "kg");
	/* the same file as a password is what it says */
	password_is(m, "a", "0x6b67");
	fails(m, "b", CREDENTIAL_KG, -EINVAL, "kg-file \"@/bad\": a K_g that begins with 0x has "
	      "two digits for each byte: these are 1");
	model_free(m);
}

/* -- files ---------------------------------------------------------------------------------- */

static void file_that_cannot_be_is_refused(void **state)
{
	struct model *m = lab("machine \"a\" { password-file = \"@/p\" }\n");
	char longest[CREDENTIAL_MAX + 2];

	(void)state;
	file_refused(m, -ENOENT, "password-file \"@/p\": No such file or directory");
	write_bytes("p", "x", 1, 0640);
	file_refused(m, -EACCES, "password-file \"@/p\": others can read it (mode 0640): "
		     "chmod 600 @/p");
	write_bytes("p", "x", 1, 0604);
	file_refused(m, -EACCES, "password-file \"@/p\": others can read it (mode 0604): "
		     "chmod 600 @/p");
	write_bytes("p", "x", 1, 0620);
	file_refused(m, -EACCES, "password-file \"@/p\": others can write it (mode 0620): "
		     "chmod 600 @/p");
	write_file("p", "");
	file_refused(m, -EINVAL, "password-file \"@/p\": its first line is empty");
	write_file("p", "\nsecond\n");
	file_refused(m, -EINVAL, "password-file \"@/p\": its first line is empty");
	write_bytes("p", "a\0b\n", 4, 0600);
	file_refused(m, -EINVAL, "password-file \"@/p\": its first line has a NUL in it");
	memset(longest, 'x', sizeof(longest));
	write_bytes("p", longest, CREDENTIAL_MAX + 1, 0600);
	file_refused(m, -EINVAL, "password-file \"@/p\": its first line is longer than 256 bytes");
	assert_int_equal(unlink(path_of("p")), 0);
	assert_int_equal(mkdir(path_of("p"), 0700), 0);
	file_refused(m, -EINVAL, "password-file \"@/p\": it is not a regular file");
	assert_int_equal(rmdir(path_of("p")), 0);
	/* nobody writes there: it must not be waited for */
	assert_int_equal(mkfifo(path_of("p"), 0600), 0);
	file_refused(m, -EINVAL, "password-file \"@/p\": it is not a regular file: a pipe is "
		     "given as /dev/stdin or /dev/fd/N");
	model_free(m);
}

static void file_that_is_handed_over_is_looked_at(void **state)
{
	char text[128];
	struct model *m;
	int fd;

	(void)state;
	write_file("p", "sesame\n");
	fd = open(path_of("p"), O_RDONLY);
	snprintf(text, sizeof(text), "machine \"a\" { password-file = \"/dev/fd/%d\" }\n", fd);
	m = model_of(text);
	password_is(m, "a", "sesame");
	/* programs that are run later do not have it */
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	credential_quit();
	assert_int_equal(fchmod(fd, 0644), 0);
	snprintf(text, sizeof(text), "password-file \"/dev/fd/%d\": others can read it (mode "
		 "0644): chmod 600 the file behind it", fd);
	file_refused(m, -EACCES, text);
	close(fd);
	model_free(m);
}

static void longest_password_is_taken(void **state)
{
	struct model *m = lab("machine \"a\" { password-file = \"@/p\" }\n");
	char longest[CREDENTIAL_MAX + 2] = {0};

	(void)state;
	memset(longest, 'x', CREDENTIAL_MAX);
	write_file("p", longest);
	password_is(m, "a", longest);
	credential_quit();
	longest[CREDENTIAL_MAX] = '\n';
	write_bytes("p", longest, CREDENTIAL_MAX + 1, 0600);
	longest[CREDENTIAL_MAX] = '\0';
	password_is(m, "a", longest);
	model_free(m);
}

static void file_of_another_user_is_refused(void **state)
{
	struct model *m = lab("machine \"a\" { password-file = \"@/p\" }\n");

	(void)state;
	if (geteuid())
		skip();
	write_file("p", "x");
	assert_int_equal(chown(path_of("p"), 12345, 0), 0);
	file_refused(m, -EACCES, "password-file \"@/p\": it belongs to user 12345: it must belong "
		     "to user 0, who runs this, or to root: chown 0 @/p");
	model_free(m);
}

static void file_is_read_once(void **state)
{
	struct model *m = lab("machine \"a[1-10000]\" { password-file = \"@/p\" }\n"
			      "machine \"b[1-2]\" { password-file = \"@/none\" }\n");
	char name[16];

	(void)state;
	write_file("p", "sesame");
	password_is(m, "a1", "sesame");
	assert_int_equal(unlink(path_of("p")), 0);
	for (unsigned i = 2; i <= 10000; i++) {
		snprintf(name, sizeof(name), "a%u", i);
		password_is(m, name, "sesame");
	}
	/* and what went wrong stays wrong */
	fails(m, "b1", CREDENTIAL_PASSWORD, -ENOENT,
	      "password-file \"@/none\": No such file or directory");
	write_file("none", "there");
	fails(m, "b2", CREDENTIAL_PASSWORD, -ENOENT,
	      "password-file \"@/none\": No such file or directory");
	model_free(m);
}

static void file_is_read_again_when_it_is_said_so(void **state)
{
	struct model *m = lab("machine \"a\" { password-file = \"@/p\" }\n"
			      "machine \"b\" { password-file = \"@/none-yet\" }\n");

	(void)state;
	write_file("p", "old");
	password_is(m, "a", "old");
	fails(m, "b", CREDENTIAL_PASSWORD, -ENOENT,
	      "password-file \"@/none-yet\": No such file or directory");
	write_file("p", "new");
	write_file("none-yet", "there");
	password_is(m, "a", "old");
	credential_read_again();
	password_is(m, "a", "new");
	password_is(m, "b", "there");
	model_free(m);
}

static void each_machine_has_its_own_of_a_range(void **state)
{
	struct model *m = lab("machine \"a[1-2]\" { password-file = \"@/p[1-2]\" }\n");

	(void)state;
	write_file("p1", "one");
	write_file("p2", "two");
	password_is(m, "a1", "one");
	password_is(m, "a2", "two");
	model_free(m);
}

static void pipe_that_is_handed_over_is_read_to_the_end_of_its_line(void **state)
{
	int fds[2];
	char text[128], rest[8] = {0};
	struct model *m;
	struct asked asked;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	snprintf(text, sizeof(text), "machine \"a\" { password-file = \"/dev/fd/%d\" }\n", fds[0]);
	m = model_of(text);
	/* others may write there later */
	ask(&asked, m, "a", CREDENTIAL_PASSWORD);
	assert_int_equal(asked.err, -EINPROGRESS);
	assert_int_equal(write(fds[1], "ses", 3), 3);
	loop_for(0.01);
	assert_false(asked.over);
	assert_int_equal(write(fds[1], "ame\nrest", 8), 8);
	assert_true(loop_until(&asked.over, 10));
	is_secret(&asked, "sesame");
	assert_int_equal(read(fds[0], rest, sizeof(rest)), 4);
	assert_string_equal(rest, "rest");
	credential_quit();
	/* the end of the pipe is the end of the line, too */
	assert_int_equal(write(fds[1], "open", 4), 4);
	close(fds[1]);
	password_is(m, "a", "open");
	credential_quit();
	snprintf(text, sizeof(text), "password-file \"/dev/fd/%d\": its first line is empty",
		 fds[0]);
	fails(m, "a", CREDENTIAL_PASSWORD, -EINVAL, text);
	credential_quit();
	close(fds[0]);
	snprintf(text, sizeof(text), "password-file \"/dev/fd/%d\": Bad file descriptor", fds[0]);
	fails(m, "a", CREDENTIAL_PASSWORD, -EBADF, text);
	model_free(m);
}

static void pipe_that_says_too_much_is_refused(void **state)
{
	char text[128], longest[CREDENTIAL_MAX + 1];
	int fds[2];
	struct model *m;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	snprintf(text, sizeof(text), "machine \"a\" { password-file = \"/dev/fd/%d\" }\n", fds[0]);
	m = model_of(text);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(write(fds[1], longest, sizeof(longest)), sizeof(longest));
	snprintf(text, sizeof(text), "password-file \"/dev/fd/%d\": its first line is longer than "
		 "256 bytes", fds[0]);
	fails(m, "a", CREDENTIAL_PASSWORD, -EINVAL, text);
	close(fds[0]);
	close(fds[1]);
	model_free(m);
}

/* -- programs ------------------------------------------------------------------------------- */

static void first_line_of_a_program_is_the_password(void **state)
{
	struct model *m = lab("machine \"a\" { password-command = \"sh -c 'echo no >&2; echo ses "
			      "ame; echo more'\" }\n"
			      "machine \"b\" { password-command = \"echo '$HOME;' x\" }\n");

	(void)state;
	password_is(m, "a", "ses ame");
	/* no shell, no expansion */
	password_is(m, "b", "$HOME; x");
	model_free(m);
}

static void program_that_fails_is_told_and_not_what_it_said(void **state)
{
	struct model *m = lab("machine \"a\" { password-command = \"sh -c 'echo sesame; exit 3'\" }\n"
			      "machine \"b\" { password-command = \"sh -c 'kill -9 $$'\" }\n"
			      "machine \"c\" { password-command = \"no-such-program-at-all x\" }\n"
			      "machine \"d\" { password-command = \"true sesame\" }\n"
			      "machine \"e\" { password-command = \"printf 'a\\\\0b'\" }\n"
			      "machine \"f\" { password-command = \"seq 10000\" }\n"
			      "machine \"g\" { password-command = \"sh -c 'echo sesame; echo one "
			      ">&2; echo it is locked >&2; echo >&2; exit 4'\" }\n");
	struct asked asked;

	(void)state;
	fails(m, "a", CREDENTIAL_PASSWORD, -EIO, "password-command \"sh\": it exited with status "
	      "3: run it by hand to see why");
	fails(m, "g", CREDENTIAL_PASSWORD, -EIO, "password-command \"sh\": it exited with status "
	      "4: it is locked");
	fails(m, "b", CREDENTIAL_PASSWORD, -EIO,
	      "password-command \"sh\": it was ended by signal 9 (Killed)");
	ask(&asked, m, "c", CREDENTIAL_PASSWORD);
	assert_int_equal(asked.err, -ENOENT);
	assert_contains(asked.sentence,
			"password-command: the program \"no-such-program-at-all\" is in none of ");
	fails(m, "d", CREDENTIAL_PASSWORD, -EINVAL, "password-command \"true\": it says nothing: "
	      "the password is to be its first line of standard output");
	fails(m, "e", CREDENTIAL_PASSWORD, -EINVAL,
	      "password-command \"printf\": its first line has a NUL in it");
	fails(m, "f", CREDENTIAL_PASSWORD, -EINVAL, "password-command \"seq\": it says more than "
	      "4096 bytes: the password is to be its first line");
	model_free(m);
}

static void command_is_run_once_for_all(void **state)
{
	struct model *m = lab("machine \"a[1-3]\" { password-command = \"sh -c 'echo x >>@/ran; "
			      "wc -l <@/ran'\" }\n"
			      "machine \"b[1-2]\" { password-command = \"sh -c 'echo x >>@/bad; "
			      "exit 1'\" }\n");
	struct asked first, second;
	struct stat st;

	(void)state;
	ask(&first, m, "a1", CREDENTIAL_PASSWORD);
	ask(&second, m, "a2", CREDENTIAL_PASSWORD);
	assert_int_equal(second.err, -EINPROGRESS);
	assert_true(loop_until(&second.over, 10));
	assert_true(first.over);
	is_secret(&first, "1");
	is_secret(&second, "1");
	ask(&first, m, "a3", CREDENTIAL_PASSWORD);
	assert_int_equal(first.err, 0);
	is_secret(&first, "1");
	for (unsigned i = 1; i <= 2; i++)
		fails(m, i == 1 ? "b1" : "b2", CREDENTIAL_PASSWORD, -EIO, "password-command "
		      "\"sh\": it exited with status 1: run it by hand to see why");
	assert_int_equal(stat(path_of("bad"), &st), 0);
	assert_int_equal(st.st_size, 2);
	model_free(m);
}

static void one_that_cancels_is_not_told_and_others_are(void **state)
{
	struct model *m = lab("machine \"a[1-4]\" { password-command = \"sh -c 'read x <@/go; "
			      "echo sesame'\" }\n");
	struct asked asked[4];
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path_of("go"), 0600), 0);
	ask(&asked[0], m, "a1", CREDENTIAL_PASSWORD);
	ask(&asked[1], m, "a2", CREDENTIAL_PASSWORD);
	ask(&asked[2], m, "a3", CREDENTIAL_PASSWORD);
	/* the last in the row and the first, and one more behind */
	credential_cancel(asked[2].handle);
	credential_cancel(asked[0].handle);
	ask(&asked[3], m, "a4", CREDENTIAL_PASSWORD);
	fd = open(path_of("go"), O_RDWR);
	assert_int_equal(write(fd, "\n", 1), 1);
	assert_true(loop_until(&asked[3].over, 10));
	close(fd);
	assert_int_equal(asked[0].times, 0);
	assert_int_equal(asked[1].times, 1);
	assert_int_equal(asked[2].times, 0);
	assert_int_equal(asked[3].times, 1);
	is_secret(&asked[1], "sesame");
	is_secret(&asked[3], "sesame");
	model_free(m);
}

struct chain {
	struct asked other;
	struct model *model;
	struct asked again;
	bool over;
};

static void on_chain(void *data, int err, struct secret *secret, const char *sentence)
{
	struct chain *chain = data;

	assert_int_equal(err, 0);
	assert_null(sentence);
	secret_drop(secret);
	credential_cancel(chain->other.handle);
	ask(&chain->again, chain->model, "a3", CREDENTIAL_PASSWORD);
	chain->over = true;
}

static void who_is_told_may_cancel_others_and_ask_again(void **state)
{
	struct chain chain = {.model = lab("machine \"a[1-3]\" { password-command = \"echo x\" }\n")};
	struct credential_request *handle;
	struct secret *secret;

	(void)state;
	assert_int_equal(credential_get(ev_default_loop(0), machine_find(chain.model, "a1"),
					CREDENTIAL_PASSWORD, &secret, on_chain, &chain, &handle,
					&f), -EINPROGRESS);
	ask(&chain.other, chain.model, "a2", CREDENTIAL_PASSWORD);
	assert_true(loop_until(&chain.over, 10));
	assert_int_equal(chain.other.times, 0);
	is_secret(&chain.again, "x");
	model_free(chain.model);
}

static void quit_forgets_who_waits_and_ends_what_runs(void **state)
{
	struct model *m = lab("machine \"a\" { password-command = \"sleep 60\" }\n");
	struct asked asked;

	(void)state;
	ask(&asked, m, "a", CREDENTIAL_PASSWORD);
	assert_int_equal(asked.err, -EINPROGRESS);
	credential_quit();
	loop_for(0.01);
	assert_int_equal(asked.times, 0);
	model_free(m);
}

/* -- keys ----------------------------------------------------------------------------------- */

static void key_of_two_drivers_is_listed_once(void **state)
{
	unsigned n = 0;

	(void)state;
	for (const struct key *const *k = all_keys(); *k; k++)
		n += *k == &key_user;
	assert_int_equal(n, 1);
}

static void passwords_in_a_configuration_are_refused(void **state)
{
	char *errors = errors_of("machine \"a\" {\n password = \"x\"\n}\nprofile \"p\" {\n"
				 " kg = \"x\"\n}\n");

	(void)state;
	assert_string_equal(errors,
			    "test:2: password is refused: whoever reads a configuration, or a copy "
			    "of it, would know it: name a file or a program that has it, with "
			    "password-file or password-command\n"
			    "test:5: kg is refused: whoever reads a configuration, or a copy of it, "
			    "would know it: name a file or a program that has it, with kg-file\n");
	free(errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(without_any_there_is_none),
		TEST(first_that_is_set_counts),
		TEST(empty_one_that_was_typed_counts),
		TEST(nearer_of_file_and_command_counts),
		TEST(both_in_one_section_are_refused),
		TEST(relative_paths_of_a_configuration_are_refused),
		TEST(variable_is_taken_out_of_the_environment),
		TEST(variables_that_cannot_be_are_told),
		TEST(kg_is_text_or_hexadecimal),
		TEST(kg_of_a_file_is_read_likewise),
		TEST(file_that_cannot_be_is_refused),
		TEST(file_that_is_handed_over_is_looked_at),
		TEST(longest_password_is_taken),
		TEST(file_of_another_user_is_refused),
		TEST(file_is_read_once),
		TEST(file_is_read_again_when_it_is_said_so),
		TEST(each_machine_has_its_own_of_a_range),
		TEST(pipe_that_is_handed_over_is_read_to_the_end_of_its_line),
		TEST(pipe_that_says_too_much_is_refused),
		TEST(first_line_of_a_program_is_the_password),
		TEST(program_that_fails_is_told_and_not_what_it_said),
		TEST(command_is_run_once_for_all),
		TEST(one_that_cancels_is_not_told_and_others_are),
		TEST(who_is_told_may_cancel_others_and_ask_again),
		TEST(quit_forgets_who_waits_and_ends_what_runs),
		TEST(key_of_two_drivers_is_listed_once),
		TEST(passwords_in_a_configuration_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
