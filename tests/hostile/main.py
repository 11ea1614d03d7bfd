#!/usr/bin/env python3
"""Plays hostile inputs with a release build of kmslab, each within limits on its time, its memory and its output.

    tests/hostile/main.py PROGRAM [PART-OF-A-NAME]

The rows stand in `inputs.py` (files and pipes), `requests.py` (clients of a server) and `screens.py` (a terminal). A row fails if the program is ended by a
signal, takes too long or too much, prints too much, ends in another way than the row says, or refuses without naming a
limit where it must. KNOWN names the rows that still fail, each with the fault: a row that holds although it stands there
fails, too.
"""

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import inputs
import requests
import screens

# Rows that still fail, by name, with the fault in plain words. To be empty.
KNOWN = {}

# A row that names nothing else has these.
CPU_SECONDS = 6
ADDRESS_BYTES = 1 << 30
RESIDENT_BYTES = 500 << 20
OUTPUT_BYTES = 8 << 20
# However busy the machine is, a process that has not ended by then waits for something that never comes.
WALL_SECONDS = int(os.environ.get("HOSTILE_WALL", "150"))


@dataclasses.dataclass
class Ended:
    """How a process ended."""

    status: int
    out: bytes
    cpu: float
    resident: int
    hung: bool


def limits(row):
    """Sets the limits of a row in the process that becomes the program."""
    cpu = row.get("cpu", CPU_SECONDS)
    address = row.get("address", ADDRESS_BYTES)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_AS, (address, address))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if "file_bytes" in row:
        resource.setrlimit(resource.RLIMIT_FSIZE, (row["file_bytes"], row["file_bytes"]))


def environment(folder):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    return dict(kept, HOME=str(folder), XDG_STATE_HOME=str(folder / "state"), XDG_CONFIG_HOME=str(folder / "config"),
                TERM="xterm-256color")


def played(program, row, folder):
    """Plays one row in a folder of its own."""
    for name, content in row.pop("files", {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if "before" in row:
        row["before"](program, folder)
    if "keys" in row:
        return screens.played(program, row, folder, environment(folder), lambda: limits(row), WALL_SECONDS, Ended)
    given = row.pop("stdin", b"")
    (folder / ".in").write_bytes(given if isinstance(given, bytes) else given.encode())
    most = row.get("output", OUTPUT_BYTES)
    # Through a pipe: a limit on the size of files is none on what is printed.
    ours, theirs = os.pipe()
    with open(folder / ".in", "rb") as stdin, open(row.get("stdout", os.devnull), "wb") as elsewhere:
        process = subprocess.Popen([program, *row["argv"]], stdin=stdin, stdout=elsewhere if "stdout" in row else theirs,
                                   stderr=theirs, cwd=folder, env=dict(environment(folder), **row.get("env", {})),
                                   preexec_fn=lambda: limits(row))
    os.close(theirs)
    out, hung, until = bytearray(), False, time.monotonic() + WALL_SECONDS
    if "clients" in row:
        while not out.endswith(b"\n") and (chunk := os.read(ours, 1)):
            out += chunk
        fault = requests.served(process, bytes(out), row["clients"])
        row["after"] = lambda _: fault
    while True:
        ready, _, _ = select.select([ours], [], [], 1)
        chunk = os.read(ours, 1 << 16) if ready else None
        if chunk == b"":
            break
        out += chunk or b""
        hung = time.monotonic() > until
        if hung or len(out) > 2 * most:
            process.kill()
            break
    os.close(ours)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, bytes(out), used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, hung)


def judged(row, ended, folder):
    """What is wrong with how a row ended, in words; nothing if it holds."""
    wrong = []
    if ended.hung:
        wrong.append(f"has not ended after {WALL_SECONDS} s")
    elif ended.status < 0 and ended.status not in row.get("status", ()):
        wrong.append(f"ended by {signal.Signals(-ended.status).name}")
    elif ended.status not in row.get("status", (0, 1, 2)):
        wrong.append(f"exit status {ended.status}")
    # Until it becomes the program, a process counts the memory of this one.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if ended.resident > max(row.get("resident", RESIDENT_BYTES), own):
        wrong.append(f"{ended.resident >> 20} MB of memory")
    if len(ended.out) > row.get("output", OUTPUT_BYTES):
        wrong.append(f"more than {len(ended.out) >> 10} KB of output")
    for says in [*row.get("says", ()), *(row.get("refused_says", ()) if ended.status == 2 else ())]:
        if not re.search(says.encode(), ended.out):
            wrong.append(f"does not say {says!r}")
    for says in row.get("never_says", ()):
        if re.search(says.encode(), ended.out):
            wrong.append(f"says {says!r}")
    if not wrong and "after" in row:
        fault = row["after"](folder)
        if fault:
            wrong.append(fault)
    return "; ".join(wrong)


def tried(program, name, row):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kmslab-hostile-"))
    try:
        ended = played(program, row, folder)
        wrong = judged(row, ended, folder)
        tail = ended.out[-400:].decode(errors="replace")
        return name, ended, wrong, tail
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    rows = [(name, row) for name, row in [*inputs.rows(), *requests.rows(), *screens.rows()] if part in name]
    names = [name for name, _ in rows]
    assert len(set(names)) == len(names), "each row has a name of its own"
    failed, most = 0, (0.0, "")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # A row that makes its input only when it is played keeps memory small.
        for name, ended, wrong, tail in pool.map(lambda one: tried(program, one[0], one[1]()), rows):
            most = max(most, (ended.cpu, name))
            print(f"{ended.cpu:6.2f} s {ended.resident >> 20:5} MB  {name}" + (f": {wrong}" if wrong else ""), flush=True)
            if wrong and name in KNOWN:
                print(f"         known: {KNOWN[name]}")
            elif wrong:
                failed += 1
            if (wrong and name not in KNOWN) or len(rows) == 1:
                print("\n".join("         | " + line[:200] for line in tail.splitlines()[-6:]))
            if not wrong and name in KNOWN:
                failed += 1
                print("         holds now: strike it off KNOWN")
    unknown = [name for name in KNOWN if not part and name not in names]
    for name in unknown:
        print(f"KNOWN names {name}, and there is no such row")
    failed += len(unknown)
    print(f"{len(rows) - failed} passed, {failed} failed; the most time took {most[1]}, {most[0]:.1f} s of CPU; "
          f"{len(KNOWN)} known faults")
    sys.exit(1 if failed else 0)


main()
