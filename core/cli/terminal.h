/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal at standard input while a console is attached: raw, so that every key is the
 * machine's, and given back as it was, also by a crash. Defined by: termios(3), and POSIX on job
 * control. There is one, so its state is this file's.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>

struct fault;

/* Whether standard input is one. */
bool terminal_is_there(void);
/*
 * Makes it raw; a program in the background is stopped first until it is brought to the front, as
 * by reading from it. -errno with a sentence.
 */
int terminal_take(struct fault *f);
/*
 * As it was before. Nothing happens where it was not taken, or belongs to another program now.
 * lost: what has been typed and not been read goes nowhere.
 */
void terminal_give_back(bool lost);
bool terminal_is_taken(void);
/* Raw again, where somebody else has set it after it was taken: behind a SIGSTOP. */
void terminal_retake(void);

/*
 * Gives it back, stops the process group (SIGTSTP) and takes it again when the shell continues it.
 * -ESRCH with a sentence where nobody could; other errors as of terminal_take.
 */
int terminal_suspend(struct fault *f);

/* The size of the terminal at standard output, else at standard input; false: there is none. */
bool terminal_size(unsigned *columns, unsigned *rows);

#endif
