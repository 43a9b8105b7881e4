#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Arguments, lines and exit codes of wakeonlan, side by side with the real one where it is installed.
# Packets go to the loopback interface at most.
load helper

wakeonlan() {
	run "$(called wakeonlan)" "$@"
}

# real_too ARGUMENT...: the real program prints the same on standard output and ends with the same code.
real_too() {
	local code out real
	real=$(type -P wakeonlan) || return 0
	out=$("$(called wakeonlan)" "$@" 2>/dev/null) && code=0 || code=$?
	run sh -c '"$0" "$@" 2>/dev/null' "$real" "$@"
	exits "$code"
	is "$out"
}

@test "without_arguments_it_shows_the_usage_and_exits_with_0" {
	wakeonlan
	exits 0
	[ "${lines[1]}" = "    wakeonlan [-h] [-v] [-i IP_address] [-p port] [-f file] [[hardware_address] ...]" ]
	wakeonlan -h
	exits 0
	wakeonlan -x
	exits 0
	has "Unknown option: x"
}

@test "v_shows_the_version" {
	wakeonlan -v
	exits 0
	[[ $output == "wakeonlan version 0.41"* ]]
}

@test "lines_are_those_of_the_real_one" {
	wakeonlan -i 127.0.0.1 00:11:22:33:44:55
	exits 0
	is "Sending magic packet to 127.0.0.1:9 with 00:11:22:33:44:55"
	real_too -i 127.0.0.1 00:11:22:33:44:55
	real_too -i 127.0.0.1 -p 7 00:11:22:33:44:55 0:1:2:3:4:AB
	real_too -p7 -i127.0.0.1 -- 00:11:22:33:44:55
}

@test "a_file_may_name_address_and_port" {
	printf '%s\n' '# comment' '' ' 00:11:22:33:44:55 127.0.0.1 7' '00:11:22:33:44:66' \
		'00:11:22:33:44:77 127.0.0.2' '00:11:22:33:44:88 127.0.0.1 40000 more' >stations
	wakeonlan -i 127.0.0.3 -p 5 -f stations 02:00:00:00:00:09
	exits 0
	is "Sending magic packet to 127.0.0.1:7 with 00:11:22:33:44:55
Sending magic packet to 127.0.0.3:5 with 00:11:22:33:44:66
Sending magic packet to 127.0.0.2:5 with 00:11:22:33:44:77
Sending magic packet to 127.0.0.1:40000 with 00:11:22:33:44:88
Sending magic packet to 127.0.0.3:5 with 02:00:00:00:00:09"
	real_too -i 127.0.0.3 -p 5 -f stations 02:00:00:00:00:09
}

@test "an_unknown_name_is_told_and_the_others_are_woken" {
	wakeonlan -i 127.0.0.1 00:11:22:33:44 00:11:22:33:44:55
	exits 0
	has "00:11:22:33:44 is not a hardware address and I could not resolve it as to an IP address."
	has "Sending magic packet to 127.0.0.1:9 with 00:11:22:33:44:55"
	real_too -i 127.0.0.1 00:11:22:33:44 00:11:22:33:44:55
}

@test "a_file_that_is_missing_exits_with_its_errno" {
	wakeonlan -f missing
	exits 2
	has "missing: No such file or directory"
	real_too -f missing
}

@test "a_port_that_is_none_exits_with_22" {
	wakeonlan -i 127.0.0.1 -p abc 00:11:22:33:44:55
	exits 22
	has '"abc"'
	real_too -i 127.0.0.1 -p abc 00:11:22:33:44:55
}

@test "options_end_at_the_first_word_that_is_none" {
	wakeonlan -i 127.0.0.1 00:11:22:33:44:55 -v
	exits 0
	has "-v is not a hardware address"
	real_too -i 127.0.0.1 00:11:22:33:44:55 -v
}

@test "the_configuration_is_not_read" {
	echo nonsense >"$STOKER_CONF"
	wakeonlan -i 127.0.0.1 00:11:22:33:44:55
	exits 0
	lacks stoker.conf
}
