//! Limits of the templates that are read back.

use super::limits;

limits! {
    // Source: CloudFormation User Guide, "Understand CloudFormation quotas": a template in an S3 object has at most 1 MB, and
    // 500 resources.
    FILE "template-file" "a template": 1 << 20, Bytes,
        "AWS takes no longer one; that of the largest built-in scenario has 20 KB";
    RESOURCES "template-resources" "the list of resources of a template": 500, Count,
        "AWS takes no more";
    FILLED "template-filled" "what references put into the texts of a template": 8 << 20, Bytes,
        "eight times the longest template; an ARN has some 80 bytes";
}
