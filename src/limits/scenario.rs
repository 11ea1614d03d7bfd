//! Limits of scenario files.

use super::limits;

limits! {
    FILE "scenario-file" "a scenario file": 2 << 20, Bytes,
        "the longest built-in scenario has 60 KB; 2,000 users with policies of their own have 1 MB";
    PROBLEMS "scenario-problems" "the list of problems in one file": 50, Count,
        "more than a screen holds help nobody; what is wrong is mended from the first on";
    HEAD "scenario-head" "a list at the head of a scenario": 1_000, Count,
        "ideas, myths, sources and identities to play; built-in scenarios have some ten";
    TEXTS "scenario-texts" "the list of paragraphs in story, debrief and hints of a scenario": 500, Count,
        "paragraphs are read by people in 2 to 30 minutes";
    TEXT_SIZE "scenario-text" "the story, the debrief and the hints of a scenario": 128 << 10, Bytes,
        "half an hour of reading has 60 KB, and the screen wraps them anew at each key";
    VARIANTS "scenario-variants" "the list of scenarios that the variants of a file make": 16, Count,
        "each is proved for itself, which takes `check` a second or more";
    VARIANT_TEXT "scenario-variant" "a text of a variant": 200, Bytes,
        "a name or some words; a placeholder of 13 bytes stands for it, as often as the file says so";
    ACCOUNTS "scenario-accounts" "the list of accounts of a world": 100, Count,
        "ten times AWS's own limit for a new organization";
    IDENTITIES "scenario-identities" "the list of users, roles and sessions of a world": 2_000, Count,
        "every `only` asks each of them at every step; built-in worlds have six";
    POLICIES "scenario-policies" "the list of policies of a world, attachments counted": 4_000, Count,
        "each is read and checked as AWS does it when the world is set up";
    KEYS "scenario-keys" "the list of keys and aliases of a world": 500, Count,
        "built-in worlds have two";
    KEY_PAIRS "scenario-key-pairs" "the list of RSA keys that a scenario makes, reckoned in pairs of RSA_2048,": 20, Count,
        "one pair takes 50 ms, of RSA_3072 four times, of RSA_4096 sixteen times as long";
    TABLES "scenario-tables" "the list of tables and VPC endpoints of a world": 200, Count,
        "built-in worlds have three";
    ITEMS "scenario-items" "the list of items of a world": 5_000, Count,
        "each is written by a call of its own, which takes 0.1 ms; built-in worlds have three";
    TASKS "scenario-tasks" "the list of tasks of a scenario": 50, Count,
        "built-in scenarios have three";
    CHECKS "scenario-checks" "the list of checks of a scenario, with claims, feedback and the parts of `all` and `any`": 500, Count,
        "all are asked after each step; built-in scenarios have 28";
    STEPS "scenario-steps" "the list of steps of a scenario, on all its paths": 500, Count,
        "built-in scenarios have 47";
    PAST "scenario-past" "the list of steps that a world's `past` makes, each as often as it is made": 1_000, Count,
        "a log to search has some hundred records; a step takes 0.1 ms";
    EXPANDED "scenario-expanded" "a call with its placeholders filled in": 1 << 20, Bytes,
        "no input of an AWS call is longer than 1 MB";
    FILLED "scenario-filled" "what the placeholders of a path put in": 8 << 20, Bytes,
        "eight inputs of the greatest length; an ARN has some 80 bytes";
    SAVED "scenario-saved" "what the steps of a path save": 8 << 20, Bytes,
        "eight pages of a scan; what is saved for its id has 1 KB";
    DECISIONS "scenario-decisions" "asking all checks of a scenario once": 20_000, Decisions,
        "some 0.3 s, for each step and each key that is pressed; built-in scenarios take 60";
    EXCESSES "scenario-excesses" "the changes that `check` makes to a solution": 2_000, Count,
        "each is a world of its own whose checks are asked; built-in scenarios have some 80";
    PLAYED "scenario-played" "playing the paths of a scenario": 500_000, Decisions,
        "some 8 s for `run` or `check`; the proof of a built-in scenario takes 10,000";
    ROTATIONS "key-rotations" "the list of key materials in a world after that time": 10_000, Count,
        "a key that rotates each year for a century has a hundred; all of them are kept, as AWS keeps them";
}
