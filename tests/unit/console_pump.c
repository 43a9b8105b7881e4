/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A console between stdin and stdout, for tests against what others wrote:
 *
 *	console_pump CONF MACHINE BYTES [slow]
 *
 * says what stdin holds and prints what it hears, until that is so many bytes: exit code 0. With
 * `slow` it pauses half of the time. What is no byte goes to stderr.
 */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "engine/driver.h"
#include "model/machine.h"

#include <ev.h>
#include <unistd.h>

enum { INPUT_MAX = 16 << 20, SECONDS_MAX = 120 };

static size_t read_all(char *bytes)
{
	size_t length = 0;
	ssize_t n;

	while (length < INPUT_MAX && (n = read(0, bytes + length, INPUT_MAX - length)) > 0)
		length += (size_t)n;
	return length;
}

static bool is_over(const struct watched *w, size_t bytes)
{
	return w->closed || (w->heard.length >= bytes && w->all_said);
}

static void pump(struct watched *w, size_t bytes, bool slow)
{
	struct ev_loop *loop = ev_default_loop(0);
	double end = ev_now(loop) + SECONDS_MAX;

	while (!is_over(w, bytes) && ev_now(loop) < end) {
		if (slow) {
			console_pause(w->console, true);
			loop_for(0.002);
		}
		if (slow && !w->closed)
			console_pause(w->console, false);
		loop_for(0.002);
	}
}

int main(int argc, char **argv)
{
	static char input[INPUT_MAX];
	struct watched w;
	struct model *model;
	size_t bytes, length;
	char *text;
	int code;

	if (argc < 4 || file_read(argv[1], INPUT_MAX, &text, NULL, NULL))
		return 2;
	bytes = strtoul(argv[3], NULL, 10);
	length = read_all(input);
	model = model_of(text);
	free(text);
	watched_begin(&w, model, argv[2], STEAL_CONFIGURED);
	if (!loop_until(&w.opened, 10)) {
		fprintf(stderr, "%s\n", w.closed ? w.sentence : "it does not open");
		return 1;
	}
	fprintf(stderr, "open: %s\n", w.text);
	watched_say(&w, input, length);
	pump(&w, bytes, argc > 4);
	fwrite(buffer_text(&w.heard), 1, w.heard.length, stdout);
	fprintf(stderr, "%s%s\n", buffer_text(&w.notes), w.closed ? w.sentence : "");
	code = w.heard.length < bytes || !w.all_said;
	watched_close(&w);
	drivers_quit();
	model_free(model);
	return code;
}
