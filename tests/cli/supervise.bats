#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests that `stoker daemon` starts again: which, when, how often; and which not.
load helper

lab() {
	# the socket's name must not be too long
	place=$(mktemp -d /tmp/stoker-supervise-XXXXXX)
	export STOKER_CONF=$place/stoker.conf STOKER_RUN=$place/run STOKER_STATE=$place/state
	cd "$place" || return
	children=()
	cat >"$STOKER_CONF" <<-END
		sandbox-state = "$place/units"
		restart-interval = 100ms
		profile "p" { sandbox = "off"  autostart = yes  restart-delay = 100ms }
		machine "always" { profile = "p"  restart = always }
		machine "failure" { profile = "p"  restart = on-failure }
		machine "no" { profile = "p" }
	END
}

teardown() {
	local child
	for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null; wait "$child" 2>/dev/null; done
	rm -rf "$place"
}

# until_true COMMAND...: waits for it, 20 s at most
until_true() {
	local i
	for ((i = 0; i < 400; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	echo "not so within 20 s: $*"
	cat errors
	return 1
}

daemon() {
	"$stoker" daemon >ready 2>errors </dev/null 3>&- &
	daemon=$!
	children+=($daemon)
	until_true grep -q kept ready
}

stoker() { run "$stoker" "$@"; }

# The guests have this state, by nobody's command.
units() { printf '%s\n' "$@" >units.new && mv units.new units; }
seen() { grep -q "^stoker: $1: it runs, and is looked after" errors; }
# twice: it was seen a second time
seen_again() { [ "$(grep -c "^stoker: $1: it runs, and is looked after" errors)" = 2 ]; }
unit_is() { grep -q "^$1$" units; }

@test "a_guest_that_ends_by_itself_is_started_again" {
	units 'always on' 'failure on' 'no on'
	daemon
	until_true seen always
	units 'always off' 'failure off,failed' 'no off,failed'
	until_true unit_is 'always on,boots=1'
	until_true unit_is 'failure on,boots=1'
	grep -q 'always: it has ended: it is started again in 0.1 s' errors
	grep -q 'failure: it has ended: it has ended by itself, and not in good order: it is started again in 0.1 s' errors
	grep -q 'failure: it was started again' errors
	unit_is 'no off,failed'
}

@test "one_that_goes_down_in_good_order_is_left_off_with_on_failure" {
	units 'always off' 'failure on' 'no off'
	daemon
	until_true seen failure
	units 'always off' 'failure off' 'no off'
	until_true grep -q 'failure: it has ended in good order, and is left off' errors
	unit_is 'failure off'
}

@test "what_a_command_has_put_down_stays_down" {
	units 'always on' 'failure on' 'no on'
	daemon
	until_true seen always
	stoker off always
	exits 0
	stoker guests stop
	exits 0
	sleep 1
	units_now=$(cat units)
	[ "$units_now" = 'always off
failure off
no off' ]
	[ "$(grep -c 'started again' errors)" = 0 ]
	# and is looked after again when it runs again
	stoker guests start
	exits 0
	until_true seen_again always
	until_true unit_is 'always on,boots=1'
	units 'always off'
	until_true unit_is 'always on,boots=2'
}

@test "what_was_saved_or_moved_is_not_started" {
	units 'always on' 'failure on' 'no on'
	daemon
	until_true seen always
	units 'always saved' 'failure moved' 'no on'
	sleep 1
	unit_is 'always saved'
	unit_is 'failure moved'
}

@test "waits_double_and_the_limit_ends_them" {
	sed -i 's/restart = always/restart = always  restart-limit = 3/' "$STOKER_CONF"
	units 'always on' 'failure off' 'no off'
	daemon
	until_true seen always
	local i
	for i in 1 2 3; do
		units 'always off' 'failure off' 'no off'
		until_true unit_is "always on,boots=$i"
	done
	units 'always off' 'failure off' 'no off'
	until_true grep -q 'always: it has ended 3 times in a row, and is left off: start it when it is mended' errors
	[ "$(grep -o 'again in .* s' errors | tr '\n' ' ')" = 'again in 0.1 s again in 0.2 s again in 0.4 s ' ]
	sleep 0.5
	unit_is 'always off'
}

@test "one_that_cannot_be_started_is_tried_again" {
	sed -i 's/restart = always/restart = always  sandbox-fault = "on:flaky 2"/' "$STOKER_CONF"
	units 'always on' 'failure off' 'no off'
	daemon
	until_true seen always
	units 'always off' 'failure off' 'no off'
	until_true unit_is 'always on,boots=1'
	[ "$(grep -c 'could not be started again: sandbox: "always" refuses to be put on' errors)" = 2 ]
}

@test "the_daemon_ends_while_a_guest_is_being_started" {
	sed -i 's/restart = always/restart = always  sandbox-fault = "on:hang"/' "$STOKER_CONF"
	units 'always on' 'failure off' 'no off'
	daemon
	until_true seen always
	units 'always off' 'failure off' 'no off'
	until_true grep -q 'started again in' errors
	kill -TERM "$daemon"
	until_true sh -c "! kill -0 $daemon"
	wait "$daemon"
	children=()
}

@test "wrong_words_are_told" {
	echo 'machine "x" { sandbox = "off"  restart = sometimes }' >>"$STOKER_CONF"
	stoker lint
	has '"sometimes" says nothing of when it is started again: write no, always or on-failure'
}
