# SPDX-License-Identifier: GPL-3.0-or-later
# Consoles by serial over LAN against simulated BMCs (tools/bmcsim, which is itself held to ipmitool's and FreeIPMI's
# consoles): every suite, every fault, many at a time.

load ipmi

# Slow readers and fast writers need the library as it is mended for the product.
PRODUCT=$(readlink -f "$BATS_TEST_DIRNAME/../../build/stoker")

setup_file() { space_up; }
teardown_file() { space_down; }
setup() {
	lab_up
	conf
}
teardown() {
	[ -z "${CONSOLE-}" ] || { kill "$CONSOLE" && wait "$CONSOLE"; } 2>/dev/null || true
	sim_down
}

# conf LINE...: machine "m" is the BMC 127.0.0.1
conf() {
	{
		printf 'machine "m" {\n\tbmc = "127.0.0.1"\n\tuser = "admin"\n\tpassword-file = "%s"\n' "$PASS"
		printf '\t%s\n' "$@"
		printf '}\n'
	} >"$STOKER_CONF"
}

# await WHAT COMMAND...: until it succeeds; after half a minute it will not
await() {
	local what=$1 i
	shift
	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.05
	done
	echo "not within half a minute: $what" >&2
	return 1
}

# typed LINE ARGUMENT...: a console that is left when the machine has answered LINE; output is what it showed
typed() {
	local line=$1
	shift
	run inside "$STOKER" console --quiet --linger 300ms "$@" m <<<"$line"
	output=${output//$'\r'/}
}

# works ARGUMENT...: the machine repeats a line
works() {
	typed 'is anybody there' "$@"
	[ "$status" = 0 ] && [[ $output == *$'is anybody there\nis anybody there'* ]] ||
		{ echo "exit $status: $output"; return 1; }
}

# refused SENTENCE [ARGUMENT...]: it cannot be had
refused() {
	local sentence=$1
	shift
	typed x "$@"
	[ "$status" = 1 ] && [[ $output == *"m: its console cannot be opened: sol: $sentence"* ]] ||
		{ echo "exit $status: $output"; return 1; }
}

# watch [ARGUMENT...]: a console in the background: what it shows goes to $SCREEN, what it tells to $TOLD, and what is
# written to descriptor 7 is typed
watch() {
	SCREEN=$BATS_TEST_TMPDIR/screen TOLD=$BATS_TEST_TMPDIR/told
	rm -f "$BATS_TEST_TMPDIR/keys"
	mkfifo "$BATS_TEST_TMPDIR/keys"
	: >"$SCREEN"
	ip netns exec "$SPACE" "${PROGRAM-$STOKER}" console "$@" m <"$BATS_TEST_TMPDIR/keys" >"$SCREEN" 2>"$TOLD" 3>&- &
	CONSOLE=$!
	exec 7>"$BATS_TEST_TMPDIR/keys"
	await 'the console is there' told 'by BMC 127.0.0.1'
}
told() { grep -q -- "$1" "$TOLD"; }
shown() { await "the screen shows \"$1\"" grep -q -- "$1" "$SCREEN"; }
# leave: the end of it; its exit code
leave() {
	exec 7>&-
	wait "$CONSOLE"
}
# elsewhere: as from another host, where nobody knows of a console that was opened here
elsewhere() { export STOKER_RUN=$BATS_TEST_TMPDIR/elsewhere && mkdir -p "$STOKER_RUN"; }

# bats test_tags=often
@test "every_suite_shows_a_console" {
	sim
	for suite in 0 1 2 3 6 7 8 11 12 15 16 17; do works --cipher-suites $suite; done
}

# bats test_tags=often
@test "every_suite_takes_a_key_of_the_bmc_and_tells_when_it_is_wrong" {
	(umask 077 && echo 0x00112233445566778899aabbccddeeff >"$BATS_TEST_TMPDIR/kg")
	sim --sessions 64 --kg 0x00112233445566778899aabbccddeeff
	for suite in 1 2 3 6 7 8 11 12 15 16 17; do
		works --cipher-suites $suite --kg-file "$BATS_TEST_TMPDIR/kg"
		refused 'BMC 127.0.0.1 has another K_g than that of kg-file' --cipher-suites $suite --kg-file "$WRONG"
		refused 'BMC 127.0.0.1 wants a K_g: set kg-file' --cipher-suites $suite
	done
}

@test "who_may_not_see_it_is_told_why_and_no_password_is_tried_twice" {
	sim
	refused 'BMC 127.0.0.1 has another password for user "admin"; if it is right, ' --password-file "$WRONG"
	[ "$(grep -c 'rakp1' "$BATS_TEST_TMPDIR/sim.log")" = 1 ]
	refused 'BMC 127.0.0.1 refused user "nobody": there is no such user, or it is not switched on' --user nobody
	refused 'BMC 127.0.0.1 refused user "viewer": its privilege level is below admin' --user viewer
	works --user viewer --privilege user
	conf 'password-file = ""' 2>/dev/null
	printf 'machine "m" { bmc = "127.0.0.1" user = "admin" }\n' >"$STOKER_CONF"
	refused 'BMC 127.0.0.1 has another password for user "admin": none is set: give password-file'
	sim_down
	conf
	sim --sol privilege-level=admin
	refused 'BMC 127.0.0.1 does not show its console to user "admin" with the privilege level operator' \
		--privilege operator
	works
	sim_down
	sim --sol enabled=false
	refused 'BMC 127.0.0.1 has no serial over LAN, or it is switched off'
	conf 'ipmi-version = "1.5"'
	refused 'IPMI 1.5 has no consoles: set ipmi-version = "any" or "2.0"'
	conf 'privilege = "oem"'
	refused 'with the privilege level oem there are no consoles'
}

# bats test_tags=often
@test "the_suite_that_works_is_found_and_remembered_for_power_too" {
	for status in '' :0x01 :0x0a :0x12; do
		rm -f "$STOKER_STATE/ipmi-suites"
		sim --fault "refuse=17$status"
		works
		grep -q '^127.0.0.1 623 3 ' "$STOKER_STATE/ipmi-suites"
		: >"$BATS_TEST_TMPDIR/sim.log"
		works
		run inside "$STOKER" status m
		[ "$output" = 'm: off' ]
		run grep -c 'open-session suite=17' "$BATS_TEST_TMPDIR/sim.log"
		[ "$output" = 0 ]
		sim_down
	done
	rm "$STOKER_STATE/ipmi-suites"
	sim --suites 7,8
	refused 'BMC 127.0.0.1 accepts none of the cipher suites 17, 3: set cipher-suites to what it offers'
	works --cipher-suites 17,3,8
}

@test "what_encryption_a_bmc_wants_is_told" {
	sim --sol force-encryption=true
	refused 'BMC 127.0.0.1 shows its console with encryption only, which the cipher suites 16 are without' \
		--cipher-suites 16
	works
	sim_down
	sim --fault sol-no-encryption
	refused 'BMC 127.0.0.1 shows its console without encryption only: set cipher-suites = {"16", "2"}'
	works --cipher-suites 16
}

# quirk NAME SENTENCE [ARGUMENT...]: what the fault of that name prevents is told, and works with the quirk
quirk() {
	local name=$1 sentence=$2
	shift 2
	sim --fault "$name"
	refused "$sentence" "$@"
	works --quirks "$name" "$@"
	sim_down
}

# bats test_tags=often
@test "quirks_of_the_log_in_work_for_consoles" {
	quirk authcap 'BMC 127.0.0.1 refused user "admin": there is no such user'
	quirk intel20 'BMC 127.0.0.1 refused user "admin": its privilege level' --cipher-suites 3
	quirk sun20 'BMC 127.0.0.1 has another password for user "admin"; if it is right'
	quirk opensesspriv 'BMC 127.0.0.1 has another password for user "admin"; if it is right'
	quirk integritycheckvalue 'BMC 127.0.0.1 wants a K_g: set kg-file' --cipher-suites 0
	quirk nochecksumcheck 'BMC 127.0.0.1 sends packets that make no sense: quirks = {"nochecksumcheck"}'
	quirk supermicro20 'BMC 127.0.0.1 has another password for user "admin"' --cipher-suites 3
	sim --fault supermicro20
	works --quirks supermicro20
}

@test "quirks_of_consoles_work" {
	quirk solpayloadsize 'BMC 127.0.0.1 says what cannot be right, '
	quirk solstatus 'BMC 127.0.0.1 refused a step on the way to its console without saying why'
	quirk solchannelsupport 'BMC 127.0.0.1 refused a step on the way to its console without saying why'
	quirk serialalertsdeferred 'BMC 127.0.0.1 refused a step on the way to its console without saying why'
	conf 'sol-keepalive = 2s'
	quirk solport 'no answer from BMC 127.0.0.1 in '
}

@test "the_quirk_solpacketseq_works" {
	conf 'sol-keepalive = 2s' 'quirks = {"solpacketseq"}'
	sim --fault solpacketseq=2
	watch
	for line in one two three four; do
		echo "$line" >&7
		await "the machine repeats $line" eval "[ \$(grep -c '^$line' '$SCREEN') -ge 1 ]"
	done
	leave
}

@test "what_bmcs_do_besides_changes_nothing" {
	for fault in sol-no-capacity sol-status-blind sol-keeps sol-own-deactivate sol-handshake sol-partial \
		sol-count-zero sol-nack=30 sol-lose-acks=30 refuse=17 exact-privilege sequence-off-by-one sequence-gaps \
		only-2.0 duplicate=100 reorder=100 latency=500 latency=50+900 no-close-answer; do
		echo "$fault"
		sim --fault "$fault"
		PROGRAM=$PRODUCT watch
		echo 'is anybody there' >&7
		await 'the machine repeats it' eval '[ "$(grep -c "is anybody there" "$SCREEN")" = 2 ]'
		leave
		[ "$(grep -c "is anybody there" "$SCREEN")" = 2 ]
		sim_down
	done
}

@test "packets_that_did_not_arrive_or_were_only_counted_are_no_matter" {
	sim --fault sequence-jump=1000
	PROGRAM=$PRODUCT watch
	control set 127.0.0.1 power on
	echo 'is anybody there' >&7
	await 'the machine repeats it' eval '[ "$(grep -c "is anybody there" "$SCREEN")" = 2 ]'
	leave
}

@test "a_console_is_taken_from_whom_it_is_shown_to_or_not" {
	sim
	watch
	elsewhere
	conf 'sol-steal = no'
	refused 'BMC 127.0.0.1 shows its console to somebody else, or to a session that was left behind: --steal'
	echo 'still here' >&7
	shown 'still here'
	works --steal
	await 'who had it is told' told 'sol: BMC 127.0.0.1 has given the console to somebody else, or has ended it'
	if leave; then return 1; fi
}

@test "a_session_that_was_left_behind_is_taken_over_or_told" {
	sim
	watch
	kill -KILL "$CONSOLE"
	wait "$CONSOLE" || true
	conf 'sol-steal = no'
	refused 'BMC 127.0.0.1 shows its console to somebody else, or to a session that was left behind: --steal'
	conf
	works
	sim_down
	sim --fault sol-always-active
	refused "BMC 127.0.0.1 says what cannot be right, or does not let go of somebody else's session"
}

@test "a_bmcs_console_can_be_freed" {
	sim
	watch
	elsewhere
	run inside "$STOKER" console --deactivate m </dev/null
	[ "$status" = 0 ]
	[[ "$output" == *"m: sol: the BMC's console is free now"* ]]
	await 'who had it is told' told 'BMC 127.0.0.1 has given the console to somebody else, or has ended it'
	if leave; then return 1; fi
	conf 'sol-steal = no'
	works
}

@test "a_theft_without_a_word_is_found_out_when_somebody_types" {
	conf 'sol-keepalive = 2s'
	sim --fault sol-no-notice
	watch
	control steal 127.0.0.1
	echo x >&7
	await 'it is told' told 'sol: BMC 127.0.0.1 does not take what is typed: it is gone, or it has given the console to'
	if leave; then return 1; fi
}

@test "a_bmc_that_is_silent_is_told_in_time" {
	conf 'sol-keepalive = 2s' 'sol-timeout = 4s'
	sim --fault dead
	refused 'no answer from BMC 127.0.0.1 in '
	sim_down
	sim
	watch
	control fault 127.0.0.1 dead
	await 'it is told' told 'sol: nothing was heard of BMC 127.0.0.1 for 4 s'
	if leave; then return 1; fi
	sim_down
	refused 'no answer from BMC 127.0.0.1 in '
}

@test "who_leaves_a_silent_bmc_does_not_wait_for_it" {
	sim
	watch
	control fault 127.0.0.1 dead
	SECONDS=0
	leave
	((SECONDS < 8))
}

@test "what_was_typed_before_the_end_arrives" {
	head -c 30000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long"
	sim --console raw-echo
	inside "$PRODUCT" console --quiet --linger 0s m <"$BATS_TEST_TMPDIR/long" >/dev/null
	[[ "$(control get 127.0.0.1 console)" == 'free activations 1 in 30000 '* ]]
}

@test "a_break_arrives_behind_what_was_typed_before_it" {
	sim
	python3 - "$STOKER" "$SPACE" <<-'END'
		import pexpect, sys
		c = pexpect.spawn("ip", ["netns", "exec", sys.argv[2], sys.argv[1], "console", "m"], timeout=20)
		c.expect("cipher suite 17")
		c.send("abc")
		c.expect("abc")
		c.send("&B")
		c.send("def")
		c.expect("def")
		c.send("&.")
		c.expect(pexpect.EOF)
	END
	[[ "$(control get 127.0.0.1 console)" == *' breaks 1 '* ]]
	[ "$(grep -c 'sol break' "$BATS_TEST_TMPDIR/sim.log")" = 1 ]
}

# megabyte [ARGUMENT...]: random bytes there and back, read as fast as the command in $READER lets it
megabyte() {
	head -c 1048576 /dev/urandom >"$BATS_TEST_TMPDIR/sent"
	inside "$PRODUCT" console --quiet --linger 3s m <"$BATS_TEST_TMPDIR/sent" | ${READER-cat} >"$BATS_TEST_TMPDIR/back"
	cmp "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/back"
}

@test "a_megabyte_comes_back_as_it_was_sent" {
	sim --console raw-echo
	megabyte
}

@test "a_megabyte_comes_back_to_a_slow_reader" {
	cat >"$BATS_TEST_TMPDIR/slowly" <<-'END'
		#!/usr/bin/env python3
		import os, time
		while True:
		    b = os.read(0, 65536)
		    if not b:
		        break
		    os.write(1, b)
		    time.sleep(len(b) / 150000)
	END
	chmod +x "$BATS_TEST_TMPDIR/slowly"
	sim --console raw-echo
	READER=$BATS_TEST_TMPDIR/slowly megabyte
}

# Of 100 packets that are lost so often, a BMC gives up one in two runs: what a session sends is what is held to be whole.
@test "with_a_third_of_all_packets_lost_what_is_typed_arrives_once" {
	seq 1 400 >"$BATS_TEST_TMPDIR/sent"
	sim --console unix-listen:"$BATS_TEST_TMPDIR/line" --fault loss=30 --seed 7
	control get 127.0.0.1 place
	socat -u "UNIX-CONNECT:$BATS_TEST_TMPDIR/line" - >"$BATS_TEST_TMPDIR/arrived" 3>&- &
	watch
	cat "$BATS_TEST_TMPDIR/sent" >&7
	await 'all arrives' cmp -s "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/arrived"
	leave
	cmp "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/arrived"
}
