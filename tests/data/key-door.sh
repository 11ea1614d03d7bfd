# The exercise from nothing, and the key's own door.
aws iam create-user --user-name kim --query User.Arn
aws iam attach-user-policy --user-name kim --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam create-user --user-name tess --query User.Arn
aws iam attach-user-policy --user-name tess --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess

as kim
KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)
aws kms create-alias --alias-name alias/dynamodb-encryption-key --target-key-id "$KEY"
aws kms get-key-policy --key-id $KEY --query Policy --output text
aws dynamodb create-table --table-name CustomerData --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=CustomerID,AttributeType=S \
    --key-schema AttributeName=CustomerID,KeyType=HASH \
    --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/dynamodb-encryption-key \
    --query TableDescription.TableName
aws dynamodb put-item --table-name CustomerData \
    --item CustomerID={S=12345},Name={S="Alice Johnson"},Email={S=alice@example.com}
aws dynamodb scan --table-name CustomerData --profile tess

# a policy that forgets kim is refused, one that names tess beside the account is not
aws kms put-key-policy --key-id $KEY --policy '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "kms:*", "Resource": "*"}]}'
aws kms put-key-policy --key-id $KEY --policy-name default --policy '{"Version": "2012-10-17", "Statement": [
    {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
     "Action": "kms:*", "Resource": "*"},
    {"Sid": "TessReads", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"},
     "Action": "kms:Decrypt", "Resource": "*"}]}'
aws dynamodb scan --table-name CustomerData --profile tess --query 'Items[0].Name.S'
aws kms encrypt --key-id alias/dynamodb-encryption-key --plaintext aGVsbG8= --profile tess
aws kms disable-key --key-id $KEY && aws dynamodb scan --table-name CustomerData --profile tess
