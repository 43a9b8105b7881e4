/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How QEMU's process begins and ends: steps of several verbs. See qemu_task.h. */
#include "qemu_task.h"
#include "base/crash.h"
#include "base/process.h"
#include "detach.h"
#include "engine/environment.h"
#include "hardware.h"
#include "qemu_command.h"
#include "qemu_screen.h"

#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

/* how long QEMU has after each of quit and SIGTERM, s */
static const ev_tstamp end_limit = 2;

enum { SERIALS = 8 };

/* --- its begin -------------------------------------------------------------------------------- */

void step_program(struct task *task)
{
	const struct machine *machine = task->attempt->machine;
	char text[VALUE_MAX], path[PATH_MAX];
	struct fault f;
	int err = process_find(machine_value(machine, &key_qemu_program, 0, text), path,
			       sizeof(path), &f);

	if (!err && !(task->program = strdup(path)))
		err = fault_no_memory(&f);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

void step_arguments(struct task *task)
{
	struct fault f;
	int err = qemu_command(task->attempt->machine, task->place.run, task->accelerator,
			       &task->arguments, &f);

	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

/* It waits with the guest stopped, until all is written down; for a state to take, too. */
static char **make_argv(const struct task *task)
{
	static char stop[] = "-S", incoming[] = "-incoming", defer[] = "defer";
	size_t n = json_array_size(task->arguments), used = 0;
	char **argv = calloc(n + 5, sizeof(*argv));

	if (!argv)
		return NULL;
	argv[used++] = task->program;
	for (size_t i = 0; i < n; i++)
		argv[used++] = (char *)json_string_value(json_array_get(task->arguments, i));
	if (strcmp(task->deed, "incoming"))
		argv[used++] = stop;
	if (strcmp(task->deed, "start")) {
		argv[used++] = incoming;
		argv[used++] = defer;
	}
	return argv;
}

/* With a terminal for what it draws. */
static int start_at_terminal(struct task *task, struct detached *program, struct fault *f)
{
	char **environment = qemu_screen_environment((char **)program->environment);
	int err = environment ? qemu_screen_make(task, f) : fault_no_memory(f);

	if (!err) {
		program->environment = environment;
		program->master = task->master;
		program->slave = task->slave;
		err = detach(program, &task->found.proc, f);
	}
	free(environment);
	return err;
}

static int start_program(struct task *task, struct fault *f)
{
	char log[PATH_MAX], before[PATH_MAX];
	char **environment = environment_make(task->attempt->machine, "on"),
	     **argv = make_argv(task);
	struct detached program = {
		.path = task->program, .argv = argv, .environment = environment,
		.log = place_path(task->place.state, "log", log),
	};
	int err;

	/* what it said last time may still be asked for */
	if (rename(log, place_path(task->place.state, "log.1", before)) && errno != ENOENT)
		err = fault_set(f, errno, "cannot rename \"%s\": %s", log, strerror(errno));
	else if (!environment || !argv)
		err = fault_no_memory(f);
	else if (qemu_screen_is_drawn(task->arguments))
		err = start_at_terminal(task, &program, f);
	else
		err = detach(&program, &task->found.proc, f);
	free(environment);
	free(argv);
	return err;
}

static void name_monitors(struct task *task)
{
	char path[PATH_MAX];

	snprintf(task->found.qmp, sizeof(task->found.qmp), "%.*s", SOCKET_FOLDER_MAX + 8,
		 place_path(task->place.run, "qmp", path));
	snprintf(task->found.look, sizeof(task->found.look), "%.*s", SOCKET_FOLDER_MAX + 8,
		 place_path(task->place.run, "look", path));
}

void step_spawn(struct task *task)
{
	struct fault f;
	int err = place_make(&task->place, &f);

	crash_point("qemu-spawn-prepared");
	if (!err)
		err = start_program(task, &f);
	if (err) {
		task_fail(task, err, "%s", f.text);
		return;
	}
	crash_point("qemu-spawned");
	name_monitors(task);
	json_decref(task->record);
	task->record =
		json_pack("{s:s, s:O}", "program", task->program, "arguments", task->arguments);
	err = task->record ? task_record(task, task->deed, &f) : fault_no_memory(&f);
	crash_point("qemu-spawn-recorded");
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

static void greeted(struct task *task)
{
	task->starting = false;
	if (json_object_set_new(task->record, "version", json_string(qmp_version(task->qmp))))
		task_fail(task, -ENOMEM, "out of memory");
	else
		task_next(task);
}

void step_greet(struct task *task)
{
	task->starting = true;
	task_connect(task, greeted);
}

/* --- its ports of bridges --------------------------------------------------------------------- */

static int join_bridge(int fd, const char *name, const char *bridge, struct fault *f)
{
	struct ifreq port = {0}, flags = {0};

	if (strlen(bridge) >= IFNAMSIZ)
		return fault_set(f, EINVAL, "\"%s\" is too long for a bridge's name", bridge);
	strcpy(port.ifr_name, bridge);
	port.ifr_ifindex = (int)if_nametoindex(name);
	if (!port.ifr_ifindex)
		return fault_set(f, errno, "QEMU has not made the interface %s: %s", name,
				 strerror(errno));
	/* a run that was killed may have come as far as that */
	if (ioctl(fd, SIOCBRADDIF, &port) && errno != EBUSY)
		return fault_set(f, errno, "cannot make %s a port of \"%s\": %s%s", name, bridge,
				 strerror(errno),
				 errno == ENODEV ? ": there is no such bridge"
				 : errno == EPERM
					 ? ": that takes root, or \"bridge\" in the place of "
					   "\"tap\""
					 : "");
	strcpy(flags.ifr_name, name);
	if (ioctl(fd, SIOCGIFFLAGS, &flags))
		return fault_set(f, errno, "%s: %s", name, strerror(errno));
	flags.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &flags))
		return fault_set(f, errno, "cannot switch %s on: %s", name, strerror(errno));
	return 0;
}

/* The nth card, where it is a port of a bridge; n becomes how many cards there were till then. */
static int join_nic(const struct task *task, const char *text, int fd, size_t *n, struct fault *f)
{
	char name[16];
	struct nic nic;
	int err = nic_parse(text, &nic, f);

	if (err)
		return err;
	if (nic.kind == NIC_TAP) {
		qemu_tap_name(task->place.run, *n, name);
		err = join_bridge(fd, name, nic.to, f);
	}
	*n += nic.kind != NIC_NONE;
	free(nic.block);
	return err;
}

void step_taps(struct task *task)
{
	const struct machine *machine = task->attempt->machine;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	struct fault f;
	size_t cards = 0;

	for (size_t i = 0; i < machine_values(machine, &key_nic) && !err; i++) {
		char text[VALUE_MAX];

		err = join_nic(task, machine_value(machine, &key_nic, i, text), fd, &cards, &f);
	}
	if (fd >= 0)
		close(fd);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

/* --- it runs ---------------------------------------------------------------------------------- */

static void on_run(struct task *task)
{
	crash_point("qemu-running");
	if (task->run_state == RUN_RUNNING)
		task_next(task);
	else
		task_fail(task, -EIO, "QEMU was told to let it run, and says that it is \"%s\"",
			 task->run_name);
}

static void on_continued(void *data, const json_t *value, const char *error)
{
	struct task *task = data;

	(void)value;
	if (error)
		task_fail(task, -EIO, "QEMU does not let it run: %s", error);
	else
		task_ask_state(task, on_run);
}

void step_run(struct task *task)
{
	crash_point("qemu-before-run");
	task_command(task, "cont", NULL, on_continued);
}

/* --- its end ---------------------------------------------------------------------------------- */

static void end_harder(struct task *task)
{
	int signal = task->kills++ ? SIGKILL : SIGTERM;
	int err;

	/* one that it leaves behind would say that nobody has ended it */
	if (signal == SIGKILL)
		place_remove(task->place.run, "pid");
	err = proc_signal(&task->found.proc, signal);
	if (err && err != -ESRCH) {
		task_fail(task, err, "cannot end process %ld: %s", (long)task->found.proc.pid,
			 strerror(-err));
		return;
	}
	task_wait(task, end_limit, end_harder);
}

void step_end_process(struct task *task)
{
	if (!task_has_process(task)) {
		task_next(task);
		return;
	}
	task->kills = 0;
	task_await_end(task);
	if (task->qmp && qmp_is_ready(task->qmp) && !qmp_send(task->qmp, "quit", NULL, NULL))
		task_wait(task, end_limit, end_harder);
	else
		end_harder(task);
	crash_point("qemu-ending");
}

void step_forget_process(struct task *task)
{
	static const char *const files[] = {"qmp", "look",  "status",	  "monitor", "pid",
					    "vnc", "probe", "record.new", "record"};
	char name[32];

	ev_timer_stop(task->attempt->loop, &task->timer);
	crash_point("qemu-ended");
	qmp_close(task->qmp);
	task->qmp = NULL;
	for (int i = 0; i < SERIALS; i++) {
		snprintf(name, sizeof(name), "serial%d", i);
		place_remove(task->place.run, name);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		place_remove(task->place.run, files[i]);
	qemu_screen_forget(&task->place);
	/* others may keep something there */
	rmdir(task->place.run);
	found_free(&task->found);
	json_decref(task->record);
	task->record = NULL;
	task->run_state = RUN_NOT;
	task->alone = false;
	task_next(task);
}
