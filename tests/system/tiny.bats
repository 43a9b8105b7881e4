#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The image tiny: a kernel and one static binary that wakes machines.
load harness

setup_file() { space_up; }
teardown_file() { space_down; }
setup() { place=$(image tiny); }
teardown() { halt; }

mac=00:16:3e:12:34:56

# boot_tiny COMMAND-LINE [OPTION...]
boot_tiny() {
	local words=$1
	shift
	boot tiny "$@" -no-reboot -kernel "$place/vmlinuz" -initrd "${initrd:-$place/initramfs.img}" \
		-append "console=ttyS0 quiet panic=-1 $words"
}

# appended: the image with the configuration of the test
appended() {
	mkdir "$BATS_TEST_TMPDIR/conf"
	mv "$BATS_TEST_TMPDIR/stoker.conf" "$BATS_TEST_TMPDIR/conf/"
	initrd=$BATS_TEST_TMPDIR/both.img
	cp "$place/initramfs.img" "$initrd"
	truncate -s %4 "$initrd"
	conf_part "$BATS_TEST_TMPDIR/conf" >>"$initrd"
}

@test initramfs_has_at_most_400_kb {
	[ "$(stat -c %s "$place/initramfs.img")" -le 400000 ]
}

@test it_wakes_what_the_command_line_says_and_goes_off {
	boot_tiny "stoker.run=\"wake $mac\" stoker.then=poweroff"
	ends tiny
	sent_magic tiny $mac
}

@test an_intel_card_is_known_too {
	boot_tiny "stoker.run=\"wake $mac\" stoker.then=poweroff" nic=e1000
	ends tiny
	sent_magic tiny $mac
}

@test it_wakes_what_an_appended_configuration_says {
	printf 'machine "nas1" { mac = "%s" }\n' "$mac" >"$BATS_TEST_TMPDIR/stoker.conf"
	appended
	boot_tiny 'stoker.run="wake nas1" stoker.then=poweroff'
	ends tiny
	sent_magic tiny $mac
}

@test a_wrong_configuration_is_readable_and_no_panic {
	printf 'machine "nas1" { mac = "zebra" }\n' >"$BATS_TEST_TMPDIR/stoker.conf"
	appended
	boot_tiny 'stoker.run="wake nas1" stoker.on-failure=shell'
	says tiny 'zebra'
	says tiny 'there is no /bin/sh here'
	said_never tiny 'Kernel panic'
	is_running tiny
}

@test a_job_that_fails_powers_off_where_that_is_wanted {
	boot_tiny 'stoker.run="wake no-such-machine" stoker.on-failure=poweroff'
	says tiny 'no-such-machine'
	ends tiny
	said_never tiny 'Kernel panic'
}
