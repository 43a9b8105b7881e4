#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The appliance: its daemon, its watchdog, its state, its ssh server.
# shellcheck disable=SC2016 # the machine's shell expands these
load harness

setup_file() { space_up; }
teardown_file() { space_down; }
setup() { place=$(image appliance); }
teardown() { halt; }

mac=00:16:3e:12:34:56

# boot_box NAME OPTION...
boot_box() {
	local name=$1
	shift
	boot "$name" "$@" -kernel "$place/vmlinuz" -initrd "${initrd:-$place/initramfs.img}"
}

# shell NAME: a shell on its serial console
shell() {
	says "$1" 'Press Enter for a shell'
	types "$1" ''
	says "$1" ':/# '
}

# with_conf FILE: the image with this configuration
with_conf() {
	mkdir -p "$BATS_TEST_TMPDIR/conf"
	cat >"$BATS_TEST_TMPDIR/conf/stoker.conf"
	initrd=$BATS_TEST_TMPDIR/both.img
	cp "$place/initramfs.img" "$initrd"
	truncate -s %4 "$initrd"
	conf_part "$BATS_TEST_TMPDIR/conf" >>"$initrd"
}

# a stick with the label STOKER and a key that may log in
stick() {
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/key"
	cp --sparse=always "$place/appliance.img" "$BATS_TEST_TMPDIR/stick.img"
	mcopy -i "$BATS_TEST_TMPDIR/stick.img@@1M" "$BATS_TEST_TMPDIR/key.pub" ::/authorized_keys
}

@test initramfs_has_at_most_8_mb {
	[ "$(stat -c %s "$place/initramfs.img")" -le 8000000 ]
}

@test the_daemon_runs_and_comes_back_after_a_kill {
	boot_box box -append console=ttyS0,115200
	says box 'NO PLACE FOR THE STATE'
	shell box
	tells box 'until old=$(pidof stoker); do sleep 1; done; echo fir""st' first
	types box 'kill -9 $old; until new=$(pidof stoker) && [ "$new" != "$old" ]; do sleep 1; done; echo ag""ain'
	says box 'again'
	tells box 'stoker consoles; echo co""de $?' 'code 0'
	said_never box 'Kernel panic'
}

@test the_watchdog_resets_a_machine_whose_daemon_hangs {
	boot_box dog -append 'console=ttyS0,115200 stoker.watchdog-timeout=8s' -device i6300esb -watchdog-action reset
	shell dog
	tells dog 'until grep resets /run/daemon.log; do sleep 1; done' '/dev/watchdog resets this machine'
	types dog 'kill -STOP $(pidof stoker)'
	says dog 'Press Enter for a shell' 2
}

@test state_survives_a_reboot {
	truncate -s 64M "$BATS_TEST_TMPDIR/disk"
	boot_box first -append console=ttyS0,115200 -drive "file=$BATS_TEST_TMPDIR/disk,format=raw,if=virtio"
	shell first
	tells first 'echo kept >/var/lib/stoker/mark; stoker state init /dev/vda' 'is on it from now on'
	tells first 'stoker state' 'on a disk'
	types first reboot
	says first 'state on /dev/vda'
	says first 'Press Enter for a shell' 2
	types first ''
	tells first 'cat /var/lib/stoker/mark' kept 2
}

@test a_wrong_configuration_is_told_and_leaves_a_shell {
	with_conf <<<'machine "nas1" { mac = "zebra" }'
	boot_box wrong -append console=ttyS0,115200
	says wrong zebra
	shell wrong
	tells wrong 'echo still he""re' 'still here'
	said_never wrong 'Kernel panic'
}

@test ssh_lets_in_who_has_the_key_of_the_boot_medium {
	stick
	boot_box door 'net=,hostfwd=tcp:127.0.0.1:2222-:22' -append console=ttyS0,115200 \
		-device qemu-xhci -drive "if=none,id=stick,format=raw,file=$BATS_TEST_TMPDIR/stick.img" -device usb-storage,drive=stick
	says door 'Press Enter for a shell'
	log_in() {
		inside timeout 20 ssh -q -p 2222 -i "$BATS_TEST_TMPDIR/key" -o BatchMode=yes -o StrictHostKeyChecking=no \
			-o UserKnownHostsFile=/dev/null root@127.0.0.1 "$@"
	}
	await 60 'the door opens' log_in true
	[ "$(log_in stoker version | head -n 1)" = "$("$STOKER" version | head -n 1)" ]
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/stranger"
	run inside timeout 20 ssh -q -p 2222 -i "$BATS_TEST_TMPDIR/stranger" -o BatchMode=yes -o IdentitiesOnly=yes \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@127.0.0.1 true
	[ "$status" != 0 ]
}

@test disk_boots_by_uefi_and_wakes_what_its_configuration_says {
	cp --sparse=always "$place/appliance.img" "$BATS_TEST_TMPDIR/disk.img"
	printf 'machine "nas1" { mac = "%s" }\r\n' $mac >"$BATS_TEST_TMPDIR/stoker.conf"
	mcopy -i "$BATS_TEST_TMPDIR/disk.img@@1M" "$BATS_TEST_TMPDIR/stoker.conf" ::/
	boot disk -m 512 -bios /usr/share/ovmf/OVMF.fd -drive "file=$BATS_TEST_TMPDIR/disk.img,format=raw,if=virtio"
	shell disk
	types disk 'stoker wake nas1'
	await 60 'the packet' sent_magic disk $mac
}

# An NTP server that leaves this machine's clock alone. chrony is not installed: it would take the place of whatever
# keeps the time here.
serve_time() {
	local chronyd
	# shellcheck disable=SC2154 # the harness sets it
	chronyd=$("$tree/tools/packages" "$(dpkg --print-architecture)" chrony)/usr/sbin/chronyd
	printf '%s\n' 'local stratum 8' 'allow 127.0.0.0/8' 'bindaddress 127.0.0.1' 'cmdport 0' 'user root' \
		"pidfile $BATS_TEST_TMPDIR/chronyd.run" >"$BATS_TEST_TMPDIR/chrony.conf"
	ip netns exec "$SPACE" "$chronyd" -x -d -f "$BATS_TEST_TMPDIR/chrony.conf" >"$BATS_TEST_TMPDIR/chronyd.log" 2>&1 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/chronyd.pid"
}

@test the_time_comes_by_ntp {
	serve_time
	boot_box clock -append 'console=ttyS0,115200 ntp=10.0.2.2' -rtc base=2001-02-03T04:05:06
	shell clock
	tells clock "until date +ye\"\"ar%Y | grep year$(date +%Y); do sleep 1; done; echo in ti\"\"me" 'in time'
}

# starts NAME: it has come as far as its daemon
starts() {
	says "$1" 'Press Enter for a shell'
	says "$1" 'stoker daemon: 0 consoles kept'
	said_never "$1" 'Kernel panic'
}

@test iso_boots_by_bios {
	boot cd -m 512 -cdrom "$place/appliance.iso"
	starts cd
}

@test iso_boots_by_uefi {
	boot uefi -m 512 -bios /usr/share/ovmf/OVMF.fd -cdrom "$place/appliance.iso"
	starts uefi
}

@test disk_boots_by_bios {
	boot disk -m 512 -drive "file=$place/appliance.img,format=raw,if=virtio,snapshot=on"
	starts disk
}

@test unified_image_boots_by_uefi {
	mkdir -p "$BATS_TEST_TMPDIR/esp/EFI/BOOT"
	cp "$place/appliance.efi" "$BATS_TEST_TMPDIR/esp/EFI/BOOT/BOOTX64.EFI"
	boot unified -m 512 -bios /usr/share/ovmf/OVMF.fd -drive "file=fat:$BATS_TEST_TMPDIR/esp,format=raw,if=virtio,readonly=on"
	starts unified
}

@test network_boots_by_ipxe {
	boot pxe net=",tftp=$place/pxe,bootfile=boot.ipxe" -m 512 -boot n
	starts pxe
}
