/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of base/resolve. getaddrinfo is ours here: names that begin with
 * "slow" wait until they are let go, "host…" is 127.0.0.9, everything else is unknown.
 */
#include "test.h"
#include "base/fault.h"
#include "base/resolve.h"
#include "attempts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static unsigned queries, running, most;
static bool held;

static struct addrinfo *answer(const char *address)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in sin;
	} *a = calloc(1, sizeof(*a));

	a->sin.sin_family = AF_INET;
	inet_pton(AF_INET, address, &a->sin.sin_addr);
	a->info = (struct addrinfo){
		.ai_family = AF_INET, .ai_addr = (struct sockaddr *)&a->sin,
		.ai_addrlen = sizeof(a->sin),
	};
	return &a->info;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	bool slow = !strncmp(host, "slow", 4);
	struct in_addr plain;

	(void)service;
	if (hints->ai_flags & AI_NUMERICHOST) {
		if (inet_pton(AF_INET, host, &plain) != 1)
			return EAI_NONAME;
		*found = answer(host);
		return 0;
	}
	pthread_mutex_lock(&lock);
	queries++;
	if (++running > most)
		most = running;
	pthread_cond_broadcast(&change);
	while (slow && held)
		pthread_cond_wait(&change, &lock);
	running--;
	pthread_mutex_unlock(&lock);
	if (!strcmp(host, "later"))
		return EAI_AGAIN;
	if (!slow && strncmp(host, "host", 4))
		return EAI_NONAME;
	if (hints->ai_family == AF_INET6)
		return EAI_ADDRFAMILY;
	*found = answer("127.0.0.9");
	return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
	free(info);
}

static void hold(bool on)
{
	pthread_mutex_lock(&lock);
	held = on;
	pthread_cond_broadcast(&change);
	pthread_mutex_unlock(&lock);
}

static void wait_running(unsigned n)
{
	pthread_mutex_lock(&lock);
	while (running < n)
		pthread_cond_wait(&change, &lock);
	pthread_mutex_unlock(&lock);
}

static void wait_idle(void)
{
	for (bool busy = true; busy;) {
		pthread_mutex_lock(&lock);
		busy = running > 0;
		pthread_mutex_unlock(&lock);
	}
}

struct look {
	struct resolve *handle;
	unsigned times;
	int err;
	char address[INET6_ADDRSTRLEN], sentence[FAULT_TEXT_MAX];
	struct look *cancels;		/* when it is told */
	const char *starts;
	bool quits;
};

static struct ev_loop *loop;
static struct fault f;
static unsigned told;

static void look_start(struct look *look, const char *host, int family);

static void on_done(void *data, int err, const struct sockaddr_storage *address,
		    const char *sentence)
{
	struct look *look = data;

	told++;
	look->times++;
	look->err = err;
	look->handle = NULL;
	if (address)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, look->address,
			  sizeof(look->address));
	if (sentence)
		strcpy(look->sentence, sentence);
	if (look->cancels) {
		resolve_cancel(look->cancels->handle);
		look->cancels->handle = NULL;
		look->cancels = NULL;
	}
	if (look->starts) {
		const char *host = look->starts;

		look->starts = NULL;
		look_start(look, host, AF_UNSPEC);
	}
	if (look->quits)
		resolve_quit();
	ev_break(loop, EVBREAK_ALL);
}

static void look_start(struct look *look, const char *host, int family)
{
	unsigned before = look->times;

	assert_int_equal(resolve_start(loop, host, family, on_done, look, &look->handle, &f), 0);
	/* never from inside */
	assert_int_equal(look->times, before);
}

static void wait_told(unsigned n)
{
	while (told < n)
		ev_run(loop, 0);
}

static int setup(void **state)
{
	(void)state;
	loop = ev_default_loop(0);
	queries = most = told = 0;
	held = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	resolve_quit();
	hold(false);
	wait_idle();
	return 0;
}

static void names_and_addresses_are_found(void **state)
{
	struct look name = {0}, address = {0};

	(void)state;
	look_start(&name, "host1", AF_UNSPEC);
	look_start(&address, "10.1.2.3", AF_INET);
	wait_told(2);
	assert_int_equal(name.err, 0);
	assert_string_equal(name.address, "127.0.0.9");
	assert_string_equal(address.address, "10.1.2.3");
	/* an address costs no query */
	assert_int_equal(queries, 1);
	/* and nothing keeps the loop */
	assert_int_equal(ev_run(loop, 0), 0);
}

static void unknown_names_are_told(void **state)
{
	struct look unknown = {0}, family = {0}, later = {0};
	char expected[FAULT_TEXT_MAX];

	(void)state;
	look_start(&unknown, "nas9", AF_UNSPEC);
	look_start(&family, "host1", AF_INET6);
	look_start(&later, "later", AF_UNSPEC);
	wait_told(3);
	assert_int_equal(unknown.err, -ENOENT);
	snprintf(expected, sizeof(expected), "the name \"nas9\" is not known (%s)",
		 gai_strerror(EAI_NONAME));
	assert_string_equal(unknown.sentence, expected);
	assert_int_equal(family.err, -EAFNOSUPPORT);
	assert_non_null(strstr(family.sentence, "the name \"host1\" has no IPv6 address ("));
	assert_int_equal(later.err, -EAGAIN);
	assert_non_null(strstr(later.sentence, "the name server does not answer"));
}

static void same_name_is_asked_once(void **state)
{
	enum { N = 1000 };
	static struct look looks[N];

	(void)state;
	memset(looks, 0, sizeof(looks));
	hold(true);
	for (unsigned i = 0; i < N; i++)
		look_start(&looks[i], "slow1", AF_UNSPEC);
	wait_running(1);
	hold(false);
	wait_told(N);
	assert_int_equal(queries, 1);
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(looks[i].times, 1);
		assert_int_equal(looks[i].err, 0);
	}
	/* what is over is not remembered */
	look_start(&looks[0], "slow1", AF_UNSPEC);
	wait_told(N + 1);
	assert_int_equal(queries, 2);
}

static void threads_are_few(void **state)
{
	enum { N = 20000 };
	static struct look looks[N];
	char host[32];

	(void)state;
	memset(looks, 0, sizeof(looks));
	hold(true);
	for (unsigned i = 0; i < N; i++) {
		snprintf(host, sizeof(host), "slow%u", i);
		look_start(&looks[i], host, AF_UNSPEC);
	}
	wait_running(8);
	hold(false);
	wait_told(N);
	assert_int_equal(most, 8);
	assert_int_equal(queries, N);
}

static void cancelled_ones_are_not_told(void **state)
{
	struct look running_one = {0}, queued[20] = {{0}}, last = {0};
	char host[32];

	(void)state;
	hold(true);
	look_start(&running_one, "slow", AF_UNSPEC);
	wait_running(1);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(host, sizeof(host), "slow%u", i);
		look_start(&queued[i], host, AF_UNSPEC);
	}
	wait_running(8);
	resolve_cancel(running_one.handle);
	for (unsigned i = 0; i < 20; i++)
		resolve_cancel(queued[i].handle);
	/* those that were never begun never are */
	hold(false);
	wait_idle();
	look_start(&last, "host", AF_UNSPEC);
	wait_told(1);
	assert_int_equal(running_one.times, 0);
	assert_true(queries <= 9);
}

static void query_that_runs_serves_a_new_one(void **state)
{
	struct look first = {0}, second = {0};

	(void)state;
	hold(true);
	look_start(&first, "slow", AF_UNSPEC);
	wait_running(1);
	resolve_cancel(first.handle);
	look_start(&second, "slow", AF_UNSPEC);
	hold(false);
	wait_told(1);
	assert_int_equal(first.times, 0);
	assert_int_equal(second.err, 0);
	assert_int_equal(queries, 1);
}

static void callbacks_may_start_and_cancel(void **state)
{
	struct look first = {0}, second = {0}, third = {0};

	(void)state;
	hold(true);
	first.cancels = &second;
	first.starts = "10.0.0.1";
	look_start(&first, "slow", AF_UNSPEC);
	look_start(&second, "slow", AF_UNSPEC);
	look_start(&third, "slow", AF_UNSPEC);
	hold(false);
	/* the first one twice: its new look-up is told as well */
	wait_told(3);
	assert_int_equal(second.times, 0);
	assert_int_equal(third.times, 1);
	assert_int_equal(first.times, 2);
	assert_string_equal(first.address, "10.0.0.1");
}

static void quit_may_come_at_any_time(void **state)
{
	struct look first = {.quits = true}, second = {0}, third = {0}, fourth = {0};

	(void)state;
	hold(true);
	look_start(&first, "slow", AF_UNSPEC);
	look_start(&second, "slow", AF_UNSPEC);
	look_start(&third, "slow2", AF_UNSPEC);
	wait_running(2);
	hold(false);
	while (first.times + third.times < 1)
		ev_run(loop, 0);
	loop_for(0.01);
	assert_int_equal(first.times, 1);
	assert_int_equal(second.times, 0);
	/* afterwards it begins anew */
	told = 0;
	look_start(&fourth, "host", AF_UNSPEC);
	wait_told(1);
	assert_int_equal(fourth.err, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_and_addresses_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_names_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(same_name_is_asked_once, setup, teardown),
		cmocka_unit_test_setup_teardown(threads_are_few, setup, teardown),
		cmocka_unit_test_setup_teardown(cancelled_ones_are_not_told, setup, teardown),
		cmocka_unit_test_setup_teardown(query_that_runs_serves_a_new_one, setup, teardown),
		cmocka_unit_test_setup_teardown(callbacks_may_start_and_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(quit_may_come_at_any_time, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
