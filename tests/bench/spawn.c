/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times a command: spawn RUNS COMMAND… prints the median, in microseconds, of the wall time of so
 * many runs, and the greatest resident memory of one, in kilobytes. A shell's own work is not in
 * it.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	int runs = argc > 2 ? atoi(argv[1]) : 0, status;
	double *times = calloc((size_t)(runs > 0 ? runs : 1), sizeof(*times));
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	pid_t pid;

	if (runs < 1 || !times)
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (int i = 0; i < runs; i++) {
		double start = now_us();
		int err = posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ);

		if (err) {
			fprintf(stderr, "%s: %s\n", argv[2], strerror(err));
			return 1;
		}
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		times[i] = now_us() - start;
		/* status says "off" with 3 */
		if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != 3)) {
			fprintf(stderr, "%s ended with status %d\n", argv[2], status);
			return 1;
		}
	}
	getrusage(RUSAGE_CHILDREN, &usage);
	qsort(times, (size_t)runs, sizeof(*times), compare);
	printf("%.0f %ld\n", times[runs / 2], usage.ru_maxrss);
	return 0;
}
