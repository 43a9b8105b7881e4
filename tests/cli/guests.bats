#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# stoker guests on simulated guests: what xendomains does, one by one; order, pauses, locks, deaths.
load helper

# Five that start by themselves, one that does not.
lab() {
	mkdir -p "$STOKER_RUN" "$STOKER_STATE"
	cat >"$STOKER_CONF" <<-END
		sandbox-state = "$BATS_TEST_TMPDIR/units"
		machine "auto[1-3]" { sandbox = "off"  autostart = yes }
		machine "hand" { sandbox = "off"  autostart = no }
		machine "rack1" { sandbox = "off" }
	END
}

# The state file says: each argument is a line.
units() { printf '%s\n' "$@" >units; }

# A guest with these keys besides.
guest() { echo "machine \"$1\" { sandbox = \"off\"  autostart = yes  $2 }" >>"$STOKER_CONF"; }

stoker() { run "$stoker" "$@"; }

# names FIELD: of a JSON output, the machines in the order in which they were told
names() { jq -r .machine <<<"$output" | tr '\n' ' ' | sed 's/ $//'; }

@test "start_starts_those_with_autostart_and_no_other" {
	stoker guests start
	exits 0
	is "auto[1-3]: on"
	stoker status all
	is "auto[1-3]: on
hand,rack1: off"
}

@test "start_restores_the_saved_ones_first" {
	units 'auto2 saved' 'auto3 saved'
	stoker guests start -n
	exits 0
	is "plan: start 3 machines, nothing is done
  1  auto[2-3]  start  sandbox restore 60s, sandbox on 60s
  2  auto1      start  sandbox restore 60s, sandbox on 60s   after auto[2-3]"
	stoker guests start --json
	exits 0
	[ "$(names)" = 'auto2 auto3 auto1' ]
	# restored, not booted
	run cat units
	has "auto1 on,boots=1"
	has "auto2 on
auto3 on"
}

@test "what_runs_already_is_left_alone" {
	units 'auto1 on' 'auto2 paused' 'auto3 suspended'
	stoker guests start
	exits 0
	is "auto1: on
auto2: paused
auto3: suspended"
	run cat units
	lacks boots
}

@test "a_second_start_doubles_nothing" {
	stoker guests start
	stoker guests start
	exits 0
	is "auto[1-3]: on"
	run cat units
	lacks "boots=2"
}

@test "a_start_while_another_one_is_at_work_is_told_of_it" {
	guest slow 'sandbox-delay = 2s'
	"$stoker" guests start >first &
	local first=$! i
	for ((i = 0; i < 100; i++)); do grep -q slow "$STOKER_STATE/guests.started" 2>/dev/null && break; sleep 0.05; done
	stoker guests start
	exits 1
	has "the service of guests is being worked on by process $first ("
	# a dry run and a look are not in its way
	stoker guests status
	lacks "worked on"
	stoker guests stop --wait
	exits 0
	wait $first
	is "auto[1-3],slow: off"
	run cat units
	lacks "boots=2"
}

@test "a_saved_guest_that_fails_to_restore_is_kept_and_not_started" {
	units 'auto1 off' 'kept saved'
	guest kept 'sandbox-fault = "restore:fail"'
	run sh -c '"$0" guests start 2>errors' "$stoker"
	exits 1
	is "auto[1-3]: on"
	run cat errors
	is 'kept: sandbox: "kept" refuses to be restored: its sandbox-fault says so'
	run grep kept units
	is "kept saved"
}

@test "guests_that_fail_to_start_are_in_the_exit_code_and_hold_up_no_other" {
	guest bad 'order = 0  sandbox-fault = "on:fail"'
	echo 'guests-start-parallel = 1' >>"$STOKER_CONF"
	stoker guests start --json
	exits 1
	[ "$(names)" = 'bad auto1 auto2 auto3' ]
	stoker guests status
	is "bad,hand: off
auto[1-3]: on"
}

@test "between_two_creates_there_is_a_pause_and_none_behind_a_restore" {
	units 'auto1 saved'
	sed -i 's/autostart = yes/autostart = yes  start-delay = 300ms/' "$STOKER_CONF"
	echo 'guests-start-parallel = 1' >>"$STOKER_CONF"
	stoker guests start -n
	is "plan: start 3 machines, nothing is done
  1  auto1  start  sandbox restore 60s, sandbox on 60s
  2  auto2  start  sandbox restore 60s, sandbox on 60s   after auto1
  3  auto3  start  sandbox restore 60s, sandbox on 60s   300ms after auto2"
	local begun=${EPOCHREALTIME/./}
	stoker guests start
	exits 0
	local ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
	[ $ms -ge 300 ]
}

@test "nothing_with_autostart_is_no_failure" {
	echo 'machine "only" { sandbox = "off"  autostart = no }' >"$STOKER_CONF"
	stoker guests start
	exits 0
	is "there is nothing to start: no guest has autostart = yes"
	# and nothing is remembered of it
	[ ! -e "$STOKER_STATE/guests.started" ]
}

@test "stop_presses_keys_then_moves_else_saves_else_shuts_down" {
	local ladder='stop = {"sysrq s", "migrate h2 2s", "save 2s", "soft 2s"}'
	units 'm on' 's on' 'd on'
	guest m "$ladder"
	guest s "$ladder  sandbox-fault = \"migrate:fail\""
	guest d "$ladder  sandbox-fault = {\"migrate:fail\", \"save:fail\"}"
	stoker guests stop
	exits 0
	is "m: moved
s: saved
auto[1-3],d: off"
}

@test "keys_alone_stop_nothing_and_keys_that_power_off_end_the_ladder" {
	units 'k on' 'q on'
	guest k 'stop = {"sysrq s", "soft"}  sandbox-fault = "soft:fail"'
	guest q 'stop = {"sysrq seiuo", "soft"}'
	run sh -c '"$0" guests stop 2>errors' "$stoker"
	exits 1
	is "auto[1-3],q: off"
	run cat errors
	is 'k: sandbox: "k" refuses to be shut down: its sandbox-fault says so'
}

@test "each_method_has_a_watchdog" {
	units 'g on'
	guest g 'stop = {"sysrq s 200ms", "migrate h2 200ms", "save 200ms", "soft 200ms", "kill"}
		sandbox-fault = {"sysrq:hang", "migrate:hang", "save:hang", "soft:ignore"}'
	local begun=${EPOCHREALTIME/./}
	stoker guests stop
	exits 0
	local ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
	is "auto[1-3],g: off"
	[ $ms -ge 800 ] && [ $ms -lt 5000 ]
}

@test "nothing_is_killed_where_the_ladder_does_not_say_so" {
	units 'g on'
	guest g 'stop = "soft 200ms"  sandbox-fault = "soft:ignore"'
	stoker guests stop
	exits 1
	has "g: sandbox: not off within 200ms"
	stoker status g
	is "g: on"
	# and it stays in the care of the service
	stoker guests status --auto
	has "g: on"
}

@test "stop_takes_those_with_autostart_and_leaves_others" {
	units 'auto1 on' 'hand on' 'rack1 on'
	stoker guests stop
	exits 0
	is "auto[1-3]: off"
	stoker status hand rack1
	is "hand,rack1: on"
}

@test "stop_all_takes_what_was_started_by_hand" {
	units 'auto1 on' 'hand on' 'rack1 on'
	stoker guests stop --all
	exits 0
	is "auto[1-3],hand: off"
	stoker status rack1
	is "rack1: on"
	units 'auto1 on' 'hand on'
	echo 'guests-stop-all = yes' >>"$STOKER_CONF"
	stoker guests stop --auto
	is "auto[1-3]: off"
	stoker guests stop
	is "auto[1-3],hand: off"
}

@test "what_the_service_started_it_stops_though_autostart_was_taken_away" {
	stoker guests start --all
	is "auto[1-3],hand: on"
	sed -i 's/autostart = yes/autostart = no/' "$STOKER_CONF"
	stoker guests stop
	exits 0
	is "auto[1-3],hand: off"
	[ ! -e "$STOKER_STATE/guests.started" ]
}

@test "a_guest_that_was_moved_away_is_not_started_here" {
	units 'auto1 moved'
	stoker guests start
	exits 0
	is "auto[2-3]: on
auto1: moved" || is "auto1: moved
auto[2-3]: on"
	run cat units
	has "auto1 moved"
}

@test "what_runs_on_a_guest_goes_first_and_by_its_own_ladder" {
	units 'outer on' 'inner on'
	guest outer 'stop = "save"'
	echo 'machine "inner" { sandbox = "off"  host = "outer"  stop = "save" }' >>"$STOKER_CONF"
	stoker guests stop --json
	exits 0
	[ "$(names | grep -o 'inner outer')" = 'inner outer' ]
	stoker status inner outer
	is "inner,outer: saved"
}

@test "restart_stops_and_starts_and_reload_is_the_same" {
	units 'auto1 on,boots=1' 'hand on,boots=1'
	stoker guests restart
	exits 0
	is "auto[1-3]: off
auto[1-3]: on"
	run cat units
	has "auto1 on,boots=2"
	has "hand on,boots=1"
	stoker guests reload --all
	exits 0
	run cat units
	has "auto1 on,boots=3"
	has "hand on,boots=2"
	stoker guests restart -n
	is "plan: stop 4 machines, nothing is done
  1  auto1  stop   sandbox soft 60s
  2  auto2  stop   sandbox soft 60s   after auto1
  3  auto3  stop   sandbox soft 60s   after auto2
  4  hand   stop   sandbox soft 60s   after auto3
plan: start 4 machines, nothing is done
  1  auto[1-3],hand  start  sandbox restore 60s, sandbox on 60s"
}

@test "status_exits_with_3_where_none_runs" {
	stoker guests status
	exits 3
	is "auto[1-3],hand: off"
	units 'hand paused'
	stoker guests status
	exits 0
	has "hand: paused"
	stoker guests status --auto
	exits 3
	is "auto[1-3]: off"
	guest mute 'sandbox-fault = "status:fail"'
	stoker guests status
	exits 1
}

@test "status_as_json_is_an_object_a_guest" {
	units 'auto1 saved'
	stoker guests status --json
	exits 3
	[ "${#lines[@]}" = 4 ]
	[ "$(jq -r 'select(.machine == "auto1").state' <<<"$output")" = saved ]
}

@test "twenty_guests_start_at_once_and_stop_in_the_order_of_the_list" {
	cat >"$STOKER_CONF" <<-END
		sandbox-state = "$BATS_TEST_TMPDIR/units"
		machine "g[1-20]" { sandbox = "off"  autostart = yes  sandbox-delay = 100ms  order = "[1-20]" }
	END
	sed -i 's/order = "\[1-20\]"/order = "[20,19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1]"/' "$STOKER_CONF"
	local begun=${EPOCHREALTIME/./}
	stoker guests start
	exits 0
	local ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
	is "g[1-20]: on"
	# one after the other it would be 2 s
	[ $ms -lt 1500 ]
	begun=${EPOCHREALTIME/./}
	stoker guests stop --json
	exits 0
	ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
	[ "$(names)" = "$(for i in {20..1}; do printf 'g%d ' "$i"; done | sed 's/ $//')" ]
	[ $ms -ge 2000 ]
	echo 'guests-stop-parallel = 10' >>"$STOKER_CONF"
	"$stoker" guests start
	begun=${EPOCHREALTIME/./}
	stoker guests stop
	exits 0
	ms=$(((${EPOCHREALTIME/./} - begun) / 1000))
	[ $ms -ge 200 ] && [ $ms -lt 1500 ]
}

@test "after_orders_guests_in_both_directions" {
	cat >"$STOKER_CONF" <<-END
		sandbox-state = "$BATS_TEST_TMPDIR/units"
		guests-start-parallel = 1
		machine "web[1-3]" { sandbox = "off"  autostart = yes  after = "db" }
		machine "db" { sandbox = "off"  autostart = yes  after = "net" }
		machine "net" { sandbox = "off"  autostart = yes }
	END
	stoker guests start --json
	exits 0
	[ "$(names)" = 'net db web1 web2 web3' ]
	stoker guests stop --json
	exits 0
	[ "$(names)" = 'web1 web2 web3 db net' ]
	# a saved one does not come before what it needs
	units 'db saved' 'web2 saved'
	stoker guests start --json
	[ "$(names)" = 'net db web2 web1 web3' ]
}

@test "what_after_names_has_to_run" {
	guest db 'sandbox-fault = "on:fail"'
	guest web 'after = "db"'
	stoker guests start
	exits 1
	has "web: not tried: db could not be started"
	stoker guests status
	has "auto[1-3]: on"
}

@test "an_interruption_of_restart_starts_nothing" {
	units 'auto1 on,boots=1' 'auto2 on,boots=1' 'auto3 on,boots=1'
	sed -i 's/autostart = yes/autostart = yes  sandbox-delay = 1s/' "$STOKER_CONF"
	"$stoker" guests restart >out 2>&1 &
	local pid=$! i
	for ((i = 0; i < 100; i++)); do grep -q 'auto1 off' units && break; sleep 0.05; done
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	exits 1
	run cat units
	has "auto3 on,boots=1"
	lacks "boots=2"
}

@test "a_death_at_each_step_loses_and_doubles_nothing" {
	local point
	"$stoker" version >/dev/null
	for point in guests-recorded guests-stopped; do
		units 'auto1 off' 'auto2 saved' 'auto3 off'
		STOKER_CRASH=$point run "$stoker" guests restart --all
		[ "$status" = 137 ] || { echo "$point: $status"; false; }
		stoker guests start
		exits 0
		is "auto[1-3]: on" || is "auto[1-3],hand: on"
		stoker guests stop
		exits 0
		stoker guests status --auto
		exits 3
		[ ! -e "$STOKER_STATE/guests.started" ]
	done
}

@test "words_that_mean_nothing_are_told" {
	stoker guests
	exits 2
	stoker guests strat
	exits 2
	has 'there is no "strat": did you mean "start"?'
	stoker guests frob
	exits 2
	has 'there is no "frob"'
	stoker guests start auto1
	exits 2
	has 'guests start takes no "auto1"'
	stoker guests start --all --auto
	exits 2
	stoker guests start --into x
	exits 2
	has "guests start takes no --into"
}

@test "a_record_that_cannot_be_kept_starts_nothing" {
	rm -r "$STOKER_STATE"
	echo "in the way" >"$STOKER_STATE"
	stoker guests start
	exits 1
	has "STOKER_STATE"
	stoker status auto1
	is "auto1: off"
}
