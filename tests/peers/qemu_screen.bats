# SPDX-License-Identifier: GPL-3.0-or-later
# Screens in letters, display = curses: what QEMU's firmware shows is seen, and keys reach it, whoever comes and goes.

bats_require_minimum_version 1.5.0
load qemu.bash

setup_file() { build_guests; }
setup() {
	lab
	sed -i 's/memory =/display = "curses" console = "qemu screen" qemu-args = "-boot menu=on,splash-time=60000" &/' "$STOKER_CONF"
}
teardown() { end_all; }

# sees TEXT: it is on the screen; control sequences between words are blanks here
sees() {
	timeout 5 "$STOKER" console --quiet --linger 200ms vm1 </dev/null | sed 's/\x1b\[[0-9;?]*[a-zA-Z]/ /g' | grep -qF -- "$1"
}
keeper() { cut -d' ' -f3 "$STOKER_RUN/guests/vm1/screen/record"; }
qemu() { cat "$STOKER_RUN/guests/vm1/pid"; }

@test "a_screen_in_letters_is_seen_by_whoever_comes_and_keys_reach_it" {
	says on vm1 'vm1: on'
	await 20 sees 'SeaBIOS'
	await 20 sees 'Press ESC for boot menu'
	printf '\e' | stoker console --quiet vm1
	await 20 sees 'Select boot device'
	run stoker diagnose vm1
	[[ $output == *'screen: in letters, by the console "qemu screen"'* ]]
}

@test "it_takes_the_size_of_the_terminal_that_it_is_seen_at" {
	stoker on vm1
	[ "$(stty size <"/proc/$(qemu)/fd/0")" = '25 80' ]
	python3 - "$STOKER" "$(qemu)" <<-'END'
		import pexpect, subprocess, sys, time
		seen = pexpect.spawn(sys.argv[1], ["console", "vm1"], dimensions=(40, 132))
		seen.expect("SeaBIOS", timeout=20)
		assert subprocess.check_output(["stty", "size"], stdin=open(f"/proc/{sys.argv[2]}/fd/0")) == b"40 132\n"
		seen.setwinsize(30, 100)
		seen.expect("SeaBIOS", timeout=20)
		assert subprocess.check_output(["stty", "size"], stdin=open(f"/proc/{sys.argv[2]}/fd/0")) == b"30 100\n"
	END
}

@test "a_guest_goes_on_without_its_keeper_and_has_another_when_it_is_looked_at" {
	stoker on vm1
	await 20 sees 'SeaBIOS'
	first=$(keeper)
	kill -9 "$first"
	await 5 gone "$first"
	fails console --quiet vm1 'the keeper of its screen was ended: "stoker status" starts another one'
	is on
	sees 'SeaBIOS'
	[ "$(keeper)" != "$first" ]
	runs vm1 1
}

@test "it_is_there_again_behind_save_and_restore_and_goes_with_the_guest" {
	stoker on vm1
	await 20 sees 'SeaBIOS'
	says save vm1 'vm1: saved'
	fails console --quiet vm1 'the guest is off'
	says restore vm1 'vm1: on'
	await 20 sees 'SeaBIOS'
	last=$(keeper)
	says off vm1 'vm1: off'
	[ ! -e "$STOKER_RUN/guests/vm1" ]
	await 5 gone "$last"
	stoker on vm1
	await 20 sees 'SeaBIOS'
}

@test "on_killed_at_any_step_leaves_a_screen_for_the_next" {
	for point in qemu-spawned qemu-screen-kept qemu-before-run; do
		dies $point on vm1
		says on vm1 'vm1: on'
		runs vm1 1
		await 20 sees 'SeaBIOS'
		says off vm1 'vm1: off'
	done
}

@test "a_start_that_fails_tells_in_QEMUs_words_with_a_screen_too" {
	sed -i 's/-boot menu=on/-device no-such-thing/' "$STOKER_CONF"
	fails on vm1 "'no-such-thing' is not a valid device model name"
	[ ! -e "$STOKER_RUN/guests/vm1" ]
	# its end comes before it has a keeper
	STOKER_STOP=qemu-spawned "$STOKER" on vm1 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	stopped=$!
	await 10 grep -q 'State:.*T' "/proc/$stopped/status"
	await 10 runs vm1 0
	kill -CONT $stopped
	code=0
	wait $stopped || code=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ $code = 1 ]
	grep -q "'no-such-thing' is not a valid device model name" "$BATS_TEST_TMPDIR/out"
	[ ! -e "$STOKER_RUN/guests/vm1" ]
}
