#!/usr/bin/env python3
"""Measures how long the explorer takes from its start to its first whole frame, on a terminal of its own (100x30).

Usage: first-frame.py [--repeats N] [--limit SECONDS] [--until TEXT] COMMAND...

The frame is there once TEXT (by default "step 0/50") has been written. Prints the median and the longest time; the exit
status is 1 if the median is above the limit, or if a frame does not come within ten seconds.
"""
import argparse
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import termios
import time

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][0-9A-B]|\x1b[=>78]")


def frame_time(command, text):
    """The seconds from the start of a command until it has written a text."""
    start = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    written = b""
    try:
        while text not in ESCAPES.sub(b"", written):
            ready, _, _ = select.select([terminal], [], [], max(0, start + 10 - time.monotonic()))
            if not ready:
                raise SystemExit(f"no frame with {text.decode()!r} within ten seconds, but {written[-300:]!r}")
            written += os.read(terminal, 65536)
        return time.monotonic() - start
    finally:
        os.kill(process, signal.SIGTERM)
        try:
            while os.read(terminal, 65536):
                pass
        except OSError:
            pass  # the terminal is closed with the last process on it
        os.waitpid(process, 0)
        os.close(terminal)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--limit", type=float, default=0.1)
    parser.add_argument("--until", default="step 0/50")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    times = [frame_time(options.command, options.until.encode()) for _ in range(options.repeats)]
    median = statistics.median(times)
    print(f"first frame: median {median:.3f} s, longest {max(times):.3f} s, of {len(times)}")
    sys.exit(median > options.limit)


main()
