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

# An ssh server outside, by OpenSSH: root has this password there, and port 22 of the namespace is its own. It is not
# installed: it would begin to serve here.
serve_ssh() {
	local folders server key=$BATS_TEST_TMPDIR/host-key
	mapfile -t folders < <("$tree/tools/packages" "$(dpkg --print-architecture)" openssh-server libwrap0)
	server=${folders[0]}/usr/sbin/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$key"
	printf 'root:x:0:0::/:/bin/sh\nsshd:x:74:65534::/run/sshd:/bin/false\n' >"$BATS_TEST_TMPDIR/passwd"
	perl -e 'print "root:", crypt($ARGV[0], "\$6\$saltsalt\$"), ":19000::::::\nsshd:*:19000::::::\n"' "$1" >"$BATS_TEST_TMPDIR/shadow"
	ip netns exec "$SPACE" env LD_LIBRARY_PATH="$(echo "${folders[1]}"/lib/*-linux-gnu)" PLACE="$BATS_TEST_TMPDIR" bash -euc '
		mount -t tmpfs none /run
		mount -t tmpfs none /var/log
		mkdir -m 755 /run/sshd
		for file in passwd shadow; do mount --bind "$PLACE/$file" "/etc/$file"; done
		exec "$@"' - \
		"$server" -D -e -f /dev/null -h "$key" -o ListenAddress=127.0.0.1 -o UsePAM=no -o PermitRootLogin=yes \
		-o PidFile=none >"$BATS_TEST_TMPDIR/sshd.log" 2>&1 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/sshd.pid"
	await 20 'the ssh server listens' grep -qs 'Server listening' "$BATS_TEST_TMPDIR/sshd.log"
}

@test ssh_from_the_menu_reaches_a_machine_outside {
	serve_ssh 'p4ssword'
	boot ssh -kernel "$place/vmlinuz" -initrd "$place/initramfs.img" -append console=ttyS0,115200
	says ssh "$menu"
	types ssh 9
	says ssh 'user@host'
	types ssh root@10.0.2.2
	says ssh 'continue connecting'
	types ssh y
	says ssh 'password:'
	types ssh p4ssword
	says ssh '# '
	tells ssh 'echo far-e""nd' 'far-end'
	types ssh 'exit'
	says ssh "$menu" 2
	said_never ssh p4ssword
}
