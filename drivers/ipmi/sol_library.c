/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libipmiconsole, as far as it is used: FreeIPMI's serial over LAN (ipmiconsole.h, version 1.6). It
 * has threads of its own, which speak with BMCs; a session is a descriptor here.
 */
#include "approach.h"
#include "base/fault.h"
#include "base/secret.h"
#include "command.h"
#include "quirk.h"
#include "rmcp.h"
#include "sol.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ipmiconsole.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Static_assert(SUITE_REFUSED == IPMICONSOLE_ERR_CIPHER_SUITE_ID_UNAVAILABLE, "");

enum {
	/*
	 * Threads, however many consoles: more of them took more time for the same work (1,000
	 * consoles with 100 characters a second: one 0.29 s a second, eight 0.51 s).
	 */
	THREADS = 1,
	/*
	 * When a packet without an answer is sent again. Of a log-in, each second time so much
	 * later: the library takes an answer to the last sending only, and some BMCs are slow.
	 */
	RESEND_MS = 400, SLOWER_EACH = 2,
	KEEPALIVE_AGAIN_MS = 3000,
	BAD_PACKETS_MAX = 12,		/* in a row: come to in 17 s, so before sol-timeout */
	HOST_SIZE = INET6_ADDRSTRLEN + IF_NAMESIZE + 10,
};

static const struct {
	unsigned quirk, flag;
} workarounds[] = {
	{QUIRK_AUTHCAP, IPMICONSOLE_WORKAROUND_AUTHENTICATION_CAPABILITIES},
	{QUIRK_INTEL20, IPMICONSOLE_WORKAROUND_INTEL_2_0_SESSION},
	{QUIRK_SUPERMICRO20, IPMICONSOLE_WORKAROUND_SUPERMICRO_2_0_SESSION},
	{QUIRK_SUN20, IPMICONSOLE_WORKAROUND_SUN_2_0_SESSION},
	{QUIRK_OPENSESSPRIV, IPMICONSOLE_WORKAROUND_OPEN_SESSION_PRIVILEGE},
	{QUIRK_INTEGRITYCHECKVALUE, IPMICONSOLE_WORKAROUND_NON_EMPTY_INTEGRITY_CHECK_VALUE},
	{QUIRK_NOCHECKSUMCHECK, IPMICONSOLE_WORKAROUND_NO_CHECKSUM_CHECK},
	{QUIRK_SERIALALERTSDEFERRED, IPMICONSOLE_WORKAROUND_SERIAL_ALERTS_DEFERRED},
	{QUIRK_SOLPACKETSEQ, IPMICONSOLE_WORKAROUND_INCREMENT_SOL_PACKET_SEQUENCE},
	{QUIRK_SOLPAYLOADSIZE, IPMICONSOLE_WORKAROUND_IGNORE_SOL_PAYLOAD_SIZE},
	{QUIRK_SOLPORT, IPMICONSOLE_WORKAROUND_IGNORE_SOL_PORT},
	{QUIRK_SOLSTATUS, IPMICONSOLE_WORKAROUND_SKIP_SOL_ACTIVATION_STATUS},
	{QUIRK_SOLCHANNELSUPPORT, IPMICONSOLE_WORKAROUND_SKIP_CHANNEL_PAYLOAD_SUPPORT},
};

unsigned library_workarounds(unsigned quirks)
{
	unsigned flags = 0;

	for (size_t i = 0; i < sizeof(workarounds) / sizeof(workarounds[0]); i++) {
		if (quirks & workarounds[i].quirk)
			flags |= workarounds[i].flag;
	}
	return flags;
}

static bool is_open;

/*
 * Signals are for the loop's thread: those of the library run without handlers. It raises the limit
 * of open files as far as that goes, and has SIGPIPE ignored; both stay so.
 */
int library_open(struct fault *f)
{
	sigset_t all, before;
	int failed;

	if (is_open)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = ipmiconsole_engine_init(THREADS, 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return fault_set(f, errno ? errno : EIO, "libipmiconsole does not start: %s",
				 errno ? strerror(errno) : "it does not say why");
	is_open = true;
	return 0;
}

void library_close(void)
{
	if (is_open)
		ipmiconsole_engine_teardown(0);
	is_open = false;
}

/* In figures: a name would be looked up here and now, and then again in the library's thread. */
static int write_host(const struct approach *a, char host[HOST_SIZE], struct fault *f)
{
	char address[INET6_ADDRSTRLEN] = "", interface[IF_NAMESIZE];

	inet_ntop(a->peer.family, a->peer.address, address, sizeof(address));
	if (a->peer.family == AF_INET) {
		snprintf(host, HOST_SIZE, "%s:%u", address, a->port);
	} else if (!a->peer.scope) {
		snprintf(host, HOST_SIZE, "[%s]:%u", address, a->port);
	} else {
		/* there is no way to write both an interface and a port */
		if (a->port != RMCP_PORT || !if_indextoname(a->peer.scope, interface))
			return fault_set(f, EINVAL, "a console at %s cannot be had: an address "
					 "with an interface works with port %d only",
					 approach_bmc(a), RMCP_PORT);
		snprintf(host, HOST_SIZE, "%s%%%s", address, interface);
	}
	return 0;
}

/* A secret as the library takes it: a string. */
static int copy_password(const struct secret *secret, char password[PASSWORD_MAX + 1],
			 struct fault *f)
{
	struct view v = login_bytes(secret);

	if (memchr(v.at, '\0', v.length))
		return fault_set(f, EINVAL, "the password has a NUL byte in it: for consoles it "
				 "must have none");
	memcpy(password, v.at, v.length);
	password[v.length] = '\0';
	return 0;
}

static unsigned engine_flags(const struct sol_settings *settings)
{
	unsigned flags = IPMICONSOLE_ENGINE_OUTPUT_ON_SOL_ESTABLISHED;

	if (settings->tickle == TICKLE_NUL)
		flags |= IPMICONSOLE_ENGINE_SERIAL_KEEPALIVE;
	if (settings->tickle == TICKLE_EMPTY)
		flags |= IPMICONSOLE_ENGINE_SERIAL_KEEPALIVE_EMPTY;
	return flags;
}

static unsigned behavior_flags(const struct sol_settings *settings)
{
	if (settings->deactivate)
		return IPMICONSOLE_BEHAVIOR_DEACTIVATE_ONLY;
	return settings->steal ? 0 : IPMICONSOLE_BEHAVIOR_ERROR_ON_SOL_INUSE;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/*
 * Characters that are not acknowledged are given up before the next sign of life is asked for: its
 * answer would begin the count anew, and a BMC that has given the console away without a word
 * would never be found out. With solpacketseq it begins anew once by itself.
 */
static int resends(const struct sol_settings *settings, unsigned quirks)
{
	int most = (int)settings->keepalive_ms / RESEND_MS - 1;

	return quirks & QUIRK_SOLPACKETSEQ ? most / 2 : most;
}

static ipmiconsole_ctx_t create(const char *host, const struct login *login,
				const struct sol_settings *settings, uint8_t suite, char *password)
{
	char user[USER_MAX + 1] = "";
	uint8_t kg[PASSWORD_MAX] = {0};
	struct view key = login_bytes(login->kg);
	int keepalive = (int)settings->keepalive_ms;
	struct ipmiconsole_ipmi_config ipmi = {
		.username = user,
		.password = password,
		.k_g = kg,
		.k_g_len = (unsigned)key.length,
		.privilege_level = login->privilege - PRIVILEGE_USER,
		.cipher_suite_id = suite,
		.workaround_flags = library_workarounds(login->quirks),
	};
	struct ipmiconsole_protocol_config protocol = {
		.session_timeout_len = (int)settings->timeout_ms,
		.retransmission_timeout_len = RESEND_MS,
		.retransmission_backoff_count = SLOWER_EACH,
		.keepalive_timeout_len = keepalive,
		.retransmission_keepalive_timeout_len = least(KEEPALIVE_AGAIN_MS, keepalive),
		.acceptable_packet_errors_count = BAD_PACKETS_MAX,
		.maximum_retransmission_count = resends(settings, login->quirks),
	};
	struct ipmiconsole_engine_config engine = {
		.engine_flags = engine_flags(settings),
		.behavior_flags = behavior_flags(settings),
	};
	ipmiconsole_ctx_t session;

	memcpy(user, login->user, login->user_length);
	memcpy(kg, key.at, key.length);
	session = ipmiconsole_ctx_create((char *)host, &ipmi, &protocol, &engine);
	wipe(kg, sizeof(kg));
	return session;
}

static int submit(ipmiconsole_ctx_t session, unsigned instance)
{
	if (ipmiconsole_ctx_set_config(session, IPMICONSOLE_CTX_CONFIG_OPTION_SOL_PAYLOAD_INSTANCE,
				       &instance) ||
	    ipmiconsole_engine_submit(session, NULL, NULL)) {
		int number = ipmiconsole_ctx_errnum(session);

		return number ? number : IPMICONSOLE_ERR_INTERNAL_ERROR;
	}
	return 0;
}

int library_begin(const struct approach *approach, const struct sol_settings *settings,
		  uint8_t suite, struct ipmiconsole_ctx **session, int *fd, struct fault *f)
{
	const struct login *login = &approach->login;
	char host[HOST_SIZE], password[PASSWORD_MAX + 1];
	int err = write_host(approach, host, f);

	if (!err)
		err = copy_password(login->password, password, f);
	if (err)
		return err;
	errno = 0;
	*session = create(host, login, settings, suite, password);
	wipe(password, sizeof(password));
	if (!*session)
		return fault_set(f, errno ? errno : EIO, "libipmiconsole refused to begin: %s",
				 strerror(errno ? errno : EIO));
	err = submit(*session, settings->instance);
	if (!err)
		*fd = ipmiconsole_ctx_fd(*session);
	else
		ipmiconsole_ctx_destroy(*session);
	return err;
}

int library_end(struct ipmiconsole_ctx *session)
{
	int number = ipmiconsole_ctx_errnum(session);

	ipmiconsole_ctx_destroy(session);
	return number;
}

int library_break(struct ipmiconsole_ctx *session)
{
	return ipmiconsole_ctx_generate_break(session) ? -EIO : 0;
}
