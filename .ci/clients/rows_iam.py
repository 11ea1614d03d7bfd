"""IAM, an operation a row."""

from .prepared import ACCOUNT, arn
from .rows import THERE, After, Row, like
from .server import allow, policy, trust

NO_USER = "^The user with name nobody cannot be found.$"
NO_GROUP = "^The group with name nobody cannot be found.$"
NO_ROLE = "^The role with name nobody cannot be found.$"
FULL = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
NONE = arn("policy", "none")
UNATTACHABLE = f"^Policy {NONE} does not exist or is not attachable.$"
NO_POLICY = f"^Policy {NONE} was not found.$"
DOCUMENT = policy(allow("kms:Decrypt"))
READ = {"Statement[0].Action": "kms:Decrypt"}
TAGS = [{"Key": "a", "Value": "b"}]
TRUST = trust({"AWS": arn("user", "tess")})


def iam(operation, good, fields, bad, code="NoSuchEntity", words=NO_USER):
    return Row("iam", operation, good, fields, bad, code, words)


def user(**more):
    return dict(UserName="tess", **more)


def group(**more):
    return dict(GroupName="Readers", **more)


def role(**more):
    return dict(RoleName="App", **more)


def after(operation, path, **parameters):
    return After(f"iam:{operation}", path, lambda w: parameters)


def edge(operation, path):
    return After(f"iam:{operation}", path, lambda w: dict(PolicyArn=w.edge))


def inline(kind, name):
    """What is left of the inline policies of somebody."""
    return after(f"List{kind}Policies", "PolicyNames", **{f"{kind}Name": name})


def attached(kind, name):
    return after(f"ListAttached{kind}Policies", "AttachedPolicies[].PolicyName", **{f"{kind}Name": name})


DONE = {"ResponseMetadata.RetryAttempts": 0}
NOBODY = dict(UserName="nobody")
NO_ONE = dict(RoleName="nobody")
NO_BODY = dict(GroupName="nobody")

ROWS = [
    iam("AddUserToGroup", group(UserName="tess"), {after("ListGroupsForUser", "Groups[].GroupName", **user()): ["Readers"], **DONE}, group(UserName="nobody")),
    iam("AttachGroupPolicy", group(PolicyArn=FULL), {attached("Group", "Readers"): ["ReadOnlyAccess", "AmazonDynamoDBFullAccess"], **DONE}, group(PolicyArn=NONE), words=UNATTACHABLE),
    iam("AttachRolePolicy", role(PolicyArn=FULL), {attached("Role", "App"): ["AdministratorAccess", "AmazonDynamoDBFullAccess"], **DONE}, role(PolicyArn=NONE), words=UNATTACHABLE),
    iam("AttachUserPolicy", user(PolicyArn=ADMINISTRATOR), {attached("User", "tess"): ["AmazonDynamoDBFullAccess", "AdministratorAccess"], **DONE}, user(PolicyArn=NONE), words=UNATTACHABLE),
    iam("CreateAccessKey", user(), {"AccessKey.UserName": "tess", "AccessKey.Status": "Active", "AccessKey.AccessKeyId": like("^AKIA[A-Z2-7]{16}$")}, NOBODY),
    iam("CreateGroup", dict(GroupName="New", Path="/a/"), {"Group.Arn": arn("group", "a/New"), "Group.GroupId": like("^AGPA")},
        group(), "EntityAlreadyExists", "^Group with name Readers already exists.$"),
    iam("CreatePolicy", dict(PolicyName="new", PolicyDocument=DOCUMENT, Tags=TAGS, Description="d"), {"Policy.Arn": arn("policy", "new"), "Policy.Tags": TAGS, "Policy.DefaultVersionId": "v1"},
        dict(PolicyName="new", PolicyDocument="{"), "MalformedPolicyDocument", "^"),
    iam("CreatePolicyVersion", lambda w: dict(PolicyArn=w.edge, PolicyDocument=DOCUMENT, SetAsDefault=True), {"PolicyVersion.VersionId": "v3", "PolicyVersion.IsDefaultVersion": True},
        dict(PolicyArn=NONE, PolicyDocument=DOCUMENT), words=NO_POLICY),
    iam("CreateRole", dict(RoleName="New", AssumeRolePolicyDocument=TRUST, Tags=TAGS, Description="d"), {"Role.Arn": arn("role", "New"), "Role.AssumeRolePolicyDocument.Statement[0].Action": "sts:AssumeRole", "Role.Tags": TAGS},
        dict(RoleName="New", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=60), "ValidationError", "'maxSessionDuration' failed to satisfy constraint"),
    iam("CreateUser", dict(UserName="new", Path="/staff/", Tags=TAGS, PermissionsBoundary=ADMINISTRATOR), {"User.Arn": arn("user", "staff/new"), "User.Tags": TAGS, "User.PermissionsBoundary.PermissionsBoundaryArn": ADMINISTRATOR},
        user(), "EntityAlreadyExists", "^User with name tess already exists.$"),
    iam("DeleteAccessKey", lambda w: dict(UserName="dana", AccessKeyId=w.key_of_dana["AccessKeyId"]), {after("ListAccessKeys", "AccessKeyMetadata", UserName="dana"): [], **DONE},
        dict(UserName="dana", AccessKeyId="AKIAIOSFODNN7EXAMPLE"), words="^The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.$"),
    iam("DeleteGroup", dict(GroupName="Empty"), {after("ListGroups", "Groups[].GroupName"): ["Readers"], **DONE}, group(), "DeleteConflict", "^Cannot delete entity"),
    iam("DeleteGroupPolicy", group(PolicyName="own"), {inline("Group", "Readers"): [], **DONE}, group(PolicyName="none"), words="^The group policy with name none cannot be found.$"),
    iam("DeletePolicy", lambda w: dict(PolicyArn=w.spare), {after("ListPolicies", "Policies[].PolicyName", Scope="Local"): ["edge"], **DONE}, lambda w: dict(PolicyArn=w.edge), "DeleteConflict", "^"),
    iam("DeletePolicyVersion", lambda w: dict(PolicyArn=w.edge, VersionId="v2"), {edge("ListPolicyVersions", "Versions[].VersionId"): ["v1"], **DONE},
        lambda w: dict(PolicyArn=w.edge, VersionId="v1"), "DeleteConflict", "^Cannot delete the default version of a policy.$"),
    iam("DeleteRole", dict(RoleName="Web"), {after("ListRoles", "Roles[].RoleName"): ["App", "Idle"], **DONE}, role(), "DeleteConflict", "^Cannot delete entity, must detach all policies first.$"),
    iam("DeleteRolePermissionsBoundary", dict(RoleName="Idle"), {after("GetRole", "Role.PermissionsBoundary", RoleName="Idle"): None, **DONE}, NO_ONE, words=NO_ROLE),
    iam("DeleteRolePolicy", role(PolicyName="own"), {inline("Role", "App"): [], **DONE}, role(PolicyName="none"), words="^The role policy with name none cannot be found.$"),
    iam("DeleteUser", dict(UserName="leaver"), {after("ListUsers", "Users[].UserName"): ["dana", "guest", "kim", "tess"], **DONE}, user(), "DeleteConflict", "^Cannot delete entity, must detach all policies first.$"),
    iam("DeleteUserPermissionsBoundary", user(), {after("GetUser", "User.PermissionsBoundary", **user()): None, **DONE}, NOBODY),
    iam("DeleteUserPolicy", user(PolicyName="own"), {inline("User", "tess"): [], **DONE}, user(PolicyName="none"), words="^The user policy with name none cannot be found.$"),
    iam("DetachGroupPolicy", group(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"), {attached("Group", "Readers"): [], **DONE}, group(PolicyArn=NONE), words=NO_POLICY),
    iam("DetachRolePolicy", role(PolicyArn=ADMINISTRATOR), {attached("Role", "App"): [], **DONE}, role(PolicyArn=NONE), words=NO_POLICY),
    iam("DetachUserPolicy", user(PolicyArn=FULL), {attached("User", "tess"): [], **DONE}, user(PolicyArn=NONE), words=NO_POLICY),
    iam("GetAccessKeyLastUsed", lambda w: dict(AccessKeyId=w.kim_key), {"UserName": "kim", "AccessKeyLastUsed.ServiceName": like("^[a-z-]+$"), "AccessKeyLastUsed.Region": "us-east-1"},
        dict(AccessKeyId="AKIA"), "ValidationError", "accessKeyId"),
    iam("GetAccountAuthorizationDetails", dict(Filter=["User"]), {"UserDetailList[?UserName=='tess'].UserPolicyList[0].PolicyName | [0]": "own", "RoleDetailList": []},
        dict(Filter=["Nobody"]), "ValidationError", "Member must satisfy enum value set"),
    iam("GetGroup", group(), {"Group.GroupName": "Readers", "Users[0].UserName": "dana"}, NO_BODY, words=NO_GROUP),
    iam("GetGroupPolicy", group(PolicyName="own"), {"PolicyName": "own", "PolicyDocument.Statement[0].Action": "iam:List*"}, group(PolicyName="none"), words="^The group policy with name none cannot be found.$"),
    iam("GetPolicy", lambda w: dict(PolicyArn=w.edge), {"Policy.PolicyName": "edge", "Policy.Tags": TAGS, "Policy.PermissionsBoundaryUsageCount": 2}, dict(PolicyArn=NONE), words=NO_POLICY),
    iam("GetPolicyVersion", lambda w: dict(PolicyArn=w.edge, VersionId="v2"), {"PolicyVersion.VersionId": "v2", "PolicyVersion.Document.Statement[0].Action": "kms:*"},
        lambda w: dict(PolicyArn=w.edge, VersionId="v9"), words="version v9 does not exist or is not attachable.$"),
    iam("GetRole", role(), {"Role.RoleId": like("^AROA"), "Role.AssumeRolePolicyDocument.Statement[0].Action": "sts:*", "Role.MaxSessionDuration": 3600}, NO_ONE, words=NO_ROLE),
    iam("GetRolePolicy", role(PolicyName="own"), {"RoleName": "App", "PolicyDocument.Statement[0].Action": "kms:Decrypt"}, role(PolicyName="none"), words="^The role policy with name none cannot be found.$"),
    iam("GetUser", user(), {"User.UserId": like("^AIDA"), "User.Tags[0].Value": "red"}, NOBODY),
    iam("GetUserPolicy", user(PolicyName="own"), {"UserName": "tess", "PolicyDocument.Statement[0].Action": "iam:Get*"}, user(PolicyName="none"), words="^The user policy with name none cannot be found.$"),
    iam("ListAccessKeys", dict(UserName="dana"), {"AccessKeyMetadata[0].Status": "Active", "IsTruncated": False}, NOBODY),
    iam("ListAttachedGroupPolicies", group(), {"AttachedPolicies[0].PolicyName": "ReadOnlyAccess", "IsTruncated": False}, NO_BODY, words=NO_GROUP),
    iam("ListAttachedRolePolicies", role(), {"AttachedPolicies[0].PolicyArn": ADMINISTRATOR, "IsTruncated": False}, NO_ONE, words=NO_ROLE),
    iam("ListAttachedUserPolicies", user(), {"AttachedPolicies[0].PolicyArn": FULL, "IsTruncated": False}, NOBODY),
    iam("ListEntitiesForPolicy", dict(PolicyArn=FULL), {"PolicyUsers[0].UserName": "tess", "PolicyGroups": []}, dict(PolicyArn=NONE), words=NO_POLICY),
    iam("ListGroupPolicies", group(), {"PolicyNames": ["own"], "IsTruncated": False}, NO_BODY, words=NO_GROUP),
    iam("ListGroups", {}, {"Groups[].GroupName": ["Empty", "Readers"], "IsTruncated": False}, dict(MaxItems=0), "ValidationError", "maxItems"),
    iam("ListGroupsForUser", dict(UserName="dana"), {"Groups[0].GroupName": "Readers", "IsTruncated": False}, NOBODY),
    iam("ListInstanceProfilesForRole", role(), {"InstanceProfiles": [], "IsTruncated": False}, NO_ONE, words=NO_ROLE),
    iam("ListPolicies", dict(Scope="Local", MaxItems=1), {"length(Policies)": 1, "IsTruncated": True}, dict(Scope="None"), "ValidationError", "Member must satisfy enum value set"),
    iam("ListPolicyTags", lambda w: dict(PolicyArn=w.edge), {"Tags": TAGS, "IsTruncated": False}, dict(PolicyArn=NONE), words=NO_POLICY),
    iam("ListPolicyVersions", lambda w: dict(PolicyArn=w.edge), {"Versions[].VersionId": ["v2", "v1"], "Versions[1].IsDefaultVersion": True}, dict(PolicyArn=NONE), words=NO_POLICY),
    iam("ListRolePolicies", role(), {"PolicyNames": ["own"], "IsTruncated": False}, NO_ONE, words=NO_ROLE),
    iam("ListRoleTags", role(), {"Tags[0].Value": "blue", "IsTruncated": False}, NO_ONE, words=NO_ROLE),
    iam("ListRoles", dict(MaxItems=2), {"Roles[].RoleName": ["App", "Idle"], "IsTruncated": True}, dict(PathPrefix="x"), "ValidationError", "pathPrefix"),
    iam("ListUserPolicies", user(), {"PolicyNames": ["own"], "IsTruncated": False}, NOBODY),
    iam("ListUserTags", user(), {"Tags[0].Key": "team", "IsTruncated": False}, NOBODY),
    iam("ListUsers", {}, {"length(Users)": 5, "IsTruncated": False}, dict(MaxItems=1001), "ValidationError", "maxItems"),
    iam("PutGroupPolicy", group(PolicyName="new", PolicyDocument=DOCUMENT), {inline("Group", "Readers"): ["new", "own"], **DONE}, group(PolicyName="new", PolicyDocument="{}"), "MalformedPolicyDocument", "^"),
    iam("PutRolePermissionsBoundary", role(PermissionsBoundary=ADMINISTRATOR), {after("GetRole", "Role.PermissionsBoundary.PermissionsBoundaryArn", **role()): ADMINISTRATOR, **DONE},
        role(PermissionsBoundary=NONE), words=f"^Scope ARN: {NONE} does not exist or is not attachable.$"),
    iam("PutRolePolicy", role(PolicyName="new", PolicyDocument=DOCUMENT), {inline("Role", "App"): ["new", "own"], **DONE}, role(PolicyName="new", PolicyDocument="{}"), "MalformedPolicyDocument", "^"),
    iam("PutUserPermissionsBoundary", dict(UserName="dana", PermissionsBoundary=ADMINISTRATOR), {after("GetUser", "User.PermissionsBoundary.PermissionsBoundaryArn", UserName="dana"): ADMINISTRATOR, **DONE},
        user(PermissionsBoundary=NONE), words=f"^Scope ARN: {NONE} does not exist or is not attachable.$"),
    iam("PutUserPolicy", user(PolicyName="new", PolicyDocument=DOCUMENT), {inline("User", "tess"): ["new", "own"], **DONE}, user(PolicyName="new", PolicyDocument="{}"), "MalformedPolicyDocument", "^"),
    iam("RemoveUserFromGroup", group(UserName="dana"), {after("GetGroup", "Users", **group()): [], **DONE}, dict(GroupName="nobody", UserName="dana"), words=NO_GROUP),
    iam("SetDefaultPolicyVersion", lambda w: dict(PolicyArn=w.edge, VersionId="v2"), {edge("GetPolicy", "Policy.DefaultVersionId"): "v2", **DONE},
        lambda w: dict(PolicyArn=w.edge, VersionId="v9"), words="version v9 does not exist or is not attachable.$"),
    iam("SimulateCustomPolicy", dict(PolicyInputList=[DOCUMENT], ActionNames=["kms:Decrypt", "kms:Encrypt"]), {"EvaluationResults[].EvalDecision": ["allowed", "implicitDeny"], "EvaluationResults[0].MatchedStatements[0].SourcePolicyId": "PolicyInputList.1"},
        dict(PolicyInputList=["{"], ActionNames=["kms:Decrypt"]), "InvalidInput", "^"),
    iam("SimulatePrincipalPolicy", dict(PolicySourceArn=arn("user", "tess"), ActionNames=["dynamodb:Scan", "kms:Decrypt"]),
        {"EvaluationResults[].EvalDecision": ["allowed", "implicitDeny"], "EvaluationResults[0].PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary": True},
        dict(PolicySourceArn=arn("nothing", "tess"), ActionNames=["kms:Decrypt"]), "InvalidInput", "does not clearly define entity type and name.$"),
    iam("TagPolicy", lambda w: dict(PolicyArn=w.edge, Tags=[{"Key": "A", "Value": "c"}]), {edge("ListPolicyTags", "Tags"): [{"Key": "A", "Value": "c"}], **DONE}, dict(PolicyArn=NONE, Tags=TAGS), words=NO_POLICY),
    iam("TagRole", role(Tags=TAGS), {after("ListRoleTags", "length(Tags)", **role()): 2, **DONE}, role(Tags=TAGS + TAGS), "InvalidInput", "^Duplicate tag keys found"),
    iam("TagUser", user(Tags=TAGS), {after("ListUserTags", "length(Tags)", **user()): 2, **DONE}, dict(UserName="nobody", Tags=TAGS)),
    iam("UntagPolicy", lambda w: dict(PolicyArn=w.edge, TagKeys=["a"]), {edge("ListPolicyTags", "Tags"): [], **DONE}, dict(PolicyArn=NONE, TagKeys=["a"]), words=NO_POLICY),
    iam("UntagRole", role(TagKeys=["team"]), {after("ListRoleTags", "Tags", **role()): [], **DONE}, dict(RoleName="nobody", TagKeys=["a"]), words=NO_ROLE),
    iam("UntagUser", user(TagKeys=["team"]), {after("ListUserTags", "Tags", **user()): [], **DONE}, dict(UserName="nobody", TagKeys=["a"])),
    iam("UpdateAccessKey", lambda w: dict(UserName="dana", AccessKeyId=w.key_of_dana["AccessKeyId"], Status="Inactive"), {after("ListAccessKeys", "AccessKeyMetadata[0].Status", UserName="dana"): "Inactive", **DONE},
        dict(UserName="dana", AccessKeyId="AKIAIOSFODNN7EXAMPLE", Status="Off"), "ValidationError", "'status' failed to satisfy constraint"),
    iam("UpdateAssumeRolePolicy", role(PolicyDocument=TRUST), {after("GetRole", "Role.AssumeRolePolicyDocument.Statement[0].Principal.AWS", **role()): arn("user", "tess"), **DONE},
        role(PolicyDocument="{}"), "MalformedPolicyDocument", "^"),
]
