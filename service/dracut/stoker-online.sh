#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# dracut's hooks initqueue/online and initqueue/settled: once there is an address, machines are woken.
if [ ! -e /run/stoker-woken ] && /sbin/stoker-wake wanted && ip addr show scope global | grep -q ' inet6\? '; then
	/sbin/stoker-wake now
fi
