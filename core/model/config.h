/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration file, read with libconfuse. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stddef.h>

struct key;
struct model;

/* Told of each error: a sentence that begins with FILE:LINE. */
typedef void config_error_fn(void *data, const char *sentence);

struct config_reader {
	struct model *model;
	const struct key *const *keys;	/* all that this build knows, NULL-terminated */
	config_error_fn *tell;
	void *data;
};

/*
 * Reads a file and all that it includes into the model, and finishes it (model_finish). Goes on
 * after an error where that makes sense, so that one run tells all. The number of errors. A file
 * that does not exist is an error.
 */
size_t config_read(const struct config_reader *reader, const char *path);
/* The same for a text in memory; name stands for it in errors. */
size_t config_read_text(const struct config_reader *reader, const char *name, const char *text);

#endif
