#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Options, files and exit codes of ipmipower, side by side with the real one where it is installed. Nothing here is
# sent: each call ends before that.
load helper

setup_file() {
	command -v setsid >/dev/null || skip "setsid is not installed"
}

# without a terminal, so that nobody can be asked there
ipmipower() {
	run setsid -w "$(called ipmipower)" "$@" </dev/null
}

# real_too ARGUMENT...: the real program says the same, and ends with the same exit code
real_too() {
	local code=$status text=$output real
	real=$(PATH=$PATH:/usr/sbin:/sbin type -P ipmipower) || return 0
	run sh -c '"$@" 2>&1 | tr -d "\r"; exit "${PIPESTATUS:-0}"' - setsid -w "$real" "$@" </dev/null
	is "$text"
	run setsid -w "$real" "$@" </dev/null
	exits "$code"
}

@test "a_value_that_is_wrong_is_told_as_ipmipower_tells_it" {
	while IFS=$'\t' read -r arguments text; do
		# shellcheck disable=SC2086
		ipmipower -h 127.0.0.1 $arguments --stat
		exits 1
		is "$text"
		# shellcheck disable=SC2086
		real_too -h 127.0.0.1 $arguments --stat
	done <<-END
		-D bogus	invalid driver type
		-D open	invalid driver type
		-W bogus	invalid workaround flags
		-W opensesspriv,bogus	invalid workaround flags
		-l bogus	invalid privilege level
		-l CALLBACK	invalid privilege level
		-a bogus	invalid authentication type
		-F 0	invalid fanout
		-F x	invalid fanout
		-I abc	invalid cipher suite id
		-I 99	invalid cipher suite id
		-I 5	unsupported cipher suite id
		-I 18	unsupported cipher suite id
		-p 123456789012345678901	password too long
		-p 12345678901234567	password too long
		-u 12345678901234567	username too long
		-k 123456789012345678901	k_g too long
		-k 0x123456789012345678901234567890123456789012	k_g too long
		-k 0xzz	k_g input formatted incorrectly
		--session-timeout=abc	invalid session timeout
		--session-timeout=0	invalid session timeout
		--session-timeout=300	retransmission timeout larger than session timeout
		--session-timeout=450	retransmission wait timeout larger than session timeout
		--retransmission-timeout=abc	invalid retransmission timeout
		--oem-power-type=x	invalid oem power type
		--config-file=/nonexistent	Config File Error: configuration file does not exist
	END
}

@test "options_that_are_none_exit_with_64" {
	real=ipmipower
	for arguments in --bogus -Z -h --hostname --on=3 "x y" "-h 127.0.0.1 127.0.0.2 --stat"; do
		# shellcheck disable=SC2086
		ipmipower $arguments
		exits 64
		has "Try \`ipmipower --help' or \`ipmipower --usage' for more information."
	done
	ipmipower -h
	has "option requires an argument -- 'h'"
	ipmipower --hostname
	has "option '--hostname' requires an argument"
	ipmipower --on=3
	has "option '--on' doesn't allow an argument"
	ipmipower --bogus
	has "unrecognized option '--bogus'"
	ipmipower -Z
	has "invalid option -- 'Z'"
	ipmipower -h 127.0.0.1 word --stat
	has "ipmipower: Too many arguments"
	real_too -h 127.0.0.1 word --stat
}

@test "an_action_wants_hosts_and_hosts_want_an_action" {
	ipmipower --stat
	exits 1
	is "must specify target hostname(s) in non-interactive mode"
	real_too --stat
	ipmipower -h 127.0.0.1
	exits 1
	has "there is no interactive mode here"
}

@test "no_host_is_nothing_to_do" {
	for hosts in "" , " , "; do
		ipmipower -h "$hosts" --stat
		exits 0
		is ""
	done
}

@test "what_is_no_host_is_told_and_nothing_is_done" {
	while IFS=$'\t' read -r hosts text; do
		ipmipower -h "$hosts" --stat
		exits 1
		is "$text"
	done <<-END
		127.0.0.1,foo[	foo[: invalid hostname
		a[3-1]	a[3-1]: invalid hostname
		127.0.0.1:abc	127.0.0.1:abc: invalid hostname
		127.0.0.1:99999	127.0.0.1: invalid hostname
		a/b	a/b: invalid hostname
		[::1	[::1: invalid hostname
	END
	ipmipower -C -h 'a[3-1]' --stat
	exits 1
	is "----------------
a[3-1]
----------------
 invalid hostname"
}

@test "a_user_may_only_look" {
	for action in on off cycle reset; do
		ipmipower -l USER -h 127.0.0.1:9 --$action
		exits 1
		is "'$action' requires atleast operator privilege"
		real_too -l USER -h 127.0.0.1:9 --$action
	done
	ipmipower -l user -h 127.0.0.1:9 --pulse
	is "'diagnostic interrupt' requires atleast operator privilege"
	real_too -l user -h 127.0.0.1:9 --pulse
	ipmipower -l user -h 127.0.0.1:9 --soft
	is "'soft shutdown os' requires atleast operator privilege"
	real_too -l user -h 127.0.0.1:9 --soft
}

@test "what_would_change_the_meaning_is_refused" {
	ipmipower -h 127.0.0.1 -E --stat
	exits 1
	has "does not ask ipmidetectd"
	ipmipower -h 127.0.0.1 -a MD2 --stat
	exits 1
	has "choose MD5"
	ipmipower -h 127.0.0.1 --oem-power-type=C410X --stat
	exits 1
	has "is not known to this program"
}

@test "help_usage_and_version_exit_with_0" {
	for option in --help '-?'; do
		ipmipower "$option"
		exits 0
		has "-C, --consolidate-output"
	done
	ipmipower --usage
	exits 0
	has "Usage: ipmipower"
	for option in --version -V; do
		ipmipower $option
		exits 0
		[[ $output == "ipmipower - 1.6.10 (stoker "* ]]
	done
	run "$(called ipmi-power)" -V
	[[ $output == "ipmipower - 1.6.10 (stoker "* ]]
}

# conf LINE...: a configuration file of FreeIPMI
conf() {
	printf '%s\n' "$@" >freeipmi.conf
}

@test "the_configuration_file_says_what_options_say" {
	# each value is wrong in its own way, and the option on the command line is not there to make it good
	while IFS=$'\t' read -r line; do
		conf "$line"
		ipmipower --config-file freeipmi.conf -h 127.0.0.1 --stat
		exits 1
		is "Config File Error: invalid argument listed for option \"${line%% *}\" on line 1"
	done <<-END
		driver-type bogus
		username 12345678901234567
		password 123456789012345678901
		k_g 0xzz
		session-timeout abc
		cipher-suite-id 5
		privilege-level bogus
		ipmipower-privilege-level bogus
		workaround-flags authcap bogus
		fanout 0
		ipmipower-on-if-off perhaps
	END
	conf "username 1234567890123456 # a comment" "" 'password "12 34 56"' 'session-timeout \' 300
	ipmipower --config-file freeipmi.conf -h 127.0.0.1 --stat
	is "retransmission timeout larger than session timeout"
	real_too --config-file freeipmi.conf -h 127.0.0.1 --stat
}

@test "options_go_before_the_file_and_its_own_names_before_common_ones" {
	conf "ipmipower-privilege-level OPERATOR" "privilege-level USER"
	ipmipower --config-file freeipmi.conf -h 'a[3-1]' --on
	is "a[3-1]: invalid hostname"
	conf "privilege-level OPERATOR" "ipmipower-privilege-level USER"
	ipmipower --config-file freeipmi.conf -h 127.0.0.1:9 --on
	is "'on' requires atleast operator privilege"
	real_too --config-file freeipmi.conf -h 127.0.0.1:9 --on
	conf "session-timeout 300"
	ipmipower -l user --session-timeout=2000 --config-file freeipmi.conf -h 127.0.0.1:9 --on
	is "'on' requires atleast operator privilege"
}

@test "lines_of_the_file_for_other_programs_are_passed_over" {
	conf "quiet-cache ENABLE" "utc-offset 0" "privilege-level USER"
	ipmipower --config-file freeipmi.conf -h 127.0.0.1:9 --on
	is "'on' requires atleast operator privilege"
	conf "ipmiconsole-username op" "bmc-info-password x" "driver-device /dev/ipmi0" "ipmi-sensors-k_g x" \
		"privilege-level USER"
	ipmipower --config-file freeipmi.conf -h 127.0.0.1:9 --on
	exits 1
	is "'on' requires atleast operator privilege"
	real_too --config-file freeipmi.conf -h 127.0.0.1:9 --on
	conf "# nothing" "bogus yes"
	ipmipower --config-file freeipmi.conf -h 127.0.0.1:9 --on
	exits 1
	is 'Config File Error: unknown configuration option "bogus" on line 2'
	real_too --config-file freeipmi.conf -h 127.0.0.1:9 --on
	for wrong in 'username "op' username 'username a b'; do
		conf "$wrong"
		ipmipower --config-file freeipmi.conf -h 127.0.0.1:9 --on
		exits 1
		has "Config File Error: "
		real_too --config-file freeipmi.conf -h 127.0.0.1:9 --on
	done
}

@test "the_configuration_is_not_read" {
	echo nonsense >"$STOKER_CONF"
	ipmipower -h 'a[3-1]' --stat
	is "a[3-1]: invalid hostname"
}
