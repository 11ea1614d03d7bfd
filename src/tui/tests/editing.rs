//! The editor in the lab: findings, search, layout, statements and completion, by keys through the real loop.

use super::{app, as_it_is, keys, play};
use crate::narration;
use crate::tui::lab_screen::LabScreen;

fn lab_of(played: &super::Played) -> &LabScreen {
    played.app.lab().expect("a lab is open")
}

#[test]
fn findings_of_the_service_stand_under_the_text_while_it_is_typed() {
    // The action of the only statement is misspelt; the cursor stands on it, so the remedy is shown too.
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[edit][search in editor]<type kms:*><Enter><Right><Right><Right><Right><Right><BS>\
                <type Decript><shot><Down><shot>",
        ),
    );
    let [on, off] = played.shots.as_slice() else { panic!("two looks") };
    assert!(on.contains("warning: "), "{on}");
    assert!(on.contains("kms:Decrypt"), "the remedy names what was meant: {on}");
    assert!(!off.contains("Did you mean"), "{off}");
    let findings = lab_of(&played).editor.findings();
    assert!(findings.iter().any(|f| f.message.contains("no action Decript")), "{findings:?}");
}

#[test]
fn a_draft_nobody_could_ever_change_again_is_warned_about() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/kim"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
    let script = format!("[edit]{}<paste {policy}><Home><Home><shot>", "[delete-line]".repeat(40));
    let played = play(app(Some("a3"), false), (160, 40), keys(&script));
    assert!(
        played.last().contains("kms:PutKeyPolicy is lost with this policy: no statement"),
        "{}",
        played.last()
    );
}

#[test]
fn search_goes_on_and_back_and_says_where_it_is() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[search in lab]<type \"><Enter><shot>[search-next in lab]<shot>[search-previous]\
            [search-previous]<shot>[back][search in lab]<type zebra><Enter><shot>",
        ),
    );
    let all = played.shots[0].split("place 1 of ").nth(1).expect("the first quote");
    let all: usize = all.split([' ', ';']).next().and_then(|n| n.parse().ok()).expect("a number");
    assert!(played.shots[1].contains("place 2 of"), "{}", played.shots[1]);
    assert!(played.shots[2].contains(&format!("place {all} of")), "{}", played.shots[2]);
    assert!(all > 10);
    assert!(played.shots[3].contains("`zebra` is not in this document"), "{}", played.shots[3]);
}

#[test]
fn the_next_finding_is_one_key_away() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[edit]<Down><Down><End><type x>[back][top]\
        [next-finding]",
        ),
    );
    let lab = lab_of(&played);
    let first = &lab.editor.findings()[0];
    assert_eq!(lab.editor.cursor(), (first.line, first.column));
}

#[test]
fn every_kind_of_document_is_in_the_list_and_opens() {
    let played = play(app(Some("a3"), false), (120, 40), keys("[documents]<shot><type table>[open]<shot>"));
    let [list, open] = played.shots.as_slice() else { panic!("two looks") };
    for group in ["Key policies", "Identity policies", "Resource policies of tables", "Items"] {
        assert!(list.contains(group), "{group}: {list}");
    }
    assert!(open.contains("Resource policy of table"), "{open}");
    assert!(open.contains("not there yet"), "{open}");
}

#[test]
fn a_table_policy_flips_on_the_draft_and_is_put_by_the_acting_identity() {
    // tess has DynamoDBFullAccess; a Deny in the table's own policy takes the scan away before KMS is asked.
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/kim"},"Action":"dynamodb:Scan","Resource":"*"}]}"#;
    let script = format!(
        "[documents]<type table>[open][edit]{}<paste {deny}><shot>[back][apply]\
        <shot>",
        "[delete-line]".repeat(30)
    );
    let played = play(app(Some("a3"), false), (120, 40), keys(&script));
    let kim = |shot: &str| shot.lines().find(|l| l.contains("1 kim")).unwrap_or_default().to_owned();
    assert!(kim(&played.shots[0]).contains("✓ → ✗"), "{}", played.shots[0]);
    let put = &played.shots[1];
    assert!(put.contains("✓ dynamodb:PutResourcePolicy on CustomerData"), "{put}");
    // That it breaks a promise is said before everything else; which one stands among the checks.
    assert!(put.contains("✗ promise broken ✓ 1 of 4 principals lost Scan"), "{put}");
    assert!(
        put.contains("nobody gains or loses anything, except that tess may decrypt (promise broken)"),
        "{put}"
    );
}

#[test]
fn an_item_is_put_by_whoever_acts_and_read_by_whoever_may() {
    let put = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[documents]<type new item>[open]<shot>[edit][search in editor]<type new1><Enter><Right>\
                <type x>[back]<shot>[apply]<shot>[identity 2]<shot>",
        ),
    );
    let [opened, draft, done, tess] = put.shots.as_slice() else { panic!("four looks") };
    assert!(opened.contains("New item"), "{opened}");
    assert!(draft.contains("nxew1"), "the answer on the draft holds the new item: {draft}");
    assert!(done.contains("dynamodb:PutItem by kim: done"), "{done}");
    assert!(done.contains("Item"), "{done}");
    assert!(!tess.contains("nxew1"), "tess may not decrypt, so the item leaves the screen: {tess}");
    let lab = lab_of(&put);
    assert!(!lab.dirty());
}

#[test]
fn an_item_that_is_refused_stays_a_draft() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[identity 2][documents]<type new item>[open][edit][search in editor]<type new1><Enter><Right>\
            <type x>[back][apply]<shot>",
        ),
    );
    assert!(played.last().contains("is not authorized to perform: kms:"), "{}", played.last());
    assert!(lab_of(&played).dirty());
}

#[test]
fn versions_tell_who_changed_a_document_and_go_back_into_the_draft() {
    let script = "[identity 1][edit][snippet][choose Key user][choose tess][back][apply][versions]<shot>[choose 2]<shot>\
        [open]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    let [list, diff, back] = played.shots.as_slice() else { panic!("three looks") };
    assert!(list.contains("kms:PutKeyPolicy") && list.contains("as the scenario begins"), "{list}");
    assert!(diff.contains("The draft against"), "{diff}");
    assert!(back.contains("draft"), "{back}");
    let lab = lab_of(&played);
    assert!(lab.dirty(), "the older version is a draft, not applied");
    let versions = narration::versions(lab.session.lab());
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1].0.as_deref(), Some(lab.editor.text().as_str()));
}

/// The editor holding a text, the cursor behind it.
fn editing(text: &str, more: &str) -> super::Played {
    let clear = "[delete-line]".repeat(20);
    play(app(Some("a3"), false), (120, 40), keys(&format!("[edit]{clear}<paste {text}>{more}")))
}

/// What is offered at the end of a text.
fn offered(text: &str) -> Vec<String> {
    let played = editing(text, "");
    let lab = lab_of(&played);
    narration::completions(lab.session.lab(), &lab.editor.place())
}

#[test]
fn names_are_offered_where_names_belong_and_values_where_values_do() {
    assert_eq!(offered("{"), ["Version", "Id", "Statement"]);
    assert_eq!(offered(r#"{"Version": "2012-10-17", ""#), ["Id", "Statement"]);
    assert_eq!(offered(r#"{"Version": ""#), ["2012-10-17", "2008-10-17"]);
    let statement = |rest: &str| offered(&format!(r#"{{"Statement": [{{{rest}"#));
    let names = statement(r#""Sid": "x", "Action": "kms:*", ""#);
    assert_eq!(
        names,
        ["Effect", "NotAction", "Resource", "NotResource", "Condition", "Principal", "NotPrincipal"]
    );
    assert_eq!(statement(r#""eff"#), ["Effect"]);
    assert_eq!(statement(r#""Effect": ""#), ["Allow", "Deny"]);
    assert_eq!(statement(r#""Principal": {""#), ["AWS", "Service", "Federated", "CanonicalUser"]);
    assert!(statement(r#""Principal": {"AWS": ""#).iter().all(|p| p.starts_with("arn:aws:iam") || p == "*"));
    assert!(statement(r#""Action": ["kms:Dec"#).contains(&"kms:Decrypt".to_owned()));
    assert_eq!(statement(r#""Condition": {"StringEqualsI"#), ["StringEqualsIgnoreCase"]);
    assert_eq!(statement(r#""Condition": {"StringEquals": {"kms:ViaS"#), ["kms:ViaService"]);
    for own in [statement(r#""Sid": ""#), offered(r#"{"Statement": [""#), offered("\"")] {
        assert_eq!(own, Vec::<String>::new());
    }
}

#[test]
fn a_completed_word_brings_its_quotes_and_a_name_its_colon() {
    let text = |before: &str, more: &str| {
        lab_of(&editing(
            before,
            &format!(
                "[palette in editor]<type Complete the name>\
            [open]{more}"
            ),
        ))
        .editor
        .text()
    };
    assert_eq!(text(r#"{"Statement": [{Eff"#, ""), r#"{"Statement": [{"Effect": "#);
    assert_eq!(text(r#"{"Statement": [{"Eff"#, ""), r#"{"Statement": [{"Effect": "#);
    assert_eq!(text(r#"{"Statement": [{"Effect": De"#, ""), r#"{"Statement": [{"Effect": "Deny""#);
    assert_eq!(text(r#"{"Statement": [{"Effect": "De"#, ""), r#"{"Statement": [{"Effect": "Deny""#);
    assert_eq!(text(r#"{"Statement": [{"Eff": 1"#, ""), r#"{"Statement": [{"Eff": 1"#);
}

#[test]
fn what_is_typed_narrows_the_completions() {
    let script = "[edit][snippet][choose Key user as in the console][choose tess]<Down><Down><Down><Down><End>[complete]";
    let wide = play(app(Some("a3"), false), (120, 40), keys(&format!("{script}<shot>")));
    assert!(wide.last().contains("dynamodb:Scan"), "{}", wide.last());
    let narrow =
        play(app(Some("a3"), false), (120, 40), keys(&format!("{script}<type \"kms:GenerateM><shot>")));
    assert!(
        narrow.last().contains("kms:GenerateMac") && !narrow.last().contains("dynamodb:Scan\""),
        "{}",
        narrow.last()
    );
    let text = narrow.app.lab().expect("a lab").editor.text();
    assert!(text.contains("\"kms:GenerateM"), "it is in the text, too: {text}");
}

#[test]
fn a_completed_value_is_parted_from_the_next_one() {
    let script = "[edit][snippet][choose Key user as in the console][choose tess]<Down><Down><Down><Down><End>[complete]";
    for typed in ["", "<type \"kms:GetKeyP>"] {
        let done = play(app(Some("a3"), false), (120, 40), keys(&format!("{script}{typed}[open]<shot>")));
        let view = &done.app.lab().expect("a lab").view;
        assert!(view.document.valid, "{typed}: {}", done.last());
        assert!(done.last().contains("valid · 2 statements"), "{typed}: {}", done.last());
    }
}

/// Goes to the statement for the user of a key.
const HERE: &str = "[search in editor]<type KeyUser><Enter>";

#[test]
fn a_statement_is_taken_out_set_aside_and_put_back_by_a_key() {
    let add = "[edit][snippet][choose Key user][choose tess]";
    let start = play(app(Some("a3"), false), (120, 40), keys(&format!("{add}<shot>")));
    let (two, lab) = (lab_of(&start).editor.text(), lab_of(&start));
    assert_eq!(lab.view.document.statements, Some(2));
    // The cursor stands on the statement that was inserted.
    let out = play(
        app(Some("a3"), false),
        (120, 40),
        keys(&format!("{add}[remove-statement]<shot>[text-undo]<shot>{HERE}[toggle-statement]<shot>")),
    );
    let [gone, back, aside] = out.shots.as_slice() else { panic!("three looks") };
    assert!(gone.contains("valid · 1 statement"), "{gone}");
    assert!(back.contains("valid · 2 statements"), "one undo brings it back: {back}");
    assert!(aside.contains("set aside") && aside.contains("1 statement"), "{aside}");
    let mut left = out.app;
    left.shell.exit = None;
    let again = play(left, (120, 40), keys("[toggle-statement]<shot>[remove-statement][toggle-statement]"));
    assert!(again.last().contains("valid · 2 statements"), "{}", again.last());
    let twice = play(
        app(Some("a3"), false),
        (120, 40),
        keys(&format!("{add}[toggle-statement][text-undo]{HERE}[toggle-statement]<shot>[toggle-statement]")),
    );
    assert!(twice.last().contains("1 statement"), "undo has brought it back: {}", twice.last());
    assert_eq!(lab_of(&twice).editor.text(), two, "nothing stands twice");
    let nowhere = play(app(Some("a3"), false), (120, 40), keys("[edit][remove-statement]<shot>"));
    assert!(nowhere.last().contains("the cursor is in no statement"), "{}", nowhere.last());
    assert!(!lab_of(&nowhere).dirty());
}

#[test]
fn a_statement_is_for_whoever_is_chosen() {
    let asked = play(app(Some("a3"), false), (120, 40), keys("[edit][snippet][choose Key user]<shot>"));
    assert!(asked.last().contains("For whom?"), "{}", asked.last());
    assert!(!lab_of(&asked).dirty(), "nothing is inserted for somebody whom nobody named");
    for who in ["kim", "tess"] {
        let script = format!("[edit][snippet][choose Key user][choose {who}]");
        let text = lab_of(&play(app(Some("a3"), false), (120, 40), keys(&script))).editor.text();
        assert!(
            text.contains(&format!("\"Principal\": {{ \"AWS\": \"arn:aws:iam::111122223333:user/{who}\" }}")),
            "{text}"
        );
        assert!(!text.contains("user/whom"), "{text}");
    }
    // One that names nobody is inserted at once.
    let account = play(app(Some("a3"), false), (120, 40), keys("[edit][snippet][choose Account]"));
    assert!(lab_of(&account).dirty());
}

#[test]
fn a_whole_policy_pasted_takes_the_place_of_the_text_in_one_step() {
    let policy = r#"{"Version": "2012-10-17", "Statement": []}"#;
    let paste = |script: &str| lab_of(&play(app(Some("a3"), false), (120, 40), keys(script))).editor.text();
    let before = paste("[edit]");
    assert_eq!(paste(&format!("[edit]<Down><Down><paste {policy}>")), policy);
    assert_eq!(paste(&format!("[edit]<Down><Down><paste {policy}>[text-undo]")), before);
    assert_eq!(paste("[edit][select-all]<paste x>"), "x");
    assert_eq!(paste("[edit][select-all]<paste x>[text-undo]"), before);
    assert_eq!(paste("[edit][select-all]<type y>"), "y");
    assert_eq!(paste("[edit]<paste \"Sid\": \"a\",>"), format!("\"Sid\": \"a\",{before}"));
}

#[test]
fn somebody_else_acts_while_letters_are_typed() {
    let script = "[predict][choose Allowed: the key policy names][edit]<type  >[identity 2 in editor]<shot><Esc>[console]\
                  [identity 1 in console]<shot>";
    for size in [(80, 24), (120, 40)] {
        let played = play(app(Some("a3"), false), size, keys(script));
        let [editing, typing] = played.shots.as_slice() else { panic!("two looks") };
        assert!(editing.contains("EDIT") && editing.contains("Alt-1-9 acts"), "{editing}");
        assert!(editing.contains("tess would call"), "{editing}");
        assert!(typing.contains("CONSOLE") && typing.contains("kim>"), "{typing}");
        assert!(lab_of(&played).editor.text().starts_with(" {"), "the digits were no text");
    }
    // The policy of the person before stays under the cursor.
    let own = play(
        app(Some("a3"), false),
        (120, 40),
        keys("[next-document]<shot>[edit][identity 2 in editor]<shot>"),
    );
    let title = |shot: &str| shot.lines().find(|line| line.contains("2/")).map(str::to_owned);
    assert!(title(&own.shots[0]).is_some(), "{}", own.shots[0]);
    assert!(lab_of(&own).typing, "{}", own.last());
}

#[test]
fn a_broken_draft_says_where_and_gives_no_verdict() {
    let script = "[predict][choose Allowed: the key policy names][edit][snippet][choose Key user][choose tess]<shot><End><type x><shot><BS><shot>";
    for size in [(80, 24), (120, 40)] {
        let played = play(app(Some("a3"), false), size, keys(script));
        let [flips, broken, mended] = played.shots.as_slice() else { panic!("three looks") };
        assert!(flips.contains("on your draft") || size.0 < 96, "{flips}");
        let line = lab_of(&play(app(Some("a3"), false), size, keys(&script.replace("<BS><shot>", ""))))
            .view
            .broken
            .clone();
        assert!(line.starts_with("line ") && broken.contains(&format!("draft ✗ {line}")), "{broken}");
        for words in ["on your draft", "on draft", "All green", "1 flip"] {
            assert!(!broken.contains(words), "{words}: {broken}");
        }
        // The cursor stands at the end of its line now.
        let but_state =
            |shot: &str| -> String { shot.lines().filter(|line| !line.contains("13:")).collect() };
        assert_eq!(but_state(mended), but_state(flips), "the last letter is taken back");
    }
    let broken = play(app(Some("a3"), false), (120, 40), keys(&script.replace("<BS><shot>", "")));
    let view = &lab_of(&broken).view;
    assert!(view.stale && view.identities.iter().all(|row| row.stale && row.shown() == row.applied.mark()));
    assert!(view.task.checks.iter().all(|check| check.draft.is_none()));
    assert_eq!((view.path.was, view.answer.was.as_ref()), (None, None));
    let buffer = super::cells(&broken, (120, 40));
    let struck = |(text, style): &(String, ratatui::style::Style)| {
        text == "✓" && style.add_modifier.contains(ratatui::style::Modifier::CROSSED_OUT)
    };
    assert!(buffer.iter().any(struck), "her verdict on the last text is struck out");
}

#[test]
fn what_is_wrong_is_told_whole_where_there_is_room() {
    // The cursor is elsewhere.
    let policy = "{\"Version\": \"2012-10-17\", \"Statement\": [\n{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \
        \"arn:aws:iam::111122223333:user/nobody-of-that-name\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}\n]}";
    let script = format!("[edit]<paste {policy}>");
    let whole = |size| {
        let played = play(app(Some("a3"), false), size, keys(&format!("{script}<shot>")));
        let message = lab_of(&played).editor.findings()[0].message.clone();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let frame = |word: &String| !matches!(word.as_str(), "│" | "┃" | "║" | "|");
        let shown: Vec<String> = words(played.last()).into_iter().filter(frame).collect();
        (words(&message), shown, played.last().to_owned())
    };
    let (message, shown, screen) = whole((160, 50));
    let at = |word: &String| shown.iter().position(|other| other == word);
    assert!(message.iter().all(|word| at(word).is_some()), "{message:?}\n{screen}");
}

#[test]
fn the_end_of_an_arn_is_seen_where_a_line_does_not_fit() {
    let played = play(app(Some("a3"), false), (80, 24), keys("[focus-next]<shot>"));
    let named = play(app(Some("a3"), false), (110, 40), keys("[focus-next]<shot>"));
    for shot in [played.last(), named.last()] {
        let cut = shot.lines().find(|line| line.contains("\"AWS\": \"arn:") && line.contains("…\u{2502}"));
        assert_eq!(cut, None, "{shot}");
    }
    let wide = |width| {
        let policy = format!(
            "{{\"Statement\": [{{ {}\"Principal\": {{ \"AWS\": \"arn:aws:iam::111122223333:user/tess\" }} }}\n]}}",
            " ".repeat(12)
        );
        let script = format!("[edit]<paste {policy}><Down><shot>");
        play(app(Some("a3"), false), (width, 24), keys(&script))
    };
    let narrow = wide(80);
    assert!(narrow.last().contains("…:user/tess"), "{}", narrow.last());
}

#[test]
fn titles_begin_with_whose_a_policy_is() {
    let script = "[documents]<type user tess inline>[open]<shot>";
    for size in [(80, 24), (120, 40)] {
        let played = play(app(Some("a4"), false), size, keys(script));
        assert!(played.last().contains("tess ▸ "), "{}", played.last());
        assert_eq!(lab_of(&played).view.document.owner, "tess");
    }
}

#[test]
fn an_open_quote_says_so_and_how_to_throw_the_line_away() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys("[console]<type echo 'a><shot>[run-line]<shot><type '><shot>"),
    );
    let [open, next, closed] = played.shots.as_slice() else { panic!("three looks") };
    for shot in [open, next] {
        assert!(
            shot.contains("the quote is still open") && shot.contains("^C throws the line away"),
            "{shot}"
        );
    }
    assert!(!closed.contains("still open") && closed.contains("runs the line"), "{closed}");
}

#[test]
fn the_cursor_is_a_bar_where_letters_are_text() {
    use crate::tui::message::Effect;
    let bars = |script: &str| -> Vec<bool> {
        let played = play(app(Some("a3"), false), (120, 40), keys(script));
        played.effects.iter().filter_map(|e| if let Effect::Bar(on) = e { Some(*on) } else { None }).collect()
    };
    assert_eq!(bars("[edit][back]"), [true, false]);
    assert_eq!(bars("[console][back]"), [true, false]);
    assert_eq!(bars("[edit]<type x>[snippet][back][back]"), [true, false, true, false]);
    assert_eq!(bars("[matrix][back][identity 2]"), Vec::<bool>::new());
}

#[test]
fn the_line_of_a_statement_is_the_one_on_the_screen() {
    // In front of the statement that refuses stands another one in the draft.
    let script = "[identity 2][edit]<Down><Down><End><Enter><Enter>[apply]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    let text = lab_of(&played).editor.text();
    for line in played.last().lines().filter(|line| line.contains("key policy") && line.contains("  line ")) {
        let number: usize =
            line.rsplit("  line ").next().and_then(|n| n.split(' ').next()?.parse().ok()).expect("a number");
        assert!(
            text.lines().nth(number - 1).is_some_and(|line| line.trim_start().starts_with('{')),
            "{number}: {text}"
        );
    }
}

#[test]
fn the_list_selects_the_scenario_that_was_left() {
    let played = play(app(Some("a3"), false), (120, 40), keys("[home]"));
    assert_eq!(played.app.home.chosen().map(|row| row.short.clone()).as_deref(), Some("A3"));
    let next = play(app(Some("a3"), false), (120, 40), keys("[run][next][yes][home]"));
    assert_eq!(next.app.home.chosen().map(|row| row.short.clone()).as_deref(), Some("A4"));
}

#[test]
fn each_document_keeps_its_draft_and_its_steps_of_undo() {
    let script = "[edit]<type  >[back][next-document]<shot>[edit]<type  >[back]<shot>[documents]<shot>[back]\
                  [next-document][next-document][next-document]<shot>[edit][text-undo]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    let [one, two, list, back, undone] = played.shots.as_slice() else { panic!("five looks") };
    assert!(!one.contains("lose it") && one.contains("2/4"), "{one}");
    assert!(two.contains("2 drafts ●") && two.contains("2 drafts: no flip"), "{two}");
    assert!(two.contains("2 drafts not applied"), "{two}");
    assert_eq!(list.matches("draft · ").count(), 2, "{list}");
    assert!(back.contains("1/4") && back.contains("+1"), "{back}");
    assert!(undone.contains("1/4") && lab_of(&played).view.drafts == 1, "{undone}");
}

#[test]
fn all_drafts_are_applied_in_one_go_in_the_order_that_is_shown() {
    let script = "[edit]<type  >[back][next-document][edit]<type  >[back][apply-all]<shot>[no]<shot>[apply-all][yes]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    let [asked, kept, done] = played.shots.as_slice() else { panic!("three looks") };
    let squeezed = asked.split_whitespace().filter(|w| *w != "│" && *w != "┃").collect::<Vec<_>>().join(" ");
    for words in [
        "In this order: 1.",
        "dynamodb-encryption-key (kms:PutKeyPolicy), 2. kim: KeyAdmin (iam:PutUserPolicy).",
    ] {
        assert!(squeezed.contains(words), "{words} {asked}");
    }
    assert!(kept.contains("2 drafts"), "{kept}");
    assert!(done.contains("of 2 applied"), "{done}");
    let lab = lab_of(&played).session.lab();
    assert_eq!(
        lab.history().done()[0].call().map(|made| made.call.action()).as_deref(),
        Some("kms:PutKeyPolicy")
    );
}

/// A policy names a key by its id; which key that is stands behind the line.
#[test]
fn the_name_of_a_key_stands_beside_its_id() {
    for size in [(80, 24), (100, 30), (120, 40), (200, 60)] {
        let played = play(app(Some("b1"), false), size, keys("[documents]<type dana><Enter><shot>"));
        let named =
            |line: &&str| line.contains(":key/") && (line.contains("(north)") || line.contains("(south)"));
        assert!(played.last().lines().any(|line| named(&line)), "{size:?}: {}", played.last());
        let text = played.app.lab().expect("a lab").editor.text();
        assert!(!text.contains("(north)"), "it is no part of the text");
    }
}

#[test]
fn a_statement_is_put_together_from_parts() {
    let played = play(
        as_it_is(Some("a3"), false),
        (120, 40),
        keys(
            "[predict][choose Allowed][edit][snippet]<shot><Down><Right><Right><Down><Left><Left><Enter><shot>\
                <Right><Down><Right><Right><shot><Enter>[back]<shot>",
        ),
    );
    let [open, half, whole, put] = played.shots.as_slice() else { panic!("four looks") };
    assert!(open.contains("Put a statement together") && open.contains("____ ____ ____"), "{open}");
    assert!(half.contains("It allows tess ____ ____."), "{half}");
    assert!(half.contains("choose the Action first"), "Enter goes to what is missing: {half}");
    assert!(whole.contains("It allows tess to decrypt with this key."), "{whole}");
    assert!(!whole.contains("ALLOWED then"), "what it changes is seen on the draft: {whole}");
    assert!(put.contains("TessReads"), "{put}");
    // Nothing was written that was not chosen: it is no help.
    assert!(lab_of(&played).session.lab().help_taken().is_empty());
    assert!(lab_of(&played).session.lab().draft().is_some_and(|draft| draft.is_valid() && draft.is_edited()));
}

/// First stands whom the statement is most likely for; each has the number that it acts by.
#[test]
fn whoever_was_refused_comes_first_for_a_statement() {
    use crate::tui::overlays::{Overlay, menus};
    let rows = |script: &str| {
        let played = play(app(Some("a3"), false), (100, 30), keys(&format!("{script}<shot>")));
        let Some(Overlay::Menu(menu)) = played.app.shell.overlays.last() else { panic!("{}", played.last()) };
        let rows = menu.rows.iter().map(|row| format!("{} {}", row.key, row.label));
        rows.collect::<Vec<_>>().join(", ")
    };
    let asked = "[edit][snippet][choose Key user]";
    // Nobody was refused yet: she would be.
    assert_eq!(rows(&format!("[predict][choose Allowed]{asked}")), "2 tess, 1 kim, 3 root");
    let refused = "[predict][choose Allowed][identity 2][run][identity 3]";
    assert_eq!(rows(&format!("{refused}{asked}")), "2 tess, 1 kim, 3 root");
    // Her name is under the cursor; a digit is whoever has that number.
    for (chosen, who) in [("[open]", "user/tess"), ("<type 1>", "user/kim")] {
        let script = format!("[predict][choose Allowed]{asked}{chosen}<shot>");
        let played = play(app(Some("a3"), false), (100, 30), keys(&script));
        assert!(lab_of(&played).editor.text().contains(who), "{}", played.last());
    }
    // Where nobody would be refused, it is whoever acts.
    let all = play(app(Some("a3"), false), (100, 30), keys("[identity 3][run]"));
    let snippet = crate::narration::snippets(lab_of(&all).session.lab()).into_iter().next().expect("one");
    assert!(!menus::for_whom(lab_of(&all), &snippet).rows.is_empty());
}
