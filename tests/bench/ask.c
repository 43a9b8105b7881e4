/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The least that asking many QEMUs for their state by QMP costs: ask SOCKET… connects to monitors
 * of JSON, 16 at a time, sends each qmp_capabilities and query-status at once, and looks for no more
 * than the word that ends the answer. It knows the paths, reads no files and checks nothing.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { AT_A_TIME = 16 };

static void ask(int poll, const char *path)
{
	static const char words[] = "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-status\"}";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    write(fd, words, strlen(words)) != (ssize_t)strlen(words) ||
	    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event))
		err(1, "%s", path);
}

/* Whether the answer has come; it may come in pieces, none of which cuts a line. */
static int answered(int fd)
{
	char text[4096];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		errx(1, "a monitor was closed");
	text[n] = '\0';
	return strstr(text, "\"running\"") != NULL;
}

int main(int argc, char **argv)
{
	int poll = epoll_create1(0), asked = 0, next = 1;

	while (next < argc || asked) {
		struct epoll_event events[AT_A_TIME];
		int n;

		for (; next < argc && asked < AT_A_TIME; asked++)
			ask(poll, argv[next++]);
		n = epoll_wait(poll, events, AT_A_TIME, 10000);
		if (n <= 0)
			errx(1, "no answer");
		for (int i = 0; i < n; i++) {
			if (answered(events[i].data.fd)) {
				close(events[i].data.fd);
				asked--;
			}
		}
	}
	return 0;
}
