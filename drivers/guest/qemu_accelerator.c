/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether KVM runs guests here. That its device opens says little: some hosts have one that hangs
 * its guests, or emulates what it should run. A guest of one sector is started by the firmware and
 * says by QEMU's exit status that it ran (isa-debug-exit): first by QEMU's own code generator
 * (TCG), for the time that it takes here and now, then by KVM, which has to be as fast. What was
 * found is remembered until the kernel or QEMU changes.
 */
#include "qemu_task.h"
#include "base/file.h"
#include "base/process.h"
#include "qemu_command.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* TCG may take as long as that on a host that has much to do, s */
static const ev_tstamp tcg_limit = 10, ask_again = 0.02;
/* KVM is faster on any host that has it; but little times are not exact, s */
static const ev_tstamp kvm_slack = 0.5;

enum { PROBE_PORT = 0xf4, PROBE_VALUE = 0x31, SECTOR = 512 };

/* One probe at a time: the other guests wait for what it finds. */
static const struct task *prober;
static ev_tstamp probe_begun, tcg_took;	/* 0: that is being found out */

static void probe(struct task *task);

/* --- what is remembered ----------------------------------------------------------------------- */

static int memory_path(char path[PATH_MAX], struct fault *f)
{
	int err = state_directory(path, PATH_MAX - 16, f);

	if (!err)
		strcat(path, "/qemu-kvm");
	return err;
}

/* What the finding depends on, as one text; "" where it cannot be told. */
static void describe_host(const char *program, char *text, size_t size)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC), err = fd < 0 ? errno : 0;
	struct utsname host;
	struct stat st;

	if (fd >= 0)
		close(fd);
	*text = '\0';
	if (uname(&host) || stat(program, &st))
		return;
	snprintf(text, size, "%s %s %s; %s of %lld, %lld bytes; /dev/kvm: %s", host.machine,
		 host.release, host.version, program, (long long)st.st_mtime,
		 (long long)st.st_size, err ? strerror(err) : "opens");
}

static bool recall(const char *host, bool *works)
{
	char path[PATH_MAX], *text;
	const char *known;
	json_t *memory;
	bool is;

	if (memory_path(path, NULL) || file_read(path, 65536, &text, NULL, NULL))
		return false;
	memory = json_loads(text, 0, NULL);
	free(text);
	known = json_string_value(json_object_get(memory, "host"));
	is = known && !strcmp(known, host);
	*works = json_is_true(json_object_get(memory, "works"));
	json_decref(memory);
	return is;
}

/* Not to be able to remember costs a probe at the next start, and nothing else. */
static void remember(const char *host, bool works, const char *why)
{
	json_t *memory = json_pack("{s:s, s:b, s:s}", "host", host, "works", works, "why", why);
	char path[PATH_MAX], *text = memory ? json_dumps(memory, JSON_INDENT(1)) : NULL;

	if (text && !memory_path(path, NULL))
		file_replace(path, text, strlen(text), 0644, NULL);
	free(text);
	json_decref(memory);
}

/* --- the probe -------------------------------------------------------------------------------- */

static void choose(struct task *task, bool kvm)
{
	snprintf(task->accelerator, sizeof(task->accelerator), "%s", kvm ? "kvm" : "tcg");
	task_next(task);
}

static void found_out(struct task *task, bool works, const char *why)
{
	char host[1024], path[PATH_MAX];

	prober = NULL;
	place_remove(task->place.run, "probe");
	describe_host(task->program, host, sizeof(host));
	remember(host, works, why);
	if (!works)
		attempt_note(task->attempt,
			     "KVM does not run guests here (%s): they run by TCG, which "
			     "is slower; %s remembers that",
			     why, memory_path(path, NULL) ? "nothing" : path);
	choose(task, works);
}

static void on_probed(void *data, const struct process_end *end)
{
	struct task *task = data;
	bool ran = end->status == (PROBE_VALUE << 1 | 1);
	char why[200];

	task->process = NULL;
	ev_timer_stop(task->attempt->loop, &task->timer);
	snprintf(why, sizeof(why), "%.*s", (int)strcspn(end->output, "\n"), end->output);
	if (ran && !tcg_took) {
		ev_now_update(task->attempt->loop);
		tcg_took = ev_now(task->attempt->loop) - probe_begun;
		probe(task);
	} else {
		found_out(task, ran, ran ? "" : *why ? why : "a probe did not run to its end");
	}
}

static void on_probe_limit(struct task *task)
{
	process_drop(task->process);
	task->process = NULL;
	found_out(task, false, tcg_took ? "a probe takes longer than by TCG" :
					  "a probe does not run even by TCG");
}

/* mov al, VALUE; out PORT, al; hlt; jump there */
static int write_probe(const struct task *task, struct fault *f)
{
	static const unsigned char code[SECTOR] = {
		0xb0, PROBE_VALUE, 0xe6, PROBE_PORT, 0xf4, 0xeb, 0xfd,
		[SECTOR - 2] = 0x55, [SECTOR - 1] = 0xaa,
	};
	char path[PATH_MAX];

	return file_replace(place_path(task->place.run, "probe", path), code, sizeof(code), 0600,
			    f);
}

static void probe(struct task *task)
{
	char drive[PATH_MAX + 64], path[PATH_MAX];
	char *argv[] = {
		task->program, "-nodefaults", "-no-user-config", "-machine", "pc", "-accel",
		tcg_took ? "kvm" : "tcg", "-m", "16", "-display", "none", "-no-reboot", "-device",
		"isa-debug-exit,iobase=0xf4,iosize=1", "-drive", drive, NULL,
	};
	struct process_options options = {
		.argv = argv, .path = task->program, .keep = 1024, .done = on_probed, .data = task,
	};
	struct ev_loop *loop = task->attempt->loop;
	struct fault f;
	int err;

	snprintf(drive, sizeof(drive), "if=ide,format=raw,file=%s",
		 place_path(task->place.run, "probe", path));
	ev_now_update(loop);
	probe_begun = ev_now(loop);
	err = process_start(loop, &options, &task->process, &f);
	if (err)
		found_out(task, false, f.text);
	else
		task_wait(task, tcg_took ? kvm_slack + tcg_took : tcg_limit, on_probe_limit);
}

static void begin_probe(struct task *task)
{
	struct fault f;
	int err = place_make(&task->place, &f);

	if (!err)
		err = write_probe(task, &f);
	if (err) {
		found_out(task, false, f.text);
		return;
	}
	prober = task;
	tcg_took = 0;
	probe(task);
}

/* --- the step --------------------------------------------------------------------------------- */

/* The probe's code is the PC's. */
static bool has_probe(const char *program)
{
	struct utsname host;

	return !uname(&host) &&
	       (!strcmp(host.machine, "x86_64") || !strcmp(host.machine, "i686")) &&
	       (strstr(program, "x86_64") || strstr(program, "i386") || strstr(program, "kvm"));
}

static void decide(struct task *task)
{
	char host[1024];
	bool works;

	describe_host(task->program, host, sizeof(host));
	if (!has_probe(task->program))
		choose(task, false);
	else if (recall(host, &works))
		choose(task, works);
	else if (!strstr(host, "/dev/kvm: opens"))
		found_out(task, false, strstr(host, "/dev/kvm: ") ? strstr(host, "/dev/kvm: ") :
			  "this host cannot be told");
	else if (prober)
		task_wait(task, ask_again, decide);
	else
		begin_probe(task);
}

/* A task that is given up in the middle of its probe leaves it to the next. */
void qemu_probe_forget(const struct task *task)
{
	if (prober == task)
		prober = NULL;
}

void step_accelerator(struct task *task)
{
	char text[VALUE_MAX];
	const char *v = machine_value(task->attempt->machine, &key_qemu_accelerator, 0, text);

	if (strcmp(v, "auto")) {
		snprintf(task->accelerator, sizeof(task->accelerator), "%s", v);
		task_next(task);
	} else {
		decide(task);
	}
}
