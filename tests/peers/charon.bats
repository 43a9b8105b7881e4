# SPDX-License-Identifier: GPL-3.0-or-later
# The rules of CHARON's service, on a program that stands for it, in a network of the test's own.

load emulator

setup_file() {
	NET=stk-charon-$$
	export NET
	ip netns add "$NET"
	ip -n "$NET" link set lo up
}

teardown_file() { ip netns del "$NET"; }

inside() { ip netns exec "$NET" "$@"; }

lab() {
	ip -n "$NET" link del veth7 2>/dev/null || true
	ip -n "$NET" link add veth7 type veth peer name veth8
	ip -n "$NET" link set veth7 up
	ip -n "$NET" link set veth8 up
	for n in 1 2 3 4; do
		cat >"vms$n.cfg" <<-END
			set session hw_model="AlphaServer_ES40"
			load DE500BA/dec21x4x EWA
			load packet_port/chnetwrk EWA0 interface="veth7"	# the first
			set EWA interface=EWA0
			set COM1 port=1000$n
		END
	done
	printf '#!/bin/sh\necho $STOKER_MACHINE >>order\nkill $(cut -d" " -f1 "$STOKER_RUN/guests/$STOKER_MACHINE/record")\n' >stop
	printf '#!/bin/sh\nexit 0\n' >in-vain
	printf '#!/bin/sh\necho no route to host\nexit 1\n' >broken
	chmod +x stop in-vain broken
	cat >"$STOKER_CONF" <<-END
		profile "charon" {
			guest = "emulator"
			emulator = "charon"
			emulator-program = "$BATS_TEST_DIRNAME/charon"
		}
		machine "vms[1-4]" {
			profile = "charon"
			emulator-config = "$PWD/vms[1-4].cfg"
			emulator-console = "telnet [10001-10004]"
			emulator-stop = "script $PWD/stop"
		}
		machine "bare" { profile = "charon" emulator-config = "$PWD/bare.cfg" }
		machine "patient" {
			profile = "charon"
			emulator-config = "$PWD/vms1.cfg"
			emulator-stop = "script $PWD/in-vain"
			stop = {"soft 2s", "kill"}
		}
		machine "proud" { profile = "charon" emulator-config = "$PWD/vms1.cfg" stop = "script $PWD/in-vain 2s" }
		machine "unlucky" { profile = "charon" emulator-config = "$PWD/vms1.cfg" stop = {"script $PWD/broken 2s", "kill"} }
	END
	sed 's/10001/10009/; /interface/d' vms1.cfg >bare.cfg
}

teardown() {
	inside "$STOKER" off all || true
	ends_all
}

@test "offloads_are_off_before_it_starts" {
	inside ethtool -k veth7 | grep -q '^scatter-gather: on'
	run inside "$STOKER" on vms1
	[ "$status" = 0 ]
	[[ $output =~ veth7:\ [0-9]+\ offloads\ switched\ off ]]
	until_true test -s vms1.cfg.seen
	for offload in rx-checksumming tx-checksumming scatter-gather tcp-segmentation-offload \
		generic-segmentation-offload generic-receive-offload large-receive-offload rx-vlan-offload \
		tx-vlan-offload; do
		grep -q "^$offload: off" vms1.cfg.seen || { grep "^$offload" vms1.cfg.seen; return 1; }
	done
	run inside "$STOKER" diagnose vms1
	has 'interface: veth7 has no offload on'
	# a second machine on the same interface has nothing to do
	run inside "$STOKER" on vms2
	[ "$status" = 0 ]
	[[ $output != *'switched off'* ]]
}

@test "offloads_that_are_to_be_kept_are_kept" {
	echo 'machine "kept" { profile = "charon" emulator-config = "'"$PWD"'/vms1.cfg" emulator-offloads = "keep" }' >>"$STOKER_CONF"
	inside "$STOKER" on kept
	inside ethtool -k veth7 | grep -q '^scatter-gather: on'
}

@test "an_interface_that_is_configured_and_not_there_keeps_it_from_starting" {
	echo 'machine "lost" { profile = "charon" emulator-config = "'"$PWD"'/vms1.cfg" emulator-interfaces = "eth99" }' >>"$STOKER_CONF"
	run inside "$STOKER" on lost
	[ "$status" = 1 ]
	has 'lost: emulator: there is no network interface "eth99"'
	[ -z "$(processes)" ]
}

@test "guests_start_in_parallel_and_their_consoles_are_there" {
	started=$(date +%s%N)
	inside "$STOKER" on 'vms[1-4]'
	took=$((($(date +%s%N) - started) / 1000000))
	# each takes a second to go into the background
	[ "$took" -lt 4500 ] || { echo "took $took ms"; return 1; }
	for n in 1 2 3 4; do
		until_true inside sh -c "echo | socat -t 0.2 - TCP:127.0.0.1:1000$n | grep -q P00"
	done
	run inside "$STOKER" status 'vms[1-4]'
	[ "$status" = 0 ]
}

@test "the_script_stops_it" {
	inside "$STOKER" on vms1
	inside "$STOKER" stop vms1
	[ "$(cat order)" = vms1 ]
	run inside "$STOKER" status vms1
	[ "$status" = 3 ]
}

@test "without_a_script_it_is_killed" {
	inside "$STOKER" on bare
	pid=$(pid bare)
	inside "$STOKER" stop bare
	gone "$pid"
}

@test "one_that_still_runs_after_its_script_is_killed_or_a_failure_as_configured" {
	inside "$STOKER" on patient
	inside "$STOKER" stop patient
	run inside "$STOKER" status patient
	[ "$status" = 3 ]
	inside "$STOKER" on proud
	run inside "$STOKER" stop proud
	[ "$status" = 1 ]
	has 'proud: exec: sent, but not off within 2s'
	run inside "$STOKER" status proud
	[ "$status" = 0 ]
}

# bats test_tags=timed
@test "a_script_that_fails_gives_way_to_the_next_rung_at_once" {
	inside "$STOKER" on unlucky
	started=$SECONDS
	inside "$STOKER" stop unlucky
	[ $((SECONDS - started)) -le 1 ]
}

@test "what_it_says_before_it_gives_up_is_told" {
	echo 'license_key_lookup = none' >>vms1.cfg
	run inside "$STOKER" on vms1
	[ "$status" = 1 ]
	has 'vms1: emulator: it exited with status 1; the last that it said: %SRVMAP-E-NOLICENSE: no license key is found'
}

@test "one_started_by_hand_is_found_and_stopped" {
	inside "$BATS_TEST_DIRNAME/charon" -d vms1.cfg
	run inside "$STOKER" status vms1
	[ "$status" = 0 ]
	inside "$STOKER" on vms1
	[ ! -e "$STOKER_RUN/guests/vms1/record" ]
	inside "$STOKER" off vms1
	run inside "$STOKER" status vms1
	[ "$status" = 3 ]
}

# bats test_tags=often
@test "killed_at_any_step_it_is_finished_and_nothing_runs_twice" {
	for point in $(grep -rho 'crash_point("[ek][^"]*' "$BATS_TEST_DIRNAME/../../core" "$BATS_TEST_DIRNAME/../../drivers" |
		cut -d'"' -f2 | grep -E '^(emulator|keeper)-' | sort -u); do
		STOKER_CRASH=$point inside "$STOKER" on vms1 || true
		inside "$STOKER" on vms1
		[ "$(pgrep -c -f "^[^ ]*bash [^ ]*charon -d $PWD/vms1.cfg")" = 1 ] || { echo "$point: $(pgrep -a -f vms1.cfg)"; return 1; }
		STOKER_CRASH=$point inside "$STOKER" stop vms1 || true
		inside "$STOKER" stop vms1 || inside "$STOKER" off vms1
		run pgrep -f "^[^ ]*bash [^ ]*charon -d $PWD/vms1.cfg"
		[ "$status" = 1 ] || { echo "$point: $output"; return 1; }
	done
}
