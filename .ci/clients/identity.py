"""Who signs: sessions of users, of whom they vouch for, of roles with tags and policies, of an identity provider; MFA in conditions."""

import boto3
import botocore
import botocore.config
from botocore import UNSIGNED

from .prepared import ACCOUNT, arn
from .rows import like
from .server import allow, check, error_of, policy, trust

MFA = dict(SerialNumber=arn("mfa", "kim"), TokenCode="123456")
INVALID = "The security token included in the request is invalid."


def keys_of(answer):
    return {name: answer["Credentials"][name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}


def sessions(prepared):
    prepared.back()
    sts, iam = prepared.clients["sts"], prepared.clients["iam"]

    # A user's own credentials for a time: IAM takes them with a second factor alone.
    plain = keys_of(sts.get_session_token())
    check("who it is", prepared.client("sts", plain).get_caller_identity()["Arn"], arn("user", "kim"))
    check("no IAM without MFA", error_of(prepared.client("iam", plain).list_users), ("InvalidClientTokenId", INVALID, 403))
    check("KMS takes it", prepared.client("kms", plain).list_keys()["ResponseMetadata"]["HTTPStatusCode"], 200)
    with_device = keys_of(sts.get_session_token(**MFA))
    check("IAM with MFA", len(prepared.client("iam", with_device).list_users()["Users"]), 5)
    again = error_of(prepared.client("sts", plain).get_session_token)
    check("no session of a session", again, ("AccessDenied", "Cannot call GetSessionToken with session credentials", 403))
    check("a wrong code", error_of(sts.get_session_token, SerialNumber=arn("mfa", "kim"), TokenCode="abcdef")[0], "ValidationError")

    # Whom a user vouches for may do what both the user and the session policies allow.
    bob = keys_of(sts.get_federation_token(Name="Bob", Policy=policy(allow("kms:ListKeys"))))
    check("who it is", prepared.client("sts", bob).get_caller_identity()["UserId"], f"{ACCOUNT}:Bob")
    check("what is passed", prepared.client("kms", bob).list_keys()["ResponseMetadata"]["HTTPStatusCode"], 200)
    refused = error_of(prepared.client("kms", bob).list_aliases)
    check("what is not", refused[:2], ("AccessDeniedException", refused[1]))
    check("why not", refused[1], like(f"User: arn:aws:sts::{ACCOUNT}:federated-user/Bob is not authorized .* no session policy allows"))
    check("no IAM", error_of(prepared.client("iam", bob).list_users)[0], "InvalidClientTokenId")
    nobody = keys_of(sts.get_federation_token(Name="Nobody"))
    check("without a session policy", error_of(prepared.client("kms", nobody).list_keys)[0], "AccessDeniedException")

    conditions(prepared, iam, sts)
    tags_and_policies(prepared, iam, sts)
    web_identity(prepared)


def conditions(prepared, iam, sts):
    """A role that asks for a second factor."""
    document = trust({"AWS": arn("user", "kim")}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    iam.create_role(RoleName="Careful", AssumeRolePolicyDocument=document)
    wanted = dict(RoleArn=arn("role", "Careful"), RoleSessionName="s1")
    check("a role that asks for MFA", error_of(sts.assume_role, **wanted)[0], "AccessDenied")
    check("with a device", sts.assume_role(**wanted, **MFA)["AssumedRoleUser"]["Arn"], like("assumed-role/Careful/s1$"))
    with_device = prepared.client("sts", keys_of(sts.get_session_token(**MFA)))
    check("by a session with a device", with_device.assume_role(**wanted)["AssumedRoleUser"]["Arn"], like("Careful/s1$"))
    without = prepared.client("sts", keys_of(sts.get_session_token()))
    check("by one without", error_of(without.assume_role, **wanted)[0], "AccessDenied")


def tags_and_policies(prepared, iam, sts):
    """Session tags, handed on along a chain of roles, and managed policies as session policies."""
    mine = policy(allow("kms:ListKeys", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}), allow(["sts:AssumeRole", "sts:TagSession"]))
    account = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    for name in ("First", "Second"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(account, ["sts:AssumeRole", "sts:TagSession"]))
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=mine)
    team = dict(Tags=[{"Key": "team", "Value": "blue"}])
    first = keys_of(sts.assume_role(RoleArn=arn("role", "First"), RoleSessionName="s1", **team, TransitiveTagKeys=["team"]))
    second = keys_of(prepared.client("sts", first).assume_role(RoleArn=arn("role", "Second"), RoleSessionName="s2"))
    check("a tag that is handed on", prepared.client("kms", second).list_keys()["ResponseMetadata"]["HTTPStatusCode"], 200)
    first = keys_of(sts.assume_role(RoleArn=arn("role", "First"), RoleSessionName="s1", **team))
    second = keys_of(prepared.client("sts", first).assume_role(RoleArn=arn("role", "Second"), RoleSessionName="s2"))
    check("one that is not", error_of(prepared.client("kms", second).list_keys)[0], "AccessDeniedException")
    code, message, _ = error_of(sts.assume_role, RoleArn=arn("role", "First"), RoleSessionName="s1", **team, TransitiveTagKeys=["other"])
    check("a tag that is not passed", (code, message), ("InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."))

    arns = [{"arn": "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"}]
    limited = keys_of(sts.assume_role(RoleArn=arn("role", "App"), RoleSessionName="s1", PolicyArns=arns))
    check("within the policy", prepared.client("dynamodb", limited).list_tables()["TableNames"][0], "CustomerData")
    check("outside of it", error_of(prepared.client("dynamodb", limited).delete_table, TableName="Notes")[1], like("no session policy allows"))


def web_identity(prepared):
    """A token of the identity provider, by a client that signs nothing."""
    config = botocore.config.Config(signature_version=UNSIGNED, retries={"max_attempts": 1})
    sts = boto3.client("sts", endpoint_url=prepared.server.endpoint, region_name="us-east-1", config=config)
    wanted = dict(RoleArn=arn("role", "Web"), RoleSessionName="s1")
    session = keys_of(sts.assume_role_with_web_identity(**wanted, WebIdentityToken=prepared.token))
    check("the session", prepared.client("sts", session).get_caller_identity()["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/Web/s1")
    for subject, audience in (("repo:other", "sts.amazonaws.com"), ("repo:lab", "other")):
        token = prepared.server.control("POST", "web-identity", {"subject": subject, "audience": audience})[1]["token"]
        refused = error_of(sts.assume_role_with_web_identity, **wanted, WebIdentityToken=token)
        check("somebody else", refused, ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403))
    check("a role that trusts nobody from outside", error_of(sts.assume_role_with_web_identity, RoleArn=arn("role", "App"), RoleSessionName="s1", WebIdentityToken=prepared.token)[0], "AccessDenied")
    forged = prepared.token[:-4] + ("AAAA" if prepared.token[-4:] != "AAAA" else "BBBB")
    check("a forged token", error_of(sts.assume_role_with_web_identity, **wanted, WebIdentityToken=forged)[0], "InvalidIdentityToken")
    prepared.server.control("POST", "clock", {"advance": "61m"})
    code, message, _ = error_of(sts.assume_role_with_web_identity, **wanted, WebIdentityToken=prepared.token)
    check("an old token", (code, message), ("ExpiredTokenException", message))
    check("its words", message, like(r"^Token expired: current date/time \d+ must be before the expiration date/time \d+$"))
    check("nothing else is unsigned", error_of(sts.get_caller_identity)[0], "MissingAuthenticationToken")
    check("an ended session", error_of(prepared.client("sts", session).get_caller_identity)[0], "ExpiredToken")


def pages(prepared):
    """Paginators of IAM, to the end."""
    prepared.back()
    iam = prepared.clients["iam"]
    for number in range(7):
        iam.create_user(UserName=f"user{number}")
    found = [user["UserName"] for page in iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 5}) for user in page["Users"]]
    check("all users in pages", (len(found), len(set(found))), (12, 12))
    details = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 4})
    names = [user["UserName"] for page in details for user in page["UserDetailList"]]
    check("all users in pages of details", sorted(names), sorted(found))
    policies = iam.get_paginator("list_policies").paginate(Scope="AWS")
    check("AWS's policies", sum(len(page["Policies"]) for page in policies) > 1000, True)


def retired(prepared):
    """Access keys that are switched off, and the last use of one."""
    prepared.back()
    iam = prepared.clients["iam"]
    pair = prepared.key_of_dana
    never = iam.get_access_key_last_used(AccessKeyId=iam.create_access_key(UserName="tess")["AccessKey"]["AccessKeyId"])
    check("a key that was never used", never["AccessKeyLastUsed"], {"ServiceName": "N/A", "Region": "N/A"})
    check("dana may not", error_of(prepared.client("kms", pair).create_key)[0], "AccessDeniedException")
    used = iam.get_access_key_last_used(AccessKeyId=pair["AccessKeyId"])
    check("a key that was used", (used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]), ("dana", "kms"))
    iam.update_access_key(UserName="dana", AccessKeyId=pair["AccessKeyId"], Status="Inactive")
    check("a key that is off", error_of(prepared.client("kms", pair).list_keys)[0], "UnrecognizedClientException")
