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

@test an_address_comes_from_dhcp {
	boot_tiny "ip=dhcp stoker.run=\"wake $mac\" stoker.then=poweroff"
	ends tiny
	sent_magic tiny $mac
	[ "$(heard tiny 'udp src port 68')" -ge 2 ]
	[ "$(heard tiny 'udp dst port 9 and src host 10.0.2.15')" -ge 1 ]
}

@test a_configuration_may_lie_beside_the_image_on_its_boot_medium {
	local esp=$BATS_TEST_TMPDIR/esp/EFI/BOOT
	mkdir -p "$esp/BOOTX64.EFI.extra.d"
	cp "$place/tiny.efi" "$esp/BOOTX64.EFI"
	printf 'machine "nas1" { mac = "%s" }\n' "$mac" >"$esp/BOOTX64.EFI.extra.d/stoker.conf.cred"
	boot tiny -m 512 -bios /usr/share/ovmf/OVMF.fd -no-reboot \
		-drive "file=fat:$BATS_TEST_TMPDIR/esp,format=raw,if=virtio,readonly=on"
	ends tiny
	sent_magic tiny $mac
}

@test network_boots_by_ipxe {
	cp -r "$place/pxe" "$BATS_TEST_TMPDIR/"
	sed -i "/^kernel/s/\$/ stoker.run=\"wake $mac\" stoker.then=poweroff/" "$BATS_TEST_TMPDIR/pxe/boot.ipxe"
	boot pxe net=",tftp=$BATS_TEST_TMPDIR/pxe,bootfile=boot.ipxe" -no-reboot -boot n
	ends pxe
	sent_magic pxe $mac
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

# The whole program as /init, with drivers of disks and their file systems: tiny has none.
with_disks() {
	local root=$BATS_TEST_TMPDIR/disks modules=$BATS_TEST_TMPDIR/disks/lib/modules name
	local kernel
	# shellcheck disable=SC2154 # the harness sets it
	kernel=$("$tree/tools/packages" amd64 linux-image-amd64)
	mkdir -p "$modules"
	cp "$STOKER" "$root/init"
	for name in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk failover net_failover \
		virtio_net nls_cp437 nls_ascii fat vfat; do
		find "$kernel/lib/modules" -name "$name.ko" -exec cp {} "$modules/" \;
		[ ! -e "$modules/$name.ko" ] || echo "$name.ko" >>"$modules/list"
	done
	(cd "$root" && find . ! -name . | cpio -o -H newc -R 0:0 --quiet) >"$BATS_TEST_TMPDIR/disks.cpio"
	initrd=$BATS_TEST_TMPDIR/disks.cpio
}

# disk LABEL: an image of a disk with the configuration of the test
disk() {
	truncate -s 2M "$BATS_TEST_TMPDIR/disk"
	/sbin/mkfs.vfat -n "$1" "$BATS_TEST_TMPDIR/disk" >/dev/null
	printf 'machine "nas1" { mac = "%s" }\n' "$mac" >"$BATS_TEST_TMPDIR/stoker.conf"
	mcopy -i "$BATS_TEST_TMPDIR/disk" "$BATS_TEST_TMPDIR/stoker.conf" ::/stoker.conf
}

@test the_configuration_may_be_on_a_disk {
	with_disks
	disk STOKER
	boot_tiny 'stoker.run="wake nas1" stoker.then=poweroff' -drive "file=$BATS_TEST_TMPDIR/disk,format=raw,if=virtio"
	ends tiny
	sent_magic tiny $mac
}

@test a_disk_is_found_by_the_label_that_the_command_line_says {
	with_disks
	disk LABORATORY
	boot_tiny 'stoker.conf=LABEL=LABORATORY:stoker.conf stoker.run="wake nas1" stoker.then=poweroff' \
		-drive "file=$BATS_TEST_TMPDIR/disk,format=raw,if=virtio"
	ends tiny
	sent_magic tiny $mac
	halt
	boot_tiny 'stoker.conf=vda:/other.conf stoker.run="wake nas1" stoker.on-failure=poweroff' \
		-drive "file=$BATS_TEST_TMPDIR/disk,format=raw,if=virtio"
	says tiny 'stoker.conf=vda:/other.conf: /dev/vda has no such file'
	ends tiny
}
