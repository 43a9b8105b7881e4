/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket. See control.h. */
#include "control.h"
#include "bmc.h"
#include "control_console.h"
#include "session.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MAX_LENGTH = 512, WORDS_MAX = 4 };

struct client {
	struct client *next;
	ev_io readable;
	size_t length;
	char line[LINE_MAX_LENGTH];
};

static struct ev_loop *loop;
static ev_io listening;
static struct client *clients;
static struct sockaddr_un name;

/* -- what can be asked ------------------------------------------------------------------------- */

static void get_power(struct bmc *bmc, FILE *to)
{
	fprintf(to, "%s\n", power_is_on(bmc) ? "on" : "off");
}

static void get_identify(struct bmc *bmc, FILE *to)
{
	fprintf(to, "%s\n", bmc->identify_until > now ? "on" : "off");
}

/* What the flags say now, and whether for good and by EFI. */
static void get_boot(struct bmc *bmc, FILE *to)
{
	const uint8_t *flags = bmc->boot.flags;

	boot_expire(bmc);
	fprintf(to, "%s", boot_device(flags));
	if (flags[0] & 0x80)
		fprintf(to, "%s%s", flags[0] & 0x40 ? " persistent" : "",
			flags[0] & 0x20 ? " efi" : "");
	fputc('\n', to);
}

/* What the last start used. */
static void get_booted(struct bmc *bmc, FILE *to)
{
	power_is_on(bmc);
	fprintf(to, "%s%s\n", boot_device_word(bmc->boot.booted),
		bmc->boot.booted_efi ? " efi" : "");
}

static void get_controls(struct bmc *bmc, FILE *to)
{
	const struct power *p = &bmc->power;

	fprintf(to, "off %u on %u cycle %u reset %u diag %u soft %u\n", p->offs, p->ons, p->cycles,
		p->resets, p->nmis, p->softs);
}

static void get_requests(struct bmc *bmc, FILE *to)
{
	fprintf(to, "%u\n", bmc->requests);
}

static void get_sessions(struct bmc *bmc, FILE *to)
{
	fprintf(to, "%u\n", session_count(bmc));
}

static void get_logins(struct bmc *bmc, FILE *to)
{
	fprintf(to, "good %u failed %u begun %u\n", bmc->logins_good, bmc->logins_failed,
		bmc->logins_begun);
}

static const struct view {
	const char *name;
	void (*print)(struct bmc *bmc, FILE *to);
} views[] = {
	{"power", get_power}, {"identify", get_identify}, {"boot", get_boot},
	{"booted", get_booted}, {"controls", get_controls}, {"requests", get_requests},
	{"sessions", get_sessions}, {"logins", get_logins},
	{"console", control_get_console}, {"place", control_get_place},
};

static void print_view(struct bmc *bmc, const char *what, FILE *to)
{
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (!strcmp(views[i].name, what)) {
			views[i].print(bmc, to);
			return;
		}
	}
	fprintf(to, "error: there is no \"%s\"\n", what);
}

static void print_stats(FILE *to)
{
	fprintf(to,
		"bmcs %zu sessions %zu received %llu sent %llu lost %llu foreign %llu "
		"malformed %llu wrong-code %llu no-session %llu sequence %llu\n",
		bmc_count(), session_total(), (unsigned long long)stats.received,
		(unsigned long long)stats.sent, (unsigned long long)stats.lost,
		(unsigned long long)stats.foreign, (unsigned long long)stats.malformed,
		(unsigned long long)stats.wrong_code, (unsigned long long)stats.no_session,
		(unsigned long long)stats.sequence);
}

/* Those whose faults are the settings' have it by these. */
static void set_fault(struct bmc *bmc, void *text)
{
	const char *why;

	if (bmc->own_faults)
		bmc_fault(bmc, text, &why);
}

/* fault ADDRESS|all [-]NAME[=VALUE] */
static void change_fault(const char *address_text, char *text, FILE *to)
{
	struct faults trial = {0};
	struct address address;
	struct bmc *bmc;
	const char *why;

	if (!fault_apply(&trial, text, &why)) {
		fprintf(to, "error: %s\n", why);
	} else if (!strcmp(address_text, "all")) {
		if (setting_add("fault", text, NULL, &why)) {
			bmc_each(set_fault, text);
			fputs("ok\n", to);
		} else {
			fprintf(to, "error: %s\n", why);
		}
	} else if (!address_parse(address_text, &address) || !(bmc = bmc_get(&address))) {
		fprintf(to, "error: \"%s\" is not an address\n", address_text);
	} else {
		bmc_fault(bmc, text, &why);
		fputs("ok\n", to);
	}
}

static void set(struct bmc *bmc, const char *what, const char *value, FILE *to)
{
	bool on = !strcmp(value, "on");

	if (!strcmp(what, "console")) {
		control_set_console(bmc, value, to);
		return;
	}
	if (strcmp(what, "power") || (!on && strcmp(value, "off"))) {
		fputs("error: write set ADDRESS power on|off or console FAR-END\n", to);
		return;
	}
	power_set(bmc, on);
	fputs("ok\n", to);
}

static void end_sessions(struct bmc *bmc, FILE *to)
{
	while (bmc->sessions)
		session_end(bmc->sessions);
	fputs("ok\n", to);
}

static void answer(char *line, FILE *to)
{
	char *words[WORDS_MAX] = {0}, *rest = line, *word;
	struct address address;
	struct bmc *bmc = NULL;
	size_t n = 0;

	if (!strncmp(line, "console ", 8)) {
		control_console(line + 8, to);
		return;
	}
	while ((word = strsep(&rest, " ")) && n < WORDS_MAX) {
		if (*word)
			words[n++] = word;
	}
	if (n == 1 && !strcmp(words[0], "stats")) {
		print_stats(to);
		return;
	}
	if (n == 3 && !strcmp(words[0], "fault")) {
		change_fault(words[1], words[2], to);
		return;
	}
	if (n < 2 || !address_parse(words[1], &address) || !(bmc = bmc_get(&address)))
		fputs("error: write get ADDRESS WHAT, set ADDRESS power on|off, "
		      "set ADDRESS console FAR-END, console ADDRESS say TEXT, "
		      "count ADDRESS sessions, logins ADDRESS, close ADDRESS, steal ADDRESS, "
		      "reboot ADDRESS, fault ADDRESS|all NAME, or stats\n",
		      to);
	else if (n == 3 && (!strcmp(words[0], "get") || !strcmp(words[0], "count")))
		print_view(bmc, words[2], to);
	else if (n == 2 && !strcmp(words[0], "logins"))
		print_view(bmc, "logins", to);
	else if (n == 2 && !strcmp(words[0], "close"))
		end_sessions(bmc, to);
	else if (n == 2 && !strcmp(words[0], "steal"))
		control_steal(bmc, to);
	else if ((n == 2 || n == 3) && !strcmp(words[0], "reboot"))
		control_reboot(bmc, words[2], to);
	else if (n == 4 && !strcmp(words[0], "set"))
		set(bmc, words[2], words[3], to);
	else
		fprintf(to, "error: \"%s\" is not known, or wants other words\n", words[0]);
}

/* -- the socket -------------------------------------------------------------------------------- */

static void client_end(struct client *client)
{
	struct client **link = &clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	ev_io_stop(loop, &client->readable);
	close(client->readable.fd);
	free(client);
}

/* Answers a line; false when the other end does not take it. */
static bool client_answer(struct client *client, char *line)
{
	char text[1024];
	FILE *to = fmemopen(text, sizeof(text), "w");
	long length;

	if (!to)
		return false;
	answer(line, to);
	length = ftell(to);
	fclose(to);
	return length > 0 && send(client->readable.fd, text, (size_t)length,
				  MSG_NOSIGNAL | MSG_DONTWAIT) == length;
}

static void on_line(struct ev_loop *ev, ev_io *w, int events)
{
	struct client *client = w->data;
	ssize_t n = read(w->fd, client->line + client->length, LINE_MAX_LENGTH - client->length);
	char *end;

	(void)ev, (void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_end(client);
		return;
	}
	client->length += (size_t)n;
	while ((end = memchr(client->line, '\n', client->length))) {
		size_t used = (size_t)(end + 1 - client->line);

		*end = '\0';
		if (!client_answer(client, client->line)) {
			client_end(client);
			return;
		}
		client->length -= used;
		memmove(client->line, client->line + used, client->length);
	}
	if (client->length == LINE_MAX_LENGTH)
		client_end(client);
}

static void on_client(struct ev_loop *ev, ev_io *w, int events)
{
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client;

	(void)events;
	if (fd < 0)
		return;
	client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return;
	}
	client->next = clients;
	clients = client;
	ev_io_init(&client->readable, on_line, fd, EV_READ);
	client->readable.data = client;
	ev_io_start(ev, &client->readable);
}

static int open_socket(const char *path)
{
	int fd;

	name.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(name.sun_path))
		return -ENAMETOOLONG;
	strcpy(name.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int control_start(const char *path, struct ev_loop *ev)
{
	int fd = open_socket(path), err;

	if (fd < 0)
		return fd;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) || listen(fd, 16)) {
		err = -errno;
		close(fd);
		return err;
	}
	loop = ev;
	ev_io_init(&listening, on_client, fd, EV_READ);
	ev_io_start(loop, &listening);
	return 0;
}

void control_stop(void)
{
	if (!loop)
		return;
	while (clients)
		client_end(clients);
	ev_io_stop(loop, &listening);
	close(listening.fd);
	unlink(name.sun_path);
	loop = NULL;
}

int control_ask(const char *path, char *const words[])
{
	int fd = open_socket(path);
	FILE *stream;
	char line[1024];
	int code = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) ||
	    !(stream = fdopen(fd, "r+"))) {
		fprintf(stderr, "bmcsim: \"%s\": %s\n", path, strerror(fd < 0 ? -fd : errno));
		if (fd >= 0)
			close(fd);
		return 1;
	}
	for (; *words; words++)
		fprintf(stream, "%s%s", *words, words[1] ? " " : "\n");
	fflush(stream);
	if (fgets(line, sizeof(line), stream)) {
		fputs(line, stdout);
		code = !strncmp(line, "error:", 6);
	}
	fclose(stream);
	return code;
}
