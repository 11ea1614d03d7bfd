//! Limits of reports and of what a class hands in.

use super::limits;

limits! {
    FILE "report-file" "a report": 8 << 20, Bytes,
        "the report of a scenario has some 40 KB, a portfolio of all of them 1 MB";
    RECORD "report-record" "the record in a report, unpacked,": 8 << 20, Bytes,
        "a scenario is done in some 50 KB; a list of numbers takes forty times its bytes when it is read";
    LABS "report-labs" "the list of scenarios in a report": 100, Count,
        "the course has some twenty";
    ENTRIES "report-entries" "the list of what was done in one scenario of a report": 20_000, Count,
        "a scenario is done in some 50; a lab of 10,000 calls has somewhat more";
    WORK "report-work" "playing a report again": 128 << 20, Steps,
        "each byte of an answer is a step, and all answers are held; a scenario of the course has less than 1,000,000";
    PATIENCE "report-patience" "playing a report again": 20, Seconds,
        "a scenario of the course is played in less than one; a journal can ask for a thousand key pairs";
    NAME "report-name" "the name in a report": 100, Bytes,
        "it stands in one line";
    ROWS "report-rows" "a table of a report": 200, Count,
        "four pages; what more there is stands in the record, and how much that is, is said";
    CELL "report-cell" "a text in a report": 1_000, Bytes,
        "it is read by people; the record has all of it";
    HAND_INS "hand-ins" "a folder of hand-ins": 2_000, Count,
        "the largest lecture halls hold so many";
}
