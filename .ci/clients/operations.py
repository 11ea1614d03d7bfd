"""Every operation of the support table once with good input and once with bad: `rows_*.py` hold them."""

import re
import sys

import botocore
import jmespath

from . import rows_dynamodb, rows_iam, rows_kms, rows_others
from .rows import After, By
from .server import check, error_of

ROWS = rows_kms.ROWS + rows_dynamodb.ROWS + rows_iam.ROWS + rows_others.ROWS


#: The operation whose good input needs a second account, which a world that begins empty has not: `invitation`.
ELSEWHERE = ("organizations", "InviteAccountToOrganization")


def invitation(server):
    """An account of a scenario invites the other one."""
    org = server.client("organizations", "kim")
    org.create_organization()
    answer = org.invite_account_to_organization(Target={"Id": "444455556666", "Type": "ACCOUNT"})
    check("the invitation", answer["ResponseMetadata"]["HTTPStatusCode"], 200)
    accounts = {account["Id"]: account["Status"] for account in org.list_accounts()["Accounts"]}
    check("the accounts", accounts, {"111122223333": "ACTIVE", "444455556666": "ACTIVE"})
    again = error_of(org.invite_account_to_organization, Target={"Id": "444455556666", "Type": "ACCOUNT"})
    check("again", again[0], "HandshakeConstraintViolationException")


def simulated(page="docs/operations.md"):
    """The operations of the table that is made from the code, each with its service."""
    service, found = None, []
    for line in open(page, encoding="utf-8"):
        if heading := re.match(r"## (\S+)$", line):
            service = heading[1]
        elif row := re.match(r"\| `(\w+)` \|", line):
            found.append((service, row[1]))
    return found


def every_operation(prepared):
    known = {(row.service, row.operation) for row in ROWS}
    there = set(simulated())
    if known != there:
        sys.exit(f"rows without an operation: {sorted(known - there)}; operations without a row: {sorted(there - known)}")
    for row in ROWS:
        if row.good is None:
            check(f"{row.service} {row.operation} is tried elsewhere", (row.service, row.operation), ELSEWHERE)
        else:
            good(prepared, row)
        bad(prepared, row)
    print(f"{len(ROWS)} rows of {len(there)} operations, with good input and with bad")


def method(prepared, service, operation, caller=None):
    clients = prepared.other_clients(caller) if caller else prepared.clients
    return getattr(clients[service], botocore.xform_name(operation))


def given(prepared, parameters):
    return parameters(prepared) if callable(parameters) else parameters


def good(prepared, row):
    """Calls with good input, and looks at two fields at least: of the answer, or of what another call says after it."""
    prepared.back()
    name = f"{row.service} {row.operation}"
    answer = method(prepared, row.service, row.operation)(**given(prepared, row.good))
    check(name, answer["ResponseMetadata"]["HTTPStatusCode"], 200)
    fields = given(prepared, row.fields)
    asserted = 0
    for path, wanted in fields.items():
        found = answer
        if isinstance(path, After):
            service, operation = path.call.split(":")
            found, path = method(prepared, service, operation)(**given(prepared, path.parameters)), path.path
        asserted += 1
        check(f"{name}, {path}", jmespath.search(path, found), wanted)
    if asserted < 2:
        sys.exit(f"{name} asserts fewer than two fields")


def bad(prepared, row):
    prepared.back()
    parameters, caller = row.bad, None
    if isinstance(parameters, By):
        caller, parameters = parameters
    parameters = given(prepared, parameters)
    code, message, _ = error_of(method(prepared, row.service, row.operation, caller), **parameters)
    check(f"{row.service} {row.operation}, bad input", code, row.code)
    check(f"{row.service} {row.operation}, its words", message, re.compile(row.words))
