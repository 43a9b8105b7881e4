/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control socket can ask about consoles. See control_console.h. */
#include "control_console.h"
#include "log.h"
#include "sol.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const char no_memory[] = "error: out of memory\n";

static void print_peer(const struct endpoint *peer, FILE *to)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (peer->u.any.sa_family == AF_INET)
		inet_ntop(AF_INET, &peer->u.in.sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &peer->u.in6.sin6_addr, text, sizeof(text));
	fprintf(to, "active %s %u", text, endpoint_port(peer));
}

void control_get_console(struct bmc *bmc, FILE *to)
{
	static const struct sol none;
	const struct sol *sol = bmc->sol ? bmc->sol : &none;
	const struct sol_counts *counts = &sol->counts;

	if (sol->session && session_is_over(sol->session))
		session_end(sol->session);
	if (sol->session)
		print_peer(&sol->to, to);
	else
		fputs("free", to);
	fprintf(to,
		" activations %u in %llu out %llu waiting %zu dropped %llu overrun %llu retries %u "
		"breaks %u number %u cts %s dcd %s\n",
		counts->activations, (unsigned long long)counts->in,
		(unsigned long long)counts->out, sol->length,
		(unsigned long long)counts->dropped, (unsigned long long)counts->overrun,
		counts->retries, counts->breaks, sol->number, sol->paused ? "off" : "on",
		sol->no_carrier ? "off" : "on");
}

void control_get_place(struct bmc *bmc, FILE *to)
{
	struct sol *sol = sol_get(bmc);
	int err;

	if (!sol) {
		fputs(no_memory, to);
		return;
	}
	if (!sol->console.far->where) {
		fprintf(to, "error: \"%s\" is nowhere else\n", sol->console.far->name);
		return;
	}
	err = sol_open(sol);
	if (err)
		fprintf(to, "error: %s\n", strerror(-err));
	else
		fprintf(to, "%s\n", sol->console.far->where(sol));
}

void control_set_console(struct bmc *bmc, const char *value, FILE *to)
{
	struct sol *sol = sol_get(bmc);
	const char *why;

	if (!sol)
		fputs(no_memory, to);
	else if (!sol_console(sol, value, &why))
		fprintf(to, "error: \"%s\": %s\n", value, why);
	else
		fputs("ok\n", to);
}

void control_steal(struct bmc *bmc, FILE *to)
{
	if (!bmc->sol || !bmc->sol->session) {
		fputs("error: nobody has it\n", to);
		return;
	}
	sol_end(bmc->sol, true, "stolen");
	fputs("ok\n", to);
}

void control_reboot(struct bmc *bmc, const char *seconds, FILE *to)
{
	char *end = NULL;
	double silent = seconds ? strtod(seconds, &end) : 0;

	if (seconds && (end == seconds || *end || !(silent >= 0 && silent <= 86400))) {
		fprintf(to, "error: \"%s\" is not a number of seconds\n", seconds);
		return;
	}
	log_line(bmc, CODE_OK, "reboot");
	while (bmc->sessions)
		session_end(bmc->sessions);
	bmc->silent_until = now + silent;
	fputs("ok\n", to);
}

static void say(struct sol *sol, const char *text, FILE *to)
{
	size_t length = strlen(text);

	if (!sol->session) {
		fputs("error: nobody listens\n", to);
		return;
	}
	if (sol_room(sol) < length + 2) {
		fputs("error: there is no room\n", to);
		return;
	}
	sol_put(sol, text, length);
	sol_put(sol, "\r\n", 2);
	sol_go(sol);
	fputs("ok\n", to);
}

void control_console(char *words, FILE *to)
{
	const char *address_text = strsep(&words, " "), *what = strsep(&words, " ");
	struct address address;
	struct bmc *bmc = NULL;
	struct sol *sol;

	if (!address_parse(address_text, &address) || !(bmc = bmc_get(&address))) {
		fprintf(to, "error: \"%s\" is not an address\n", address_text);
		return;
	}
	sol = sol_get(bmc);
	if (!sol) {
		fputs(no_memory, to);
	} else if (what && !strcmp(what, "say") && words) {
		say(sol, words, to);
	} else if (what && !strcmp(what, "break") && !words) {
		sol_tell(sol, SOL_BREAK_SEEN);
		fputs("ok\n", to);
	} else {
		fputs("error: write console ADDRESS say TEXT, or break\n", to);
	}
}
