# SPDX-License-Identifier: GPL-3.0-or-later
# Emulators for real: SIMH's PDP-11, on a terminal and behind telnet.

load emulator

# The program answers each letter with the next digit, from 0: what it has counted is in its memory.
lab() {
	port=$((20000 + RANDOM % 10000))
	local program='set cpu 11/40
		dep 1000 012700
		dep 1002 000060
		dep 1004 105737
		dep 1006 177560
		dep 1010 100375
		dep 1012 013701
		dep 1014 177562
		dep 1016 105737
		dep 1020 177564
		dep 1022 100375
		dep 1024 110037
		dep 1026 177566
		dep 1030 005200
		dep 1032 000764'
	printf '%s\ngo 1000\n' "$program" >terminal.ini
	printf '%s\nset console telnet=%s\ngo 1000\n' "$program" "$port" >telnet.ini
	cat >"$STOKER_CONF" <<-END
		profile "pdp11" {
			guest = "emulator"
			emulator = "simh-pdp11"
			stop = {"soft 3s", "kill"}
		}
		machine "tty" { profile = "pdp11" emulator-config = "$PWD/terminal.ini" }
		machine "net" { profile = "pdp11" emulator-config = "$PWD/telnet.ini" }
		machine "stuck" {
			profile = "pdp11"
			emulator-config = "$PWD/terminal.ini"
			emulator-stop = "command show cpu"
			soft = "emulator 2s"
		}
	END
}

@test "a_pdp11_on_a_terminal_talks_through_detach_and_attach" {
	"$STOKER" on tty
	attach tty
	says x
	hears 0
	says x
	hears 1
	detach
	attach tty
	says xx
	hears 23
	detach
	run "$STOKER" status tty
	[ "$status" = 0 ]
}

@test "a_pdp11_behind_telnet_talks_through_detach_and_attach" {
	run "$STOKER" on net
	[ "$status" = 0 ]
	has "its console is open to every address of this host, port $port"
	for digits in 01 23 45; do
		attach net line
		says xx
		hears "$digits"
		detach
	done
	if grep -q "connection lost" "$STOKER_STATE/guests/net/log"; then return 1; fi
}

# bats test_tags=timed
@test "stoker_console_shows_both" {
	"$STOKER" on tty,net
	for machine in tty net; do
		for digits in 01 23; do
			run bash -c "(printf xx; sleep 1) | timeout 10 '$STOKER' console $machine"
			[ "$status" = 0 ]
			has "$digits"
		done
	done
}

@test "it_stops_by_its_prompt_from_wherever_it_is" {
	"$STOKER" on tty,net
	"$STOKER" soft tty,net
	grep -q Goodbye "$STOKER_STATE/guests/tty/log"
	grep -q Goodbye "$STOKER_STATE/guests/net/log"
	run "$STOKER" status tty
	[ "$output" = 'tty: off' ]
	run "$STOKER" diagnose tty
	has 'it exited with status 0; the last that it said: Goodbye'
	# it is at the prompt already, with half a command typed
	"$STOKER" on tty
	attach tty
	says '\005'
	hears 'sim> '
	says 'sho'
	"$STOKER" soft tty
	detach
}

@test "a_prompt_that_hangs_is_killed_by_the_next_rung" {
	"$STOKER" on tty
	attach tty
	says '\005'
	hears 'sim> '
	says '! sleep 1000 # hangs\r'
	until_true pgrep -P "$(pid tty)" >pids
	started=$SECONDS
	run "$STOKER" stop tty
	[ "$status" = 0 ]
	[ $((SECONDS - started)) -ge 3 ]
	run "$STOKER" status tty
	[ "$status" = 3 ]
	run "$STOKER" diagnose tty
	has 'it was ended by signal 9 (Killed)'
	# and the program that its prompt was waiting for is gone with it
	until_true gone "$(cat pids)"
	detach
	# likewise one whose prompt does what it is told and nothing ends
	"$STOKER" on stuck
	run "$STOKER" soft stuck
	[ "$status" = 1 ]
	"$STOKER" stop stuck
}

@test "nothing_ever_spins" {
	"$STOKER" on tty,net
	sleeps "$(keeper tty)"
	sleeps "$(keeper net)"
	# at the prompt, with a keeper
	attach tty
	says '\005'
	hears 'sim> '
	detach
	sleeps "$(pid tty)"
	# at the prompt, its keeper killed
	kill -9 "$(keeper tty)"
	sleeps "$(pid tty)"
	# its telnet line has gone with its keeper: the machine stops, and waits
	kill -9 "$(keeper net)"
	until_true grep -q . "/proc/$(pid net)/stat"
	sleeps "$(pid net)"
	# and goes on with the next one
	"$STOKER" on net
	attach net line
	says x
	hears 0
	detach
	"$STOKER" soft tty,net
}

@test "a_lost_line_is_made_again_and_the_machine_goes_on" {
	"$STOKER" on net
	attach net line
	says xx
	hears 01
	detach
	kill -9 "$(keeper net)"
	pid=$(pid net)
	until_true gone "$(keeper net)"
	run "$STOKER" status net
	[ "$status" = 0 ]
	has "process $pid since"
	has 'without a keeper'
	"$STOKER" on net
	[ "$(pid net)" = "$pid" ]
	attach net line
	says x
	hears 2
	detach
	grep -q 'connection lost' "$STOKER_STATE/guests/net/log"
}

@test "it_is_found_again_without_any_record" {
	"$STOKER" on tty
	pid=$(pid tty)
	kill -9 "$(keeper tty)"
	rm -r "$STOKER_RUN/guests"
	run "$STOKER" status tty
	[ "$status" = 0 ]
	has "process $pid since"
	# and its terminal is had again
	"$STOKER" on tty
	[ "$(pid tty)" = "$pid" ]
	attach tty
	says x
	hears 0
	detach
	"$STOKER" soft tty
}

@test "it_listens_again_at_once" {
	for i in 1 2 3 4; do
		"$STOKER" on net
		attach net line
		says x
		hears 0
		detach
		if [ $((i % 2)) = 0 ]; then "$STOKER" off net; else "$STOKER" soft net; fi
	done
	"$STOKER" on net
	"$STOKER" reset net
	attach net line
	says x
	hears 0
	detach
}

@test "a_port_that_is_taken_is_told_before_it_starts" {
	socat "TCP-LISTEN:$port,reuseaddr" PIPE &
	taker=$!
	until_true sh -c "ss -ltn | grep -q :$port"
	run "$STOKER" on net
	kill $taker
	[ "$status" = 1 ]
	has "net: emulator: its console's port $port is taken by another process"
	[ -z "$(processes)" ]
}

# Every point at which the driver and its keeper can be killed: what begins is finished, and once only.
points() { grep -rho "crash_point(\"$1[^\"]*" "$BATS_TEST_DIRNAME/../../core" "$BATS_TEST_DIRNAME/../../drivers" | cut -d'"' -f2 | sort -u; }
machines() { pgrep -c -f "^[^ ]*pdp11 $PWD/terminal.ini" || true; }

# bats test_tags=often
@test "killed_at_any_step_of_on_it_is_finished_and_nothing_runs_twice" {
	for point in $(points '\(emulator\|keeper\)-'); do
		STOKER_CRASH=$point "$STOKER" on tty || true
		"$STOKER" on tty
		[ "$(machines)" = 1 ] || { echo "$point: $(machines) machines"; return 1; }
		attach tty
		says x
		hears 0
		detach
		"$STOKER" soft tty
		[ "$(machines)" = 0 ]
	done
}

# bats test_tags=often
@test "killed_at_any_step_of_a_stop_it_is_finished" {
	for verb in soft off; do
		for point in $(points '\(emulator\|keeper\)-'); do
			STOKER_CRASH=$point "$STOKER" on tty || true
			"$STOKER" on tty
			STOKER_CRASH=$point "$STOKER" $verb tty || true
			"$STOKER" $verb tty
			[ "$(machines)" = 0 ] || { echo "$verb, $point: $(machines) machines"; return 1; }
			run "$STOKER" status tty
			[ "$status" = 3 ]
		done
	done
}
