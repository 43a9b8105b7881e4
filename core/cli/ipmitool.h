/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front end ipmitool: what its words ask for, and how that is told. Private to its files. */
#ifndef CLI_IPMITOOL_H
#define CLI_IPMITOOL_H

#include "engine/verb.h"

#include <stdbool.h>
#include <stddef.h>

struct secret;

/* --- ipmitool_options.c -------------------------------------------------------------------- */

enum { NO_SUITE = -1, USER_MAX = 16 };

struct wish {
	const char *interface, *host, *user, *oem;
	const char *privilege;		/* as the key has it; NULL: what was given is none */
	const char *auth;		/* as it was given; NULL: not given */
	long long port, suite, wait, tries;
	int family;
	unsigned verbose;
	struct secret *password, *kg;
};

/* What a step leads to: the next one, or the end with exit code 0 or 1. */
enum ending { GO_ON = -1, END_WELL, END_BADLY };

/*
 * Reads the options; optind is then that of the first word. What is wrong with them, or what they
 * ask to be shown, is told. The secrets are to be dropped in any case.
 */
enum ending ipmitool_options(struct wish *wish, int argc, char **argv);

/* What -h shows, and the manual. */
extern const char ipmitool_help[];

/* In place of a secret that was there before. NULL: there is none, which is told. */
enum ending ipmitool_keep(struct secret **to, struct secret *secret);

/* --- ipmitool_words.c ---------------------------------------------------------------------- */

/* What is to be done, and what is said of it in ipmitool's words. */
struct deed {
	enum verb verb;
	char *words[3];			/* what the verb is to be done with */
	size_t nwords;
	char duration[16];		/* one of them may be this */
	/* on standard output, once it was done; of status the state follows it */
	char done[64];
	char failed[64];		/* on standard error, where the BMC refused it */
};

/* Reads the words behind the options. GO_ON: the deed is to be done. */
enum ending deed_read(int argc, char **argv, struct deed *deed);

/* The commands that are known, on standard error. */
void deed_list(void);

/* --- ipmitool_report.c --------------------------------------------------------------------- */

/* How a session with the BMC was asked for, as far as its failure is told by that. */
struct telling {
	const struct deed *deed;
	bool v15;			/* -I lan */
	bool low;			/* the privilege level is below that of an operator */
	bool loud;			/* -v */
	const char *auth;		/* -A; NULL: not given */
};

/*
 * The report format "ipmitool" tells by this what happens from now on. It must outlive the run; the
 * exit code is then that of the deed.
 */
void ipmitool_tell_by(const struct telling *telling);
/* No session could be established: what ipmitool says last of it. */
void ipmitool_no_session(bool v15);

#endif
