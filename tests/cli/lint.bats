#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

@test "a_good_configuration_is_summed_up" {
	run "$stoker" lint
	exits 0
	is "44 machines, 2 groups, 1 profile: no errors, no warnings"
}

@test "every_error_is_told" {
	cat >"$STOKER_CONF" <<-'END'
		machine "a" {
			adress = "10.0.0.1"
			mac = "02:00:00:00:00"
		}
		machine "b" { sandbox = "maybe" }
	END
	run "$stoker" lint
	exits 2
	has "$STOKER_CONF:2: unknown key \"adress\": did you mean \"address\"?"
	has "$STOKER_CONF:3: mac: "
	has "$STOKER_CONF:5: sandbox: "
	has "$STOKER_CONF: 3 errors"
}

@test "another_file_may_be_named" {
	echo 'machine "a" { sandbox = "on" }' >other
	run "$stoker" lint other
	exits 0
	has "1 machine, no groups, no profiles: no errors"
	run "$stoker" lint missing
	exits 2
	has "missing: No such file or directory"
	run "$stoker" lint other another
	exits 2
}

@test "a_method_that_nobody_observes_is_warned_of" {
	echo 'machine "m[1-3]" { mac = "02:00:00:00:00:[01-03]" on = {"wol 45s", "wol 10s"} }' >"$STOKER_CONF"
	run "$stoker" lint
	exits 0
	has 'warning: m[1-3]: on: nothing can see whether "wol 45s" had its effect'
	has "no errors, 1 warning"
}

@test "ladders_of_what_can_never_be_seen_are_not_warned_of" {
	# what was sent ends them: no method waits for the one before it
	echo 'machine "m" { mac = "02:00:00:00:00:01" reset = {"exec a", "exec b"} nmi = {"exec a", "exec b"} }' \
		>"$STOKER_CONF"
	run "$stoker" lint
	exits 0
	has "no errors, no warnings"
}

@test "a_machine_that_nothing_puts_on_is_warned_of" {
	echo 'machine "m[1-3]" { address = "10.0.0.[1-3]" }' >"$STOKER_CONF"
	run "$stoker" lint
	exits 0
	has "warning: m[1-3]: it cannot be put on"
	has "1 warning"
}

@test "machines_with_the_same_address_are_warned_of" {
	cat >"$STOKER_CONF" <<-'END'
		machine "a[1-3]" { sandbox = "on" mac = "02:00:00:00:00:[0a-0c]" }
		machine "b[1-3]" { sandbox = "on" mac = "02-00-00-00-00-[0C-0E]" address = "Host" }
		machine "c" { sandbox = "on" uuid = "01234567-89ab-cdef-0123-456789abcdef" }
		machine "d" { sandbox = "on" uuid = "0123456789ABCDEF0123456789ABCDEF" }
	END
	run "$stoker" lint
	exits 0
	has 'a3,b1: the same mac: 02:00:00:00:00:0c is that of "a3" and of "b1"'
	has 'b[1-3]: the same address: Host'
	has 'c,d: the same uuid'
	has "3 warnings"
}

@test "warnings_go_to_standard_error_and_the_sum_to_standard_output" {
	echo 'machine "m" { address = "h" }' >"$STOKER_CONF"
	[ "$("$stoker" lint 2>/dev/null)" = "1 machine, no groups, no profiles: no errors, 1 warning" ]
}

@test "without_a_configuration_it_says_so" {
	[ ! -e /etc/stoker/stoker.conf ] || skip "this machine has a configuration"
	unset STOKER_CONF
	run "$stoker" lint
	exits 2
	has "name a file"
}
