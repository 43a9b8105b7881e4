# SPDX-License-Identifier: GPL-3.0-or-later
# Serial over LAN of the simulator of BMCs, held to other people's clients: ipmitool and FreeIPMI's ipmiconsole, each
# on a terminal that a script types at (talk), and FreeIPMI's ipmi-config.

load ipmi
load bmcsim

setup_file() {
	space_up
	# its own limits are a minute and less; the command line has two of them
	cat >"$BATS_FILE_TMPDIR/quick.conf" <<-'END'
		libipmiconsole-context-keepalive-timeout-len 1000
		libipmiconsole-context-retransmission-keepalive-timeout-len 500
		libipmiconsole-context-maximum-retransmission-count 5
	END
}
teardown_file() { space_down; }
teardown() { simulated; }

# as_console ADDRESS OPTION...: the words of ipmiconsole with these limits; nobody else sees the file in its place
as_console() {
	local address=$1
	shift
	# shellcheck disable=SC2016 # it is that shell's
	CONSOLE=(ip netns exec "$SPACE" sh -c 'mount --bind "$0" /etc/freeipmi/libipmiconsole.conf && exec "$@"'
		"$BATS_FILE_TMPDIR/quick.conf" ipmiconsole -h "$address" -u admin -p secret --session-timeout=3000
		--retransmission-timeout=100 "$@")
}

# console ADDRESS OPTION... -- STEP...: ipmiconsole, which the script talks with
console() {
	local address=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	as_console "$address" "${options[@]}"
	timeout 120 "$BATS_TEST_DIRNAME/talk" "$@" -- "${CONSOLE[@]}" 3>&-
}

# sol ADDRESS OPTION... -- STEP...: likewise ipmitool's sol activate
sol() {
	local address=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	timeout 120 "$BATS_TEST_DIRNAME/talk" "$@" -- ip netns exec "$SPACE" ipmitool -I lanplus -H "$address" \
		-U admin -P secret "${options[@]}" sol activate 3>&-
}

# Steps: at the echo machine of an address, a line is typed and comes back twice
at_prompt() { PROMPT=(see="$1> " type='hello\r' see='hello\r\nhello\r\n'"$1> "); }

# counts ADDRESS WORD: what get ADDRESS console says behind a word
counts() { ask get "$1" console | sed -n "s/.* $2 \([^ ]*\).*/\1/p"; }

# -- ipmitool ------------------------------------------------------------------------------------------------------

@test "ipmitool_types_at_the_echo_machine_with_each_cipher_suite_that_encrypts" {
	simulate
	for suite in 3 8 17; do
		at_prompt 127.0.0.$suite
		sol 127.0.0.$suite -C $suite -- "${PROMPT[@]}" type='\r~.' see=terminated end
		grep -q "^127.0.0.$suite sol ends: deactivated ok" "$SIM_LOG"
	done
	# it asks for encryption always
	for suite in 0 1 2 6 7 15 16; do
		sol 127.0.0.$suite -C $suite -- see='cannot activate SOL payload with encryption' end
	done
}

@test "ipmitool_reads_and_writes_the_parameters" {
	simulate
	run tool_admin 127.0.0.1 -I lanplus sol info 1
	[[ "$output" == *'Enabled                         : true'*'Retry Count                     : 7'* ]]
	[[ "$output" == *'Payload Port                    : 623' ]]
	tool_admin 127.0.0.1 -I lanplus sol set retry-count 3 1
	tool_admin 127.0.0.1 -I lanplus sol set retry-interval 20 1
	tool_admin 127.0.0.1 -I lanplus sol set character-accumulate-level 5 1
	tool_admin 127.0.0.1 -I lanplus sol set character-send-threshold 96 1
	tool_admin 127.0.0.1 -I lanplus sol set privilege-level operator 1
	tool_admin 127.0.0.1 -I lanplus sol set force-encryption true 1
	tool_admin 127.0.0.1 -I lanplus sol set volatile-bit-rate 9.6 1
	run tool_admin 127.0.0.1 -I lanplus sol info 1
	[[ "$output" == *'Force Encryption                : true'*'Privilege Level                 : OPERATOR'* ]]
	[[ "$output" == *'Accumulate Level (ms) : 25'*'Send Threshold        : 96'* ]]
	[[ "$output" == *'Retry Count                     : 3'*'Retry Interval (ms)             : 200'* ]]
	[[ "$output" == *'Volatile Bit Rate (kbps)        : 9.6'* ]]
	# of that BMC alone
	run tool_admin 127.0.0.2 -I lanplus sol info 1
	[[ "$output" == *'Retry Count                     : 7'* ]]
}

@test "ipmitool_sees_and_sets_who_may_use_it" {
	simulate
	says 'User 2 on channel 1 is enabled' tool_admin 127.0.0.1 -I lanplus sol payload status 1 2
	tool_admin 127.0.0.1 -I lanplus sol payload disable 1 2
	says 'User 2 on channel 1 is disabled' tool_admin 127.0.0.1 -I lanplus sol payload status 1 2
	says 'Error de-activating SOL payload: Insufficient privilege level' \
		tool_admin 127.0.0.1 -I lanplus sol deactivate
	grep -q '^127.0.0.1 deactivate-payload 0xd4' "$SIM_LOG"
	console 127.0.0.1 -- see='privilege level insufficient' end
	tool_admin 127.0.0.1 -I lanplus sol payload enable 1 2
	at_prompt 127.0.0.1
	console 127.0.0.1 -- "${PROMPT[@]}" type='&.' end
}

@test "why_it_cannot_be_had_is_told" {
	SOL=(ip netns exec "$SPACE" ipmitool -I lanplus -H 127.0.0.4 -U admin -P secret sol activate)
	simulate --at 127.0.0.1 --sol enabled=false --at 127.0.0.2 --sol force-encryption=true
	sol 127.0.0.1 -- see='SOL payload disabled' end
	console 127.0.0.1 -- see='SOL unavailable' end
	console 127.0.0.2 -I 2 -- see='SOL requires encryption' end
	console 127.0.0.3 --sol-payload-instance=2 -- see='BMC Busy' end
	console 127.0.0.4 -- see='4> ' run="${SOL[*]@Q} >$BATS_TEST_TMPDIR/said 2>&1 || true" type='&.' end
	grep -q 'already active on another session' "$BATS_TEST_TMPDIR/said"
}

# -- ipmiconsole ---------------------------------------------------------------------------------------------------

@test "ipmiconsole_types_at_the_echo_machine_with_each_cipher_suite" {
	simulate
	for suite in 0 1 2 3 6 7 8 11 12 15 16 17; do
		at_prompt 127.0.0.$suite
		console 127.0.0.$suite -I $suite -- "${PROMPT[@]}" type='&.' see=closing end
		grep -q "^127.0.0.$suite sol ends: deactivated ok" "$SIM_LOG"
		says 0 ask count 127.0.0.$suite sessions
	done
}

@test "breaks_arrive_once_each" {
	simulate
	console 127.0.0.1 -- see='> ' type='&B' see='[break]' see='> ' type='&B' see='[break]' type='&.' end
	[ "$(counts 127.0.0.1 breaks)" = 2 ]
	sol 127.0.0.2 -- see='> ' type='\r' see='> ' type='~B' see='[break]' see='> ' type='\r~.' end
	[ "$(counts 127.0.0.2 breaks)" = 1 ]
}

@test "a_console_is_stolen_and_its_owner_told" {
	simulate
	as_console 127.0.0.1
	mine=("${CONSOLE[@]}")
	second="$BATS_TEST_DIRNAME/talk 'see=1> ' 'type=&.' end -- ${mine[*]@Q}"
	run console 127.0.0.1 -- see='1> ' run="$second" see='SOL session stolen' end
	echo "$output"
	[ "$status" = 0 ]
	grep -q '^127.0.0.1 sol ends: stolen ok' "$SIM_LOG"
	# by ipmitool, and by somebody at the BMC
	as_ipmitool="ip netns exec $SPACE ipmitool -I lanplus -H 127.0.0.1 -U admin -P secret sol deactivate"
	console 127.0.0.1 -- see='1> ' run="$as_ipmitool" see='SOL session stolen' end
	console 127.0.0.1 -- see='1> ' run="$BMCSIM --ask $BATS_TEST_TMPDIR/control steal 127.0.0.1" \
		see='SOL session stolen' end
}

@test "who_does_not_want_to_steal_is_told_that_it_is_in_use" {
	simulate
	as_console 127.0.0.1 --dont-steal
	polite="$BATS_TEST_DIRNAME/talk 'see=SOL in use' end -- ${CONSOLE[*]@Q}"
	console 127.0.0.1 -- see='1> ' run="$polite" type='still\r' see='still\r\nstill\r\n' type='&.' end
	if grep -q stolen "$SIM_LOG"; then return 1; fi
}

@test "ipmiconsole_deactivates_what_another_left" {
	simulate
	as_console 127.0.0.1 --deactivate
	console 127.0.0.1 -- see='1> ' run="${CONSOLE[*]@Q}" see='SOL session stolen' end
	grep -q '^127.0.0.1 sol ends: stolen ok' "$SIM_LOG"
	# and has nothing to do when there is none
	"${CONSOLE[@]}"
}

@test "a_dead_line_shows_by_the_keepalive_alone" {
	simulate
	dead="$BMCSIM --ask $BATS_TEST_TMPDIR/control fault 127.0.0.1 sol-dead"
	alive="$BMCSIM --ask $BATS_TEST_TMPDIR/control fault 127.0.0.1 -sol-dead"
	for option in --serial-keepalive --serial-keepalive-empty; do
		console 127.0.0.1 $option -- see='1> ' run="$dead" see='excess retransmissions' end
		says ok ask fault 127.0.0.1 -sol-dead
	done
	# the session alone lives on, for longer than the time limit of 3 seconds
	: >"$SIM_LOG"
	lived="until [ \$(grep -c get-channel-payload-version $SIM_LOG) -ge 5 ]; do :; done"
	console 127.0.0.1 -- see='1> ' run="$dead" run="$lived" run="$alive" type='here\r' see='here\r\nhere\r\n' \
		type='&.' end
}

@test "freeipmi_reads_and_writes_the_parameters" {
	simulate
	config() { inside ipmi-config -D LAN_2_0 -h 127.0.0.2 -u admin -p secret "$@"; }
	config --commit -e SOL_Conf:SOL_Retry_Count=4 -e SOL_Conf:SOL_Retry_Interval=30 \
		-e SOL_Conf:Force_SOL_Payload_Encryption=Yes
	run config --checkout -S SOL_Conf
	[[ "$output" =~ SOL_Retry_Count\ +4$'\n' ]]
	[[ "$output" =~ SOL_Retry_Interval\ +30$'\n' ]]
	[[ "$output" =~ Force_SOL_Payload_Encryption\ +Yes$'\n' ]]
	[[ "$output" =~ SOL_Privilege_Level\ +User$'\n' ]]
	[[ "$output" =~ Volatile_Bit_Rate\ +115200$'\n' ]]
}

# -- far ends ------------------------------------------------------------------------------------------------------

@test "the_boot_log_is_seen_from_its_first_line_on" {
	simulate --console boot-log=20000
	on="ip netns exec $SPACE ipmitool -I lanplus -H 127.0.0.1 -U admin -P secret power"
	console 127.0.0.1 -- see='[SOL established]' run="$on on" see='\r\nBIOS of 127.0.0.1 starts\r\nMemory test' \
		see='sshd ok\r\n\r\n127.0.0.1> ' type='up\r' see='up\r\nup\r\n' run="$on reset" \
		see='BIOS of 127.0.0.1 starts\r\nMemory test' type='&.' end
	[ "$(counts 127.0.0.1 overrun)" = 0 ]
}

@test "a_source_is_read_line_by_line_without_a_gap" {
	simulate --console source=20000
	timeout 60 "$BATS_TEST_DIRNAME/talk" see=0000000300 type='&.' end -- ip netns exec "$SPACE" \
		ipmiconsole -h 127.0.0.1 -u admin -p secret >"$BATS_TEST_TMPDIR/said" 3>&-
	[ "$(grep -o '^127.0.0.1 [0-9]*' "$BATS_TEST_TMPDIR/said" | head -n 301 | cksum)" = \
		"$(for i in {0..300}; do printf '127.0.0.1 %010d\n' "$i"; done | cksum)" ]
	[ "$(counts 127.0.0.1 overrun)" = 0 ]
}

@test "a_pseudo_terminal_is_behind_it" {
	simulate --console pty
	place=$(ask get 127.0.0.1 place)
	[ -c "$place" ]
	console 127.0.0.1 -- see=established run="echo from the machine >$place" see='from the machine' \
		type='from the console\r' run="head -c 17 $place >$BATS_TEST_TMPDIR/got" type='&.' end
	[ "$(tr -d '\r' <"$BATS_TEST_TMPDIR/got")" = 'from the console' ]
}

@test "sockets_are_behind_it" {
	simulate --console "unix:$BATS_TEST_TMPDIR/%a" --at 127.0.0.2 --console "unix-listen:$BATS_TEST_TMPDIR/%a" \
		--at 127.0.0.3 --console tcp:127.0.0.1:7000
	socat "UNIX-LISTEN:$BATS_TEST_TMPDIR/127.0.0.1,fork" EXEC:cat 3>&- &
	inside socat TCP-LISTEN:7000,fork,reuseaddr,bind=127.0.0.1 EXEC:cat 3>&- &
	says "$BATS_TEST_TMPDIR/127.0.0.2" ask get 127.0.0.2 place
	socat "UNIX-CONNECT:$BATS_TEST_TMPDIR/127.0.0.2" EXEC:cat 3>&- &
	until [ -S "$BATS_TEST_TMPDIR/127.0.0.1" ] && [ -n "$(inside ss -Hltn 'sport = :7000')" ] &&
		ss -Hx | grep -q "ESTAB.* $BATS_TEST_TMPDIR/127.0.0.2 "; do kill -0 %1 %2 %3 || return; done
	for address in 127.0.0.1 127.0.0.2 127.0.0.3; do
		console $address -- see=established type='through\r' see='through' type='&.' end
	done
	kill %1 %2 %3
}

@test "the_far_end_is_switched_while_it_runs" {
	simulate
	says ok ask set 127.0.0.1 console raw-echo
	says 'error: "nonsense": far ends are echo, raw-echo, boot-log[=RATE], source=RATE, pty, unix:PATH, '\
'unix-listen:PATH, tcp:HOST:PORT' ask set 127.0.0.1 console nonsense
	control="$BMCSIM --ask $BATS_TEST_TMPDIR/control"
	console 127.0.0.1 -- see=established type=raw see=raw run="$control set 127.0.0.1 console echo" see='1> ' \
		run="$control console 127.0.0.1 say something to read" see='something to read\r\n' \
		run="$control console 127.0.0.1 break" type='on\r' see='on\r\non\r\n' type='&.' end
	says 'error: nobody listens' ask console 127.0.0.1 say something
	[[ $(ask get 127.0.0.1 console) == 'free activations 1 in 6 '* ]]
}

# megabyte OPTION...: a megabyte of random bytes through ipmiconsole and the simulator, and back
megabyte() {
	inside timeout 300 "$BATS_TEST_DIRNAME/there-and-back" 1000000 '&' $'[SOL established]\r\n' \
		ipmiconsole -h 127.0.0.1 -u admin -p secret "$@" 3>&-
}

@test "a_megabyte_goes_through_unchanged" {
	simulate --console raw-echo
	says '1000000 bytes' megabyte
	says '1000000 bytes' megabyte -I 17
	[ "$(counts 127.0.0.1 in)" = 2000000 ]
	[ "$(counts 127.0.0.1 out)" = 2000000 ]
}

@test "a_megabyte_goes_through_loss_in_each_tenth_round_trip" {
	simulate --console raw-echo --sol retry-interval=1 --fault loss=5
	says '1000000 bytes' megabyte --retransmission-timeout=20
	[ "$(counts 127.0.0.1 in)" = 1000000 ]
	[ "$(counts 127.0.0.1 dropped)" = 0 ]
	[ "$(counts 127.0.0.1 retries)" -gt 100 ]
}

# -- FreeIPMI's workarounds ----------------------------------------------------------------------------------------

# needs FLAG EXPECTED: ipmiconsole fails with these words, and works with the flag
needs() {
	simulate --fault "$1"
	at_prompt 127.0.0.1
	console 127.0.0.1 -- see="$2" end
	console 127.0.0.1 -W "$1" -- "${PROMPT[@]}" type='&.' end
}

@test "solpayloadsize_needs_its_workaround" { needs solpayloadsize 'BMC Implementation'; }
@test "solport_needs_its_workaround" { needs solport 'connection timeout'; }
@test "solstatus_needs_its_workaround" { needs solstatus 'BMC Error'; }
@test "solchannelsupport_needs_its_workaround" { needs solchannelsupport 'BMC Error'; }
@test "serialalertsdeferred_needs_its_workaround" { needs serialalertsdeferred 'BMC Error'; }

@test "solpacketseq_needs_its_workaround" {
	simulate --fault solpacketseq=2
	at_prompt 127.0.0.1
	console 127.0.0.1 -- see='1> ' type=a see=a type=b see='excess retransmissions' end
	console 127.0.0.1 -W solpacketseq -- see='1> ' type=a see=a type=b see=b type=c see=c type='&.' end
}

# -- other faults --------------------------------------------------------------------------------------------------

@test "a_capacity_of_none_is_one" {
	simulate --fault sol-no-capacity
	at_prompt 127.0.0.1
	console 127.0.0.1 -- "${PROMPT[@]}" type='&.' end
	sol 127.0.0.1 -- "${PROMPT[@]}" type='\r~.' end
}

@test "who_is_not_told_of_the_loss_finds_out_when_typing" {
	simulate --fault sol-no-notice
	console 127.0.0.1 -- see='1> ' run="$BMCSIM --ask $BATS_TEST_TMPDIR/control steal 127.0.0.1" \
		type=x see='excess retransmissions' end
}

@test "a_bmc_that_keeps_its_console_is_given_up" {
	simulate --fault sol-always-active@127.0.0.1 --fault sol-no-encryption@127.0.0.3
	console 127.0.0.1 -- see='BMC Implementation' end
	console 127.0.0.3 -- see='SOL requires no encryption' end
	for fault in sol-keeps sol-own-deactivate; do
		says ok ask fault 127.0.0.2 $fault
		as_console 127.0.0.2
		second="$BATS_TEST_DIRNAME/talk see=error end -- ${CONSOLE[*]@Q}"
		console 127.0.0.2 -- see='2> ' run="$second" type='mine\r' see='mine\r\nmine\r\n' type='&.' end
		says ok ask fault 127.0.0.2 -$fault
	done
	# what is not shown as active is found to be when it is asked for
	says ok ask fault 127.0.0.2 sol-status-blind
	console 127.0.0.2 -- see='2> ' run="$second" type='mine\r' see='mine\r\nmine\r\n' type='&.' end
}

@test "characters_that_are_refused_or_taken_in_part_come_again" {
	simulate --fault sol-partial@127.0.0.1 --fault sol-nack=50@127.0.0.2 --fault sol-lose-acks=50@127.0.0.3
	for address in 127.0.0.1 127.0.0.2 127.0.0.3; do
		console $address -- see='> ' type='a line of many characters\r' \
			see='a line of many characters\r\na line of many characters\r\n' type='&.' end
	done
	# ipmitool 1.8.19 forgets the rest when characters come between
}

@test "a_count_of_none_makes_ipmiconsole_say_it_again_and_again" {
	simulate --fault sol-count-zero
	console 127.0.0.1 -- see='1> ' type=ab see=ababab type='&.' end
}

@test "the_line_waits_for_cts_and_machines_can_be_mute" {
	simulate --fault sol-handshake@127.0.0.1 --fault sol-mute@127.0.0.2
	# what is typed asserts it; what was said before is gone
	console 127.0.0.1 -- see=established type='x\r' see='x\r\nx\r\n' type='&.' end
	taken="until $BMCSIM --ask $BATS_TEST_TMPDIR/control get 127.0.0.2 console | grep -q ' in 2 '; do :; done"
	console 127.0.0.2 -- see=established type='x\r' run="$taken" type='&.' end
	[ "$(counts 127.0.0.2 out)" = 0 ]
}

@test "numbers_that_jump_when_the_machine_starts_are_too_many_errors" {
	simulate --fault sequence-jump=1000 --console source=20000
	console 127.0.0.1 -- see=0000000010 run="$BMCSIM --ask $BATS_TEST_TMPDIR/control set 127.0.0.1 power on" \
		see='excess errors' end
}

@test "a_bmc_that_starts_again_has_forgotten_its_sessions" {
	simulate
	console 127.0.0.1 -- see='1> ' run="$BMCSIM --ask $BATS_TEST_TMPDIR/control reboot 127.0.0.1 1" \
		see='session timeout' end
	says 0 ask count 127.0.0.1 sessions
	at_prompt 127.0.0.1
	console 127.0.0.1 -- "${PROMPT[@]}" type='&.' end
	grep -q '^127.0.0.1 reboot ok' "$SIM_LOG"
}
