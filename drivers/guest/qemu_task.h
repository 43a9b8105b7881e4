/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One verb under way for one guest. A verb is a table of steps. Each step begins something and
 * ends, now or later from the loop, by task_next, task_done or task_fail. Where something has to be
 * undone, task_guard names the steps that do it: what fails, or is cancelled, goes through them
 * first.
 *
 * What a verb does to a guest over several steps stands in the record of its process as a deed, so
 * that a run which finds it half done knows what to finish: qemu_settle.c.
 */
#ifndef GUEST_QEMU_TASK_H
#define GUEST_QEMU_TASK_H

#include "base/fault.h"
#include "base/text.h"
#include "place.h"
#include "base/proc.h"
#include "qemu_find.h"
#include "qmp.h"

#include "engine/driver.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <jansson.h>
#include <stdbool.h>

struct task;
struct process;
struct worker;

typedef void step_fn(struct task *task);

/* What QEMU says that its machine does. Defined by: qapi/run-state.json, RunState. */
enum run_state {
	RUN_NOT,			/* there is no process, or nobody to ask */
	RUN_RUNNING,
	RUN_PAUSED,
	RUN_PRELAUNCH,			/* it has not begun */
	RUN_INMIGRATE,			/* it waits for a state, or takes one */
	RUN_POSTMIGRATE,		/* its state has gone elsewhere, as a whole */
	RUN_SUSPENDED,
	RUN_SHUTDOWN,			/* it is off, and its process stays */
	RUN_STUCK,			/* stopped by an error: panic, a full disk, … */
	RUN_BUSY,			/* QEMU is at something that takes it for itself */
};

struct task {
	struct attempt *attempt;
	struct place place;
	struct found found;
	json_t *record;			/* of the process; NULL: there is none */
	json_t *saved;			/* of the saved state; NULL: nothing is saved */
	step_fn *const *step, *const *guard;
	step_fn *const *back;		/* where task_call goes on; NULL: it is not in one */

	struct qmp *qmp;
	struct hmp *hmp;		/* as long as it is asked */
	void (*on_ready)(struct task *task);
	/* what hears of events; NULL: nobody */
	void (*on_event)(struct task *task, const char *name, const json_t *value);
	qmp_reply_fn *on_reply;
	enum run_state run_state;
	char run_name[32];		/* as QEMU calls it */
	/* of a state on its way out */
	enum transfer {
		TRANSFER_NONE,
		TRANSFER_ACTIVE,
		TRANSFER_READY,		/* all but the last, which waits for our word */
		TRANSFER_LAST,		/* what the other side gets now may make it go on there */
		TRANSFER_DONE,
		TRANSFER_FAILED,
	} transfer;
	char transfer_error[200];
	uint64_t transferred, downtime_ms;

	/* what is waited for; each may run beside the others */
	ev_timer timer;
	void (*on_timer)(struct task *task);
	struct proc_watch watch;
	struct process *process;
	struct worker *worker;

	/* the first failure, while what was done is undone */
	int err;
	struct fault fault;
	bool undoing;
	bool committed;			/* too late to be cancelled: it comes to its end */
	/* its process is gone, and was not ended by us nor by itself in good order */
	bool left_behind;
	bool alone;			/* the monitor may go: QEMU is not needed any more */
	bool starting;			/* its monitor may not be there yet */
	double connect_until;		/* ev_now() time till which others' may not be there yet */

	/* the verbs' own */
	bool looks; /* changes nothing: the other monitor, and nothing is settled */
	json_t *arguments;		/* what QEMU is started with */
	char *program;
	char accelerator[VALUE_MAX];	/* for -accel */
	/* of a screen that is drawn: the terminal's ends, and what its keeper says; 0: none */
	int master, slave, report;
	ev_io reported;
	const char *deed; /* what QEMU is started for: "start", "restore", "incoming" */
	int fd;				/* of the state file; -1: none */
	size_t number;			/* of a letter, of a tap, … */
	bool made_target;
	unsigned kills;
	struct task *previous, *next;
};

/* --- the course of a task -------------------------------------------------------------------- */

/* Begins a verb by its steps, NULL at the end. */
void task_start(struct attempt *attempt, step_fn *const *steps, bool looks);
/* The same with something to undo from the beginning. */
void task_start_guarded(struct attempt *attempt, step_fn *const *steps, step_fn *const *guard);
void task_cancel(struct attempt *attempt);
/* All tasks of this program, when it ends: nothing is undone. */
void tasks_quit(void);

/* The step is over: the next one begins. */
void task_next(struct task *task);
/* The step before this one begins once more. */
void task_again(struct task *task);
/* Goes on with other steps, in the place of those that are left. */
void task_go(struct task *task, step_fn *const *steps);
/* Goes through other steps first, then on behind this one. Not from within such steps. */
void task_call(struct task *task, step_fn *const *steps);
/* From now on what fails is undone by these steps; NULL: there is nothing to undo. */
void task_guard(struct task *task, step_fn *const *steps);
void task_done(struct task *task, enum state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void task_fail(struct task *task, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* --- what steps are made of ----------------------------------------------------------------- */

/* Looks for the process and reads the records. */
step_fn step_find;
/* Connects to its monitor and asks for its state; without a process or a monitor, nothing. */
step_fn step_connect;
/* Finishes or undoes what an earlier run has left half done. */
step_fn step_settle;
/* Fails unless the guest runs and its monitor answers. */
step_fn step_needs_monitor;
/* Asks for its state again. */
step_fn step_ask_state;

/* Sends a command: the reply goes to reply, or where that is NULL on to the next step. */
void task_command(struct task *task, const char *command, json_t *arguments, qmp_reply_fn *reply);
void task_command_fd(struct task *task, const char *command, json_t *arguments, int fd,
		    qmp_reply_fn *reply);
/* Calls back after a time. */
void task_wait(struct task *task, double seconds, void (*on_timer)(struct task *task));
/* Goes on with the next step when the process is gone. */
void task_await_end(struct task *task);
/* Connects to a monitor that may not be there yet, for as long as its process is. */
void task_connect(struct task *task, void (*ready)(struct task *task));
/* Takes up a state as QEMU calls it. */
void task_take_state(struct task *task, const char *name);
/* query-status, then `then`. */
void task_ask_state(struct task *task, void (*then)(struct task *task));
/* Lets go of whatever is waited for. */
void task_stop_waiting(struct task *task);

/* From now on the end of the process is a failure, with what it said last. */
void task_watch_process(struct task *task);

/* The state of the machine for a report. */
enum state task_state(const struct task *task);
bool task_has_process(const struct task *task);

/* Writes the record of the process anew, with a deed or without (NULL). */
int task_record(struct task *task, const char *deed, struct fault *f);
/* The deed that the record tells of; "" for none. */
const char *task_deed(const struct task *task);

/* The last lines that QEMU has written to its log, as one, or "". In text, which is returned. */
const char *task_last_words(const struct task *task, char *text, size_t size);

/* --- steps that several verbs use ----------------------------------------------------------- */

/* Ends QEMU: by quit, by SIGTERM, by SIGKILL; goes on when it is gone. */
extern step_fn step_end_process;
/* Removes what belongs to a process that is gone. */
extern step_fn step_forget_process;
/* Finds the program, and makes task->arguments of the machine's keys. */
extern step_fn step_program, step_arguments;
/* Starts QEMU with task->arguments; what is behind these two is the record, and its monitor. */
extern step_fn step_spawn, step_greet, step_taps;
/* A keeper for a screen that is drawn: of what was spawned, or of what runs and has none now. */
extern step_fn step_screen, step_keep_screen;
/* Lets the guest run, and sees that it does. */
extern step_fn step_run;
/* Decides how code is run: task->accelerator is known behind it. */
extern step_fn step_accelerator;
/* The task ends: if it is the one that finds that out, another one has to. */
void qemu_probe_forget(const struct task *task);

/* How a state is on its way out: query-migrate. Behind it task->transfer is known. */
extern step_fn step_ask_transfer;
extern step_fn step_clear_deed;
/* What undoes a save or a move, by a run that failed or for one that was killed. */
extern step_fn *const undo_save[], *const undo_migrate[];
/* Writes down that the guest is not here any more, and ends what is left of it. */
extern step_fn *const finish_migrate[];

/* --- the verbs ------------------------------------------------------------------------------ */

void qemu_on(struct attempt *attempt);
void qemu_off(struct attempt *attempt);
void qemu_soft(struct attempt *attempt);
void qemu_reset(struct attempt *attempt);
void qemu_nmi(struct attempt *attempt);
void qemu_status(struct attempt *attempt);
void qemu_diagnose(struct attempt *attempt);
void qemu_pause(struct attempt *attempt);
void qemu_resume(struct attempt *attempt);
void qemu_suspend(struct attempt *attempt);
void qemu_wakeup(struct attempt *attempt);
void qemu_save(struct attempt *attempt);
void qemu_restore(struct attempt *attempt);
void qemu_snapshot(struct attempt *attempt);
void qemu_migrate(struct attempt *attempt);
void qemu_sysrq(struct attempt *attempt);

#endif
