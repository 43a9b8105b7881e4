#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The rescue image by every way that it claims to boot, and its tasks: waking, switching by a BMC, a console.
load harness

setup_file() { space_up; }
teardown_file() { space_down; }
setup() { place=$(image rescue); }
teardown() { halt; }

mac=00:16:3e:12:34:56
menu='Choice: '

# It is there when its menu is; then it sends a magic packet, so that its network is seen to work too.
wakes() {
	says "$1" "$menu"
	types "$1" 2
	says "$1" 'or MAC address'
	types "$1" $mac
	await 60 "the packet of $1" sent_magic "$1" $mac
}

@test initramfs_has_at_most_8_mb {
	[ "$(stat -c %s "$place/initramfs.img")" -le 8000000 ]
}

@test kernel_and_initramfs_boot {
	boot direct -kernel "$place/vmlinuz" -initrd "$place/initramfs.img" -append console=ttyS0,115200
	wakes direct
}

@test iso_boots_by_bios {
	boot bios -m 512 -cdrom "$place/rescue.iso"
	wakes bios
}

@test iso_boots_by_bios_from_a_stick {
	boot stick -m 512 -usb -device qemu-xhci -drive "if=none,id=stick,format=raw,readonly=on,file=$place/rescue.iso" \
		-device usb-storage,drive=stick,bootindex=1
	wakes stick
}

@test iso_boots_by_uefi {
	boot uefi -m 512 -bios /usr/share/ovmf/OVMF.fd -cdrom "$place/rescue.iso"
	wakes uefi
}

@test disk_boots_by_uefi {
	boot disk -m 512 -bios /usr/share/ovmf/OVMF.fd -drive "file=$place/rescue.img,format=raw,if=virtio,snapshot=on"
	wakes disk
}

@test disk_boots_by_bios {
	boot disk -m 512 -drive "file=$place/rescue.img,format=raw,if=virtio,snapshot=on"
	wakes disk
}

@test unified_image_boots_by_uefi {
	mkdir -p "$BATS_TEST_TMPDIR/esp/EFI/BOOT"
	cp "$place/rescue.efi" "$BATS_TEST_TMPDIR/esp/EFI/BOOT/BOOTX64.EFI"
	boot unified -m 512 -bios /usr/share/ovmf/OVMF.fd -drive "file=fat:$BATS_TEST_TMPDIR/esp,format=raw,if=virtio,readonly=on"
	wakes unified
}

@test network_boots_by_ipxe {
	boot pxe net=",tftp=$place/pxe,bootfile=boot.ipxe" -m 512 -boot n
	wakes pxe
}

@test tasks_from_the_initramfs_reach_a_bmc_outside {
	simulate --power off --console echo
	boot tasks -kernel "$place/vmlinuz" -initrd "$place/initramfs.img" -append console=ttyS0,115200
	says tasks "$menu"
	types tasks s
	says tasks '# '
	export_password='umask 077; echo secret >/root/pass'
	types tasks "$export_password"
	types tasks 'b="--bmc 10.0.2.2 --user admin --password-file /root/pass"'
	tells tasks 'stoker status $b' '10.0.2.2: off'
	tells tasks 'stoker on $b' '10.0.2.2: on'
	[ "$(ask_simulator get 127.0.0.1 power)" = on ]
	types tasks 'stoker console $b'
	says tasks 'by BMC 10.0.2.2, cipher suite'
	types tasks 'hello there'
	says tasks 'hello there' 2
	tells tasks "&." "[stoker: left 10.0.2.2]"
	tells tasks 'stoker off $b' '10.0.2.2: off' 2
	[ "$(ask_simulator get 127.0.0.1 power)" = off ]
}

@test a_wrong_configuration_is_told_and_leaves_the_menu {
	mkdir "$BATS_TEST_TMPDIR/conf"
	printf 'machine "nas1" { mac = "zebra" }\n' >"$BATS_TEST_TMPDIR/conf/stoker.conf"
	conf_part "$BATS_TEST_TMPDIR/conf" >"$BATS_TEST_TMPDIR/both.img"
	cat "$place/initramfs.img" >"$BATS_TEST_TMPDIR/both.img"
	truncate -s %4 "$BATS_TEST_TMPDIR/both.img"
	conf_part "$BATS_TEST_TMPDIR/conf" >>"$BATS_TEST_TMPDIR/both.img"
	boot wrong -kernel "$place/vmlinuz" -initrd "$BATS_TEST_TMPDIR/both.img" -append console=ttyS0,115200
	says wrong 'zebra'
	says wrong "$menu"
	said_never wrong 'Kernel panic'
}

@test configuration_comes_from_the_boot_medium {
	printf 'machine "nas1" { mac = "%s" }\r\n' $mac >"$BATS_TEST_TMPDIR/stoker.conf"
	cp --sparse=always "$place/rescue.img" "$BATS_TEST_TMPDIR/stick.img"
	mcopy -i "$BATS_TEST_TMPDIR/stick.img@@1M" "$BATS_TEST_TMPDIR/stoker.conf" ::/
	boot medium -kernel "$place/vmlinuz" -initrd "$place/initramfs.img" \
		-append 'console=ttyS0,115200 stoker.run="wake nas1" stoker.then=poweroff' \
		-device qemu-xhci -drive "if=none,id=stick,format=raw,file=$BATS_TEST_TMPDIR/stick.img" -device usb-storage,drive=stick
	ends medium
	sent_magic medium $mac
}
