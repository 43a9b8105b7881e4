#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The hooks for a system's own initramfs: Debian's mkinitramfs and dracut make one of Debian's kernel, which boots and wakes
# the machine that its root is on before it mounts it. What `make install` would install lies over this machine's /usr and
# /etc in a mount namespace: nothing is installed here.
load harness

mac=00:16:3e:12:34:56
port=8422

setup_file() {
	space_up
	export HOOKS=$BATS_FILE_TMPDIR
	local root=$HOOKS/root
	make -s -C "$tree" install install-initramfs DESTDIR="$root" O="$(dirname "$STOKER")" >&2
	# the storage server: seen to be on when its port is open
	cat >"$root/etc/stoker/stoker.conf" <<-CONF
		include("/etc/stoker/more.conf")
	CONF
	echo "machine \"nas1\" { mac = \"$mac\"  address = \"10.0.2.2\"  probe = \"tcp $port\"  on = \"wol 120s\" }" \
		>"$root/etc/stoker/more.conf"
	sed -i 's/^WAKE=.*/WAKE="nas1"/' "$root/etc/stoker/initramfs.conf"
	KERNEL=$("$tree/tools/packages" amd64 linux-image-amd64)
	VERSION=$(basename "$KERNEL"/lib/modules/*)
	export KERNEL VERSION
	# the root: it says that it is there
	mkdir -p "$HOOKS/disk/sbin" "$HOOKS"/disk/{dev,proc,sys,run,etc,bin}
	cp "$(command -v busybox)" "$HOOKS/disk/bin/busybox"
	ln -s busybox "$HOOKS/disk/bin/sh"
	printf '#!/bin/sh\necho "the root is mounted" >/dev/console\n/bin/busybox poweroff -f\n' >"$HOOKS/disk/sbin/init"
	chmod +x "$HOOKS/disk/sbin/init"
	echo ID=debian >"$HOOKS/disk/etc/os-release"
	mke2fs -q -t ext4 -L ROOT -d "$HOOKS/disk" "$HOOKS/root.img" 32M
	# the configuration of initramfs-tools, with a list of modules: it is small, and quickly made
	cp -r /etc/initramfs-tools "$HOOKS/initramfs-tools"
	sed -i -e 's/^MODULES=.*/MODULES=list/' -e 's/^COMPRESS=.*/COMPRESS=gzip/' "$HOOKS/initramfs-tools/initramfs.conf"
	printf '%s\n' virtio_pci virtio_net virtio_blk ext4 >"$HOOKS/initramfs-tools/modules"
}
teardown_file() { space_down; }
teardown() { halt; }

# installed COMMAND...: where our files, and the modules of the kernel, are installed
installed() {
	# shellcheck disable=SC2016 # expanded in there
	unshare -m bash -ec '
		over() { # FOLDER LOWER
			mkdir -p "$HOOKS/over$1/up" "$HOOKS/over$1/work"
			mount -t overlay none -o "lowerdir=$2,upperdir=$HOOKS/over$1/up,workdir=$HOOKS/over$1/work" "$1"
		}
		mkdir "$HOOKS/over" 2>/dev/null || true
		mount -t tmpfs none "$HOOKS/over"
		over /usr "$HOOKS/root/usr:/usr"
		over /etc "$HOOKS/root/etc:/etc"
		mount --bind "$KERNEL/boot" /boot
		mkdir -p /usr/lib/modules
		over /usr/lib/modules "$KERNEL/lib/modules"
		depmod "$VERSION"
		"$@"' bash "$@"
}

by_initramfs_tools() {
	image=$HOOKS/initramfs-tools.img
	[ ! -e "$image" ] || return 0
	installed mkinitramfs -d "$HOOKS/initramfs-tools" -o "$image.new" "$VERSION"
	mv "$image.new" "$image"
}

by_dracut() {
	image=$HOOKS/dracut.img
	[ ! -e "$image" ] || return 0
	installed dracut --no-hostonly --kver "$VERSION" --gzip --filesystems ext4 \
		--drivers 'virtio_pci virtio_net virtio_blk ext4' --modules "base fs-lib kernel-modules kernel-network-modules
		network network-legacy rootfs-block stoker udev-rules" "$image.new" >"$BATS_TEST_TMPDIR/dracut.log" 2>&1
	mv "$image.new" "$image"
}

# boots WORD...: the machine, with its image, its root and these words for its kernel
boots() {
	boot server -m 512 -no-reboot -kernel "$KERNEL/boot/vmlinuz-$VERSION" -initrd "$image" \
		-append "console=ttyS0 panic=-1 root=LABEL=ROOT $*" \
		-drive "if=virtio,format=raw,snapshot=on,file=$HOOKS/root.img"
}

# The storage server comes up when it was sent its packet; only then may the root be mounted.
wakes_its_server_first() {
	await "${PATIENCE:-180}" 'the magic packet' sent_magic server $mac
	said_never server 'the root is mounted'
	ip netns exec "$SPACE" socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" OPEN:/dev/null 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/nas1.pid"
	says server 'nas1: on'
	says server 'the root is mounted'
	[ "$(tr -d '\r' <"$BATS_TEST_TMPDIR/server.says" | grep -aoE 'nas1: on|the root is mounted')" = "nas1: on
the root is mounted" ]
	ends server
}

@test initramfs_tools_wakes_the_server_before_the_root_is_mounted {
	by_initramfs_tools
	boots
	wakes_its_server_first
}

@test initramfs_with_the_configuration_is_for_root_alone {
	by_initramfs_tools
	[ "$(stat -c %a "$image")" = 600 ]
	run lsinitramfs "$image"
	for file in etc/stoker/stoker.conf etc/stoker/more.conf etc/stoker/initramfs.conf usr/sbin/stoker usr/sbin/stoker-wake \
		scripts/init-premount/stoker; do
		grep -qx "$file" <<<"$output"
	done
}

@test the_kernels_command_line_says_whom_to_wake {
	by_initramfs_tools
	boots stoker.wake=02:00:00:00:00:01,02:00:00:00:00:02
	says server 'the root is mounted'
	ends server
	sent_magic server 02:00:00:00:00:01
	sent_magic server 02:00:00:00:00:02
	[ "$(magic server $mac)" = 0 ]
}

@test nobody_is_woken_where_the_command_line_says_so {
	by_initramfs_tools
	boots stoker.wake=no
	says server 'the root is mounted'
	ends server
	[ "$(magic server $mac)" = 0 ]
}

@test a_machine_that_does_not_wake_does_not_keep_the_root_from_being_mounted {
	by_initramfs_tools
	boots stoker.wake=no-such-machine
	says server 'the root is mounted'
	said server 'the boot goes on'
	ends server
}

@test a_wrong_configuration_is_told_when_the_initramfs_is_made {
	cp "$HOOKS/root/etc/stoker/initramfs.conf" "$BATS_TEST_TMPDIR/kept"
	sed -i 's/^WAKE=.*/WAKE="nas2"/' "$HOOKS/root/etc/stoker/initramfs.conf"
	run installed mkinitramfs -d "$HOOKS/initramfs-tools" -o "$BATS_TEST_TMPDIR/wrong.img" "$VERSION"
	sed -i 's/^WAKE=.*/WAKE=""/' "$HOOKS/root/etc/stoker/initramfs.conf"
	installed mkinitramfs -d "$HOOKS/initramfs-tools" -o "$BATS_TEST_TMPDIR/without.img" "$VERSION"
	cp "$BATS_TEST_TMPDIR/kept" "$HOOKS/root/etc/stoker/initramfs.conf"
	grep -q '^W: .*initramfs.conf: .*"nas2"' <<<"$output"
	# and without a machine there is nothing of ours
	run lsinitramfs "$BATS_TEST_TMPDIR/without.img"
	[[ $output != *sbin/stoker* ]]
}

@test dracut_wakes_the_server_before_the_root_is_mounted {
	by_dracut
	boots
	wakes_its_server_first
}

@test dracuts_command_line_says_whom_to_wake {
	by_dracut
	[ "$(stat -c %a "$image")" = 600 ]
	boots stoker.wake=02:00:00:00:00:01
	says server 'the root is mounted'
	ends server
	sent_magic server 02:00:00:00:00:01
	[ "$(magic server $mac)" = 0 ]
}

@test dracut_mounts_the_root_where_nobody_is_to_be_woken {
	by_dracut
	boots stoker.wake=no
	says server 'the root is mounted'
	ends server
	[ "$(magic server $mac)" = 0 ]
}
