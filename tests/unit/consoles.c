/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles as their owner sees them. See consoles.h. */
#include "test.h"
#include "consoles.h"
#include "attempts.h"
#include "base/fault.h"
#include "model/machine.h"

#include <ev.h>

static void look(struct watched *w)
{
	if (w->wanted && w->heard.length &&
	    memmem(w->heard.text, w->heard.length, w->wanted, strlen(w->wanted)))
		w->found = true;
	if (w->awaited && strstr(buffer_text(&w->notes), w->awaited))
		w->found = true;
	if (w->enough && w->heard.length >= w->enough)
		w->found = true;
}

static void say(struct watched *w)
{
	if (w->said < w->to_say)
		w->said += console_write(w->console, w->say + w->said, w->to_say - w->said);
	w->all_said = w->said == w->to_say;
}

static void on_opened(void *data, const char *text)
{
	struct watched *w = data;

	assert_false(w->opened || w->closed);
	w->opened = true;
	snprintf(w->text, sizeof(w->text), "%s", text ? text : "");
}

static void on_bytes(void *data, const unsigned char *bytes, size_t length)
{
	struct watched *w = data;

	assert_true(w->opened && !w->closed);
	buffer_add_bytes(&w->heard, bytes, length);
	look(w);
}

static void on_writable(void *data)
{
	say(data);
}

static void on_note(void *data, const char *sentence)
{
	struct watched *w = data;

	buffer_add(&w->notes, "%s\n", sentence);
	look(w);
}

static void on_closed(void *data, int err, const char *sentence)
{
	struct watched *w = data;

	assert_false(w->closed);
	w->closed = true;
	w->err = err;
	snprintf(w->sentence, sizeof(w->sentence), "%s", sentence);
}

static const struct console_events events = {on_opened, on_bytes, on_writable, on_note, on_closed};

void watched_begin(struct watched *w, const struct model *model, const char *machine,
		   enum console_steal steal)
{
	struct fault f;

	*w = (struct watched){.console = NULL};
	ev_now_update(ev_default_loop(0));
	if (console_open(ev_default_loop(0), machine_find(model, machine), steal, &events, w,
			 &w->console, &f))
		fail_msg("%s", f.text);
}

void watched_begin_by(struct watched *w, const struct console_ops *ops, const char *argument)
{
	struct fault f;

	*w = (struct watched){.console = NULL};
	ev_now_update(ev_default_loop(0));
	if (console_open_by(ev_default_loop(0), ops, argument, &events, w, &w->console, &f))
		fail_msg("%s", f.text);
}

void watched_open(struct watched *w, const struct model *model, const char *machine)
{
	watched_begin(w, model, machine, STEAL_CONFIGURED);
	if (!loop_until(&w->opened, 10))
		fail_msg("it does not open: %s", w->closed ? w->sentence : "nothing happens");
}

static void wait_for(struct watched *w, double seconds, const char *what)
{
	w->found = false;
	look(w);
	if (!loop_until(&w->found, seconds))
		fail_msg("not heard: \"%s\", but %zu bytes: \"%.500s\"%s%s", what, w->heard.length,
			 buffer_text(&w->heard), w->closed ? "; it has closed: " : "", w->sentence);
	w->wanted = w->awaited = NULL;
	w->enough = 0;
}

void watched_hears(struct watched *w, const char *text)
{
	w->wanted = text;
	wait_for(w, 10, text);
}

void watched_is_told(struct watched *w, const char *text)
{
	w->found = false;
	w->awaited = text;
	look(w);
	if (!loop_until(&w->found, 10))
		fail_msg("not told: \"%s\", but: \"%s\"%s%s", text, buffer_text(&w->notes),
			 w->closed ? "; it has closed: " : "", w->sentence);
	w->awaited = NULL;
}

void watched_hears_bytes(struct watched *w, size_t length)
{
	w->enough = length;
	wait_for(w, 60, "enough bytes");
}

void watched_forget(struct watched *w)
{
	buffer_free(&w->heard);
}

void watched_say(struct watched *w, const void *bytes, size_t length)
{
	w->say = bytes;
	w->to_say = length;
	w->said = 0;
	say(w);
}

void watched_type(struct watched *w, const char *text)
{
	watched_say(w, text, strlen(text));
	assert_true(loop_until(&w->all_said, 10));
}

void watched_ends(struct watched *w, int err, const char *sentence)
{
	assert_true(loop_until(&w->closed, 10));
	assert_string_equal(w->sentence, sentence);
	assert_int_equal(w->err, err);
}

void watched_close(struct watched *w)
{
	if (w->console && !w->closed) {
		console_close(w->console);
		assert_true(loop_until(&w->closed, 10));
	}
	buffer_free(&w->heard);
	buffer_free(&w->notes);
	w->console = NULL;
}

unsigned char *noise(size_t length, unsigned seed)
{
	unsigned char *bytes = malloc(length);

	assert_non_null(bytes);
	for (size_t i = 0; i < length; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (unsigned char)(seed >> 16);
	}
	return bytes;
}
