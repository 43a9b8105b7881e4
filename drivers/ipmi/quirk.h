/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults of BMCs that a client has to live with, by the names that FreeIPMI gave them and under
 * which users know them (freeipmi.conf(5), workaround-flags).
 */
#ifndef IPMI_QUIRK_H
#define IPMI_QUIRK_H

struct fault;

enum quirk {
	QUIRK_AUTHCAP = 1 << 0,
	QUIRK_IDZERO = 1 << 1,
	QUIRK_UNEXPECTEDAUTH = 1 << 2,
	QUIRK_FORCEPERMSG = 1 << 3,
	QUIRK_ENDIANSEQ = 1 << 4,
	QUIRK_NOAUTHCODECHECK = 1 << 5,
	QUIRK_NOCHECKSUMCHECK = 1 << 6,
	QUIRK_INTEL20 = 1 << 7,
	QUIRK_SUPERMICRO20 = 1 << 8,
	QUIRK_SUN20 = 1 << 9,
	QUIRK_OPENSESSPRIV = 1 << 10,
	QUIRK_INTEGRITYCHECKVALUE = 1 << 11,
	QUIRK_IPMIPING = 1 << 12,
	/* of serial-over-LAN consoles, without effect on power */
	QUIRK_SOLPAYLOADSIZE = 1 << 13,
	QUIRK_SOLPORT = 1 << 14,
	QUIRK_SOLSTATUS = 1 << 15,
	QUIRK_SOLCHANNELSUPPORT = 1 << 16,
	QUIRK_SERIALALERTSDEFERRED = 1 << 17,
	QUIRK_SOLPACKETSEQ = 1 << 18,
};

struct quirk_info {
	unsigned bits;			/* itself, and what it implies */
	const char *name;
	const char *seen;		/* the machines that showed it */
	const char *help;		/* what is done about it */
};

/* All of them as text for the manual, a paragraph each: to be freed. NULL without memory. */
char *quirks_text(void);
/* The n-th known quirk, NULL behind the last. */
const struct quirk_info *quirk_at(unsigned n);
/* Adds the bits of a name. -EINVAL with a sentence that offers the nearest one. */
int quirk_find(const char *name, unsigned *bits, struct fault *f);

#endif
