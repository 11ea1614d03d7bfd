//! The whole exercise typed from nothing into `kmslab console --empty`, by both doors, and what it prints.

mod program;
mod terminal;

use terminal::Terminal;

/// What the program prints for a script on its standard input, and its exit code.
fn transcript(arguments: &[&str], script: &str) -> (String, Option<i32>) {
    let mut console = program::kmslab();
    console.arg("console").args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data"));
    let output = program::run(&mut console, script);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "everything goes to standard output");
    (String::from_utf8(output.stdout).expect("it is UTF-8"), output.status.code())
}

/// The same text with every id that the seed decides replaced: UUIDs by `ID`, what IAM makes up by `IAMID`, 64 hexadecimal
/// digits by `HASH`, ids of multi-Region keys by `mrk-ID`, ciphertext by `BLOB`, the place of a next page by `TOKEN`.
fn without_ids(text: &str) -> String {
    let is_uuid = |word: &str| {
        word.len() == 36
            && word.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            })
    };
    let run = |text: &str, is_part: fn(&char) -> bool| text.chars().take_while(is_part).count();
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let name = run(rest, |c| c.is_ascii_uppercase() || c.is_ascii_digit());
        let blob = run(rest, |c| c.is_ascii_alphanumeric() || "+/=".contains(*c));
        let hex = rest.strip_prefix("mrk-").map_or(0, |id| run(id, char::is_ascii_hexdigit));
        let (found, taken) = if rest.get(..36).is_some_and(is_uuid) {
            ("ID", 36)
        } else if ["AIDA", "AROA", "AGPA"].iter().any(|kind| rest.starts_with(kind)) && name == 21 {
            ("IAMID", name)
        } else if run(rest, char::is_ascii_hexdigit) == 64 {
            ("HASH", 64)
        } else if hex == 32 {
            ("mrk-ID", hex + 4)
        } else if rest.starts_with("AQIC") && blob > 100 {
            ("BLOB", blob)
        } else if rest.starts_with("eyJNYXJrZXIi") && blob > 60 {
            ("TOKEN", blob)
        } else {
            ("", c.len_utf8())
        };
        out.push_str(if found.is_empty() { &rest[..taken] } else { found });
        rest = &rest[taken..];
    }
    out
}

#[test]
fn lines_print_what_the_aws_cli_prints_for_them() {
    let (printed, code) = transcript(&["--empty"], include_str!("data/cli.sh"));
    let (printed, expected) = (without_ids(&printed), include_str!("data/cli.txt"));
    for (printed, expected) in printed.split("root> ").zip(expected.split("root> ")) {
        assert_eq!(printed, expected);
    }
    assert_eq!(printed.len(), expected.len());
    assert_eq!(code, Some(252));
}

/// Source: what a shell prints for the same lines.
#[test]
fn the_shell_part_does_what_a_shell_does() {
    for (script, printed, code) in [
        ("false && echo a; echo b", "b\n", 0),
        ("false || echo a && echo b", "a\nb\n", 0),
        ("true || echo a; echo $?", "0\n", 0),
        ("false\necho $?", "1\n", 1),
        ("echo a &&\n  echo b", "a\nb\n", 0),
        ("A=1 B='2 3'; echo $A \"$B\" ${A}x '$A' \\$A", "1 2 3 1x $A $A\n", 0),
        ("A='x  y'; echo $A; echo \"$A\"", "x y\nx  y\n", 0),
        ("A=$(echo a; echo b); echo \"$A\"", "a\nb\n", 0),
        ("A=1; B=$(A=2; echo $A); echo $A $B", "1 2\n", 0),
        ("A=$(false) || echo failed", "failed\n", 0),
        ("echo $(false && echo a; echo b)", "b\n", 0),
        ("A=1; unset A; echo \"<$A>\"", "<>\n", 0),
        ("export A=1; echo $A # no more", "1\n", 0),
        ("echo -n a; echo b", "ab\n", 0),
        ("echo '{\"a\": \"'x'\"}' a\\ b \"a\\\nb\"", "{\"a\": \"x\"} a b ab\n", 0),
        ("echo one \\\n   two", "one two\n", 0),
        ("exit 3", "", 3),
        // Documentation shows commands behind a prompt.
        ("$ echo a", "a\n", 0),
    ] {
        let (all, ended) = transcript(&["--empty"], &format!("{script}\n"));
        // The lines of a script that are run by themselves are echoed one by one.
        let echoed = |line: &str| line.starts_with("root> ");
        let rest: String = match all.strip_prefix(&format!("root> {script}\n")) {
            Some(rest) => rest.to_owned(),
            None => all.lines().filter(|line| !echoed(line)).flat_map(|line| [line, "\n"]).collect(),
        };
        assert_eq!((rest.as_str(), ended), (printed, Some(code)), "{script}: {all}");
    }
}

#[test]
fn commands_of_the_console_say_how_they_are_typed() {
    for (line, says) in [
        ("as", "kmslab: as NAME: whom to act as"),
        ("as kim tess", "kmslab: as NAME: whom to act as"),
        ("clock 5", "kmslab: `5` is no stretch of time"),
        ("clock +5m +5m", "kmslab: clock [+5m]"),
        ("why not", "kmslab: why: the decisions of the last call"),
        ("why", "kmslab: why: nothing has been called yet"),
        ("help me", "kmslab: help takes no words"),
        ("exit now", "kmslab: exit [CODE]"),
        ("export 1=2", "kmslab: export NAME=VALUE: `1` is no name"),
        ("cat <<EOF", "kmslab: redirections"),
        ("echo `date`", "kmslab: backquotes"),
        ("echo a &", "kmslab: `&` is not part of this console"),
    ] {
        let (printed, code) = transcript(&["--empty"], &format!("{line}\n"));
        assert!(printed.starts_with(&format!("root> {line}\n{says}")), "{printed}");
        assert_eq!(code, Some(2), "{line}");
    }
    let (printed, code) =
        transcript(&["--empty"], "help\nclock +1d2h\naws help\naws kms help\naws kms sign help\n");
    for says in [
        "clock [+5m]",
        "2026-01-06T11:00:00Z",
        "The simulated services: ",
        "schedule-key-deletion",
        "--message",
    ] {
        assert!(printed.contains(says), "{says}: {printed}");
    }
    assert_eq!(code, Some(0));
}

#[test]
fn the_prompt_names_whoever_signs() {
    let script = "\
ROLE='{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"sts:AssumeRole\"}]}'
aws iam create-user --user-name kim --query User.UserName
aws iam attach-user-policy --user-name kim --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam create-role --role-name reader --assume-role-policy-document \"$ROLE\" --query Role.RoleName
export AWS_PROFILE=kim
export AWS_ACCESS_KEY_ID=$(aws sts assume-role --role-arn arn:aws:iam::111122223333:role/reader \\
    --role-session-name s1 --query Credentials.AccessKeyId --output text)
aws sts get-caller-identity --query Arn --output text
aws sts get-caller-identity --query Arn --output text --profile kim
unset AWS_ACCESS_KEY_ID AWS_PROFILE
as kim
aws sts get-caller-identity --query Arn
";
    let (printed, _) = transcript(&["--empty"], script);
    for says in [
        "root> export AWS_PROFILE=kim\nkim> export AWS_ACCESS_KEY_ID=",
        "\nreader/s1> aws sts get-caller-identity --query Arn --output text\narn:aws:sts::111122223333:assumed-role/reader/s1\n",
        "\nreader/s1> aws sts get-caller-identity --query Arn --output text --profile kim\narn:aws:iam::111122223333:user/kim\n",
        "\nroot> as kim\nkim> aws",
    ] {
        assert!(printed.contains(says), "{says:?}\n{printed}");
    }
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
    assert!(printed.starts_with(
        "tess> aws dynamodb scan --table-name CustomerData\n\naws: [ERROR]: An error occurred (AccessDenied"
    ));
    assert!(
        printed.ends_with("kim> aws dynamodb scan --table-name CustomerData --query Count\n1\n"),
        "{printed}"
    );
    assert_eq!(code, Some(254), "the exit code is that of the last failure");
}

#[test]
fn mistakes_are_answered_as_the_cli_answers_them() {
    for (line, says, code) in [
        (
            "aws kms describe-key",
            "\n\naws: [ERROR]: An error occurred (ParamValidation): the following arguments are required: --key-id\n\nusage: aws [options]",
            252,
        ),
        (
            "aws kms descibe-key --key-id x",
            "argument operation: Found invalid choice 'descibe-key'\n\nMaybe you meant:\n\n  * describe-key\n\nusage: aws",
            252,
        ),
        ("aws kmss list-keys", "argument command: Found invalid choice 'kmss'", 252),
        ("aws", "the following arguments are required: command", 252),
        ("aws kms", "the following arguments are required: operation", 252),
        ("aws kms list-keys --colour red", "help\n\n\naws: [ERROR]: Unknown options: --colour, red\n", 252),
        (
            "aws kms list-keys --output yaml-ish",
            "argument --output: Found invalid choice 'yaml-ish'\n\n\nusage: aws",
            252,
        ),
        ("aws kms list-keys --query 'Keys['", "Bad value for --query Keys[: ", 252),
        ("aws kms list-keys --profile nina", "The config profile (nina) could not be found", 255),
        ("aws kms encrypt --key-id x --plaintext hello", "\naws: [ERROR]: Invalid base64: \"hello\"\n", 255),
        (
            "aws iam create-user --user-name x --query 'nofunc(@)'",
            "\naws: [ERROR]: Unknown function: nofunc()\n",
            255,
        ),
        (
            "aws kms describe-key --key-id \"$KEY\"",
            "Invalid length for parameter KeyId, value: 0, valid min length: 1",
            252,
        ),
        (
            "aws kms list-keys --endpoint-url http://localhost:4566",
            "--endpoint-url is not part of this console",
            252,
        ),
        (
            "aws kms list-keys --output yaml",
            "--output yaml is not part of this console: json, text, table and off",
            252,
        ),
        (
            "aws kms create-key --generate-cli-skeleton",
            "--generate-cli-skeleton is not part of this console",
            252,
        ),
        ("aws kms create-key --cli-input-yaml file://x", "--cli-input-yaml is not part of this console", 252),
        ("aws configure", "nothing has to be configured here", 252),
        ("aws s3 ls", "kmslab does not simulate `aws s3`", 252),
        ("aws kms wait key-exists", "kmslab does not simulate `aws kms wait`", 252),
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
            "\naws: [ERROR]: invalid literal for int() with base 10: 'soon'\n",
            255,
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
        ("aws kms connect-custom-key-store", "Found invalid choice", 252),
        ("aws kms list-keys | cat", "pipes (`|`) are not part of this console", 2),
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
        "An error occurred (InvalidCiphertextException) when calling the Decrypt operation:\n",
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
aws iam list-users --max-items 2 --query NextToken
aws iam list-users --starting-token eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAyfQ== --query '[Users[].UserName, NextToken]' --output json
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
        // Text is printed page by page, and what asks for the rest is a page of its own.
        "--output text\nann\tben\nNone\nroot> ",
        "\n\"eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAyfQ==\"\n",
        "[\n    [\n        \"cat\"\n    ],\n    null\n]\n",
        "\n1\tNone\n1\tNone\n1\tNone\n",
        "\naws: [ERROR]: An error occurred (ParamValidation): Bad starting token: x\n",
        "\n\naws: [ERROR]: Unknown options: --max-items, 1\n",
        "(ParamValidation): argument --max-items: invalid int value: 'none'\n\n",
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
    for says in [
        "echo there\nthere\n",
        "echo gone\ngone\n",
        "Waiter TableExists failed: Max attempts exceeded. Previously accepted state: Matched expected service error code: ResourceNotFoundException\n",
    ] {
        assert!(printed.contains(says), "{says:?}\n{printed}");
    }
    // Twenty-five times twenty seconds have passed, and a few more where delays are simulated.
    assert!(printed.contains("T09:08:"), "{printed}");
    assert!(printed.contains("argument subcommand: Found invalid choice '"), "{printed}");
    assert_eq!(code, Some(252));
}

#[test]
fn in_a_terminal_it_prompts_and_goes_on_asking_until_a_command_is_whole() {
    let mut terminal = Terminal::start((100, 30), env!("CARGO_BIN_EXE_kmslab"), &["console", "--empty"]);
    terminal.until("root> ");
    terminal.send("echo 'one\n").until("root> echo 'one\n> ");
    terminal.send("two'\n").until("one\ntwo\nroot> ");
    terminal.send("aws iam create-user --user-name tess --query User.UserName\n").until("\"tess\"\nroot> ");
    terminal.send("as tess\n").until("\ntess> ");
    terminal.send("aws kms create-key\n").until("An error occurred (AccessDeniedException)");
    terminal.send("exit\n");
    assert_eq!(terminal.end().0, 254, "the exit code is that of the last failure");
}
