"""STS, Organizations, CloudTrail, EventBridge and IAM Toolbox, an operation a row."""

from .prepared import ACCOUNT, arn
from .rows import THERE, After, By, Row, like
from .server import allow, policy

APP = arn("role", "App")
SESSION = dict(RoleArn=APP, RoleSessionName="s1")
NO_POLICY = "^You specified a policy that doesn't exist.$"
DENY = policy({"Effect": "Deny", "Action": "kms:ReplicateKey", "Resource": "*"})
SCP = "SERVICE_CONTROL_POLICY"
EVENT = (
    '{"id": "1", "account": "111122223333", "source": "aws.kms", "time": "2026-01-05T09:00:00Z", "region": "us-east-1", '
    '"resources": [], "detail-type": "x"}'
)


def sts(operation, good, fields, bad, code, words):
    return Row("sts", operation, good, fields, bad, code, words)


def org(operation, good, fields, bad, code, words):
    return Row("organizations", operation, good, fields, bad, code, words)


def attached(target):
    return After("organizations:ListPoliciesForTarget", "Policies[?Name=='p'] | length(@)", lambda w: dict(TargetId=target(w), Filter=SCP))


def summary(path):
    return After("organizations:DescribePolicy", path, lambda w: dict(PolicyId=w.scp))


NO_UNIT = "ou-0000-00000000"
NO_OU = "^You specified an organizational unit that doesn't exist.$"
NO_SCP = "p-00000000"

ROWS = [
    sts("GetCallerIdentity", {}, {"Arn": arn("user", "kim"), "Account": ACCOUNT, "UserId": like("^AIDA")}, By("stranger", {}), "InvalidClientTokenId", "^The security token included in the request is invalid.$"),
    sts("AssumeRole", SESSION, {"AssumedRoleUser.Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1", "Credentials.AccessKeyId": like("^ASIA")},
        dict(SESSION, RoleSessionName="s"), "ValidationError", "'roleSessionName' failed to satisfy constraint"),
    sts("AssumeRoleWithWebIdentity", lambda w: dict(RoleArn=arn("role", "Web"), RoleSessionName="s1", WebIdentityToken=w.token),
        {"SubjectFromWebIdentityToken": "repo:lab", "Audience": "sts.amazonaws.com", "AssumedRoleUser.Arn": like("assumed-role/Web/s1$")},
        dict(RoleArn=arn("role", "Web"), RoleSessionName="s1", WebIdentityToken="x.y.z"), "InvalidIdentityToken", "is not a valid JWT"),
    sts("GetSessionToken", dict(DurationSeconds=900), {"Credentials.AccessKeyId": like("^ASIA"), "Credentials.SessionToken": THERE},
        dict(DurationSeconds=899), "ValidationError", "durationSeconds"),
    sts("GetFederationToken", dict(Name="Bob", Policy=policy(allow("kms:ListKeys"))), {"FederatedUser.Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/Bob", "FederatedUser.FederatedUserId": f"{ACCOUNT}:Bob"},
        dict(Name="B"), "ValidationError", "'name' failed to satisfy constraint"),
    sts("GetAccessKeyInfo", lambda w: dict(AccessKeyId=w.kim_key), {"Account": ACCOUNT, "ResponseMetadata.RetryAttempts": 0}, dict(AccessKeyId="AKIA"), "ValidationError", "accessKeyId"),
    org("AttachPolicy", lambda w: dict(PolicyId=w.scp, TargetId=w.unit), {attached(lambda w: w.unit): 1, "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(PolicyId=w.scp, TargetId=NO_UNIT), "TargetNotFoundException", "^"),
    org("CreateOrganization", lambda w: w.without_organization(), {"Organization.FeatureSet": "ALL", "Organization.MasterAccountId": ACCOUNT}, {}, "AlreadyInOrganizationException", "^"),
    org("CreateOrganizationalUnit", lambda w: dict(ParentId=w.unit, Name="Wards"), {"OrganizationalUnit.Name": "Wards", "OrganizationalUnit.Id": like("^ou-")},
        lambda w: dict(ParentId=NO_UNIT, Name="Wards"), "ParentNotFoundException", "^"),
    org("CreatePolicy", dict(Name="q", Description="d", Type=SCP, Content=DENY), {"Policy.PolicySummary.Name": "q", "Policy.Content": like("ReplicateKey")},
        dict(Name="p", Description="d", Type=SCP, Content=DENY), "DuplicatePolicyException", "^"),
    org("DeletePolicy", lambda w: dict(PolicyId=w.scp), {After("organizations:ListPolicies", "Policies[?Name=='p'] | length(@)", lambda w: dict(Filter=SCP)): 0, "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(PolicyId=w.attached_scp), "PolicyInUseException", "^"),
    org("DescribeAccount", dict(AccountId=ACCOUNT), {"Account.Id": ACCOUNT, "Account.Status": "ACTIVE"}, dict(AccountId="999999999999"), "AccountNotFoundException", "^"),
    org("DescribeOrganization", {}, {"Organization.MasterAccountId": ACCOUNT, "Organization.FeatureSet": "ALL"}, lambda w: w.without_organization(), "AWSOrganizationsNotInUseException", "^Your account is not a member of an organization.$"),
    org("DescribeOrganizationalUnit", lambda w: dict(OrganizationalUnitId=w.unit), {"OrganizationalUnit.Name": "Clinics", "OrganizationalUnit.Id": like("^ou-")},
        dict(OrganizationalUnitId=NO_UNIT), "OrganizationalUnitNotFoundException", "^"),
    org("DescribePolicy", lambda w: dict(PolicyId=w.scp), {"Policy.PolicySummary.Name": "p", "Policy.PolicySummary.AwsManaged": False}, dict(PolicyId=NO_SCP), "PolicyNotFoundException", "^"),
    org("DetachPolicy", lambda w: dict(PolicyId=w.attached_scp, TargetId=w.unit), {After("organizations:ListTargetsForPolicy", "Targets", lambda w: dict(PolicyId=w.attached_scp)): [], "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(PolicyId=w.scp, TargetId=w.unit), "PolicyNotAttachedException", "^"),
    org("EnablePolicyType", lambda w: dict(RootId=w.top, PolicyType="RESOURCE_CONTROL_POLICY"), {"Root.Name": "Root", "Root.PolicyTypes[?Type=='RESOURCE_CONTROL_POLICY'].Status | [0]": "ENABLED"},
        lambda w: dict(RootId=w.top, PolicyType=SCP), "PolicyTypeAlreadyEnabledException", "^"),
    org("InviteAccountToOrganization", None, {}, dict(Target={"Id": "999999999999", "Type": "ACCOUNT"}), "InvalidInputException", "^"),
    org("ListAccounts", {}, {"Accounts[0].Id": ACCOUNT, "length(Accounts)": 1}, dict(MaxResults=0), "InvalidInputException", "^"),
    org("ListAccountsForParent", lambda w: dict(ParentId=w.top), {"Accounts[0].Id": ACCOUNT, "length(Accounts)": 1}, dict(ParentId=NO_UNIT), "ParentNotFoundException", "^"),
    org("ListChildren", lambda w: dict(ParentId=w.top, ChildType="ORGANIZATIONAL_UNIT"), {"length(Children)": 1, "Children[0].Type": "ORGANIZATIONAL_UNIT"},
        dict(ParentId=NO_UNIT, ChildType="ACCOUNT"), "ParentNotFoundException", "^"),
    org("ListOrganizationalUnitsForParent", lambda w: dict(ParentId=w.top), {"OrganizationalUnits[0].Name": "Clinics", "length(OrganizationalUnits)": 1}, dict(ParentId=NO_UNIT), "ParentNotFoundException", "^"),
    org("ListParents", dict(ChildId=ACCOUNT), {"Parents[0].Type": "ROOT", "length(Parents)": 1}, dict(ChildId="999999999999"), "ChildNotFoundException", "^"),
    org("ListPolicies", dict(Filter=SCP), {"Policies[?Name=='p'] | length(@)": 1, "Policies[?Name=='FullAWSAccess'].AwsManaged | [0]": True}, dict(Filter=SCP, MaxResults=0), "InvalidInputException", "^"),
    org("ListPoliciesForTarget", lambda w: dict(TargetId=w.unit, Filter=SCP), {"Policies[?Name=='w'] | length(@)": 1, "Policies[?Name=='p'] | length(@)": 0},
        dict(TargetId=NO_UNIT, Filter=SCP), "TargetNotFoundException", "^"),
    org("ListRoots", {}, {"Roots[0].Name": "Root", "length(Roots)": 1}, dict(MaxResults=0), "InvalidInputException", "^"),
    org("ListTargetsForPolicy", lambda w: dict(PolicyId=w.attached_scp), {"Targets[0].Name": "Clinics", "Targets[0].Type": "ORGANIZATIONAL_UNIT"}, dict(PolicyId=NO_SCP), "PolicyNotFoundException", "^"),
    org("MoveAccount", lambda w: dict(AccountId=ACCOUNT, SourceParentId=w.top, DestinationParentId=w.unit), {After("organizations:ListParents", "Parents[0].Type", lambda w: dict(ChildId=ACCOUNT)): "ORGANIZATIONAL_UNIT", "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(AccountId=ACCOUNT, SourceParentId=w.unit, DestinationParentId=w.top), "SourceParentNotFoundException", "^"),
    org("UpdatePolicy", lambda w: dict(PolicyId=w.scp, Name="r"), {"Policy.PolicySummary.Name": "r", summary("Policy.PolicySummary.Name"): "r"}, dict(PolicyId=NO_SCP, Name="r"), "PolicyNotFoundException", "^"),
    Row("cloudtrail", "LookupEvents", dict(MaxResults=1, LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateKey"}]), {"Events[0].EventName": "CreateKey", "length(Events)": 1},
        dict(MaxResults=51), "InvalidMaxResultsException", "^"),
    Row("events", "PutRule", dict(Name="calls", EventPattern='{"source": ["aws.kms"]}'), {"RuleArn": like("rule/calls$"), After("events:DescribeRule", "State", lambda w: dict(Name="calls")): "ENABLED"},
        dict(Name="calls", EventPattern="{"), "InvalidEventPatternException", "^"),
    Row("events", "DescribeRule", dict(Name="finding"), {"Name": "finding", "State": "ENABLED"}, dict(Name="none"), "ResourceNotFoundException", "none"),
    Row("events", "ListRules", dict(NamePrefix="f"), {"Rules[0].Name": "finding", "length(Rules)": 1}, dict(EventBusName="other"), "ValidationException", "^The parameter EventBusName of ListRules is not simulated here$"),
    Row("events", "DeleteRule", dict(Name="finding"), {After("events:ListRules", "Rules", lambda w: {}): [], "ResponseMetadata.RetryAttempts": 0}, dict(Name=""), "ValidationException", "name"),
    Row("events", "TestEventPattern", dict(EventPattern='{"source": ["aws.kms"]}', Event=EVENT), {"Result": True, "ResponseMetadata.RetryAttempts": 0},
        dict(EventPattern="{", Event=EVENT), "InvalidEventPatternException", "^"),
    Row("iam-toolbox", "GetRequestAuthorizationDetails", lambda w: dict(authorizationId=w.refused), {"evaluations[0].action": "iam:CreateUser", "evaluations[0].evaluatedEffect": "IMPLICIT_DENY"},
        dict(authorizationId="none"), "ResourceNotFoundException", "^"),
    Row("iam-toolbox", "GetRequestAuthorizationPolicy", lambda w: dict(authorizationId=w.refused, policyUri="arn:aws:iam::aws:policy/ReadOnlyAccess"), {"policyDocument || policy || document": THERE, "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(authorizationId=w.refused, policyUri="arn:aws:iam::aws:policy/None"), "ResourceNotFoundException", "^"),
]
