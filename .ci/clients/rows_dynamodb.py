"""DynamoDB, an operation a row."""

from .prepared import ACCOUNT, table
from .rows import THERE, After, By, Row, like

NO_TABLE = "^Requested resource not found"
NO_TABLE_NAMED = "^Table not found: None$"
NO_BACKUP = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/CustomerData/backup/01234567890123-01234567"
KEY = {"Id": {"S": "7"}}
NEW = {"Id": {"S": "8"}, "n": {"N": "1"}}
ONE = {":v": {"N": "1"}}
ABSENT = dict(ConditionExpression="attribute_not_exists(Id)")
FAILED = "^The conditional request failed$"


def row(operation, good, fields, bad, code, words):
    return Row("dynamodb", operation, good, fields, bad, code, words)


def orders(**more):
    return dict(TableName="Orders", **more)


def item(path, key=KEY):
    return After("dynamodb:GetItem", path, lambda w: dict(TableName="Orders", Key=key, ReturnConsumedCapacity="TOTAL"))


def described(path, name="Orders"):
    return After("dynamodb:DescribeTable", path, lambda w: dict(TableName=name))


def tags(path):
    return After("dynamodb:ListTagsOfResource", path, lambda w: dict(ResourceArn=w.orders))


def missing(operation, good, fields, **more):
    return row(operation, good, fields, dict(TableName="None", **more), "ResourceNotFoundException", NO_TABLE)


NO_ARN = dict(ResourceArn=f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/None")

ROWS = [
    row("BatchGetItem", dict(RequestItems={"Orders": {"Keys": [KEY]}}), {"Responses.Orders[0].Text.S": "hello", "UnprocessedKeys": {}},
        dict(RequestItems={"None": {"Keys": [KEY]}}), "ResourceNotFoundException", NO_TABLE),
    row("BatchWriteItem", dict(RequestItems={"Orders": [{"PutRequest": {"Item": NEW}}]}), {"UnprocessedItems": {}, item("Item.n.N", {"Id": {"S": "8"}}): "1"},
        dict(RequestItems={"Orders": [{"PutRequest": {"Item": NEW}}] * 2}), "ValidationException", "Provided list of item keys contains duplicates"),
    row("CreateBackup", orders(BackupName="weekly"), {"BackupDetails.BackupName": "weekly", "BackupDetails.BackupType": "USER"},
        dict(TableName="None", BackupName="weekly"), "TableNotFoundException", "^Table not found: None$"),
    row("CreateTable", table("Fresh"), {"TableDescription.TableName": "Fresh", "TableDescription.KeySchema[0].KeyType": "HASH"},
        table("Orders"), "ResourceInUseException", "Table already exists: Orders"),
    row("DeleteBackup", lambda w: dict(BackupArn=w.backup), {"BackupDescription.BackupDetails.BackupName": "nightly", "BackupDescription.BackupDetails.BackupStatus": like("DELETED|AVAILABLE")},
        dict(BackupArn=NO_BACKUP), "BackupNotFoundException", "^Backup not found: "),
    row("DeleteItem", orders(Key=KEY, ReturnValues="ALL_OLD"), {"Attributes.Text.S": "hello", item("Item"): None}, orders(Key=KEY, **ABSENT), "ConditionalCheckFailedException", FAILED),
    row("DeleteResourcePolicy", lambda w: dict(ResourceArn=w.orders), {"RevisionId": THERE, "ResponseMetadata.RetryAttempts": 0},
        NO_ARN, "ResourceNotFoundException", "not found"),
    missing("DeleteTable", dict(TableName="Notes"), {"TableDescription.TableName": "Notes", "TableDescription.TableStatus": like("DELETING|ACTIVE")}),
    row("DescribeBackup", lambda w: dict(BackupArn=w.backup), {"BackupDescription.BackupDetails.BackupStatus": "AVAILABLE", "BackupDescription.SourceTableDetails.TableName": "CustomerData"},
        dict(BackupArn=NO_BACKUP), "BackupNotFoundException", "^Backup not found: "),
    row("DescribeContinuousBackups", orders(), {"ContinuousBackupsDescription.ContinuousBackupsStatus": "ENABLED", "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus": "DISABLED"},
        dict(TableName="None"), "TableNotFoundException", NO_TABLE_NAMED),
    row("DescribeEndpoints", {}, {"Endpoints[0].Address": "dynamodb.us-east-1.amazonaws.com", "Endpoints[0].CachePeriodInMinutes": 1440}, By("guest", {}), "AccessDeniedException", "is not authorized to perform: dynamodb:Describe"),
    row("DescribeLimits", {}, {"AccountMaxReadCapacityUnits": 80000, "TableMaxReadCapacityUnits": 40000}, By("guest", {}), "AccessDeniedException", "is not authorized to perform: dynamodb:Describe"),
    missing("DescribeTable", orders(), {"Table.TableStatus": "ACTIVE", "Table.BillingModeSummary.BillingMode": "PAY_PER_REQUEST"}),
    missing("DescribeTimeToLive", orders(), {"TimeToLiveDescription.TimeToLiveStatus": "DISABLED", "TimeToLiveDescription.AttributeName": None}),
    missing("GetItem", orders(Key=KEY), {"Item.Text.S": "hello", "Item.Seen.N": "1"}, Key=KEY),
    row("GetResourcePolicy", lambda w: dict(ResourceArn=w.orders), {"Policy": like("dynamodb:GetItem"), "RevisionId": THERE},
        lambda w: dict(ResourceArn=w.orders.replace("Orders", "Notes")), "PolicyNotFoundException", "^"),
    row("ListBackups", dict(TableName="CustomerData"), {"length(BackupSummaries)": 1, "BackupSummaries[0].BackupName": "nightly"}, dict(Limit=0), "ValidationException", "limit"),
    row("ListTables", dict(Limit=2), {"TableNames": ["CustomerData", "Notes"], "LastEvaluatedTableName": "Notes"}, dict(Limit=0), "ValidationException", "limit"),
    row("ListTagsOfResource", lambda w: dict(ResourceArn=w.orders), {"Tags[0].Key": "team", "length(Tags)": 1}, NO_ARN, "ResourceNotFoundException", NO_TABLE),
    row("PutItem", orders(Item=NEW, ReturnConsumedCapacity="TOTAL"), {"ConsumedCapacity.TableName": "Orders", item("Item.n.N", {"Id": {"S": "8"}}): "1"},
        orders(Item={"n": {"N": "1"}}), "ValidationException", "One or more parameter values were invalid: Missing the key Id in the item"),
    row("PutResourcePolicy", lambda w: dict(ResourceArn=w.orders, Policy=w.reader), {"RevisionId": THERE, "ResponseMetadata.RetryAttempts": 0},
        lambda w: dict(ResourceArn=w.orders, Policy="{"), "ValidationException", "^"),
    row("Query", orders(KeyConditionExpression="Id = :i", ExpressionAttributeValues={":i": {"S": "7"}}), {"Count": 1, "Items[0].Text.S": "hello"},
        orders(KeyConditionExpression="Id > :i", ExpressionAttributeValues={":i": {"S": "7"}}), "ValidationException", "Query key condition not supported"),
    row("RestoreTableFromBackup", lambda w: dict(BackupArn=w.backup, TargetTableName="Restored"), {"TableDescription.TableName": "Restored", "TableDescription.RestoreSummary.SourceBackupArn": THERE},
        lambda w: dict(BackupArn=w.backup, TargetTableName="Orders"), "TableAlreadyExistsException", "^Table already exists: Orders$"),
    missing("Scan", orders(), {"Count": 1, "ScannedCount": 1}),
    row("TagResource", lambda w: dict(ResourceArn=w.orders, Tags=[{"Key": "a", "Value": "b"}]), {tags("length(Tags)"): 2, tags("Tags[?Key=='a'].Value | [0]"): "b"},
        dict(NO_ARN, Tags=[{"Key": "a", "Value": "b"}]), "ResourceNotFoundException", NO_TABLE),
    row("TransactGetItems", dict(TransactItems=[{"Get": orders(Key=KEY)}]), {"length(Responses)": 1, "Responses[0].Item.Text.S": "hello"},
        dict(TransactItems=[]), "ValidationException", "transactItems"),
    row("TransactWriteItems", dict(TransactItems=[{"Put": orders(Item=NEW)}], ReturnConsumedCapacity="TOTAL"), {"ConsumedCapacity[0].TableName": "Orders", item("Item.n.N", {"Id": {"S": "8"}}): "1"},
        dict(TransactItems=[{"Put": orders(Item={"Id": {"S": "7"}}, **ABSENT)}]), "TransactionCanceledException", r"\[ConditionalCheckFailed\]"),
    row("UntagResource", lambda w: dict(ResourceArn=w.orders, TagKeys=["team"]), {tags("Tags"): [], tags("NextToken"): None},
        dict(NO_ARN, TagKeys=["a"]), "ResourceNotFoundException", NO_TABLE),
    row("UpdateContinuousBackups", orders(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}),
        {"ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus": "ENABLED", "ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays": 7},
        dict(TableName="None", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}), "TableNotFoundException", NO_TABLE_NAMED),
    row("UpdateItem", orders(Key=KEY, UpdateExpression="SET Seen = Seen + :v", ExpressionAttributeValues=ONE, ReturnValues="UPDATED_NEW"), {"Attributes.Seen.N": "2", item("Item.Seen.N"): "2"},
        orders(Key=KEY, UpdateExpression="SET Seen = Seen + :v"), "ValidationException", "An expression attribute value used in expression is not defined; attribute value: :v"),
    missing("UpdateTable", orders(DeletionProtectionEnabled=True), {"TableDescription.TableName": "Orders", described("Table.DeletionProtectionEnabled"): True}, DeletionProtectionEnabled=True),
    row("UpdateTimeToLive", orders(TimeToLiveSpecification={"Enabled": True, "AttributeName": "gone"}), {"TimeToLiveSpecification.Enabled": True, "TimeToLiveSpecification.AttributeName": "gone"},
        orders(TimeToLiveSpecification={"Enabled": False, "AttributeName": "gone"}), "ValidationException", "TimeToLive is already disabled"),
]
