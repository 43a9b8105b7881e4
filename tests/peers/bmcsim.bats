# SPDX-License-Identifier: GPL-3.0-or-later
# The simulator of BMCs, held to other people's clients: ipmitool, FreeIPMI's ipmipower, ipmi-chassis, ipmi-config,
# rmcpping and ipmiping.

load ipmi
load bmcsim

setup_file() { space_up; }
teardown_file() { space_down; }
teardown() { simulated; }

# power ADDRESSES OPTION...: ipmipower, for 3 seconds a session
power() {
	local addresses=$1
	shift
	inside timeout 60 ipmipower -h "$addresses" --session-timeout=3000 --retransmission-timeout=200 "$@" 2>&1
}

# The same by the user that there is when nobody asks for another.
power_admin() {
	local addresses=$1
	shift
	power "$addresses" -u admin -p secret "$@"
}

# -- logging in ----------------------------------------------------------------------------------------------------

@test "ipmitool_logs_in_with_each_cipher_suite_that_it_has" {
	simulate --power on
	for suite in 0 1 2 3 6 7 8 15 16 17; do
		says 'Chassis Power is on' tool_admin 127.0.0.$suite -I lanplus -C $suite power status
		grep -q "^127.0.0.$suite open-session suite=$suite ok" "$SIM_LOG"
	done
	# on its own it takes the best that is on offer
	says 'Chassis Power is on' tool_admin 127.0.1.1 -I lanplus power status
	grep -q '^127.0.1.1 open-session suite=17 ok' "$SIM_LOG"
}

@test "ipmipower_logs_in_with_each_cipher_suite" {
	simulate --power on
	for suite in 0 1 2 3 6 7 8 11 12 15 16 17; do
		says "127.0.0.$suite: on" power_admin 127.0.0.$suite -D LAN_2_0 -I $suite --stat
		grep -q "^127.0.0.$suite open-session suite=$suite ok" "$SIM_LOG"
	done
}

@test "only_the_suites_on_offer_can_be_had" {
	simulate --suites 3
	says '127.0.0.1: cipher suite id unavailable' power_admin 127.0.0.1 -D LAN_2_0 -I 17 --stat
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 -I 3 --stat
	# it looks at the list, and takes 3
	says 'Chassis Power is off' tool_admin 127.0.0.1 -I lanplus power status
}

@test "ipmi15_logs_in_with_none_password_and_md5" {
	simulate --power on
	for type in NONE PASSWORD MD5; do
		says 'Chassis Power is on' tool_admin 127.0.0.1 -I lan -A $type power status
	done
	says '127.0.0.2: on' power_admin 127.0.0.2 -D LAN -a NONE --stat
	says '127.0.0.2: on' power_admin 127.0.0.2 -D LAN -a MD5 --stat
}

@test "ipmipower_logs_in_with_a_straight_password" {
	# of 16 bytes: with a shorter one FreeIPMI 1.6.10 compares bytes that it never wrote, with any BMC
	simulate --user admin:sixteen-letters!:admin
	says '127.0.0.1: off' power 127.0.0.1 -u admin -p sixteen-letters! -D LAN -a STRAIGHT_PASSWORD_KEY --stat
}

@test "authentication_types_that_are_off_are_refused" {
	simulate --auth md5
	says '127.0.0.1: authentication type unavailable for attempted privilege level' \
		power_admin 127.0.0.1 -D LAN -a NONE --stat
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN -a MD5 --stat
}

@test "ipmi15_without_per_message_and_user_level_authentication" {
	simulate --per-message-auth off --at 127.0.1.1 --per-message-auth on --user-level-auth off
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN --stat
	says 'Chassis Power is off' tool_admin 127.0.0.1 -I lan -A MD5 power status
	says '127.0.1.1: off' power_admin 127.0.1.1 -D LAN --stat
	says 'Chassis Power is off' tool_admin 127.0.1.1 -I lan -A MD5 power status
}

@test "wrong_user_and_wrong_password_are_told_and_counted" {
	simulate
	says '127.0.0.1: username invalid' power 127.0.0.1 -D LAN_2_0 -u nobody -p secret --stat
	says '127.0.0.1: password invalid' power 127.0.0.1 -D LAN_2_0 -u admin -p wrong --stat
	says '127.0.0.2: username invalid' power 127.0.0.2 -D LAN -u nobody -p secret --stat
	says '127.0.0.2: password verification timeout' power 127.0.0.2 -D LAN -u admin -p wrong --stat
	[[ $(tool 127.0.0.3 -v -I lanplus -C 3 -U admin -P wrong power status) == *'RAKP 2 HMAC is invalid'* ]]
	[[ $(tool 127.0.0.3 -v -I lanplus -C 3 -U nobody -P secret power status) == *': unauthorized name'* ]]
	# IPMI 2.0's give up when they have seen RAKP 2; ipmipower repeats Activate Session
	says 'good 0 failed 1 begun 1' ask logins 127.0.0.1
	[[ $(ask logins 127.0.0.2) =~ ^good\ 0\ failed\ ([2-9]|1[0-9])\ begun\ 0$ ]]
	says 'good 0 failed 1 begun 1' ask logins 127.0.0.3
	says 'good 0 failed 0 begun 0' ask logins 127.0.0.4
}

@test "more_privilege_than_a_user_has_cannot_be_had" {
	simulate --user admin:secret:admin --user reader:secret:user
	says '127.0.0.1: privilege level cannot be obtained for this user' \
		power 127.0.0.1 -D LAN_2_0 -u reader -p secret -l OPERATOR --off
	says '127.0.0.1: privilege level cannot be obtained for this user' \
		power 127.0.0.1 -D LAN -u reader -p secret -l OPERATOR --off
	says '127.0.0.1: off' power 127.0.0.1 -D LAN_2_0 -u reader -p secret -l USER --stat
	says '127.0.0.1: off' power 127.0.0.1 -D LAN -u reader -p secret -l USER --stat
}

@test "commands_above_the_session_s_privilege_are_refused" {
	simulate --power on
	for interface in lan lanplus; do
		says 'Set Chassis Power Control to Down/Off failed: Insufficient privilege level' \
			tool_admin 127.0.0.1 -I $interface -L USER power off
		says 'Chassis Power is on' tool_admin 127.0.0.1 -I $interface -L USER power status
	done
	grep -q '^127.0.0.1 chassis-control 0xd4' "$SIM_LOG"
}

@test "users_are_looked_up_by_name_or_by_name_and_privilege" {
	simulate --user both:first:operator --user both:second:admin
	# by name only: the first; by both (ipmitool -L with a +): the one with this privilege
	says 'Chassis Power is off' tool 127.0.0.1 -I lanplus -U both -P first -L OPERATOR power status
	says 'Chassis Power is off' tool 127.0.0.1 -I lanplus -U both -P second -L ADMINISTRATOR+ power status
	[[ $(tool 127.0.0.1 -I lanplus -U both -P second -L ADMINISTRATOR power status) == *'Unable to establish'* ]]
}

@test "kg_right_wrong_and_missing" {
	simulate --kg 0x0102030405060708090a0b0c0d0e0f1011121314 --at 127.0.1.1 --kg twenty-letters-of-kg
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 -k 0x0102030405060708090a0b0c0d0e0f1011121314 --stat
	says '127.0.0.1: k_g invalid' power_admin 127.0.0.1 -D LAN_2_0 -k wrong --stat
	says '127.0.0.1: k_g invalid' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.1.1: off' power_admin 127.0.1.1 -D LAN_2_0 -I 17 -k twenty-letters-of-kg --stat
	says 'Chassis Power is off' tool_admin 127.0.1.1 -I lanplus -k twenty-letters-of-kg power status
	[[ $(tool_admin 127.0.1.1 -I lanplus power status) == *'Unable to establish'* ]]
	# K_g is IPMI 2.0's alone
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN --stat
}

@test "passwords_of_twenty_bytes_are_for_ipmi20_alone" {
	simulate --user long:twenty-bytes-of-pass:admin --user short:sixteen-letters!:admin
	says '127.0.0.1: off' power 127.0.0.1 -D LAN_2_0 -u long -p twenty-bytes-of-pass --stat
	says 'Chassis Power is off' tool 127.0.0.1 -I lanplus -U long -P twenty-bytes-of-pass power status
	says '127.0.0.1: password verification timeout' power 127.0.0.1 -D LAN -u long -p twenty-bytes-of- --stat
	says '127.0.0.1: off' power 127.0.0.1 -D LAN -u short -p sixteen-letters! --stat
}

@test "users_without_a_name_and_without_a_password" {
	simulate --user ::operator --at 127.0.1.1 --user :secret:operator
	says '127.0.0.1: off' power 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.1: off' power 127.0.0.1 -D LAN --stat
	says '127.0.1.1: off' power 127.0.1.1 -D LAN_2_0 -p secret --stat
	says '127.0.1.1: username invalid' power 127.0.1.1 -D LAN_2_0 --stat
}

@test "users_come_from_a_file" {
	printf '# who\nfirst:secret:admin\n\nsecond:with:colon:operator\n' >"$BATS_TEST_TMPDIR/users"
	simulate --users "$BATS_TEST_TMPDIR/users"
	says '127.0.0.1: off' power 127.0.0.1 -D LAN_2_0 -u second -p with:colon --stat
	says '127.0.0.1: off' power 127.0.0.1 -D LAN -u first -p secret --stat
	says '127.0.0.1: username invalid' power_admin 127.0.0.1 -D LAN_2_0 --stat
}

@test "the_user_table_and_the_channel_can_be_read" {
	simulate --user admin:secret:admin --user reader:other:user
	run tool_admin 127.0.0.1 -I lanplus user list 1
	[ "$status" = 0 ]
	[[ "$output" == *$'\n2   admin '*'ADMINISTRATOR'* ]]
	[[ "$output" == *$'\n3   reader '*'USER'* ]]
	run tool_admin 127.0.0.1 -I lanplus channel info 1
	[[ "$output" == *'Channel Medium Type   : 802.3 LAN'*'Active Session Count  : 1'* ]]
	run tool_admin 127.0.0.1 -I lanplus session info active
	[[ "$output" == *'user id                       : 2'*'privilege level               : ADMINISTRATOR'* ]]
	run tool_admin 127.0.0.1 -I lanplus mc guid
	[ "$status" = 0 ]
	run tool_admin 127.0.0.1 -I lanplus channel getciphers ipmi 1
	[[ "$output" == *'17'*'hmac_sha256'*'sha256_128'*'aes_cbc_128'* ]]
}

@test "as_many_sessions_as_are_allowed" {
	simulate --sessions 1
	mkfifo "$BATS_TEST_TMPDIR/words"
	ip netns exec "$SPACE" ipmitool -I lanplus -H 127.0.0.1 -U admin -P secret shell <"$BATS_TEST_TMPDIR/words" \
		>"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	holder=$!
	exec 4>"$BATS_TEST_TMPDIR/words"
	echo 'power status' >&4
	until grep -q 'Chassis Power is' "$BATS_TEST_TMPDIR/said"; do :; done
	says 1 ask count 127.0.0.1 sessions
	says '127.0.0.1: BMC busy' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.1: BMC busy' power_admin 127.0.0.1 -D LAN --stat
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 --stat
	echo 'exit' >&4
	exec 4>&-
	wait $holder
	says 0 ask count 127.0.0.1 sessions
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 --stat
}

# -- the chassis ---------------------------------------------------------------------------------------------------

@test "ipmitool_switches_power" {
	simulate --cycle-interval 0
	for interface in lan lanplus; do
		says 'Chassis Power Control: Up/On' tool_admin 127.0.0.1 -I $interface power on
		says 'Chassis Power is on' tool_admin 127.0.0.1 -I $interface power status
		says 'Chassis Power Control: Reset' tool_admin 127.0.0.1 -I $interface power reset
		says 'Chassis Power Control: Diag' tool_admin 127.0.0.1 -I $interface power diag
		says 'Chassis Power Control: Cycle' tool_admin 127.0.0.1 -I $interface power cycle
		says 'Chassis Power is on' tool_admin 127.0.0.1 -I $interface power status
		says 'Chassis Power Control: Soft' tool_admin 127.0.0.1 -I $interface power soft
		says 'Chassis Power is off' tool_admin 127.0.0.1 -I $interface power status
		says 'Chassis Power Control: Up/On' tool_admin 127.0.0.1 -I $interface power on
		says 'Chassis Power Control: Down/Off' tool_admin 127.0.0.1 -I $interface power off
		says off ask get 127.0.0.1 power
	done
	says 'off 2 on 4 cycle 2 reset 2 diag 2 soft 2' ask get 127.0.0.1 controls
}

@test "ipmipower_switches_power" {
	simulate --cycle-interval 0
	for interface in LAN LAN_2_0; do
		says '127.0.0.1: ok' power_admin 127.0.0.1 -D $interface --on --wait-until-on
		says '127.0.0.1: on' power_admin 127.0.0.1 -D $interface --stat
		says '127.0.0.1: ok' power_admin 127.0.0.1 -D $interface --reset
		says '127.0.0.1: ok' power_admin 127.0.0.1 -D $interface --pulse
		says '127.0.0.1: ok' power_admin 127.0.0.1 -D $interface --cycle
		says '127.0.0.1: ok' power_admin 127.0.0.1 -D $interface --soft
		says '127.0.0.1: off' power_admin 127.0.0.1 -D $interface --stat
		says '127.0.0.1: ok' power_admin 127.0.0.1 -D $interface --cycle --on-if-off
		says '127.0.0.1: ok' power_admin 127.0.0.1 -D $interface --off --wait-until-off
		says off ask get 127.0.0.1 power
	done
	says 'off 2 on 4 cycle 2 reset 2 diag 2 soft 2' ask get 127.0.0.1 controls
}

@test "what_a_machine_that_is_off_cannot_do_is_refused" {
	simulate
	says 'Set Chassis Power Control to Cycle failed: Command not supported in present state' \
		tool_admin 127.0.0.1 -I lanplus power cycle
	for command in reset soft diag; do
		tool_admin 127.0.0.1 -I lanplus power $command || true
	done
	[ "$(grep -c '^127.0.0.1 chassis-control 0xd5' "$SIM_LOG")" = 4 ]
	says 'off 0 on 0 cycle 0 reset 0 diag 0 soft 0' ask get 127.0.0.1 controls
}

@test "power_takes_the_time_that_it_is_given" {
	simulate --power-delay 3600000
	says '127.0.0.1: ok' power_admin 127.0.0.1 -D LAN_2_0 --on
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says ok ask set 127.0.0.1 power on
	says '127.0.0.1: on' power_admin 127.0.0.1 -D LAN_2_0 --stat
}

@test "each_bmc_has_a_state_of_its_own" {
	simulate --at 127.0.0.2,127.0.3.0/24 --power on
	power_admin '127.0.0.[5-7]' -D LAN_2_0 --on
	run power_admin '127.0.0.[1-8],127.0.3.9' -D LAN_2_0 --stat
	[ "$(sort <<<"$output")" = "$(printf '127.0.0.%s\n' '1: off' '2: on' '3: off' '4: off' '5: on' '6: on' '7: on' \
		'8: off' && echo '127.0.3.9: on')" ]
}

@test "a_thousand_bmcs_answer_one_ipmipower" {
	simulate --power on
	run power_admin '127.0.[1-4].[1-250]' -D LAN_2_0 -F 200 --stat
	[ "$(grep -c ': on$' <<<"$output")" = 1000 ]
	[[ $(ask stats) == 'bmcs 1000 sessions 0 '* ]]
}

@test "the_boot_device_is_kept_read_back_and_used_once" {
	simulate
	says 'Set Boot Device to pxe' tool_admin 127.0.0.1 -I lanplus chassis bootdev pxe
	run tool_admin 127.0.0.1 -I lanplus chassis bootparam get 5
	[[ "$output" == *'Boot Flag Valid'*'apply to only next boot'*'Boot Device Selector : Force PXE'* ]]
	says pxe ask get 127.0.0.1 boot
	tool_admin 127.0.0.1 -I lanplus power on
	says pxe ask get 127.0.0.1 booted
	says none ask get 127.0.0.1 boot
	run tool_admin 127.0.0.1 -I lanplus chassis bootparam get 5
	[[ "$output" == *'Boot Flag Invalid'* ]]
	tool_admin 127.0.0.1 -I lanplus power reset
	says none ask get 127.0.0.1 booted
}

@test "a_boot_device_for_good_by_efi" {
	simulate --power on
	says 'Set Boot Device to disk' tool_admin 127.0.0.1 -I lanplus chassis bootdev disk options=persistent,efiboot
	says 'disk persistent efi' ask get 127.0.0.1 boot
	run tool_admin 127.0.0.1 -I lanplus chassis bootparam get 5
	[[ "$output" == *'apply to all future boots'*'BIOS EFI boot'*'Force Boot from default Hard-Drive'* ]]
	for _ in 1 2; do
		tool_admin 127.0.0.1 -I lanplus power reset
		says 'disk efi' ask get 127.0.0.1 booted
	done
	for device in cdrom bios safe diag floppy none; do
		tool_admin 127.0.0.1 -I lanplus chassis bootdev $device
		says $device ask get 127.0.0.1 boot
	done
}

@test "freeipmi_reads_and_writes_boot_flags" {
	simulate
	# for them 127.0.0.1 is this machine itself, by no network
	freeipmi() {
		inside ipmi-config -D LAN_2_0 -h 127.0.0.2 -u admin -p secret --category=chassis "$@"
	}
	freeipmi --commit -e Chassis_Boot_Flags:Boot_Device=CD-DVD -e Chassis_Boot_Flags:Boot_Flags_Persistent=Yes
	says 'cdrom persistent' ask get 127.0.0.2 boot
	freeipmi --checkout -S Chassis_Boot_Flags | grep -qE 'Boot_Device +CD-DVD$'
}

@test "identify_is_for_a_time_for_good_or_off" {
	simulate
	says 'Chassis identify interval: default (15 seconds)' tool_admin 127.0.0.1 -I lanplus chassis identify
	says on ask get 127.0.0.1 identify
	says 'Chassis identify interval: off' tool_admin 127.0.0.1 -I lanplus chassis identify 0
	says off ask get 127.0.0.1 identify
	says 'Chassis identify interval: indefinite' tool_admin 127.0.0.1 -I lanplus chassis identify force
	tool_admin 127.0.0.2 -I lanplus chassis identify force
	run inside ipmi-chassis -D LAN_2_0 -h 127.0.0.2 -u admin -p secret --get-status
	[[ "$output" == *$'\nChassis Identify state              : Indefinite on'* ]]
}

# -- ping ----------------------------------------------------------------------------------------------------------

@test "rmcpping_and_ipmiping_are_answered" {
	simulate --fault no-ping@127.0.0.2
	run inside rmcpping -v -c 1 127.0.0.1
	[ "$status" = 0 ]
	[[ "$output" == *'pong received from 127.0.0.1'*'ipmi supported'* ]]
	run inside rmcpping -c 1 -t 1 127.0.0.2
	[ "$status" = 1 ]
	run inside ipmiping -v -c 1 127.0.0.2
	[ "$status" = 0 ]
	[[ "$output" == *'none=set md2=clear md5=set password=set oem=clear anon=clear null=clear non-null=set'* ]]
}

# console WORD ADDRESS EXPECTED OPTION...: ipmipower on its own prompt, which pings first; when the word is in the
# log, it is asked until it says what is expected
console() {
	local word=$1 address=$2 expected=$3
	shift 3
	mkfifo "$BATS_TEST_TMPDIR/words-$address"
	ip netns exec "$SPACE" ipmipower -h "$address" -u admin -p secret -D LAN_2_0 --ping-interval=200 \
		--ping-timeout=200 "$@" <"$BATS_TEST_TMPDIR/words-$address" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	exec 4>"$BATS_TEST_TMPDIR/words-$address"
	until grep -q "^$address $word" "$SIM_LOG"; do kill -0 $! || return 1; done
	until grep -q "$address: $expected" "$BATS_TEST_TMPDIR/said"; do
		kill -0 $! || return 1
		echo stat >&4
	done
	echo quit >&4
	exec 4>&-
	wait $! || true
}

@test "ipmipower_finds_a_bmc_that_does_not_answer_ping_by_its_workaround" {
	simulate --fault ipmiping
	console 'ping silent' 127.0.0.1 'not discovered'
	if grep -q ': off' "$BATS_TEST_TMPDIR/said"; then return 1; fi
	console 'get-channel-auth-capabilities ok' 127.0.0.2 'off' -W ipmiping
}

# -- vendors' faults -----------------------------------------------------------------------------------------------

# needs FLAG EXPECTED OPTION...: ipmipower fails with these words, and works with the flag
needs() {
	local flag=$1 expected=$2
	shift 2
	simulate --fault "$flag"
	says "127.0.0.1: $expected" power_admin 127.0.0.1 "$@" --stat
	says '127.0.0.1: off' power_admin 127.0.0.1 "$@" -W "$flag" --stat
	simulated
}

@test "authcap_needs_its_workaround" {
	needs authcap 'username invalid' -D LAN
	needs authcap 'username invalid' -D LAN_2_0
}

@test "idzero_needs_its_workaround" { needs idzero 'session timeout' -D LAN; }

@test "unexpectedauth_needs_its_workaround" { needs unexpectedauth 'session timeout' -D LAN; }

@test "forcepermsg_needs_its_workaround" { needs forcepermsg 'session timeout' -D LAN; }

@test "endianseq_needs_its_workaround" { needs endianseq 'session timeout' -D LAN; }

@test "noauthcodecheck_needs_its_workaround" {
	needs noauthcodecheck 'password verification timeout' -D LAN
}

@test "nochecksumcheck_needs_its_workaround" {
	needs nochecksumcheck 'connection timeout' -D LAN
	needs nochecksumcheck 'connection timeout' -D LAN_2_0
}

@test "intel20_needs_its_workaround" {
	# FreeIPMI cannot do it with the other suites
	for suite in 0 1 2 3 6 7 8 15; do
		needs intel20 'privilege level cannot be obtained for this user' -D LAN_2_0 -I $suite
	done
}

@test "intel20_cuts_passwords_with_md5" {
	simulate --fault intel20 --user long:twenty-bytes-of-pass:admin
	for suite in 3 8; do
		says '127.0.0.1: off' power 127.0.0.1 -D LAN_2_0 -I $suite -u long -p twenty-bytes-of-pass \
			-W intel20 --stat
	done
	# the sixteen bytes are enough for the second, then
	says '127.0.0.1: off' power 127.0.0.1 -D LAN_2_0 -I 8 -u long -p twenty-bytes-of- -W intel20 --stat
	says '127.0.0.1: password invalid' power 127.0.0.1 -D LAN_2_0 -I 3 -u long -p twenty-bytes-of- \
		-W intel20 --stat
}

@test "intel20_needs_ipmitools_workaround_too" {
	# it fills no names up: one that has sixteen bytes needs none
	simulate --fault intel20 --user sixteen-letters!:secret:admin
	intel() {
		tool 127.0.0.1 -I lanplus -U sixteen-letters! -P secret "$@" power status
	}
	for suite in 2 3 7 8; do
		says 'Chassis Power is off' intel -C $suite -o intelplus
		[[ $(intel -C $suite) == *'Unable to establish'* ]]
	done
}

@test "supermicro20_needs_its_workaround" {
	# FreeIPMI cannot do it with HMAC-SHA256
	for suite in 0 1 2 3 6 7 8 11 12; do
		needs supermicro20 'password invalid' -D LAN_2_0 -I $suite
	done
}

@test "sun20_needs_its_workaround" {
	for suite in 1 2 3 6 7 8 11 12 15 16 17; do
		needs sun20 'password invalid' -D LAN_2_0 -I $suite
	done
}

@test "opensesspriv_needs_its_workaround" {
	for suite in 1 2 3 6 7 8 11 12 15 16 17; do
		needs opensesspriv 'password invalid' -D LAN_2_0 -I $suite
	done
}

@test "a_privilege_that_open_session_only_repeats_needs_opensesspriv_too" {
	simulate --fault echo-privilege
	says '127.0.0.1: privilege level cannot be obtained for this user' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 -W opensesspriv --stat
}

@test "integritycheckvalue_needs_its_workaround" {
	needs integritycheckvalue 'k_g invalid' -D LAN_2_0 -I 0
}

# -- other faults of BMCs ------------------------------------------------------------------------------------------

@test "refused_suites_are_refused_with_the_status_that_was_asked_for" {
	simulate --fault refuse=3@127.0.0.1 --fault refuse=3:0x01@127.0.0.2 --fault refuse=3:0x0a@127.0.0.3 \
		--fault refuse=3:0x12@127.0.0.4
	says '127.0.0.1: cipher suite id unavailable' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.2: BMC busy' power_admin 127.0.0.2 -D LAN_2_0 --stat
	says '127.0.0.3: privilege level cannot be obtained for this user' power_admin 127.0.0.3 -D LAN_2_0 --stat
	says '127.0.0.4: BMC error' power_admin 127.0.0.4 -D LAN_2_0 --stat
	says '127.0.0.4: off' power_admin 127.0.0.4 -D LAN_2_0 -I 17 --stat
}

@test "a_bmc_of_ipmi15_or_of_ipmi20_alone" {
	simulate --fault only-1.5@127.0.0.1 --fault only-2.0@127.0.0.2
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN --stat
	says '127.0.0.1: ipmi 2.0 unavailable' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 --stat
	says '127.0.0.2: connection timeout' power_admin 127.0.0.2 -D LAN --stat
}

@test "silence_is_silence" {
	simulate --fault dead@127.0.0.1 --fault silent-open-session@127.0.0.2 --fault silent-open-session=2@127.0.0.3 \
		--fault silent-cipher-suites@127.0.0.4
	says '127.0.0.1: connection timeout' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.2: session timeout' power_admin 127.0.0.2 -D LAN_2_0 --stat
	says '127.0.0.3: off' power_admin 127.0.0.3 -D LAN_2_0 --stat
	[ "$(grep -c '^127.0.0.3 open-session silent' "$SIM_LOG")" = 2 ]
	# ipmitool falls back to suite 3
	[[ $(tool_admin 127.0.0.4 -I lanplus power status) == *'Chassis Power is off' ]]
	grep -q '^127.0.0.4 open-session suite=3 ok' "$SIM_LOG"
}

@test "chassis_control_that_does_nothing" {
	simulate --power on --fault stuck-power@127.0.0.1 --fault soft-ignored@127.0.0.2
	says '127.0.0.1: ok' power_admin 127.0.0.1 -D LAN_2_0 --off
	says '127.0.0.1: on' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.2: ok' power_admin 127.0.0.2 -D LAN_2_0 --soft
	says '127.0.0.2: on' power_admin 127.0.0.2 -D LAN_2_0 --stat
	says '127.0.0.2: ok' power_admin 127.0.0.2 -D LAN_2_0 --off
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 --stat
}

@test "busy_and_other_codes_are_answered_as_often_as_asked_for" {
	simulate --fault busy=2@127.0.0.1 --fault code=0/1:0xd5@127.0.0.2
	for _ in 1 2; do
		says 'Set Session Privilege Level to ADMINISTRATOR failed: Node busy
Error: Unable to establish IPMI v2 / RMCP+ session' tool_admin 127.0.0.1 -I lanplus power status
	done
	says 'Chassis Power is off' tool_admin 127.0.0.1 -I lanplus power status
	[[ $(tool_admin 127.0.0.2 -I lanplus power status) == *'Command not supported in present state' ]]
	grep -q '^127.0.0.2 get-chassis-status 0xd5' "$SIM_LOG"
}

@test "a_lost_rakp4_is_answered_again" {
	simulate --fault lose-rakp4=2@127.0.0.1 --fault lose-rakp4=0@127.0.0.2
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 --stat
	[ "$(grep -c '^127.0.0.1 rakp3 ok' "$SIM_LOG")" = 3 ]
	says 'good 1 failed 0 begun 1' ask logins 127.0.0.1
	says '127.0.0.2: session timeout' power_admin 127.0.0.2 -D LAN_2_0 --stat
}

@test "a_challenge_is_heard_from_a_new_port_only" {
	simulate --fault challenge-new-port
	# ipmipower takes another port each time, ipmitool does not
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN --stat
	grep -q '^127.0.0.1 get-session-challenge silent' "$SIM_LOG"
	[[ $(tool_admin 127.0.0.2 -I lan power status) == *'Get Session Challenge command failed'* ]]
}

@test "sequence_numbers_that_begin_late_or_have_gaps_are_taken_by_all" {
	simulate --fault sequence-off-by-one@127.0.0.1 --fault sequence-gaps@127.0.0.2
	for address in 127.0.0.1 127.0.0.2; do
		says "$address: off" power_admin $address -D LAN --stat
		says "$address: off" power_admin $address -D LAN_2_0 --stat
		says 'Chassis Power is off' tool_admin $address -I lan power status
		says 'Chassis Power is off' tool_admin $address -I lanplus power status
	done
}

@test "sessions_are_closed_without_an_answer" {
	simulate --fault no-close-answer
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says 0 ask count 127.0.0.1 sessions
	grep -q '^127.0.0.1 close-session silent' "$SIM_LOG"
}

@test "only_the_exact_privilege_is_good_enough" {
	simulate --fault exact-privilege
	says '127.0.0.1: privilege level cannot be obtained for this user' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.1: privilege level cannot be obtained for this user' power_admin 127.0.0.1 -D LAN --stat
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 -l ADMIN --stat
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN -l ADMIN --stat
}

@test "failed_log_ins_lock_the_users_out" {
	simulate --fault lockout=2
	for _ in 1 2; do
		says '127.0.0.1: username invalid' power 127.0.0.1 -D LAN_2_0 -u nobody -p secret --stat
	done
	says '127.0.0.1: username invalid' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 --stat
}

# -- faults of the way ---------------------------------------------------------------------------------------------

@test "wrong_checksums_and_codes_are_not_believed" {
	simulate --fault bad-checksum@127.0.0.1 --fault bad-authcode@127.0.0.2
	says '127.0.0.1: connection timeout' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.2: session timeout' power_admin 127.0.0.2 -D LAN_2_0 --stat
	says '127.0.0.2: password verification timeout' power_admin 127.0.0.2 -D LAN --stat
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 -I 1 --stat
}

@test "fifty_bmcs_answer_through_loss_doubles_and_disorder" {
	simulate --power on --seed 7 --fault loss=20 --fault reorder=50 --fault duplicate@127.0.1.0/24
	# no doubles with IPMI 2.0: ipmipower ends at a second answer to Open Session
	for how in 'LAN 127.0.1.[1-50]' 'LAN_2_0 127.0.0.[1-50]'; do
		run inside ipmipower -h "${how#* }" -u admin -p secret -D "${how% *}" --session-timeout=60000 \
			--retransmission-timeout=200 --stat
		[ "$(grep -c ': on$' <<<"$output")" = 50 ]
	done
}

@test "each_answer_comes_twice" {
	simulate --power on --fault duplicate=100
	for i in 1 2 3 4 5; do
		# with words about what it did not expect; with IPMI 1.5 it takes old answers for new ones, and fails
		[[ $(tool_admin 127.0.0.$i -I lanplus power status) == *'Chassis Power is on' ]]
	done
	[[ $(ask stats) =~ ' received '([0-9]+)' sent '([0-9]+)' ' ]]
	[ "${BASH_REMATCH[2]}" = $((2 * BASH_REMATCH[1])) ]
}

@test "noise_comes_before_answers" {
	# for IPMI 1.5 only: at noise that begins like a packet of a session, ipmipower ends with IPMI 2.0
	simulate --power on --seed 7 --fault garbage
	run power_admin '127.0.0.[1-50]' -D LAN --stat
	echo "$output"
	[ "$(grep -c ': on$' <<<"$output")" = 50 ]
	[[ $(ask stats) == 'bmcs 50 sessions 0 received 300 sent 600 '* ]]
}

@test "answers_that_take_too_long_are_not_waited_for" {
	simulate --fault latency=3600000@127.0.0.1 --fault latency=20+20@127.0.0.2
	says '127.0.0.1: connection timeout' power_admin 127.0.0.1 -D LAN_2_0 --stat
	grep -q '^127.0.0.1 get-channel-auth-capabilities ok' "$SIM_LOG"
	[[ $(ask stats) == *' sent 0 '* ]]
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 --stat
}

@test "the_same_seed_gives_the_same_faults" {
	arrived() {
		simulate --seed "$1" --fault lose-requests=50
		# a ping each; what arrives is in the log
		inside bash -c 'for i in {1..100}; do
			printf "\x06\x00\xff\x06\x00\x00\x11\xbe\x80\x01\x00\x00" >/dev/udp/127.0.0.$i/623; done'
		until [[ $(ask stats) == *' received 100 '* ]]; do kill -0 "$SIM" || return; done
		simulated
		cat "$SIM_LOG"
	}
	first=$(arrived 1)
	[ "$(wc -l <<<"$first")" -gt 20 ]
	[ "$(wc -l <<<"$first")" -lt 80 ]
	[ "$(arrived 1)" = "$first" ]
	[ "$(arrived 2)" != "$first" ]
}

@test "faults_are_switched_while_it_runs" {
	simulate
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says ok ask fault 127.0.0.1 dead
	says '127.0.0.1: connection timeout' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 --stat
	says ok ask fault all stuck-power
	says ok ask fault 127.0.0.1 -dead
	for address in 127.0.0.1 127.0.0.2 127.0.0.3; do
		says "$address: ok" power_admin $address -D LAN_2_0 --on
		says "$address: off" power_admin $address -D LAN_2_0 --stat
	done
	says 'error: there is no such fault: --help lists them' ask fault all nonsense
}

# -- the program ---------------------------------------------------------------------------------------------------

@test "only_the_addresses_that_it_is_given_are_bmcs" {
	simulate --addresses 127.0.0.1-127.0.0.3,127.1.0.0/30
	run power_admin '127.0.0.[1-4],127.1.0.[3-4]' -D LAN_2_0 --stat
	[ "$(sort <<<"$output")" = '127.0.0.1: off
127.0.0.2: off
127.0.0.3: off
127.0.0.4: connection timeout
127.1.0.3: off
127.1.0.4: connection timeout' ]
}

@test "ipv6_and_ipv4_on_one_socket" {
	simulate --bind ::
	inside ip -6 addr add fd00:0:0:7::1/64 dev lo nodad
	says 'Chassis Power Control: Up/On' tool_admin ::1 -I lanplus power on
	says 'Chassis Power is off' tool_admin fd00:0:0:7::1 -I lanplus power status
	says 'Chassis Power is off' tool_admin 127.0.0.9 -I lanplus power status
	says '::1: on' power_admin ::1 -D LAN_2_0 --stat
	says on ask get ::1 power
	inside ip -6 addr del fd00:0:0:7::1/64 dev lo
}

@test "what_comes_by_another_interface_is_not_heard" {
	inside ip link add out0 type veth peer name out1
	inside ip addr add 192.168.7.1/24 dev out0
	inside ip link set out0 up
	inside ip link set out1 up
	ip netns add "$SPACE-far"
	inside ip link set out1 netns "$SPACE-far"
	ip -n "$SPACE-far" addr add 192.168.7.2/24 dev out1
	ip -n "$SPACE-far" link set out1 up
	from_far() {
		ip netns exec "$SPACE-far" ipmipower -h 192.168.7.1 -u admin -p secret -D LAN_2_0 --stat \
			--session-timeout=1500 --retransmission-timeout=200
	}
	until inside cat /sys/class/net/out0/carrier 2>/dev/null | grep -q 1; do :; done
	simulate
	says '192.168.7.1: connection timeout' from_far
	[[ $(ask stats) == 'bmcs 0 '*' sent 0 '* ]]
	simulated
	simulate --anywhere
	says '192.168.7.1: off' from_far
	ip netns del "$SPACE-far"
}

# A program that stands for power keeps it in a folder, and says what it was asked
power_program() {
	mkdir "$BATS_TEST_TMPDIR/machines"
	cat >"$BATS_TEST_TMPDIR/program" <<-'PROGRAM'
		#!/bin/sh
		cd "$(dirname "$0")/machines" || exit
		echo "$*" >>asked
		case "$2 $3" in
		"get power") echo "power:$(cat "$1" 2>/dev/null || echo 0)" ;;
		"set power") echo "$4" >"$1" ;;
		"set shutdown") echo 0 >"$1" ;;
		"set nmi") exit 1 ;;
		esac
	PROGRAM
	chmod +x "$BATS_TEST_TMPDIR/program"
}

@test "a_program_stands_for_the_power" {
	power_program
	simulate --power-program "$BATS_TEST_TMPDIR/program" --cycle-interval 0
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says '127.0.0.1: ok' power_admin 127.0.0.1 -D LAN_2_0 --on
	says '127.0.0.1: on' power_admin 127.0.0.1 -D LAN --stat
	says '127.0.0.1: ok' power_admin 127.0.0.1 -D LAN_2_0 --reset
	says '127.0.0.1: ok' power_admin 127.0.0.1 -D LAN --soft
	says '127.0.0.1: off' power_admin 127.0.0.1 -D LAN_2_0 --stat
	says 'Set Boot Device to pxe' tool_admin 127.0.0.1 -I lanplus chassis bootdev pxe
	says 'Chassis Power Control: Cycle' tool_admin 127.0.0.1 -I lanplus power cycle
	# its second half comes by itself
	until [ "$(power_admin 127.0.0.1 -D LAN_2_0 --stat)" = '127.0.0.1: on' ]; do :; done
	[[ $(tool_admin 127.0.0.1 -I lanplus power diag) == *'failed: Unspecified error' ]]
	[ "$(grep ' set ' "$BATS_TEST_TMPDIR/machines/asked")" = '127.0.0.1 set power 1
127.0.0.1 set reset 1
127.0.0.1 set shutdown 1
127.0.0.1 set boot pxe
127.0.0.1 set power 0
127.0.0.1 set power 1
127.0.0.1 set nmi 1' ]
}

@test "a_slow_program_keeps_nobody_waiting" {
	mkfifo "$BATS_TEST_TMPDIR/gate"
	cat >"$BATS_TEST_TMPDIR/slow" <<-PROGRAM
		#!/bin/sh
		read -r go <"$BATS_TEST_TMPDIR/gate"
		echo power:1
	PROGRAM
	chmod +x "$BATS_TEST_TMPDIR/slow"
	simulate --at 127.0.0.1 --power-program "$BATS_TEST_TMPDIR/slow"
	ip netns exec "$SPACE" ipmipower -h 127.0.0.1 -u admin -p secret -D LAN_2_0 --stat --retransmission-timeout=60000 \
		--session-timeout=60000 >"$BATS_TEST_TMPDIR/waits" 3>&- &
	waits=$!
	until grep -q '^127.0.0.1 get-chassis-status' "$SIM_LOG"; do :; done
	says '127.0.0.2: off' power_admin 127.0.0.2 -D LAN_2_0 --stat
	[ ! -s "$BATS_TEST_TMPDIR/waits" ]
	echo go >"$BATS_TEST_TMPDIR/gate"
	wait $waits
	[ "$(cat "$BATS_TEST_TMPDIR/waits")" = '127.0.0.1: on' ]
}

@test "the_log_tells_what_was_asked_and_no_secrets" {
	simulate --kg key-of-the-lab --user admin:secret:admin
	power_admin 127.0.0.1 -D LAN_2_0 -k key-of-the-lab --on
	power 127.0.0.1 -D LAN -u admin -p wrong --stat || true
	[ "$(grep -v get-session-challenge "$SIM_LOG" | head -n 9)" = '127.0.0.1 get-channel-auth-capabilities ok
127.0.0.1 open-session suite=3 ok
127.0.0.1 rakp1 ok
127.0.0.1 rakp3 ok
127.0.0.1 set-session-privilege-level ok
127.0.0.1 control on ok
127.0.0.1 chassis-control ok
127.0.0.1 close-session ok
127.0.0.1 get-channel-auth-capabilities ok' ]
	if grep -qE 'secret|key-of-the-lab|wrong' "$SIM_LOG"; then return 1; fi
}

@test "any_free_port_is_told_and_it_ends_cleanly" {
	ip netns exec "$SPACE" "$BMCSIM" --port 0 --control "$BATS_TEST_TMPDIR/socket" --ready-fd 5 \
		5>"$BATS_TEST_TMPDIR/first" 3>&- &
	first=$!
	ip netns exec "$SPACE" "$BMCSIM" --port 0 >"$BATS_TEST_TMPDIR/second" 3>&- &
	second=$!
	until grep -q ready "$BATS_TEST_TMPDIR/first" && grep -q ready "$BATS_TEST_TMPDIR/second"; do :; done
	if cmp -s "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"; then return 1; fi
	port=$(cut -d' ' -f2 "$BATS_TEST_TMPDIR/first")
	says '127.0.0.1: off' power_admin "127.0.0.1:$port" -D LAN_2_0 --stat
	[ -S "$BATS_TEST_TMPDIR/socket" ]
	kill $first $second
	wait $first
	wait $second
	[ ! -e "$BATS_TEST_TMPDIR/socket" ]
}

@test "wrong_options_are_told" {
	run "$BMCSIM" --suites 3,4
	[ "$status" = 2 ]
	[ "$output" = 'bmcsim: --suites "3,4": cipher suites are of 0,1,2,3,6,7,8,11,12,15,16,17, or "all"' ]
	run "$BMCSIM" --fault nonsense
	[ "$output" = 'bmcsim: --fault "nonsense": there is no such fault: --help lists them' ]
	run "$BMCSIM" --user admin:secret-of-more-than-20-bytes:admin
	[ "$status" = 2 ]
	[ "$output" = 'bmcsim: --user: a name has at most 16 bytes, a password at most 20' ]
	run "$BMCSIM" --fault dead@127.0.0.300
	[ "$status" = 2 ]
	run "$BMCSIM" --help
	[ "$status" = 0 ]
	[[ "$output" == *'opensesspriv'* ]]
}
