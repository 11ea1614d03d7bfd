//! Choosing the watched call: by key, by the answer's title, and what follows it.

use super::{Played, app, keys, play};

fn played(id: &str, size: (u16, u16), script: &str) -> Played {
    play(app(Some(id), false), size, keys(script))
}

#[test]
fn another_table_is_chosen_and_scanned() {
    let owned = played(
        "a5",
        (160, 45),
        "<shot>[watch]<type Scan Owned>[open]<shot>[predict]\
        [choose Alice's row][predict][choose Alice's row][predict][choose An error][run]\
        [focus-next][focus-next][focus-next][focus-next]<shot>",
    );
    let [before, chosen, ran] = owned.shots.as_slice() else { panic!("three looks") };
    assert!(before.contains("tess ▸ dynamodb:Scan Customer"), "{before}");
    assert!(before.contains("i another call"), "the line over the way says how: {before}");
    assert!(chosen.contains("tess ▸ dynamodb:Scan Owned"), "{chosen}");
    assert!(chosen.contains("watching dynamodb:Scan Owned"), "{chosen}");
    let checks = &owned.app.lab().expect("a lab").view.task.checks;
    let scanned = checks.iter().find(|check| check.say == "tess has scanned Owned");
    assert!(scanned.is_some_and(|check| check.applied == crate::narration::Tick::Done), "{ran}");
    assert!(ran.contains("the table is under an AWS"), "{ran}");
    let storage: Vec<&str> = ran.lines().skip_while(|line| !line.contains("Storage")).collect();
    let first =
        storage.iter().find(|line| ["Customer ", "Managed ", "Owned "].iter().any(|t| line.contains(t)));
    assert!(first.is_some_and(|line| line.contains("Owned ")), "its bytes come first: {ran}");
}

#[test]
fn an_item_and_the_answer_of_kms_are_shown() {
    let item = played(
        "a5",
        (120, 40),
        "[predict][choose Alice's row][predict][choose Alice's row][predict]\
        [choose An error][watch]<type GetItem Owned>[open][run]<shot>",
    );
    assert!(item.last().contains("dynamodb:GetItem Owned 12345"), "{}", item.last());
    assert!(item.last().contains("Alice Johnson"), "{}", item.last());
    assert!(item.last().contains("1 item."), "{}", item.last());
    let key = played("a5", (120, 40), "[identity 1][watch]<type table key of Customer>[open][run]<shot>");
    assert!(key.last().contains("kim ▸ kms:Decrypt table key of Customer"), "{}", key.last());
    assert!(key.last().contains("Plaintext"), "{}", key.last());
    assert!(key.last().contains("s decrypt"), "the footer says what s does: {}", key.last());
}

#[test]
fn a_press_on_the_answers_title_opens_the_list() {
    let guessed = "[predict][choose Alice's row][predict][choose Alice's row][predict][choose An error]";
    let screen = played("a5", (120, 40), &format!("{guessed}<shot>")).last().to_owned();
    let at = |words: &str| {
        let lines = screen.lines().enumerate();
        let mut found = lines.filter_map(|(y, line)| line.split_once(words).map(|(before, _)| (before, y)));
        let (before, y) = found.next().unwrap_or_else(|| panic!("{words:?} is not on:\n{screen}"));
        format!("{guessed}<click {},{y}><shot>", before.chars().count() + words.chars().count() - 1)
    };
    // In the title of the answer, and in the line over the way.
    for words in ["┬─ tess ▸ dyn", "─ tess ▸ dynamodb:Scan "] {
        let open = played("a5", (120, 40), &at(words.trim_end()));
        assert!(open.last().contains("The watched call"), "{words}: {}", open.last());
    }
    // The right end still makes the call.
    let ran = played("a5", (120, 40), &at("s calls"));
    assert!(ran.last().contains("ran 09:"), "{}", ran.last());
}

#[test]
fn two_sessions_compare_the_chosen_call() {
    let both = played("a5", (160, 45), "[compare][watch]<type kms:Encrypt>[open]<shot>");
    let shown = both.last();
    for words in ["tess ▸ kms:Encrypt", "kim ▸ kms:Encrypt"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn starting_again_brings_the_scenarios_own_call_back() {
    let again = played("a5", (120, 40), "[watch]<type Scan Owned>[open][reset][yes]<shot>");
    assert!(again.last().contains("tess ▸ dynamodb:Scan Customer"), "{}", again.last());
}

#[test]
fn a_lesson_names_each_call_by_its_own_table() {
    // The second and the third call of the lesson are scans of two tables, neither of them the watched one.
    let lesson = play(
        app(Some("a5"), false),
        (120, 40),
        keys(
            "[present][cue-on][cue-on]<shot>[cue-on][cue-on]<shot>[cue-on][cue-on]<shot>[cue-on][cue-on]\
            <shot>",
        ),
    );
    let titles = ["Owned", "Managed", "Customer"];
    let seen = titles.iter().filter(|table| {
        let call = format!("dynamodb:Scan {table}");
        lesson.shots.iter().any(|shot| shot.contains(&call))
    });
    assert!(seen.count() >= 2, "{:?}", lesson.shots);
}

#[test]
fn the_matrix_and_the_edits_are_about_the_chosen_call() {
    let table = played("a5", (160, 45), "[watch]<type Scan Managed>[open][matrix]<shot>");
    assert!(table.last().contains("Managed and aws/dynamodb"), "{}", table.last());
    let role = played("b5", (160, 45), "[watch]<type AssumeRole>[open][matrix]<shot>");
    assert!(role.last().contains("role ClinicApp"), "{}", role.last());
    assert!(role.last().contains("sts:AssumeRole"), "{}", role.last());
    let edits = played("a5", (160, 45), "[watch]<type kms:Encrypt>[open][fix]<shot>");
    assert!(edits.last().contains("\"kms:Encrypt\""), "{}", edits.last());
}
