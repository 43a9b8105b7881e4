/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of the emulator driver, with shell scripts that stand for emulators. Keepers are this
 * program again, called by their name.
 */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/keeper/keeper.h"
#include "base/proc.h"
#include "engine/ladder.h"
#include "drivers/guest/emulator_config.h"
#include "drivers/guest/emulator_kind.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct fault f;
static struct model *model;
static struct watched w;
static char folder[32], run_folder[80];

static void put_file(const char *name, const char *text, mode_t mode)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_replace(path, text, strlen(text), mode, &f), 0);
}

/*
 * An emulator with a prompt, which it shows from the start; it can hang, and can be left to itself.
 */
static const char machine_script[] =
	"#!/bin/bash\n"
	"trap 'echo bye; exit 0' TERM\n"
	"echo started >>\"$(dirname \"$0\")/starts\"\n"
	"printf 'sim> '\n"
	"while read -r line; do\n"
	"	line=${line//[$'\\005\\r']/}\n"
	"	case $line in\n"
	"	exit) echo Goodbye; exit 0;;\n"
	"	hang) sleep 1000;;\n"
	"	'') ;;\n"
	"	*) echo \"got $line\";;\n"
	"	esac\n"
	"	printf 'sim> '\n"
	"done\n";

static int setup(void **state)
{
	char value[64];

	(void)state;
	strcpy(folder, "/tmp/stoker-emulator-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(value, sizeof(value), "%s/run", folder);
	setenv("STOKER_RUN", value, 1);
	snprintf(run_folder, sizeof(run_folder), "%.50s/guests/m", value);
	snprintf(value, sizeof(value), "%s/state", folder);
	setenv("STOKER_STATE", value, 1);
	put_file("machine", machine_script, 0755);
	put_file("config", "# nothing\n", 0644);
	return 0;
}

static void ends(void)
{
	struct ended e = trial_run(model, "m", VERB_OFF, "emulator");

	assert_string_equal(e.text, "");
	assert_int_equal(e.state, STATE_OFF);
}

static int teardown(void **state)
{
	char command[80];

	(void)state;
	watched_close(&w);
	if (model)
		ends();
	drivers_quit();
	model_free(model);
	model = NULL;
	unsetenv("STOKER_CRASH");
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* A machine of that script and configuration, with more keys. */
static void machine(const char *keys)
{
	char text[2048];

	snprintf(text, sizeof(text), "machine \"m\" {\n guest = \"emulator\"\n"
		 " emulator = \"simh-pdp11\"\n emulator-program = \"%s/machine\"\n"
		 " emulator-config = \"%s/config\"\n%s\n}\n", folder, folder, keys);
	model_free(model);
	model = model_of(text);
}

static struct ended does(enum verb verb, const char *method)
{
	return trial_run(model, "m", verb, method);
}

static void comes_to(enum verb verb, const char *method, enum state expected)
{
	struct ended e = does(verb, method);

	if (e.err || e.state != expected)
		fail_msg("%s: %d, %s: %s", method, e.err, state_name(e.state), e.text);
}

static void fails(enum verb verb, const char *method, int err, const char *sentence)
{
	struct ended e = does(verb, method);

	assert_string_equal(e.text, sentence);
	assert_int_equal(e.err, err);
}

/* How often it was started. */
static unsigned starts(void)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/starts", folder);
	return stat(path, &st) ? 0 : (unsigned)st.st_size / (unsigned)strlen("started\n");
}

static struct keeper_record record(void)
{
	struct keeper_record r;

	if (keeper_read(run_folder, &r, &f))
		fail_msg("%s", f.text);
	return r;
}

/* Its keeper is gone when this returns. */
static struct keeper_record kill_keeper(void)
{
	struct keeper_record r = record();

	assert_int_equal(proc_signal(&r.keeper, SIGKILL), 0);
	for (int i = 0; i < 1000 && proc_look(&r.keeper) != PROC_GONE; i++)
		nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	return r;
}

/* --- verbs ----------------------------------------------------------------------------------- */

/* In good order: status says nothing of it, and how it was is kept. */
static void ended_well(const char *sentence)
{
	char kept[80];
	int64_t when;
	bool well;
	char *end;

	assert_string_equal(does(VERB_STATUS, "emulator").text, "");
	snprintf(kept, sizeof(kept), "%s/state/guests/m", folder);
	end = keeper_last_end(kept, &when, &well);
	assert_non_null(end);
	assert_true(well);
	assert_contains(end, sentence);
	free(end);
}

static void on_is_seen_and_off_is_seen(void **state)
{
	(void)state;
	machine("");
	comes_to(VERB_STATUS, "emulator", STATE_OFF);
	comes_to(VERB_ON, "emulator", STATE_ON);
	comes_to(VERB_STATUS, "emulator", STATE_ON);
	comes_to(VERB_ON, "emulator", STATE_ON);
	assert_int_equal(starts(), 1);
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	ended_well("it was ended by signal 9 (Killed)");
}

/* Kills the program, or its keeper first, and waits until both are gone. */
static void dies(bool keeper_first, int signal)
{
	struct keeper_record r = keeper_first ? kill_keeper() : record();

	assert_int_equal(proc_signal(&r.program, signal), 0);
	for (int i = 0; i < 1000 && (proc_look(&r.program) != PROC_GONE ||
				     proc_look(&r.keeper) != PROC_GONE); i++)
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static void an_end_that_nobody_asked_for_is_told_until_it_is_on_or_off_again(void **state)
{
	struct ended e;

	(void)state;
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	dies(false, SIGKILL);
	e = does(VERB_STATUS, "emulator");
	assert_int_equal(e.state, STATE_OFF);
	assert_contains(e.text, "it was ended by signal 9 (Killed)");
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	assert_string_equal(does(VERB_STATUS, "emulator").text, "");
	comes_to(VERB_ON, "emulator", STATE_ON);
	dies(true, SIGKILL);
	e = does(VERB_STATUS, "emulator");
	assert_int_equal(e.state, STATE_OFF);
	assert_string_equal(e.text, "it ended; how is not known, as its keeper was killed");
	comes_to(VERB_ON, "emulator", STATE_ON);
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	assert_string_equal(does(VERB_STATUS, "emulator").text, "");
}

static void soft_types_the_command_at_its_prompt(void **state)
{
	(void)state;
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	comes_to(VERB_SOFT, "emulator", STATE_OFF);
	ended_well("it exited with status 0; the last that it said: Goodbye");
	comes_to(VERB_SOFT, "emulator", STATE_OFF);
}

static void a_command_may_be_the_methods_own(void **state)
{
	struct trial trial;

	(void)state;
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	trial_start(&trial, model, "m", VERB_SOFT, "emulator command no exit");
	loop_for(1);
	assert_int_equal(trial.ended.times, 0);
	trial_cancel(&trial);
	trial_wait(&trial, 5);
	trial_free(&trial);
	comes_to(VERB_STATUS, "emulator", STATE_ON);
	comes_to(VERB_SOFT, "emulator signal TERM", STATE_OFF);
	ended_well("it exited with status 0; the last that it said: sim> bye");
}

static void a_script_stops_it_and_is_believed_only_when_it_is_gone(void **state)
{
	char keys[256];

	(void)state;
	put_file("stop", "#!/bin/sh\necho $STOKER_MACHINE $STOKER_VERB $* >\"$(dirname "
		 "$0)/asked\"\nkill $(sed 's/ .*//' \"$STOKER_RUN/guests/m/record\")\n", 0755);
	put_file("lie", "#!/bin/sh\nexit 0\n", 0755);
	put_file("fail", "#!/bin/sh\necho no route to guest; exit 4\n", 0755);
	snprintf(keys, sizeof(keys), " emulator-stop = \"script %s/stop now\"", folder);
	machine(keys);
	comes_to(VERB_ON, "emulator", STATE_ON);
	snprintf(keys, sizeof(keys), "emulator script %s/fail", folder);
	fails(VERB_SOFT, keys, -EIO, "its stop script exited with status 4: no route to guest");
	snprintf(keys, sizeof(keys), "emulator script %s/lie", folder);
	{
		struct trial trial;

		trial_start(&trial, model, "m", VERB_SOFT, keys);
		loop_for(0.5);
		assert_int_equal(trial.ended.times, 0);
		trial_cancel(&trial);
		trial_wait(&trial, 5);
		assert_int_equal(trial.ended.err, -ECANCELED);
		trial_free(&trial);
	}
	comes_to(VERB_SOFT, "emulator", STATE_OFF);
}

static void pause_and_resume_are_seen(void **state)
{
	(void)state;
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	comes_to(VERB_PAUSE, "emulator", STATE_PAUSED);
	comes_to(VERB_STATUS, "emulator", STATE_PAUSED);
	comes_to(VERB_ON, "emulator", STATE_PAUSED);
	fails(VERB_SOFT, "emulator", -EAGAIN, "it is paused and hears nothing: resume lets it "
	      "go on");
	comes_to(VERB_RESUME, "emulator", STATE_ON);
	comes_to(VERB_STATUS, "emulator", STATE_ON);
	comes_to(VERB_PAUSE, "emulator", STATE_PAUSED);
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	comes_to(VERB_PAUSE, "emulator", STATE_OFF);
}

static void reset_starts_it_again(void **state)
{
	(void)state;
	machine("");
	fails(VERB_RESET, "emulator", -EINVAL, "it is off: only what runs can be reset");
	comes_to(VERB_ON, "emulator", STATE_ON);
	comes_to(VERB_RESET, "emulator", STATE_ON);
	assert_int_equal(starts(), 2);
}

static void stop_kills_only_those_of_which_that_is_known(void **state)
{
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "machine \"m\" {\n guest = \"emulator\"\n emulator = "
		 "\"charon\"\n emulator-detach = \"none\"\n emulator-program = \"%s/machine\"\n}\n",
	folder);
	model = model_of(text);
	comes_to(VERB_ON, "emulator", STATE_ON);
	fails(VERB_SOFT, "emulator", -ENODATA, "nothing is known that lets it stop: set "
	      "emulator-stop = \"script /PATH\", or kill it");
	comes_to(VERB_STOP, "emulator", STATE_OFF);
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	comes_to(VERB_STOP, "emulator", STATE_OFF);
	ended_well("Goodbye");
}

static void what_is_missing_is_told_before_it_starts(void **state)
{
	char sentence[256], path[64];
	struct ended e;

	(void)state;
	machine("");
	snprintf(path, sizeof(path), "%.31s/config", folder);
	unlink(path);
	snprintf(sentence, sizeof(sentence), "its configuration file \"%s\" cannot be read: No "
		 "such file or directory", path);
	fails(VERB_ON, "emulator", -ENOENT, sentence);
	e = does(VERB_DIAGNOSE, "emulator");
	assert_int_equal(e.err, -ENOENT);
	assert_contains(e.notes, "/machine\" is there");
	assert_contains(e.notes, "/config\": No such file or directory");
	snprintf(path, sizeof(path), "%s/machine", folder);
	unlink(path);
	snprintf(sentence, sizeof(sentence), "there is no program \"%s\": No such file or "
		 "directory", path);
	fails(VERB_ON, "emulator", -ENOENT, sentence);
}

/* --- finding --------------------------------------------------------------------------------- */

/* In the test's folder, with a stdin that says nothing and nobody who hears it; returns when it runs. */
static pid_t by_hand(const char *file, const char *first, const char *second)
{
	pid_t pid = fork();
	bool there = false;

	if (!pid) {
		int ends[2], nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (!chdir(folder) && !pipe(ends) && dup2(ends[0], 0) == 0 &&
		    dup2(nowhere, 1) == 1)
			execlp(file, file, first, second, NULL);
		_exit(127);
	}
	for (int i = 0; i < 1000 && !there; i++) {
		struct procs procs;

		assert_int_equal(procs_read(&procs), 0);
		for (size_t t = 0; t < procs.n; t++) {
			const char *last = proc_word(&procs.list[t], procs.list[t].nwords - 1);

			there = there || (procs.list[t].id.pid == pid &&
					  !strcmp(last, second ? second : first));
		}
		procs_free(&procs);
		nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	}
	assert_true(there);
	return pid;
}

/* It is gone when this returns. */
static void end(pid_t pid)
{
	struct proc proc;

	kill(pid, SIGKILL);
	for (int i = 0; i < 1000 && !proc_identify(pid, &proc); i++)
		nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void one_started_by_hand_is_found(void **state)
{
	char part[128];
	struct proc proc;
	pid_t pid;

	(void)state;
	machine("");
	/* by other names of the same files */
	pid = by_hand("./machine", "config", NULL);
	snprintf(part, sizeof(part), "process %ld since ", (long)pid);
	assert_contains(does(VERB_STATUS, "emulator").text, part);
	assert_contains(does(VERB_STATUS, "emulator").text, ", started by hand");
	comes_to(VERB_ON, "emulator", STATE_ON);
	assert_int_equal(starts(), 1);
	snprintf(part, sizeof(part), "process %ld was started by hand: its prompt is where that "
		 "was done", (long)pid);
	fails(VERB_SOFT, "emulator", -ENOTCONN, part);
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	assert_int_equal(proc_identify(pid, &proc), -ESRCH);
}

static void a_strangers_process_is_not_taken(void **state)
{
	pid_t other, editor;

	(void)state;
	machine("");
	put_file("other", "# another\n", 0644);
	other = by_hand("./machine", "other", NULL);
	editor = by_hand("tail", "-f", "config");
	comes_to(VERB_STATUS, "emulator", STATE_OFF);
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	assert_int_equal(kill(other, 0), 0);
	end(other);
	end(editor);
}

static void two_of_one_machine_are_told(void **state)
{
	pid_t one, two;
	struct ended e;

	(void)state;
	machine("");
	one = by_hand("./machine", "config", NULL);
	two = by_hand("./machine", "config", NULL);
	e = does(VERB_OFF, "emulator");
	assert_int_equal(e.err, -EEXIST);
	assert_contains(e.text, " are both this machine: end one of them");
	end(one);
	end(two);
}

/* A record whose process has gone, and whose number another one has now. */
static void a_number_that_is_anothers_now_is_not_taken(void **state)
{
	struct keeper_record r;
	char path[100], text[200], *boot;

	(void)state;
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	r = record();
	comes_to(VERB_OFF, "emulator", STATE_OFF);
	assert_int_equal(file_read("/proc/sys/kernel/random/boot_id", 64, &boot, NULL, &f), 0);
	snprintf(path, sizeof(path), "%s/record", run_folder);
	snprintf(text, sizeof(text), "%ld %llu %ld %llu %s", (long)getpid(),
		 (unsigned long long)r.program.start, (long)getpid(),
		 (unsigned long long)r.keeper.start, boot);
	free(boot);
	assert_int_equal(file_replace(path, text, strlen(text), 0600, &f), 0);
	comes_to(VERB_STATUS, "emulator", STATE_OFF);
	comes_to(VERB_OFF, "emulator", STATE_OFF);
}

static void after_its_keepers_death_on_and_soft_and_the_console_bring_a_new_one(void **state)
{
	struct keeper_record first, next;

	(void)state;
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	first = kill_keeper();
	assert_contains(does(VERB_STATUS, "emulator").text, ", without a keeper: `stoker on` "
			"brings its console back");
	comes_to(VERB_ON, "emulator", STATE_ON);
	next = kill_keeper();
	assert_int_equal(next.program.pid, first.program.pid);
	assert_int_not_equal(next.keeper.pid, first.keeper.pid);
	watched_open(&w, model, "m");
	watched_type(&w, "hello\n");
	watched_hears(&w, "got hello\r\n");
	watched_close(&w);
	kill_keeper();
	comes_to(VERB_SOFT, "emulator", STATE_OFF);
	assert_int_equal(starts(), 1);
}

/* --- consoles -------------------------------------------------------------------------------- */

static void a_console_comes_and_goes_and_the_machine_stays(void **state)
{
	(void)state;
	machine("");
	comes_to(VERB_ON, "emulator", STATE_ON);
	for (int i = 0; i < 3; i++) {
		watched_open(&w, model, "m");
		watched_type(&w, "hello\n");
		watched_hears(&w, "got hello\r\n");
		watched_close(&w);
		comes_to(VERB_STATUS, "emulator", STATE_ON);
	}
	watched_open(&w, model, "m");
	comes_to(VERB_SOFT, "emulator", STATE_OFF);
	watched_ends(&w, -EPIPE, "emulator: the emulator has ended");
}

static void a_console_of_what_is_off_says_so(void **state)
{
	(void)state;
	machine("");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, -ENOTCONN, "emulator: it is off: its console is there when it is on");
	machine(" emulator-console = \"none\"");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, -ENOSYS, "emulator: it has no console: set emulator-console = \"telnet "
		     "PORT\", as its configuration file has it");
}

/* A socket is the driver unix's to know, as telnet is telnet's where the line need not be held. */
static void a_console_elsewhere_is_shown_by_the_driver_that_knows_such(void **state)
{
	char text[512], path[64];

	(void)state;
	put_file("listens", "#!/bin/sh\nexec socat UNIX-LISTEN:$1,fork EXEC:cat\n", 0755);
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(text, sizeof(text), "machine \"m\" {\n guest = \"emulator\"\n emulator = "
		 "\"generic\"\n emulator-program = \"%s/listens\"\n emulator-args = \"%s\"\n"
		 " emulator-console = \"unix %s\"\n emulator-stop = \"signal TERM\"\n}\n", folder,
		 path, path);
	model = model_of(text);
	comes_to(VERB_ON, "emulator", STATE_ON);
	for (int i = 0; i < 2; i++) {
		watched_open(&w, model, "m");
		watched_type(&w, "hello\n");
		watched_hears(&w, "hello\n");
		watched_close(&w);
	}
	comes_to(VERB_SOFT, "emulator", STATE_OFF);
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	assert_true(loop_until(&w.closed, 5));
	assert_contains(w.sentence, "emulator: ");
}

/* --- what is read ---------------------------------------------------------------------------- */

static void interfaces_are_read_from_charons_file(void **state)
{
	static const char text[] =
		"set session hw_model=\"AlphaServer_ES40\"\n"
		"load packet_port/chnetwrk EWA0 interface=\"eth0\"   # interface=\"eth9\"\n"
		"set EWA interface=EWA0\n"
		"# load packet_port/chnetwrk EWB0 interface = \"eth8\"\n"
		"load tap_port/chnetwrk EWC0, interface = \"tap0\"\n"
		"set EWC INTERFACE = \"(disabled)\"\n"
		"set x interface=\"unended\nset pp1 interface=\"eth1\" set pp2 interface=\"eth2\"\n"
		"set y my_interface=\"eth7\"\nset z interface=\"a#b\"";
	static const char *const wanted[] = {"eth0", "tap0", "eth1", "eth2", "a#b"};
	const char *p = text;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_true(charon_interface(&p, name, sizeof(name)));
		assert_string_equal(name, wanted[i]);
	}
	assert_false(charon_interface(&p, name, sizeof(name)));
	assert_false(charon_interface(&p, name, sizeof(name)));
}

static void the_telnet_port_is_read_from_simhs_file(void **state)
{
	(void)state;
	assert_int_equal(simh_telnet_port("set cpu 11/73\nset console telnet=4001\nboot rq0\n"),
			 4001);
	assert_int_equal(simh_telnet_port("SET CON  DEL=177, TEL=4002\n"), 4002);
	assert_int_equal(simh_telnet_port("set console telnet=4001\nset console notelnet"), 0);
	assert_int_equal(simh_telnet_port("; set console telnet=4001\n"), 0);
	assert_int_equal(simh_telnet_port("set console telnet=70000\n"), 0);
	assert_int_equal(simh_telnet_port("set dz telnet=4001\nset consolexx telnet=1\nset"), 0);
	assert_int_equal(simh_telnet_port(""), 0);
}

static void emulators_are_found_in_the_table(void **state)
{
	const char *program;

	(void)state;
	assert_non_null(emulator_kind_find("simh-vax780", &program));
	assert_string_equal(program, "vax780");
	assert_non_null(emulator_kind_find("hercules", &program));
	assert_string_equal(program, "hercules");
	assert_non_null(emulator_kind_find("charon", &program));
	assert_null(program);
	assert_null(emulator_kind_find("simh-", &program));
	assert_null(emulator_kind_find("simh-../x", &program));
	assert_int_equal(emulator_kind_check("charron", &f), -EINVAL);
	assert_string_equal(f.text, "there is no emulator \"charron\" in the table (did you mean "
			    "\"charon\"?): write charon, simh- and the program's name "
			    "(simh-pdp11), hercules, or generic");
}

static void has_error(const char *key, const char *value, const char *sentence)
{
	char text[512], wanted[512], *errors;

	snprintf(text, sizeof(text), "machine \"m\" {\n%s = \"%s\"\n}\n", key, value);
	snprintf(wanted, sizeof(wanted), "%s: %s", key, sentence);
	errors = errors_of(text);
	assert_contains(errors, wanted);
	free(errors);
}

static void wrong_values_are_told(void **state)
{
	(void)state;
	has_error("emulator-console", "telnet", "\"telnet\" is no console of an emulator: write "
		  "pty, telnet PORT, telnet HOST:PORT, unix /PATH, or none");
	has_error("emulator-console", "telnet 99999", "port \"99999\"");
	has_error("emulator-console", "telnet vax", "\"vax\" has no port: write telnet PORT, or "
		  "telnet HOST:PORT");
	has_error("emulator-stop", "signal STOP", "\"STOP\" is no signal that ends an emulator");
	has_error("emulator-stop", "script stop.sh", "\"stop.sh\" is not an absolute path");
	has_error("emulator-stop", "shutdown", "\"shutdown\" is no way to let an emulator stop: "
		  "write script /PATH [ARGUMENT…], command TEXT, or signal NAME");
	has_error("emulator-escape", "Control-E", "\"Control-E\" is no key: write ^E for "
		  "Control-E, one character, or none");
	has_error("emulator-config", "vax.cfg", "\"vax.cfg\" is not an absolute path");
	has_error("emulator-offloads", "on", "\"on\" cannot be done to offloads: write off or "
		  "keep");
	has_error("emulator-interfaces", "a/b", "\"a/b\" cannot be the name of a network "
		  "interface");
	has_error("guest", "emulater", "nothing of this build runs guests by \"emulater\": did you "
		  "mean \"emulator\"?");
}

/* The words of the forebear's ladder: script is exec's, soft and kill are the driver's own. */
static void a_ladder_of_script_and_kill_is_understood(void **state)
{
	struct ladder *ladder;

	(void)state;
	machine(" stop = {\"script /etc/stop vax1 300s\", \"soft script /etc/stop 300s\", "
		"\"kill\"}");
	assert_int_equal(ladder_make(machine_find(model, "m"), VERB_STOP, &ladder, &f), 0);
	assert_string_equal(ladder->text, "exec soft /etc/stop vax1 5m, emulator soft script "
			    "/etc/stop 5m, emulator off 60s");
	ladder_free(ladder);
	has_error("stop", "script bin/stop.sh 10s", "\"bin/stop.sh\" is a relative path");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(on_is_seen_and_off_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_end_that_nobody_asked_for_is_told_until_it_is_on_or_off_again, setup,
			teardown),
		cmocka_unit_test_setup_teardown(soft_types_the_command_at_its_prompt, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_command_may_be_the_methods_own, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_script_stops_it_and_is_believed_only_when_it_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(pause_and_resume_are_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(reset_starts_it_again, setup, teardown),
		cmocka_unit_test_setup_teardown(stop_kills_only_those_of_which_that_is_known, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_missing_is_told_before_it_starts, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_started_by_hand_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(a_strangers_process_is_not_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(two_of_one_machine_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_number_that_is_anothers_now_is_not_taken, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			after_its_keepers_death_on_and_soft_and_the_console_bring_a_new_one, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_console_comes_and_goes_and_the_machine_stays,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_console_of_what_is_off_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_console_elsewhere_is_shown_by_the_driver_that_knows_such, setup,
			teardown),
		cmocka_unit_test_setup_teardown(interfaces_are_read_from_charons_file, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_telnet_port_is_read_from_simhs_file, setup,
						teardown),
		cmocka_unit_test_setup_teardown(emulators_are_found_in_the_table, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_values_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_ladder_of_script_and_kill_is_understood, setup,
						teardown),
	};

	if (argc && !strcmp(argv[0], KEEPER_NAME))
		return keeper_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
