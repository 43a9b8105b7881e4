#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The services under those that run services, for real: systemd and OpenRC start the package's program, start it again when
# it dies or hangs, and stop it, and guests go down before the machine does.
# shellcheck disable=SC2016 # the machine's shell expands these

load package

setup_file() { package_made; }

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	place=$BATS_TEST_TMPDIR
	cp "$DEB" "$place/stoker.deb"
	cat >"$place/stoker.conf" <<-END
		sandbox-state = "/place/units"
		machine "a" { sandbox = "on"  console-keep = yes }
		machine "guest[1-3]" { sandbox = "off"  autostart = yes  stop = {"save 10s"} }
	END
}

# The package, in a machine that is about to start: what it would start is not started yet.
prepare='
	printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
	chmod +x /usr/sbin/policy-rc.d
	mkdir -p /etc/stoker
	cp /place/stoker.conf /etc/stoker/
	dpkg --no-triggers -i /place/stoker.deb >&2
	# asks COMMAND...: until it succeeds, for 20 s
	printf "%s\n" "asks() { for _ in \$(seq 200); do ! \"\$@\" || return 0; sleep 0.1; done; echo \"in vain: \$*\"; return 1; }" \
		"runs() { main_pid=\$(main) && [ \"\$main_pid\" != \"\$1\" ] && [ \"\$main_pid\" != 0 ] && stoker consoles >/dev/null 2>&1; }" \
		>/place/asks
'

@test "systemd_runs_the_daemon_and_takes_guests_down_before_itself" {
	# a machine with nothing but these two services
	alone='
		find /lib/systemd/system /etc/systemd/system -path "*.wants/*" ! -name "systemd-journald*" ! -name "stoker*" -delete
		rm -f /etc/systemd/system/default.target
		ln -s /lib/systemd/system/stoker-guests.service /etc/systemd/system/multi-user.target.wants/
		mkdir -p /etc/systemd/system/stoker.service.d
		printf "[Service]\nWatchdogSec=2\n" >/etc/systemd/system/stoker.service.d/watchdog.conf
		printf "%s\n" "[Unit]" "After=stoker.service stoker-guests.service" "[Service]" "Type=oneshot" \
			"ExecStart=/bin/bash /place/check" "StandardOutput=append:/place/said" "StandardError=append:/place/said" \
			>/etc/systemd/system/check.service
		ln -s ../check.service /etc/systemd/system/multi-user.target.wants/
	'
	cat >"$place/check" <<-'END'
		trap 'kill -RTMIN+4 1' EXIT
		set -e
		. /place/asks
		main() { systemctl show -p MainPID --value stoker; }
		[ "$(systemctl is-active stoker stoker-guests)" = 'active
		active' ]
		stoker status 'guest[1-3]'
		first=$(main)
		kill -KILL "$first"
		asks runs "$first"
		echo 'again after a kill'
		second=$(main)
		kill -STOP "$second"
		asks runs "$second"
		echo 'again after it hung'
		systemctl reload stoker
		[ "$(systemctl is-active stoker)" = active ]
		systemctl stop stoker
		[ "$(main)" = 0 ]
		systemctl start stoker
		echo 'all well'
	END
	run timeout 120 tests/house/machine "$place" "$prepare$alone" \
		/lib/systemd/systemd --unit=multi-user.target --log-target=console --show-status=yes
	echo "$output"
	cat "$place/said"
	grep -qx 'guest\[1-3\]: on' "$place/said"
	grep -qx 'again after a kill' "$place/said"
	grep -qx 'again after it hung' "$place/said"
	grep -qx 'all well' "$place/said"
	# none was on any more when the machine ended
	[ "$(grep -c '^guest[1-3] saved' "$place/units")" = 3 ]
}

@test "openrc_runs_the_daemon_and_the_guests" {
	mapfile -t folders < <(tools/packages "$(dpkg --print-architecture)" openrc libeinfo1 librc1)
	# Debian's own scripts are for sysvinit: who has OpenRC otherwise has a service "localmount"
	openrc='
		for folder in '"${folders[*]}"'; do
			for part in bin sbin lib; do [ ! -d "$folder/$part" ] || cp -a "$folder/$part/." "/usr/$part/"; done
		done
		rm -f /etc/init.d/*
		for name in stoker stoker-guests; do
			install -m 755 "/usr/share/stoker/$name.openrc" "/etc/init.d/$name"
		done
		printf "%s\n" "#!/sbin/openrc-run" "start() { :; }" >/etc/init.d/localmount
		chmod 755 /etc/init.d/localmount
		touch /etc/insserv.conf /etc/rc.conf
		mkdir -p /etc/runlevels/default /etc/conf.d
		mkdir -p /run/openrc/{starting,started,stopping,inactive,wasinactive,failed,hotplugged,daemons,options,exclusive,scheduled,tmp}
		touch /run/openrc/softlevel
	'
	cat >"$place/check" <<-'END'
		set -e
		. /place/asks
		main() { pgrep -xf '/usr/sbin/stoker daemon'; }
		rc-service stoker start
		rc-service stoker-guests start
		asks runs 0
		rc-service stoker status
		rc-service stoker-guests status
		first=$(main)
		kill -KILL "$first"
		asks runs "$first"
		echo 'again after a kill'
		rc-service stoker reload
		rc-service stoker-guests stop
		rc-service stoker stop
		if main || rc-service stoker status; then exit 1; fi
		echo 'all well'
	END
	run timeout 120 tests/house/machine "$place" "$prepare$openrc" bash /place/check
	echo "$output"
	[ "$status" = 0 ]
	grep -q 'guest\[1-3\]: on' <<<"$output"
	grep -qx 'again after a kill' <<<"$output"
	grep -qx 'all well' <<<"$output"
	[ "$(grep -c '^guest[1-3] saved' "$place/units")" = 3 ]
}
