/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of a configuration's text that leave everything else as it is: comments, blanks, order.
 * The text is cut into words as libconfuse does; what is not understood is refused. Whoever writes
 * the text to a file reads it first, and sees whether it says what was meant.
 */
#ifndef MODEL_CONFIG_EDIT_H
#define MODEL_CONFIG_EDIT_H

#include <stddef.h>

struct fault;

/*
 * Sets a key of the section machine "TITLE" to a value, which is written as it is given: a bare
 * word or a text in quotes. A value that is there is replaced; else a line is added to the section,
 * set in as the others are. *changed: the new text, to be freed. -ENOENT: there is no such section;
 * -EINVAL with a sentence for what cannot be done safely; -ENOMEM.
 */
int config_edit_set(const char *text, const char *title, const char *key, const char *value,
		    char **changed, struct fault *f);
/* Takes the section machine "TITLE" out, with the comments in it; those around it stay. */
int config_edit_remove(const char *text, const char *title, char **changed, struct fault *f);
/* Puts sections behind all that is there. */
int config_edit_append(const char *text, const char *sections, char **changed, struct fault *f);

#endif
