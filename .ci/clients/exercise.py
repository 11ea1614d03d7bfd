"""The exercise by both doors, an account that begins empty, and a permissive server."""

import json
import re
import urllib.request

import boto3

from .server import check, error_of

DECRYPT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}


def both_doors_by_the_cli(server, command, refusal):
    """`command` is the AWS CLI, `refusal` the code that it ends with when a service refuses."""

    def aws(profile, *words):
        # Version 2.9, Debian's, does not read `endpoint_url` in a profile.
        return server.aws(profile, "--endpoint-url", server.endpoint, *words, command=command)

    server.control("POST", "reset")
    scan = ("dynamodb", "scan", "--table-name", "CustomerData")
    denied = re.compile(
        r"^An error occurred \(AccessDeniedException\) when calling the Scan operation: KMS key access denied error: .* User: "
        r"arn:aws:iam::111122223333:user/tess is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:"
    )
    code, answer, error = aws("tess", "sts", "get-caller-identity")
    check("whoami", (code, answer["Arn"]), (0, "arn:aws:iam::111122223333:user/tess"))
    code, _, error = aws("tess", *scan)
    check("scan, no door", error, denied)
    check("the exit code of a refusal by version 1, and by version 2", code, refusal)

    # IAM's door: the key policy leaves it to IAM.
    put = ("iam", "put-user-policy", "--user-name", "tess", "--policy-name", "Decrypt", "--policy-document", json.dumps(DECRYPT))
    check("tess may not help herself", aws("tess", *put)[2], re.compile(r"\(AccessDenied\).*iam:PutUserPolicy"))
    check("kim gives an IAM policy", aws("kim", *put)[0], 0)
    code, answer, _ = aws("tess", *scan)
    check("scan through IAM's door", answer["Items"][0]["Name"], {"S": "Alice Johnson"})
    check("what IAM keeps", aws("kim", "iam", "get-user-policy", "--user-name", "tess", "--policy-name", "Decrypt")[1]["PolicyDocument"], DECRYPT)
    check("back to the start", server.control("POST", "reset"), (200, {}))
    check("scan after the reset", aws("tess", *scan)[2], denied)

    # The key's own door.
    answer = aws("kim", "kms", "list-aliases")[1]
    target = next(a["TargetKeyId"] for a in answer["Aliases"] if a["AliasName"] == "alias/dynamodb-encryption-key")
    key = ("--key-id", target, "--policy-name", "default")
    policy = json.loads(aws("kim", "kms", "get-key-policy", *key)[1]["Policy"])
    reader = {"Sid": "TessReads", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "kms:Decrypt", "Resource": "*"}
    policy["Statement"].append(reader)
    check("kim opens the key", aws("kim", "kms", "put-key-policy", *key, "--policy", json.dumps(policy))[0], 0)
    check("scan through the key's door", aws("tess", *scan)[1]["Items"][0]["Email"], {"S": "alice@example.com"})
    status, why = server.control("GET", "explain")
    check("why", [(d["action"], d["allowed"], d["invokedBy"]) for d in why["decisions"]],
          [("dynamodb:Scan", True, None), ("kms:Decrypt", True, "dynamodb.amazonaws.com")])
    events = aws("root", "cloudtrail", "lookup-events")[1]["Events"]
    check("the trail", [event["EventName"] for event in events if event["Username"] == "tess"][0], "Decrypt")


def both_doors_by_boto3(server):
    server.control("POST", "reset")
    tess, kim = server.session("tess"), server.session("kim")
    table = tess.resource("dynamodb").Table("CustomerData")
    code, message, status = error_of(tess.client("dynamodb").scan, TableName="CustomerData")
    check("scan, no door", (code, status), ("AccessDeniedException", 400))
    check("what is missing", message, re.compile("perform: kms:Decrypt on resource"))
    kim.client("iam").put_user_policy(UserName="tess", PolicyName="Decrypt", PolicyDocument=json.dumps(DECRYPT))
    check("scan through IAM's door", table.scan()["Items"][0]["Name"], "Alice Johnson")
    kim.client("iam").delete_user_policy(UserName="tess", PolicyName="Decrypt")
    check("shut again", error_of(table.scan)[0], "AccessDeniedException")
    kms = kim.client("kms")
    key = kms.describe_key(KeyId="alias/dynamodb-encryption-key")["KeyMetadata"]["Arn"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    reader = {"Sid": "TessReads", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "kms:Decrypt", "Resource": "*"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy | {"Statement": [*policy["Statement"], reader]}))
    check("scan through the key's door", table.get_item(Key={"CustomerID": "12345"})["Item"]["Email"], "alice@example.com")


def an_empty_account(server):
    iam, kms, sts, dynamodb = (server.client(name, "root") for name in ("iam", "kms", "sts", "dynamodb"))
    check("the root user", sts.get_caller_identity()["Arn"], "arn:aws:iam::111122223333:root")
    iam.create_user(UserName="tess", Tags=[{"Key": "team", "Value": "red & blue"}], Path="/staff/")
    check("tags", iam.list_user_tags(UserName="tess")["Tags"], [{"Key": "team", "Value": "red & blue"}])
    check("a name that is taken", error_of(iam.create_user, UserName="tess")[::2], ("EntityAlreadyExists", 409))
    pair = iam.create_access_key(UserName="tess")["AccessKey"]
    keys = {"aws_access_key_id": pair["AccessKeyId"], "aws_secret_access_key": pair["SecretAccessKey"], "region_name": "eu-west-1"}
    tess = boto3.Session(**keys)
    who = tess.client("sts", endpoint_url=server.endpoint)
    check("tess signs", who.get_caller_identity()["Arn"], "arn:aws:iam::111122223333:user/staff/tess")
    iam.update_access_key(UserName="tess", AccessKeyId=pair["AccessKeyId"], Status="Inactive")
    check("an inactive key", error_of(who.get_caller_identity)[::2], ("InvalidClientTokenId", 403))
    check("of a JSON service", error_of(tess.client("kms", endpoint_url=server.endpoint).list_keys)[::2], ("UnrecognizedClientException", 400))
    iam.update_access_key(UserName="tess", AccessKeyId=pair["AccessKeyId"], Status="Active")
    check("keys", [k["Status"] for k in iam.list_access_keys(UserName="tess")["AccessKeyMetadata"]], ["Active"])
    check("a user with a key", error_of(iam.delete_user, UserName="tess")[0], "DeleteConflict")

    wrong = boto3.Session(**keys | {"aws_secret_access_key": "wrong"})
    check("a wrong secret", error_of(wrong.client("sts", endpoint_url=server.endpoint).get_caller_identity)[::2], ("SignatureDoesNotMatch", 403))
    check("of a JSON service", error_of(wrong.client("dynamodb", endpoint_url=server.endpoint).list_tables)[::2], ("InvalidSignatureException", 400))

    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust), MaxSessionDuration=7200)["Role"]
    check("the trust policy", iam.get_role(RoleName="reader")["Role"]["AssumeRolePolicyDocument"], trust)
    iam.put_user_policy(UserName="tess", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role["Arn"]}]}))
    given = who.assume_role(RoleArn=role["Arn"], RoleSessionName="s1", Tags=[])["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name="us-east-1")
    check("the session", session.client("sts", endpoint_url=server.endpoint).get_caller_identity()["Arn"], "arn:aws:sts::111122223333:assumed-role/reader/s1")
    bare = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], region_name="us-east-1")
    check("without its token", error_of(bare.client("sts", endpoint_url=server.endpoint).get_caller_identity)[0], "InvalidClientTokenId")
    check("root assumes no role", error_of(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="s1")[::2], ("AccessDenied", 403))

    key = kms.create_key(Description="ünïcode")["KeyMetadata"]
    check("a key", (key["Description"], key["KeyState"]), ("ünïcode", "Enabled"))
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"\0secret\xff", EncryptionContext={"a": "b"})["CiphertextBlob"]
    check("decrypted", kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"})["Plaintext"], b"\0secret\xff")
    check("with another context", error_of(kms.decrypt, CiphertextBlob=sealed)[::2], ("InvalidCiphertextException", 400))
    check("no such key", error_of(kms.describe_key, KeyId="alias/none")[0], "NotFoundException")
    check("nothing to answer", kms.create_alias(AliasName="alias/k", TargetKeyId=key["KeyId"])["ResponseMetadata"]["HTTPStatusCode"], 200)
    for number in range(3):
        kms.create_key(Description=str(number))
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
    check("pages", [len(page["Keys"]) for page in pages], [2, 2])

    dynamodb.create_table(
        TableName="Tab", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/k"},
    )
    dynamodb.get_waiter("table_exists").wait(TableName="Tab", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    table = server.session("root").resource("dynamodb").Table("Tab")
    with table.batch_writer() as batch:
        for number in range(30):
            batch.put_item({"id": str(number), "n": number, "set": {"a", "b"}, "blob": b"\1"})
    item = table.get_item(Key={"id": "7"})["Item"]
    check("an item", (int(item["n"]), item["set"], bytes(item["blob"])), (7, {"a", "b"}, b"\1"))
    check("a condition", error_of(table.put_item, Item={"id": "7"}, ConditionExpression="attribute_not_exists(id)")[0], "ConditionalCheckFailedException")
    cancelled = {"Put": {"TableName": "Tab", "Item": {"id": {"S": "7"}}, "ConditionExpression": "attribute_not_exists(id)"}}
    check("a transaction", error_of(dynamodb.transact_write_items, TransactItems=[cancelled])[0], "TransactionCanceledException")
    pages = list(dynamodb.get_paginator("scan").paginate(TableName="Tab", PaginationConfig={"PageSize": 12}))
    check("pages of items", [page["Count"] for page in pages], [12, 12, 6])
    check("no such table", error_of(dynamodb.scan, TableName="None")[0], "ResourceNotFoundException")
    kms.disable_key(KeyId=key["KeyId"])
    check("a disabled key", error_of(table.scan)[0], re.compile("."))

    trail = server.client("cloudtrail", "root")
    check("the trail", {"CreateKey", "CreateUser"} <= {e["EventName"] for page in trail.get_paginator("lookup_events").paginate() for e in page["Events"]}, True)
    presigned = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urllib.request.urlopen(presigned, timeout=10) as answer:
        check("a presigned request", answer.read().decode(), re.compile("<Arn>arn:aws:iam::111122223333:root</Arn>"))
    check("S3 is not here", error_of(server.client("s3", "root").list_buckets)[::2], ("NotImplemented", 501))


def permissive(server):
    anybody = boto3.Session("anything", "at all", region_name="eu-central-1")
    check("anybody", anybody.client("sts", endpoint_url=server.endpoint).get_caller_identity()["Account"], "999900001111")
    kms = anybody.client("kms", endpoint_url=server.endpoint)
    key = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999900001111:root"}, "Action": "kms:PutKeyPolicy", "Resource": "*"}]}))
    arn = key["KeyMetadata"]["Arn"]
    check("the Region", arn.split(":")[3], "eu-central-1")
    check("nothing is refused", kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"])["Plaintext"], b"x")
    why = server.control("GET", "explain")[1]
    check("and yet explained", why["decisions"][0]["allowed"], False)
