//! The whole exercise typed from nothing into `kmslab console --empty`, by both doors, and what it prints.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What the program prints for a script on its standard input, and its exit code.
fn transcript(arguments: &[&str], script: &str) -> (String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kmslab"))
        .arg("console")
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("it was piped").write_all(script.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "everything goes to standard output");
    (String::from_utf8(output.stdout).expect("it is UTF-8"), output.status.code())
}

/// The same text with every id that the seed decides replaced by `ID`.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| {
        word.len() == 36
            && word.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            })
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = if rest.get(..36).is_some_and(is_id) {
            out.push_str("ID");
            36
        } else {
            out.push(c);
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    out
}

#[test]
fn the_exercise_typed_from_nothing_prints_what_aws_prints() {
    for (script, expected, code) in [
        (include_str!("data/iam-door.sh"), include_str!("data/iam-door.txt"), 255),
        (include_str!("data/key-door.sh"), include_str!("data/key-door.txt"), 254),
    ] {
        let (printed, ended) = transcript(&["--empty"], script);
        assert_eq!(without_ids(&printed), expected);
        assert_eq!(ended, Some(code));
        assert_eq!(transcript(&["--empty"], script).0, printed, "the same seed, the same bytes");
    }
}

#[test]
fn a_scenario_is_played_by_its_names() {
    let (printed, code) = transcript(
        &["a3", "--as", "tess"],
        "aws dynamodb scan --table-name CustomerData\nas kim\naws dynamodb scan --table-name CustomerData --query Count\n",
    );
    assert!(
        printed.starts_with(
            "tess> aws dynamodb scan --table-name CustomerData\n\nAn error occurred (AccessDenied"
        )
    );
    assert!(
        printed.ends_with("kim> aws dynamodb scan --table-name CustomerData --query Count\n1\n"),
        "{printed}"
    );
    assert_eq!(code, Some(254), "the exit code is that of the last failure");
}

#[test]
fn mistakes_are_answered_as_the_cli_answers_them() {
    for (line, says, code) in [
        ("aws kms describe-key", "aws: error: the following arguments are required: --key-id", 252),
        (
            "aws kms descibe-key --key-id x",
            "Invalid choice: 'descibe-key', maybe you meant:\n\n  * describe-key",
            252,
        ),
        ("aws kmss list-keys", "Invalid choice: 'kmss'", 252),
        ("aws", "the following arguments are required: command", 252),
        ("aws kms", "the following arguments are required: operation", 252),
        ("aws kms list-keys --colour red", "aws: error: Unknown options: --colour, red", 252),
        ("aws kms list-keys --output yaml-ish", "argument --output: Invalid choice", 252),
        ("aws kms list-keys --query 'Keys['", "Bad value for --query Keys[: ", 252),
        ("aws kms list-keys --profile nina", "The config profile (nina) could not be found", 255),
        ("aws kms encrypt --key-id x --plaintext '*'", "Invalid base64: \"*\"", 252),
        (
            "aws kms create-key --tags TagKey",
            "Error parsing parameter '--tags': Expected: '=', received: 'EOF'",
            252,
        ),
        (
            "aws kms create-key --tags '{\"TagKy\": \"a\"}'",
            "Unknown parameter in Tags[0]: \"TagKy\", must be one of: TagKey, TagValue",
            252,
        ),
        (
            "aws kms create-key --policy file://nowhere.json",
            "Unable to load paramfile file://nowhere.json: [Errno 2] No such file or directory: 'nowhere.json'",
            252,
        ),
        (
            "aws kms schedule-key-deletion --key-id x --pending-window-in-days soon",
            "Error parsing parameter '--pending-window-in-days'",
            252,
        ),
        (
            "aws kms describe-key --key-id alias/none",
            "An error occurred (NotFoundException) when calling the DescribeKey operation: Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.",
            254,
        ),
        (
            "aws kms create-key --cli-input-json '{\"Descriptionn\": \"x\"}'",
            "Parameter validation failed:\nUnknown parameter in input: \"Descriptionn\"",
            252,
        ),
        ("aws kms connect-custom-key-store", "Invalid choice", 252),
        ("aws kms list-keys | cat", "pipes (`|`) are not part of this console", 2),
        ("clock 5", "`5` is no stretch of time", 2),
        ("as nina", "The config profile (nina) could not be found", 255),
        ("ls", "ls: command not found", 127),
    ] {
        let (printed, ended) = transcript(&["--empty"], &format!("{line}\n"));
        assert!(printed.contains(says), "{line}: {printed}");
        assert_eq!(ended, Some(code), "{line}: {printed}");
    }
}

#[test]
fn values_are_read_as_the_cli_reads_them() {
    let script = "\
KEY=$(aws kms create-key --cli-input-json file://create-key.json --query KeyMetadata.KeyId --output text)
aws kms describe-key --key-id $KEY --query 'KeyMetadata.[Description,KeySpec,Enabled]' --output text
aws kms list-resource-tags --key-id $KEY --query 'Tags[0].TagValue'
BLOB=$(aws kms encrypt --key-id $KEY --plaintext fileb://create-key.json --encryption-context app=lab,team=a \\
    --query CiphertextBlob --output text)
aws kms decrypt --ciphertext-blob $BLOB --encryption-context '{\"app\": \"lab\", \"team\": \"a\"}' --query KeyId | true
aws kms decrypt --ciphertext-blob $BLOB --encryption-context app=lab
aws kms generate-data-key --key-id \"$KEY\" --number-of-bytes 32 --query 'length(Plaintext)'
aws kms encrypt --key-id $KEY --cli-binary-format raw-in-base64-out --plaintext hello --query EncryptionAlgorithm
aws kms list-aliases --output table
aws kms create-key --bypass-policy-lockout-safety-check --no-multi-region --query KeyMetadata.MultiRegion
clock +5m
echo \"$KEY\" $? && aws kms disable-key --key-id $KEY && aws kms describe-key --key-id $KEY --query KeyMetadata.KeyState
";
    let (printed, code) = transcript(&["--empty"], &script.replace(" | true", ""));
    for says in [
        "From a file\tSYMMETRIC_DEFAULT\tTrue\n",
        "\"clinic\"\n",
        "\"arn:aws:kms:us-east-1:111122223333:key/",
        "An error occurred (InvalidCiphertextException) when calling the Decrypt operation: \n",
        "\n44\n",
        "\"SYMMETRIC_DEFAULT\"\n",
        "|ListAliases|\n",
        "\nfalse\n",
        "2026-01-05T09:05:00Z\n",
        " 0\n\"Disabled\"\n",
    ] {
        assert!(printed.contains(says), "{says:?}\n{printed}");
    }
    assert_eq!(code, Some(254));
}

#[test]
fn long_answers_are_cut_and_gone_on_with_as_the_cli_does() {
    // Source: AWS CLI User Guide, "Using the pagination options in the AWS CLI".
    let script = "\
aws iam create-user --user-name ann --query User.UserName --output text
aws iam create-user --user-name ben --query User.UserName --output text
aws iam create-user --user-name cat --query User.UserName --output text
aws iam list-users --max-items 2 --query 'Users[].UserName' --output text
MORE=$(aws iam list-users --max-items 2 --query NextToken --output text)
aws iam list-users --starting-token $MORE --query '[Users[].UserName, NextToken]' --output json
aws iam list-users --page-size 1 --max-items 5 --query '[length(Users), NextToken]' --output text
aws iam list-users --starting-token x
aws kms describe-key --key-id x --max-items 1
aws iam list-users --max-items none
aws kms create-key --query KeyMetadata.KeyState
aws kms create-key --query KeyMetadata.KeyState
aws kms list-keys --page-size 1 --query 'length(Keys)'
aws kms list-keys --max-items 1 --query 'length(Keys)'
aws kms list-keys --no-sign-request
";
    let (printed, _) = transcript(&["--empty"], script);
    for says in [
        "--output text\nann\tben\nroot> MORE",
        "[\n    [\n        \"cat\"\n    ],\n    null\n]\n",
        "\n3\tNone\n",
        "\nBad starting token: x\n",
        "aws: error: Unknown options: --max-items\n",
        "aws: error: argument --max-items: invalid int value: 'none'\n",
        "'length(Keys)'\n2\n",
        "'length(Keys)'\n1\n",
        "An error occurred (MissingAuthenticationTokenException) when calling the ListKeys operation",
    ] {
        assert!(printed.contains(says), "{says:?}\n{printed}");
    }
}

#[test]
fn waiting_lets_the_time_pass() {
    // Source: AWS CLI Command Reference, `dynamodb wait`.
    let script = "\
aws dynamodb create-table --table-name Music --billing-mode PAY_PER_REQUEST --query TableDescription.TableStatus \\
    --attribute-definitions AttributeName=Artist,AttributeType=S --key-schema AttributeName=Artist,KeyType=HASH
aws dynamodb wait table-exists --table-name Music && echo there
aws dynamodb delete-table --table-name Music --query TableDescription.TableStatus
aws dynamodb wait table-not-exists --table-name Music && echo gone
aws dynamodb wait table-exists --table-name Music
clock
aws dynamodb wait table-somewhere --table-name Music
";
    let (printed, code) = transcript(&["--empty"], script);
    for says in
        ["echo there\nthere\n", "echo gone\ngone\n", "Waiter TableExists failed: Max attempts exceeded\n"]
    {
        assert!(printed.contains(says), "{says:?}\n{printed}");
    }
    // Twenty-five times twenty seconds have passed, and a few more where delays are simulated.
    assert!(printed.contains("T09:08:"), "{printed}");
    assert!(printed.contains("Invalid choice: 'table-somewhere'"), "{printed}");
    assert_eq!(code, Some(252));
}
