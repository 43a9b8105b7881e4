#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

lab() {
	cat >"$STOKER_CONF" <<-END
		sandbox-state = "$BATS_TEST_TMPDIR/lab.state"
		machine "rack[1-3]" { sandbox = "on" }
		machine "deaf" { sandbox = "on" sandbox-fault = "bootdev:ignore" }
		machine "blind" { sandbox = "on" sandbox-fault = "bootdev:blind" }
		machine "bare" { mac = "02:00:00:00:00:01" }
	END
}

# boots MACHINE: what diagnose says of it
boots() { "$stoker" diagnose "$1" | sed -n 's/^    | boots: //p'; }

@test "the_next_start_is_from_the_device_and_the_one_after_it_is_not" {
	run "$stoker" bootdev pxe 'rack[1-2]'
	exits 0
	is "rack[1-2]: done"
	[ "$(boots rack1)" = "from pxe, once, legacy" ]
	# nothing was restarted, and to look uses nothing up
	run "$stoker" status rack1
	is "rack1: on"
	[ "$(boots rack1)" = "from pxe, once, legacy" ]
	"$stoker" reset rack1
	[ "$(boots rack1)" = "as its firmware is set up" ]
	[ "$(boots rack2)" = "from pxe, once, legacy" ]
}

@test "always_lasts_until_it_is_taken_back" {
	run "$stoker" bootdev --always --efi disk rack1
	exits 0
	"$stoker" cycle rack1
	[ "$(boots rack1)" = "from disk, always, EFI" ]
	"$stoker" bootdev none rack1
	[ "$(boots rack1)" = "as its firmware is set up" ]
}

@test "all_devices_are_known" {
	for device in pxe disk safe diag cdrom bios floppy; do
		"$stoker" bootdev $device rack1
		[ "$(boots rack1)" = "from $device, once, legacy" ]
	done
}

@test "a_device_that_is_none_is_told_before_anything_is_done" {
	run "$stoker" bootdev cdorm rack1
	exits 2
	has 'there is no boot device "cdorm": did you mean "cdrom"?'
	run "$stoker" bootdev rack1 pxe
	exits 2
	has 'there is no boot device "rack1": choose none, pxe, disk, safe, diag, cdrom, bios or floppy'
	run "$stoker" bootdev
	exits 2
	has "bootdev wants a device: "
	has "usage: stoker bootdev [OPTION]… DEVICE MACHINE…"
	run "$stoker" bootdev pxe
	exits 2
	has "bootdev: no machine is named"
	[ ! -e lab.state ]
}

@test "a_dry_run_says_with_what" {
	run "$stoker" bootdev --dry-run --efi pxe 'rack[1-3]'
	exits 0
	is "plan: bootdev pxe once efi: 3 machines, nothing is done
  1  rack[1-3]  bootdev sandbox 60s"
	[ ! -e lab.state ]
}

@test "json_says_done_sent_or_why_not" {
	needs jq
	run "$stoker" bootdev --json pxe rack1 blind deaf bare
	exits 1
	printf '%s\n' "$output" >out
	[ "$(jq -c 'select(.machine == "rack1") | [.verb, .state, .ok]' out)" = '["bootdev","done",true]' ]
	[ "$(jq -c 'select(.machine == "blind") | [.state, .ok]' out)" = '["sent",true]' ]
	[ "$(jq -c 'select(.machine == "deaf") | [.state, .ok, .error]' out)" = \
		'["unknown",false,"sandbox: \"deaf\" accepted it, and has not done it"]' ]
	[ "$(jq -r 'select(.machine == "bare").error' out | cut -d: -f1)" = "it cannot be given a boot device" ]
}
