# SPDX-License-Identifier: GPL-3.0-or-later
# ipmitool and ipmipower, the originals and ours, told to do the same to the same BMCs: two simulators (tools/bmcsim),
# each in a network namespace of its own that has nothing but loopback. What each prints is compared line by line,
# and so is what the BMCs were asked to do.

STOKER=$(readlink -f "${STOKER:-$BATS_TEST_DIRNAME/../../build/stoker}")
BMCSIM=$(readlink -f "${BMCSIM:-$BATS_TEST_DIRNAME/../../build/tools/bmcsim}")

setup_file() {
	local side
	for program in setsid ipmitool ipmipower; do
		PATH=$PATH:/usr/sbin type -P "$program" >/dev/null || skip "$program is not installed"
	done
	export PREFIX=stk-front-$$
	for side in theirs ours; do
		ip netns add "$PREFIX-$side"
		ip -n "$PREFIX-$side" link set lo up
	done
}

teardown_file() {
	ip netns del "$PREFIX-theirs"
	ip netns del "$PREFIX-ours"
}

setup() {
	export STOKER_CONF=$BATS_TEST_TMPDIR/stoker.conf STOKER_RUN=$BATS_TEST_TMPDIR/run \
		STOKER_STATE=$BATS_TEST_TMPDIR/state LC_ALL=C.UTF-8
	mkdir "$STOKER_RUN" "$STOKER_STATE" "$BATS_TEST_TMPDIR/names"
	for name in ipmitool ipmipower; do ln -s "$STOKER" "$BATS_TEST_TMPDIR/names/$name"; done
	cd "$BATS_TEST_TMPDIR" || return
	sims=()
}

teardown() {
	local sim
	for sim in "${sims[@]}"; do
		kill "$sim"
		wait "$sim" || true
	done
}

# twins ARGUMENT...: two simulators, BMCs 127.0.0.1 to 127.0.0.9 with three users; the power is off
twins() {
	local side
	for side in theirs ours; do
		mkfifo "ready.$side"
		ip netns exec "$PREFIX-$side" "$BMCSIM" --log "log.$side" --control "control.$side" \
			--addresses 127.0.0.1-9 --cycle-interval 0 --sessions 100 \
			--user admin:boilerroom-42:admin --user operator:boilerroom-42:operator \
			--user viewer:boilerroom-42:user "$@" >"ready.$side" 3>&- &
		sims+=($!)
		read -r -t 20 _ <"ready.$side"
	done
}

# inside SIDE COMMAND...
inside() {
	local side=$1
	shift
	ip netns exec "$PREFIX-$side" setsid -w "$@" </dev/null
}

# ours PROGRAM ARGUMENT..., theirs PROGRAM ARGUMENT...
ours() {
	local program=$1
	shift
	inside ours "$BATS_TEST_TMPDIR/names/$program" "$@"
}

theirs() { PATH=$PATH:/usr/sbin inside theirs "$@"; }

# both PROGRAM ARGUMENT...: the same lines (ipmipower's in any order) on both streams, the same exit code
both() {
	local side code sort=cat
	[ "$1" = ipmipower ] && [[ " $* " != *" -C "* ]] && sort=sort
	for side in theirs ours; do
		code=0
		$side "$@" >"out.$side" 2>"err.$side" || code=$?
		{
			$sort "out.$side"
			sed 's/^/stderr: /' "err.$side" | tr -d '\r'
			echo "exit $code"
		} >"said.$side"
	done
	if ! diff said.theirs said.ours >said; then
		echo "$*:"
		cat said
		return 1
	fi
	status=$code
	output=$(cat said.ours)
}

# says TEXT: what both said in the end; a line that begins with "stderr: " was on that stream, the last is the exit code
says() {
	[ "$output" = "$1" ] || { printf 'got:\n%s\nexpected:\n%s\n' "$output" "$1"; return 1; }
}

# same WORD [ADDRESS]: the simulators say the same of a BMC
same() {
	local address=${2-127.0.0.1} side
	for side in theirs ours; do "$BMCSIM" --ask "control.$side" get "$address" "$1" >"get.$side"; done
	diff get.theirs get.ours
}

v2=(-I lanplus -H 127.0.0.1 -U admin -P boilerroom-42)
v1=(-I lan -H 127.0.0.2 -U admin -P boilerroom-42)
power=(-D LAN_2_0 -u admin -p boilerroom-42)
three=(-h '127.0.0.[1-3]')

# --- ipmitool ------------------------------------------------------------------------------------------------------

# bats test_tags=often
@test "ipmitool_switches_and_tells_alike_by_ipmi_2_0_and_1_5" {
	twins
	both ipmitool "${v2[@]}" power status
	says 'Chassis Power is off
exit 0'
	both ipmitool "${v2[@]}" power on
	says 'Chassis Power Control: Up/On
exit 0'
	for word in status on diag reset cycle status soft status up down off status; do
		both ipmitool "${v2[@]}" power $word
		both ipmitool "${v2[@]}" -C 3 chassis power $word
		both ipmitool "${v1[@]}" chassis power $word
	done
	same controls
	same controls 127.0.0.2
}

@test "ipmitool_tells_alike_what_a_bmc_refuses" {
	twins
	for word in soft cycle reset diag; do
		both ipmitool "${v2[@]}" power $word
		both ipmitool "${v1[@]}" power $word
	done
	says 'stderr: Set Chassis Power Control to Diag failed: Command not supported in present state
exit 1'
	both ipmitool "${v2[@]}" -L USER power status
	both ipmitool "${v2[@]}" -L USER power on
	says 'stderr: Set Chassis Power Control to Up/On failed: Insufficient privilege level
exit 1'
	both ipmitool "${v1[@]}" -L user power on
	same controls
}

# bats test_tags=often
@test "ipmitool_chooses_boot_devices_alike" {
	twins
	for device in pxe none disk safe diag cdrom bios floppy force_pxe; do
		both ipmitool "${v2[@]}" chassis bootdev $device
		same boot
	done
	for options in options=persistent options=efiboot options=efiboot,persistent options=valid options= clear-cmos=no; do
		both ipmitool "${v2[@]}" chassis bootdev disk $options
		same boot
	done
	says 'Set Boot Device to disk
exit 0'
	both ipmitool "${v2[@]}" chassis bootdev bogus
}

@test "ipmitool_lights_alike" {
	twins
	for interval in "" 0 60 255 0x10 force 256 abc; do
		# shellcheck disable=SC2086
		both ipmitool "${v2[@]}" chassis identify $interval
		same identify
	done
}

# bats test_tags=often
@test "ipmitool_tells_alike_that_nobody_is_let_in" {
	twins
	both ipmitool "${v2[@]}" -P windowseat-93 power status
	says 'stderr: Error: Unable to establish IPMI v2 / RMCP+ session
exit 1'
	both ipmitool "${v2[@]}" -U nobody power status
	both ipmitool "${v2[@]}" -U viewer power status
	both ipmitool "${v2[@]}" -U operator power status
	both ipmitool "${v2[@]}" -U operator -L OPERATOR power on
	both ipmitool "${v2[@]}" -k 'another key' power status
	both ipmitool "${v1[@]}" -U nobody power status
	both ipmitool "${v1[@]}" -U operator power status
	both ipmitool "${v1[@]}" -P windowseat-93 -N 1 -R 2 power status
	says 'stderr: Activate Session command failed
stderr: Error: Unable to establish LAN session
stderr: Error: Unable to establish IPMI v1.5 / RMCP session
exit 1'
	for type in NONE PASSWORD MD5 MD2 OEM bogus; do
		both ipmitool "${v1[@]}" -A $type power status
	done
}

# bats test_tags=often
@test "ipmitool_tells_alike_that_nobody_answers" {
	twins
	both ipmitool "${v2[@]}" -H 127.0.0.99 -N 1 -R 1 -C 3 power status
	both ipmitool "${v2[@]}" -p 9999 -N 1 -R 1 -C 3 power status
	both ipmitool "${v1[@]}" -H 127.0.0.99 -N 1 -R 1 power status
	both ipmitool "${v2[@]}" -H 192.0.2.1 power status
	both ipmitool "${v1[@]}" -H 192.0.2.1 power status
	both ipmitool "${v2[@]}" -H nosuch.invalid power status
	both ipmitool "${v1[@]}" -H nosuch.invalid power status
	says 'stderr: Address lookup for nosuch.invalid failed
stderr: Could not open socket!
exit 1'
}

@test "ipmitool_tries_cipher_suites_alike" {
	# of 7 and of 12 the original dies
	twins --suites 3,8
	both ipmitool "${v2[@]}" power status
	for suite in 3 8 99; do
		both ipmitool "${v2[@]}" -C $suite power status
	done
	run ours ipmitool "${v2[@]}" -C 17 power status
	[ "$status" = 1 ]
	[[ $output == 'Error in open session response message : '*'Error: Unable to establish IPMI v2 / RMCP+ session' ]]
}

@test "ipmitool_gets_the_password_and_the_kg_from_everywhere_alike" {
	twins --kg 0x0123456789abcdef
	export IPMI_KGKEY=$'\x01#Eg\x89\xab\xcd\xef' IPMI_PASSWORD=windowseat-93 IPMITOOL_PASSWORD=boilerroom-42
	printf 'boilerroom-42\nanother line\n' >pass
	set -- -I lanplus -H 127.0.0.1 -U admin
	for secret in "-f pass" -E "-P boilerroom-42"; do
		for kg in "-y 0123456789abcdef" -K; do
			# shellcheck disable=SC2086
			both ipmitool "$@" $secret $kg power status
			says 'Chassis Power is off
exit 0'
		done
	done
	unset IPMITOOL_PASSWORD
	both ipmitool "$@" -E -K power status
	says 'stderr: Error: Unable to establish IPMI v2 / RMCP+ session
exit 1'
}

@test "ipmitool_takes_harmless_options_and_options_behind_the_words" {
	twins
	both ipmitool "${v2[@]}" -t 0x20 -b 0 -l 0 -T 0 -B 0 -m 0x20 -d 0 -c -Z power status
	both ipmitool power status "${v2[@]}"
	both ipmitool chassis power status -Ilanplus -H127.0.0.1 -Uadmin -Pboilerroom-42 -C3 -4
	says 'Chassis Power is off
exit 0'
	for type in supermicro intelwv2 kontron quanta; do
		both ipmitool "${v2[@]}" -o $type power status
	done
}

@test "v_tells_the_cause_too" {
	twins
	run ours ipmitool "${v2[@]}" -P windowseat-93 -v power status
	[ "$status" = 1 ]
	[[ ${lines[0]} == 'ipmitool: BMC 127.0.0.1 has another password for user "admin"'* ]]
	[ "${lines[1]}" = 'Error: Unable to establish IPMI v2 / RMCP+ session' ]
}

# --- ipmipower -----------------------------------------------------------------------------------------------------

# bats test_tags=often
@test "ipmipower_switches_and_tells_alike_by_ipmi_2_0_and_1_5" {
	twins
	for version in LAN_2_0 LAN; do
		both ipmipower "${power[@]}" -D $version "${three[@]}" --stat
		says '127.0.0.1: off
127.0.0.2: off
127.0.0.3: off
exit 0'
		for action in --on --stat -n --reset -r --cycle -c --pulse -s; do
			both ipmipower "${power[@]}" -D $version "${three[@]}" $action
			both ipmipower "${power[@]}" -D $version "${three[@]}" $action -C
		done
		both ipmipower "${power[@]}" -D $version "${three[@]}" --soft
		both ipmipower "${power[@]}" -D $version "${three[@]}" --off -f
		says '127.0.0.1: ok
127.0.0.2: ok
127.0.0.3: ok
exit 0'
	done
	for host in 127.0.0.1 127.0.0.2 127.0.0.3; do same controls $host; done
}

@test "ipmipower_waits_alike_and_puts_on_who_is_off" {
	twins --power-delay 300
	both ipmipower "${power[@]}" "${three[@]}" --on --wait-until-on
	both ipmipower "${power[@]}" "${three[@]}" --stat
	says '127.0.0.1: on
127.0.0.2: on
127.0.0.3: on
exit 0'
	both ipmipower "${power[@]}" -h 127.0.0.2 --off --wait-until-off
	both ipmipower "${power[@]}" "${three[@]}" --stat -C
	both ipmipower "${power[@]}" "${three[@]}" --reset --on-if-off
	says '127.0.0.1: ok
127.0.0.2: ok
127.0.0.3: ok
exit 0'
	for host in 127.0.0.1 127.0.0.2 127.0.0.3; do same controls $host; done
	both ipmipower "${power[@]}" "${three[@]}" --cycle --on-if-off -C
	for host in 127.0.0.1 127.0.0.2 127.0.0.3; do same controls $host; done
}

# bats test_tags=timed
@test "ipmipower_gives_up_waiting_alike" {
	twins --power-delay 60000
	both ipmipower "${power[@]}" -h 127.0.0.1,127.0.0.99 --on --wait-until-on --session-timeout=2000
	says '127.0.0.1: session timeout
127.0.0.99: connection timeout
exit 1'
}

@test "ipmipower_tells_alike_what_a_bmc_refuses" {
	twins
	for action in --soft --reset --cycle --pulse; do
		both ipmipower "${power[@]}" -D LAN "${three[@]}" $action
		says '127.0.0.1: operation invalid
127.0.0.2: operation invalid
127.0.0.3: operation invalid
exit 1'
	done
	# by IPMI 2.0 the original says nothing and ends with 0
	run ours ipmipower "${power[@]}" -h 127.0.0.1 --soft
	[ "$status" = 1 ]
	[ "$output" = '127.0.0.1: operation invalid' ]
}

# bats test_tags=often
@test "ipmipower_tells_alike_that_nobody_is_let_in" {
	twins
	for version in LAN_2_0 LAN; do
		set -- "${power[@]}" -D $version --session-timeout=2500 -h 127.0.0.1
		both ipmipower "$@" -p windowseat-93 --stat
		both ipmipower "$@" -u nobody --stat
		both ipmipower "$@" -u viewer --stat
		both ipmipower "$@" -u viewer -l USER --stat
		both ipmipower "$@" -u operator -l ADMIN --on
		both ipmipower "$@" -u operator --on
	done
	both ipmipower "${power[@]}" -h 127.0.0.1 -k 'another key' --stat
	says '127.0.0.1: k_g invalid
exit 1'
}

# bats test_tags=often
@test "ipmipower_tells_alike_that_nobody_answers" {
	twins
	for form in "" -B -C "-F 2"; do
		# shellcheck disable=SC2086
		both ipmipower "${power[@]}" -h '127.0.0.[1-3,97-99]' --session-timeout=1500 $form --stat
	done
	both ipmipower "${power[@]}" -h 127.0.0.1:9999 --session-timeout=1500 --stat
	both ipmipower "${power[@]}" -h '[::1]:623,::1' --session-timeout=1500 --stat
	both ipmipower "${power[@]}" -D LAN -h 127.0.0.99 --session-timeout=1500 --stat
	says '127.0.0.99: connection timeout
exit 1'
}

# bats test_tags=often
@test "ipmipower_reads_hosts_alike" {
	twins
	for hosts in 127.0.0.1:623 '127.0.0.[1-3]:623' 127.0.0.1,127.0.0.2 '127.0.0.1 127.0.0.2' '127.0.0.1,' \
		'127.0.0.1,127.0.0.1' '127.0.0.2,127.0.0.[1-3]' '127.0.0.[3,1-2]' '127.0.0.[1-2],127.0.0.[2-4]'; do
		both ipmipower "${power[@]}" -h "$hosts" --stat
		both ipmipower "${power[@]}" -h "$hosts" --stat -C
	done
	both ipmipower "${power[@]}" -h 127.0.0.9 -h 127.0.0.1 -sn
	says '127.0.0.1: ok
exit 0'
}

# bats test_tags=often
@test "ipmipower_tries_every_cipher_suite_and_the_kg_alike" {
	twins --kg 0x0123456789abcdef
	for suite in 0 1 2 3 6 7 8 11 12 15 16 17; do
		both ipmipower "${power[@]}" -h 127.0.0.1 -I $suite -k 0x0123456789abcdef --stat
	done
	says '127.0.0.1: off
exit 0'
}

@test "ipmipower_reads_its_file_alike" {
	twins
	cat >freeipmi.conf <<-END
		# of the lab
		username admin
		password   "boilerroom-42"   # a comment
		driver-type LAN_2_0
		workaround-flags authcap opensesspriv
		consolidate-output ENABLE
		ipmipower-privilege-level ADMIN
	END
	both ipmipower --config-file freeipmi.conf "${three[@]}" --stat -C
	says '----------------
127.0.0.[1-3]
----------------
 off
exit 0'
	both ipmipower --config-file freeipmi.conf "${three[@]}" --stat -C -p windowseat-93
}

@test "a_name_that_is_not_known_is_told_of_its_host_alone" {
	twins
	run ours ipmipower "${power[@]}" -h nosuch.invalid,127.0.0.1 --stat -C
	[ "$status" = 1 ]
	[ "$output" = '----------------
127.0.0.1
----------------
 off
----------------
nosuch.invalid
----------------
 invalid hostname' ]
}

@test "ten_thousand_hosts_are_one_command" {
	twins --addresses 127.0.0.0/8
	run ours ipmipower "${power[@]}" -h '127.1.[0-39].[1-250],127.1.[0-39].[1-250]' --stat -C
	[ "$status" = 0 ]
	[ "$output" = '----------------
127.1.[0-39].[1-250]
----------------
 off' ]
}

@test "debug_tells_the_cause_too" {
	twins
	run ours ipmipower "${power[@]}" -h 127.0.0.1 -p windowseat-93 --debug --stat
	[ "$status" = 1 ]
	[[ $output == *'127.0.0.1: ipmi: BMC 127.0.0.1 has another password for user "admin"'* ]]
	[[ $output == *'127.0.0.1: password invalid'* ]]
}

# --- both ----------------------------------------------------------------------------------------------------------

# hidden PROGRAM ARGUMENT...: while it waits for a BMC, its arguments show neither password nor K_g
hidden() {
	local program=$1 pid
	shift
	: >log.ours
	ip netns exec "$PREFIX-ours" "$BATS_TEST_TMPDIR/names/$program" "$@" </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	until [ -s log.ours ]; do
		kill -0 $pid
	done
	tr '\0' '\n' <"/proc/$pid/cmdline" >arguments
	grep -q "$program" arguments
	[ "$(grep -cE 'boilerroom|turbine' arguments)" = 0 ]
	wait $pid || true
}

@test "what_is_secret_does_not_stay_among_the_arguments" {
	# valgrind keeps them for itself
	[[ $STOKER != */valgrind ]] || return 0
	twins --fault latency=1000
	hidden ipmitool "${v2[@]}" -k turbine power status
	hidden ipmitool "${v2[@]}" -y 74757262696e65 power status
	hidden ipmitool "${v1[@]}" power status
	hidden ipmipower "${power[@]}" -k turbine -h 127.0.0.1 --stat
	hidden ipmipower -D LAN_2_0 -u admin --password=boilerroom-42 --k-g=turbine -h 127.0.0.1 --stat
}

@test "secrets_of_the_environment_that_are_meant_for_stoker_are_not_used" {
	twins
	export STOKER_PASSWORD=boilerroom-42
	run ours ipmitool -I lanplus -H 127.0.0.1 -U admin -P '' power status
	[ "$output" = 'Error: Unable to establish IPMI v2 / RMCP+ session' ]
	run ours ipmipower -D LAN_2_0 -h 127.0.0.1 -u admin --stat
	[ "$output" = '127.0.0.1: password invalid' ]
}

# The agent as Debian packages it. The package, but not the 29 others that it wants, is unpacked where none is installed.
find_agent() {
	local folder
	AGENT=$(PATH=$PATH:/usr/sbin type -P fence_ipmilan) && return
	folder=$("$BATS_TEST_DIRNAME/../../tools/packages" "$(dpkg --print-architecture)" fence-agents) ||
		skip "fence-agents can neither be found nor had"
	AGENT=$folder/usr/sbin/fence_ipmilan
	export PYTHONPATH=$folder/usr/share/fence PYTHONWARNINGS=ignore
	/usr/bin/python3 -c 'import pycurl, pexpect' 2>/dev/null || skip "python3-pycurl or python3-pexpect is missing"
}

# fence ARGUMENT...: Pacemaker's agent with both programs: the same on standard output, the same exit code
fence() {
	local tool side
	for side in theirs ours; do
		tool=$BATS_TEST_TMPDIR/names/ipmitool
		[ $side = ours ] || tool=$(type -P ipmitool)
		code=0
		inside $side "$AGENT" --ip 127.0.0.1 --ipmitool-path "$tool" --power-wait 0 "$@" >"said.$side" \
			2>/dev/null || code=$?
		echo "exit $code" >>"said.$side"
	done
	diff said.theirs said.ours
	output=$(cat said.ours)
}

# bats test_tags=often
@test "fence_ipmilan_runs_it_unchanged" {
	find_agent
	twins
	set -- --username admin --password boilerroom-42
	fence "$@" --lanplus --action status
	says 'Status: OFF
exit 2'
	fence "$@" --lanplus --action on
	says 'Success: Powered ON
exit 0'
	for action in status monitor on reboot status off off status; do
		fence "$@" --lanplus --action $action
		fence "$@" --action $action
	done
	fence "$@" --lanplus --action on
	fence "$@" --lanplus --action reboot --method cycle
	says 'Success: Rebooted
exit 0'
	fence "$@" --lanplus --action on
	fence "$@" --lanplus --action diag
	fence "$@" --lanplus --action status --cipher 3 --privlvl operator --auth md5 --target 0x20 --ipmitool-timeout 1
	fence "$@" --lanplus --action status --password windowseat-93
	fence "$@" --lanplus --action status --hexadecimal-kg 6162
	same controls
}
