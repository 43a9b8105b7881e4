/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libipmiconsole's error numbers in the user's terms, each with the errno that says what is to be
 * made of it (engine/console.h). What each stands for was read in FreeIPMI 1.6.10.
 */
#include "sol.h"
#include "base/fault.h"
#include "base/text.h"

#include <errno.h>
#include <ipmiconsole.h>
#include <string.h>

/*
 * In sentences: %B the BMC, %U the user, %P the privilege level, %S the suites that were tried, %T
 * a time. open: the sentence where the console was there already; NULL: the same.
 */
struct meaning {
	int err;
	const char *opening, *open;
};

#define SILENT_LOG_IN \
	"BMC %B fell silent in the log-in: some do when password or K_g is wrong; try " \
	"`stoker diagnose`, which says in which step"
#define MISUSE "libipmiconsole was used in a wrong way: this is a fault of stoker"

static const struct meaning meanings[] = {
	[IPMICONSOLE_ERR_SUCCESS] = {EPIPE, "BMC %B ended the session", NULL},
	[IPMICONSOLE_ERR_CTX_NULL] = {EIO, MISUSE, NULL},
	[IPMICONSOLE_ERR_CTX_INVALID] = {EIO, MISUSE, NULL},
	[IPMICONSOLE_ERR_ALREADY_SETUP] = {EIO, MISUSE, NULL},
	[IPMICONSOLE_ERR_NOT_SETUP] = {EIO, MISUSE, NULL},
	[IPMICONSOLE_ERR_CTX_NOT_SUBMITTED] = {EIO, MISUSE, NULL},
	[IPMICONSOLE_ERR_CTX_IS_SUBMITTED] = {EIO, MISUSE, NULL},
	[IPMICONSOLE_ERR_PARAMETERS] = {EIO, MISUSE, NULL},
	[IPMICONSOLE_ERR_HOSTNAME_INVALID] = {
		EADDRNOTAVAIL,
		"there is no way to BMC %B: this machine has no address of that family", NULL,
	},
	[IPMICONSOLE_ERR_IPMI_2_0_UNAVAILABLE] = {
		ENOSYS,
		"BMC %B knows no IPMI 2.0, which consoles need; where it does, quirks = "
		"{\"authcap\"}", NULL,
	},
	[IPMICONSOLE_ERR_CIPHER_SUITE_ID_UNAVAILABLE] = {
		EINVAL,
		"BMC %B accepts none of the cipher suites %S: set cipher-suites to what it offers "
		"(`stoker diagnose` tells), or quirks = {\"opensesspriv\"}", NULL,
	},
	[IPMICONSOLE_ERR_USERNAME_INVALID] = {
		EACCES,
		"BMC %B refused %U: there is no such user, or it is not switched on: check user; "
		"some BMCs want quirks = {\"authcap\"} or {\"intel20\"}", NULL,
	},
	[IPMICONSOLE_ERR_PASSWORD_INVALID] = {
		EACCES,
		"BMC %B has another password for %U; if it is right, its privilege level may be "
		"below %P: set privilege to what it has; or quirks = {\"opensesspriv\"}, "
		"{\"intel20\"} or {\"sun20\"} may help", NULL,
	},
	[IPMICONSOLE_ERR_K_G_INVALID] = {
		EACCES,
		"BMC %B has another K_g than that of kg-file; if it has none, take kg-file away; "
		"quirks = {\"authcap\"}, {\"sun20\"} or {\"intel20\"} may help", NULL,
	},
	[IPMICONSOLE_ERR_PRIVILEGE_LEVEL_INSUFFICIENT] = {
		EPERM,
		"BMC %B does not show its console to %U with the privilege level %P: set privilege "
		"to a higher one, or lower what the BMC asks for", NULL,
	},
	[IPMICONSOLE_ERR_PRIVILEGE_LEVEL_CANNOT_BE_OBTAINED] = {
		EPERM,
		"BMC %B refused %U: its privilege level is below %P: raise it in the BMC, or set "
		"privilege to what it has; where it is high enough, quirks = {\"opensesspriv\"} "
		"may help", NULL,
	},
	[IPMICONSOLE_ERR_SOL_UNAVAILABLE] = {
		ENOSYS,
		"BMC %B has no serial over LAN, or it is switched off: enable it in the BMC; where "
		"it is on, quirks = {\"solchannelsupport\"} may help", NULL,
	},
	[IPMICONSOLE_ERR_SOL_INUSE] = {
		EBUSY,
		"BMC %B shows its console to somebody else, or to a session that was left behind: "
		"--steal or sol-steal = yes takes it", NULL,
	},
	[IPMICONSOLE_ERR_SOL_STOLEN] = {
		ESTALE,
		"BMC %B has given the console to somebody else, or has ended it", NULL,
	},
	[IPMICONSOLE_ERR_SOL_REQUIRES_ENCRYPTION] = {
		EINVAL,
		"BMC %B shows its console with encryption only, which the cipher suites %S are "
		"without: set cipher-suites = {\"17\", \"3\"}", NULL,
	},
	[IPMICONSOLE_ERR_SOL_REQUIRES_NO_ENCRYPTION] = {
		EINVAL,
		"BMC %B shows its console without encryption only: set cipher-suites = {\"16\", "
		"\"2\"} for it, where what is typed may be read on the network", NULL,
	},
	[IPMICONSOLE_ERR_BMC_BUSY] = {
		EAGAIN,
		"BMC %B has no free session: others are logged in, or were not long ago: wait a "
		"minute, or reset the BMC", NULL,
	},
	[IPMICONSOLE_ERR_BMC_ERROR] = {
		EPROTO,
		"BMC %B refused a step on the way to its console without saying why: see whether "
		"privilege, sol-instance and serial over LAN are as it wants them; quirks = "
		"{\"solstatus\"}, {\"solchannelsupport\"} or {\"serialalertsdeferred\"} may "
		"help", NULL,
	},
	[IPMICONSOLE_ERR_BMC_IMPLEMENTATION] = {
		EPROTO,
		"BMC %B says what cannot be right, or does not let go of somebody else's session: "
		"quirks = {\"solpayloadsize\"}, {\"solport\"} or {\"solstatus\"} may help, or a "
		"reset of the BMC", NULL,
	},
	[IPMICONSOLE_ERR_CONNECTION_TIMEOUT] = {ETIMEDOUT, "no answer from BMC %B in %T", NULL},
	[IPMICONSOLE_ERR_SESSION_TIMEOUT] = {
		ETIMEDOUT, SILENT_LOG_IN, "nothing was heard of BMC %B for %T",
	},
	[IPMICONSOLE_ERR_EXCESS_RETRANSMISSIONS_SENT] = {
		ETIMEDOUT, SILENT_LOG_IN,
		"BMC %B does not take what is typed: it is gone, or it has given the console to "
		"somebody else without a word",
	},
	[IPMICONSOLE_ERR_EXCESS_ERRORS_RECEIVED] = {
		EPROTO,
		"BMC %B sends packets that make no sense: quirks = {\"nochecksumcheck\"} may help",
		"BMC %B sends packets that make no sense: it was restarted, or has lost count",
	},
	[IPMICONSOLE_ERR_OUT_OF_MEMORY] = {ENOMEM, "out of memory", NULL},
	[IPMICONSOLE_ERR_TOO_MANY_OPEN_FILES] = {
		EMFILE,
		"too many open files: a console takes five: raise the limit (ulimit -n)", NULL,
	},
	[IPMICONSOLE_ERR_SYSTEM_ERROR] = {
		ENETUNREACH,
		"there is no way to BMC %B: nothing can be sent to it: is the network up?", NULL,
	},
	[IPMICONSOLE_ERR_INTERNAL_ERROR] = {
		EIO,
		"the session with BMC %B came to a point where libipmiconsole could not go on",
		NULL,
	},
	[IPMICONSOLE_ERR_ERRNUMRANGE] = {EIO, MISUSE, NULL},
};

/* Where what the user has set makes another sentence. */
static const char *sentence_of(int number, const struct meaning *meaning, const struct sol_case *c)
{
	if (number == IPMICONSOLE_ERR_PASSWORD_INVALID && !c->password)
		return "BMC %B has another password for %U: none is set: give password-file";
	if (number == IPMICONSOLE_ERR_K_G_INVALID && !c->kg)
		return "BMC %B wants a K_g: set kg-file; if it has none, quirks = {\"authcap\"}, "
		       "{\"sun20\"}, {\"intel20\"} or {\"integritycheckvalue\"} may help";
	if (number == IPMICONSOLE_ERR_SOL_INUSE && c->steal)
		return "BMC %B does not let go of the session that has its console: free it with "
		       "--deactivate, or reset the BMC";
	return c->open && meaning->open ? meaning->open : meaning->opening;
}

static void fill_in(struct buffer *text, char what, const struct sol_case *c)
{
	switch (what) {
	case 'B':
		buffer_add_text(text, c->bmc);
		break;
	case 'U':
		buffer_add_text(text, c->user);
		break;
	case 'P':
		buffer_add_text(text, c->privilege);
		break;
	case 'S':
		buffer_add_text(text, c->suites);
		break;
	default:
		buffer_add(text, c->seconds < 9.5 ? "%.2g s" : "%.0f s", c->seconds);
	}
}

int sol_explain(int number, const struct sol_case *c, struct fault *f)
{
	const size_t n = sizeof(meanings) / sizeof(meanings[0]);
	const struct meaning *meaning;
	struct buffer text = {0};
	const char *at, *next;

	if (number < 0 || (size_t)number >= n)
		number = IPMICONSOLE_ERR_INTERNAL_ERROR;
	meaning = &meanings[number];
	for (at = sentence_of(number, meaning, c); (next = strchr(at, '%')); at = next + 2) {
		buffer_add_bytes(&text, at, (size_t)(next - at));
		fill_in(&text, next[1], c);
	}
	buffer_add_text(&text, at);
	fault_set(f, meaning->err, "%s", buffer_text(&text));
	buffer_free(&text);
	return -meaning->err;
}

/*
 * Suites are refused by other names too: no resources (0x01), role (0x0a) and illegal parameter
 * (0x12), as FreeIPMI's notes tell (Authentication Issues 19, 20, 28).
 */
bool sol_suite_may_help(int number)
{
	return number == IPMICONSOLE_ERR_CIPHER_SUITE_ID_UNAVAILABLE ||
	       number == IPMICONSOLE_ERR_BMC_BUSY ||
	       number == IPMICONSOLE_ERR_PRIVILEGE_LEVEL_CANNOT_BE_OBTAINED ||
	       number == IPMICONSOLE_ERR_BMC_ERROR ||
	       /* a code of a length that it knows for other suites (quirk supermicro20) */
	       number == IPMICONSOLE_ERR_INTERNAL_ERROR;
}
