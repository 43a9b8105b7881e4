/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The faults of BMCs that there is a way around, by FreeIPMI's names. Machines are those that
 * FreeIPMI's manual pages and doc/freeipmi-bugs-issues-and-workarounds.txt name, and OpenIPMI's
 * simulator.
 */
#include "quirk.h"

#include "base/fault.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

static const struct quirk_info quirks[] = {
	{
		.bits = QUIRK_AUTHCAP,
		.name = "authcap",
		.seen = "Asus P5M2, P5MT-R, RS162-E4 and RX4, Intel SR1520ML and X38ML, Sun Fire 2200, "
			"4150 and 4450 with ELOM",
		.help = "What the BMC says of itself before the log-in (users, authentication types, "
			"K_g) is wrong: it is not believed.",
	},
	{
		.bits = QUIRK_IDZERO,
		.name = "idzero",
		.seen = "Tyan S2882 with m3289 BMC",
		.help = "Answers carry session ID 0 (IPMI 1.5): it is taken for the right one.",
	},
	{
		.bits = QUIRK_UNEXPECTEDAUTH,
		.name = "unexpectedauth",
		.seen = "Dell PowerEdge 2850 and SC1425",
		.help = "Answers are authenticated though per-message authentication is off (IPMI 1.5): "
			"their code is checked as if it were on.",
	},
	{
		.bits = QUIRK_FORCEPERMSG,
		.name = "forcepermsg",
		.seen = "IBM eServer 325",
		.help = "The BMC says that it needs no per-message authentication, and does (IPMI 1.5): "
			"every message is authenticated.",
	},
	{
		.bits = QUIRK_ENDIANSEQ,
		.name = "endianseq",
		.seen = "Sun Fire 4100 with ILOM 1.0 or 2.0",
		.help = "The sequence numbers of answers have their bytes in the wrong order (IPMI 1.5): "
			"they are turned round.",
	},
	{
		.bits = QUIRK_NOAUTHCODECHECK,
		.name = "noauthcodecheck",
		.seen = "Xyratex HB-F8-SRAY, Intel Windmill, Quanta Winterfell, Wiwynn Windmill",
		.help = "Authentication codes of answers are wrong or empty (IPMI 1.5): they are not "
			"checked, so that anybody on the network can forge an answer.",
	},
	{
		.bits = QUIRK_NOCHECKSUMCHECK,
		.name = "nochecksumcheck",
		.seen = "Supermicro X9SCM-iiF, X9DRi-F and X9DRFR",
		.help = "Checksums of answers are wrong: they are not checked.",
	},
	{
		.bits = QUIRK_INTEL20 | QUIRK_OPENSESSPRIV,
		.name = "intel20",
		.seen = "Intel SE7520AF2 with Server Management Module (Professional Edition)",
		.help = "User names are padded with zeros to 16 bytes, passwords cut to 16 where the "
			"log-in is by HMAC-MD5, RAKP 3 is hashed with the privilege alone, RAKP 4 by the "
			"integrity algorithm, and Open Session asks for the user's privilege.",
	},
	{
		.bits = QUIRK_SUPERMICRO20,
		.name = "supermicro20",
		.seen = "Supermicro H8QME with SIMSO daughter card (Peppercon firmware)",
		.help = "The code of RAKP 2 is a byte too long: the last one is passed over.",
	},
	{
		.bits = QUIRK_SUN20 | QUIRK_OPENSESSPRIV,
		.name = "sun20",
		.seen = "Sun Fire 4100, 4200 and 4500 with ILOM",
		.help = "The code of RAKP 2 by HMAC-SHA1 is a byte too long: the last one is passed "
			"over. Open Session asks for the user's privilege.",
	},
	{
		.bits = QUIRK_OPENSESSPRIV,
		.name = "opensesspriv",
		.seen = "Sun Fire 4100, 4200 and 4500 with ILOM, Inventec 5441/Dell Xanadu II, Supermicro "
			"X8DTH, X8DTG and X8DTU, Intel S5500WBV/Penguin Relion 700, Intel S2600JF/Appro "
			"512X, Quanta QSSC-S4R/Appro GB812X-CN, Dell C5220, OpenIPMI's ipmi_sim",
		.help = "Keys are made of the privilege that Open Session asked for: it asks for the "
			"user's, not for the highest.",
	},
	{
		.bits = QUIRK_INTEGRITYCHECKVALUE,
		.name = "integritycheckvalue",
		.seen = "Supermicro X8DTG and X8DTU, Intel S5500WBV/Penguin Relion 700, Intel "
			"S2600JF/Appro 512X",
		.help = "RAKP 4 has an integrity check value in cipher suite 0, which has none: it is "
			"passed over.",
	},
	{
		.bits = QUIRK_IPMIPING,
		.name = "ipmiping",
		.seen = "Intel Windmill, Quanta Winterfell, Wiwynn Windmill",
		.help = "The BMC does not answer RMCP's presence ping: it is asked for its capabilities "
			"instead.",
	},
	{
		.bits = QUIRK_SOLPAYLOADSIZE,
		.name = "solpayloadsize",
		.seen = "Asus P5M2, RS162-E4 and RX4, Intel SR1520ML and X38ML, Inventec 5441/Dell Xanadu "
			"II, Sun X4100, Supermicro X8DTH, X8DTG and X8DTU, Quanta QSSC-S4R/Appro "
			"GB812X-CN",
		.help = "The packet sizes that the BMC tells for its console cannot be: consoles send 32 "
			"characters a packet. No effect on power.",
	},
	{
		.bits = QUIRK_SOLPORT,
		.name = "solport",
		.seen = "Asus P5MT-R, Supermicro X8DTH-iF",
		.help = "The port that the BMC tells for its console is none of its own: consoles stay at "
			"that of the log-in. No effect on power.",
	},
	{
		.bits = QUIRK_SOLSTATUS,
		.name = "solstatus",
		.seen = "Supermicro X8SIL-F",
		.help = "The BMC does not tell whether its console is in use: consoles do not ask, and find "
			"out by trying. No effect on power.",
	},
	{
		.bits = QUIRK_SOLCHANNELSUPPORT,
		.name = "solchannelsupport",
		.seen = "Intel Windmill, Quanta Winterfell, Wiwynn Windmill, OpenIPMI's ipmi_sim",
		.help = "The BMC does not tell whether it has consoles: they do not ask. No effect on "
			"power.",
	},
	{
		.bits = QUIRK_SERIALALERTSDEFERRED,
		.name = "serialalertsdeferred",
		.seen = "Intel Windmill, Quanta Winterfell, Wiwynn Windmill",
		.help = "The BMC gives its console only to who lets alerts wait meanwhile: consoles do. No "
			"effect on power.",
	},
	{
		.bits = QUIRK_SOLPACKETSEQ,
		.name = "solpacketseq",
		.seen = "Intel Windmill, Quanta Winterfell, Wiwynn Windmill",
		.help = "The BMC does not hear a packet of its console with a certain number any more: once "
			"it was sent often enough it goes out with another one. No effect on power.",
	},
};

const struct quirk_info *quirk_at(unsigned n)
{
	return n < sizeof(quirks) / sizeof(quirks[0]) ? &quirks[n] : NULL;
}

char *quirks_text(void)
{
	struct buffer text = {0};

	buffer_add_text(&text, "Faults of BMCs, for the key `quirks`, by FreeIPMI's names:\n");
	for (unsigned i = 0; quirk_at(i); i++)
		buffer_add(&text, "\n%s: %s Seen on: %s.\n", quirks[i].name, quirks[i].help,
			   quirks[i].seen);
	return buffer_take(&text);
}

static int unknown(const char *name, struct fault *f)
{
	struct buffer names = {0};
	int err;

	for (unsigned i = 0; quirk_at(i); i++)
		buffer_add(&names, "%s%s", i ? ", " : "", quirks[i].name);
	err = fault_set(f, EINVAL, "there is no quirk \"%s\": there are %s", name,
			buffer_text(&names));
	buffer_free(&names);
	return err;
}

int quirk_find(const char *name, unsigned *bits, struct fault *f)
{
	struct nearest nearest = {.wanted = name};

	for (unsigned i = 0; quirk_at(i); i++) {
		if (!strcmp(quirks[i].name, name)) {
			*bits |= quirks[i].bits;
			return 0;
		}
		nearest_offer(&nearest, quirks[i].name);
	}
	if (nearest.name)
		return fault_set(f, EINVAL, "there is no quirk \"%s\": did you mean \"%s\"?", name,
				 nearest.name);
	return unknown(name, f);
}
