"""Hostile inputs on the screen: a terminal of our own, what it sends, and whether it is given back."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from inputs import fifo

# What takes the screen, and what gives it back.
TAKEN, GIVEN_BACK = b"\x1b[?1049h", b"\x1b[?1049l"
# The end of each frame's bytes is not marked: a frame is there when a word of it is. What stands on a frame that differs in
# a few letters from the one before is not written whole, so that one of several words counts.
READY = rb"Open the key| identity| LOOK "
# On one cell there is room for no word.
SMALL = rb"\x1b\[1;1H|\x1b\[\?25l.*\x1b\[\?25"


def rows():
    def lab(*keys, of="a3", **more):
        ready = [(READY, b"")] if of == "a3" else []
        return lambda: dict({"argv": ["play", of], "keys": [*ready, *keys]}, **more)

    def pasted(text):
        return b"\x1b[200~" + text.encode() + b"\x1b[201~"

    bomb = "aws kms list-keys --query '" + "[" * 9000 + "'"
    yield "screen: a query that nests, pasted", lab((READY, b";"), (rb"NSOLE", pasted(bomb) + b"\r"), (rb"limit|query", b""))
    # One-line statements, each with findings: more of them than the editor takes, so that its limit refuses them and keys
    # work on; and as many as it takes.
    lines = [json.dumps({"Sid": f"S{n:05}", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"})
             for n in range(2500)]
    for count, answer in ((2500, rb"editor-text"), (650, rb"S\d{5}")):
        text = '{"Version": "2012-10-17", "Statement": [\n' + ",\n".join(lines[:count]) + "\n]}"
        # An account to play in freely: nothing is to be guessed before the text is edited.
        yield f"screen: {len(text) >> 10} KB pasted into the editor", lab(
            (rb"A sample account", b"e"), (rb" statement", pasted(text)), (answer, b"\x1b"), (rb"scan", b""),
            of="free-sample")
    yield "screen: 8 MB pasted without an end", lab((READY, b"\x1b[200~" + b"x" * (8 << 20)), resident=200 << 20)
    yield "screen: a theme with 50,000 unknown roles", lambda: dict(
        argv=["play", "a3"], keys=[(READY, b"")],
        files={"config/kmslab/themes/mine.json": json.dumps({"styles": {f"role{n}": "red" for n in range(50_000)}})})
    for name in ("settings.json", "keys.json", "themes/mine.json"):
        yield f"screen: {name} that is a pipe", lambda name=name: dict(
            argv=["play", "a3"], keys=[(READY, b"")], files={f"config/kmslab/{name}": fifo})
    for size in ((65535, 65535), (10_000, 5000), (1, 1)):
        yield f"screen: {size[0]} columns and {size[1]} rows", lambda size=size: dict(
            argv=["play", "a3"], size=size, keys=[(SMALL if size == (1, 1) else READY + rb"|limit", b"")], output=64 << 20)
    for number in range(12):
        yield f"screen: SIGTERM while it starts, {number}", lambda number=number: dict(
            argv=["play", "a3"], keys=[], early=number * 0.004, status=(143, -signal.SIGTERM))


def played(program, row, folder, env, limits, wall, ended):
    """Opens the screen, sends what the row says once it has drawn what the row waits for, and ends it by SIGTERM."""
    ours, theirs = pty.openpty()
    columns, lines = row.get("size", (100, 30))
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    before = termios.tcgetattr(theirs)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(theirs, fd)
        os.closerange(3, 256)
        os.chdir(folder)
        limits()
        os.execve(program, [program, *row["argv"]], dict(env, **row.get("env", {})))
    seen, mark, until, hung = b"", 0, time.monotonic() + wall, False
    steps = list(row["keys"])
    signalled = None
    if "early" in row:
        time.sleep(row["early"])
        os.kill(pid, signal.SIGTERM)
        signalled = time.monotonic()
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        ready, _, _ = select.select([ours], [], [], 0.02)
        if ready:
            try:
                seen += os.read(ours, 65536)
            except OSError:
                pass
        elif done:
            break
        if done:
            continue
        if steps and re.search(steps[0][0], seen[mark:]):
            _, keys = steps.pop(0)
            mark = len(seen) if keys else mark
            send(ours, keys, lambda: time.monotonic() < until)
        elif not steps and signalled is None and not ready:
            os.kill(pid, signal.SIGTERM)
            signalled = time.monotonic()
        if time.monotonic() > until:
            hung = True
            os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(status)
    # A shell says 143 of a program that SIGTERM ended; kmslab says so itself, after it has given the terminal back.
    restored = termios.tcgetattr(theirs) == before and seen.rfind(GIVEN_BACK) >= seen.rfind(TAKEN)
    os.close(ours)
    os.close(theirs)
    if not restored:
        seen += b"\nthe terminal was not given back\n"
        code = code if code < 0 else 99
    elif code in (143, -signal.SIGTERM):
        code = code if "status" in row else 0
    return ended(code, seen, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, hung)


def send(fd, keys, may_go_on):
    """Writes to the terminal, and reads nothing meanwhile: a large paste waits until the program takes it."""
    os.set_blocking(fd, False)
    rest = memoryview(keys)
    while rest and may_go_on():
        try:
            rest = rest[os.write(fd, rest[:4096]):]
        except BlockingIOError:
            time.sleep(0.01)
    os.set_blocking(fd, True)
