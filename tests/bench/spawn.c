/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times a command: spawn [-i INTERFACE] [-o FILE] [-d] [-x] RUNS COMMAND… prints
 *	the median, in microseconds, of the wall time of so many runs
 *	the greatest resident memory of one process of it, in kilobytes
 *	the median of its processor time, with that of the processes that it has waited for, in
 *	microseconds
 *	with -d, the greatest number of descriptors that it had open; looking for them every
 *	millisecond costs time
 * A shell's own work is not in it. -i: until its first magic packet has come to the interface;
 * -o: where its output goes; -x: it may fail.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct measures {
	double *wall, *cpu;		/* of each run, in microseconds */
	long memory;			/* kilobytes */
	unsigned descriptors;
};

struct options {
	int packets;			/* a socket; -1: none */
	bool descriptors, may_fail;
	const char *output;
};

static double us_of(const struct timespec *ts)
{
	return (double)ts->tv_sec * 1e6 + (double)ts->tv_nsec / 1e3;
}

static double now_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return us_of(&ts);
}

/* A socket that gets every frame of an interface, with the time of its arrival; -1 on any error. */
static int listen_on(const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0 || !address.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience))) {
		perror(interface);
		return -1;
	}
	return fd;
}

/* When the next magic packet was there, on the real-time clock; 0 when none comes. */
static double next_packet(int fd)
{
	static const unsigned char magic[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	unsigned char frame[2048], control[256];
	struct iovec part = {frame, sizeof(frame)};

	for (;;) {
		struct msghdr message = {
			.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(fd, &message, 0);

		if (n < 0)
			return 0;
		/* behind the header of the frame, whose destination may be six times FF too */
		if (n < 14 || !memmem(frame + 14, (size_t)n - 14, magic, sizeof(magic)))
			continue;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
			struct timespec ts;

			if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
				continue;
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			return us_of(&ts);
		}
	}
}

static void drain(int fd)
{
	char frame[2048];

	while (recv(fd, frame, sizeof(frame), MSG_DONTWAIT) > 0)
		;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* How many descriptors a process has open now. */
static unsigned count_descriptors(pid_t pid)
{
	const struct dirent *entry;
	unsigned n = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static pid_t start(char **command, const char *output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	err = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (!err)
		return pid;
	fprintf(stderr, "%s: %s\n", command[0], strerror(err));
	return -1;
}

/* Waits for its end; its exit status, as wait tells it. */
static int finish(pid_t pid, struct measures *m, bool descriptors, struct rusage *usage)
{
	struct timespec tick = {.tv_nsec = 1000000};
	int status = 0;

	for (;;) {
		unsigned n;
		pid_t done = wait4(pid, &status, descriptors ? WNOHANG : 0, usage);

		if (done == pid || (done < 0 && errno != EINTR))
			return status;
		if (!descriptors)
			continue;
		n = count_descriptors(pid);
		if (n > m->descriptors)
			m->descriptors = n;
		nanosleep(&tick, NULL);
	}
}

static double us_of_cpu(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6 +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* The n-th run; false when it failed. */
static bool run_once(char **command, const struct options *options, struct measures *m, int n)
{
	struct rusage usage = {0};
	double begun, ended = 0;
	int status;
	pid_t pid;

	if (options->packets >= 0)
		drain(options->packets);
	begun = now_us(options->packets >= 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC);
	pid = start(command, options->output);
	if (pid < 0)
		return false;
	if (options->packets >= 0)
		ended = next_packet(options->packets);
	status = finish(pid, m, options->descriptors, &usage);
	if (options->packets < 0)
		ended = now_us(CLOCK_MONOTONIC);
	/* status says "off" with 3 */
	if (!ended || (!options->may_fail &&
		       (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != 3)))) {
		fprintf(stderr, "%s ended with status %d\n", command[0], status);
		return false;
	}
	m->wall[n] = ended - begun;
	m->cpu[n] = us_of_cpu(&usage);
	if (usage.ru_maxrss > m->memory)
		m->memory = usage.ru_maxrss;
	return true;
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return values[n / 2];
}

int main(int argc, char **argv)
{
	struct options options = {.packets = -1, .output = "/dev/null"};
	struct measures m = {0};
	int runs, option;

	while ((option = getopt(argc, argv, "+i:o:dx")) != -1) {
		switch (option) {
		case 'i':
			options.packets = listen_on(optarg);
			if (options.packets < 0)
				return 1;
			break;
		case 'o':
			options.output = optarg;
			break;
		case 'd':
			options.descriptors = true;
			break;
		case 'x':
			options.may_fail = true;
			break;
		default:
			return 2;
		}
	}
	argv += optind;
	runs = argc - optind > 1 ? atoi(argv[0]) : 0;
	m.wall = calloc((size_t)(runs > 0 ? runs : 1), sizeof(*m.wall));
	m.cpu = calloc((size_t)(runs > 0 ? runs : 1), sizeof(*m.cpu));
	if (runs < 1 || !m.wall || !m.cpu)
		return 2;
	for (int i = 0; i < runs; i++) {
		if (!run_once(argv + 1, &options, &m, i))
			return 1;
	}
	printf("%.0f %ld %.0f", median(m.wall, runs), m.memory, median(m.cpu, runs));
	if (options.descriptors)
		printf(" %u", m.descriptors);
	printf("\n");
	free(m.wall);
	free(m.cpu);
	return 0;
}
