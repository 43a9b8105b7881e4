/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines that are named by their BMCs on the command line. See bmc.h. */
#include "cli/bmc.h"
#include "base/fault.h"
#include "base/secret.h"
#include "cli/context.h"
#include "cli/hand.h"
#include "cli/prompt.h"
#include "engine/credential.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the options say. */
static const char **bmcs;
static size_t nbmcs;
static bool ask_password, ask_kg;

static int set_bmc(struct context *context, const char *value, struct fault *f)
{
	const char **list = realloc(bmcs, (nbmcs + 1) * sizeof(*list));

	(void)context;
	if (!list)
		return fault_no_memory(f);
	bmcs = list;
	bmcs[nbmcs++] = value;
	return 0;
}

static int set_ask_password(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	ask_password = true;
	return 0;
}

static int set_ask_kg(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	ask_kg = true;
	return 0;
}

static int set_cipher_suites(struct context *context, const char *value, struct fault *f)
{
	return context_set_list(context, "cipher-suites", value, f);
}

static int set_quirks(struct context *context, const char *value, struct fault *f)
{
	return context_set_list(context, "quirks", value, f);
}

const struct option_entry bmc_options[] = {
	{0, "bmc", "ADDRESS[:PORT]",
	 "A machine that stands in no configuration, by its BMC; ranges; may be repeated.",
	 .set = set_bmc},
	{0, "user", "USER", "Log in to BMCs as this user.", .key = "user"},
	{0, "password-file", "FILE", "With the password that is the first line of this file.",
	 .key = "password-file"},
	{0, "password-command", "PROGRAM", "With the first line that this program prints.",
	 .key = "password-command"},
	{0, "ask-password", NULL, "Ask for the password at the terminal.",
	 .set = set_ask_password},
	{0, "kg-file", "FILE", "The BMCs' second key, K_g, is the first line of this file.",
	 .key = "kg-file"},
	{0, "ask-kg", NULL, "Ask for the K_g at the terminal.", .set = set_ask_kg},
	{0, "ipmi-version", "VERSION", "Speak IPMI 2.0 or 1.5 alone.", .key = "ipmi-version"},
	{0, "privilege", "LEVEL", "Log in with this privilege level.", .key = "privilege"},
	{0, "cipher-suites", "N[,N]…", "Try these cipher suites, in this order.",
	 .set = set_cipher_suites},
	{0, "quirks", "QUIRK[,QUIRK]…", "Work around these faults of BMCs.", .set = set_quirks},
	{0},
};

bool bmc_is_named(void)
{
	return nbmcs;
}

static int add_bmcs(struct hand *hand)
{
	const struct key *key = key_find("bmc");
	int code = 0;

	if (nbmcs && !key)
		return usage_error("the key bmc is not in this build");
	for (size_t i = 0; i < nbmcs && !code; i++)
		code = hand_add(hand, bmcs[i], key, bmcs[i]);
	return code ? code : hand_finish(hand);
}

static int ask_for_password(void)
{
	struct fault fault;
	struct secret *secret = secret_prompt("Password: ", &fault);

	if (!secret)
		return usage_error("--ask-password: %s", fault.text);
	credential_give(CREDENTIAL_PASSWORD, secret);
	secret_drop(secret);
	return 0;
}

static int ask_for_kg(void)
{
	struct fault fault;
	struct secret *text = secret_prompt("K_g: ", &fault), *kg = NULL;

	if (text && !credential_kg(secret_bytes(text), secret_length(text), &kg, &fault))
		credential_give(CREDENTIAL_KG, kg);
	secret_drop(text);
	secret_drop(kg);
	return kg ? 0 : usage_error("--ask-kg: %s", fault.text);
}

/* A plan that is only shown needs no password. */
static int ask(const struct context *context)
{
	int code = 0;

	if (ask_password && !context->dry_run)
		code = ask_for_password();
	if (ask_kg && !context->dry_run && !code)
		code = ask_for_kg();
	return code;
}

int bmc_select(struct context *context, int argc, char **argv, struct selection *selection)
{
	struct hand hand = {.context = context};
	bool needed = argc || !nbmcs || context->config_path;
	int code = needed ? context_load(context) : context_load_none(context);

	if (!code)
		code = add_bmcs(&hand);
	if (!code && (argc || !nbmcs))
		code = context_select(context, argc, argv, selection);
	if (!code)
		code = hand_select(&hand, selection);
	if (!code)
		code = ask(context);
	hand_free(&hand);
	free(bmcs);
	bmcs = NULL;
	nbmcs = 0;
	return code;
}
