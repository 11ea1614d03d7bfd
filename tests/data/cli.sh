# Lines as people type them. What the AWS CLI 2.9.19 prints for each of them, given the same answers of the services,
# stands in cli.txt, with errors as 2.34 words them; ids are left out there.
aws sts get-caller-identity
aws sts get-caller-identity --output text
aws sts get-caller-identity --output table
aws sts get-caller-identity --query Account --output text
aws iam create-user --user-name kim
aws iam create-user --user-name tess --tags Key=team,Value=clinic Key=env,Value=lab
aws iam create-user --user-name ann --path /staff/ --output text
aws iam create-user --user-name ben --output table
aws iam create-user --user-name kim
aws iam attach-user-policy --user-name kim --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam attach-user-policy --user-name tess --policy-arn "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
aws iam attach-user-policy --user-name nobody --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam list-users --output text
aws iam list-users --output table
aws iam list-users --query 'Users[*].[UserName,Path]' --output text
aws iam list-users --query "Users[?UserName=='kim'].Arn" --output text
aws iam list-users --query 'Users[].{Name:UserName,Path:Path}' --output table
aws iam list-users --query 'Users[].{Name:UserName,Path:Path}' --output text
aws iam list-users --max-items 2 --query 'Users[].UserName'
aws iam list-users --max-items 2 --output text
aws iam list-users --no-paginate --max-items 2
aws iam list-users --no-paginate --page-size 2
aws iam list-users --max-items 2 --query NextToken --output text
aws iam list-users --max-items none
aws iam list-users --path-prefix /staff
aws iam list-attached-user-policies --user-name kim
aws iam list-attached-user-policies --user-name kim --output text
aws iam put-user-policy --user-name tess --policy-name Decrypt --policy-document file://cli/policy.json
aws iam put-user-policy --user-name tess --policy-name Bad --policy-document '{bad'
aws iam put-user-policy --user-name tess --policy-name Decrypt --policy-document file://cli/missing.json
aws iam get-user-policy --user-name tess --policy-name Decrypt
aws iam get-user-policy --user-name tess --policy-name Decrypt --output text
aws iam get-user-policy --user-name tess --policy-name Decrypt --query PolicyDocument.Statement[0].Action
aws iam list-user-policies --user-name tess
aws iam list-user-policies --user-name tess --output text
aws iam get-user --user-name tess
aws iam get-user
aws iam get-user --user-name nobody
aws iam delete-user-policy --user-name tess --policy-name Decrypt
aws iam delete-user-policy --user-name tess --policy-name Decrypt
aws iam delete-user --user-name tess
aws iam detach-user-policy --user-name tess --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess
aws iam delete-user --user-name ben
aws iam get-role --role-name reader --query 'Role.AssumeRolePolicyDocument'
aws iam create-group --group-name admins
aws iam add-user-to-group --user-name ann --group-name admins
aws iam list-groups-for-user --user-name ann --output text
aws iam tag-user --user-name tess --tags '[{"Key": "Department", "Value": "Accounting"}]'
aws iam untag-user --user-name tess --tag-keys Department team
aws sts assume-role --role-arn arn:aws:iam::111122223333:role/reader --role-session-name s1 --profile kim --query 'AssumedRoleUser.Arn'
aws kms create-key --query KeyMetadata.KeyState
aws kms create-key --description lab --query KeyMetadata.KeyId --output text
aws kms create-key --description "Customer data" --tags TagKey=Purpose,TagValue=Test TagKey=Owner,TagValue='clinic staff' --output text
aws kms create-key --tags 'TagKey=a,TagValue="b,c"' --query KeyMetadata.KeyState
aws kms create-key --tags TagKey=a,TagValue=b,TagKey=c,TagValue=d
aws kms create-key --tags TagKey
aws kms create-key --tags TagKey=
aws kms create-key --tags =x
aws kms create-key --tags TagKey=a,TagValue=b,
aws kms create-key --tags 'TagKey=[a'
aws kms create-key --tags "TagKey='a"
aws kms create-key --tags '{"TagKy": "a"}'
aws kms create-key --tags '[{"TagKey": "a", "TagValue": "b"}]' --query KeyMetadata.Enabled
aws kms create-key --tags '[{"TagKey": "a", "TagValue": "b"]'
aws kms create-key --tags '{"TagKey": "a"'
aws kms create-key --tags TagKey=a TagValue=b
aws kms create-key --key-spec RSA_2048 --key-usage SIGN_VERIFY --query KeyMetadata.KeyState
aws kms create-key --key-spec HMAC_256 --key-usage GENERATE_VERIFY_MAC --query KeyMetadata.MacAlgorithms
aws kms create-key --key-spec NOPE
aws kms create-key --multi-region --query 'KeyMetadata.MultiRegionConfiguration'
aws kms create-key --no-multi-region --query KeyMetadata.MultiRegion
aws kms create-key --multi-region true
aws kms create-key --output yaml-ish
aws kms create-key --bypass-policy-lockout-safety-check --policy file://cli/policy-lock.json --query KeyMetadata.KeyState
aws kms create-key --cli-input-json file://cli/create-key.json --query KeyMetadata.Description
aws kms create-key --cli-input-json '{"Descriptionn": "x"}'
aws kms create-key --cli-input-json '{"Description": 3}'
aws kms create-key --cli-input-json '{bad'
aws kms create-key --cli-input-json '[]'
aws kms create-key --cli-input-json '{"Description": "x", "Tags": [{"TagKey": "a"}]}'
aws kms create-key --description x --cli-input-json '{"Description": "y"}' --query KeyMetadata.Description
KEY=$(aws kms create-key --query KeyMetadata.KeyId --output text)
aws kms list-keys --output text
aws kms list-keys --output table
aws kms list-keys --limit 2 --query 'Keys[].KeyId' --output text
aws kms list-keys --page-size 1 --max-items 2 --output text
aws kms list-keys --query 'Keys[0].KeyId' --output text
aws kms list-keys --limit soon
aws kms list-keys --limit
aws kms list-keys --colour red
aws kms list-keys extra
aws kms list-keys extra more --colour red
aws kms list-keys --query 'Keys['
aws kms list-keys --query 'Keys[0'
aws kms list-keys --query 'nofunc(Keys)'
aws kms list-keys --query ''
aws kms list-keys --profile nina
aws kms list-keys --debugg
aws kms list-keys --no-cli-pager --color off --region us-east-1 --no-verify-ssl --query 'length(Keys)'
aws kms list-keys --color purple
aws kms list-keys --region eu-west-1
aws --region us-east-1 --output text kms list-keys --query 'Keys[0].KeyArn'
aws kms list-keys --out text --query 'length(Keys)'
aws kms list-keys --cli-connect-timeout 5 --cli-read-timeout 5 --query 'length(Keys)'
aws kms list-keys --query=length\(Keys\) --output=text
aws kms
aws
aws kms describe-key
aws kms describe-key --key-id
aws kms describe-key --key $KEY --query KeyMetadata.KeyId --output text
aws kms describe-key --key-id $KEY --output text
aws kms describe-key --key-id $KEY --output table
aws kms describe-key --key-id $KEY --query 'KeyMetadata.[KeyState,KeySpec,Origin]' --output text
aws kms describe-key --key-id $KEY --query KeyMetadata.CreationDate --output text
aws kms describe-key --key-id alias/none
aws kms describe-key --key-id ""
aws kms describe-key --max-items 1 --key-id x
aws kms describe-key --key-id x --g t1
aws kms create-alias --alias-name alias/lab --target-key-id $KEY
aws kms create-alias --alias-name lab --target-key-id $KEY
aws kms create-alias --alias-name alias/lab --target-key-id $KEY
aws kms list-aliases
aws kms list-aliases --output table
aws kms list-aliases --key-id $KEY --output text
aws kms list-aliases --query "Aliases[?starts_with(AliasName, 'alias/lab')].TargetKeyId" --output text
aws kms update-alias --alias-name alias/lab --target-key-id $KEY
aws kms encrypt --key-id alias/lab --plaintext aGVsbG8= --query KeyId
aws kms encrypt --key-id alias/lab --plaintext hello
aws kms encrypt --key-id alias/lab --plaintext a
aws kms encrypt --key-id alias/lab --plaintext hello --cli-binary-format raw
aws kms encrypt --key-id alias/lab --plaintext file://cli/plain.txt --query EncryptionAlgorithm
aws kms encrypt --key-id alias/lab --plaintext fileb://cli/plain.txt --encryption-context Purpose=Test,Team=a --query EncryptionAlgorithm
aws kms encrypt --key-id alias/lab --plaintext fileb://cli/missing.txt
aws kms encrypt --key-id alias/lab --plaintext fileb://cli/plain.txt --encryption-context Purpose
aws kms encrypt --key-id alias/lab --plaintext fileb://cli/plain.txt --encryption-context Purpose=a Team=b
BLOB=$(aws kms encrypt --key-id alias/lab --plaintext aGVsbG8= --query CiphertextBlob --output text)
aws kms decrypt --ciphertext-blob $BLOB
aws kms decrypt --ciphertext-blob $BLOB --query Plaintext --output text
aws kms decrypt --ciphertext-blob $BLOB --output table
aws kms decrypt --ciphertext-blob $BLOB --encryption-context a=b
aws kms decrypt --ciphertext-blob aGVsbG8=
aws kms decrypt --ciphertext-blob fileb://cli/plain.txt
aws kms generate-data-key --key-id alias/lab --key-spec AES_256 --query 'length(Plaintext)'
aws kms generate-data-key --key-id alias/lab
aws kms generate-data-key --key-id alias/lab --number-of-bytes abc
aws kms generate-data-key --key-id alias/lab --number-of-bytes 0
aws kms generate-data-key-without-plaintext --key-id alias/lab --key-spec AES_256 --query KeyId
aws kms generate-random --number-of-bytes 32 --query 'length(Plaintext)'
aws kms re-encrypt --ciphertext-blob $BLOB --destination-key-id alias/lab --query '[SourceKeyId,KeyId]' --output text
aws kms get-key-policy --key-id $KEY --policy-name default
aws kms get-key-policy --key-id $KEY --policy-name default --output text
aws kms get-key-policy --key-id $KEY --policy-name default --query Policy --output text
aws kms get-key-policy --key-id $KEY --policy-name default --output table
aws kms list-key-policies --key-id $KEY
aws kms list-key-policies --key-id $KEY --output text
aws kms put-key-policy --key-id $KEY --policy-name default --policy file://cli/key-policy.json
aws kms put-key-policy --key-id $KEY --policy-name default --policy '{"Version": "2012-10-17"'
aws kms enable-key-rotation --key-id $KEY
aws kms get-key-rotation-status --key-id $KEY
aws kms get-key-rotation-status --key-id $KEY --output text
aws kms tag-resource --key-id $KEY --tags TagKey=Purpose,TagValue=Test
aws kms list-resource-tags --key-id $KEY
aws kms list-resource-tags --key-id $KEY --output text
aws kms untag-resource --key-id $KEY --tag-keys Purpose Cost
aws kms create-grant --key-id $KEY --grantee-principal arn:aws:iam::111122223333:user/tess --operations Decrypt Encrypt --query 'length(GrantId)'
aws kms create-grant --key-id $KEY --grantee-principal arn:aws:iam::111122223333:user/tess --operations Decrypt --constraints EncryptionContextSubset={Department=IT} --name n1 --query 'length(GrantId)'
aws kms create-grant --key-id $KEY --grantee-principal arn:aws:iam::111122223333:user/tess --operations
aws kms list-grants --key-id $KEY --query 'Grants[].Operations'
aws kms list-grants --key-id $KEY --query 'Grants[].Operations' --output text
aws kms list-grants --key-id $KEY --query 'Grants[].[Name,Operations[0]]' --output text
aws kms list-grants --key-id $KEY --output text
aws kms list-grants --key-id $KEY --output table
aws kms list-grants --key-id $KEY
aws kms retire-grant
aws kms disable-key --key-id $KEY
aws kms enable-key --key-id $KEY
aws kms schedule-key-deletion --key-id $KEY --pending-window-in-days soon
aws kms schedule-key-deletion --key-id $KEY --pending-window-in-days -1
aws kms schedule-key-deletion --key-id $KEY --pending-window-in-days 7
aws kms cancel-key-deletion --key-id $KEY
aws kms update-key-description --key-id $KEY --description "-- new -- text"
aws kms update-key-description --key-id $KEY --description -x
aws kms update-key-description --key-id $KEY --description ""
aws kms enable-key --key-id $KEY
aws dynamodb create-table --table-name Music --attribute-definitions AttributeName=Artist,AttributeType=S AttributeName=SongTitle,AttributeType=S --key-schema AttributeName=Artist,KeyType=HASH AttributeName=SongTitle,KeyType=RANGE --provisioned-throughput ReadCapacityUnits=5,WriteCapacityUnits=5 --query TableDescription.TableStatus
aws dynamodb create-table --table-name Table2 --attribute-definitions AttributeName=Id,AttributeType=S --key-schema AttributeName=Id,KeyType=HASH --provisioned-throughput ReadCapacityUnits=five,WriteCapacityUnits=5
aws dynamodb create-table --table-name Table2 --attribute-definitions AttributeName=Id,AttributeType=S --key-schema AttributeName=Id,KeyType=HASH --billing-mode PAY_PER_REQUEST --sse-specification Enabled=maybe
aws dynamodb create-table --table-name CustomerData --attribute-definitions AttributeName=CustomerID,AttributeType=S --key-schema AttributeName=CustomerID,KeyType=HASH --billing-mode PAY_PER_REQUEST --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/lab --output text
aws dynamodb wait table-exists --table-name CustomerData
aws dynamodb wait
aws dynamodb wait table-here --table-name x
aws dynamodb list-tables
aws dynamodb list-tables --output text
aws dynamodb list-tables --output table
aws dynamodb describe-table --table-name Music --output text
aws dynamodb describe-table --table-name Music --output table
aws dynamodb describe-table --table-name CustomerData --query 'Table.SSEDescription'
aws dynamodb describe-table --table-name Nope
aws dynamodb put-item --table-name Music --item '{"Artist": {"S": "No One You Know"}, "SongTitle": {"S": "Call Me Today"}, "Awards": {"N": "1"}}'
aws dynamodb put-item --table-name Music --item file://cli/item.json --return-consumed-capacity TOTAL
aws dynamodb put-item --table-name Music --item file://cli/item.json --return-values ALL_OLD
aws dynamodb put-item --table-name Music --item Artist={S=Acme},SongTitle={S="Happy Day"},Tags={SS=[a,b]},Flag={BOOL=true},L={L=[{S=x},{N=1}]}
aws dynamodb put-item --table-name Music --item Artist={S=a} SongTitle={S=b}
aws dynamodb put-item --table-name Music --item '{"Artist": "No"}'
aws dynamodb put-item --table-name Music --item '{"Artist": {"S": "a"}, "SongTitle": {"X": "b"}}'
aws dynamodb put-item --table-name Music
aws dynamodb put-item --table-name Music --item '{"Artist": {"S": "x"}, "SongTitle": {"S": "bin"}, "D": {"B": "aGVsbG8="}}'
aws dynamodb put-item --table-name CustomerData --item '{"CustomerID": {"S": "12345"}, "Name": {"S": "Alice Johnson"}}'
aws dynamodb get-item --table-name Music --key Artist={S=Acme},SongTitle={S="Happy Day"} --output text
aws dynamodb get-item --table-name Music --key Artist={S=Acme},SongTitle={S="Happy Day"} --output table
aws dynamodb get-item --table-name Music --key '{"Artist": {"S": "x"}, "SongTitle": {"S": "bin"}}'
aws dynamodb get-item --table-name Music --key file://cli/key.json --consistent-read --projection-expression "#a, Awards" --expression-attribute-names '{"#a": "Artist"}'
aws dynamodb get-item --table-name CustomerData --key '{"CustomerID": {"S": "none"}}'
aws dynamodb get-item --table-name CustomerData --key '{"CustomerID": {"S": "none"}}' --output text
aws dynamodb query --table-name Music --key-condition-expression 'Artist = :v1' --expression-attribute-values ':v1={S=Acme}' --query 'Items[].SongTitle.S' --output text
aws dynamodb query --table-name Music --key-conditions file://cli/nope.json
aws dynamodb scan --table-name CustomerData
aws dynamodb scan --table-name CustomerData --output text
aws dynamodb scan --table-name Music --output text
aws dynamodb scan --table-name Music --max-items 1 --query 'Items[].Artist.S'
aws dynamodb scan --table-name Music --select COUNT
aws dynamodb scan --table-name Music --page-size 1 --select COUNT
aws dynamodb scan --table-name Music --filter-expression "Artist = :a" --projection-expression "#ST, Awards" --expression-attribute-names file://cli/names.json --expression-attribute-values file://cli/values.json
aws dynamodb scan --table-name Music --no-paginate --query Count
aws dynamodb scan --table-name Music --no-paginate --max-items 1
aws dynamodb update-item --table-name Music --key file://cli/key.json --update-expression "SET Awards = :n" --expression-attribute-values '{":n": {"N": "3"}}' --return-values ALL_NEW
aws dynamodb delete-item --table-name Music --key file://cli/key.json
aws dynamodb update-table --table-name Music --billing-mode PAY_PER_REQUEST --query TableDescription.TableStatus
aws dynamodb tag-resource --resource-arn arn:aws:dynamodb:us-east-1:111122223333:table/Music --tags Key=Owner,Value=me
aws dynamodb list-tags-of-resource --resource-arn arn:aws:dynamodb:us-east-1:111122223333:table/Music
aws dynamodb delete-table --table-name Music --query TableDescription.TableStatus
aws dynamodb wait table-not-exists --table-name Music
aws cloudtrail lookup-events --max-items 1 --query 'Events[].EventName'
aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateKey --max-results 2 --query 'Events[].[EventName,Username]' --output text
aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=tess --query 'Events[].EventName' --output text
aws cloudtrail lookup-events --start-time soon
aws cloudtrail lookup-events --max-results 1 --query 'Events[0].EventTime'
aws iam create-user --user-name "bad name"
aws iam create-user --user-name x --tags Key=a
aws iam delete-user --user-name ann
aws kms list-keys --query 'Keys[*].KeyId | [0]' --output text
aws kms list-keys --query 'sort_by(Keys, &KeyId)[0].KeyId'
aws kms list-keys --query 'Keys[].{"Key Id": KeyId}[0]'
aws kms list-keys --query '`literal`'
aws kms list-keys --query 'Keys[:2].KeyId'
aws kms list-keys --query "join(', ', Keys[].KeyId)" --output text
aws kms list-keys --query "to_string(length(Keys))"
aws kms list-keys --query 'Keys[0]' --output table
aws kms list-keys --query 'Keys[0].KeyId' --output table
aws kms list-keys --query 'length(Keys)' --output table
aws kms list-keys --query 'Nope' --output table
aws kms list-keys --query 'Nope' --output text
aws kms list-keys --query 'Keys[].[KeyId,KeyArn]' --output table
aws kms list-keys --query 'Keys[].KeyId' --output table
aws kms list-keys --query '[]' --output json
aws kms list-keys --query 'Keys[?KeyId==`x`]'
aws kms list-keys --query 'Keys[0] && `true`'
aws kms list-keys --query '`1.50`'
aws kms list-keys --query 'avg(`[1, 2]`)'
aws kms list-keys --query 'length(Keys) > `3`'
aws kms list-keys --query 'Keys.KeyId'
aws kms list-keys --query 'keys(@)'
aws kms list-keys --query 'max_by(Keys, &KeyId).KeyId == sort(Keys[].KeyId)[-1]'
aws kms list-keys --query "Keys[?KeyId=='x'"
