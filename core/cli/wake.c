/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker wake: magic packets, to machines of the configuration, to bare MAC addresses, to names of
 * /etc/ethers, from the command line, a file or standard input.
 */
#include "cli/wake.h"
#include "base/fault.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/hand.h"
#include "cli/options.h"
#include "model/address.h"
#include "model/ethers.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 16 };

static const char *files[FILES_MAX];
static unsigned nfiles;

static int set_file(struct context *context, const char *value, struct fault *f)
{
	(void)context;
	if (nfiles == FILES_MAX)
		return fault_set(f, EINVAL, "more than %d files", FILES_MAX);
	files[nfiles++] = value;
	return 0;
}

/* Words that grow. */
struct words {
	char **list;
	size_t n, size;
};

static int words_add(struct words *words, const char *word, size_t length)
{
	if (words->n == words->size) {
		size_t size = words->size ? words->size * 2 : 16;
		char **list = realloc(words->list, size * sizeof(char *));

		if (!list)
			return -ENOMEM;
		words->list = list;
		words->size = size;
	}
	words->list[words->n] = strndup(word, length);
	return words->list[words->n] ? (words->n++, 0) : -ENOMEM;
}

static void words_free(struct words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->list[i]);
	free(words->list);
}

/* The name that a MAC address, or a range of them, has as a machine; -EINVAL with a sentence. */
static int name_of_macs(const char *word, char name[VALUE_MAX], struct fault *f)
{
	uint8_t mac[MAC_LENGTH];
	struct range *range;
	int err = range_parse(word, RANGE_HEX, &range, f);

	if (err)
		return err;
	if (range_length(range) >= VALUE_MAX)
		err = fault_set(f, EINVAL, "\"%.64s…\" is too long for MAC addresses", word);
	else
		err = mac_parse(range_nth(range, 0, name, VALUE_MAX), mac, f);
	if (!err && range_count(range) == 1)
		mac_print(mac, name);
	else if (!err)
		strcpy(name, word);
	range_free(range);
	return err;
}

struct waking {
	struct hand hand;
	struct words chosen;		/* what selects the machines in the end */
};

static int add_by_hand(struct waking *w, const char *name, const char *macs)
{
	int code = hand_add(&w->hand, name, &key_mac, macs);

	if (!code && words_add(&w->chosen, name, strlen(name)))
		code = usage_error("out of memory");
	return code;
}

static bool is_known(const struct model *model, const char *name)
{
	return machine_find(model, name) || table_find(&model->groups, name);
}

static int add_word(struct waking *w, const char *word)
{
	char name[VALUE_MAX], text[MAC_TEXT_SIZE];
	uint8_t mac[MAC_LENGTH];
	struct fault fault;

	if (!is_known(w->hand.context->model, word)) {
		if (mac_resembles(word)) {
			if (name_of_macs(word, name, &fault))
				return usage_error("%s", fault.text);
			return add_by_hand(w, name, word);
		}
		if (!ethers_find(word, mac)) {
			mac_print(mac, text);
			return add_by_hand(w, word, text);
		}
	}
	return words_add(&w->chosen, word, strlen(word)) ? usage_error("out of memory") : 0;
}

static int load(struct context *c, char *const *words, size_t n)
{
	bool needed = c->config_path != NULL;

	for (size_t i = 0; i < n && !needed; i++)
		needed = !mac_resembles(words[i]);
	return needed ? context_load(c) : context_load_none(c);
}

int wake_words(struct context *c, char *const *words, size_t n)
{
	static const char *const methods[] = {"wol"};
	struct performance performance = {.verb = VERB_ON, .methods = methods, .nmethods = 1,
					  .check = true};
	struct waking w = {.hand.context = c};
	struct selection selection = {0};
	int code = load(c, words, n);

	for (size_t i = 0; i < n && !code; i++)
		code = add_word(&w, words[i]);
	if (!code)
		code = hand_finish(&w.hand);
	if (!code)
		code = context_select(c, (int)w.chosen.n, w.chosen.list, &selection);
	/* machines that are in no configuration have nobody to share them with */
	performance.no_locks = !c->config_used;
	if (!code)
		code = context_perform(c, &selection, &performance);
	selection_free(&selection);
	words_free(&w.chosen);
	hand_free(&w.hand);
	return code;
}

/* A line holds an address or a name first; # begins a comment, other columns are left alone. */
static int read_file(const char *path, struct words *words)
{
	bool standard = !strcmp(path, "-");
	FILE *in = standard ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int code = 0;

	if (!in)
		return usage_error("%s: %s", path, strerror(errno));
	while (!code && getline(&line, &size, in) >= 0) {
		const char *word = line + strspn(line, " \t\r\n");
		size_t length = strcspn(word, "# \t\r\n");

		if (length && words_add(words, word, length))
			code = usage_error("out of memory");
	}
	if (!code && ferror(in))
		code = usage_error("%s: %s", path, strerror(errno));
	free(line);
	if (!standard)
		fclose(in);
	return code;
}

static int wake_run(struct context *context, int argc, char **argv)
{
	struct words words = {0};
	int code = 0;

	for (int i = 0; i < argc && !code; i++) {
		if (!strcmp(argv[i], "-"))
			code = read_file("-", &words);
		else if (words_add(&words, argv[i], strlen(argv[i])))
			code = usage_error("out of memory");
	}
	for (unsigned i = 0; i < nfiles && !code; i++)
		code = read_file(files[i], &words);
	if (!code && !words.n)
		code = usage_error("wake: no machine and no MAC address is named: usage: stoker "
				   "wake %s", context->command->usage);
	if (!code)
		code = wake_words(context, words.list, words.n);
	words_free(&words);
	return code;
}

static const struct option_entry wake_options[] = {
	{'i', "interface", "IF",
	 "Send out of this interface; may be repeated; all: every one that is up.",
	 .key = "wol-interface"},
	{0, "raw", NULL, "Send raw Ethernet frames (type 0x0842) instead of UDP.",
	 .key = "wol-raw", .value = "yes"},
	{'b', "broadcast", NULL, "Address raw frames to all instead of to the machine.",
	 .key = "wol-broadcast", .value = "yes"},
	{0, "to", "ADDRESS[:PORT]", "Send UDP there; may be repeated.", .key = "wol-to"},
	{'p', "port", "PORT", "Send UDP to this port instead of 9.", .key = "wol-port"},
	{0, "password", "HEX", "Append a SecureOn password of 4 or 6 bytes.",
	 .key = "wol-password"},
	{0, "count", "N", "Send each packet N times.", .key = "wol-count"},
	{0, "interval", "T", "Leave this time between them (100ms).", .key = "wol-interval"},
	{0, "reverse", NULL, "Turn the bytes of the MAC address round, for old nVidia cards.",
	 .key = "wol-reverse", .value = "yes"},
	{0, "rate", "N", "Wake at most N machines a second; 0: no limit.", .key = "wol-rate"},
	{'f', "file", "FILE", "Read machines or MAC addresses, one a line; -: standard input.",
	 .set = set_file},
	{0},
};

static const struct option_entry *const wake_tables[] = {
	wake_options, plan_options, output_options, config_options, NULL,
};

static const struct command wake_command = {
	.name = "wake",
	.summary = "Wake machines by magic packets",
	.usage = "[OPTION]… MACHINE|MAC…",
	.help =
	"Sends Wake-on-LAN magic packets. Without --raw or --to they go as UDP to port 9 of the\n"
	"broadcast address of every interface that is up. A machine that has a probe = gets them\n"
	"again until it answers, and is then reported as on; others are reported as sent.\n"
	"\n"
	"MAC is an address (00:16:3e:12:34:56, 00-16-3e-12-34-56, 0016.3e12.3456) or a range of\n"
	"them, counted in hexadecimal (02:00:00:00:00:[00-ff]); it needs no configuration.\n"
	"Names are looked up in the configuration, then in /etc/ethers.",
	.options = wake_tables,
	.run = wake_run,
};
COMMAND(wake_command);
