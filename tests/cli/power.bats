#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# on, off, cycle, status on simulated machines: results, exit codes, plans, locks, interruption.
load helper

lab() {
	mkdir -p "$STOKER_RUN" "$STOKER_STATE"
	cat >"$STOKER_CONF" <<-'END'
		profile "sim" { sandbox = "off" }
		machine "nas1" { profile = "sim" }
		machine "rack[01-20]" { profile = "sim"  after = "nas1" }
		machine "vm[1-2]" { profile = "sim"  host = "rack01" }
		machine "slow[1-3]" { sandbox = "off"  sandbox-delay = "30s" }
		machine "quick" { sandbox = "off"  sandbox-delay = "400ms" }
		machine "bad" { sandbox = "off"  sandbox-fault = "on:fail" }
		machine "second" { sandbox = "off"  sandbox-fault = "on:fail"  on = {"sandbox", "exec /bin/true"} }
		machine "script" { on = "exec shell 'echo one; echo two' 5s" }
		machine "none" { }
		group "front" { machines = {"rack[01-10]", "!rack07"} }
	END
	echo "sandbox-state = \"$STOKER_STATE/sandbox\"" >>"$STOKER_CONF"
}

stoker() { run "$stoker" "$@"; }

@test "results_are_folded_and_kept_between_runs" {
	stoker on front nas1
	[ "$status" = 0 ]
	is "nas1,rack[01-06,08-10]: on"
	stoker status front,rack07
	[ "$status" = 3 ]
	is "rack[01-06,08-10]: on
rack07: off"
	stoker off 'rack[02-10]'
	[ "$status" = 0 ]
	stoker status rack01,rack02
	is "rack01: on
rack02: off"
}

@test "a_failure_is_told_on_standard_error_and_the_exit_code_is_1" {
	run sh -c '"$0" on bad nas1 2>errors' "$stoker"
	[ "$status" = 1 ]
	is "nas1: on"
	run cat errors
	[[ "$output" == "bad: sandbox: "* ]]
}

@test "words_that_mean_nothing_do_nothing_and_exit_with_2" {
	for words in nobody 'rack[1-' '!nas1' 'rack[01-21]'; do
		stoker on nas1 "$words"
		[ "$status" = 2 ] || { echo "$words: $status"; false; }
	done
	stoker on
	[ "$status" = 2 ]
	has "no machine is named"
	stoker status nas1
	is "nas1: off"
}

@test "a_dry_run_shows_the_plan_and_changes_nothing" {
	stoker on --dry-run front nas1
	[ "$status" = 0 ]
	is "plan: on 10 machines, nothing is done
  1  nas1               on     sandbox 60s
  2  rack[01-06,08-10]  on     sandbox 60s   after nas1"
	stoker status nas1
	is "nas1: off"
	stoker off -n --json rack01
	[ "${#lines[@]}" = 3 ]
	has '{"machine":"rack01","verb":"off","ladder":["sandbox 60s"],"after":["vm1","vm2"]}'
}

@test "off_takes_the_guests_first_unless_forced" {
	stoker on rack01 vm1 vm2
	stoker off rack01
	[ "$status" = 0 ]
	stoker status vm1,vm2,rack01
	is "rack01,vm[1-2]: off"
	stoker off -n --force rack01
	lacks "vm1"
}

@test "json_is_one_object_a_machine" {
	stoker on --json nas1 bad
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 2 ]
	has '"machine":"nas1","verb":"on","state":"on","ok":true,"method":"sandbox"'
	has '"machine":"bad","verb":"on","state":"off","ok":false' ||
		has '"machine":"bad","verb":"on","state":"unknown","ok":false'
	has '"error":"sandbox: '
}

@test "a_program_is_a_method_and_its_output_ends_up_in_the_report" {
	stoker on script
	[ "$status" = 0 ]
	has "script: sent"
	has "    | one"
	has "    | two"
}

@test "a_machine_without_a_way_is_told_and_the_others_are_done" {
	stoker on none nas1
	[ "$status" = 1 ]
	has "nas1: on"
	has "none: it cannot be put on: set on = "
}

@test "cycle_is_reported_once" {
	stoker on nas1
	stoker cycle nas1
	[ "$status" = 0 ]
	is "nas1: on"
}

@test "the_second_run_is_told_who_works_on_a_machine_and_wait_waits" {
	"$stoker" on slow1 >first 2>&1 3>&- &
	holder=$!
	until grep -q "POSIX .* $holder " /proc/locks; do kill -0 $holder; done
	stoker off slow1 nas1
	[ "$status" = 1 ]
	has "slow1 is being worked on by process $holder ("
	has " on), for "
	has "nas1: off"
	# to look is always allowed
	stoker status slow1
	is "slow1: off"
	kill -TERM $holder
	wait $holder || true
	"$stoker" on quick >first 2>&1 3>&- &
	stoker off --wait quick
	[ "$status" = 0 ]
	wait
}

@test "an_interruption_stops_in_good_order" {
	"$stoker" on --fanout 2 'slow[1-3]' >said 2>&1 3>&- &
	pid=$!
	until [ "$(grep -c "POSIX .* $pid " /proc/locks)" = 2 ]; do kill -0 $pid; done
	kill -TERM $pid
	wait $pid && code=0 || code=$?
	[ $code = 1 ]
	run cat said
	is "slow[1-2]: told to end
slow3: not tried: told to end"
}

@test "a_second_interruption_leaves_at_once" {
	# a method that does not stop when it is told to
	echo 'machine "deaf" { on = "exec shell '"'"'trap \"\" TERM; echo $$ >pid; exec sleep 20'"'"' 30s" }' \
		>>"$STOKER_CONF"
	"$stoker" on deaf >said 2>&1 3>&- &
	pid=$!
	until [ -s pid ]; do kill -0 $pid; done
	kill -TERM $pid
	# the first is handled when its watcher is gone: then the default action is back
	until [ "$((0x$(awk '/^SigCgt/ { print $2 }' /proc/$pid/status) >> 14 & 1))" = 0 ]; do kill -0 $pid; done
	kill -TERM $pid
	wait $pid && code=0 || code=$?
	kill -KILL "$(cat pid)" 2>/dev/null || true
	[ $code = 143 ]
}

@test "an_interruption_while_the_results_are_told_loses_none" {
	# more than a pipe holds, so that the program cannot come to its end before it is read
	for name in a-machine-whose-name-is-long-{a..z}{a..z}{a..e}; do
		echo "machine \"$name\" { sandbox = \"on\" }"
	done >"$STOKER_CONF"
	mkfifo told
	"$stoker" status >told 2>errors 3>&- &
	pid=$!
	exec 4<told
	head -c 1 <&4 >first
	kill -INT $pid
	cat <&4 >rest
	exec 4<&-
	wait $pid && code=0 || code=$?
	[ $code = 0 ]
	[ ! -s errors ]
	[ "$(cat first rest | tr ',' '\n' | wc -l)" = 3380 ]
	[[ $(tail -c 5 rest) == ": on" ]]
}

@test "fanout_and_timeout_bound_a_run" {
	stoker on --timeout 300ms --fanout 1 'slow[1-2]'
	[ "$status" = 1 ]
	has "slow1: the time of the whole run is up (300ms)"
	has "slow2: not tried: "
	stoker on --fanout 0 nas1
	[ "$status" = 2 ]
	has '--fanout: '
	stoker on --timeout soon nas1
	[ "$status" = 2 ]
	has '"soon" is not a duration'
}

@test "progress_is_shown_on_a_terminal_only" {
	stoker on quick
	lacks "of 1 done"
	stoker off quick
	run script -qec "$stoker on quick" /dev/null
	has "of 1 done"
}

@test "a_broken_configuration_does_nothing_and_tells_all" {
	printf 'machine "x" { mca = 1 }\nmachine "y" { on = "wool" }\n' >>"$STOKER_CONF"
	stoker on nas1
	[ "$status" = 2 ]
	has 'unknown key "mca"'
	has 'no driver "wool"'
	has "2 errors: nothing was done"
}

@test "failures_that_differ_in_numbers_alone_are_one_line" {
	cat >"$STOKER_CONF" <<-'CONF'
		machine "x[1-3,7]" { sandbox = "off" sandbox-fault = "on:fail" }
		machine "y" { sandbox = "off" sandbox-fault = "on:fail" }
	CONF
	stoker on 'x[1-3,7]' y
	[ "$status" = 1 ]
	[ "$output" = 'x[1-3,7]: sandbox: "x[1-3,7]" refuses to be put on: its sandbox-fault says so
y: sandbox: "y" refuses to be put on: its sandbox-fault says so' ]
}
