"""Reads files for Terraform and looks up what they use: each resource and argument must be one that the provider has."""

import re
import sys

import hcl2

# Source: Terraform Registry, hashicorp/aws 5.60, the pages of the resources, "Argument Reference".
EVERYWHERE = {"depends_on"}
RESOURCES = {
    "aws_dynamodb_resource_policy": {"resource_arn", "policy"},
    "aws_dynamodb_table": {
        "name", "hash_key", "range_key", "billing_mode", "read_capacity", "write_capacity", "attribute",
        "server_side_encryption", "deletion_protection_enabled", "tags",
    },
    "aws_iam_group": {"name", "path"},
    "aws_iam_group_policy": {"name", "group", "policy"},
    "aws_iam_group_policy_attachment": {"group", "policy_arn"},
    "aws_iam_policy": {"name", "path", "description", "policy"},
    "aws_iam_role": {
        "name", "path", "description", "assume_role_policy", "max_session_duration", "permissions_boundary", "tags",
    },
    "aws_iam_role_policy": {"name", "role", "policy"},
    "aws_iam_role_policy_attachment": {"role", "policy_arn"},
    "aws_iam_user": {"name", "path", "permissions_boundary", "tags"},
    "aws_iam_user_group_membership": {"user", "groups"},
    "aws_iam_user_policy": {"name", "user", "policy"},
    "aws_iam_user_policy_attachment": {"user", "policy_arn"},
    "aws_kms_alias": {"name", "target_key_id"},
    "aws_kms_grant": {"name", "key_id", "grantee_principal", "retiring_principal", "operations", "constraints"},
    "aws_kms_key": {
        "description", "customer_master_key_spec", "key_usage", "is_enabled", "multi_region", "enable_key_rotation",
        "rotation_period_in_days", "tags",
    },
    "aws_kms_key_policy": {"key_id", "policy", "bypass_policy_lockout_safety_check"},
}
# What another resource may ask of one. Source: the same pages, "Attribute Reference".
ATTRIBUTES = {"arn", "name", "key_id"}
ADDRESS = re.compile(r"\b(aws_\w+)\.(\w+)(?:\.(\w+))?")


def bare(name):
    """The parser leaves quotes around labels and keys."""
    return name.strip('"')


def check(path):
    """Yields what is wrong with a file."""
    with open(path, encoding="utf-8") as file:
        read = hcl2.load(file)
    with open(path, encoding="utf-8") as file:
        code = "".join(line for line in file if not line.startswith("#"))
    known = set()
    for block in read.get("resource", []):
        for kind, named in block.items():
            for name, arguments in named.items():
                kind, name = bare(kind), bare(name)
                if (kind, name) in known:
                    yield f"{kind}.{name} stands twice"
                known.add((kind, name))
                if kind not in RESOURCES:
                    yield f"the provider has no {kind}"
                    continue
                for argument in map(bare, arguments):
                    if not argument.startswith("__") and argument not in RESOURCES[kind] | EVERYWHERE:
                        yield f"{kind} has no {argument}"
    for kind, name, attribute in ADDRESS.findall(code):
        if kind == "aws_caller_identity":
            continue
        if (kind, name) not in known:
            yield f"{kind}.{name} is nowhere"
        if attribute and attribute not in ATTRIBUTES:
            yield f"{kind} has no {attribute}"


def main():
    wrong = [f"{path}: {what}" for path in sys.argv[1:] for what in check(path)]
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
