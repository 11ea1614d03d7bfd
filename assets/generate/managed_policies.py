"""Makes `assets/managed-policies/*.json`: AWS managed policies as AWS publishes them, from the copy in moto."""

import json

ARN_PREFIX = "arn:aws:iam::aws:policy"


def read(moto):
    """Returns every policy that moto has, by name. They are one text of JSON in a Python file."""
    source = moto.text("moto/iam/aws_managed_policies.py")
    return json.loads(source.split('"""')[1])


def make(moto, by_hand):
    """Returns the text of each asset by the name of its policy."""
    policies = read(moto)
    return {name: document(name, policies[name]) for name in by_hand["managedPolicies"]}


def document(name, policy):
    """Returns a policy as `get-policy` and `get-policy-version` describe it. moto leaves out what follows."""
    result = {
        "PolicyName": name,
        "Arn": f"{ARN_PREFIX}{policy['Path']}{name}",
        "Path": policy["Path"],
        "DefaultVersionId": policy["DefaultVersionId"],
        "CreateDate": policy["CreateDate"],
        "UpdateDate": policy["UpdateDate"],
        "IsAttachable": policy.get("IsAttachable", True),
        "Document": policy["Document"],
    }
    return json.dumps(result, indent=2) + "\n"
