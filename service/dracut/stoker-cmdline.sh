#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# dracut's hook cmdline: a network is needed, and the root has to wait until all was tried.
if /sbin/stoker-wake wanted; then
	{
		echo rd.neednet=1
		[ -n "$(getarg ip=)" ] || echo ip=dhcp
	} >/etc/cmdline.d/50-stoker.conf
	# shellcheck disable=SC2154 # dracut sets it
	echo '[ -e /run/stoker-woken ]' >"$hookdir/initqueue/finished/stoker.sh"
fi
