//! Limits of lines typed at the console, and of what they read and print.

use super::limits;

limits! {
    LINE "console-line" "a line at the console": 1 << 20, Bytes,
        "no parameter of an AWS call is longer than 1 MB";
    COMMANDS "console-commands" "the list of commands on a line at the console": 1_000, Count,
        "documentation writes one command a line; each may read a whole table";
    EXPANDED "console-expanded" "a line at the console with its variables and the output of `$(..)` put in": 8 << 20, Bytes,
        "several parameters of the greatest length fit, and doubling a variable ends";
    VARIABLE "console-variable" "the value of a variable of the console": 1 << 20, Bytes,
        "no parameter of an AWS call is longer than 1 MB";
    VARIABLES "console-variables" "the list of variables of the console": 1_000, Count,
        "the AWS CLI reads some 40; the rest is typed by hand";
    VARIABLES_SIZE "console-variables-size" "all variables of the console together": 8 << 20, Bytes,
        "eight of the longest; a lab keeps them in its journal";
    PRINTED "console-printed" "what a line at the console prints": 16 << 20, Bytes,
        "a page of an answer has 1 MB; a table of ten of them is still printed";
    PARAMETER_FILE "parameter-file" "a file that a parameter names": 8 << 20, Bytes,
        "no parameter of an AWS call is longer than 1 MB, and base64 and blanks are not counted";
    QUERY_TOKENS "query-tokens" "the list of tokens of a `--query`": 5_000, Count,
        "the longest expressions in AWS's documentation have some 60 tokens";
    QUERY_DEPTH "query-depth" "an expression of `--query`": 200, Levels,
        "reading is recursive; operators that follow each other nest as brackets do, and nobody writes 20";
    QUERY_STEPS "query-steps" "the evaluation of `--query`": 4_000_000, Steps,
        "a page of 1 MB has some 20,000 values; each is looked at once for each part of the expression";
}
