/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question to QEMU's monitor for people. See hmp.h. */
#include "hmp.h"
#include "base/local.h"
#include "base/stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char question[] = "info status\n";

struct hmp {
	struct stream stream;
	hmp_state_fn *answer;
	void *data;
	size_t length;
	/* a greeting of 60 bytes, an echo of 300 that redraws the line at each letter, the answer */
	char said[2048];
};

void hmp_close(struct hmp *h)
{
	if (!h)
		return;
	stream_stop(&h->stream);
	free(h);
}

static void tell(struct hmp *h, const char *state)
{
	hmp_state_fn *fn = h->answer;
	void *data = h->data;

	hmp_close(h);
	fn(data, state);
}

/* --- what it says ---------------------------------------------------------------------------- */

/* Moves on behind a word. */
static bool skip(const char **p, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*p, word, length))
		return false;
	*p += length;
	return true;
}

/* The rest of the line behind "VM status: ": "running", "paused", "paused (suspended)". */
static int read_line(const char *p, char state[HMP_STATE_MAX])
{
	const char *name = p;
	size_t length;

	if (!skip(&p, "running") && !skip(&p, "paused"))
		return -EPROTO;
	length = (size_t)(p - name);
	/* up to QEMU 8 */
	skip(&p, " (single step mode)");
	/* why it does not run, if not because somebody wanted that */
	if (*name == 'p' && skip(&p, " (")) {
		name = p;
		length = strspn(p, "abcdefghijklmnopqrstuvwxyz-");
		p += length;
		if (!length || !skip(&p, ")"))
			return -EPROTO;
	}
	if ((*p != '\r' && *p != '\n') || length >= HMP_STATE_MAX)
		return -EPROTO;
	snprintf(state, HMP_STATE_MAX, "%.*s", (int)length, name);
	return 0;
}

int hmp_read_state(const char *text, char state[HMP_STATE_MAX])
{
	static const char before[] = "\nVM status: ", prompt[] = "(qemu) ";
	const char *line = strstr(text, before), *p;

	if (line) {
		line += strlen(before);
		return strchr(line, '\n') ? read_line(line, state) : -EAGAIN;
	}
	/* it is done with the question, and waits for another */
	p = strstr(text, prompt);
	return p && strstr(p + strlen(prompt), prompt) ? -EPROTO : -EAGAIN;
}

/* --- the connection -------------------------------------------------------------------------- */

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct hmp *h = data;
	char state[HMP_STATE_MAX];
	int err;

	if (length >= sizeof(h->said) - h->length || memchr(bytes, '\0', length)) {
		tell(h, NULL);
		return;
	}
	memcpy(h->said + h->length, bytes, length);
	h->length += length;
	h->said[h->length] = '\0';
	err = hmp_read_state(h->said, state);
	if (err != -EAGAIN)
		tell(h, err ? NULL : state);
}

static void on_end(void *data, int err)
{
	(void)err;
	tell(data, NULL);
}

int hmp_ask_state(struct ev_loop *loop, const char *path, hmp_state_fn *answer, void *data,
		  struct hmp **hmp)
{
	static const struct stream_events events = {.data = on_data, .end = on_end};
	struct hmp *h;
	int fd = local_connect(path);

	if (fd < 0)
		return fd;
	h = calloc(1, sizeof(*h));
	if (!h) {
		close(fd);
		return -ENOMEM;
	}
	h->answer = answer;
	h->data = data;
	stream_start(&h->stream, loop, fd, &events, h);
	/* at once, though the greeting has not come: QEMU wakes up once less */
	stream_write(&h->stream, question, strlen(question));
	*hmp = h;
	return 0;
}
