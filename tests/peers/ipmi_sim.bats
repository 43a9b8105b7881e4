# SPDX-License-Identifier: GPL-3.0-or-later
# Power by IPMI, against OpenIPMI's ipmi_sim with a real QEMU machine behind it.

load bmc

setup_file() { bmc_network_up; }
teardown_file() { bmc_network_down; }
teardown() { bmc_stop; }

# The fixture itself, shown by clients that others wrote.

@test "ipmitool_switches_a_real_machine_through_the_fixture" {
	bmc_start
	[ "$(tool power status)" = 'Chassis Power is off' ]
	tool power on
	[ "$(tool power status)" = 'Chassis Power is on' ]
	machine_is on
	said 'guest is up'
	tool power reset
	said 'guest is up' 2
	tool power cycle
	said 'guest is up' 3
	tool power soft
	await 'off' machine_is off
	[ "$(tool power status)" = 'Chassis Power is off' ]
	tool power on
	said 'guest is up' 4
	tool power off
	machine_is off
	[ "$(sort -u "$MACHINE/serial")" = 'guest is up' ]
	asked 'power 1' 'reset 1' 'power 0' 'power 1' 'shutdown 1' 'power 1' 'power 0'
}

@test "ipmipower_switches_it_too_and_a_boot_device_boots_another_way_once" {
	bmc_start
	power --on --wait-until-on
	said 'guest is up'
	tool chassis bootdev pxe
	power --cycle
	said 'booted by network'
	[ "$(power --stat)" = '127.0.0.1: on' ]
	[ "$(grep -c . "$MACHINE/serial")" = 2 ]
	tool chassis bootdev pxe
	power --reset
	said 'booted by network' 2
	power --reset
	said 'guest is up' 2
	power --soft
	await 'off' machine_is off
}

@test "the_fixture_refuses_a_wrong_user_a_wrong_password_and_a_lack_of_privilege" {
	bmc_start
	listen
	run power -p something-else --stat
	heard
	[ "$output" = '127.0.0.1: password invalid' ]
	[ "$(payloads 0x12)" = 1 ]
	run power -u nobody --stat
	[ "$output" = '127.0.0.1: username invalid' ]
	[ "$(power -u viewer -p windowseat-93 -l USER --stat)" = '127.0.0.1: off' ]
	run tool -L USER -U viewer -P windowseat-93 power on
	[ "$status" = 1 ]
	[[ "$output" == *'Set Chassis Power Control to Up/On failed: Insufficient privilege level' ]]
	asked
}

@test "the_fixtures_deaf_guest_stays_on_and_its_slow_one_goes_later" {
	bmc_start deaf
	tool power on
	said 'guest is up'
	tool power soft
	tool power reset
	said 'guest is up' 2
	bmc_stop
	bmc_start slow
	tool power on
	said 'guest is up'
	tool power soft
	await 'off' machine_is off
}

# The program itself.

vm() { run inside "$STOKER" "$@" vm; }

# tells STATUS LINE: the exit code, and all that was printed
tells() {
	if [ "$status" != "$1" ] || [ "$output" != "$2" ]; then
		printf 'expected %s: %s\ngot %s: %s\n' "$1" "$2" "$status" "$output"
		return 1
	fi
}

# fails TEXT: exit code 1, and a sentence about this machine that begins so
fails() {
	if [ "$status" != 1 ] || [[ "$output" != "vm: ipmi: $1"* ]]; then
		printf 'expected 1: vm: ipmi: %s…\ngot %s: %s\n' "$1" "$status" "$output"
		return 1
	fi
}

@test "status_tells_on_from_off_by_its_exit_code_too" {
	bmc_start
	setup_lab
	vm status
	tells 3 'vm: off'
	tool power on
	vm status
	tells 0 'vm: on'
}

@test "on_and_off_are_told_when_the_machine_is_so" {
	bmc_start
	setup_lab
	vm on
	tells 0 'vm: on'
	machine_is on
	said 'guest is up'
	vm off
	tells 0 'vm: off'
	machine_is off
	asked 'power 1' 'power 0'
}

@test "soft_is_told_when_the_guest_has_gone" {
	bmc_start slow
	setup_lab
	vm on
	said 'guest is up'
	vm soft
	tells 0 'vm: off'
	machine_is off
	asked 'power 1' 'shutdown 1'
}

@test "reset_and_cycle_start_the_machine_anew" {
	bmc_start
	setup_lab
	vm on
	said 'guest is up'
	vm reset
	tells 0 'vm: on'
	said 'guest is up' 2
	vm cycle
	tells 0 'vm: on'
	machine_is on
	said 'guest is up' 3
	asked 'power 1' 'reset 1' 'power 0' 'power 1'
}

@test "what_is_so_already_is_told_without_a_command" {
	bmc_start
	setup_lab
	vm off
	tells 0 'vm: off'
	vm soft
	tells 0 'vm: off'
	asked
	vm on
	forget
	vm on
	tells 0 'vm: on'
	asked
}

@test "cycle_puts_a_machine_on_that_is_off_and_reset_does_not" {
	bmc_start
	setup_lab
	vm reset
	fails 'it is off: there is nothing to be reset'
	asked
	vm cycle
	tells 0 'vm: on'
	said 'guest is up'
	asked 'power 1'
}

@test "a_boot_device_really_boots_another_way" {
	bmc_start
	setup_lab
	vm on
	said 'guest is up'
	vm bootdev pxe
	tells 0 'vm: done'
	vm cycle
	tells 0 'vm: on'
	said 'booted by network'
	vm cycle
	said 'guest is up' 2
	asked 'power 1' 'boot pxe' 'power 0' 'power 1' 'power 0' 'power 1'
}

@test "soft_that_the_guest_does_not_hear_fails_at_its_limit" {
	bmc_start deaf
	setup_lab 'soft = "ipmi 2s"'
	vm on
	said 'guest is up'
	vm soft
	tells 1 'vm: ipmi: not off within 2s'
	machine_is on
	asked 'power 1' 'shutdown 1'
}

@test "soft_that_the_guest_does_not_hear_gives_way_to_hard" {
	bmc_start deaf
	setup_lab 'off = {"ipmi soft 3s", "ipmi"}'
	vm on
	said 'guest is up'
	vm off
	tells 0 'vm: off'
	machine_is off
	asked 'power 1' 'shutdown 1' 'power 0'
}

@test "a_wrong_password_is_told_and_not_tried_again" {
	bmc_start
	setup_lab "$(login admin wrong)"
	listen
	vm on
	heard
	fails "BMC $BMC has another password for user \"admin\""
	[ "$(payloads 0x10)" = 1 ]
	[ "$(payloads 0x14)" = 1 ]
	asked
}

@test "a_wrong_password_is_not_tried_with_another_suite" {
	bmc_start
	setup_lab "$(login admin wrong)" 'cipher-suites = {"3", "2", "1"}'
	listen
	vm status
	heard
	fails "BMC $BMC has another password for user \"admin\""
	[ "$(payloads 0x10)" = 1 ]
	[ "$(payloads 0x14)" = 1 ]
}

@test "a_wrong_user_is_told" {
	bmc_start
	setup_lab "$(login nobody admin)"
	listen
	vm on
	heard
	fails "BMC $BMC refused user \"nobody\": there is no such user"
	[ "$(payloads 0x12)" = 1 ]
	asked
}

@test "a_lack_of_privilege_is_told" {
	bmc_start
	setup_lab "$(login viewer)" 'privilege = "user"'
	vm status
	tells 3 'vm: off'
	vm on
	fails "BMC $BMC refused to put it on: not enough privilege"
	asked
}

@test "a_lack_of_privilege_is_told_by_ipmi_1_5_too" {
	bmc_start
	setup_lab "$(login viewer)" 'ipmi-version = "1.5"'
	vm status
	tells 3 'vm: off'
	vm on
	fails "BMC $BMC refused user \"viewer\": its privilege level is below operator"
	asked
}

@test "an_operator_may_switch" {
	bmc_start
	setup_lab "$(login operator)"
	vm on
	tells 0 'vm: on'
	vm off
	tells 0 'vm: off'
}

@test "ipmi_1_5_switches_too" {
	bmc_start
	setup_lab 'ipmi-version = "1.5"'
	vm on
	tells 0 'vm: on'
	said 'guest is up'
	vm soft
	tells 0 'vm: off'
	asked 'power 1' 'shutdown 1'
}

@test "every_suite_that_ipmi_sim_has_switches" {
	local suite
	bmc_start
	for suite in 0 1 2 3; do
		setup_lab "cipher-suites = {\"$suite\"}"
		vm on
		tells 0 'vm: on'
		vm off
		tells 0 'vm: off'
	done
	asked 'power '{1,0,1,0,1,0,1,0}
}

@test "a_suite_that_is_refused_gives_way_to_the_next_and_what_worked_is_remembered" {
	bmc_start
	setup_lab
	sed -i '/cipher-suites/d' "$STOKER_CONF"
	listen
	vm status
	heard
	tells 3 'vm: off'
	[ "$(payloads 0x10)" = 2 ]
	[ "$(payloads 0x12)" = 1 ]
	listen
	vm status
	heard
	tells 3 'vm: off'
	[ "$(payloads 0x10)" = 1 ]
}

@test "a_bmc_that_is_not_there_is_told_with_its_address" {
	bmc_start
	setup_lab 'ipmi-timeout = "2s"'
	sed -i "s/$BMC/127.0.0.9:9001/" "$STOKER_CONF"
	vm status
	fails 'nobody listens at 127.0.0.9:9001'
}

@test "a_bmc_on_the_command_line_needs_no_configuration" {
	local command=("$STOKER" status --bmc "$BMC" --user admin --quirks opensesspriv --cipher-suites 3)
	bmc_start
	setup_lab
	rm "$STOKER_CONF"
	run inside "${command[@]}" --password-file "$BATS_TEST_TMPDIR/admin.password"
	tells 3 "$BMC: off"
	run inside env STOKER_PASSWORD=boilerroom-42 "${command[@]}"
	tells 3 "$BMC: off"
}

# shows_no_secret VARIABLE...: while a machine is awaited, with these variables in the environment
shows_no_secret() {
	local pid file
	forget
	ip netns exec "$BMC_SPACE" env "$@" "$STOKER" soft vm >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
	pid=$!
	# logged in, and waiting for the guest
	await 'soft is asked for' grep -q 'shutdown 1' "$MACHINE/asked"
	for file in cmdline environ comm; do
		[ -r "/proc/$pid/$file" ]
		[ "$(grep -c -a boilerroom "/proc/$pid/$file")" = 0 ]
	done
	tool power off
	wait $pid
	[ "$(cat "$BATS_TEST_TMPDIR/output")" = 'vm: off' ]
}

@test "no_secret_can_be_read_from_the_running_process" {
	bmc_start deaf
	setup_lab 'soft = "ipmi 60s"'
	vm on
	shows_no_secret LANG=C
	# valgrind keeps an environment of its own
	[ "${STOKER##*/}" = stoker ] || return 0
	sed -i '/password-file/d' "$STOKER_CONF"
	run inside env STOKER_PASSWORD=boilerroom-42 "$STOKER" on vm
	tells 0 'vm: on'
	shows_no_secret STOKER_PASSWORD=boilerroom-42
}
