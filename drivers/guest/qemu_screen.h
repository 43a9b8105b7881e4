/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest's screen in letters: display = curses. See qemu_screen.c. */
#ifndef GUEST_QEMU_SCREEN_H
#define GUEST_QEMU_SCREEN_H

#include <stdbool.h>

struct fault;
struct json_t;
struct place;
struct task;

/* In the guest's folder of sockets, and in that of what survives. */
#define SCREEN_FOLDER "screen"

/* Whether QEMU draws it with these arguments. */
bool qemu_screen_is_drawn(const struct json_t *arguments);
/* An environment as a program that draws needs it: a list to be freed, of the same strings. */
char **qemu_screen_environment(char **environment);
/* Makes its folders, and the terminal: task->master and task->slave. -errno with a sentence. */
int qemu_screen_make(struct task *task, struct fault *f);
/* Gives back what the task has of the terminal, and forgets the keeper's report. */
void qemu_screen_close(struct task *task);
/* Removes what is left of it when its process is gone. */
void qemu_screen_forget(const struct place *place);

/* A descriptor to see it by; -errno with a sentence. */
int qemu_screen_connect(const struct place *place, struct fault *f);
/* Draws it anew, in that size. */
void qemu_screen_resize(const struct place *place, unsigned columns, unsigned rows);

#endif
