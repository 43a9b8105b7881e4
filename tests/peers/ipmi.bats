# SPDX-License-Identifier: GPL-3.0-or-later
# The IPMI client against simulated BMCs (tools/bmcsim, which shares no code with it, and is itself held to ipmitool
# and FreeIPMI by bmcsim.bats): every suite, every fault, many at a time.

load ipmi

setup_file() { space_up; }
teardown_file() { space_down; }
setup() { lab_up; }
teardown() { sim_down; }

# conf LINE...: machine "m" is the BMC 127.0.0.1
conf() {
	{
		printf 'machine "m" {\n\tbmc = "127.0.0.1"\n\tuser = "admin"\n\tpassword-file = "%s"\n' "$PASS"
		printf '\t%s\n' "$@"
		printf '}\n'
	} >"$STOKER_CONF"
}

# is STATUS OUTPUT: what the last `run` ended with
is() {
	[ "$status" = "$1" ] || { echo "exit $status, not $1: $output"; return 1; }
	[ "$output" = "$2" ] || { printf 'got:      %s\nexpected: %s\n' "$output" "$2"; return 1; }
}

# has STATUS PART: the same for a part of it
has() {
	[ "$status" = "$1" ] || { echo "exit $status, not $1: $output"; return 1; }
	[[ $output == *"$2"* ]] || { printf 'got:      %s\nexpected: %s\n' "$output" "$2"; return 1; }
}

# bats test_tags=often
@test "every_suite_logs_in_switches_and_tells" {
	sim
	for suite in 0 1 2 3 6 7 8 11 12 15 16 17; do
		run stoker on --bmc 127.0.0.1 --cipher-suites $suite
		is 0 '127.0.0.1: on'
		run stoker status --bmc 127.0.0.1 --cipher-suites $suite
		is 0 '127.0.0.1: on'
		run stoker off --bmc 127.0.0.1 --cipher-suites $suite
		is 0 '127.0.0.1: off'
		run stoker status --bmc 127.0.0.1 --cipher-suites $suite
		is 3 '127.0.0.1: off'
	done
}

# bats test_tags=often
@test "every_suite_takes_a_key_of_the_bmc_and_tells_when_it_is_wrong" {
	(umask 077 && echo 0x00112233445566778899aabbccddeeff >"$BATS_TEST_TMPDIR/kg")
	sim --sessions 64 --kg 0x00112233445566778899aabbccddeeff
	for suite in 1 2 3 6 7 8 11 12 15 16 17; do
		run stoker status --bmc 127.0.0.1 --cipher-suites $suite --kg-file "$BATS_TEST_TMPDIR/kg"
		is 3 '127.0.0.1: off'
		run stoker status --bmc 127.0.0.1 --cipher-suites $suite --kg-file "$WRONG"
		has 1 '127.0.0.1: ipmi: BMC 127.0.0.1 has another K_g than that of kg-file'
		run stoker status --bmc 127.0.0.1 --cipher-suites $suite
		has 1 '127.0.0.1: ipmi: BMC 127.0.0.1 wants a K_g: set kg-file'
	done
}

@test "ipmi_1_5_signs_as_it_is_told" {
	sim
	for auth in none md5 straight; do
		conf 'ipmi-version = "1.5"' "ipmi-auth = {\"$auth\"}"
		run inside "$STOKER" on m
		is 0 'm: on'
		run inside "$STOKER" off m
		is 0 'm: off'
	done
}

@test "a_bmc_of_ipmi_1_5_is_met_without_being_told_and_remembered" {
	sim --fault only-1.5
	run stoker on --bmc 127.0.0.1
	is 0 '127.0.0.1: on'
	grep -q '^127.0.0.1 623 255 ' "$STOKER_STATE/ipmi-suites"
	run stoker status --bmc 127.0.0.1
	is 0 '127.0.0.1: on'
}

@test "suite_17_comes_first_then_3_and_what_worked_is_remembered" {
	sim --suites 3
	run stoker status --bmc 127.0.0.1
	is 3 '127.0.0.1: off'
	grep -q '^127.0.0.1 623 3 ' "$STOKER_STATE/ipmi-suites"
	[ "$(grep -c 'open-session' "$BATS_TEST_TMPDIR/sim.log")" = 2 ]
	run stoker status --bmc 127.0.0.1
	is 3 '127.0.0.1: off'
	[ "$(grep -c 'open-session' "$BATS_TEST_TMPDIR/sim.log")" = 3 ]
}

@test "a_memory_that_makes_no_sense_does_no_harm" {
	sim
	printf 'nonsense\n127.0.0.1 623 99999999999 1\n127.0.0.1 623 3\n\0\0' >"$STOKER_STATE/ipmi-suites"
	run stoker status --bmc 127.0.0.1
	is 3 '127.0.0.1: off'
	rm -rf "$STOKER_STATE"
	: >"$STOKER_STATE"
	run stoker status --bmc 127.0.0.1
	is 3 '127.0.0.1: off'
}

@test "mislabelled_refusals_lead_to_the_next_suite" {
	for status in 0x11 0x01 0x0a 0x12; do
		sim --fault "refuse=17:$status"
		run stoker status --bmc 127.0.0.1
		is 3 '127.0.0.1: off'
		sim_down
		rm -f "$STOKER_STATE/ipmi-suites"
	done
}

@test "suite_0_is_used_only_where_it_is_named" {
	sim --suites 0
	run stoker status --bmc 127.0.0.1
	has 1 'accepts none of the cipher suites 17, 3'
}

# bats test_tags=often
@test "every_verb_does_what_it_says" {
	sim
	conf
	run inside "$STOKER" cycle m
	is 0 'm: on'
	run inside "$STOKER" reset m
	is 0 'm: on'
	run inside "$STOKER" cycle m
	is 0 'm: on'
	run inside "$STOKER" nmi m
	is 0 'm: sent'
	run inside "$STOKER" soft m
	is 0 'm: off'
	run inside "$STOKER" reset m
	has 1 'it is off'
	run inside "$STOKER" nmi m
	has 1 'it is off'
	run inside "$STOKER" identify m
	is 0 'm: done'
	for device in pxe disk cdrom bios none; do
		for always in '' --always; do
			for efi in '' --efi; do
				# shellcheck disable=SC2086 # none or one
				run inside "$STOKER" bootdev $always $efi $device m
				is 0 'm: done'
			done
		done
	done
}

@test "what_has_the_state_already_is_left_alone" {
	sim
	stoker on --bmc 127.0.0.1
	: >"$BATS_TEST_TMPDIR/sim.log"
	run stoker on --bmc 127.0.0.1
	is 0 '127.0.0.1: on'
	[ "$(grep -c 'chassis-control' "$BATS_TEST_TMPDIR/sim.log")" = 0 ]
}

@test "power_that_does_not_come_is_a_failure_at_the_limit" {
	sim --fault stuck-power
	conf 'on = "ipmi 2s"'
	run inside "$STOKER" on m
	is 1 'm: ipmi: not on within 2s'
}

@test "a_guest_that_ignores_soft_leads_to_the_next_rung" {
	sim --fault soft-ignored
	conf 'off = {"ipmi soft 1s", "ipmi"}' 'soft = "ipmi 1s"'
	inside "$STOKER" on m
	run inside "$STOKER" soft m
	is 1 'm: ipmi: not off within 1s'
	run inside "$STOKER" off m
	is 0 'm: off'
}

@test "a_wrong_password_is_told_and_tried_once" {
	sim
	conf 'on = {"ipmi 5s", "ipmi reset 5s", "ipmi"}'
	sed -i "s#$PASS#$WRONG#" "$STOKER_CONF"
	run inside "$STOKER" on m
	has 1 'm: ipmi: BMC 127.0.0.1 has another password for user "admin"'
	has 1 'is not tried again'
	[ "$(control logins 127.0.0.1)" = 'good 0 failed 1 begun 1' ]
}

@test "machines_of_one_bmc_do_not_try_each_others_passwords_again" {
	sim
	for name in 1 2; do
		(umask 077 && echo "windowseat-$name" >"$BATS_TEST_TMPDIR/pass$name")
		printf 'machine "m%s" { bmc = "127.0.0.1" user = "admin" password-file = "%s" on = {"ipmi", "ipmi 5s"} }\n' \
			$name "$BATS_TEST_TMPDIR/pass$name"
	done >"$STOKER_CONF"
	run inside "$STOKER" on 'm[1-2]'
	has 1 'm[1-2]: ipmi: BMC 127.0.0.1 has another password for user "admin"'
	[ "$(control logins 127.0.0.1)" = 'good 0 failed 2 begun 2' ]
}

@test "a_wrong_password_is_no_more_than_two_log_ins_in_ipmi_1_5" {
	sim --fault only-1.5
	run inside "$STOKER" status --bmc 127.0.0.1 --user admin --password-file "$WRONG"
	has 1 'does not answer the log-in of user "admin" by IPMI 1.5: so it does when the password is wrong'
	[ "$(control logins 127.0.0.1)" = 'good 0 failed 2 begun 0' ]
}

@test "a_session_that_the_bmc_forgets_is_opened_again_and_nothing_is_done_twice" {
	sim --power-delay 3000
	inside "$STOKER" on --bmc 127.0.0.1 --user admin --password-file "$PASS" >"$BATS_TEST_TMPDIR/out" &
	local pid=$!
	until grep -q 'control on' "$BATS_TEST_TMPDIR/sim.log"; do :; done
	control close 127.0.0.1
	wait $pid
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = '127.0.0.1: on' ]
	[ "$(grep -c 'control on' "$BATS_TEST_TMPDIR/sim.log")" = 1 ]
}

@test "what_the_bmc_refuses_is_not_done" {
	sim --power on --fault code=0/2:0xd5
	for verb in reset cycle; do
		run stoker $verb --bmc 127.0.0.1
		has 1 "BMC 127.0.0.1 refused to $verb it: not possible in the present state (code 0xd5)"
	done
}

@test "an_unknown_user_and_too_low_a_privilege_are_told" {
	sim
	run inside "$STOKER" status --bmc 127.0.0.1 --user nobody --password-file "$PASS"
	has 1 'refused user "nobody": there is no such user'
	run inside "$STOKER" status --bmc 127.0.0.1 --user viewer --password-file "$PASS"
	is 3 '127.0.0.1: off'
	run inside "$STOKER" on --bmc 127.0.0.1 --user viewer --password-file "$PASS"
	has 1 'its privilege level is below operator'
	run inside "$STOKER" on --bmc 127.0.0.1 --user operator --password-file "$PASS"
	is 0 '127.0.0.1: on'
}

@test "a_bmc_that_insists_on_the_users_own_level_gets_it" {
	sim --fault exact-privilege
	run stoker status --bmc 127.0.0.1
	has 1 'privilege'
	run stoker status --bmc 127.0.0.1 --privilege admin
	is 3 '127.0.0.1: off'
}

@test "passwords_have_20_bytes_and_16_in_ipmi_1_5" {
	sim --user long:12345678901234567890:admin
	printf '12345678901234567890\n' >"$PASS"
	run inside "$STOKER" status --bmc 127.0.0.1 --user long --password-file "$PASS"
	is 3 '127.0.0.1: off'
	printf '123456789012345678901\n' >"$PASS"
	run inside "$STOKER" status --bmc 127.0.0.1 --user long --password-file "$PASS"
	has 1 'the password has 21 bytes: IPMI 2.0 has room for 20'
	printf '12345678901234567\n' >"$PASS"
	conf 'ipmi-version = "1.5"'
	run inside "$STOKER" status m
	has 1 'the password has 17 bytes: IPMI 1.5 has room for 16'
}

# quirk NAME FAULT LINE...: what the fault prevents is told, with the quirk, and works with it
quirk() {
	local name=$1 fault=$2
	shift 2
	sim --fault "$fault"
	conf 'ipmi-timeout = "1500ms"' 'on = "ipmi 20s"' "$@"
	run inside "$STOKER" on m
	has 1 "\"$name\""
	conf 'ipmi-timeout = "1500ms"' 'on = "ipmi 20s"' "$@" "quirks = {\"$name\"}"
	run inside "$STOKER" on m
	is 0 'm: on'
	sim_down
}

@test "the_quirk_idzero_is_offered_and_works" {
	quirk idzero idzero 'ipmi-version = "1.5"'
}
@test "the_quirk_unexpectedauth_is_offered_and_works" {
	quirk unexpectedauth unexpectedauth 'ipmi-version = "1.5"'
}
@test "the_quirk_forcepermsg_is_offered_and_works" {
	quirk forcepermsg forcepermsg 'ipmi-version = "1.5"'
}
@test "the_quirk_noauthcodecheck_is_offered_and_works" {
	quirk noauthcodecheck noauthcodecheck 'ipmi-version = "1.5"'
}
@test "the_quirk_nochecksumcheck_is_offered_and_works" {
	quirk nochecksumcheck nochecksumcheck
}
@test "the_quirk_intel20_is_offered_and_works" {
	quirk intel20 intel20 'cipher-suites = {"3"}'
}
@test "the_quirk_supermicro20_is_offered_and_works" {
	quirk supermicro20 supermicro20
}
@test "the_quirk_sun20_is_offered_and_works" {
	quirk sun20 sun20 'cipher-suites = {"3"}'
}
@test "the_quirk_opensesspriv_is_offered_and_works" {
	quirk opensesspriv opensesspriv
}
@test "the_quirk_integritycheckvalue_is_offered_and_works" {
	quirk integritycheckvalue integritycheckvalue 'cipher-suites = {"0"}'
}
@test "the_quirk_authcap_is_offered_and_works" {
	quirk authcap authcap 'ipmi-version = "1.5"'
}

@test "the_quirk_endianseq_is_taken" {
	sim --fault endianseq
	conf 'ipmi-version = "1.5"' 'quirks = {"endianseq"}'
	run inside "$STOKER" cycle m
	is 0 'm: on'
}

# bats test_tags=often
@test "packets_that_are_lost_late_twice_or_broken_change_nothing" {
	for fault in lose-rakp4 sequence-off-by-one sequence-gaps no-close-answer duplicate=100 reorder=100 garbage \
		busy=3 silent-open-session=2 bad-checksum=40 bad-authcode=40 echo-privilege; do
		sim --fault "$fault"
		run stoker on --bmc 127.0.0.1
		is 0 '127.0.0.1: on'
		run stoker off --bmc 127.0.0.1
		is 0 '127.0.0.1: off'
		sim_down
	done
	sim --fault challenge-new-port
	conf 'ipmi-version = "1.5"'
	run inside "$STOKER" on m
	is 0 'm: on'
}

@test "a_reset_whose_answer_is_lost_is_done_once" {
	sim
	stoker on --bmc 127.0.0.1
	control set 127.0.0.1 fault lose-answers=70
	: >"$BATS_TEST_TMPDIR/sim.log"
	run stoker reset --bmc 127.0.0.1
	[ "$status" = 0 ]
	[ "$(grep -c 'chassis-control' "$BATS_TEST_TMPDIR/sim.log")" = 1 ]
}

@test "ipv6_is_as_good" {
	sim --bind ::
	run stoker on --bmc ::1
	is 0 '::1: on'
	run stoker status --bmc '[::1]:623'
	is 0 '[::1]:623: on'
}

@test "a_thousand_are_right_with_a_third_of_the_packets_lost" {
	sim --fault lose-requests=30 --fault lose-answers=30 --fault duplicate=30 --fault reorder=30 --seed 7 \
		--at 127.1.0.0/24,127.1.2.0/24 --power on
	run timeout 30 ip netns exec "$SPACE" "$STOKER" status --user admin --password-file "$PASS" \
		--bmc '127.1.[0-3].[1-250]'
	is 3 '127.1.[0,2].[1-250]: on
127.1.[1,3].[1-250]: off'
}

@test "the_dead_are_told_and_hold_up_nobody" {
	sim --fault 'dead@127.1.0.91-100'
	printf 'machine "m[1-100]" { bmc = "127.1.0.[1-100]" user = "admin" password-file = "%s" ipmi-timeout = "3s" }' \
		"$PASS" >"$STOKER_CONF"
	run inside "$STOKER" status --json
	[ "$status" = 1 ]
	# a line comes when its machine is done
	[ "$(jq -r '.ok' <<<"$output" | uniq -c | xargs)" = '90 true 10 false' ]
	[ "$(jq -r 'select(.machine == "m95") | .error' <<<"$output")" = \
		'ipmi: no answer from 127.1.0.95 in 3 s' ]
}

@test "ten_thousand_need_sixty_four_descriptors" {
	sim
	run inside bash -c "ulimit -n 64; exec '$STOKER' status --user admin --password-file '$PASS' --cipher-suites 3 \
		--bmc '127.1.[0-39].[1-250]'"
	is 3 '127.1.[0-39].[1-250]: off'
}

@test "diagnose_walks_to_the_end_or_to_where_it_ends" {
	sim
	run stoker diagnose --bmc 127.0.0.1
	is 0 '127.0.0.1: off
    | RMCP ping: answered
    | capabilities: IPMI 2.0 and 1.5; 1.5 signs by none md5 straight; K_g is not set
    | cipher suites: 0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17
    | cipher suite 17: accepted
    | user and password: accepted
    | K_g: accepted (none is set)
    | privilege: operator
    | chassis: power is off'
	run inside "$STOKER" diagnose --bmc 127.0.0.1 --user admin --password-file "$WRONG"
	has 1 'has another password for user "admin"'
	has 1 '    | cipher suite 17: accepted
    | user and password: here it ends'
}

@test "no_secret_shows" {
	sim --fault latency=300
	stoker status --bmc 127.0.0.1 &
	local pid=$!
	until [ -s "$BATS_TEST_TMPDIR/sim.log" ]; do :; done
	for process in $(ip netns pids "$SPACE"); do
		[ "$process" != "$SIM" ] || continue
		run grep -c boilerroom "/proc/$process/cmdline" "/proc/$process/environ"
		[[ $output != *:[1-9]* ]]
	done
	wait $pid || true
}
