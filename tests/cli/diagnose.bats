#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

lab() {
	cat >"$STOKER_CONF" <<-END
		machine "rack[1-3]" { sandbox = "off" }
		machine "locked" { sandbox = "on" sandbox-fault = "diagnose:fail" }
		machine "mute" { sandbox = "on" sandbox-fault = "diagnose:hang" diagnose = "sandbox 200ms" }
		machine "bare" { mac = "02:00:00:00:00:01" }
	END
}

@test "every_step_is_told_and_equal_machines_are_folded" {
	run "$stoker" diagnose 'rack[1-3]'
	# a machine that is off is no failure here
	exits 0
	is "rack[1-3]: off
    | reached: it is simulated, and answers
    | log-in: none is wanted
    | identify light: off
    | boots: as its firmware is set up"
}

@test "the_steps_before_a_failure_are_told_with_it" {
	run "$stoker" diagnose locked rack1
	exits 1
	has "rack1: off"
	"$stoker" diagnose locked 2>errors || true
	[ "$(cat errors)" = 'locked: sandbox: "locked" refuses to be diagnosed: its sandbox-fault says so
    | reached: it is simulated, and answers' ]
}

@test "no_answer_is_told_with_its_time" {
	run "$stoker" diagnose mute
	exits 1
	is "mute: sandbox: no answer within 200ms"
}

@test "a_machine_that_no_driver_can_diagnose_is_told" {
	run "$stoker" diagnose bare
	exits 1
	has "bare: it cannot be diagnosed: "
}

@test "a_machine_must_be_named" {
	run "$stoker" diagnose
	exits 2
	has "diagnose: no machine is named"
}

@test "json_has_the_steps_as_lines_of_output" {
	needs jq
	"$stoker" diagnose --json locked >out || true
	[ "$(jq -c '[.verb, .state, .ok, .method]' out)" = '["diagnose","unknown",false,"sandbox"]' ]
	[ "$(jq -r .output out)" = "reached: it is simulated, and answers" ]
	[ "$("$stoker" diagnose --json rack1 | jq -r .output | wc -l)" = 4 ]
}

@test "quiet_leaves_the_steps_out" {
	run "$stoker" diagnose --quiet rack1
	exits 0
	is ""
	run "$stoker" diagnose --quiet locked
	exits 1
	is 'locked: sandbox: "locked" refuses to be diagnosed: its sandbox-fault says so'
}
