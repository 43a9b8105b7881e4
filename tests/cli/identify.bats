#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

lab() {
	cat >"$STOKER_CONF" <<-END
		sandbox-state = "$BATS_TEST_TMPDIR/lab.state"
		machine "rack[1-3]" { sandbox = "off" }
		machine "vm" { host = "rack1" sandbox = "on" }
		machine "hung" { sandbox = "on" sandbox-fault = "identify:hang" }
		machine "odd" { sandbox = "on" sandbox-fault = "identify:fail" }
		machine "bare" { mac = "02:00:00:00:00:01" }
	END
}

# light MACHINE: what diagnose says of it
light() { "$stoker" diagnose "$1" | sed -n 's/^    | identify light: //p'; }

@test "a_light_goes_on_and_off_and_the_power_stays_as_it_is" {
	[ "$(light rack1)" = off ]
	run "$stoker" identify --on 'rack[1-2]'
	exits 0
	is "rack[1-2]: done"
	[ "$(light rack1)" = on ]
	run "$stoker" status 'rack[1-3],vm'
	exits 3
	is "rack[1-3]: off
vm: on"
	run "$stoker" identify --off rack1
	exits 0
	[ "$(light rack1)" = off ]
	[ "$(light rack2)" = on ]
}

@test "without_an_option_it_is_for_a_time" {
	run "$stoker" identify rack1
	exits 0
	[ "$(light rack1)" = "on for a time" ]
	run "$stoker" identify --for 200s rack2
	exits 0
	[ "$(light rack2)" = "on for a time" ]
}

@test "times_that_a_bmc_cannot_keep_are_refused_before_anything_is_done" {
	for time in 0s 256s 1500ms; do
		run "$stoker" identify --for $time rack1
		exits 2
		is "stoker: --for: identify cannot be \"$time\": write a time of 1s to 255s, on or off"
	done
	run "$stoker" identify --for 30s --off rack1
	exits 2
	is "stoker: --off: one of --for, --on and --off is enough"
	[ "$(light rack1)" = off ]
}

@test "guests_and_hosts_are_left_alone" {
	run "$stoker" identify --dry-run --for 30s rack1
	exits 0
	is "plan: identify 30s: 1 machine, nothing is done
  1  rack1  identify sandbox 60s"
}

@test "a_machine_must_be_named" {
	run "$stoker" identify
	exits 2
	has "identify: no machine is named: usage: stoker identify [OPTION]… MACHINE…"
}

@test "failures_are_told_and_the_others_are_done" {
	run "$stoker" identify odd bare rack1
	exits 1
	has "rack1: done"
	has 'odd: sandbox: "odd" refuses to be identified: its sandbox-fault says so'
	has "bare: it cannot be identified: "
	run "$stoker" identify --timeout 200ms hung
	exits 1
	is "hung: the time of the whole run is up (200ms)"
}

@test "json_says_done" {
	needs jq
	"$stoker" identify --json rack1 >out
	[ "$(jq -c '[.machine, .verb, .state, .ok, .method]' out)" = '["rack1","identify","done",true,"sandbox"]' ]
	[ "$("$stoker" identify --json --dry-run --on rack1 | jq -c '[.verb, .words]')" = '["identify",["on"]]' ]
}

@test "it_waits_for_who_works_on_the_machine" {
	echo 'machine "busy" { sandbox = "off" sandbox-delay = 20s identify = "sandbox" }' >>"$STOKER_CONF"
	"$stoker" on busy >first 2>&1 3>&- &
	holder=$!
	until grep -q "POSIX .* $holder " /proc/locks; do kill -0 $holder; done
	run "$stoker" identify busy
	exits 1
	has "busy is being worked on by process $holder ("
	# to diagnose changes nothing
	run "$stoker" diagnose busy
	exits 0
	kill -TERM $holder
	wait $holder || true
}

@test "its_ladder_holds_methods_that_can_and_no_other_verb" {
	for method in 'sandbox off' wol; do
		echo "machine \"m\" { sandbox = \"on\" identify = \"$method\" }" >"$STOKER_CONF"
		run "$stoker" lint
		exits 2
		has "stoker.conf:1: identify: "
	done
}
