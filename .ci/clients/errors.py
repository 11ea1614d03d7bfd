"""The errors that the services' models name for each operation: each is provoked over the wire, or listed with the reason why not.

The model is botocore's. What provokes an error begins as the good input of the operation's row; `WAYS` says what is changed in it for
which error. `errors.tsv` has the reasons for the others, by service, operation (`*`: every one) and code. A reason that nothing needs
any more is red.
"""

import copy
import json
import pathlib
import sys

import botocore.exceptions
import botocore.session

from . import rows_kms
from .operations import ROWS, given, method
from .prepared import ACCOUNT, arn, wrapped
from .rows import By
from .server import check

TABLE = pathlib.Path(__file__).parent / "errors.tsv"
NO_KEY = rows_kms.NO_KEY
BAD_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:thing/x"


def changed(**fields):
    """Some fields of the input, where they are there, have other values: those of the prepared world by a function."""

    def change(w, parameters):
        values = {name: value(w) if callable(value) else value for name, value in fields.items() if name in parameters}
        return {**parameters, **values} if values else None

    return change


def added(**fields):
    return lambda w, parameters: {**parameters, **{name: value(w) if callable(value) else value for name, value in fields.items()}}


def key(value):
    """Whatever field names a key names another."""
    names = ("KeyId", "TargetKeyId", "DestinationKeyId", "SourceKeyId", "KMSMasterKeyId")

    def change(w, parameters):
        name = next((name for name in names if name in parameters), None)
        return {**parameters, name: value(w)} if name else None

    return change


def state(name):
    return key(lambda w: getattr(w, name))


def before(call, **fields):
    """Another call is made first."""

    def change(w, parameters):
        service, operation = call.split(":")
        method(w, service, operation)(**{name: value(w) if callable(value) else value for name, value in fields.items()})
        return parameters

    return change


def again(times, **fields):
    """The call is made so often before; each time a field that holds `{}` has another number there."""

    def change(w, parameters, row):
        for number in range(times):
            numbered = {name: value.format(number) for name, value in fields.items()}
            method(w, row.service, row.operation)(**{**parameters, **numbered})
        return parameters

    change.needs_row = True
    return change


twice = again(1)


def crowded(w, parameters):
    """A group more, or a policy more, than somebody may have."""
    iam = w.clients["iam"]
    if "PolicyArn" in parameters:
        kind = next((kind for kind in ("User", "Role", "Group") if f"{kind}Name" in parameters), None)
        if kind is None:
            return None
        attach = getattr(iam, f"attach_{kind.lower()}_policy")
        owner = {f"{kind}Name": parameters[f"{kind}Name"]}
        arns = [policy["Arn"] for policy in iam.list_policies(Scope="AWS", MaxItems=20)["Policies"]]
        arns = [arn for arn in arns if arn != parameters["PolicyArn"]]
        try:
            for arn in arns:
                attach(**owner, PolicyArn=arn)
        except iam.exceptions.LimitExceededException:
            pass
        return {**parameters, "PolicyArn": arns[-1]}
    for number in range(10):
        iam.create_group(GroupName=f"g{number}")
        iam.add_user_to_group(GroupName=f"g{number}", UserName=parameters["UserName"])
    return parameters


def attaching_rcp(w, parameters):
    """The policy is of a type that is not switched on."""
    made = w.clients["organizations"].create_policy(Name="r", Description="", Type="RESOURCE_CONTROL_POLICY", Content=RCP)
    return changed(PolicyId=made["Policy"]["PolicySummary"]["Id"])(w, parameters) if "TargetId" in parameters else None


def large(size, field):
    """A policy document of about this size."""

    def change(w, parameters):
        if field not in parameters:
            return None
        document = json.loads(parameters[field])
        document["Statement"][0]["Action"] = [f"kms:Get{number:06}*" for number in range(size // 15)]
        return {**parameters, field: json.dumps(document)}

    return change


def table(name):
    def change(w, parameters):
        parameters = copy.deepcopy(parameters)
        if "TableName" in parameters:
            return {**parameters, "TableName": name}
        if "ResourceArn" in parameters:
            return {**parameters, "ResourceArn": w.orders.replace("Orders", name)}
        if "RequestItems" in parameters:
            return {**parameters, "RequestItems": {name: next(iter(parameters["RequestItems"].values()))}}
        if "TransactItems" in parameters:
            for item in parameters["TransactItems"]:
                for action in item.values():
                    action["TableName"] = name
            return parameters
        return None

    return change


def tags(number):
    def change(w, parameters):
        if "Tags" not in parameters:
            return None
        names = ("TagKey", "TagValue") if "TagKey" in str(parameters["Tags"]) else ("Key", "Value")
        return {**parameters, "Tags": [dict(zip(names, (f"k{at}", "v"))) for at in range(number)]}

    return change


NOBODY = "nobody"
RCP = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:ReplicateKey", "Resource": "*"}]}'
WAYS = {
    ("kms", "NotFoundException"): [key(lambda w: NO_KEY), changed(AliasName="alias/none"), changed(GrantId="0" * 64)],
    ("kms", "InvalidArnException"): [key(lambda w: BAD_ARN), key(lambda w: "arn:aws:kms"), changed(GranteePrincipal="arn:aws:iam::x"), changed(ResourceArn=BAD_ARN)],
    ("kms", "KMSInvalidStateException"): [state("dying"), state("disabled"), changed(SourceKeyId=lambda w: w.dying),
        lambda w, p: ("CiphertextBlob" in p) and before("kms:ScheduleKeyDeletion", KeyId=lambda w: w.key)(w, p) or None,
        lambda w, p: before("kms:ScheduleKeyDeletion", KeyId=p["KeyId"])(w, p) if "KeyId" in p else None,
        lambda w, p: before("kms:CancelKeyDeletion", KeyId=p["KeyId"])(w, p) if p.get("KeyId") == w.dying else None],
    ("kms", "DisabledException"): [state("disabled"), lambda w, p: before("kms:DisableKey", KeyId=p.get("KeyId", w.key))(w, p)],
    ("kms", "InvalidKeyUsageException"): [state("signing"), state("key"), lambda w, p: {**p, "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, changed(DestinationKeyId=lambda w: w.signing),
        changed(SigningAlgorithm="RSASSA_PSS_SHA_256"), changed(MacAlgorithm="HMAC_SHA_512")],
    ("kms", "UnsupportedOperationException"): [state("signing"), state("mac"), state("external"), state("key"), changed(KeySpec="SM2"), changed(KeyPairSpec="SM2"), added(KeySpec="HMAC_256"), added(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", MultiRegion=True), changed(PrimaryRegion="ap-south-1")],
    ("kms", "DryRunOperationException"): [added(DryRun=True)],
    ("kms", "InvalidGrantTokenException"): [added(GrantTokens=["x"])],
    ("kms", "InvalidMarkerException"): [added(Marker="x"), added(Marker="AAAA")],
    ("kms", "AlreadyExistsException"): [twice],
    ("kms", "InvalidAliasNameException"): [changed(AliasName="alias/aws/mine"), changed(AliasName="alias"), changed(AliasName="alias/a b")],
    ("kms", "MalformedPolicyDocumentException"): [added(Policy="{"), changed(Policy="{")],
    ("kms", "TagException"): [added(Tags=[{"TagKey": "aws:x", "TagValue": "y"}]), added(Tags=[{"TagKey": "a", "TagValue": "y"}] * 2), changed(TagKeys=["aws:x"])],
    ("kms", "InvalidCiphertextException"): [changed(CiphertextBlob=b"x"), changed(SharedSecretCiphertextBlob=b"x" * 32)],
    ("kms", "IncorrectKeyException"): [added(KeyId=lambda w: w.other), added(SourceKeyId=lambda w: w.other)],
    ("kms", "IncorrectKeyMaterialException"): [changed(EncryptedKeyMaterial=lambda w: wrapped(w.wrapping_key, b"another material, thirty-two byte"[:32]))],
    ("kms", "InvalidImportTokenException"): [changed(ImportToken=lambda w: w.import_token[:-1] + b"x")],
    ("kms", "ExpiredImportTokenException"): [lambda w, p: w.server.control("POST", "clock", {"advance": "25h"}) and p],
    ("kms", "KMSInvalidSignatureException"): [changed(Message=b"other")],
    ("kms", "KMSInvalidMacException"): [changed(Message=b"other")],
    ("kms", "InvalidGrantIdException"): [changed(GrantId="x")],
    ("kms", "CustomKeyStoreNotFoundException"): [added(CustomKeyStoreId="cks-1234567890abcdef0", Origin="AWS_CLOUDHSM")],
    ("dynamodb", "ResourceNotFoundException"): [table("None"), changed(BackupArn="x")],
    ("dynamodb", "TableNotFoundException"): [table("None")],
    ("dynamodb", "ResourceInUseException"): [twice, table("Orders")],
    ("dynamodb", "TableAlreadyExistsException"): [twice],
    ("dynamodb", "BackupNotFoundException"): [changed(BackupArn=f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/CustomerData/backup/01234567890123-01234567")],
    ("dynamodb", "ConditionalCheckFailedException"): [added(ConditionExpression="attribute_exists(none)"), lambda w, p: {"TableName": "Orders", "Item": {"Id": {"S": "7"}}, "ConditionExpression": "attribute_not_exists(Id)"}, lambda w, p: {"TableName": "Orders", "Key": p["Key"], "UpdateExpression": "SET a = Seen", "ConditionExpression": "attribute_not_exists(Id)"}],
    ("dynamodb", "TransactionCanceledException"): [lambda w, p: {**p, "TransactItems": [{"Put": {"TableName": "Orders", "Item": {"Id": {"S": "7"}}, "ConditionExpression": "attribute_not_exists(Id)"}}]}],
    ("dynamodb", "IdempotentParameterMismatchException"): [lambda w, p: before("dynamodb:TransactWriteItems", TransactItems=p["TransactItems"], ClientRequestToken="t")(w, {"ClientRequestToken": "t", "TransactItems": [{"Delete": {"TableName": "Orders", "Key": {"Id": {"S": "9"}}}}]})],
    ("dynamodb", "PolicyNotFoundException"): [lambda w, p: {**p, "ResourceArn": p["ResourceArn"].replace("Orders", "Notes")}, lambda w, p: {**p, "ExpectedRevisionId": "1"}],
    ("dynamodb", "LimitExceededException"): [tags(51)],
    ("iam", "NoSuchEntity"): [changed(UserName=NOBODY), changed(RoleName=NOBODY), changed(GroupName=NOBODY), changed(PolicyArn=arn("policy", "none")), changed(PolicySourceArn=arn("user", NOBODY)), added(PermissionsBoundary=arn("policy", "none"))],
    ("iam", "EntityAlreadyExists"): [twice],
    ("iam", "MalformedPolicyDocument"): [changed(PolicyDocument="{"), changed(AssumeRolePolicyDocument="{")],
    ("iam", "InvalidInput"): [changed(PolicyArn="arn:aws:iam::aws:policy"), added(Tags=[{"Key": "aws:x", "Value": "y"}]), changed(PolicyInputList=["{"]), changed(PolicySourceArn=arn("x", "y")), changed(PolicyArn="x" * 20)],
    ("iam", "LimitExceeded"): [again(2), again(3), tags(50), crowded, large(12000, "PolicyDocument"), large(6500, "PolicyDocument"), large(3000, "PolicyDocument"), large(3000, "AssumeRolePolicyDocument")],
    ("iam", "DeleteConflict"): [changed(UserName="tess"), changed(RoleName="App"), changed(GroupName="Readers"), changed(PolicyArn=lambda w: w.edge), changed(VersionId="v1")],
    ("sts", "MalformedPolicyDocument"): [added(Policy="{}")],
    ("sts", "PackedPolicyTooLarge"): [added(Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Sid": "' + "a" * 2048 + '"}]}')],
    ("sts", "InvalidIdentityToken"): [changed(WebIdentityToken="x.y.z")],
    ("sts", "ExpiredTokenException"): [lambda w, p: w.server.control("POST", "clock", {"advance": "61m"}) and p],
    ("organizations", "AWSOrganizationsNotInUseException"): [lambda w, p: w.without_organization(**p), lambda w, p: w.without_organization(Target={"Id": ACCOUNT, "Type": "ACCOUNT"})],
    ("organizations", "HandshakeConstraintViolationException"): [added(Target={"Id": ACCOUNT, "Type": "ACCOUNT"})],
    ("organizations", "InvalidInputException"): [added(MaxResults=0), changed(Name=""), changed(PolicyId=""), changed(AccountId=""), changed(TargetId=""), changed(ParentId=""), changed(Target={"Id": "999999999999", "Type": "ACCOUNT"}), added(FeatureSet="x"), changed(Filter="x"), changed(PolicyType="x"), changed(ChildId="x"), changed(RootId="x"), changed(OrganizationalUnitId="x")],
    ("organizations", "PolicyNotFoundException"): [changed(PolicyId="p-00000000")],
    ("organizations", "TargetNotFoundException"): [changed(TargetId="ou-0000-00000000")],
    ("organizations", "ParentNotFoundException"): [changed(ParentId="ou-0000-00000000")],
    ("organizations", "OrganizationalUnitNotFoundException"): [changed(OrganizationalUnitId="ou-0000-00000000")],
    ("organizations", "AccountNotFoundException"): [changed(AccountId="999999999999")],
    ("organizations", "ChildNotFoundException"): [changed(ChildId="999999999999")],
    ("organizations", "RootNotFoundException"): [changed(RootId="r-0000")],
    ("organizations", "SourceParentNotFoundException"): [changed(SourceParentId=lambda w: w.unit), changed(SourceParentId="ou-0000-00000000")],
    ("organizations", "DestinationParentNotFoundException"): [changed(DestinationParentId="ou-0000-00000000")],
    ("organizations", "DuplicateAccountException"): [changed(DestinationParentId=lambda w: w.top)],
    ("organizations", "DuplicatePolicyException"): [twice, lambda w, p: {**p, "Name": "w"}],
    ("organizations", "DuplicatePolicyAttachmentException"): [twice],
    ("organizations", "DuplicateOrganizationalUnitException"): [twice],
    ("organizations", "PolicyNotAttachedException"): [changed(PolicyId=lambda w: w.scp)],
    ("organizations", "PolicyInUseException"): [changed(PolicyId=lambda w: w.attached_scp)],
    ("organizations", "PolicyTypeAlreadyEnabledException"): [changed(PolicyType="SERVICE_CONTROL_POLICY")],
    ("organizations", "PolicyTypeNotEnabledException"): [attaching_rcp],
    ("organizations", "MalformedPolicyDocumentException"): [changed(Content="{"), added(Content="{")],
    ("organizations", "AlreadyInOrganizationException"): [twice],
    ("events", "InvalidEventPatternException"): [changed(EventPattern="{")],
    ("events", "ResourceNotFoundException"): [changed(Name="none")],
    ("cloudtrail", "InvalidMaxResultsException"): [changed(MaxResults=51)],
    ("cloudtrail", "InvalidTimeRangeException"): [added(StartTime=2, EndTime=1)],
    ("cloudtrail", "InvalidNextTokenException"): [added(NextToken="x")],
    ("cloudtrail", "InvalidLookupAttributesException"): [changed(LookupAttributes=[{"AttributeKey": "Nothing", "AttributeValue": "x"}]), changed(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "a"}, {"AttributeKey": "Username", "AttributeValue": "b"}])],
    ("iam-toolbox", "ResourceNotFoundException"): [changed(authorizationId="none")],
    ("iam-toolbox", "ValidationException"): [changed(authorizationId="!"), changed(policyUri="")],
}


def modelled():
    """The codes that the model names, by service and operation."""
    session = botocore.session.Session()
    models = {service: session.get_service_model(service) for service in {row.service for row in ROWS}}
    for row in ROWS:
        for shape in models[row.service].operation_model(row.operation).error_shapes:
            yield row, shape.error_code or shape.name


def code_of(prepared, row, parameters):
    try:
        method(prepared, row.service, row.operation)(**parameters)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    except KeyError:
        # The operation has no such parameter.
        return None
    return None


def attempts(prepared, row, code):
    """The inputs that could provoke an error, each in the prepared world."""
    if row.code == code and not isinstance(row.bad, By):
        prepared.back()
        yield given(prepared, row.bad)
    for way in WAYS.get((row.service, code), []):
        prepared.back()
        try:
            begin = given(prepared, row.good) or {}
            parameters = way(prepared, begin, row) if hasattr(way, "needs_row") else way(prepared, begin)
        except (botocore.exceptions.ClientError, KeyError, AttributeError):
            continue
        if parameters is not None:
            yield parameters


def reasons():
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {(service, operation, code): reason for service, operation, code, reason in rows}


def every_modelled_error(prepared):
    known, needed, provoked, listed, without = reasons(), set(), 0, 0, []
    for row, code in modelled():
        if any(code_of(prepared, row, parameters) == code for parameters in attempts(prepared, row, code)):
            provoked += 1
            continue
        place = next((p for p in ((row.service, row.operation, code), (row.service, "*", code)) if p in known), None)
        if place is None:
            without.append(f"{row.service} {row.operation} {code}")
        else:
            needed.add(place)
            listed += 1
    check("modelled errors that are neither provoked nor have a reason", without, [])
    check("reasons that nothing needs", sorted(set(known) - needed), [])
    print(f"{provoked + listed} modelled errors: {provoked} provoked, {listed} listed with the reason")
