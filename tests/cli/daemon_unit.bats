#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The daemon as a service of systemd, sysvinit and OpenRC: the unit, and scripts that start and stop the real one.
load helper

lab() {
	echo 'machine "a" { sandbox = "on"  console-keep = yes }' >"$STOKER_CONF"
	export LOG=$BATS_TEST_TMPDIR/log
	"$tree/tools/build/install-service" "$stoker" "$BATS_TEST_TMPDIR/usr" stoker
	script=usr/share/stoker/stoker.init
}

teardown() { sh "$script" stop; }

number() { cat "$STOKER_RUN/daemon.pid"; }
alive() { kill -0 "$1" 2>/dev/null; }
# it has ended, whether its parent, which is nobody's here, knows yet or not
gone() {
	local state
	state=$(sed -n 's/^State:[[:blank:]]*//p' "/proc/$1/status" 2>/dev/null) || true
	case $state in '' | Z*) ;; *) echo "$1 is still there: $state"; return 1 ;; esac
}

@test "systemd_finds_nothing_wrong_with_the_daemons_unit" {
	needs systemd-analyze
	run systemd-analyze verify --man=no usr/lib/systemd/system/stoker.service
	exits 0
	is ""
	# what systemd waits for is what the daemon says
	grep -qx Type=notify usr/lib/systemd/system/stoker.service
	grep -qx "ExecStart=$stoker daemon" usr/lib/systemd/system/stoker.service
}

@test "the_script_for_sysvinit_starts_and_stops_the_daemon" {
	needs start-stop-daemon
	run "$script" status
	exits 3
	run "$script" start
	exits 0
	is ""
	first=$(number)
	run "$stoker" consoles a
	has open
	run "$script" status
	exits 0
	# a second start is none
	run "$script" start
	exits 0
	[ "$(number)" = "$first" ]
	run "$script" reload
	exits 0
	run "$script" restart
	exits 0
	gone "$first"
	second=$(number)
	alive "$second"
	run "$script" try-restart
	exits 0
	gone "$second"
	third=$(number)
	run "$script" stop
	exits 0
	gone "$third"
	[ ! -e "$STOKER_RUN/daemon.pid" ]
	run "$script" stop
	exits 0
	run "$script" try-restart
	exits 0
	run "$script" status
	exits 3
	grep -q 'logs are opened again' "$LOG"
}

@test "the_script_starts_one_again_that_was_killed" {
	needs start-stop-daemon
	"$script" start
	first=$(number)
	kill -KILL "$first"
	while alive "$first"; do sleep 0.05; done
	run "$script" status
	exits 1
	run "$script" start
	exits 0
	[ "$(number)" != "$first" ]
	alive "$(number)"
}

@test "the_script_tells_why_the_daemon_does_not_start" {
	needs start-stop-daemon
	echo 'machine "a" { mac = "zebra" }' >"$STOKER_CONF"
	run "$script" start
	exits 1
	has 'the daemon has not started'
	has zebra
	rm "$STOKER_CONF"
	run "$script" start
	exits 0
	has "there is no $STOKER_CONF"
	run "$script" dance
	exits 2
	local line
	for line in Provides Required-Start Required-Stop Default-Start Default-Stop Short-Description; do
		grep -q "^# $line: " "$script"
	done
}

@test "the_script_for_openrc_names_the_daemon" {
	run sh -c '. ./usr/share/stoker/stoker.openrc; echo "$supervisor: $command $command_args"'
	is "supervise-daemon: $stoker daemon "
}

@test "a_manager_that_waits_for_signs_of_life_gets_them" {
	needs socat
	socat -u "UNIX-RECV:$BATS_TEST_TMPDIR/notify" - >manager 3>&- &
	manager=$!
	while [ ! -S notify ]; do sleep 0.05; done
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify WATCHDOG_USEC=300000 "$stoker" daemon >out 2>&1 3>&- &
	daemon=$!
	for _ in {1..200}; do ! grep -q 'WATCHDOG=1.*WATCHDOG=1' manager || break; sleep 0.05; done
	kill "$daemon"
	wait "$daemon"
	kill "$manager"
	grep -q 'WATCHDOG=1.*WATCHDOG=1' manager
}
