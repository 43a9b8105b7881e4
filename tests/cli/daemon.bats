#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The console server as a whole: kept, logged, shared and killed, with simulated machines.
load helper

lab() {
	# other users have to come here: not below the folder of the tests, which only root enters
	place=$(mktemp -d /tmp/stoker-daemon-XXXXXX)
	chmod 755 "$place"
	export STOKER_CONF=$place/stoker.conf STOKER_RUN=$place/run STOKER_STATE=$place/state
	cp "$stoker" "$place/stoker"
	stoker=$place/stoker
	cd "$place" || return
	logs=$place/log
	children=()
	cat >"$STOKER_CONF" <<-END
		profile "kept" { sandbox = "on"  console-keep = yes  console-log = "$logs/%n" }
		profile "raw" { profile = "kept"  console-raw = yes }
		machine "echo[1-3]" { profile = "kept"  console-timestamps = yes }
		machine "pour" { profile = "raw" }
		machine "burst" {
			profile = "raw"
			sandbox-console = {"pour 12000000", "speed 40000000"}
		}
		machine "quiet" { sandbox = "on" }
		machine "guest" { profile = "kept"  console = "unix $place/guest"  sandbox-console = "log" }
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

# begin FILE COMMAND...: in the background, with its output in a file; its process is $!
begin() {
	local file=$1
	shift
	"$@" >"$file" 2>>errors </dev/null 3>&- &
	children+=($!)
}

# started: a daemon, which is ready; its process is $daemon
started() {
	begin ready "$stoker" daemon
	daemon=$!
	until_true grep -q kept ready
}

ended() {
	kill "$daemon"
	wait "$daemon"
}

# watched FILE MACHINE: somebody who looks, with what he sees in a file
watched() {
	begin "$1" "$stoker" console --quiet --monitor "$2"
	watcher=$!
	until_true attached "$2" 0 "$3"
}

# attached MACHINE WRITERS WATCHERS
attached() {
	"$stoker" consoles --json "$1" | jq -e ".writers == $2 and .watchers == ${3:-1}"
}

state_is() { [ "$("$stoker" consoles --json "$1" | jq -r .state)" = "$2" ]; }
bytes_are() { [ "$("$stoker" consoles --json "$1" | jq .bytes)" -ge "$2" ]; }
larger() { [ "$(stat -c %s "$1")" -ge "$2" ]; }

# poured FILE BYTES: the numbered lines in it are all of them, once each, to that number
poured() {
	tr -d '\r' <"$1" | awk -v want="$2" '/^[0-9]+ abc/ && length == 62 {
			if ($1 + 0 != next_one) { print "line " NR ": " $1 " in the place of " next_one; exit 2 }
			next_one += 64
		}
		END { if (next_one != want) { print "ends at " next_one; exit 1 } }'
}

@test "kept_consoles_are_open_logged_and_shown" {
	started
	run cat ready
	is "[stoker daemon: 6 consoles kept, socket $STOKER_RUN/control]"
	until_true bytes_are burst 12000000
	run "$stoker" consoles
	exits 0
	[ "${#lines[@]}" = 6 ]
	[[ ${lines[0]} =~ ^echo1\ +open\ +[0-9:]{8}\ +0/0\ +7\ +echo1\>$ ]]
	[[ ${lines[5]} =~ ^guest\ +lost\ .*"there is no socket" ]]
	run "$stoker" consoles --json burst
	jq -e '.kept and .state == "open" and .bytes >= 12000000' <<<"$output"
	run "$stoker" consoles quiet
	[[ $output =~ ^quiet\ +closed ]]
	poured "$logs/burst" 12000000
	grep -Eqx '[0-9-]{10}T[0-9:.]{12}[+-][0-9:]{5} echo1> ?' "$logs/echo1"
	[ "$(stat -c %a "$logs/echo1")" = 640 ]
	ended
	grep -q '\[stoker: daemon ends\]' "$logs/echo1"
	run "$stoker" consoles
	exits 1
	has "no \`stoker daemon\` runs"
}

@test "one_that_is_stopped_keeps_neither_others_nor_the_log_waiting" {
	started
	watched slow pour 1
	slow=$watcher
	watched quick pour 2
	kill -STOP "$slow"
	echo 'pour 10000000' | "$stoker" console --quiet --linger 5s pour >mine
	until_true larger quick 10000000
	until_true larger mine 10000000
	poured quick 10000000
	poured "$logs/pour" 10000000
	[ "$(stat -c %s slow)" -lt 2000000 ]
	kill -CONT "$slow"
	until_true larger slow 10000000
	cmp <(head -c 10000000 slow) <(head -c 10000000 quick)
}

@test "killed_in_a_burst_it_loses_nothing_that_was_seen_and_doubles_nothing" {
	started
	until_true larger "$logs/burst" 1000000
	watched seen burst 1
	until_true larger seen 500000
	kill -KILL "$daemon"
	wait "$daemon" || true
	wait "$watcher" || true
	cp "$logs/burst" first
	# what was seen is in the log, to its last byte
	tail -c 1000 seen >tail
	grep -abF "$(tail -n 2 tail | head -n 1)" first
	[ "$(stat -c %s first)" -ge "$(stat -c %s seen)" ]
	python3 -c 'import sys; seen = open("seen", "rb").read(); log = open("first", "rb").read()
sys.exit(seen not in log)'
	[ -S "$STOKER_RUN/control" ]
	started
	until_true bytes_are burst 12000000
	cmp first <(head -c "$(stat -c %s first)" "$logs/burst")
	# behind it a line of the daemon's own, then the second burst, whole
	tail -c "+$(($(stat -c %s first) + 1))" "$logs/burst" >rest
	run head -n 3 rest
	has '[stoker: daemon starts]'
	has '[stoker: console open]'
	poured rest 12000000
}

@test "renamed_logs_are_begun_anew_at_sighup" {
	started
	echo before | "$stoker" console --quiet --linger 100ms echo1
	mv "$logs/echo1" "$logs/echo1.old"
	echo between | "$stoker" console --quiet --linger 100ms echo1
	kill -HUP "$daemon"
	until_true grep -q 'logs are opened again' errors
	echo behind | "$stoker" console --quiet --linger 100ms echo1
	grep -q 'echo1> before' "$logs/echo1.old"
	grep -q 'echo1> between' "$logs/echo1.old"
	grep -q behind "$logs/echo1"
	if grep -q between "$logs/echo1"; then return 1; fi
}

@test "on_a_full_disk_consoles_go_on_and_the_log_says_what_is_missing" {
	mkdir "$logs"
	run unshare -m bash -euc '
		mount -t tmpfs -o size=1M none '"$logs"'
		"$0" daemon >ready 2>>errors &
		daemon=$!
		trap "kill $daemon; wait $daemon" EXIT
		until grep -q kept ready; do sleep 0.05; done
		until grep -q "not logged" errors; do sleep 0.05; done
		echo "pour 64000" | "$0" console --quiet --linger 1s pour >seen
		truncate -s 0 '"$logs"'/burst
		sleep 1.1
		echo "pour 640" | "$0" console --quiet --linger 1s pour >>seen
		echo hello | "$0" console --quiet --linger 1s echo2 >/dev/null
		"$0" consoles --json pour >row
		cp '"$logs"'/pour '"$logs"'/echo2 .
	' "$stoker"
	exits 0
	[ "$(grep -c 'abcdefgh' seen)" = 1010 ]
	grep -q 'bytes are missing here, since .*: No space left on device\]' pour
	grep -q 000000000000576 pour
	# once each, however often it was tried
	[ "$(grep -c '^stoker: pour: its console is not logged' errors)" = 1 ]
	[ "$(grep -c '^stoker: pour: its console is logged again' errors)" = 1 ]
	jq -e '.log_error == null' row
}

@test "large_logs_are_renamed_and_nothing_is_lost_between_them" {
	sed -i 's/machine "burst" {/&\n console-log-size = "3M"/' "$STOKER_CONF"
	started
	until_true bytes_are burst 12000000
	larger "$logs/burst.1" 3000000
	[ "$(stat -c %s "$logs/burst.1")" -le $((3 << 20)) ]
	cat "$logs/burst.3" "$logs/burst.2" "$logs/burst.1" "$logs/burst" >all
	poured all 12000000
}

@test "who_may_watch_and_write_is_what_the_configuration_says" {
	needs setpriv
	sed -i 's/machine "quiet" {/& console-watch = {"games", "@mail"} console-write = "@daemon" /' "$STOKER_CONF"
	started
	as() { # UID GID GROUPS COMMAND...
		local user=$1 group=$2 groups=$3
		shift 3
		setpriv --reuid "$user" --regid "$group" --groups "$groups" "$stoker" "$@" </dev/null
	}
	# games is 5, mail 8, daemon 1
	begin watching as 5 60 60 console --monitor --quiet quiet
	until_true attached quiet 0 1
	run as 5 60 60 consoles --json
	[ "$(jq -r .machine <<<"$output")" = quiet ]
	run as 5 60 60 console --quiet --linger 100ms quiet
	exits 1
	has "you may not write to it, only look (--monitor): console-write names @daemon"
	run as 4242 4242 8,9 console --quiet --linger 100ms quiet
	exits 1
	has "you may not write to it"
	run as 4242 4242 1,9 console --quiet --linger 100ms quiet
	exits 0
	run as 4242 4242 9 console --monitor --quiet quiet
	exits 1
	has "you may not watch it: console-watch names games, @mail, console-write @daemon"
	run as 4242 4242 9 console --monitor --quiet echo1
	exits 1
	has "console-watch names nobody"
	run as 4242 4242 9 consoles
	exits 0
	is ""
}

@test "names_that_the_system_does_not_have_are_told_at_the_start" {
	sed -i 's/machine "quiet" {/& console-watch = "alcie" /' "$STOKER_CONF"
	run "$stoker" daemon
	exits 2
	is "stoker: quiet: console-watch: the system has no user \"alcie\": write a name that \`getent passwd\` lists, or @alcie for a group"
}

@test "a_second_daemon_is_told_of_the_first" {
	started
	run "$stoker" daemon
	exits 2
	is "stoker: a \`stoker daemon\` runs already in \"$STOKER_RUN\": process $daemon"
	# and the first has not been disturbed
	state_is echo1 open
	ended
	[ ! -e "$STOKER_RUN/control" ]
	started
	state_is echo1 open
}

@test "writers_are_one_unless_joined_and_can_be_put_out" {
	started
	mkfifo keys
	begin first sh -c 'exec "$0" console --quiet echo1 <keys' "$stoker"
	first=$!
	exec 4>keys
	until_true attached echo1 1 0
	run "$stoker" console --quiet echo1 </dev/null
	exits 1
	has "root (uid 0, process $first) has it since "
	has "join with --join, take it with --steal, look with --monitor"
	echo hi | "$stoker" console --quiet --join --linger 100ms echo1
	run "$stoker" console --quiet --steal --linger 100ms echo1 <<<"mine"
	exits 0
	wait "$first" || true
	exec 4>&-
	grep -q "took it" errors
}

@test "a_machine_that_is_switched_on_has_its_console_at_once" {
	started
	until_true state_is guest lost
	# the tries are far apart by now
	sleep 3.2
	begin guest.out socat "UNIX-LISTEN:$place/guest" EXEC:cat
	until_true [ -S guest ]
	"$stoker" on guest
	until_true state_is guest open
	seconds=$("$stoker" consoles --json guest | jq -r .since)
	grep -q 'stoker: guest: console open' errors
	echo "$seconds"
}

@test "consoles_that_are_not_kept_are_open_while_somebody_is_there" {
	started
	state_is quiet closed
	watched out quiet 1
	state_is quiet open
	kill "$watcher"
	until_true state_is quiet closed
}

@test "the_end_is_told_to_who_is_attached_and_to_the_service_manager" {
	begin manager socat -u "UNIX-RECV:$place/notify" -
	until_true [ -S notify ]
	NOTIFY_SOCKET=$place/notify started
	until_true grep -q READY=1 manager
	watched out echo1 1
	ended
	status=0
	wait "$watcher" || status=$?
	exits 1
	grep -q 'the daemon has ended' errors
	grep -q STOPPING=1 manager
}
