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
