#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# dracut's hook initqueue/timeout: there is no network. It is tried nevertheless, and the boot does not wait for it.
if [ ! -e /run/stoker-woken ] && /sbin/stoker-wake wanted; then
	/sbin/stoker-wake now
fi
