/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of the driver probe, as far as the loopback interface can show them; what networks do
 * needs namespaces. getaddrinfo is ours: "up" is 127.0.0.1, all else is unknown.
 */
#include "test.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/resolve.h"
#include "model/key.h"
#include "model/machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

static struct model *model;
static struct fault f;

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in sin;
	} *a;

	(void)service;
	if (hints->ai_flags & AI_NUMERICHOST || strcmp(host, "up"))
		return EAI_NONAME;
	a = calloc(1, sizeof(*a));
	a->sin.sin_family = AF_INET;
	a->sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->info = (struct addrinfo){
		.ai_family = AF_INET, .ai_addr = (struct sockaddr *)&a->sin,
		.ai_addrlen = sizeof(a->sin),
	};
	*found = &a->info;
	return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
	free(info);
}

static int setup(void **state)
{
	(void)state;
	model = model_of("machine \"local\" { address = \"127.0.0.1\"\n probe-timeout = 300ms }\n"
			 "machine \"named\" { address = \"up:623\"\n probe-timeout = 300ms }\n"
			 "machine \"lost\" { address = \"nas9\" }\n"
			 "machine \"none\" { probe = \"tcp 22\" }\n"
			 "machine \"bare\" {}\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	drivers_quit();
	resolve_quit();
	model_free(model);
	return 0;
}

/* A socket on a free port; backlog < 0: bound only, so that nobody else gets it. */
static int serve(int backlog, uint16_t *port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &length), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static struct ended ask(const char *machine, const char *format, uint16_t port)
{
	char method[100];

	snprintf(method, sizeof(method), format, port);
	return trial_run(model, machine, VERB_STATUS, method);
}

static void assert_on(struct ended e)
{
	assert_string_equal(e.text, "");
	assert_int_equal(e.err, 0);
	assert_int_equal(e.state, STATE_ON);
}

static void assert_fails(struct ended e, int err, const char *format, unsigned port)
{
	char sentence[FAULT_TEXT_MAX];

	snprintf(sentence, sizeof(sentence), format, port);
	assert_string_equal(e.text, sentence);
	assert_int_equal(e.err, err);
}

static void service_that_answers_is_on(void **state)
{
	uint16_t port;
	int fd = serve(8, &port);

	(void)state;
	assert_on(ask("local", "probe tcp %u", port));
	assert_on(ask("named", "probe tcp %u", port));
	assert_on(ask("bare", "probe tcp %u 127.0.0.1", port));
	assert_on(ask("bare", "probe tcp %u ::ffff:127.0.0.1", port));
	close(fd);
}

static void service_that_refuses_is_neither(void **state)
{
	uint16_t port;
	int fd = serve(-1, &port);

	(void)state;
	assert_fails(ask("local", "probe tcp %u", port), -ECONNREFUSED,
		     "127.0.0.1 is up, but port %u refuses connections", port);
	assert_fails(ask("named", "probe tcp %u", port), -ECONNREFUSED,
		     "up (127.0.0.1) is up, but port %u refuses connections", port);
	close(fd);
}

/* Fills the queue of a service that accepts nothing: the kernel then drops what comes. */
static void fill(uint16_t port, int fds[4])
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	for (int i = 0; i < 4; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(fds[i], (struct sockaddr *)&sin, sizeof(sin));
	}
}

static void service_that_is_silent_is_off(void **state)
{
	struct trial trial;
	struct ended e;
	uint16_t port;
	int fds[4], fd = serve(0, &port);
	char sentence[100], method[50];

	(void)state;
	fill(port, fds);
	e = ask("local", "probe tcp %u", port);
	snprintf(sentence, sizeof(sentence), "port %u of 127.0.0.1 does not answer", port);
	assert_string_equal(e.text, sentence);
	assert_int_equal(e.err, 0);
	assert_int_equal(e.state, STATE_OFF);

	snprintf(method, sizeof(method), "probe tcp %u", port);
	trial_start(&trial, model, "local", VERB_STATUS, method);
	loop_for(0.05);
	assert_int_equal(trial.ended.times, 0);
	trial_cancel(&trial);
	loop_for(0.5);
	assert_int_equal(trial.ended.times, 1);
	assert_fails(trial.ended, -ECANCELED, "127.0.0.1 has not answered yet", 0);
	trial_free(&trial);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(fd);
}

static void unknown_names_are_told(void **state)
{
	char sentence[FAULT_TEXT_MAX];
	struct trial trial;

	(void)state;
	snprintf(sentence, sizeof(sentence), "the name \"nas9\" is not known (%s)",
		 gai_strerror(EAI_NONAME));
	assert_fails(trial_run(model, "lost", VERB_STATUS, "probe icmp"), -ENOENT, sentence, 0);
	trial_start(&trial, model, "lost", VERB_STATUS, "probe icmp");
	trial_cancel(&trial);
	loop_for(0.05);
	assert_int_equal(trial.ended.times, 1);
	assert_fails(trial.ended, -ECANCELED, "the name \"nas9\" is still being looked up", 0);
	trial_free(&trial);
}

static void what_is_missing_is_told(void **state)
{
	const struct driver *driver = driver_find("probe");

	(void)state;
	assert_fails(trial_run(model, "none", VERB_STATUS, "probe"), -EINVAL,
		     "there is no address to ask: set address, or write one behind the probe, as "
		     "in \"tcp PORT 10.0.0.7\"", 0);
	assert_fails(trial_run(model, "bare", VERB_STATUS, "probe"), -EINVAL,
		     "there is nothing to ask: set probe = \"icmp\", \"arp\" or \"tcp PORT\"", 0);
	assert_fails(trial_run(model, "bare", VERB_STATUS, "probe icmp fe80::1%stk-none"), -ENODEV,
		     "there is no network interface \"stk-none\", which \"fe80::1%%stk-none\" "
		     "names", 0);
	assert_int_equal(driver->check_machine(machine_find(model, "none"), &f), -EINVAL);
	assert_int_equal(driver->check_machine(machine_find(model, "bare"), &f), -EINVAL);
}

static void ping_of_this_machine_is_on(void **state)
{
	const struct driver *driver = driver_find("probe");
	struct trial trials[100];

	(void)state;
	if (driver->check(&f)) {
		print_message("SKIP: %s\n", f.text);
		skip();
	}
	assert_on(trial_run(model, "local", VERB_STATUS, "probe icmp"));
	assert_on(trial_run(model, "named", VERB_STATUS, "probe icmp"));
	for (int i = 0; i < 100; i++) {
		char method[50];

		snprintf(method, sizeof(method), "probe icmp 127.0.1.%d", i + 1);
		trial_start(&trials[i], model, "local", VERB_STATUS, method);
	}
	/* in the midst of it */
	trial_cancel(&trials[50]);
	for (int i = 0; i < 100; i++) {
		if (!trials[i].ended.times)
			trial_wait(&trials[i], 5);
		assert_int_equal(trials[i].ended.state, i == 50 ? STATE_UNKNOWN : STATE_ON);
		trial_free(&trials[i]);
	}
}

static void arp_knows_its_networks(void **state)
{
	struct ended e;

	(void)state;
	/* nobody answers for one's own address */
	assert_on(trial_run(model, "local", VERB_STATUS, "probe arp"));
	e = trial_run(model, "local", VERB_STATUS, "probe arp 240.0.0.1");
	assert_int_equal(e.err, -ENETUNREACH);
	assert_contains(e.text, "240.0.0.1 is in the network of no interface (");
	assert_contains(e.text, "): ARP reaches no further, use icmp or tcp");
}

static const struct key *find_key(const char *name)
{
	const struct key *const *keys = driver_find("probe")->keys;

	while (strcmp((*keys)->name, name))
		keys++;
	return *keys;
}

static void accepts(const char *value)
{
	if (key_check(find_key("probe"), value, &f))
		fail_msg("%s", f.text);
}

static void refuses(const char *key, const char *value, const char *sentence)
{
	assert_int_equal(key_check(find_key(key), value, &f), -EINVAL);
	assert_string_equal(f.text, sentence);
}

static void wrong_values_are_told(void **state)
{
	(void)state;
	accepts("icmp");
	accepts("icmp fe80::1%eth0");
	accepts("arp nas");
	accepts("tcp 22");
	accepts("  tcp  22  10.0.0.9 ");
	refuses("probe", "ping", "there is no probe \"ping\": write icmp, arp, or tcp and a port");
	refuses("probe", " ", "there is no probe \"\": write icmp, arp, or tcp and a port");
	refuses("probe", "tcp", "tcp needs a port: write for example \"tcp 22\"");
	refuses("probe", "tcp ssh", "port \"ssh\" is not a number from 1 to 65535");
	refuses("probe", "tcp 65536", "port \"65536\" is not a number from 1 to 65535");
	refuses("probe", "tcp 22 a b",
		"\"b\" is one word too many: write tcp, the port and at most an address");
	refuses("probe", "icmp a b",
		"\"b\" is one word too many: write icmp and at most an address");
	refuses("probe", "tcp 22 10.0.0.9:80",
		"\"10.0.0.9:80\" names a port: a port stands behind tcp, as in \"tcp 80 "
		"10.0.0.9\"");
	refuses("probe", "arp fe80::1",
		"arp asks for IPv4 addresses, \"fe80::1\" is none: write icmp");
	refuses("probe-timeout", "0s", "\"0s\" leaves no time: write 10ms or more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(service_that_answers_is_on, setup, teardown),
		cmocka_unit_test_setup_teardown(service_that_refuses_is_neither, setup, teardown),
		cmocka_unit_test_setup_teardown(service_that_is_silent_is_off, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_names_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_missing_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(ping_of_this_machine_is_on, setup, teardown),
		cmocka_unit_test_setup_teardown(arp_knows_its_networks, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_values_are_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
