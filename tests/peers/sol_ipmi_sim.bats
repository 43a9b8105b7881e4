# SPDX-License-Identifier: GPL-3.0-or-later
# Consoles by serial over LAN, against OpenIPMI's ipmi_sim with a real QEMU machine's serial port behind it. Of several
# sessions with one ipmi_sim only the first carries characters.

load bmc

setup_file() { bmc_network_up; }
teardown_file() { bmc_network_down; }
setup() {
	QUIRKS='quirks = {"opensesspriv", "solchannelsupport", "solpayloadsize"}'
	setup_lab "$QUIRKS"
}
teardown() {
	[ -z "${CONSOLE-}" ] || { kill "$CONSOLE" && wait "$CONSOLE"; } 2>/dev/null || true
	bmc_stop
}

# watch ARGUMENT...: a console in the background; what it shows goes to "screen", what it tells to "told", and what is
# written to descriptor 7 is typed
watch() {
	SCREEN=$BATS_TEST_TMPDIR/screen TOLD=$BATS_TEST_TMPDIR/told
	rm -f "$BATS_TEST_TMPDIR/keys"
	mkfifo "$BATS_TEST_TMPDIR/keys"
	: >"$SCREEN"
	ip netns exec "$BMC_SPACE" "$STOKER" console vm "$@" <"$BATS_TEST_TMPDIR/keys" >"$SCREEN" 2>"$TOLD" 3>&- &
	CONSOLE=$!
	exec 7>"$BATS_TEST_TMPDIR/keys"
	await 'the console is there' told 'by BMC 127.0.0.1:9001'
}
# elsewhere: as from another host, where nobody knows of a console that was opened here
elsewhere() { export STOKER_RUN=$BATS_TEST_TMPDIR/elsewhere && mkdir -p "$STOKER_RUN"; }
told() { grep -q -- "$1" "$TOLD"; }
shown() { await "the screen shows \"$1\"" grep -qx -- "$1" "$SCREEN"; }

@test "a_machine_is_seen_from_its_first_line_on_and_answers_what_is_typed" {
	bmc_start talks
	watch
	inside "$STOKER" on vm
	shown 'guest is up'
	[ "$(head -n 1 "$SCREEN")" = 'guest is up' ]
	echo 'is anybody there?' >&7
	shown 'the guest has heard it'
	grep -qx 'is anybody there?' "$SCREEN"
	inside "$STOKER" cycle vm
	await 'its second life is shown' eval '[ "$(grep -cx "guest is up" "$SCREEN")" = 2 ]'
	cmp "$SCREEN" "$MACHINE/serial"
	exec 7>&-
	wait "$CONSOLE"
	CONSOLE=
}

@test "on_with_console_shows_the_first_line_too" {
	bmc_start talks
	inside "$STOKER" on --console vm </dev/null >"$BATS_TEST_TMPDIR/screen" 2>"$BATS_TEST_TMPDIR/told"
	cat "$BATS_TEST_TMPDIR/told"
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/screen")" = 'guest is up' ]
}

@test "a_kernel_is_seen_from_its_first_line_on_and_its_shell_answers" {
	bmc_start linux
	SCREEN=$BATS_TEST_TMPDIR/screen
	mkfifo "$BATS_TEST_TMPDIR/keys"
	ip netns exec "$BMC_SPACE" "$STOKER" on --console vm <"$BATS_TEST_TMPDIR/keys" >"$SCREEN" \
		2>"$BATS_TEST_TMPDIR/told" 3>&- &
	CONSOLE=$!
	exec 7>"$BATS_TEST_TMPDIR/keys"
	await 'the kernel is up' grep -q '^ready' "$SCREEN"
	# nothing of what the machine said is missing, from its firmware's and the kernel's first line on
	grep -q 'Linux version' "$SCREEN"
	grep -q 'Command line: console=ttyS0' "$SCREEN"
	echo 'echo the answer is $((6 * 7))' >&7
	await 'the shell answers' grep -q '^the answer is 42' "$SCREEN"
	cmp -n "$(stat -c %s "$SCREEN")" "$SCREEN" "$MACHINE/heard"
	exec 7>&-
	wait "$CONSOLE"
	CONSOLE=
	grep -q 'vm: on' "$BATS_TEST_TMPDIR/told"
}

@test "who_may_not_see_it_is_told_why" {
	bmc_start
	setup_lab "$QUIRKS" "$(login admin wrong)"
	run inside "$STOKER" console vm </dev/null
	echo "$output"
	[ "$status" = 1 ]
	[[ "$output" == *'sol: BMC 127.0.0.1:9001 has another password for user "admin"'* ]]
	setup_lab "$QUIRKS" "$(login nobody admin)"
	run inside "$STOKER" console vm </dev/null
	echo "$output"
	[ "$status" = 1 ]
	[[ "$output" == *'sol: BMC 127.0.0.1:9001 refused user "nobody": there is no such user'* ]]
	setup_lab "$QUIRKS" "$(login viewer)"
	run inside "$STOKER" console vm </dev/null
	echo "$output"
	[ "$status" = 1 ]
	[[ "$output" == *'refused a step on the way to its console without saying why: see whether privilege,'* ]]
}

@test "a_console_is_taken_from_whom_it_is_shown_to_or_not" {
	bmc_start talks
	watch
	setup_lab "$QUIRKS" 'sol-steal = no'
	elsewhere
	run inside "$STOKER" console vm </dev/null
	echo "$output"
	[ "$status" = 1 ]
	[[ "$output" == *'sol: BMC 127.0.0.1:9001 shows its console to somebody else'* ]]
	kill -0 "$CONSOLE"
	run inside "$STOKER" console --steal vm </dev/null
	echo "$output"
	[ "$status" = 0 ]
	# ipmi_sim says nothing of it: it shows when somebody types
	echo x >&7
	await 'who had it is told' told 'BMC 127.0.0.1:9001 does not take what is typed: it is gone, or it has given'
	if wait "$CONSOLE"; then return 1; fi
	CONSOLE=
}

@test "a_session_that_was_left_behind_is_taken_over_or_told" {
	bmc_start talks
	watch
	kill -KILL "$CONSOLE"
	wait "$CONSOLE" || true
	CONSOLE=
	setup_lab "$QUIRKS" 'sol-steal = no'
	run inside "$STOKER" console vm </dev/null
	echo "$output"
	[ "$status" = 1 ]
	[[ "$output" == *'or to a session that was left behind: --steal or sol-steal = yes takes it'* ]]
	setup_lab "$QUIRKS"
	run inside "$STOKER" console vm </dev/null
	echo "$output"
	[ "$status" = 0 ]
}
