//! Limits of policies and of questions about them.

use super::limits;

limits! {
    JSON_DEPTH "json-depth" "a JSON document": 128, Levels,
        "reading is recursive; no policy nests more than ten levels";
    JSON_ERRORS "json-errors" "the list of errors in one document": 50, Count,
        "more errors than a screen holds help nobody; what is wrong is mended from the first on";
    // Source: AWS re:Post, "iam-increase-policy-size": at most 20 managed policies of a user or role, 10 groups of a user, 10
    // policies of a group, 6,144 characters each. Organizations User Guide, "orgs_reference_limits": 5 SCPs of each root, OU and
    // account, OUs five levels deep below the root, 5,120 characters each. KMS Developer Guide, "resource-limits": 32 KB.
    DECIDE_LINE "decide-line" "a line of `decide`": 4 << 20, Bytes,
        "all policies that AWS lets bear on one call have some 1.3 MB: 20 of a user, 10 of each of 10 groups, 7 levels of 5 SCPs and of 5 RCPs, the resource's";
    DECIDE_SKIPPED "decide-skipped" "what is passed over of a line that is too long": 256 << 20, Bytes,
        "what never ends its line, such as /dev/zero, is no list of lines";
    DECIDE_STEPS "decide-steps" "the reasoning about a line of `decide`": 200_000_000, Steps,
        "the longest pattern of a key policy (32 KB) against the longest value takes 34 million, and --explain asks it some five times";
    DECIDE_ANSWER "decide-answer" "the answer to a line of `decide`": 16 << 20, Bytes,
        "a reasoning names each value where it is compared; that of 20 policies of 6 KB has some 400 KB";
    DECIDE_KEPT "decide-kept" "what a thread of `decide` keeps of documents that come again": 64 << 20, Bytes,
        "lines of a file share their policies; beyond this they are read anew";
    IDENTITY_POLICY "identity-policy" "a policy of a caller": 262_144, Bytes,
        "white space counts here and not on AWS; the longest policy that AWS manages has 135,200 bytes";
    RESOURCE_POLICY "resource-policy" "a policy of a resource": 102_400, Bytes,
        "that of an OpenSearch domain may have so many, of the others none more than 32,768";
    OTHER_POLICY "other-policy" "a trust policy, an SCP, an RCP or the policy of an endpoint": 32_768, Bytes,
        "white space counts here and not on AWS, which takes at most 20,480 of these";
    // Source: DynamoDB Developer Guide, "HowItWorks.NamingRulesDataTypes": names of attributes are "less than 64 KB in size", and
    // `dynamodb:Attributes` carries them.
    CONDITION_VALUE "condition-value" "an ARN, or a value of a condition key, of a request": 65_536, Bytes,
        "the longest name that a condition key carries is that of a DynamoDB attribute, 64 KB";
    EXPANDED_TEXT "expanded-text" "a value of a policy with its variables replaced": 1 << 20, Bytes,
        "no request has a value of this length that it could be like";
    LINT_FILE "lint-file" "a file for `lint`": 8 << 20, Bytes,
        "the longest policy that AWS takes has 32,768 characters; templates around it are longer";
    LINT_COLUMNS "lint-columns" "a line of a document in the output of `lint`": 120, Columns,
        "a window around the place; minified policies are one line";
    LINT_FINDINGS "lint-findings" "the list of findings of one kind in the text that `lint` prints": 50, Count,
        "who has more of a kind has one cause; --format json and sarif list all of them";
    LINT_COMPARED "lint-compared" "the list of statements of a document that all others are compared with": 500, Count,
        "the longest key policy has room for 400";
    LINT_STEPS "lint-steps" "the review of one document": 6_000_000, Steps,
        "a review of the longest key policy, 32 KB of different statements, takes some 2 million";
    LINT_EXCEPTIONS "lint-exceptions" "`kmslab-lint.toml`": 1 << 20, Bytes,
        "an exception is three lines written by hand";
    // Source: EventBridge API Reference, PutRule and TestEventPattern, EventPattern: at most 4,096 characters.
    EVENT_PATTERN "event-pattern" "an event pattern": 16_384, Bytes,
        "AWS takes 4,096 characters, each of at most four bytes";
    EVENT "event" "an event for `test-event-pattern`": 1 << 20, Bytes,
        "no record of CloudTrail has 256 KB; the pattern is asked of each value";
}
