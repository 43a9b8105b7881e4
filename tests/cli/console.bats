#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Attaching to consoles: at a terminal, in a pipe, many at a time, while a machine is switched.
load helper

lab() {
	/usr/bin/python3 -c 'import pexpect' 2>/dev/null || skip "python3-pexpect is missing"
	"$stoker" help keys sandbox-console >/dev/null 2>&1 || skip "this build has no simulated consoles"
	export PROGRAM=$stoker PYTHONPATH=$BATS_TEST_DIRNAME PYTHONDONTWRITEBYTECODE=1
	cat >"$STOKER_CONF" <<-'CONF'
		sandbox-state = "STATE"
		machine "echo" { sandbox = "on" }
		machine "rack[1-3]" { sandbox = "on" }
		machine "raw" { sandbox = "on" sandbox-console = "raw-echo" }
		machine "boots" { sandbox = "off" sandbox-delay = 300ms sandbox-console = "log" }
		machine "fails" { sandbox = "off" sandbox-fault = "on:fail" }
		machine "slow" { sandbox = "off" sandbox-delay = 2s }
		machine "hangs" { sandbox = "off" sandbox-fault = "on:hang" }
		machine "silent" { sandbox = "on" sandbox-console = "fault silent" }
		machine "busy" { sandbox = "on" sandbox-console = "fault busy" }
		machine "lost" { sandbox = "on" sandbox-console = {"echo", "fault drop 30"} }
		machine "pours" { sandbox = "on" sandbox-console = {"raw-echo", "pour 3000000"} }
		machine "socket" { console = "unix SOCKET" }
		machine "none" { mac = "02:00:00:00:00:01" }
	CONF
	sed -i "s|STATE|$PWD/sandbox.state|; s|SOCKET|$PWD/socket|" "$STOKER_CONF"
}

# A test that fails leaves nothing running.
teardown() {
	local pid
	for pid in ${server-} ${holder-} ${holder2-}; do
		kill "$pid" 2>/dev/null || true
	done
	rm -rf "${place-}"
}

# python SCRIPT on standard input: with what terminal.py has
python() {
	{ echo 'from terminal import *'; cat; } >script
	run timeout 120 /usr/bin/python3 script
	exits 0
}

@test "keys_reach_the_machine_and_what_it_says_is_shown" {
	python <<-'END'
		t = Terminal("console", "echo")
		t.sees("[stoker: console of echo by sandbox: &? for help]\r\n")
		t.sees("echo> ")
		assert t.is_raw()
		t.types("ls\x7f\r")
		t.sees("ls")
		t.sees("echo> ")
		# others who have the terminal are not disturbed
		t.is_blocking()
		t.types("&.")
		t.sees("\r\n[stoker: left echo]\r\n")
		t.ends(0)
	END
}

@test "the_escape_character_doubled_is_sent_and_can_be_another" {
	python <<-'END'
		t = Terminal("console", "raw")
		t.sees("for help]\r\n")
		t.types("a && b 2>&1 &x")
		t.sees("a & b 2>&1 &x")
		t.types("&.")
		t.ends(0)
		t = Terminal("console", "-e", "^]", "raw")
		t.sees("^]? for help]\r\n")
		t.types("&.\x1d\x1d")
		t.sees("&.\x1d")
		t.types("\x1d.")
		t.ends(0)
		t = Terminal("console", "-e", "none", "raw")
		t.sees("[stoker: console of raw by sandbox]\r\n")
		t.types("&.\x1d")
		t.sees("&.\x1d")
		t.process.terminate()
		t.ends(-signal.SIGTERM)
	END
	run "$stoker" console -e ab raw
	exits 2
	is 'stoker: --escape: "ab" is not one ASCII character: write for example &, ^] or none'
	run "$stoker" console -e . raw
	exits 2
	has 'means something else already'
}

@test "whatever_ends_it_gives_the_terminal_back" {
	python <<-'END'
		for number in signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
		    t = Terminal("console", "echo")
		    t.sees("echo> ")
		    assert t.is_raw()
		    t.process.send_signal(number)
		    t.ends(-number)
		# a sanitizer ends the program in its own way
		for number in signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGABRT, signal.SIGILL:
		    t = Terminal("console", "echo", stderr=subprocess.DEVNULL)
		    t.sees("echo> ")
		    assert t.is_raw()
		    t.process.send_signal(number)
		    t.ends()
		    assert t.process.returncode in (-number, 1), t.process.returncode
		t = Terminal("console", "lost")
		t.sees("lost> ")
		t.types("a line that is too long for it\r")
		t.sees("[stoker: lost: sandbox: ")
		t.ends(1)
		t = Terminal("console", "echo", stdout=subprocess.PIPE)
		t.becomes_raw()
		t.process.stdout.close()
		t.types("\r")
		t.ends(1)
		has(t.said(), "stoker: standard output: Broken pipe")
	END
}

@test "a_terminal_that_is_hung_up_ends_it" {
	python <<-'END'
		t = Terminal("console", "echo")
		t.sees("echo> ")
		os.close(t.slave)
		os.close(t.master)
		t.process.wait(TIMEOUT)
		assert t.process.returncode == -signal.SIGHUP, t.process.returncode
		# and the console is free
		t = Terminal("console", "echo")
		t.sees("echo> ")
		t.types("&.")
		t.ends(0)
		# also who was told not to hear of it
		t = Terminal("/usr/bin/nohup", STOKER, "console", "echo", stderr=subprocess.DEVNULL, stdout=subprocess.PIPE)
		assert t.process.stdout.read(1)
		os.close(t.slave)
		os.close(t.master)
		t.process.wait(TIMEOUT)
		t.process.stdout.close()
	END
}

@test "what_was_typed_for_a_lost_console_goes_nowhere" {
	python <<-'END'
		t = Terminal("console", "lost")
		t.sees("lost> ")
		t.types("a line that is too long for it\r")
		t.sees("[stoker: lost: ")
		t.ends(1)
		settings = t.settings()
		settings[3] &= ~termios.ICANON
		settings[6][termios.VMIN] = 0
		termios.tcsetattr(t.slave, termios.TCSANOW, settings)
		assert os.read(t.slave, 100) == b""
	END
}

@test "it_tells_what_is_asked_for" {
	python <<-'END'
		t = Terminal("console", "echo")
		t.sees("echo> ")
		t.types("&?")
		t.sees("[stoker:\r\n  &.  leave\r\n")
		t.sees("  &C  put the machine off and on again\r\n")
		t.sees("  &&  send &]\r\n")
		t.types("&I")
		t.sees("[stoker: echo by sandbox, attached since ")
		t.sees(" bytes, read-write]\r\n")
		t.types("&W")
		t.sees("[stoker: nobody else: process %d has it alone, without the server]\r\n" % t.process.pid)
		t.types("&L")
		t.sees("bytes again]\r\n")
		t.sees("echo> ")
		t.sees("[stoker: that was again]\r\n")
		t.types("&B")
		t.sees("[stoker: break sent]\r\n")
		t.sees("[break]")
		t.types("&.")
		t.ends(0)
		t = Terminal("console", "socket")
		t.ends(1)
	END
}

@test "read_only_lets_nothing_through" {
	python <<-'END'
		t = Terminal("console", "--monitor", "raw")
		t.sees("by sandbox, read-only: &? for help]\r\n")
		t.types("secret")
		t.sees("[stoker: read-only: what you type goes nowhere: &M lets it through]\r\n")
		t.types("&B")
		t.sees("no break is sent")
		t.types("&R")
		t.sees("read-only: nothing is reset")
		t.types("&M")
		t.sees("[stoker: read-write]\r\n")
		t.types("open")
		t.sees_not("secret", before="open")
		t.types("&Mshut")
		t.sees("[stoker: read-only]\r\n")
		t.types("&M&&")
		t.sees_not("shut", before="&")
		t.types("&.")
		t.ends(0)
	END
}

@test "reset_and_cycle_ask_before_they_are_done" {
	python <<-'END'
		t = Terminal("console", "echo")
		t.sees("echo> ")
		t.types("&R")
		t.sees("[stoker: reset echo by sandbox 60s? y/N] ")
		t.types("n")
		t.sees("[stoker: nothing is done]\r\n")
		t.types("&C")
		t.sees("[stoker: cycle echo by sandbox 60s? y/N] ")
		t.types("y")
		t.sees("[stoker: echo: on]\r\n")
		# what was pasted is no answer
		t.types("&Ryyy")
		t.sees("y/N] ")
		t.types("\r")
		t.sees("[stoker: nothing is done]\r\n")
		t.types("&R")
		t.sees("y/N] ")
		t.types("&")
		t.sees("[stoker: nothing is done]\r\n")
		t.types("&.")
		t.ends(0)
		t = Terminal("console", "boots")
		t.sees("for help]")
		t.types("&R")
		t.sees("y/N] ")
		t.types("y")
		t.sees("[stoker: boots: ")
		t.types("&.")
		t.ends(0)
		t = Terminal("console", "socket")
		t.ends(1)
	END
}

@test "a_machine_that_another_run_works_on_is_not_reset" {
	"$stoker" on slow >first 2>&1 3>&- &
	holder=$!
	until grep -q "POSIX .* $holder " /proc/locks; do kill -0 $holder; done
	python <<-'END'
		t = Terminal("console", "slow")
		t.sees("for help]")
		t.types("&C")
		t.sees("y/N] ")
		t.types("y")
		t.sees("[stoker: slow: slow is being worked on by process ")
		t.types("&.")
		t.ends(0)
	END
	kill $holder
	wait $holder || true
}

@test "suspended_it_gives_the_terminal_to_the_shell_and_comes_back" {
	python <<-'END'
		t = Terminal("/bin/bash", "--norc", "-i", env={**os.environ, "PS1": "shell ready: ", "TERM": "dumb"})
		t.sees("shell ready: ")
		t.types("stty -a >before; '%s' console echo\r" % STOKER)
		t.sees("echo> ")
		t.types("&Z")
		t.sees("Stopped")
		t.sees("shell ready: ")
		t.types("stty -a >stopped; fg\r")
		t.sees("[stoker: back again]")
		t.types("hello\r")
		t.sees("hello")
		t.sees("echo> ")
		# and by somebody else
		t.becomes_raw()
		os.kill(os.tcgetpgrp(t.master), signal.SIGTSTP)
		t.sees("Stopped")
		t.sees("shell ready: ")
		t.types("fg\r")
		t.sees("[stoker: back again]")
		t.becomes_raw()
		# and by force
		os.kill(os.tcgetpgrp(t.master), signal.SIGSTOP)
		t.sees("Stopped")
		t.sees("shell ready: ")
		t.types("fg\r")
		t.sees("console echo\r\n")
		t.becomes_raw()
		t.types("&.")
		t.sees("shell ready: ")
		t.types("stty -a >after\r")
		t.sees("shell ready: ")
		# begun in the background it waits to be brought to the front
		t.types("'%s' console echo &\r" % STOKER)
		t.sees("shell ready: ")
		def is_stopped():
		    t.types("jobs\r")
		    return "Stopped" in t.sees("shell ready: ")
		until(is_stopped, "it waits to be brought to the front")
		t.types("fg\r")
		t.sees("echo> ")
		t.becomes_raw()
		t.types("&.")
		t.sees("shell ready: ")
		t.types("stty -a >last; exit\r")
		t.process.wait(TIMEOUT)
	END
	diff before stopped
	diff before after
	diff before last
}

@test "where_no_shell_would_bring_it_back_it_is_not_suspended" {
	python <<-'END'
		t = Terminal("console", "echo")
		t.sees("echo> ")
		t.types("&Z")
		t.sees("[stoker: there is no shell that could bring it back]\r\n")
		t.becomes_raw()
		t.types("x\r")
		t.sees("x")
		t.types("&.")
		t.ends(0)
	END
}

@test "the_machine_is_told_how_large_the_window_is" {
	python <<-'END'
		t = Terminal("console", "echo", rows=30, columns=100)
		t.sees("[window 100x30]")
		t.resize(40, 120)
		t.sees("[window 120x40]")
		t.types("&.")
		t.ends(0)
	END
}

@test "who_waits_for_a_console_is_told_and_can_leave" {
	python <<-'END'
		t = Terminal("console", "silent")
		t.sees("[stoker: opening the console of silent: &. gives up]\r\n")
		t.types("&I")
		t.sees("[stoker: silent: not open yet, tried by sandbox]")
		t.types("&.")
		t.ends(0)
	END
}

@test "bytes_pass_a_pipe_unchanged_both_ways" {
	head -c 1000000 /dev/urandom >sent
	python <<-'END'
		# who reads slowly, too
		with open("sent", "rb") as sent, open("got", "wb") as got:
		    p = subprocess.Popen([STOKER, "console", "--quiet", "raw"], stdin=sent, stdout=subprocess.PIPE)
		    while True:
		        some = p.stdout.read1(30000)
		        if not some:
		            break
		        got.write(some)
		        time.sleep(0.005)
		    assert p.wait(TIMEOUT) == 0
	END
	cmp sent got
}

@test "a_reader_that_stops_makes_the_machine_wait" {
	python <<-'END'
		p = subprocess.Popen([STOKER, "console", "--quiet", "pours"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
		assert p.stdout.read(1)
		def asleep():
		    with open("/proc/%d/stat" % p.pid) as f:
		        return f.read().rsplit(")", 1)[1].split()[0] == "S"
		until(asleep, "it waits")
		def memory():
		    with open("/proc/%d/status" % p.pid) as f:
		        return int(next(line for line in f if line.startswith("VmData")).split()[1])
		# the program itself has two megabytes; the three that are poured are not kept
		assert memory() < 4000 or "sanitize" in STOKER, memory()
		p.stdin.close()
		rest = p.stdout.read()
		assert len(rest) == 2999999, len(rest)
		assert rest.splitlines()[-1].startswith(b"%015d" % 2999936), rest[-100:]
		assert p.wait(TIMEOUT) == 0
	END
}

@test "a_pipe_is_left_when_input_has_ended_and_the_machine_is_silent" {
	python <<-'END'
		equals(stoker("console", "--quiet", "echo", data=b"one\r"), (0, "echo> one\r\none\r\necho> ", ""))
		equals(stoker("console", "--linger", "0", "echo")[0], 0)
		code, said, errors = stoker("console", "echo", data=b"&&&.&?\r")
		has(said, "&&&.&?")
		equals(errors, "[stoker: console of echo by sandbox]\n")
		# with -e it counts there as well, in its order
		code, said, errors = stoker("console", "-e", "&", "raw", data=b"one&&two&I&.three")
		equals((code, said), (0, "one&two"))
		has(errors, "[stoker: raw by sandbox, attached since ")
		code, said, errors = stoker("console", "-e", "&", "echo", data=b"&Ry")
		has(errors, "[stoker: reset is asked for at a terminal only: `stoker reset` does it from a script]\n")
	END
}

@test "without_a_standard_input_it_only_looks" {
	python <<-'END'
		p = subprocess.Popen([STOKER, "console", "--monitor", "--linger", "10ms", "echo"], stdin=subprocess.DEVNULL,
		                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
		assert p.stdout.read(6) == b"echo> "
		time.sleep(0.2)
		assert p.poll() is None
		p.terminate()
		assert p.wait(TIMEOUT) == -signal.SIGTERM
		equals(p.stderr.read(), b"[stoker: console of echo by sandbox, read-only]\n")
	END
}

@test "standard_descriptors_of_all_kinds_are_left_as_they_are" {
	python <<-'END'
		import socket
		ours, theirs = socket.socketpair()
		p = subprocess.Popen([STOKER, "console", "--quiet", "raw"], stdin=theirs, stdout=theirs)
		ours.sendall(b"through a socket")
		got = b""
		while len(got) < 16:
		    got += ours.recv(100)
		equals(got, b"through a socket")
		assert not fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK
		ours.shutdown(socket.SHUT_WR)
		assert p.wait(TIMEOUT) == 0
		r, w = os.pipe()
		p = subprocess.Popen([STOKER, "console", "--quiet", "raw"], stdin=r, stdout=subprocess.PIPE)
		os.write(w, b"x")
		assert p.stdout.read(1) == b"x"
		assert not fcntl.fcntl(r, fcntl.F_GETFL) & os.O_NONBLOCK
		assert not fcntl.fcntl(p.stdout, fcntl.F_GETFL) & os.O_NONBLOCK
		os.close(r)
		os.close(w)
		assert p.wait(TIMEOUT) == 0
	END
	echo "from a file" >file
	"$stoker" console --quiet raw <file >>file.out
	[ "$(cat file.out)" = "from a file" ]
}

@test "a_far_end_that_closes_is_told_and_is_the_end_a_pipe_waits_for" {
	needs socat
	socat UNIX-LISTEN:socket,unlink-early SYSTEM:'read line; echo "got $line"' 3>&- &
	until [ -S socket ]; do kill -0 $!; done
	run "$stoker" console socket <<<"hello"
	exits 0
	has "got hello"
	has "[stoker: socket: unix: "
	socat UNIX-LISTEN:socket,unlink-early SYSTEM:'exit' 3>&- &
	until [ -S socket ]; do kill -0 $!; done
	python <<-'END'
		t = Terminal("console", "socket")
		t.sees("[stoker: socket: unix: ")
		t.ends(1)
	END
}

@test "what_cannot_be_opened_is_told" {
	run "$stoker" console none
	exits 1
	has '[stoker: none: it has no console: set console = '
	run "$stoker" console busy
	exits 1
	has "[stoker: busy: its console cannot be opened: sandbox: somebody else has it"
	run "$stoker" console --steal busy </dev/null
	exits 0
	has "[stoker: taken from somebody else"
	run "$stoker" console socket </dev/null
	exits 1
	has "[stoker: socket: its console cannot be opened: unix: "
}

@test "one_process_has_a_console_and_others_are_told_who" {
	python <<-'END'
		holder = Terminal("console", "echo")
		holder.sees("echo> ")
		for how in [], ["--monitor"], ["--join"], ["--steal"]:
		    t = Terminal("console", *how, "echo")
		    t.sees("[stoker: echo: ")
		    t.sees(" (uid %d, process %d) has it since " % (os.getuid(), holder.process.pid))
		    t.sees(": only the server (stoker daemon) lets several in, or takes it from one]\r\n")
		    t.ends(1)
		# the next one, and switching, are no business of it
		equals(stoker("console", "--quiet", "raw", data=b"x"), (0, "x", ""))
		equals(stoker("off", "echo")[:2], (0, "echo: off\n"))
		holder.process.kill()
		holder.process.wait()
		equals(stoker("console", "--quiet", "--linger", "0", "echo")[0], 0)
	END
}

@test "another_user_is_told_who_has_a_console" {
	needs setpriv
	[ "$(id -u)" = 0 ] || skip "needs root, to be another user"
	# a place that all can get at
	place=$(mktemp -d)
	chmod 755 "$place"
	mkdir -m 1777 "$place/run"
	cp "$stoker" "$STOKER_CONF" "$place"
	sed -i /sandbox-state/d "$place/stoker.conf"
	export STOKER_RUN=$place/run STOKER_CONF=$place/stoker.conf
	other=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	# who has a password is root's in /proc
	STOKER_PASSWORD=sesame "${other[@]}" "$place/stoker" console --monitor echo </dev/null >/dev/null 2>said2 3>&- &
	holder2=$!
	until grep -q echo said2; do kill -0 $holder2; done
	"$place/stoker" console --monitor raw </dev/null >/dev/null 2>said 3>&- &
	holder=$!
	until grep -q raw said; do kill -0 $holder; done
	run "${other[@]}" "$place/stoker" console raw </dev/null
	first=$status,$output
	run "$place/stoker" console echo </dev/null
	kill $holder $holder2
	rm -r "$place"
	exits 1
	has "[stoker: echo: $(id -un 65534) (uid 65534, process $holder2) has it since "
	output=$first
	has "1,[stoker: raw: $(id -un) (uid 0, process $holder) has it since "
}

# The console server; the test ends it by its number.
serve() {
	"$stoker" help daemon >/dev/null 2>&1 || skip "this build has no server"
	"$stoker" daemon >served 2>&1 3>&- &
	server=$!
	until grep -q socket served; do kill -0 $server; done
}

@test "through_the_server_many_share_a_console" {
	serve
	python <<-'END'
		first = Terminal("console", "echo")
		first.sees("[stoker: console of echo through the server: &? for help]\r\n")
		first.sees("echo> ")
		t = Terminal("console", "echo")
		t.sees("[stoker: echo: its console cannot be opened: ")
		t.sees("process %d) has it since " % first.process.pid)
		t.ends(1)
		watcher = Terminal("console", "--monitor", "echo")
		watcher.sees("through the server, read-only: &? for help]\r\n")
		first.sees("process %d) watches now]" % watcher.process.pid)
		first.types("&M")
		first.sees("[stoker: you only watch now]\r\n")
		first.types("&M")
		first.sees("[stoker: you write now]\r\n")
		second = Terminal("console", "--join", "echo")
		second.sees("through the server")
		second.types("from the second\r")
		for seen in first, second, watcher:
		    seen.sees("from the second\r\nfrom the second\r\n")
		watcher.types("&L")
		watcher.sees("from the second\r\n")
		first.types("&W")
		first.sees("process %d), you, writes, since " % first.process.pid)
		thief = Terminal("console", "--steal", "echo")
		for robbed in first, second:
		    robbed.sees("process %d) took it]" % thief.process.pid)
		    robbed.ends(1)
		watcher.types("&.")
		watcher.ends(0)
		thief.sees("leaves]")
		thief.types("&I")
		thief.sees("[stoker: echo through the server, attached since ")
		thief.types("&.")
		thief.ends(0)
	END
	kill $server
	wait $server
}

@test "without_the_server_it_goes_on_directly" {
	serve
	python <<-END
		t = Terminal("console", "echo")
		t.sees("through the server")
		os.kill($server, signal.SIGTERM)
		t.sees("[stoker: echo: the daemon has ended]")
		t.ends(1)
		t = Terminal("console", "echo")
		t.sees("[stoker: console of echo by sandbox: &? for help]")
		t.types("&.")
		t.ends(0)
	END
	wait $server
	serve
	python <<-'END'
		t = Terminal("console", "--direct", "echo")
		t.sees("[stoker: console of echo by sandbox: &? for help]")
		t.types("&.")
		t.ends(0)
		# a machine that only we know
		with open(os.environ["STOKER_CONF"], "a") as f:
		    f.write('machine "new" { sandbox = "on" }\n')
		code, said, errors = stoker("console", "new", data=b"hello\r")
		equals(code, 0)
		has(errors, "the server's configuration has no machine \"new\"", "[stoker: console of new by sandbox]")
		has(said, "hello")
	END
	kill $server
	wait $server
}

@test "on_console_through_the_server_shows_the_first_line" {
	serve
	python <<-'END'
		t = Terminal("on", "--console", "boots")
		t.sees("[stoker: console of boots through the server: &? for help]\r\n")
		t.sees("Sandbox firmware 1.0, self-test passed\r\n")
		t.sees("boots login: ")
		t.types("&.")
		t.ends(0)
	END
	kill $server
	wait $server
}

@test "a_terminal_that_belongs_to_another_user_is_used_as_it_is" {
	needs setpriv
	[ "$(id -u)" = 0 ] || skip "needs root, to be another user"
	place=$(mktemp -d)
	chmod 755 "$place"
	mkdir -m 1777 "$place/run"
	cp "$stoker" "$STOKER_CONF" "$place"
	sed -i /sandbox-state/d "$place/stoker.conf"
	export STOKER_RUN=$place/run STOKER_CONF=$place/stoker.conf PLACE=$place
	python <<-'END'
		other = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
		t = Terminal(*other, os.environ["PLACE"] + "/stoker", "console", "echo")
		t.sees("echo> ")
		t.is_blocking()
		t.types("x" * 150 + "\r")
		t.sees("x" * 150 + "\r\n" + "x" * 150 + "\r\n")
		t.types("&?")
		t.sees("send &]")
		t.types("&.")
		t.ends(0)
	END
	rm -r "$place"
}

@test "many_are_one_only_when_it_is_said" {
	run "$stoker" console 'rack[1-3]'
	exits 2
	is "stoker: console: these are 3 machines: name one, or add --broadcast: what you type then goes to all of them"
	run "$stoker" console --monitor --steal echo
	exits 2
	is "stoker: --steal: does not go together with --monitor"
	run "$stoker" console
	exits 2
	has "no machine is named"
}

@test "broadcast_goes_to_all_and_shows_lines" {
	python <<-'END'
		t = Terminal("console", "--broadcast", "rack[1-3]")
		shown = t.sees("rack1: rack1> \r\n")
		t.types("uptime\r")
		for i in 1, 2, 3:
		    t.screen.expect("rack.: uptime\r\n")
		t.types("&I")
		t.sees("[stoker: 3 of 3 consoles: rack[1-3]]\r\n")
		t.types("&C")
		t.sees("[stoker: cycle rack[1-3]? y/N] ")
		t.types("y")
		for i in 1, 2, 3:
		    t.screen.expect(r"\[stoker: rack.: on\]\r\n")
		t.types("&.")
		t.sees("[stoker: left rack[1-3]]\r\n")
		t.ends(0)
		code, said, errors = stoker("console", "--quiet", "--broadcast", "rack[1-3]", data=b"one\r")
		equals(code, 0)
		equals(sorted(line for line in said.splitlines() if line.endswith(": one")), ["rack%d: one" % i for i in (1, 2, 3)])
		# those that are not there are told, and the others go on
		code, said, errors = stoker("console", "--broadcast", "rack[1-2],busy,none", data=b"one\r")
		equals(code, 1)
		has(errors, "[stoker: busy: its console cannot be opened: ", "[stoker: none: it has no console")
		has(said, "rack1: one\n", "rack2: one\n")
	END
}

@test "a_log_gets_what_is_said_and_keeps_what_it_had" {
	python <<-'END'
		stoker("console", "--quiet", "--log", "log", "raw", data=b"one\0\xff\r\n")
		with open("log", "rb") as f:
		    equals(f.read(), b"one\0\xff\r\n")
		assert os.stat("log").st_mode & 0o777 == 0o600
		stoker("console", "--quiet", "--log", "log", "raw", data=b"two")
		with open("log", "rb") as f:
		    equals(f.read(), b"one\0\xff\r\ntwo")
		stoker("console", "--quiet", "--broadcast", "--log", "lines", "rack[1-2]", data=b"x\r")
		with open("lines") as f:
		    has(f.read(), "rack1: x\n", "rack2: x\n")
		code, said, errors = stoker("console", "--log", "/nonexistent/log", "raw")
		equals((code, errors), (2, 'stoker: cannot log to "/nonexistent/log": No such file or directory\n'))
		# a full disk does not end it, and is told once
		code, said, errors = stoker("console", "--log", "/dev/full", "raw", data=b"x" * 100000)
		equals((code, len(said)), (0, 100000))
		equals(errors.count("cannot log to /dev/full: No space left on device"), 1)
	END
}

@test "on_console_shows_the_first_line" {
	python <<-'END'
		t = Terminal("on", "--console", "boots")
		t.sees("[stoker: console of boots by sandbox: &? for help]\r\n")
		t.sees("[stoker: on boots by sandbox 60s]\r\n")
		t.sees("Sandbox firmware 1.0, self-test passed\r\n")
		t.sees("boots login: ")
		t.types("&.")
		t.ends(0)
		has(stoker("status", "boots")[1], "boots: on")
		# a script sees it as well
		stoker("off", "boots")
		code, said, errors = stoker("on", "--console", "--quiet", "boots")
		equals((code, errors), (0, ""))
		assert said.startswith("Sandbox firmware 1.0, self-test passed\r\n"), said
		has(said, "boots login: ")
	END
}

@test "nothing_is_switched_when_the_console_cannot_be_opened" {
	cat >>"$STOKER_CONF" <<-'CONF'
		machine "dark" { sandbox = "off" sandbox-console = "fault refuse" }
	CONF
	run "$stoker" on --console dark
	exits 1
	has "[stoker: dark: its console cannot be opened: sandbox: "
	has ": nothing was switched]"
	run "$stoker" status dark
	is "dark: off"
}

@test "a_verb_that_fails_is_told_and_one_stays_to_look" {
	python <<-'END'
		t = Terminal("on", "--console", "fails")
		t.sees("[stoker: fails: sandbox: ")
		t.types("&I")
		t.sees("[stoker: fails by sandbox")
		t.types("&.")
		t.ends(1)
	END
}

@test "who_leaves_while_it_is_done_does_not_stop_it" {
	python <<-'END'
		t = Terminal("on", "--console", "slow")
		t.sees("[stoker: on slow by sandbox")
		t.types("&.")
		t.sees("[stoker: on goes on until it is done: Ctrl-C stops it]\r\n")
		until(lambda: not t.is_raw(), "the terminal is given back")
		t.sees("[stoker: slow: on]\r\n")
		t.ends(0)
		t = Terminal("on", "--console", "hangs")
		t.sees("[stoker: on hangs by sandbox")
		t.types("&.")
		t.sees("Ctrl-C stops it]\r\n")
		until(lambda: not t.is_raw(), "the terminal is given back")
		t.types("\x03")
		t.sees("[stoker: hangs: interrupted]\r\n")
		t.ends(-signal.SIGINT)
	END
}

@test "console_goes_with_verbs_that_put_a_machine_on" {
	for verb in on reset cycle; do
		"$stoker" $verb --help | grep -q -e --console
	done
	for verb in off soft nmi status; do
		if "$stoker" $verb --help | grep -q -e --console; then return 1; fi
	done
	run "$stoker" on --console 'rack[1-3]'
	exits 2
	is "stoker: on: --console shows one machine, not 3"
	run "$stoker" on --console --json echo
	exits 2
	is "stoker: on: --json and --console do not go together"
	run "$stoker" on --console --dry-run echo
	exits 0
	has "plan: on 1 machine, nothing is done"
}

@test "from_afar_the_same_command_runs_by_ssh" {
	mkdir bin
	cat >bin/ssh <<-'END'
		#!/bin/sh
		printf '<%s>' "$@"
		echo " ${STOKER_PASSWORD-none}"
	END
	chmod +x bin/ssh
	PATH=$PWD/bin:$PATH
	STOKER_PASSWORD=sesame run "$stoker" console --monitor me@there:rack01 </dev/null
	exits 0
	is "<me@there><stoker console --monitor -- rack01> none"
	run "$stoker" console -e '^]' --log "it's" 'me@[fe80::1%eth0]:rack[1-3],!rack2' --broadcast -- </dev/null
	is "<me@fe80::1%eth0><stoker console -e '^]' --log 'it'\\''s' --broadcast -- 'rack[1-3],!rack2'> none"
	# what ssh would hand to a shell comes out as it went in
	printf '%s\n' '#!/bin/sh' 'shift; for last; do :; done; eval "set -- $last"; printf "<%s>" "$@"' >bin/ssh
	run "$stoker" console --log '$(touch boom)`x` "q" \ *' 'me@there:a;b&c $HOME' </dev/null
	is '<stoker><console><--log><$(touch boom)`x` "q" \ *><--><a;b&c $HOME>'
	[ ! -e boom ]
	python <<-'END'
		os.chmod("bin/ssh", 0o755)
		with open("bin/ssh", "w") as f:
		    f.write("#!/bin/sh\necho \"$1|$2|$3\"\n")
		t = Terminal("console", "me@there:rack01")
		t.sees("-t|me@there|stoker console -- rack01\r\n")
		t.ends(0)
	END
	run "$stoker" console me@there:rack01 echo
	exits 2
	is 'stoker: console: "me@there:rack01" must be the only machine that is named'
	run "$stoker" console -- -oProxyCommand=touch@boom:rack01
	exits 2
	has "is not a user and a host"
	STOKER_SSH=/nonexistent/ssh run "$stoker" console me@there:rack01
	exits 2
	has "consoles from afar need ssh"
	# selectors with a colon are machines
	run "$stoker" console label:me@there </dev/null
	exits 2
	has "label"
}

@test "machines_are_completed_and_the_command_stands_with_its_like" {
	run "$stoker" completion bash
	has "console)"
	run "$stoker" help
	[[ $output == *Machines*"  console "*configuration* ]]
}
