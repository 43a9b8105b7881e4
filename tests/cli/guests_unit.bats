#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The service of guests under systemd, sysvinit and OpenRC: the unit and its time limits, the scripts.
load helper

lab() {
	mkdir -p "$STOKER_RUN" "$STOKER_STATE"
	cat >"$STOKER_CONF" <<-END
		sandbox-state = "$BATS_TEST_TMPDIR/units"
		machine "a" { sandbox = "off"  autostart = yes  stop = {"migrate h2 100s", "save 200s", "kill 10s"}
			start = "on 50s"  start-delay = 5s }
		machine "b" { sandbox = "off"  autostart = yes  stop = "soft 100s"  start = "on 50s"  start-delay = 5s }
		machine "c" { sandbox = "off"  autostart = no  stop = "soft 1000s" }
	END
}

stoker() { run "$stoker" "$@"; }

# limit NAME: its value in a unit
limit() { sed -n "s/^Timeout$1Sec=//p" <<<"$output"; }

# The scripts and the unit, as they are installed, for a program that tells how it was called.
installed() {
	printf '#!/bin/sh\necho "called $*"\nexit "${CODE-0}"\n' >told
	chmod +x told
	"$tree/tools/build/install-service" "$BATS_TEST_TMPDIR/told" "$BATS_TEST_TMPDIR/usr" stoker-guests
}

@test "the_units_time_limits_are_the_sums_of_the_ladders" {
	stoker guests unit
	exits 0
	# in turn: 310 s and 100 s, a tenth, half a minute
	[ "$(limit Stop)" = 481 ]
	# at once, the beginnings 5 s apart: 55 s, a tenth, half a minute
	[ "$(limit Start)" = 91 ]
	echo 'guests-stop-parallel = 0' >>"$STOKER_CONF"
	stoker guests unit
	[ "$(limit Stop)" = 371 ]
	echo 'guests-stop-all = yes' >>"$STOKER_CONF"
	stoker guests unit
	[ "$(limit Stop)" = 1130 ]
	echo 'guests-start-parallel = 1' >>"$STOKER_CONF"
	stoker guests unit
	[ "$(limit Start)" = 146 ]
}

@test "the_unit_names_the_program_and_its_configuration" {
	mkdir 'a b'
	cp "$STOKER_CONF" 'a b/50%.conf'
	stoker guests unit -c 'a b/50%.conf'
	exits 0
	has "ExecStart=$stoker -c \"$BATS_TEST_TMPDIR/a b/50%%.conf\" guests start"
	has "ExecStop=$stoker -c \"$BATS_TEST_TMPDIR/a b/50%%.conf\" guests stop"
}

@test "systemd_finds_nothing_wrong_with_the_unit" {
	needs systemd-analyze
	"$stoker" guests unit >stoker-guests.service
	run systemd-analyze verify --man=no ./stoker-guests.service
	exits 0
	is ""
	installed
	run systemd-analyze verify --man=no usr/lib/systemd/system/stoker-guests.service
	exits 0
	is ""
}

@test "the_installed_unit_differs_in_its_program_and_its_limits_alone" {
	installed
	run diff <("$stoker" guests unit) usr/lib/systemd/system/stoker-guests.service
	[ "$(grep -c '^[<>]' <<<"$output")" = 8 ]
	has "> ExecStop=$BATS_TEST_TMPDIR/told guests stop"
	has "> TimeoutStartSec=infinity"
	has "> TimeoutStopSec=infinity"
}

@test "the_script_for_sysvinit_passes_words_and_exit_codes_on" {
	installed
	local script=usr/share/stoker/stoker-guests.init word
	for word in start stop restart reload status; do
		CODE=3 run "$script" $word
		exits 3
		is "called guests $word"
	done
	run "$script" force-reload
	is "called guests restart"
	run "$script" try-restart
	is "called guests restart"
	CODE=3 run "$script" try-restart
	exits 0
	is ""
	run "$script" dance
	exits 2
	rm told
	run "$script" start
	exits 5
	# what LSB asks for stands in its head
	local line
	for line in Provides Required-Start Required-Stop Default-Start Default-Stop Short-Description; do
		grep -q "^# $line: " "$script"
	done
}

@test "the_script_for_openrc_does_too" {
	installed
	local script=$BATS_TEST_TMPDIR/usr/share/stoker/stoker-guests.openrc
	rc() { sh -c "ebegin() { echo \"\$*\"; }; eend() { return \$1; }; . '$script'; $1"; }
	run rc start
	exits 0
	is "Starting guests
called guests start"
	# some guests that failed are no reason to leave the others running in the end
	CODE=1 run rc start
	exits 0
	CODE=2 run rc start
	exits 1
	CODE=1 run rc stop
	exits 1
	CODE=3 run rc status
	exits 3
	run rc reload
	has "called guests reload"
}
