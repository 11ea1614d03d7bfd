"""Lets real clients work with `kmslab serve`: `serve.py KMSLAB AWS [AWS2]`, the binary and the AWS CLI, version 1 and, if there is
one, version 2. Ends with 1 at the first answer that is wrong."""

import os
import sys
import time

from clients import encryption_sdk, errors, examples, exercise, identity, operations, server, terraform
from clients.prepared import ACCOUNT, Prepared
from clients.server import AWS, check, serving

AWS_2 = sys.argv[3] if len(sys.argv) > 3 else None
took = []


def timed(name, step, *arguments):
    begin = time.monotonic()
    step(*arguments)
    took.append(f"{time.monotonic() - begin:6.1f} s  {name}")


with serving("--scenario", "a4") as lab:
    mode = os.stat(f"{lab.folder}/credentials").st_mode & 0o777
    check("the mode of the credentials", mode, 0o600)
    timed("the exercise by version 1 of the AWS CLI", exercise.both_doors_by_the_cli, lab, AWS, 255)
    if AWS_2:
        timed("the exercise by version 2 of the AWS CLI", exercise.both_doors_by_the_cli, lab, AWS_2, 254)
    timed("the exercise by boto3", exercise.both_doors_by_boto3, lab)
with serving("--empty") as empty:
    timed("an empty account", exercise.an_empty_account, empty)
with serving("--empty", "--account", ACCOUNT) as account:
    prepared = Prepared(account)
    timed("every operation with good input and with bad", operations.every_operation, prepared)
    timed("who signs", identity.sessions, prepared)
    timed("pages", identity.pages, prepared)
    timed("access keys", identity.retired, prepared)
    timed("what Terraform calls", terraform.replay, prepared)
    timed("the AWS Encryption SDK", encryption_sdk.envelope, prepared)
with serving("--scenario", "f1", "--permissive") as two_accounts:
    timed("an invitation", operations.invitation, two_accounts)
with serving("--empty", "--account", "999900001111", "--permissive") as open_to_all:
    timed("a permissive server", exercise.permissive, open_to_all)
with serving("--empty", "--permissive") as open_to_all:
    timed("modelled errors", errors.every_modelled_error, Prepared(open_to_all))
with serving("--empty", "--account", "123456789012") as documented:
    timed("AWS's documentation", examples.documentation, documented)
print("\n".join(took))
if not AWS_2:
    print("  NOT DONE  version 2 of the AWS CLI: there is none here")
print(f"{server.checked} passed, 0 failed")
