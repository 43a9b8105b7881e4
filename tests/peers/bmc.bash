# SPDX-License-Identifier: GPL-3.0-or-later
# A BMC for tests: OpenIPMI's ipmi_sim, with a real machine behind it (power-program, guest.s), in a network namespace
# that has nothing but loopback. It lives in a namespace of processes of its own: all of it ends when bmc_stop ends one.

STOKER=$(readlink -f "${STOKER:-$BATS_TEST_DIRNAME/../../build/stoker}")
BMC=127.0.0.1:9001

# bmc_network_up: the namespace, and the guests' code, for all tests of a file
bmc_network_up() {
	local here=$BATS_TEST_DIRNAME guests=$BATS_FILE_TMPDIR/guests kind
	export BMC_SPACE=stk-bmc-$$
	ip netns add "$BMC_SPACE"
	ip -n "$BMC_SPACE" link set lo up
	mkdir "$guests"
	for kind in ready network slow deaf talks; do
		as --32 --defsym $kind=1 -o "$guests/$kind.o" "$here/guest.s"
		ld -m elf_i386 -Ttext=0x7c00 --oformat=binary -o "$guests/$kind" "$guests/$kind.o"
	done
}

# bmc_network_down: fails when a process has outlived its test
bmc_network_down() {
	local left
	left=$(ip netns pids "$BMC_SPACE")
	ip netns del "$BMC_SPACE"
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

# inside COMMAND...: where the BMC can be reached
inside() { ip netns exec "$BMC_SPACE" "$@"; }

# The clients that others wrote, as ipmi_sim wants them: suite 3, and a privilege level that is asked for by name.
tool() { inside ipmitool -I lanplus -H "${BMC%:*}" -p "${BMC#*:}" -C 3 -U admin -P boilerroom-42 "$@"; }
power() { inside ipmipower -h "$BMC" -D LAN_2_0 -I 3 -W opensesspriv -u admin -p boilerroom-42 "$@"; }

# bmc_start [ready|slow|deaf|talks|linux]: a BMC with a machine that is off. Users: admin, operator, viewer, and a
# nameless one. With one that talks, and with Linux, the BMC has its serial line.
bmc_start() {
	MACHINE=$BATS_TEST_TMPDIR/machine
	mkdir -p "$MACHINE/tftp" "$MACHINE/state"
	if [ "${1-}" = linux ]; then
		cp "$("$BATS_TEST_DIRNAME/../../tools/guest-kernel")"/{vmlinuz,initrd.gz} "$MACHINE/"
		truncate -s 512 "$MACHINE/disk.img"
	else
		cp "$BATS_FILE_TMPDIR/guests/${1-ready}" "$MACHINE/disk.img"
	fi
	cp "$BATS_FILE_TMPDIR/guests/network" "$MACHINE/tftp/net.bin"
	: >"$MACHINE/serial"
	forget
	cat >"$MACHINE/sim.emu" <<-END
		mc_setbmc 0x20
		mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
		sel_enable 0x20 1000 0x0a
		mc_enable 0x20
	END
	cat >"$MACHINE/lan.conf" <<-END
		name "lab"
		set_working_mc 0x20
		startlan 1
		  addr ${BMC%:*} ${BMC#*:}
		  priv_limit admin
		  allowed_auths_callback none md2 md5 straight
		  allowed_auths_user none md2 md5 straight
		  allowed_auths_operator none md2 md5 straight
		  allowed_auths_admin none md2 md5 straight
		  guid a123456789abcdefa123456789abcdef
		endlan
		$([[ "${1-}" != @(talks|linux) ]] || echo 'sol "tcp:127.0.0.1:9013" 115200')
		chassis_control "$BATS_TEST_DIRNAME/power-program $MACHINE"
		user 1 true "" "" user 10 none md2 md5 straight
		user 2 true "admin" "boilerroom-42" admin 10 none md2 md5 straight
		user 3 true "operator" "coalbunker-17" operator 10 none md2 md5 straight
		user 4 true "viewer" "windowseat-93" user 10 none md2 md5 straight
	END
	# the first process of the namespace collects what is orphaned; the death of unshare ends all
	# shellcheck disable=SC2016 # it is that shell's $0
	ip netns exec "$BMC_SPACE" unshare --pid --fork --kill-child --mount-proc bash -c \
		'[[ $2 != @(talks|linux) ]] || { python3 "$1/serial-line" 9013 "$0/line" "$0/heard" & until [ -S "$0/line" ]; do sleep 0.01; done; }
		ipmi_sim -c "$0/lan.conf" -f "$0/sim.emu" -s "$0/state" -d -n & wait $!' \
		"$MACHINE" "$BATS_TEST_DIRNAME" "${1-ready}" \
		</dev/null >"$MACHINE/ipmi_sim.log" 2>&1 3>&- &
	BMC_PID=$!
	await 'ipmi_sim listens' bmc_listens
}

bmc_listens() { [ -n "$(inside ss -Hlun "sport = :${BMC#*:}")" ]; }
bmc_gone() { [ -z "$(ip netns pids "$BMC_SPACE")" ]; }

bmc_stop() {
	[ -n "${BMC_PID-}" ] || return 0
	kill -KILL "$BMC_PID"
	wait "$BMC_PID" 2>/dev/null || true
	await 'the BMC is gone' bmc_gone
}

# await WHAT COMMAND...: until it succeeds; after a minute it will not
await() {
	local what=$1 i
	shift
	for ((i = 0; i < 1200; i++)); do
		"$@" && return
		sleep 0.05
	done
	echo "not within a minute: $what" >&2
	return 1
}

# said TEXT [TIMES]: waits until the guest has said it so often
said() { await "the guest says \"$1\" ${2-1} times" said_now "$@"; }
said_now() { [ "$(grep -c "^$1\$" "$MACHINE/serial")" -ge "${2-1}" ]; }

# asked LINE...: what the BMC had its machine do, all of it, in this order. On that was sent again because its answer
# took long is one on.
asked() {
	if ! diff <([ $# = 0 ] || printf '%s\n' "$@") <(awk '!/^power/ || $0 != last; { last = $0 }' "$MACHINE/asked"); then
		echo 'left: expected of the machine, right: asked'
		return 1
	fi
}

# forget: what was asked until now
forget() { : >"$MACHINE/asked"; }

# machine_is on|off: whether there is a process, whatever the BMC says
machine_is() {
	local pid state=off
	for pid in $(ip netns pids "$BMC_SPACE"); do
		[[ $(readlink "/proc/$pid/exe") != */qemu-system-x86_64 ]] || state=on
	done
	[ "$state" = "$1" ]
}

# listen: what goes to the BMC is written down, until heard is called
listen() {
	HEARD=$BATS_TEST_TMPDIR/heard
	rm -f "$HEARD" "$HEARD.ready"
	ip netns exec "$BMC_SPACE" tcpdump -i lo -n -U --immediate-mode -w "$HEARD" \
		"udp dst port ${BMC#*:} or udp dst port 5" 2>"$HEARD.ready" 3>&- &
	TCPDUMP=$!
	await 'tcpdump listens' grep -qs 'listening on' "$HEARD.ready"
}

# heard: the end of it. What comes behind a marker came behind all else.
heard() {
	await 'the marker' heard_marker
	kill "$TCPDUMP"
	wait "$TCPDUMP" || true
}
heard_marker() {
	inside bash -c 'echo >/dev/udp/127.0.0.1/5'
	[ -n "$(tcpdump -r "$HEARD" 'udp dst port 5' 2>/dev/null)" ]
}

# payloads TYPE: how many of RMCP+ payload type TYPE were heard: 0x10 open session, 0x12 RAKP 1, 0x14 RAKP 3
payloads() {
	tcpdump -r "$HEARD" -n "udp dst port ${BMC#*:} and udp[12] = 6 and udp[13] & 0x3f = $1" 2>/dev/null | wc -l
}

# setup_lab [KEY...]: the configuration of a machine "vm" whose BMC that is; keys of its own win over the profile's
setup_lab() {
	export STOKER_CONF=$BATS_TEST_TMPDIR/stoker.conf STOKER_RUN=$BATS_TEST_TMPDIR/run \
		STOKER_STATE=$BATS_TEST_TMPDIR/state
	mkdir -p "$STOKER_RUN" "$STOKER_STATE"
	(
		umask 077
		cd "$BATS_TEST_TMPDIR" || exit
		echo boilerroom-42 >admin.password
		echo coalbunker-17 >operator.password
		echo windowseat-93 >viewer.password
		echo something-else >wrong.password
	)
	cat >"$STOKER_CONF" <<-END
		profile "lab" {
			user = "admin"
			password-file = "$BATS_TEST_TMPDIR/admin.password"
			quirks = {"opensesspriv"}
			cipher-suites = {"3"}
		}
		machine "vm" {
			bmc = "$BMC"
			profile = "lab"
			$(printf '%s\n' "$@")
		}
	END
}

# login USER: its two keys
login() { echo "user = \"$1\" password-file = \"$BATS_TEST_TMPDIR/${2-$1}.password\""; }
