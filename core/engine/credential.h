/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What logs in to a machine's device: password and K_g, from whom has them. The first of these that
 * is set counts: what was given (credential_give); keys of the command line; password-file or
 * password-command, the one that stands nearer, or kg-file, of the machine and its profiles; the
 * environment variables STOKER_PASSWORD and STOKER_KG.
 */
#ifndef ENGINE_CREDENTIAL_H
#define ENGINE_CREDENTIAL_H

#include <stddef.h>

struct credential_request;
struct ev_loop;
struct fault;
struct key;
struct machine;
struct secret;

enum credential { CREDENTIAL_PASSWORD, CREDENTIAL_KG };
enum { CREDENTIALS = 2, CREDENTIAL_MAX = 256, CREDENTIAL_KG_MAX = 20 };	/* bytes */

/* For the drivers that log in: they list those that they use among their keys. */
extern const struct key key_user, key_password_file, key_password_command, key_kg_file;

/* err: 0 or a negative errno with a sentence. secret: a reference, to be dropped; NULL with err. */
typedef void credential_fn(void *data, int err, struct secret *secret, const char *sentence);

/*
 * 0: *secret is a reference, to be dropped, or NULL where none is set. -EINPROGRESS: done follows
 * once, later, from the loop, unless *handle is cancelled before. Another negative errno comes with
 * a sentence, which names no machine and quotes nothing secret. *handle is NULL but for
 * -EINPROGRESS.
 *
 * A file is read once and a command is run once, however many machines name it, and what went wrong
 * with it stays. loop must be libev's default loop.
 */
int credential_get(struct ev_loop *loop, const struct machine *machine, enum credential which,
		   struct secret **secret, credential_fn *done, void *data,
		   struct credential_request **handle, struct fault *f);
/* done will not be called. The file or command is read to its end all the same. */
void credential_cancel(struct credential_request *handle);

/*
 * What the user typed, or what a front end was called with: goes before all else, for all machines.
 * Takes a reference of its own; an empty one counts as set; NULL takes it back.
 */
void credential_give(enum credential which, struct secret *secret);

/*
 * A K_g from text: its bytes, or 0x and two hexadecimal digits for each. *secret is to be dropped.
 * -EINVAL with a sentence for one that is empty, longer than CREDENTIAL_KG_MAX, or not hexadecimal.
 */
int credential_kg(const void *text, size_t length, struct secret **secret, struct fault *f);

/*
 * Takes the passwords out of the environment, and wipes them there, so that neither /proc nor the
 * programs that methods run have them. credential_get does it too.
 */
void credential_environment(void);
/*
 * Forgets what files and commands have said: who asks next has them read again. What is being read
 * goes on.
 */
void credential_read_again(void);
/*
 * Drops everything: secrets, given ones too; what is known of files and commands; who waits, whose
 * done is not called. context_perform does so at its end.
 */
void credential_quit(void);

#endif
