#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The appliance for aarch64, on QEMU's "virt" machine: by its kernel, and by UEFI from its disk, its CD and its one file.
# shellcheck disable=SC2016 # the machine's shell expands these
load harness

setup_file() { space_up; }
teardown_file() { space_down; }
setup() { place=$(image appliance-arm64); }
teardown() { halt; }

mac=00:16:3e:12:34:56

# boot_arm NAME OPTION...
boot_arm() {
	local name=$1
	shift
	local net=''
	case ${1-} in net=*) net=$1 && shift ;; esac
	boot "$name" arch=aarch64 ${net:+"$net"} -machine virt -cpu cortex-a57 -m 512 "$@"
}

# by_uefi NAME OPTION...
by_uefi() {
	local name=$1
	shift
	local net=''
	case ${1-} in net=*) net=$1 && shift ;; esac
	boot_arm "$name" ${net:+"$net"} -bios /usr/share/qemu-efi-aarch64/QEMU_EFI.fd "$@"
}

shell() {
	says "$1" 'Press Enter for a shell'
	types "$1" ''
	says "$1" ':/# '
}

# wakes NAME: a magic packet, from its shell
wakes() {
	shell "$1"
	tells "$1" "stoker wake $mac; echo co\"\"de \$?" 'code 0'
	sent_magic "$1" $mac
	said_never "$1" 'Kernel panic'
}

@test initramfs_has_at_most_8_mb {
	[ "$(stat -c %s "$place/initramfs.img")" -le 8000000 ]
}

@test kernel_and_initramfs_boot_and_the_daemon_comes_back_after_a_kill {
	boot_arm direct -kernel "$place/vmlinuz" -initrd "$place/initramfs.img" -append console=ttyAMA0
	wakes direct
	types direct 'old=$(pidof stoker); kill -9 $old; until new=$(pidof stoker) && [ "$new" != "$old" ]; do sleep 1; done; echo ag""ain'
	says direct 'again'
}

@test disk_boots_by_uefi {
	by_uefi disk -drive "file=$place/appliance-arm64.img,format=raw,if=virtio,snapshot=on"
	wakes disk
}

@test iso_boots_by_uefi {
	by_uefi cd -device virtio-scsi-pci -drive "if=none,id=cd,media=cdrom,format=raw,readonly=on,file=$place/appliance-arm64.iso" \
		-device scsi-cd,drive=cd
	wakes cd
}

@test unified_image_boots_by_uefi {
	mkdir -p "$BATS_TEST_TMPDIR/esp/EFI/BOOT"
	cp "$place/appliance-arm64.efi" "$BATS_TEST_TMPDIR/esp/EFI/BOOT/BOOTAA64.EFI"
	by_uefi unified -drive "file=fat:$BATS_TEST_TMPDIR/esp,format=raw,if=virtio,readonly=on"
	wakes unified
}

@test network_boots_by_uefi {
	by_uefi pxe net=",tftp=$place/pxe,bootfile=appliance-arm64.efi"
	wakes pxe
}
