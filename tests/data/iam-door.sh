# The exercise from nothing, and the IAM door.
aws sts get-caller-identity
aws iam create-user --user-name kim --query User.Arn
aws iam attach-user-policy --user-name kim --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam create-user --user-name tess --query User.Arn
aws iam attach-user-policy --user-name tess \
    --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess
aws iam list-users --query 'Users[].UserName' --output text

export AWS_PROFILE=kim
KEY=$(aws kms create-key --description "Customer data" --query KeyMetadata.Arn --output text)
aws kms create-alias --alias-name alias/dynamodb-encryption-key --target-key-id $KEY
aws dynamodb create-table \
    --table-name CustomerData \
    --attribute-definitions AttributeName=CustomerID,AttributeType=S \
    --key-schema AttributeName=CustomerID,KeyType=HASH \
    --billing-mode PAY_PER_REQUEST \
    --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/dynamodb-encryption-key \
    --query 'TableDescription.SSEDescription.[Status,SSEType]' --output text
aws dynamodb put-item --table-name CustomerData --item \
    '{"CustomerID": {"S": "12345"}, "Name": {"S": "Alice Johnson"}, "Email": {"S": "alice@example.com"}}'
aws dynamodb scan --table-name CustomerData

# tess may read DynamoDB, and is refused by the key
aws dynamodb scan --table-name CustomerData --profile tess
why

# her own policy opens it, because the key policy names the account
aws iam put-user-policy --user-name tess --policy-name Decrypt --policy-document '{
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "'$KEY'"}]
}'
aws dynamodb scan --table-name CustomerData --profile tess --output text
why
aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=Decrypt \
    --query 'Events[].[Username,EventName]' --output text

aws iam delete-user-policy --user-name tess --policy-name Decrypt
aws dynamodb get-item --table-name CustomerData --key CustomerID={S=12345} --profile tess
aws iam detach-user-policy --user-name tess --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess
aws iam delete-user --user-name tess
aws dynamodb scan --table-name CustomerData --profile tess
