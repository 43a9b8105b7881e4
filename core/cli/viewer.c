/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles in windows of their own. See viewer.h. Defined by: posix_spawn(3), setsid(2); xterm(1),
 * gnome-terminal(1), vncviewer(1), and for Emacs its library term.
 */
#include "cli/viewer.h"
#include "base/fault.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/bmc.h"
#include "cli/context.h"
#include "cli/far.h"
#include "cli/screen_address.h"
#include "engine/console.h"
#include "engine/credential.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where a program can open a window: by X11 alone, or by Wayland too. */
enum needs { NEEDS_NOTHING, NEEDS_X11, NEEDS_SCREEN };

static const struct viewer {
	const char *name;
	const char *line;		/* as the key has it; NULL: nothing is started */
	enum needs needs;
} viewers[] = {
	{"xterm", "xterm -T %n -e %c", NEEDS_X11},
	{"gterm", "gnome-terminal --title=%n -- %c", NEEDS_SCREEN},
	{"emacs", "emacs --eval %e", NEEDS_SCREEN},
	{"vnc", "vncviewer %a", NEEDS_X11},
	{"sdl", NULL, NEEDS_NOTHING},
	{"none", NULL, NEEDS_NOTHING},
};

enum { VIEWERS = sizeof(viewers) / sizeof(viewers[0]) };

const char *viewer_name(unsigned n)
{
	return n < VIEWERS ? viewers[n].name : NULL;
}

/* NULL: it is a command line. */
static const struct viewer *viewer_find(const char *name)
{
	for (unsigned i = 0; i < VIEWERS; i++) {
		if (!strcmp(viewers[i].name, name))
			return &viewers[i];
	}
	return NULL;
}

/* --- the key ---------------------------------------------------------------------------------- */

static int no_such_viewer(const char *value, struct fault *f)
{
	struct nearest nearest = {.wanted = value};

	for (unsigned i = 0; i < VIEWERS; i++)
		nearest_offer(&nearest, viewers[i].name);
	if (nearest.name)
		return fault_set(f, EINVAL, "there is no viewer \"%s\": did you mean %s?", value,
				 nearest.name);
	return fault_set(f, EINVAL, "\"%s\" shows no console: write xterm, gterm, emacs, vnc, sdl, "
			 "none, or a command line with %%c, %%e or %%a in it, as in "
			 "\"kitty --title %%n %%c\"", value);
}

static int viewer_check(const char *value, struct fault *f)
{
	bool shows = false;
	char **words;
	size_t n;
	int err;

	if (viewer_find(value))
		return 0;
	for (const char *p = value; (p = strchr(p, '%')); p += 2) {
		if (!p[1] || !strchr("cean%", p[1]))
			return fault_set(f, EINVAL, "\"%s\": there is no %%%.1s: write %%n for the "
					 "machine's name, %%c for the command that shows its "
					 "console, %%e for that in Emacs Lisp, %%a for the address "
					 "of its VNC screen, %%%% for a %%", value, p + 1);
		shows = shows || strchr("cea", p[1]);
	}
	if (!shows)
		return no_such_viewer(value, f);
	err = words_split(value, &words, &n, f);
	if (!err)
		free(words);
	return err;
}

static const struct key key_viewer = {
	.name = "viewer", .type = KEY_TEXT, .def = "xterm", .check = viewer_check,
	.help = HELP("What `stoker console --window` starts: xterm, gterm (gnome-terminal), emacs, "
		"with the console in it; vnc: vncviewer, for a guest whose `display` is vnc; sdl: "
		"nothing, the guest has a window of its own; none: nothing; or a command line in "
		"which %n is the machine's name, %c the command that shows its console (in a word "
		"with more in it: quoted for a shell), %e the same as an expression for Emacs, %a "
		"the address of its VNC screen: \"kitty --title %n %c\"."),
};

static const struct key *const keys[] = {&key_viewer, NULL};
static const struct key_set viewer_key_set = {.title = "Viewers", .keys = keys};
KEY_SET(viewer_key_set);

/* --- the options ------------------------------------------------------------------------------ */

static bool asked_for;

static int set_viewer(struct context *context, const char *value, struct fault *f)
{
	int err = viewer_check(value, f);

	asked_for = true;
	return err ? err : context_set(context, key_viewer.name, value, f);
}

static int set_window(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	asked_for = true;
	return 0;
}

const struct option_entry viewer_options[] = {
	{0, "window", NULL, "Start each machine's viewer, and return.", .set = set_window},
	{0, "viewer", "VIEWER",
	 "The same with this one: xterm, gterm, emacs, vnc, sdl, none, a command line.",
	 .set = set_viewer},
	{0},
};

bool viewer_is_asked_for(void)
{
	return asked_for;
}

/* --- words ------------------------------------------------------------------------------------ */

/* A command's words: NULL-terminated, each its own. */
struct line {
	char **words;
	size_t n;
	bool failed;			/* without memory: some are missing */
};

/* Takes the word; NULL: there was no memory for it. */
static void line_take(struct line *l, char *word)
{
	char **words = realloc(l->words, (l->n + 2) * sizeof(*words));

	if (words)
		l->words = words;
	if (!words || !word) {
		l->failed = true;
		free(word);
		return;
	}
	words[l->n++] = word;
	words[l->n] = NULL;
}

static void line_add(struct line *l, const char *word)
{
	line_take(l, strdup(word));
}

static void line_free(struct line *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->words[i]);
	free(l->words);
}

/*
 * The options that the command was given, without those that ask for a window: no other one begins
 * like these, which may be shortened.
 */
static void add_options(const struct context *c, struct line *l)
{
	for (size_t i = 0; i < c->noptions; i++) {
		const char *word = c->options[i];

		if (!strncmp(word, "--v", 3))
			i += !strchr(word, '=');
		else if (strncmp(word, "--w", 3) && (i + 1 < c->noptions || strcmp(word, "--")))
			line_add(l, word);
	}
}

/* The words that show the machine's console at a terminal, whatever folder that begins in. */
static int console_line(const struct context *c, const char *machine, struct line *l,
			struct fault *f)
{
	const char *conf = c->config_path ? c->config_path : getenv("STOKER_CONF");
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return fault_set(f, errno, "cannot tell where this program lies: /proc/self/exe: "
				 "%s", strerror(errno));
	path[n] = '\0';
	line_add(l, path);
	line_add(l, c->command->name);
	add_options(c, l);
	if (conf && *conf) {
		if (!realpath(conf, path))
			return fault_set(f, errno, "%s: %s", conf, strerror(errno));
		line_add(l, "-c");
		line_add(l, path);
	}
	line_add(l, "--");
	line_add(l, machine);
	return l->failed ? fault_no_memory(f) : 0;
}

static void add_lisp_text(struct buffer *out, const char *text)
{
	buffer_add_text(out, " \"");
	for (; *text; text++)
		buffer_add(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	buffer_add_text(out, "\"");
}

/* What Emacs has to evaluate to show what these words run. */
static void add_lisp(struct buffer *out, const char *machine, const struct line *console)
{
	buffer_add_text(out, "(progn (require 'term) (set-buffer (make-term");
	add_lisp_text(out, machine);
	add_lisp_text(out, console->words[0]);
	buffer_add_text(out, " nil");
	for (size_t i = 1; i < console->n; i++)
		add_lisp_text(out, console->words[i]);
	buffer_add_text(out, ")) (term-mode) (term-char-mode)"
			" (switch-to-buffer (current-buffer)))");
}

static void add_shell(struct buffer *out, const struct line *console)
{
	for (size_t i = 0; i < console->n; i++) {
		buffer_add_text(out, i ? " " : "");
		shell_quote(out, console->words[i]);
	}
}

/* What stands for the letters of a command line. */
struct letters {
	const char *machine, *address;
	struct line console;
};

/* One word with what its letters stand for; to be freed. */
static char *fill(const char *word, const struct letters *letters)
{
	struct buffer out = {0};

	buffer_add_text(&out, "");
	for (; *word; word++) {
		if (*word != '%')
			buffer_add_bytes(&out, word, 1);
		else if (*++word == 'n')
			buffer_add_text(&out, letters->machine);
		else if (*word == 'a')
			buffer_add_text(&out, letters->address);
		else if (*word == 'c')
			add_shell(&out, &letters->console);
		else if (*word == 'e')
			add_lisp(&out, letters->machine, &letters->console);
		else
			buffer_add_text(&out, "%");
	}
	return buffer_take(&out);
}

/* The words of a viewer's command line, filled in. */
static int viewer_line(const char *text, const struct letters *letters, struct line *l,
		       struct fault *f)
{
	char **words;
	size_t n;
	int err = words_split(text, &words, &n, f);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i], "%c")) {
			line_take(l, fill(words[i], letters));
			continue;
		}
		for (size_t k = 0; k < letters->console.n; k++)
			line_add(l, letters->console.words[k]);
	}
	free(words);
	return l->failed ? fault_no_memory(f) : 0;
}

/* Whether a command line has one of these letters. */
static bool has_letter(const char *text, const char *letters)
{
	for (; (text = strchr(text, '%')); text += 2) {
		if (strchr(letters, text[1]))
			return true;
	}
	return false;
}

/* --- starting --------------------------------------------------------------------------------- */

static int check_screen(const struct viewer *viewer, struct fault *f)
{
	const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	if (!viewer || viewer->needs == NEEDS_NOTHING || (x11 && *x11) ||
	    (viewer->needs == NEEDS_SCREEN && wayland && *wayland))
		return 0;
	return fault_set(f, ENOTTY, "there is no screen for %s: DISPLAY%s not set; log in with "
			 "`ssh -X`, or from a desktop", viewer->name,
			 viewer->needs == NEEDS_SCREEN ? " and WAYLAND_DISPLAY are" : " is");
}

static int actions_make(posix_spawn_file_actions_t *actions)
{
	int err = posix_spawn_file_actions_init(actions);

	if (err)
		return err;
	for (int fd = 0; fd < 3 && !err; fd++)
		err = posix_spawn_file_actions_addopen(actions, fd, "/dev/null",
						       fd ? O_WRONLY : O_RDONLY, 0);
	if (err)
		posix_spawn_file_actions_destroy(actions);
	return err;
}

static int spawn(const char *path, char *const *argv, pid_t *pid)
{
	enum { CLOEXEC = 4 };		/* CLOSE_RANGE_CLOEXEC, which not all headers have */
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = process_attributes(&attributes, POSIX_SPAWN_SETSID);

	if (err)
		return err;
	/*
	 * Who waits for the end of a pipe that we were given must not wait for a window. Linux
	 * before 5.11 cannot do it: there one does.
	 */
	(void)syscall(SYS_close_range, 3, ~0U, CLOEXEC);
	credential_environment();
	err = actions_make(&actions);
	if (!err) {
		err = posix_spawn(pid, path, &actions, &attributes, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return err;
}

/* -errno with a sentence. */
static int start(const struct context *c, const struct viewer *viewer, const char *text,
		 const struct letters *letters, struct fault *f)
{
	struct line line = {0};
	char path[PATH_MAX];
	pid_t pid;
	int err = viewer_line(text, letters, &line, f);

	if (!err)
		err = process_find(line.words[0], path, sizeof(path), f);
	if (!err)
		err = check_screen(viewer, f);
	if (!err) {
		err = spawn(path, line.words, &pid);
		err = err ? process_cannot_run(path, err, f) : 0;
	}
	if (!err && !c->quiet)
		printf("%s: %s is started: process %ld\n", letters->machine, line.words[0],
		       (long)pid);
	line_free(&line);
	return err;
}

/* Where no viewer can be started, the address is what the user can take elsewhere. */
static int show_address(const struct context *c, const struct letters *letters,
			const struct fault *why)
{
	printf("%s: VNC at %s\n", letters->machine, letters->address);
	if (!c->quiet)
		fprintf(stderr, "%s: no viewer is started: %s\n", letters->machine, why->text);
	return 0;
}

static int start_line(struct context *c, struct machine *machine, const struct viewer *viewer,
		      const char *text, struct fault *f)
{
	char address[VALUE_MAX] = "";
	struct letters letters = {.machine = machine->name, .address = address};
	int err = 0;

	if (has_letter(text, "a"))
		err = screen_address(c, machine, address, f);
	if (!err && has_letter(text, "ce")) {
		if (!console_exists(machine))
			err = fault_set(f, ENOENT, "it has no console: set console = in its "
					"section");
		else
			err = console_line(c, machine->name, &letters.console, f);
	}
	if (!err) {
		err = start(c, viewer, text, &letters, f);
		if (err && viewer && !strcmp(viewer->name, "vnc"))
			err = show_address(c, &letters, f);
	}
	line_free(&letters.console);
	return err;
}

/* Starts what the machine's key says: -errno with a sentence. */
static int view(struct context *c, struct machine *machine, struct fault *f)
{
	char buffer[VALUE_MAX], display[VALUE_MAX];
	const char *text = machine_value(machine, &key_viewer, 0, buffer);
	const struct viewer *viewer = viewer_find(text);

	if (!viewer || viewer->line)
		return start_line(c, machine, viewer, viewer ? viewer->line : text, f);
	if (!strcmp(viewer->name, "sdl")) {
		if (strcmp(screen_kind(machine, display), "sdl"))
			return fault_set(f, EINVAL, "it opens no window of its own: its display "
					 "is \"%s\", and would have to be \"sdl\"", display);
		if (!c->quiet)
			printf("%s: while it is on, its own window is its console\n", machine->name);
	} else if (!c->quiet) {
		printf("%s: no viewer is wanted\n", machine->name);
	}
	return 0;
}

int viewer_run(struct context *c, int argc, char **argv)
{
	struct selection selection = {0};
	struct fault fault;
	int code;

	if (bmc_is_named())
		return usage_error("%s: viewers show machines of the configuration: leave out "
				   "--bmc", c->command->name);
	code = context_load(c);
	if (!code)
		code = context_select(c, argc, argv, &selection);
	if (!code && !selection.n)
		code = usage_error("%s: no machine is left", c->command->name);
	if (!code)
		code = context_begin();
	if (!code) {
		for (size_t i = 0; i < selection.n; i++) {
			if (!view(c, selection.machines[i], &fault))
				continue;
			usage_error("%s: %s", selection.machines[i]->name, fault.text);
			code = EXIT_NOT_ALL;
		}
		context_end();
	}
	selection_free(&selection);
	return code;
}
