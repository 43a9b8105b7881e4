# SPDX-License-Identifier: GPL-3.0-or-later
# The driver qemu with real guests, run by QEMU's own code generator.

bats_require_minimum_version 1.5.0
load qemu.bash

setup_file() { build_guests; }
setup() { lab; }
teardown() {
	local file
	end_all
	for file in "$BATS_TEST_TMPDIR"/*.pid; do
		[ ! -e "$file" ] || kill "$(cat "$file")"
	done
	! mountpoint -q "$STOKER_STATE/guests" || umount "$STOKER_STATE/guests"
}

# --- its life -----------------------------------------------------------------------------------

@test "a_guest_goes_through_its_states_and_keeps_its_memory_through_them" {
	is off
	says on vm1 'vm1: on'
	counts a
	says pause vm1 'vm1: paused'
	is paused
	says pause vm1 'vm1: paused'
	fails on vm1 'stoker resume vm1'
	says resume vm1 'vm1: on'
	counts b
	says on vm1 'vm1: on'
	runs vm1 1
	counts c
	says nmi vm1 'vm1: sent'
	says sysrq su vm1 'vm1: sent'
	says reset vm1 'vm1: on'
	begins_anew
	says cycle vm1 'vm1: on'
	begins_anew
	says off vm1 'vm1: off'
	is off
	says off vm1 'vm1: off'
	[ -z "$(pids)" ]
	[ ! -e "$STOKER_RUN/guests/vm1" ]
}

@test "soft_is_over_when_the_guest_is_gone" {
	stoker on vm1
	counts a
	says soft vm1 'vm1: off'
	runs vm1 0
	says soft vm1 'vm1: off'
}

@test "a_guest_that_does_not_hear_its_button_is_killed_by_the_next_rung" {
	cp "$guests/deaf" "$BATS_TEST_TMPDIR/deaf.img"
	cat >>"$STOKER_CONF" <<-END
		machine "deaf" { profile = "small" disk = "$BATS_TEST_TMPDIR/deaf.img" stop = {"soft 1s", "kill"} soft = "qemu 1s" }
	END
	stoker on deaf
	fails soft deaf 'not off within 1s'
	is on deaf
	says stop deaf 'deaf: off'
	runs deaf 0
}

@test "a_paused_guest_is_not_asked_to_shut_down" {
	stoker on vm1
	stoker pause vm1
	fails soft vm1 'does not hear its power button: "stoker resume vm1" lets it go on'
	is paused
}

@test "ladders_may_say_it_in_the_words_of_xendomains" {
	sed -i 's/disk = /start = {"restore 60s", "create 60s"} stop = {"shutdown 10s", "kill"} disk = /' "$STOKER_CONF"
	stoker start vm1
	runs vm1 1
	counts a
	says save vm1 'vm1: saved'
	fails create vm1 'stoker restore vm1'
	says start vm1 'vm1: on'
	counts b
	says off vm1 'vm1: off'
	says create vm1 'vm1: on'
	counts a
	cp "$guests/ready" "$disk"
	says reset vm1 'vm1: on'
	talk '' 'guest is up'
	says stop vm1 'vm1: off'
	runs vm1 0
}

@test "the_console_server_keeps_its_console_while_people_come_and_go" {
	sed -i 's|soft = "qemu 10s"|& console-keep = yes console-log = "'"$BATS_TEST_TMPDIR"'/%n.log"|' "$STOKER_CONF"
	stoker on vm1
	"$STOKER" daemon >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/errors" </dev/null 3>&- &
	daemon=$!
	await 10 grep -q '^' "$BATS_TEST_TMPDIR/ready"
	await 10 eval "stoker consoles | grep -q 'vm1.*open'"
	for letter in a b; do
		[[ $(printf x | stoker console --quiet --linger 500ms vm1) == *$letter ]]
	done
	# it is there again behind the guest's end
	says off vm1 'vm1: off'
	says on vm1 'vm1: on'
	await 10 eval "stoker consoles | grep -q 'vm1.*open'"
	[[ $(printf x | stoker console --quiet --linger 500ms vm1) == *a ]]
	grep -q 'ab' "$BATS_TEST_TMPDIR/vm1.log"
	kill "$daemon"
	wait "$daemon" || true
	# nobody's end is the guest's
	counts b
}

@test "an_interrupted_soft_leaves_the_guest_on" {
	sed -i 's/soft = "qemu 10s"/soft = "qemu 60s"/; s/disk.img/deaf.img/' "$STOKER_CONF"
	cp "$guests/deaf" "$BATS_TEST_TMPDIR/deaf.img"
	stoker on vm1
	STOKER_STOP=qemu-pressed "$STOKER" soft vm1 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	stopped=$!
	await 10 grep -q 'State:.*T' "/proc/$stopped/status"
	kill -INT $stopped
	kill -CONT $stopped
	code=0
	wait $stopped || code=$?
	[ $code != 0 ]
	grep -q 'interrupted' "$BATS_TEST_TMPDIR/out"
	is on
	runs vm1 1
}

@test "a_start_that_fails_tells_in_QEMUs_words_and_leaves_nothing" {
	sed -i "s/memory = /qemu-args = \"-device no-such-thing\" memory = /" "$STOKER_CONF"
	fails on vm1 "'no-such-thing' is not a valid device model name"
	[ ! -e "$STOKER_RUN/guests/vm1" ]
	is off
	sed -i "s/-device no-such-thing/-machine nothing/" "$STOKER_CONF"
	fails on vm1 'unsupported machine type'
	[ -z "$(pids)" ]
}

@test "what_is_missing_is_told_before_anything_is_started" {
	sed -i "s|disk.img|no-disk.img|" "$STOKER_CONF"
	fails on vm1 "disk: there is no \"$BATS_TEST_TMPDIR/no-disk.img\""
	run stoker diagnose vm1
	[[ $output == *'missing: disk: there is no'* ]]
	sed -i 's/memory =/qemu-program = "qemu-system-none" memory =/' "$STOKER_CONF"
	fails on vm1 'the program "qemu-system-none" is in none of the folders of PATH'
}

@test "diagnose_tells_the_command_line_that_runs" {
	stoker on vm1
	run stoker diagnose vm1
	[[ $output == *'accelerator: tcg'* ]]
	[[ $output == *'started by us, its monitor answers: running'* ]]
	wanted=$(sed -n 's/.*command: //p' <<<"$output")
	got=$(tr '\0' ' ' <"/proc/$(cat "$STOKER_RUN/guests/vm1/pid")/cmdline")
	[ "$wanted -S " = "$got" ]
}

@test "QEMU_outlives_us_and_has_nothing_of_ours" {
	STOKER_PASSWORD=boilerroom SSHPASS=x stoker on vm1 7</etc/hostname 8>"$BATS_TEST_TMPDIR/leak"
	pid=$(cat "$STOKER_RUN/guests/vm1/pid")
	run ls -l "/proc/$pid/fd"
	[[ $output != *hostname* && $output != *leak* && $output != *pipe:* ]]
	run tr '\0' '\n' <"/proc/$pid/environ"
	[[ $output != *boilerroom* && $output != *SSHPASS* ]]
	[ "$(readlink "/proc/$pid/cwd")" = / ]
	# a session of its own
	[ "$(ps -o sid= -p "$pid" | tr -d ' ')" = "$pid" ]
}

@test "a_screen_by_vnc_is_told_where_it_is" {
	sed -i 's/memory =/display = "vnc" memory =/' "$STOKER_CONF"
	stoker on vm1
	run stoker diagnose vm1
	[[ $output =~ screen:\ VNC\ at\ 127.0.0.1:59([0-9][0-9]) ]]
	DISPLAY='' run stoker console --viewer vnc vm1
	[[ $output == *"vm1: VNC at 127.0.0.1:$((10#${BASH_REMATCH[1]}))"* ]]
	stoker off vm1
	sed -i 's/display = "vnc"/display = "vnc \\\\[::1\\\\]:31,to=99"/' "$STOKER_CONF"
	stoker on vm1
	run stoker diagnose vm1
	[[ $output =~ screen:\ VNC\ at\ \[::1\]:59([0-9][0-9]) ]]
	DISPLAY='' run stoker console --viewer vnc vm1
	[[ $output == *"vm1: VNC at [::1]:${BASH_REMATCH[1]}"* ]]
}

@test "the_monitor_for_people_is_a_console_too" {
	stoker on vm1
	"$BATS_TEST_DIRNAME/serial" "$STOKER_RUN/guests/vm1/monitor" $'info name\n' 'vm1'
}

# --- how its state is asked ---------------------------------------------------------------------

@test "each_of_its_monitors_that_are_for_looking_tells_the_state_without_the_other" {
	stoker on vm1
	stoker pause vm1
	mv "$STOKER_RUN/guests/vm1/look" "$BATS_TEST_TMPDIR/"
	is paused
	[ "${#lines[@]}" = 1 ]
	stoker resume vm1
	is on
	[ "${#lines[@]}" = 1 ]
	# a guest of an earlier version has no more than this
	mv "$BATS_TEST_TMPDIR/look" "$STOKER_RUN/guests/vm1/"
	mv "$STOKER_RUN/guests/vm1/status" "$BATS_TEST_TMPDIR/"
	is on
	stoker pause vm1
	is paused
	[ "${#lines[@]}" = 1 ]
	rm "$STOKER_RUN/guests/vm1/look"
	is on
	[[ $output == *"process $(pids) runs"*'No such file or directory'* ]]
}

@test "a_state_is_known_though_others_hold_the_monitor_that_is_asked_first" {
	stoker on vm1
	stoker pause vm1
	socat -u "UNIX-CONNECT:$STOKER_RUN/guests/vm1/status" "CREATE:$BATS_TEST_TMPDIR/heard" 3>&- &
	holder=$!
	await 10 grep -q 'qemu' "$BATS_TEST_TMPDIR/heard"
	is paused
	[ "${#lines[@]}" = 1 ]
	kill $holder
}

# --- which process it is ------------------------------------------------------------------------

@test "a_guest_whose_record_is_lost_is_found_again" {
	stoker on vm1
	counts a
	rm "$STOKER_RUN/guests/vm1/record"
	is on
	rm "$STOKER_RUN/guests/vm1/pid"
	says on vm1 'vm1: on'
	runs vm1 1
	counts b
	says off vm1 'vm1: off'
}

@test "a_guest_whose_QEMU_was_killed_is_off" {
	stoker on vm1
	kill -9 "$(cat "$STOKER_RUN/guests/vm1/pid")"
	await 5 runs vm1 0
	is off
	[[ $output == *'it ended without being asked to: QEMU was killed or crashed'* ]]
	says on vm1 'vm1: on'
	counts a
}

@test "one_that_ended_in_good_order_or_by_us_has_no_reason_told" {
	local signal
	for signal in TERM SEGV; do
		stoker on vm1
		counts a
		kill -$signal "$(cat "$STOKER_RUN/guests/vm1/pid")"
		await 5 runs vm1 0
		is off
		[ $signal = TERM ] && { [ "$output" = 'vm1: off' ] || return; }
		[ $signal = SEGV ] && { [[ $output == *'killed or crashed'* ]] || return; }
	done
	# what settles it
	says off vm1 'vm1: off'
	is off
	[ "$output" = 'vm1: off' ]
	# a monitor that does not hear quit, nor QEMU SIGTERM: killed by us
	stoker on vm1
	kill -STOP "$(cat "$STOKER_RUN/guests/vm1/pid")"
	dies qemu-ended off vm1
	is off
	[ "$output" = 'vm1: off' ]
}

# --- the daemon starts it again -----------------------------------------------------------------

supervised() { grep -q "vm1: $1" "$BATS_TEST_TMPDIR/errors"; }

@test "the_daemon_starts_what_was_killed_and_not_what_shut_itself_down" {
	sed -i '1i restart-interval = 100ms' "$STOKER_CONF"
	sed -i 's/soft = "qemu 10s"/& restart = on-failure restart-delay = 100ms/' "$STOKER_CONF"
	stoker on vm1
	counts a
	"$STOKER" daemon >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/errors" </dev/null 3>&- &
	daemon=$!
	await 10 supervised 'it runs, and is looked after'
	first=$(cat "$STOKER_RUN/guests/vm1/pid")
	kill -9 "$first"
	await 20 supervised 'it was started again'
	supervised 'it has ended: it ended without being asked to: QEMU was killed or crashed: it is started again in 0.1 s'
	runs vm1 1
	counts a
	# the guest puts itself off, without a command of ours that could tell the daemon
	printf '{"execute":"qmp_capabilities"}{"execute":"system_powerdown"}' |
		timeout 5 socat -t1 - "UNIX:$STOKER_RUN/guests/vm1/qmp" >/dev/null
	await 20 supervised 'it has ended in good order, and is left off'
	runs vm1 0
	[ "$(grep -c 'it was started again' "$BATS_TEST_TMPDIR/errors")" = 1 ]
	kill "$daemon"
	wait "$daemon" || true
}

# by_hand OPTION...: a QEMU that somebody has started
by_hand() {
	qemu-system-x86_64 -machine pc -accel tcg -m 16 -display none -nodefaults -daemonize \
		-drive "file=$disk,format=raw,if=virtio" -serial "unix:$BATS_TEST_TMPDIR/hand,server=on,wait=off" \
		-pidfile "$BATS_TEST_TMPDIR/hand.pid" "$@" 3>&-
	hand=$(cat "$BATS_TEST_TMPDIR/hand.pid")
}

# what is named by no path of a service ends here
end_hand() { kill -9 "$hand" && await 5 gone "$hand"; }

@test "a_guest_started_by_hand_is_found_by_its_name" {
	by_hand -name vm1
	is on
	[[ $output == *'no monitor that we could ask'* ]]
	says on vm1 'vm1: on'
	fails pause vm1 'start it with -qmp'
	says off vm1 'vm1: off'
	await 5 gone "$hand"
	by_hand -name guest=vm1,debug-threads=on -qmp "unix:$BATS_TEST_TMPDIR/hand.qmp,server=on,wait=off"
	says pause vm1 'vm1: paused'
	says resume vm1 'vm1: on'
	[ "$("$BATS_TEST_DIRNAME/serial" "$BATS_TEST_TMPDIR/hand" x '[a-z]')" = a ]
	says save vm1 'vm1: saved'
	await 5 gone "$hand"
	says restore vm1 'vm1: on'
	[ "$("$BATS_TEST_DIRNAME/serial" "$BATS_TEST_TMPDIR/hand" x '[a-z]')" = b ]
	says off vm1 'vm1: off'
}

@test "a_guest_started_by_hand_is_found_by_its_uuid_before_its_name" {
	sed -i 's/disk = /uuid = "123e4567-e89b-12d3-a456-426614174000" disk = /' "$STOKER_CONF"
	by_hand -name other -uuid 123E4567-E89B-12D3-A456-426614174000
	is on
	end_hand
	by_hand -name vm1 -uuid 00000000-0000-0000-0000-000000000001
	is off
	end_hand
}

@test "a_strangers_process_is_left_alone" {
	# of the same name, kept by another service
	places other
	stoker on vm1
	places run
	is off
	says off vm1 'vm1: off'
	places other
	runs vm1 1
	# of the number that is in our record, but not the one that we started
	stranger=$(cat "$STOKER_RUN/guests/vm1/pid")
	places run
	mkdir -p "$STOKER_RUN/guests/vm1"
	echo "{\"pid\": $stranger, \"start\": 1, \"deed\": \"save\"}" >"$STOKER_RUN/guests/vm1/record"
	echo "$stranger" >"$STOKER_RUN/guests/vm1/pid"
	is off
	says off vm1 'vm1: off'
	places other
	runs vm1 1
	# a program that only speaks of it
	bash -c "exec -a watcher sleep 60" qemu -name vm1 3>&- &
	places run
	is off
	kill $!
}

@test "two_that_claim_to_be_it_are_told" {
	by_hand -name vm1 -snapshot
	first=$hand
	by_hand -name vm1 -snapshot -serial none -pidfile "$BATS_TEST_TMPDIR/hand2.pid"
	second=$(cat "$BATS_TEST_TMPDIR/hand2.pid")
	fails status vm1 'two processes say that they are "vm1"'
	fails off vm1 'end one of them'
	kill -9 "$first" "$second"
}

# --- save and restore ---------------------------------------------------------------------------

@test "what_was_saved_is_restored_where_it_was" {
	stoker on vm1
	counts a
	says save vm1 'vm1: saved'
	is saved
	runs vm1 0
	says save vm1 'vm1: saved'
	says off vm1 'vm1: saved'
	fails on vm1 '"stoker restore vm1" brings it back'
	[ "$(python3 -c 'import sys,zlib,json; d=sys.argv[1]; print(zlib.crc32(open(d+"/state","rb").read()) == json.load(open(d+"/saved"))["crc32"])' \
		"$STOKER_STATE/guests/vm1")" = True ]
	says restore vm1 'vm1: on'
	counts b
	[ ! -e "$STOKER_STATE/guests/vm1/state" ]
	fails restore vm1 'nothing of it was saved'
	says start vm1 'vm1: on'
	stoker save vm1
	says start vm1 'vm1: on'
	counts c
	runs vm1 1
}

@test "a_guest_that_was_paused_can_be_saved" {
	stoker on vm1
	counts a
	stoker pause vm1
	says save vm1 'vm1: saved'
	says start vm1 'vm1: on'
	counts b
}

@test "a_damaged_state_is_told_kept_and_not_started" {
	stoker on vm1
	stoker save vm1
	printf x | dd of="$STOKER_STATE/guests/vm1/state" bs=1 seek=5000 conv=notrunc status=none
	fails restore vm1 'its saved state is damaged'
	[[ $output == *"is kept in \"$STOKER_STATE/guests/vm1\""* ]]
	fails start vm1 'its saved state is damaged'
	is saved
	runs vm1 0
}

@test "a_state_that_QEMU_cannot_take_is_told_in_its_words_and_kept" {
	stoker on vm1
	stoker save vm1
	sed -i 's/"16M"/"24M"/' "$STOKER_STATE/guests/vm1/saved"
	fails restore vm1 'QEMU has ended: '
	[[ $output == *'load of migration failed'* ]]
	[[ $output == *'is kept in'* ]]
	is saved
	[ -z "$(pids)" ]
	sed -i 's/"24M"/"16M"/' "$STOKER_STATE/guests/vm1/saved"
	says restore vm1 'vm1: on'
	counts a
}

@test "without_room_for_its_state_a_guest_goes_on" {
	mkdir "$STOKER_STATE/guests"
	mount -t tmpfs -o size=4m none "$STOKER_STATE/guests"
	stoker on vm1
	counts a
	run stoker save vm1
	[ "$status" = 1 ]
	is on || { umount "$STOKER_STATE/guests"; false; }
	counts b
	left=$(find "$STOKER_STATE/guests" -name 'state*')
	end_all
	umount "$STOKER_STATE/guests"
	[[ -z $left ]]
}

@test "a_disk_that_fills_while_a_state_is_written_leaves_the_guest_on_and_no_half_file" {
	mkdir "$STOKER_STATE/guests"
	truncate -s 40M "$BATS_TEST_TMPDIR/fs"
	# one that cannot reserve room
	mkfs.ext2 -q -m 0 "$BATS_TEST_TMPDIR/fs"
	mount -o loop "$BATS_TEST_TMPDIR/fs" "$STOKER_STATE/guests"
	stoker on vm1
	counts a
	STOKER_STOP=qemu-save-stopped "$STOKER" save vm1 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	stopped=$!
	await 10 grep -q 'State:.*T' "/proc/$stopped/status"
	dd if=/dev/zero of="$STOKER_STATE/guests/filler" bs=64k 2>/dev/null || true
	kill -CONT $stopped
	code=0
	wait $stopped || code=$?
	cat "$BATS_TEST_TMPDIR/out"
	left=$(find "$STOKER_STATE/guests" -name 'state*')
	state=$(stoker status vm1)
	rm "$STOKER_STATE/guests/filler"
	letter=$(talk x '[a-z]')
	again=$(stoker save vm1)
	umount "$STOKER_STATE/guests"
	grep -q 'QEMU cannot write its state' "$BATS_TEST_TMPDIR/out"
	[ "$code $state $letter $again $left" = '1 vm1: on b vm1: saved ' ]
}

@test "an_interrupted_save_leaves_the_guest_on_and_no_half_file" {
	stoker on vm1
	counts a
	STOKER_STOP=qemu-save-stopped "$STOKER" save vm1 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	stopped=$!
	await 10 grep -q 'State:.*T' "/proc/$stopped/status"
	kill -INT $stopped
	kill -CONT $stopped
	code=0
	wait $stopped || code=$?
	[ $code != 0 ]
	is on
	counts b
	[ -z "$(find "$STOKER_STATE" -name 'state*' -type f)" ]
}

# --- a run that is killed -----------------------------------------------------------------------

@test "on_killed_at_any_step_is_finished_by_the_next" {
	for point in $(points 'qemu-spawn') qemu-before-run qemu-running qemu-on-finished; do
		echo "at $point"
		dies "$point" on vm1
		says on vm1 'vm1: on'
		runs vm1 1
		counts a
		says off vm1 'vm1: off'
		# off puts an end to it as well
		dies "$point" on vm1
		says off vm1 'vm1: off'
		runs vm1 0
	done
}

@test "off_killed_at_any_step_is_finished_by_the_next" {
	for point in qemu-ending qemu-ended; do
		echo "at $point"
		stoker on vm1
		dies "$point" off vm1
		says off vm1 'vm1: off'
		runs vm1 0
		says on vm1 'vm1: on'
		counts a
		dies "$point" soft vm1 || [ "$point" = qemu-ending ]
		says off vm1 'vm1: off'
	done
	cp "$guests/ready" "$disk"
	stoker on vm1
	talk '' 'guest is up'
	dies qemu-pressed soft vm1
	says soft vm1 'vm1: off'
	runs vm1 0
}

@test "save_killed_at_any_step_is_finished_by_the_next_and_loses_nothing" {
	stoker on vm1
	for point in $(points qemu-save) qemu-ending qemu-ended; do
		echo "at $point"
		# once more
		first=$(talk x '[a-z]')
		dies "$point" save vm1
		says save vm1 'vm1: saved'
		runs vm1 0
		[ "$(find "$STOKER_STATE/guests/vm1" -name 'state*' | wc -l)" = 1 ]
		says restore vm1 'vm1: on'
		runs vm1 1
		# whatever comes next: it goes on, or is brought back
		second=$(talk x '[a-z]')
		dies "$point" save vm1
		stoker on vm1 || true
		says start vm1 'vm1: on'
		runs vm1 1
		[ -z "$(find "$STOKER_STATE/guests/vm1" -name 'state*')" ]
		[ ! -e "$STOKER_STATE/guests/vm1/saved" ]
		third=$(talk x '[a-z]')
		[[ abcdefghijklmnopqrstuvwxyzabc == *"$first$second$third"* ]]
	done
}

@test "restore_killed_at_any_step_is_finished_by_the_next_and_loses_nothing" {
	stoker on vm1
	for point in $(points 'qemu-spawn') $(points qemu-restore) qemu-before-run qemu-running; do
		echo "at $point"
		first=$(talk x '[a-z]')
		stoker save vm1
		dies "$point" restore vm1
		is on || is saved || is paused
		says start vm1 'vm1: on'
		runs vm1 1
		second=$(talk x '[a-z]')
		[[ abcdefghijklmnopqrstuvwxyzabc == *"$first$second"* ]]
		[ ! -e "$STOKER_STATE/guests/vm1/state" ]
		[ ! -e "$STOKER_STATE/guests/vm1/restoring" ]
	done
}

# --- to another host ----------------------------------------------------------------------------

# target COMMAND...: on the other host, which is a service of its own on this machine
target() { STOKER_RUN=$BATS_TEST_TMPDIR/target STOKER_STATE=$BATS_TEST_TMPDIR/target-state "$@"; }

# await_guest [NAME]: the other host waits for it
await_guest() {
	mkdir -p "$BATS_TEST_TMPDIR/target" "$BATS_TEST_TMPDIR/target-state"
	target "$STOKER" start "${1-vm1}" >"$BATS_TEST_TMPDIR/target.out" 2>&1 3>&- &
	waiter=$!
	await 10 target_waits "${1-vm1}"
}
target_waits() { target "$STOKER" status "$1" | grep -q 'waits to be moved here'; }
one_is_left() { [ "$(pids | wc -l)" = 1 ]; }
target_listens() { [ -n "$(ss -Hltn "sport = :$port")" ]; }

migration_lab() {
	port=$((20000 + $$ % 20000))
	sed -i "s/disk = /start = \"qemu on incoming 127.0.0.1:$port 60s\" disk = /" "$STOKER_CONF"
	stoker on vm1
}

@test "a_guest_that_is_moved_goes_on_there_and_nowhere_else" {
	migration_lab
	counts a
	fails migrate "127.0.0.1:$port" vm1 'cannot be moved to'
	is on
	await_guest
	await 10 target_listens
	run stoker migrate "127.0.0.1:$port" vm1
	[ "${lines[0]}" = 'vm1: moved' ]
	wait $waiter
	is moved
	runs vm1 0
	fails on vm1 'it was moved to another host'
	[ "$(target "$STOKER" status vm1)" = 'vm1: on' ]
	[ "$(target talk x '[a-z]')" = b ]
	# and back
	"$STOKER" start vm1 >/dev/null 3>&- &
	waiter=$!
	await 10 target_listens
	target "$STOKER" migrate "127.0.0.1:$port" vm1
	wait $waiter
	is on
	counts c
	[ "$(pids | wc -l)" = 1 ]
}

@test "a_move_whose_run_is_killed_is_finished_or_called_back_by_the_next" {
	migration_lab
	expected=abcdefgh
	for point in $(points qemu-migrate); do
		echo "at $point"
		[ "$(talk x '[a-z]')" = "${expected:0:1}" ]
		await_guest
		await 10 target_listens
		dies "$point" migrate "127.0.0.1:$port" vm1
		run stoker resume vm1
		echo "$output"
		if stoker status vm1 | grep -q moved; then
			wait $waiter
			[ "$(target "$STOKER" status vm1)" = 'vm1: on' ]
			"$STOKER" start vm1 >/dev/null 3>&- &
			waiter=$!
			await 10 target_listens
			target "$STOKER" migrate "127.0.0.1:$port" vm1
		else
			# the other side waits in vain, or has given up already
			kill -INT $waiter || true
		fi
		wait $waiter || true
		is on
		await 10 one_is_left
		expected=${expected:1}
	done
}

# --- what it boots from -------------------------------------------------------------------------

@test "it_boots_from_what_it_is_told_to" {
	cp "$guests/counter" "$BATS_TEST_TMPDIR/floppy.img"
	cp "$guests/counter" "$BATS_TEST_TMPDIR/disk.img"
	truncate -s 16M "$BATS_TEST_TMPDIR/disk.img"
	mkdir "$BATS_TEST_TMPDIR/iso"
	cp "$guests/counter" "$BATS_TEST_TMPDIR/iso/boot.img"
	xorriso -as mkisofs -quiet -o "$BATS_TEST_TMPDIR/disc.iso" -b boot.img "$BATS_TEST_TMPDIR/iso" 2>/dev/null
	for boot in cd dvd floppy usb disk virtual-disk; do
		for machine in pc q35; do
			echo "from $boot on $machine"
			medium=$BATS_TEST_TMPDIR/disk.img
			case $boot in
			cd | dvd) medium=$BATS_TEST_TMPDIR/disc.iso ;;
			floppy) medium=$BATS_TEST_TMPDIR/floppy.img ;;
			esac
			sed -i "s|qemu-machine = .*|qemu-machine = \"$machine\"|; s|^machine.*|machine \"vm1\" { profile = \"small\" boot = \"$boot $medium\" }|" "$STOKER_CONF"
			stoker on vm1
			counts a
			stoker off vm1
		done
	done
	sed -i "s|^machine.*|machine \"vm1\" { profile = \"small\" disk = \"$disk\" boot = \"network\" \
		nic = \"user tftp=$guests bootfile=network restrict=on\" }|" "$STOKER_CONF"
	stoker on vm1
	talk '' 'booted by network'
}

@test "firmware_is_another_one_than_qemus_own_and_keeps_its_variables" {
	local code=/usr/share/OVMF/OVMF_CODE_4M.fd vars=$BATS_TEST_TMPDIR/vars.fd
	cp /usr/share/OVMF/OVMF_VARS_4M.fd "$vars"
	sed -i "s|^machine.*|machine \"vm1\" { profile = \"small\" memory = \"64M\" firmware = \"/usr/share/qemu/OVMF.fd\" }|" "$STOKER_CONF"
	stoker on vm1
	talk '' 'UEFI|BdsDxe' vm1 60
	stoker off vm1
	sed -i "s|/usr/share/qemu/OVMF.fd|$code $vars|; s|qemu-machine = .*|qemu-machine = \"q35\"|" "$STOKER_CONF"
	stoker on vm1
	talk '' 'UEFI|BdsDxe' vm1 60
	stoker off vm1
	if cmp -s "$vars" /usr/share/OVMF/OVMF_VARS_4M.fd; then return 1; fi
}

@test "the_target_of_an_installation_is_made_and_never_overwritten" {
	new=$BATS_TEST_TMPDIR/new.qcow2
	sed -i "s|disk = .*|install = \"usb $disk disk $new 8M init\" }|; s/16M/32M/" "$STOKER_CONF"
	truncate -s 16M "$disk"
	dies qemu-target-made on vm1
	says on vm1 'vm1: on'
	[ "$(qemu-img info -U --output json "$new" | jq -r '.format, ."virtual-size"' | xargs)" = 'qcow2 8388608' ]
	[ ! -e "$new.being-made" ]
	counts a
	says off vm1 'vm1: off'
	# nothing was installed yet
	says on vm1 'vm1: on'
	says off vm1 'vm1: off'
	qemu-io -f qcow2 -c 'write -P 7 0 64k' "$new" >/dev/null
	sum=$(sha256sum "$new")
	fails on vm1 'is there already and may hold something'
	[ "$(sha256sum "$new")" = "$sum" ]
	# from a disc too
	mkdir "$BATS_TEST_TMPDIR/iso"
	cp "$guests/counter" "$BATS_TEST_TMPDIR/iso/boot.img"
	xorriso -as mkisofs -quiet -o "$BATS_TEST_TMPDIR/disc.iso" -b boot.img "$BATS_TEST_TMPDIR/iso" 2>/dev/null
	sed -i "s|usb $disk|cd $BATS_TEST_TMPDIR/disc.iso|" "$STOKER_CONF"
	rm "$new"
	says on vm1 'vm1: on'
	counts a
	says off vm1 'vm1: off'
	# a start that fails takes its new target back
	rm "$new"
	sed -i 's/memory =/qemu-args = "-device no-such-thing" memory =/' "$STOKER_CONF"
	fails on vm1 'no-such-thing'
	[ ! -e "$new" ]
}

# --- its network --------------------------------------------------------------------------------

@test "a_port_of_a_bridge_is_made_and_goes_with_the_guest" {
	space=stk-qemu-$$
	ip netns add $space
	ip -n $space link add br0 type bridge
	sed -i 's/disk = /nic = "tap br0" mac = "02:00:00:00:00:07" disk = /' "$STOKER_CONF"
	ip netns exec $space "$STOKER" on vm1
	ports=$(ip -n $space -br link show master br0)
	ip netns exec $space "$STOKER" save vm1
	gone=$(ip -n $space -br link show master br0)
	ip netns exec $space "$STOKER" restore vm1
	again=$(ip -n $space -br link show master br0)
	ip netns exec $space "$STOKER" off vm1
	sed -i 's/br0/br7/' "$STOKER_CONF"
	run ip netns exec $space "$STOKER" on vm1
	ip netns del $space
	[[ $ports == stk*UP* || $ports == stk*UNKNOWN* ]]
	[[ -z $gone && $again == stk* ]]
	[[ $output == *'there is no such bridge'* ]]
	[ -z "$(pids)" ]
}

@test "qemus_own_helper_makes_a_port_where_its_file_allows_it" {
	space=stk-qemu-$$
	ip netns add $space
	ip -n $space link add br0 type bridge
	sed -i 's/disk = /nic = "bridge br0" mac = "02:00:00:00:00:07" disk = /' "$STOKER_CONF"
	# as in that network, with an /etc/qemu/bridge.conf of its own
	within() {
		ip netns exec $space sh -c 'mkdir "$1" && cp -a /etc/. "$1/" && mkdir -p "$1/qemu" && echo "allow br0" >"$1/qemu/bridge.conf" &&
			mount --bind "$1" /etc && shift && exec "$@"' - "$BATS_TEST_TMPDIR/etc" "$STOKER" "$@"
	}
	run within on vm1
	ports=$(ip -n $space -br link show master br0)
	stoker off vm1
	run -1 ip netns exec $space "$STOKER" on vm1
	ip netns del $space
	[[ $ports == tap* ]]
	[[ $output == *'bridge'* ]]
	[ -z "$(pids)" ]
}

@test "guests_reach_each_other_by_a_switch_of_vde" {
	switch=$BATS_TEST_TMPDIR/switch
	vde_switch -s "$switch" -p "$BATS_TEST_TMPDIR/switch.pid" -d 3>&-
	# a QEMU of somebody else's that gives out addresses and a boot file there
	qemu-system-x86_64 -M none -display none -nodefaults -daemonize -name boots -pidfile "$BATS_TEST_TMPDIR/server.pid" \
		-netdev "vde,id=vde,sock=$switch" -netdev hubport,id=port0,hubid=0,netdev=vde \
		-netdev "user,id=user,tftp=$guests,bootfile=network,restrict=on" -netdev hubport,id=port1,hubid=0,netdev=user 3>&-
	sed -i "s|^machine.*|machine \"vm1\" { profile = \"small\" boot = \"network\" nic = \"vde $switch\" }|" "$STOKER_CONF"
	stoker on vm1
	talk '' 'booted by network'
}

# --- how it runs --------------------------------------------------------------------------------

@test "kvm_is_taken_where_a_guest_really_ran_by_it_and_what_was_found_is_told_once" {
	sed -i '/qemu-accelerator/d' "$STOKER_CONF"
	run stoker on vm1
	[ "${lines[0]}" = 'vm1: on' ]
	words=$(tr '\0' ' ' <"/proc/$(cat "$STOKER_RUN/guests/vm1/pid")/cmdline")
	works=$(jq .works "$STOKER_STATE/qemu-kvm")
	if [ "$works" = true ]; then
		[[ $words == *'-accel kvm '* ]]
	else
		[[ $output == *'KVM does not run guests here ('*'they run by TCG'* ]]
		[[ $words == *'-accel tcg '* ]]
	fi
	[ ! -e "$STOKER_RUN/guests/vm1/probe" ]
	stoker off vm1
	says on vm1 'vm1: on'
	stoker off vm1
	# another kernel, or another QEMU, is looked at anew
	sed -i 's/"host": "/"host": "old /' "$STOKER_STATE/qemu-kvm"
	run stoker on vm1
	[ "$works" = true ] || [[ $output == *'KVM does not run guests here'* ]]
}

# --- with an operating system -------------------------------------------------------------------

# linux: one that has been booted once, and is brought back for each test
linux() {
	local kernel
	kernel=$("$BATS_TEST_DIRNAME/../../tools/guest-kernel")
	cat >>"$STOKER_CONF" <<-END
		machine "linux" {
			guest = "qemu"
			qemu-accelerator = "tcg"
			memory = "128M"
			kernel = "$kernel/vmlinuz"
			initrd = "$kernel/initrd.gz"
			append = "console=ttyS0 quiet"
			disk = "$BATS_TEST_TMPDIR/linux.qcow2"
			soft = "qemu 20s"
		}
	END
	qemu-img create -q -f qcow2 "$BATS_TEST_TMPDIR/linux.qcow2" 16M
	stoker on linux
	talk '' 'ready[^#]*#' linux 60
}
shell() { talk "$1; echo do\\ne"$'\n' "${2-done}" linux; }

@test "linux_keeps_its_memory_through_save_snapshot_and_its_own_sleep_and_hears_its_keys" {
	linux
	shell 'echo was here >/mark'
	says save linux 'linux: saved'
	says restore linux 'linux: on'
	shell 'cat /mark' 'was here'

	says snapshot first linux 'linux: done'
	fails snapshot first linux 'there is a snapshot "first" already'
	shell 'rm /mark'
	run stoker snapshot list linux
	[[ ${lines[1]} =~ first\ \ 20[0-9-]+\ [0-9:]+\ \ [0-9]+\ MB ]]
	says snapshot load first linux 'linux: done'
	shell 'cat /mark' 'was here'
	fails snapshot load second linux 'there is no snapshot "second"'
	says snapshot delete first linux 'linux: done'
	run stoker snapshot list linux
	[[ $output == *'no snapshots'* ]]

	says sysrq s linux 'linux: sent'
	shell 'dmesg' 'Emergency Sync'

	says suspend linux 'linux: suspended'
	is suspended linux
	fails save linux '"stoker wakeup linux" wakes it'
	fails soft linux '"stoker wakeup linux" wakes it'
	says wakeup linux 'linux: on'
	# what is typed while its serial port wakes up may be lost
	for _ in 1 2 3 4; do ! talk $'\n' '# ' linux 5 || break; done
	shell 'cat /mark' 'was here'
}

@test "linux_keeps_its_memory_through_a_pause_and_a_move_and_loses_it_by_a_reset" {
	port=$((20000 + $$ % 20000))
	linux
	sed -i "s/soft = \"qemu 20s\"/& start = \"qemu on incoming 127.0.0.1:$port 60s\"/" "$STOKER_CONF"
	shell 'echo was here >/mark'
	says pause linux 'linux: paused'
	is paused linux
	says resume linux 'linux: on'
	shell 'cat /mark' 'was here'
	says nmi linux 'linux: sent'
	shell 'dmesg' 'NMI'

	await_guest linux
	await 10 target_listens
	# a slow way there: a megabyte every 20 ms
	cat >"$BATS_TEST_TMPDIR/slow.py" <<-'END'
		import os, socket, sys, threading, time
		there = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		def back():
		    while b := there.recv(65536): os.write(1, b)
		threading.Thread(target=back, daemon=True).start()
		while b := os.read(0, 65536):
		    there.sendall(b)
		    time.sleep(len(b) / 50e6)
	END
	socat "TCP-LISTEN:$((port + 1)),bind=127.0.0.1" "SYSTEM:python3 '$BATS_TEST_TMPDIR/slow.py' $port" 3>&- &
	await 10 eval '[ -n "$(ss -Hltn "sport = :$((port + 1))")" ]'
	run script -qec "'$STOKER' migrate 127.0.0.1:$((port + 1)) linux" /dev/null
	[[ $output =~ migrate:\ 0\ of\ 1\ done,\ [0-9]+\ s,\ linux\ [0-9]+\ % ]]
	[[ $output == *'linux: moved'* ]]
	[[ $output =~ [0-9]+\ MB,\ and\ it\ stood\ still\ for\ [0-9]+\ ms ]]
	wait $waiter
	is moved linux
	target shell 'cat /mark' 'was here'

	target "$STOKER" reset linux
	target talk '' 'ready[^#]*#' linux 60
	target shell 'cat /mark' 'No such file'
	target "$STOKER" cycle linux
	target talk '' 'ready[^#]*#' linux 60
	target "$STOKER" off linux
}

@test "linux_shuts_down_when_its_power_button_is_pressed" {
	linux
	says soft linux 'linux: off'
	runs linux 0
}

@test "a_disk_that_cannot_hold_snapshots_is_told" {
	stoker on vm1
	fails snapshot first vm1 "is writable but does not support snapshots"
	is on
	counts a
}

@test "a_guest_that_does_not_care_for_its_sleep_key_is_told_and_stays_on" {
	sed -i 's/memory =/suspend = "qemu 1s" memory =/' "$STOKER_CONF"
	stoker on vm1
	fails suspend vm1 'not suspended within 1s'
	is on
}
