/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times a command: spawn RUNS COMMAND… prints the median, in microseconds, of the wall time of so
 * many runs, and the greatest resident memory of one, in kilobytes. A shell's own work is not in
 * it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <spawn.h>
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

/* One run; its time in microseconds, negative on any error. */
static double run_once(char **command, int packets)
{
	posix_spawn_file_actions_t actions;
	double start, end = 0;
	int err, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (packets >= 0)
		drain(packets);
	start = now_us(packets >= 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC);
	err = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err) {
		fprintf(stderr, "%s: %s\n", command[0], strerror(err));
		return -1;
	}
	if (packets >= 0)
		end = next_packet(packets);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (packets < 0)
		end = now_us(CLOCK_MONOTONIC);
	/* status says "off" with 3 */
	if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != 3) || !end) {
		fprintf(stderr, "%s ended with status %d\n", command[0], status);
		return -1;
	}
	return end - start;
}

int main(int argc, char **argv)
{
	int packets = -1, runs;
	struct rusage usage;
	double *times;

	if (argc > 3 && !strcmp(argv[1], "-i")) {
		packets = listen_on(argv[2]);
		if (packets < 0)
			return 1;
		argc -= 2;
		argv += 2;
	}
	runs = argc > 2 ? atoi(argv[1]) : 0;
	times = calloc((size_t)(runs > 0 ? runs : 1), sizeof(*times));
	if (runs < 1 || !times)
		return 2;
	for (int i = 0; i < runs; i++) {
		times[i] = run_once(argv + 2, packets);
		if (times[i] < 0)
			return 1;
	}
	getrusage(RUSAGE_CHILDREN, &usage);
	qsort(times, (size_t)runs, sizeof(*times), compare);
	printf("%.0f %ld\n", times[runs / 2], usage.ru_maxrss);
	return 0;
}
