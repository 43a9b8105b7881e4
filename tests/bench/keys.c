/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times a console client by what its user feels: keys [-n KEYS] [-e END] [-r BYTES] READY COMMAND…
 * runs the command on a pty, waits until it has printed READY, and prints
 *	the median and the 99th percentile, in microseconds, from a key to its echo, over so many
 *	keys (200), each typed when the last one was echoed
 *	with -r, the bytes a second at which a block of so many came back, echoed
 * Then it types END (backslash-r and -n are what they are in C) and waits for the command's end.
 * The far end has to echo each byte at once. Exit code 1 where an echo does not come.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000, SEEN_MAX = 1 << 16, CHUNK = 64 };

static int terminal;
static pid_t child;

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void fail(const char *what)
{
	fprintf(stderr, "keys: %s\n", what);
	kill(child, SIGTERM);
	exit(1);
}

/* Bytes that have come; 0: none in the time. */
static size_t get(char *bytes, size_t size, int patience_ms)
{
	struct pollfd wait = {.fd = terminal, .events = POLLIN};
	ssize_t n;

	if (poll(&wait, 1, patience_ms) <= 0)
		return 0;
	n = read(terminal, bytes, size);
	return n > 0 ? (size_t)n : 0;
}

static void put(const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(terminal, bytes, length);

		if (n < 0)
			fail("cannot type");
		bytes += n;
		length -= (size_t)n;
	}
}

static void start(char **command)
{
	const struct winsize size = {.ws_row = 25, .ws_col = 80};
	int slave;

	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
		fail("no pty");
	ioctl(terminal, TIOCSWINSZ, &size);
	child = fork();
	if (child)
		return;
	setsid();
	slave = open(ptsname(terminal), O_RDWR);
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	execvp(command[0], command);
	_exit(127);
}

static void await(const char *ready)
{
	static char seen[SEEN_MAX];
	size_t length = 0;

	while (!memmem(seen, length, ready, strlen(ready))) {
		size_t n = get(seen + length, sizeof(seen) - length, PATIENCE_MS);

		if (!n) {
			fprintf(stderr, "%.*s\n", (int)length, seen);
			fail("it is not ready in time");
		}
		length += n;
	}
	/* what is on its way behind that is no echo */
	while (get(seen, sizeof(seen), 300))
		;
}

static double press(char key)
{
	double begun = now_us();
	char bytes[256];

	put(&key, 1);
	for (;;) {
		size_t n = get(bytes, sizeof(bytes), PATIENCE_MS);

		if (!n)
			fail("no echo");
		if (memchr(bytes, key, n))
			return now_us() - begun;
	}
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static void type_keys(int n)
{
	double *times = calloc((size_t)n, sizeof(*times));

	if (!times)
		fail("out of memory");
	for (int i = 0; i < n; i++)
		times[i] = press((char)('a' + i % 26));
	qsort(times, (size_t)n, sizeof(*times), compare);
	printf("%.0f %.0f", times[n / 2], times[n * 99 / 100]);
	free(times);
}

/* A block is typed as fast as it is taken, a few bytes ahead of what has come back. */
static void type_block(size_t total)
{
	size_t sent = 0, came = 0;
	double begun = now_us();
	char bytes[4096], block[CHUNK];

	memset(block, 'x', sizeof(block));
	while (came < total) {
		while (sent < total && sent - came < 16 * CHUNK) {
			size_t n = total - sent < CHUNK ? total - sent : CHUNK;

			put(block, n);
			sent += n;
		}
		size_t n = get(bytes, sizeof(bytes), PATIENCE_MS);

		if (!n)
			fail("the block does not come back");
		for (size_t i = 0; i < n; i++)
			came += bytes[i] == 'x';
	}
	printf(" %.0f", (double)total * 1e6 / (now_us() - begun));
}

static void type_end(const char *end)
{
	for (; *end; end++) {
		char c = *end;

		if (c == '\\' && end[1])
			c = *++end == 'r' ? '\r' : *end == 'n' ? '\n' : *end;
		put(&c, 1);
		usleep(50000);
	}
}

int main(int argc, char **argv)
{
	int keys = 200, option;
	size_t block = 0;
	const char *end = "";
	char bytes[4096];

	while ((option = getopt(argc, argv, "+n:e:r:")) != -1) {
		if (option == 'n')
			keys = atoi(optarg);
		else if (option == 'e')
			end = optarg;
		else if (option == 'r')
			block = (size_t)atol(optarg);
		else
			return 2;
	}
	if (argc - optind < 2 || keys < 1)
		return 2;
	start(argv + optind + 1);
	await(argv[optind]);
	type_keys(keys);
	if (block)
		type_block(block);
	printf("\n");
	type_end(end);
	for (int i = 0; i < 50 && !waitpid(child, NULL, WNOHANG); i++)
		get(bytes, sizeof(bytes), 100);
	kill(child, SIGKILL);
	return 0;
}
