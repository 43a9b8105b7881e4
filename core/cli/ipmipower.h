/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front end ipmipower: what its files share. Private to them. */
#ifndef CLI_IPMIPOWER_H
#define CLI_IPMIPOWER_H

#include "engine/verb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct key;
struct model;
struct secret;
struct selection;

/* --- ipmipower_options.c ------------------------------------------------------------------- */

enum { POWER_USER_MAX = 16, WORKAROUNDS_MAX = 1024 };

struct order {
	const char *hosts;		/* NULL: -h was not given */
	bool v15;
	char user[POWER_USER_MAX + 1];
	struct secret *password, *kg;
	const char *auth, *privilege;	/* as the keys have them */
	char suite[8];
	char workarounds[WORKAROUNDS_MAX];	/* parted by commas */
	uint64_t timeout_ms, retransmission_ms, wait_ms;
	unsigned fanout;
	bool folded, late, loud;
	enum verb verb;			/* VERBS: none was given */
	bool on_if_off, wait_until_on, wait_until_off;
};

/* What a step leads to: the next one, or the end with this exit code. */
enum { ORDER_GOES_ON = -1, ORDER_WRONG = 1, ORDER_USAGE = 64 };

/*
 * Reads the configuration file, then the options. ORDER_GOES_ON, or the exit code: what is wrong,
 * or what was to be shown, has been told. The secrets are to be dropped in any case.
 */
int order_read(struct order *order, int argc, char **argv);
/* What --help shows, and the manual. */
extern const char ipmipower_help[];
/* One option, by its letter or number. -EINVAL with a sentence in ipmipower's words. */
int order_set(struct order *order, int option, char *value, struct fault *f);

enum { /* options without a letter */
	OPT_SESSION_TIMEOUT = 1000, OPT_RETRANSMISSION_TIMEOUT, OPT_WAIT_TIMEOUT, OPT_BACKOFF,
	OPT_PING_INTERVAL, OPT_PING_TIMEOUT, OPT_PING_PACKETS, OPT_PING_PERCENT, OPT_PING_CONSEC,
	OPT_CONFIG_FILE, OPT_ALWAYS_PREFIX, OPT_DEBUG, OPT_PULSE, OPT_SOFT, OPT_ON_IF_OFF,
	OPT_WAIT_UNTIL_ON, OPT_WAIT_UNTIL_OFF, OPT_OEM_POWER_TYPE, OPT_IPMI_VERSION, OPT_USAGE,
};

/* --- ipmipower_file.c ---------------------------------------------------------------------- */

/*
 * Reads freeipmi.conf(5). path NULL: the default one, which may be missing. 0, or -EINVAL with a
 * sentence in ipmipower's words.
 */
int order_read_file(struct order *order, const char *path, struct fault *f);
/* The same for its bytes, which have a NUL behind them. */
int order_read_text(struct order *order, const char *text, size_t length, struct fault *f);

/* --- ipmipower_hosts.c --------------------------------------------------------------------- */

/*
 * Adds the hosts of a list, each once, as machines that have the key bmc, and makes the model's
 * machines. The list is parted by commas and blanks; ranges become one section each. -EINVAL: a
 * part of it is no host, and bad (to be freed) is that part; -ENOMEM; each with a sentence.
 */
int hosts_add(struct model *model, const struct key *bmc, const char *list, char **bad,
	      struct fault *f);

/* --- ipmipower_report.c: the report format "ipmipower" ------------------------------------- */

/* What is said of a host, in the order in which -C groups them. */
enum remark {
	REMARK_ON,
	REMARK_OFF,
	REMARK_OK,
	REMARK_UNKNOWN,			/* this and all that follow: it failed */
	REMARK_USERNAME,
	REMARK_PASSWORD,
	REMARK_PASSWORD_LENGTH,
	REMARK_KG,
	REMARK_PRIVILEGE,
	REMARK_OPERATION,
	REMARK_AUTHENTICATION,
	REMARK_CIPHER_SUITE,
	REMARK_VERIFICATION_TIMEOUT,
	REMARK_CONNECTION_TIMEOUT,
	REMARK_SESSION_TIMEOUT,
	REMARK_HOSTNAME,
	REMARK_RESOURCES,
	REMARK_BUSY,
	REMARK_ERROR,
	REMARKS
};

struct manner {
	const struct key *bmc;
	bool v15;			/* -D LAN */
	bool late;			/* -B: all at the end */
	bool folded;			/* -C: all at the end, hosts of the same remark in one block */
	bool loud;			/* --debug: causes on standard error */
	/* where machines go that were found to be on, or off; NULL: what was found is told */
	struct selection *on, *off;
};

/* What happens from now on is told by this; it must outlive that. */
void remarks_begin(const struct manner *manner);
void remark_add(const char *host, enum remark remark);
/* Prints what was held back; whether every host did what it was asked to. */
bool remarks_end(void);

#endif
