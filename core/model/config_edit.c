/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of a configuration's text. The words are those of libconfuse 3.3's scanner (lexer.l), on
 * a copy in which comments are blank: places in it are places in the text. See config_edit.h.
 */
#include "model/config_edit.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- words ----------------------------------------------------------------------------------- */

/* from to end, without it; kind: the character of a mark, '"' for any text, 0 at the end. */
struct token {
	size_t from, end;
	char kind;
	bool plain; /* its bytes are its text, but for the quotes around it */
};

struct edit {
	const char *text;
	char *bare; /* without comments */
	size_t length, at;
	struct token token; /* the one that is looked at */
	struct fault *fault;
	int err;
};

static unsigned line_at(const struct edit *e, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += e->text[i] == '\n';
	return line;
}

static void refuse(struct edit *e, size_t at, const char *why)
{
	if (!e->err)
		e->err = fault_set(e->fault, EINVAL, "line %u: %s: change it by hand",
				   line_at(e, at), why);
	e->token = (struct token){.from = e->length, .end = e->length};
	e->at = e->length;
}

/* Text in quotes. In double ones, libconfuse looks for the end of a ${…} first. */
static void next_quoted(struct edit *e, char quote)
{
	size_t i = e->at + 1;
	bool plain = true;

	for (; i < e->length && e->bare[i] != quote; i++) {
		if (e->bare[i] == '\\') {
			plain = false;
			i++;
		} else if (quote == '"' && e->bare[i] == '$' && e->bare[i + 1] == '{') {
			const char *end = strchr(e->bare + i, '}');
			const char *other = strchr(e->bare + i, '"');

			plain = false;
			if (end && other && other < end) {
				refuse(e, i, "there are quotes inside of ${…}");
				return;
			}
		}
	}
	if (i >= e->length) {
		refuse(e, e->at, "a text in quotes has no end");
		return;
	}
	e->token = (struct token){e->at, i + 1, '"', plain};
	e->at = i + 1;
}

static bool is_bare(const struct edit *e, size_t at)
{
	return e->bare[at] && !strchr(" #\"'\t\n\r={}()+,*", e->bare[at]);
}

static void next(struct edit *e)
{
	size_t from;

	while (e->at < e->length && isspace((unsigned char)e->bare[e->at]))
		e->at++;
	from = e->at;
	if (from >= e->length) {
		e->token = (struct token){.from = e->length, .end = e->length};
	} else if (strchr("{}()=,", e->bare[from])) {
		e->token = (struct token){from, from + 1, e->bare[from], false};
		e->at++;
	} else if (!strncmp(e->bare + from, "+=", 2)) {
		e->token = (struct token){from, from + 2, '+', false};
		e->at += 2;
	} else if (e->bare[from] == '"' || e->bare[from] == '\'') {
		next_quoted(e, e->bare[from]);
	} else if (!strncmp(e->bare + from, "${", 2)) {
		refuse(e, from, "a variable stands outside of quotes");
	} else if (is_bare(e, from)) {
		while (is_bare(e, e->at))
			e->at++;
		e->token = (struct token){from, e->at, '"', true};
	} else {
		refuse(e, from, "a character that says nothing here");
	}
}

static bool is_text(const struct edit *e, const char *text)
{
	const struct token *t = &e->token;
	size_t quotes = e->bare[t->from] == '"' || e->bare[t->from] == '\'', length = strlen(text);

	return t->kind == '"' && t->plain && t->end - t->from == length + 2 * quotes &&
	       !memcmp(e->bare + t->from + quotes, text, length);
}

/* --- statements ------------------------------------------------------------------------------ */

/* Where a value stands. */
struct place {
	size_t from, end;
	bool found;
};

/* A value, or a list of them in braces; where it ends. The token behind it is looked at then. */
static size_t read_value(struct edit *e)
{
	bool list = e->token.kind == '{';
	size_t end;

	if (!list && e->token.kind != '"')
		refuse(e, e->token.from, "a value is missing");
	if (list)
		next(e);
	while (list && !e->err && e->token.kind != '}') {
		if (e->token.kind != '"' && e->token.kind != ',')
			refuse(e, e->token.from, "a list has no end");
		next(e);
	}
	end = e->token.end;
	next(e);
	return end;
}

/* Behind "name" comes "= value" or "+= value". Notes the value of a key that is looked for. */
static void read_assignment(struct edit *e, bool wanted, struct place *place)
{
	bool adds = e->token.kind == '+';
	size_t from, end;

	next(e);
	from = e->token.from;
	end = read_value(e);
	if (wanted && (place->found || adds))
		refuse(e, from, "the key is set in several places");
	if (wanted)
		*place = (struct place){from, end, true};
}

struct found {
	size_t from, open, close, end; /* of "machine", of its braces, and behind the last one */
	struct place value;	       /* of the key that is looked for */
	size_t first;		       /* the first statement in it; 0: there is none */
	bool there;
};

static void read_body(struct edit *e, const char *key, struct found *found)
{
	while (!e->err && e->token.kind != '}') {
		bool wanted = key && is_text(e, key);

		if (e->token.kind != '"') {
			refuse(e, e->token.from, "the name of a key is missing");
			return;
		}
		if (!found->first)
			found->first = e->token.from;
		next(e);
		if (e->token.kind != '=' && e->token.kind != '+') {
			refuse(e, e->token.from, "an = is missing");
			return;
		}
		read_assignment(e, wanted, &found->value);
	}
}

/* "(…)" of include. */
static void skip_arguments(struct edit *e)
{
	while (!e->err && e->token.kind && e->token.kind != ')')
		next(e);
	next(e);
}

/* Reads all, so that nothing in it is misunderstood; finds the section. */
static void read_all(struct edit *e, const char *title, const char *key, struct found *found)
{
	next(e);
	while (!e->err && e->token.kind) {
		size_t from = e->token.from;
		bool machine = is_text(e, "machine"), ours;
		struct found section = {.from = from};
		struct place ignored = {0};

		if (e->token.kind != '"') {
			refuse(e, from, "a name is missing");
			return;
		}
		next(e);
		if (e->token.kind == '(') {
			skip_arguments(e);
			continue;
		}
		if (e->token.kind == '=' || e->token.kind == '+') {
			read_assignment(e, false, &ignored);
			continue;
		}
		ours = machine && is_text(e, title);
		if (e->token.kind == '"')
			next(e);
		if (e->token.kind != '{') {
			refuse(e, e->token.from, "a brace is missing");
			return;
		}
		section.open = e->token.from;
		next(e);
		read_body(e, ours ? key : NULL, &section);
		section.close = e->token.from;
		section.end = e->token.end;
		if (ours && found->there)
			refuse(e, from, "there are two sections of that title");
		if (ours && !e->err) {
			*found = section;
			found->there = true;
		}
		next(e);
	}
}

static int find(struct edit *e, const char *text, const char *title, const char *key,
		struct found *found, struct fault *f)
{
	struct config_text blanked;

	*e = (struct edit){.text = text, .bare = strdup(text), .length = strlen(text), .fault = f};
	*found = (struct found){0};
	if (!e->bare || config_text_prepare(&blanked, e->bare, e->length)) {
		free(e->bare);
		return fault_no_memory(f);
	}
	read_all(e, title, key, found);
	if (!e->err && blanked.unclosed)
		e->err = fault_set(f, EINVAL, "a closing brace is missing");
	config_text_free(&blanked);
	if (!e->err && !found->there)
		e->err = fault_set(f, ENOENT, "there is no section machine \"%s\"", title);
	if (e->err)
		free(e->bare);
	return e->err;
}

/* --- changes --------------------------------------------------------------------------------- */

/* The text with what lies from one place to another replaced. */
static int replace(const char *text, size_t from, size_t end, const char *by, char **changed,
		   struct fault *f)
{
	struct buffer out = {0};

	buffer_add_bytes(&out, text, from);
	buffer_add_text(&out, by);
	buffer_add_text(&out, text + end);
	*changed = buffer_take(&out);
	return *changed ? 0 : fault_no_memory(f);
}

static size_t line_start(const char *text, size_t at)
{
	while (at && text[at - 1] != '\n')
		at--;
	return at;
}

/* Whether there are only blanks from here to there. */
static bool is_blank(const char *text, size_t from, size_t end)
{
	for (; from < end; from++) {
		if (!isblank((unsigned char)text[from]))
			return false;
	}
	return true;
}

/* A line of its own in a section whose brace closes on one; else it is put before the brace. */
static int add_key(const char *text, const struct found *found, const char *key, const char *value,
		   char **changed, struct fault *f)
{
	size_t start = line_start(text, found->close);
	size_t like = found->first ? line_start(text, found->first) : 0;
	struct buffer line = {0};
	int err;

	if (start > found->open && is_blank(text, start, found->close)) {
		size_t indent = like;

		while (found->first && isblank((unsigned char)text[indent]))
			indent++;
		if (found->first && like > found->open)
			buffer_add_bytes(&line, text + like, indent - like);
		else
			buffer_add_text(&line, "\t");
		buffer_add(&line, "%s = %s\n", key, value);
		err = line.failed ? fault_no_memory(f)
				  : replace(text, start, start, line.text, changed, f);
	} else {
		bool blank = isspace((unsigned char)text[found->close - 1]);

		buffer_add(&line, "%s%s = %s ", blank ? " " : "  ", key, value);
		err = line.failed
			      ? fault_no_memory(f)
			      : replace(text, found->close, found->close, line.text, changed, f);
	}
	buffer_free(&line);
	return err;
}

int config_edit_set(const char *text, const char *title, const char *key, const char *value,
		    char **changed, struct fault *f)
{
	struct found found;
	struct edit e;
	int err = find(&e, text, title, key, &found, f);

	if (err)
		return err;
	if (!found.value.found)
		err = add_key(text, &found, key, value, changed, f);
	else if (memcmp(text + found.value.from, e.bare + found.value.from,
			found.value.end - found.value.from))
		err = fault_set(f, EINVAL,
				"line %u: there is a comment in the value of %s: change it by "
				"hand",
				line_at(&e, found.value.from), key);
	else
		err = replace(text, found.value.from, found.value.end, value, changed, f);
	free(e.bare);
	return err;
}

int config_edit_remove(const char *text, const char *title, char **changed, struct fault *f)
{
	struct found found;
	struct edit e;
	size_t from, end;
	int err = find(&e, text, title, NULL, &found, f);

	if (err)
		return err;
	free(e.bare);
	from = line_start(text, found.from);
	end = found.end + strcspn(text + found.end, "\n");
	/* whole lines where nothing else stands on them, with one of the empty lines around them */
	if (is_blank(text, from, found.from) && is_blank(text, found.end, end)) {
		end += text[end] == '\n';
		if (text[end] == '\n' && (!from || (from > 1 && text[from - 2] == '\n')))
			end++;
	} else {
		from = found.from;
		end = found.end;
	}
	return replace(text, from, end, "", changed, f);
}

int config_edit_append(const char *text, const char *sections, char **changed, struct fault *f)
{
	size_t length = strlen(text);
	struct buffer out = {0};

	buffer_add_text(&out, text);
	if (length && text[length - 1] != '\n')
		buffer_add_text(&out, "\n");
	if (length)
		buffer_add_text(&out, "\n");
	buffer_add_text(&out, sections);
	*changed = buffer_take(&out);
	return *changed ? 0 : fault_no_memory(f);
}
