# SPDX-License-Identifier: GPL-3.0-or-later
# A person at a terminal, for tests: the program under test on a pseudo-terminal, whose other end stays
# here, so that its settings can be compared however the program ended. Every wait has an end.
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

import pexpect
import pexpect.fdpexpect

STOKER = os.environ["PROGRAM"]
TIMEOUT = 20


def until(condition, what):
    """Waits for something to become true."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "in vain: " + what
        time.sleep(0.01)


class Terminal:
    """A program at a terminal of its own. Streams can be others than the terminal."""

    def __init__(self, *arguments, rows=24, columns=80, **streams):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # not what openpty begins with: whatever is given back must have been looked at
        settings = termios.tcgetattr(self.slave)
        settings[3] &= ~termios.ECHOK
        settings[6][termios.VERASE] = b"\x08"
        termios.tcsetattr(self.slave, termios.TCSANOW, settings)
        self.before = termios.tcgetattr(self.slave)
        streams = {**{"stdin": self.slave, "stdout": self.slave, "stderr": self.slave}, **streams}

        def prepare():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)

        command = list(arguments) if "/" in arguments[0] else [STOKER, *arguments]
        self.process = subprocess.Popen(command, preexec_fn=prepare, **streams)
        self.screen = pexpect.fdpexpect.fdspawn(self.master, timeout=TIMEOUT)

    def sees(self, text):
        """Waits until the text is shown; what stood before it."""
        self.screen.expect_exact(text)
        return self.screen.before.decode()

    def sees_not(self, text, before):
        """The text is not shown before another one is."""
        shown = self.sees(before)
        assert text not in shown, shown

    def types(self, text):
        os.write(self.master, text if isinstance(text, bytes) else text.encode())

    def settings(self):
        return termios.tcgetattr(self.slave)

    def is_raw(self):
        settings = self.settings()
        return not settings[3] & (termios.ICANON | termios.ECHO | termios.ISIG) and not settings[1] & termios.OPOST

    def becomes_raw(self):
        until(self.is_raw, "the terminal becomes raw")

    def is_unharmed(self):
        """As it was before, and nobody has set O_NONBLOCK on what we share with the program."""
        assert self.settings() == self.before, (self.settings(), self.before)
        self.is_blocking()

    def is_blocking(self):
        assert not fcntl.fcntl(self.slave, fcntl.F_GETFL) & os.O_NONBLOCK

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ends(self, code=None):
        """Waits for its end, which has this code; -N: by signal N. The terminal is as it was."""
        # what is not read keeps it from its end
        end = time.monotonic() + TIMEOUT
        while self.process.poll() is None:
            assert time.monotonic() < end, "it does not end"
            try:
                self.screen.expect_exact("this is never shown", timeout=0.02)
            except pexpect.TIMEOUT:
                pass
        assert code is None or self.process.returncode == code, self.process.returncode
        self.is_unharmed()

    def said(self):
        """The rest of what was shown."""
        try:
            self.screen.expect_exact("this is never shown", timeout=0.1)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass
        return self.screen.before.decode()


def stoker(*arguments, data=b"", **more):
    """Runs it with data at its standard input; its code, output and errors."""
    done = subprocess.run([STOKER, *arguments], input=data, capture_output=True, timeout=TIMEOUT, **more)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def equals(got, wanted):
    assert got == wanted, "expected:\n%s\ngot:\n%s" % (wanted, got)


def has(text, *parts):
    for part in parts:
        assert part in text, "expected somewhere:\n%s\ngot:\n%s" % (part, text)
