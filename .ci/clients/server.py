"""A server to work with, and checks that count."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

KMSLAB, AWS = sys.argv[1:3]
checked = 0


def check(name, found, wanted):
    """Compares what was found with what is wanted; a pattern in place of a value is searched for."""
    global checked
    checked += 1
    if wanted.search(str(found)) if isinstance(wanted, re.Pattern) else found == wanted:
        return
    sys.exit(f"{name}: wanted {wanted!r}, found {found!r}")


class Server:
    """A server with its profiles in a folder of its own."""

    def __init__(self, process, endpoint, folder):
        self.process, self.endpoint, self.folder = process, endpoint, folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "AWS_CONFIG_FILE": f"{folder}/config",
            "AWS_SHARED_CREDENTIALS_FILE": f"{folder}/credentials",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def aws(self, profile, *words, command=AWS, **environment):
        """Runs the AWS CLI; returns its exit code, its answer as JSON, and what it says of errors."""
        run = subprocess.run(
            [command, "--profile", profile, *words] if profile else [command, *words],
            env=self.environment | environment, capture_output=True, text=True, timeout=60,
        )
        return run.returncode, json.loads(run.stdout) if run.stdout.strip() else None, run.stderr.strip()

    def session(self, profile, **more):
        os.environ.update(self.environment)
        return boto3.Session(profile_name=profile, **more)

    def client(self, service, profile, **more):
        config = botocore.config.Config(retries={"max_attempts": 1}, **more)
        return self.session(profile).client(service, config=config)

    def control(self, method, name, body=None, **headers):
        token = open(f"{self.folder}/token").read().strip()
        data = json.dumps(body).encode() if body is not None else (b"" if method == "POST" else None)
        request = urllib.request.Request(f"{self.endpoint}/_kmslab/{name}", data, {"x-kmslab-token": token} | headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@contextlib.contextmanager
def serving(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        command = [KMSLAB, "serve", "--listen", "127.0.0.1:0", "--write-profile", folder, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            first = process.stdout.readline()
            check("the first line", first, re.compile(r"^listening on http://127\.0\.0\.1:\d+\n$"))
            yield Server(process, first.split()[-1], folder)
            process.send_signal(signal.SIGTERM)
            check("the end after SIGTERM", process.wait(timeout=20), 0)
        finally:
            process.kill()


def error_of(call, **parameters):
    """The code, the message and the status of the error that a call of boto3 ends with."""
    try:
        call(**parameters)
    except botocore.exceptions.ClientError as error:
        answer = error.response
        return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]
    sys.exit(f"{call.__name__}{parameters} succeeded")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal, action="sts:AssumeRole", **more):
    return policy({"Effect": "Allow", "Principal": principal, "Action": action, **more})
