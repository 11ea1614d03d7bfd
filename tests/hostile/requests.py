"""Hostile clients of `kmslab serve`, made from small programs.

A row starts a server and plays a function with its address: `clients`, which answers what is wrong. The server must be there
for a good request afterwards, must hold no more descriptors than before, and must end by SIGTERM.
"""

import pathlib
import re
import signal
import socket
import threading
import time

KIB, MIB = 1 << 10, 1 << 20
JSON = "application/x-amz-json-1.1"
LIST = "TrentService.ListKeys"
# Nothing that a client does keeps a connection longer than this: the limits of head and body, and some time to spare.
LONGEST = 45


def head(*lines, start="POST / HTTP/1.1"):
    return "".join(f"{line}\r\n" for line in [start, "host: 127.0.0.1", *lines, ""]).encode()


def request(body=b"{}", target=LIST, kind=JSON, length=None, more=()):
    length = len(body) if length is None else length
    lines = [f"content-type: {kind}", f"content-length: {length}", "connection: close", *more]
    return head(*lines, *([f"x-amz-target: {target}"] if target else [])) + body


def connected(address):
    return socket.create_connection(address, timeout=LONGEST)


def answer(stream):
    """What is read until the server closes; nothing once it has reset the connection."""
    found = b""
    try:
        while chunk := stream.recv(1 << 16):
            found += chunk
    except ConnectionError:
        pass
    return found


def sent(address, data, ends=True):
    """The answer to bytes, read to the end; `ends` says that no more will follow."""
    with connected(address) as stream:
        try:
            stream.sendall(data)
            if ends:
                stream.shutdown(socket.SHUT_WR)
        except OSError:
            # A server that refuses need not read to the end.
            pass
        return answer(stream)


def status(found):
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", found)
    return int(match.group(1)) if match else None


def expected(*cases):
    """A function that sends each case's bytes and compares the status, `None` for a closed connection, and the words."""

    def clients(address):
        for name, data, wanted, words in cases:
            found = sent(address, data)
            if status(found) not in wanted or words.encode() not in found:
                return f"{name}: {found[:200]!r} is no {wanted} with {words!r}"
        return None

    return clients


def malformed(address):
    lines = [b"", b"\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 5000,
             b"GET / HTTP/1.1\r\nhost x\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
             b"POST / HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", b"\xff\xfe\r\n\r\n",
             head("content-length: -1"), head("content-length: 99999999999999999999999"), head("transfer-encoding: gzip"),
             head("transfer-encoding: chunked") + b"zz\r\n", head("transfer-encoding: chunked") + b"ffffffffffffffffff\r\n",
             head("transfer-encoding: chunked", "content-length: 5") + b"0\r\n\r\n"]
    for data in lines * 5:
        found = sent(address, data)
        if status(found) not in (None, 400, 403, 404, 408, 413, 501, 505):
            return f"{data[:60]!r} is answered by {found[:100]!r}"
    return None


def cut(address):
    whole = request(b'{"Limit": 1}')
    for length in range(len(whole)):
        found = sent(address, whole[:length])
        if status(found) not in (None, 400):
            return f"{length} bytes are answered by {found[:100]!r}"
    return None


def at_once(count, one):
    """Plays clients at the same time; the first fault of any."""
    faults = []

    def client(number):
        try:
            fault = one(number)
        except OSError as error:
            fault = repr(error)
        if fault:
            faults.append(fault)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults[0] if faults else None


def slow(data, pause):
    """Two hundred clients send a byte at a time, and never come to an end."""

    def clients(address):
        def one(_):
            since = time.monotonic()
            with connected(address) as stream:
                stream.settimeout(pause)
                for place in range(10_000):
                    try:
                        stream.sendall(data[place : place + 1] or b"x")
                        if not stream.recv(1 << 10):
                            break
                    except TimeoutError:
                        pass
                    except OSError:
                        break
                    if time.monotonic() - since > LONGEST:
                        return f"is open after {LONGEST} s"
            return None

        return at_once(200, one)

    return clients


def endless(chunk, begin):
    """A request that never ends: the connection does."""

    def clients(address):
        with connected(address) as stream:
            stream.sendall(begin)
            for _ in range(64 * MIB // len(chunk)):
                try:
                    stream.sendall(chunk)
                except OSError:
                    return None
        return "64 MiB were taken"

    return clients


def crowd(address):
    """A thousand connections, a third idle, a third in the middle of a head, a third of a body; then a good request."""
    begins = [b"", b"POST / HTTP/1.1\r\nhost: ", request(b"{", length=9)]
    streams = [connected(address) for _ in range(1000)]
    try:
        for number, stream in enumerate(streams):
            stream.sendall(begins[number % 3])
        since = time.monotonic()
        found = sent(address, request())
        took = time.monotonic() - since
        if status(found) != 400 or b"MissingAuthenticationToken" not in found or took > 5:
            return f"{found[:100]!r} after {took:.1f} s"
        for stream in streams:
            # Each is answered or closed, though nobody sends more.
            answer(stream)
    finally:
        for stream in streams:
            stream.close()
    return None


def too_many(address):
    """More connections than may be open: those beyond are closed, and places are free again."""
    streams = [connected(address) for _ in range(1500)]
    for stream in streams:
        stream.close()
    return None


def flood(address):
    """Good requests by the thousand over few connections, one behind the other without a look at the answers."""

    def one(_):
        with connected(address) as stream:
            keep = request().replace(b"connection: close\r\n", b"")
            stream.sendall(keep * 200 + request())
            found = answer(stream)
        count = found.count(b"HTTP/1.1 400")
        return None if count == 201 else f"{count} of 201 are answered"

    return at_once(16, one)


def large(kind, target, more=()):
    def clients(address):
        for size in (16 * MIB + 1, 20 * MIB):
            found = sent(address, request(b"[" * size, target=target, kind=kind, more=more))
            if status(found) != 413 or b"RequestEntityTooLarge" not in found or b"wire-body" not in found:
                return f"{size} bytes are answered by {found[:200]!r}"
        found = sent(address, request(b"[" * 10, length=1 << 40, target=target, kind=kind, more=more))
        return None if status(found) == 413 else f"a terabyte is answered by {found[:200]!r}"

    return clients


def largest_at_once(address):
    """Forty bodies of the largest size at the same time, each with more parentheses than anybody reads."""

    def one(_):
        found = sent(address, request(b"[" * (16 * MIB)))
        return None if status(found) == 400 else f"is answered by {found[:200]!r}"

    return at_once(40, one)


def served(process, line, clients):
    """Plays clients with a server that has said where it listens; what is wrong."""
    match = re.match(rb"listening on http://127\.0\.0\.1:(\d+)\n", line)
    if not match:
        return f"says {line!r} first"
    address = ("127.0.0.1", int(match.group(1)))
    descriptors = pathlib.Path(f"/proc/{process.pid}/fd")
    # The first request opens what stays open.
    sent(address, request())
    before = len(list(descriptors.iterdir()))
    fault = clients(address)
    until = time.monotonic() + LONGEST
    while not fault and len(list(descriptors.iterdir())) > before:
        if time.monotonic() > until:
            fault = f"{len(list(descriptors.iterdir()))} descriptors are open, and {before} were"
        time.sleep(0.05)
    if not fault and b"MissingAuthenticationToken" not in sent(address, request()):
        fault = "does not answer a good request afterwards"
    process.send_signal(signal.SIGTERM)
    return fault


FORM = "application/x-www-form-urlencoded"
SIGNED_FOR_IAM = ("authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0",)


def rows():
    def row(clients, **more):
        return lambda: dict({"argv": ["serve", "--empty", "--listen", "127.0.0.1:0"], "clients": clients, "status": (0,)}, **more)

    yield "serve: malformed requests", row(malformed)
    yield "serve: requests cut at each byte", row(cut)
    yield "serve: bodies over 16 MiB, JSON", row(large(JSON, LIST))
    yield "serve: bodies over 16 MiB, a form", row(large(FORM, None, SIGNED_FOR_IAM))
    yield "serve: forty bodies of 16 MiB", row(largest_at_once, cpu=30)
    yield "serve: what is no input", row(expected(
        ("another content type", request(kind="text/plain"), (404,), "UnknownOperationException"),
        ("JSON 100,000 deep", request(b"[" * 100_000), (400,), "SerializationException"),
        ("objects 100,000 deep", request(b'{"a":' * 100_000), (400,), "SerializationException"),
        ("broken UTF-8", request(b'{"a": "\xff\xfe"}'), (400,), "SerializationException"),
        ("half a surrogate", request(b'{"a": "\\ud800"}'), (400,), "Exception"),
        ("no JSON", request(b"\x00" * 100), (400,), "SerializationException"),
        ("an unknown target", request(target="Nothing.Nothing"), (400,), "UnknownOperationException"),
        ("a target without a dot", request(target="x"), (400,), "UnknownOperationException"),
        ("an unknown operation", request(target="TrentService.Nothing"), (400,), "UnknownOperationException"),
        ("an unknown action", request(b"Action=Nothing&Version=2010-05-08", None, FORM), (400,), "InvalidAction"),
        ("an action of nobody", request(b"Action=Nothing&Version=1", None, FORM), (501,), "NotImplemented"),
        ("a form of stray percents", request(b"%" * 10_000, None, FORM), (501,), "NotImplemented"),
        ("100,000 parameters", request(b"Version=2010-05-08&Action=ListUsers" + b"&a=b" * 100_000, None, FORM), (400,), ""),
    ))
    yield "serve: huge heads", row(expected(
        ("many headers", head(*(f"h{n}: v" for n in range(5000))), (431,), ""),
        ("a long header", head("long: " + "x" * 5 * MIB), (None, 431), ""),
        ("a long path", head(start="GET /" + "x" * 5 * MIB + " HTTP/1.1"), (None, 414, 431), ""),
        ("a long method", head(start="X" * 5 * MIB + " / HTTP/1.1"), (None, 400, 431), ""),
        ("a long signature", request(more=["authorization: AWS4-HMAC-SHA256 " + "a=b," * 5000]), (400,), "Incomplete"),
    ))
    yield "serve: two hundred slow heads", row(slow(b"POST / HTTP/1.1\r\nhost: ", 0.5))
    yield "serve: two hundred slow bodies", row(slow(request(b"", length=9999), 0.5))
    yield "serve: a head without end", row(endless(b"x" * 64 * KIB, b"GET / HTTP/1.1\r\nlong: "))
    yield "serve: a body without end", row(endless(
        b"10000\r\n" + b"x" * 64 * KIB + b"\r\n", head(f"content-type: {JSON}", f"x-amz-target: {LIST}", "transfer-encoding: chunked")))
    yield "serve: a thousand connections that wait", row(crowd)
    yield "serve: more connections than there may be", row(too_many)
    yield "serve: requests in a row", row(flood, cpu=20)
