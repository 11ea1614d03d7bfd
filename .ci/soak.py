#!/usr/bin/env python3
"""Sends good and bad requests to `kmslab serve` for some minutes.

    .ci/soak.py PROGRAM MINUTES

Good ones are signed, by somebody of a scenario; bad ones are those of tests/hostile/requests.py. The audit trail fills up
first, since it keeps its latest 20,000 to 40,000 records; from then on memory must stay as it is, and at the end no
descriptor may be open that was not open at the start.
"""

import configparser
import datetime
import hashlib
import hmac
import http.client
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/hostile"))
import requests  # noqa: E402

# What memory may grow by once the trail is full: what the allocator keeps in its arenas comes and goes.
ROOM = 48 << 20
# How often in a row a good client is turned away at most: for some seconds.
TURNED_AWAY = 200
# Records that fill the trail for sure.
FULL = 60_000


class Signer:
    """Signs by Signature Version 4. Source: IAM User Guide, "Create a signed AWS API request"."""

    def __init__(self, profile):
        self.id, self.secret = profile["aws_access_key_id"], profile["aws_secret_access_key"]

    def headers(self, service, host, body, more):
        at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = dict(more, host=host, **{"x-amz-date": at})
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{at[:8]}/us-east-1/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for part in [*scope.split("/"), text]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        value = f"AWS4-HMAC-SHA256 Credential={self.id}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
        return dict(headers, authorization=value)


def good(draw):
    """A call that is allowed, by whom: service, target, input."""
    key = {"CustomerID": {"S": str(draw.randrange(500))}}
    table = {"TableName": "CustomerData"}
    return draw.choice([
        ("dynamodb", "DynamoDB_20120810.GetItem", dict(table, Key=key)),
        ("dynamodb", "DynamoDB_20120810.PutItem", dict(table, Item=dict(key, Name={"S": "x" * draw.randrange(300)}))),
        ("dynamodb", "DynamoDB_20120810.DeleteItem", dict(table, Key=key)),
        ("dynamodb", "DynamoDB_20120810.Query", dict(
            table, KeyConditionExpression="CustomerID = :id", ExpressionAttributeValues={":id": key["CustomerID"]})),
        ("kms", "TrentService.ListKeys", {}),
        ("kms", "TrentService.Encrypt", {"KeyId": "alias/dynamodb-encryption-key", "Plaintext": "c2VjcmV0"}),
    ])


def work(address, signer, until, counts, faults):
    """Makes good calls one after the other over one connection, which is opened anew now and then.

    While a hostile client has all connections that there may be, the first call over a new one is turned away: it is made
    again, as an SDK does.
    """
    draw = random.Random(threading.get_ident())
    host = f"{address[0]}:{address[1]}"
    turned_away = 0
    while time.monotonic() < until and not faults:
        connection = http.client.HTTPConnection(*address, timeout=60)
        for number in range(draw.randrange(1, 500)):
            service, target, given = good(draw)
            body = json.dumps(given).encode()
            version = "1.0" if service == "dynamodb" else "1.1"
            more = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
            try:
                connection.request("POST", "/", body, signer.headers(service, host, body, more))
                answer = connection.getresponse()
                said = answer.read()
            except (OSError, http.client.HTTPException) as error:
                turned_away += 1
                if number > 0 or turned_away > TURNED_AWAY:
                    faults.append(f"{target}: {error!r}")
                time.sleep(0.05)
                break
            turned_away = 0
            if answer.status != 200:
                faults.append(f"{target}: {answer.status} {said[:200]!r}")
                break
            counts["good"] += 1
            if time.monotonic() > until:
                break
        connection.close()


def misbehave(address, until, counts, faults):
    """Plays what a hostile client does, what takes long as seldom as it comes."""
    plays = [requests.malformed, requests.cut, requests.flood, requests.large(requests.JSON, requests.LIST), requests.too_many,
             requests.endless(b"x" * 65536, b"GET / HTTP/1.1\r\nlong: "), requests.slow(requests.request(b"", length=99), 0.2)]
    while time.monotonic() < until and not faults:
        for play in plays:
            if fault := play(address):
                faults.append(f"a hostile client: {fault}")
            counts["bad"] += 1
            if time.monotonic() > until:
                return


def resident(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) << 10


def descriptors(process):
    return len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))


def watched(process, address, folder, minutes):
    profiles = configparser.ConfigParser()
    profiles.read(folder / "credentials")
    signer = Signer(profiles["kim"])
    counts, faults = {"good": 0, "bad": 0}, []
    requests.sent(address, requests.request())
    before = descriptors(process)
    until = time.monotonic() + minutes * 60
    threads = [threading.Thread(target=work, args=(address, signer, until, counts, faults)) for _ in range(4)]
    threads.append(threading.Thread(target=misbehave, args=(address, until, counts, faults)))
    for thread in threads:
        thread.start()
    full, told = None, 0
    while any(thread.is_alive() for thread in threads):
        time.sleep(1)
        if full is None and counts["good"] > FULL:
            full = resident(process)
            print(f"the trail is full: {full >> 20} MB after {counts['good']} calls", flush=True)
        if int((until - time.monotonic()) / 60) != told:
            told = int((until - time.monotonic()) / 60)
            print(f"{counts['good']:9} good, {counts['bad']:4} hostile: {resident(process) >> 20:4} MB, "
                  f"{descriptors(process)} descriptors", flush=True)
    # Connections that idle are closed within the limits of heads.
    waiting = time.monotonic() + requests.LONGEST
    while descriptors(process) > before and time.monotonic() < waiting:
        time.sleep(0.2)
    after, end = descriptors(process), resident(process)
    print(f"{counts['good']} good calls and {counts['bad']} rounds of a hostile client in {minutes} minutes")
    print(f"descriptors: {before} before, {after} after; memory: {end >> 20} MB at the end")
    if after > before:
        faults.append(f"{after - before} descriptors stay open")
    if full is not None and end > full + ROOM:
        faults.append(f"memory has grown by {(end - full) >> 20} MB since the trail was full")
    return faults


def main():
    program, minutes = sys.argv[1], float(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        process = subprocess.Popen(
            [program, "serve", "--scenario", "a4", "--listen", "127.0.0.1:0", "--write-profile", folder],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            line = process.stdout.readline().decode()
            faults = watched(process, ("127.0.0.1", int(line.rsplit(":", 1)[1])), folder, minutes)
        finally:
            process.terminate()
            status = process.wait(60)
    if status != 0:
        faults.append(f"the server ends with {status}")
    print("\n".join(faults) or "nothing has grown, nothing is stuck")
    sys.exit(1 if faults else 0)


main()
