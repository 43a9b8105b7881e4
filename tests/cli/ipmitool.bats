#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Options, words and exit codes of ipmitool, side by side with the real one where it is installed. Nothing here is
# sent: each call ends before that, and names a closed port of this machine.
load helper

lanplus=(-I lanplus -H 127.0.0.1 -p 9 -U admin -P secret)

setup_file() {
	command -v setsid >/dev/null || skip "setsid is not installed"
}

# without a terminal, so that nobody can be asked there
ipmitool() {
	run setsid -w "$(called ipmitool)" "$@" </dev/null
}

# real_too ARGUMENT...: the real program says the same, and ends with the same exit code
real_too() {
	local code=$status text=$output real
	real=$(type -P ipmitool) || return 0
	run setsid -w "$real" "$@" </dev/null
	exits "$code"
	is "$text"
}

@test "an_option_that_is_wrong_is_told_as_ipmitool_tells_it" {
	while IFS=$'\t' read -r arguments text; do
		# shellcheck disable=SC2086
		ipmitool $arguments power status
		exits 1
		is "$text"
		# shellcheck disable=SC2086
		real_too $arguments power status
	done <<-END
		-p abc	Invalid parameter given or out of range for '-p'.
		-p 99999	Port number 99999 is out of range.
		-p -1	Port number -1 is out of range.
		-C abc	Invalid parameter given or out of range [0-255] for '-C'.
		-C 256	Invalid parameter given or out of range [0-255] for '-C'.
		-N x	Invalid parameter given or out of range for '-N'.
		-R x	Invalid parameter given or out of range for '-R'.
		-R -1	Invalid parameter given or out of range for '-R'.
		-t x	Invalid parameter given or out of range for '-t'.
		-b 256	Invalid parameter given or out of range for '-b'.
		-T x	Invalid parameter given or out of range for '-T'.
		-B x	Invalid parameter given or out of range for '-B'.
		-m x	Invalid parameter given or out of range for '-m'.
		-d x	Invalid parameter given or out of range for '-d'.
		-z x	Invalid parameter given or out of range for '-z'.
		-U 12345678901234567	Username is too long (> 16 bytes)
		-y 616	Number of Kg key characters is not even
		-y zz	Kg key is not hexadecimal number
		-y 0x61	Kg key is not hexadecimal number
		-4 -6	Parameter is mutually exclusive with -4.
		-4 -4	Multiple -4 parameters given.
		-I lanplus -P 123456789012345678901	lanplus: password is longer than 20 bytes.
		-I lan -P 12345678901234567	lan: password is longer than 16 bytes.
		-I lanplus	No hostname specified!
		-I lan	No hostname specified!
	END
}

@test "a_user_name_and_a_password_of_the_full_length_are_taken" {
	ipmitool -I lanplus -U 1234567890123456 -P 12345678901234567890 power status
	exits 1
	is "No hostname specified!"
	ipmitool -I lan -P 1234567890123456 power status
	exits 1
	is "No hostname specified!"
	ipmitool -P 123456789012345678901 power status
	exits 1
	has "Error loading interface open"
}

@test "a_kg_that_is_too_long_is_refused_and_never_cut" {
	for option in -k -y; do
		key=123456789012345678901
		[ $option = -k ] || key=$key$key
		ipmitool -I lanplus $option "$key" power status
		exits 1
		is "Kg key is too long"
	done
	IPMI_KGKEY=123456789012345678901 ipmitool -I lanplus -K power status
	is "Kg key is too long"
}

@test "an_unknown_option_shows_the_usage_and_exits_with_1" {
	ipmitool -Q
	exits 1
	has "ipmitool: invalid option -- 'Q'"
	has "usage: ipmitool [options...] <command>"
	ipmitool power status -Q
	exits 1
	has "invalid option -- 'Q'"
	ipmitool --bogus
	exits 1
	has "invalid option -- '-'"
}

@test "an_option_without_its_argument_shows_the_usage_and_exits_with_1" {
	ipmitool -C
	exits 1
	has "ipmitool: option requires an argument -- 'C'"
	has "usage: ipmitool"
}

@test "h_shows_the_usage_on_standard_error_and_exits_with_0" {
	ipmitool -h
	exits 0
	has "-I interface"
	run sh -c '"$0" -h 2>/dev/null' "$(called ipmitool)"
	exits 0
	is ""
}

@test "V_shows_the_version_that_scripts_look_for" {
	ipmitool -V
	exits 0
	[[ $output == "ipmitool version 1.8.19 (stoker "* ]]
}

@test "only_the_network_leads_to_a_bmc" {
	for interface in open imb free usb serial-basic bogus LANPLUS; do
		ipmitool -I $interface power status
		exits 1
		[ "${lines[0]}" = "Error loading interface $interface" ]
		has "-I lan or -I lanplus"
	done
	ipmitool power status
	exits 1
	has "-I lan or -I lanplus"
}

@test "words_are_checked_before_anything_is_sent" {
	ipmitool "${lanplus[@]}" power bogus
	exits 1
	is "Invalid chassis power command: bogus"
	ipmitool "${lanplus[@]}" power STATUS
	exits 1
	is "Invalid chassis power command: STATUS"
	ipmitool "${lanplus[@]}" chassis bogus
	exits 1
	is "Invalid chassis command: bogus"
	ipmitool "${lanplus[@]}" chassis bootdev PXE
	exits 1
	is "Invalid argument: PXE"
	ipmitool "${lanplus[@]}" chassis identify 256
	exits 1
	is "Given interval is too big."
	ipmitool "${lanplus[@]}" chassis identify soon
	exits 1
	is "Invalid interval given."
	ipmitool "${lanplus[@]}" mc info
	exits 1
	[ "${lines[0]}" = "Invalid command: mc" ]
	ipmitool "${lanplus[@]}"
	exits 1
	[ "${lines[0]}" = "No command provided!" ]
}

@test "help_of_power_is_no_failure_and_that_of_others_is" {
	for words in "power" "power help" "chassis power" "chassis power help"; do
		# shellcheck disable=SC2086
		ipmitool "${lanplus[@]}" $words
		exits 0
		is "chassis power Commands: status, on, off, cycle, reset, diag, soft"
	done
	for words in "chassis" "chassis help" "chassis bootdev" "chassis bootdev help" "chassis identify help"; do
		# shellcheck disable=SC2086
		ipmitool "${lanplus[@]}" $words
		exits 1
	done
	ipmitool help
	exits 0
}

@test "boot_options_that_cannot_be_set_are_refused" {
	for option in options=clear-cmos clear-cmos=yes options=persistent,lockkbd options=verbose=yes; do
		ipmitool "${lanplus[@]}" chassis bootdev pxe $option
		exits 1
		has "cannot be set by this program"
	done
	ipmitool "${lanplus[@]}" chassis bootdev pxe options=bogus
	exits 1
	[ "${lines[0]}" = "Invalid option: bogus" ]
	[ "${lines[1]}" = "Legal options settings are:" ]
	ipmitool "${lanplus[@]}" chassis bootdev pxe options=help
	exits 1
	[ "${lines[0]}" = "Legal options settings are:" ]
}

@test "what_would_change_the_meaning_is_refused" {
	for option in "-t 0x82" "-b 7" "-T 0x82" "-B 7" "-l 1" "-m 0x30"; do
		# shellcheck disable=SC2086
		ipmitool "${lanplus[@]}" $option power status
		exits 1
		has "cannot be bridged"
	done
	ipmitool "${lanplus[@]}" -L USER+ power status
	exits 1
	has 'leave out the "+"'
	for type in icts i82571spt bogus; do
		ipmitool "${lanplus[@]}" -o $type power status
		exits 1
		is "OEM setup for \"$type\" failed"
	done
	ipmitool -I lan -H 127.0.0.1 -p 9 -P secret -o supermicro power status
	exits 1
	is 'OEM setup for "supermicro" failed'
}

@test "a_log_in_that_cannot_be_is_a_session_that_fails" {
	ipmitool "${lanplus[@]}" -L bogus power status
	exits 1
	is "Invalid privilege level bogus
Error: Unable to establish IPMI v2 / RMCP+ session"
	ipmitool "${lanplus[@]}" -C 99 power status
	exits 1
	is "Unsupported cipher suite ID : 99

Error: Unable to establish IPMI v2 / RMCP+ session"
	ipmitool -I lan -H 127.0.0.1 -p 9 -P secret -A MD2 power status
	exits 1
	is "Authentication type MD2 not supported
Error: Unable to establish LAN session
Error: Unable to establish IPMI v1.5 / RMCP session"
}

@test "a_password_that_is_nowhere_is_asked_for" {
	run setsid -w "$(called ipmitool)" -I lanplus -H 127.0.0.1 -p 9 power bogus <<<"123456789012345678901"
	exits 1
	is "Password: 
lanplus: password is longer than 20 bytes."
	ipmitool -I lanplus -H 127.0.0.1 -p 9 -f nosuch power bogus
	exits 1
	is "File nosuch does not exist
Unable to open password file nosuch
Unable to read password from file nosuch
Password: 
Invalid chassis power command: bogus"
	ipmitool -I lanplus -H 127.0.0.1 -p 9 -E power bogus
	exits 1
	is "Unable to read password from environment
Password: 
Invalid chassis power command: bogus"
}

@test "the_environment_and_files_say_the_password" {
	printf '123456789012345678901\r\nsecond line\n' >long
	printf 12345678901234567890 >right
	ipmitool -I lanplus -f long power bogus
	is "lanplus: password is longer than 20 bytes."
	ipmitool -I lanplus -f right power bogus
	is "No hostname specified!"
	IPMI_PASSWORD=123456789012345678901 ipmitool -I lanplus -E power bogus
	is "lanplus: password is longer than 20 bytes."
	IPMITOOL_PASSWORD=secret IPMI_PASSWORD=123456789012345678901 ipmitool -I lanplus -E power bogus
	is "No hostname specified!"
}

@test "the_configuration_is_not_read" {
	echo nonsense >"$STOKER_CONF"
	ipmitool "${lanplus[@]}" power bogus
	exits 1
	lacks stoker.conf
}
