//! What can be read where there is little room: nothing is cut without a way to see it whole.

use super::{app, keys, play};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Region};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::menu::MenuKind;
use crate::tui::shell::Exit;
use crate::tui::theme::{Theme, ThemeName};

const SMALL: (u16, u16) = (80, 24);

fn lab_of(played: &super::Played) -> &LabScreen {
    played.app.lab().expect("a lab is open")
}

/// Where the words stand on the screen, counted from 0.
fn place(screen: &str, words: &str) -> (usize, usize) {
    let (y, line) = screen.lines().enumerate().find(|(_, l)| l.contains(words)).expect("the words are there");
    let (before, _) = line.split_once(words).expect("they are in it");
    (before.chars().count(), y)
}

#[test]
fn while_somebody_types_the_text_has_twelve_lines_and_the_verdicts_stay() {
    let played = play(
        app(Some("a3"), false),
        SMALL,
        keys(
            "[identity 2][edit][snippet][choose Key user][choose tess]\
        <shot>",
        ),
    );
    let screen = played.last();
    let numbered = screen.lines().filter(|l| {
        let line: String = l.trim_start_matches(['│', '▎']).chars().take(6).collect();
        line.trim().parse::<usize>().is_ok()
    });
    assert!(numbered.count() >= 12, "{screen}");
    assert!(screen.contains("1 kim ✓"), "{screen}");
    assert!(screen.contains("▸2 tess ✗ → ✓"), "{screen}");
    assert!(screen.contains("Let tess read the table: guess (v)"), "{screen}");
    assert!(screen.contains("checks ☐ 1/4 → ☐ 3/4"), "{screen}");
    assert!(screen.contains("✗ DENIED → ✓ ALLOWED"), "{screen}");
}

#[test]
fn a_press_on_somebody_above_the_editor_acts_and_stays_in_the_text() {
    let open = play(app(Some("a3"), false), SMALL, keys("[edit]<shot>"));
    let (x, y) = place(open.last(), "3 root");
    let played = play(app(Some("a3"), false), SMALL, keys(&format!("[edit]<click {x},{y}><type z><shot>")));
    assert!(played.last().contains("▸3 root"), "{}", played.last());
    assert!(lab_of(&played).typing);
    // On the task it leaves the text and shows what belongs to the task.
    let (x, y) = place(open.last(), "Let tess");
    let played = play(app(Some("a3"), false), SMALL, keys(&format!("[edit]<click {x},{y}><shot>")));
    assert_eq!((lab_of(&played).typing, lab_of(&played).focus), (false, Pane::Story));
    assert!(played.app.regions().pane(Pane::Story).is_some(), "{}", played.last());
    assert!(played.last().contains("☐ and it is the key policy"), "the checks are back: {}", played.last());
}

#[test]
fn everybody_stands_in_one_line_however_many_there_are() {
    for ascii in [false, true] {
        let played = play(app(Some("free-sample"), ascii), SMALL, keys("[edit]<shot>"));
        let place = played.app.regions().get(Region::Folded(Pane::Identities)).expect("a line");
        let line = played.last().lines().nth(usize::from(place.y)).expect("it is drawn").to_owned();
        let count = lab_of(&played).view.identities.len().min(9);
        for number in 1..=count {
            assert!(line.contains(&format!("{number} ")), "{number}: {line}");
        }
    }
}

#[test]
fn what_the_text_and_the_answer_are_stands_in_their_titles_at_every_width() {
    for width in [56, 64, 80, 100, 104, 120, 200] {
        let shots = play(
            app(Some("a3"), false),
            (width, 40),
            keys(
                "[identity 2]<shot>[run]<shot>[edit][snippet]\
                [choose Key user][choose tess][back]<shot>[compare]<shot>",
            ),
        )
        .shots;
        for (shot, words) in shots.iter().zip(["preview", "ran 09:00:00", "draft ●", "on draft"]) {
            assert!(shot.contains(words), "{words} at {width}: {shot}");
        }
        assert!(shots[2].contains("on draft"), "{width}: {}", shots[2]);
    }
}

#[test]
fn that_an_answer_does_not_follow_the_draft_stands_above_its_error() {
    let played = play(
        app(Some("a3"), false),
        SMALL,
        keys(
            "[identity 2][edit][snippet][choose Key user][choose tess]\
        [back][run]<shot>",
        ),
    );
    let (_, caveat) = place(played.last(), "With the draft it would be allowed");
    let (_, error) = place(played.last(), "KMS key access denied error");
    assert!(caveat < error, "{}", played.last());
}

/// The screen's words in order, without frames and blanks.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"│┊╭╮╰╯─▲▼".contains(*c)).collect()
}

#[test]
fn each_row_of_a_window_can_be_read_whole() {
    for (scenario, open, kind) in [
        ("a3", "[palette in lab]", MenuKind::Palette),
        ("a3", "[help in lab]", MenuKind::Help),
        ("a3", "[clock]", MenuKind::Clock),
        ("a3", "[documents]", MenuKind::Documents),
        ("a3", "[edit][snippet]", MenuKind::Snippets),
        ("a3", "[identity 2][fix]", MenuKind::Fixes),
        ("c2", "[keys][keys]", MenuKind::Key),
        ("a3", "[who-can]<type kms:Decrypt>[open]", MenuKind::WhoCanTo("kms:Decrypt".into())),
    ] {
        for size in [SMALL, (120, 40), (200, 60)] {
            let played = play(app(Some(scenario), false), size, keys(open));
            let Some(Overlay::Menu(menu)) = played.app.shell.overlays.last() else {
                panic!("{open}: no menu")
            };
            assert_eq!(menu.kind, kind);
            let items = menu.shown();
            let script: String = items.iter().map(|_| "<shot>[down]").collect();
            let played = play(app(Some(scenario), false), size, keys(&format!("{open}{script}")));
            for (item, shot) in items.iter().zip(&played.shots) {
                // Cells left and right of the window do not belong to it.
                let inside: Vec<String> = shot.lines().map(squeezed).collect();
                let inside = inside.concat();
                let words = item.label.split_whitespace().chain(item.detail.split_whitespace());
                for word in words {
                    assert!(inside.contains(&squeezed(word)), "{open} {word} at {size:?}: {shot}");
                }
            }
        }
    }
}

#[test]
fn windows_take_the_width_their_rows_need() {
    let played = play(app(Some("a3"), false), (120, 40), keys("[palette in lab]<shot>"));
    let row = played.last().lines().find(|l| l.contains("Apply the draft")).expect("the row");
    assert!(row.contains("AWS may refuse it"), "{row}");
}

#[test]
fn a_long_line_of_a_comparison_is_wrapped() {
    let long = "x".repeat(150);
    let script = format!("[edit]<Down><Down><End><paste {long}END>[back][diff][down][down]<shot>");
    let played = play(app(Some("a3"), false), SMALL, keys(&script));
    assert!(played.last().contains("END"), "{}", played.last());
}

#[test]
fn rows_cut_in_the_identities_are_whole_one_key_away() {
    let played = play(app(Some("c2"), false), SMALL, keys("<shot>[open]<shot>"));
    assert!(played.shots[0].contains("Enter everybody"), "{}", played.shots[0]);
    let view = &lab_of(&played).view;
    for resource in &view.resources {
        assert!(played.shots[1].contains(&resource.name), "{}: {}", resource.name, played.shots[1]);
    }
    for who in &view.identities {
        assert!(played.shots[1].contains(&who.name), "{}", played.shots[1]);
    }
}

#[test]
fn what_is_stored_unfolds_where_it_is_read() {
    let mut app = app(Some("a3"), false);
    super::lab_mut(&mut app).focus = Pane::Storage;
    let played = play(app, SMALL, keys("<shot>[why]<shot>"));
    for words in ["no API returns this", "Enter marks now", "w all bytes"] {
        assert!(played.shots[0].contains(words), "{words}: {}", played.shots[0]);
    }
    assert_eq!(lab_of(&played).focus, Pane::Storage);
    assert!(lab_of(&played).expanded);
    assert!(played.shots[1].contains("w fewer bytes"), "{}", played.shots[1]);
}

#[test]
fn the_theme_key_offers_what_suits_first_and_says_what_does_not() {
    let mut dark = app(Some("a3"), false);
    dark.shell.light = Some(false);
    dark.shell.theme = Theme::new(ThemeName::Dark);
    let rounds = ThemeName::ALL.len();
    let played = play(dark, SMALL, keys(&"[theme]<shot>".repeat(rounds)));
    let said: Vec<String> = played
        .shots
        .iter()
        .map(|shot| {
            shot.lines().find_map(|l| l.split_once("theme: ")).map_or("", |(_, name)| name).to_owned()
        })
        .collect();
    assert_eq!(said[rounds - 2], "light, for a light background", "{said:?}");
    assert_eq!(said[rounds - 1], "dark", "{said:?}");
    assert_eq!(played.app.shell.theme.name, ThemeName::Dark);
}

#[test]
fn the_selected_key_or_grant_is_shown_whole() {
    let played =
        play(app(Some("c2"), false), SMALL, keys("[keys]<shot>[down]<shot>[down]<shot>[down]<shot>"));
    let grants = &lab_of(&played).view.keys[0].grants;
    assert_eq!(grants.len(), 3);
    for (grant, shot) in grants.iter().zip(&played.shots[1..]) {
        for word in grant.operations.split_whitespace().chain(grant.only_for.split_whitespace()) {
            assert!(shot.contains(word), "{word}: {shot}");
        }
    }
    // A press on the second line of the wrapped row is on that row.
    let (x, y) = place(&played.shots[1], "grant");
    let click = format!("[keys][down]<click {x},{}><shot>", y + 1);
    let played = play(app(Some("c2"), false), SMALL, keys(&click));
    assert_eq!(lab_of(&played).keys_selected, 1, "{}", played.last());
}

#[test]
fn what_a_scenario_is_about_fits_whole() {
    let home = app(None, false);
    let count = home.home.library().len();
    let script = "<shot>[down]".repeat(count);
    for shot in play(home, SMALL, keys(&script)).shots {
        let (_, about) = shot.split_once(" About ").expect("the lower pane");
        assert!(!about.contains('▼'), "{shot}");
    }
}

#[test]
fn lines_can_be_dragged_on_a_small_screen_and_hidden_panes_leave_their_rows() {
    // With more columns the identities have a column, with more rows the answer a place of its own.
    let size = (100, 40);
    let start = play(app(Some("a3"), false), size, keys("<shot>"));
    let rect = |played: &super::Played, pane| played.app.regions().pane(pane).expect("it is there");
    let (column, answer) = (rect(&start, Pane::Identities), rect(&start, Pane::Answer));
    let y = answer.y;
    let moved = play(app(Some("a3"), false), size, keys(&format!("<drag 60,{y} 60,{}><shot>", y - 3)));
    assert_eq!(rect(&moved, Pane::Answer).height, answer.height + 3, "{}", moved.last());
    let (x, y) = (column.right() - 1, column.y + 2);
    let beside = play(app(Some("a3"), false), size, keys(&format!("<drag {x},{y} {},{y}><shot>", x + 10)));
    assert_eq!(rect(&beside, Pane::Identities).width, column.width + 10, "{}", beside.last());
    assert!(lab_of(&beside).view.identities[0].acting, "a press on the line is no press on a row");
    // Where the identities have a line, the policy's lower line is the answer's title.
    let tall = play(app(Some("a3"), false), (90, 44), keys("[edit][back]<shot>"));
    let policy = tall.app.regions().pane(Pane::Policy).expect("the policy");
    let y = policy.bottom() - 1;
    let taller = play(
        app(Some("a3"), false),
        (90, 44),
        keys(&format!("[edit][back]<drag 60,{y} 60,{}><shot>", y + 3)),
    );
    assert_eq!(
        taller.app.regions().pane(Pane::Policy).map(|r| r.height),
        Some(policy.height + 3),
        "{}",
        taller.last()
    );
    let alone = play(app(Some("a3"), false), SMALL, keys("[hide][focus-next][hide]<shot>"));
    let regions = alone.app.regions();
    let used: u16 = regions
        .parts()
        .iter()
        .filter(|(r, _)| matches!(r, Region::Pane(_)))
        .map(|(_, r)| r.bottom())
        .max()
        .unwrap_or(0);
    assert_eq!(used, 22, "no row is left over: {}", alone.last());
}

#[test]
fn what_nobody_can_see_does_nothing_and_leaving_works_on() {
    let unseen = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[predict][choose Allowed][edit][snippet][choose Key user][choose tess]<size 20x5>[apply]<paste x>[quit]\
            [back]<size 120x40><shot>",
        ),
    );
    assert!(unseen.last().contains("draft not applied"), "{}", unseen.last());
    assert!(unseen.last().contains("valid"), "nothing was typed: {}", unseen.last());
    assert_eq!(unseen.app.lab().unwrap().session.lab().history().point().position, 0, "nothing was applied");
    let left = play(app(Some("a3"), false), (20, 5), keys("<shot>[force-quit]"));
    assert!(left.last().contains("^C leaves"), "{}", left.last());
    assert_eq!(left.app.shell.exit, Some(Exit::Left));
    // What would be lost is asked about, here too.
    let mut unkept = app(None, false);
    crate::tui::update::open_scenario(&mut unkept, "a3", None).expect("it opens");
    super::give_help(&mut unkept);
    let asked = play(
        unkept,
        (120, 40),
        keys(
            "[edit][snippet][choose Key user][choose tess][back]<size 40x12>\
            [force-quit]<shot>[no]<shot>[force-quit][yes]",
        ),
    );
    assert!(asked.shots[0].replace('\n', " ").contains("Leave kmslab"), "{}", asked.shots[0]);
    assert!(asked.shots[1].contains("kmslab needs"), "{}", asked.shots[1]);
    assert_eq!(asked.app.shell.exit, Some(Exit::Left));
}

#[test]
fn frames_in_ascii_keep_their_joints_whichever_has_the_focus() {
    let played = play(
        app(Some("a3"), true),
        (120, 40),
        keys(
            "<shot>[focus-next]<shot>[focus-next]<shot>\
        [focus-next]<shot>",
        ),
    );
    let joints = |shot: &String| -> Vec<(usize, usize)> {
        let cells = |(y, line): (usize, &str)| {
            line.char_indices().filter(|(_, c)| *c == '+').map(move |(x, _)| (x, y)).collect::<Vec<_>>()
        };
        shot.lines().enumerate().flat_map(cells).collect()
    };
    for shot in &played.shots {
        assert_eq!(joints(shot), joints(&played.shots[0]), "{shot}");
    }
}

/// A layout is named after the pane that it puts in the middle: where panes are tabs, that one is on top.
#[test]
fn a_layout_that_is_chosen_is_shown_where_panes_are_tabs() {
    use crate::tui::layout::Preset;
    for size in [SMALL, (100, 30)] {
        for before in ["", "[focus-next]", "[focus-next][focus-next]", "[why]"] {
            let mut script = before.to_owned();
            for _ in 0..Preset::ALL.len() {
                script.push_str("[layout]");
                let played = play(app(Some("a3"), false), size, keys(&format!("{script}<shot>")));
                let lab = lab_of(&played);
                let named = match lab.preset {
                    Preset::Policy => Pane::Policy,
                    Preset::Console => Pane::Console,
                    Preset::Keys => Pane::Keys,
                    Preset::Storage => Pane::Storage,
                    Preset::Audit => Pane::Audit,
                    Preset::Learn | Preset::Compare => continue,
                };
                let shown = played.app.regions().pane(named).is_some();
                assert!(shown, "{:?} at {size:?}: {}", lab.preset, played.last());
                assert!(
                    played.last().contains(&format!("{} layout", lab.preset.name())),
                    "{}",
                    played.last()
                );
            }
        }
    }
}

/// While somebody types, the count is one of the checks that the list showed.
#[test]
fn the_count_of_checks_is_of_those_that_the_list_showed() {
    for id in ["a0", "a3", "c1"] {
        let listed = play(app(Some(id), false), SMALL, keys("<shot>"));
        let signs = listed.last().matches(['☐', '☑']).count();
        // A question that is open is a check more.
        let played = play(app(Some(id), false), SMALL, keys("[edit][back]<shot>[edit]<shot>"));
        let signs_after = played.shots[0].matches(['☐', '☑']).count();
        let row = played.last().lines().find(|row| row.contains("checks ")).expect("a count").to_owned();
        let all = row.split('/').nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a total");
        assert_eq!(all, signs_after.to_string(), "{id}, {signs} before: {row}\n{}", played.shots[0]);
    }
}

/// What holds takes one row on a low screen, so that the panes have room beside a long list of checks and promises.
#[test]
fn checks_that_hold_take_one_row_on_a_low_screen() {
    let guessed = "[predict][choose Allowed: the key policy names]";
    let wide = "[edit][snippet][choose Key user][choose tess]";
    let played = play(
        app(Some("a3"), false),
        SMALL,
        keys(&format!(
            "{guessed}{wide}[apply][back][identity 2]<shot>[who-can]<type kms:Decrypt>[open][open]<shot>"
        )),
    );
    let shown = &played.shots[0];
    assert!(shown.contains("☑ 3 hold"), "{shown}");
    assert!(shown.contains("☐ you have seen it: a scan as tess (s)"), "{shown}");
    let page = crate::tui::view::overlay_rect(&played.app).expect("an answer");
    assert!(page.height >= 18, "{page:?}: {}", played.last());
}

/// Nothing that is said in the list of scenarios is cut in the middle.
#[test]
fn the_list_says_nothing_half() {
    for size in [SMALL, (100, 30), (120, 40), (200, 60)] {
        let played = play(app(None, false), size, keys("<shot>"));
        let shown = played.last();
        let line = |words: &str| {
            shown.lines().find(|line| line.contains(words)).map(str::trim_end).map(str::to_owned)
        };
        let new = line("New here?").expect("a word for whoever is new");
        assert!(new.ends_with('.'), "{size:?}: {new}");
        assert_eq!(new.contains("same call again"), size.0 > 92, "{new}");
        if line(" opens it.").is_some() {
            let words = squeezed(shown);
            assert!(words.contains("account."), "{size:?}: {shown}");
        }
    }
}

/// Who gains or loses is not what a narrow screen cuts of its line.
#[test]
fn who_gains_stands_first_in_the_line_of_what_happened() {
    let more = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},{"Sid":"T","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/tess"},"Action":"kms:*","Resource":"*"}]}"#;
    let note = |shot: &str| shot.lines().rev().nth(1).unwrap_or_default().to_owned();
    for size in [SMALL, (100, 30)] {
        let script = format!(
            "[predict][choose Allowed: the key policy names][edit]<C-a><paste {more}><Right><shot>[apply]<shot>"
        );
        let played = play(app(Some("a3"), false), size, keys(&script));
        let (drafted, applied) = (note(&played.shots[0]), note(&played.shots[1]));
        assert!(
            drafted.contains("would break 3 promises") && drafted.contains("gains Decrypt: user/tess"),
            "{drafted}"
        );
        assert!(
            applied.contains("3 promises broken") && applied.contains("gained Decrypt: user/tess"),
            "{applied}"
        );
        let ended = play(
            app(Some("a2"), false),
            size,
            keys("[run][predict][choose An error][identity 2][run]<shot>"),
        );
        assert!(note(ended.last()).contains("Task 1 of 2 is done"), "{}", ended.last());
    }
}

/// What is unfolded is the pane that somebody reads: another one that has no room for it all stays as it was.
#[test]
fn only_the_pane_that_is_read_unfolds_beyond_its_room() {
    let script = "[predict][choose An error][identity 2][run]";
    for size in [(100, 30), (120, 40)] {
        let played = play(app(Some("a2"), false), size, keys(&format!("{script}[why]<shot>")));
        assert_eq!(lab_of(&played).focus, Pane::Why, "{size:?}: {}", played.last());
        let rect = played.app.regions().pane(Pane::Answer).expect("the answer is in sight");
        let rows = played.last().lines().skip(rect.y.into()).take(rect.height.into());
        let answer =
            rows.map(|row| row.chars().skip(rect.x.into()).take(rect.width.into()).collect::<String>());
        let answer = answer.collect::<Vec<_>>().join("\n");
        // Its scroll bar would say that it goes on below.
        assert!(
            answer.contains("AWS's words to the letter") || answer.contains("Request ID"),
            "{size:?}: {answer}"
        );
    }
}

/// The line above the footer says less where there is little room, and says it whole.
#[test]
fn the_line_of_what_to_do_is_whole_on_a_small_screen() {
    let draft = "[predict][choose Allowed][edit][snippet][choose Key user][choose tess]";
    let of_a3 = [
        "[edit]",
        "[edit]<type x>",
        draft,
        &format!("{draft}[back]"),
        &format!("{draft}[back][identity 2]"),
        &format!("{draft}[back][next-document]"),
        "[predict][choose Allowed][run][undo]",
        "[console]",
        "[console]<type echo \\>[run-line]",
        "[timeline][diff]",
    ];
    let all = of_a3.map(|script| ("a3", script));
    let starts = ["a0", "a1", "a3", "b1", "c1", "d1", "free-sample", "free-empty"].map(|id| (id, ""));
    let grid = [("b1", "[predict]"), ("b1", "[edit]"), ("d1", "[edit]")];
    for (id, script) in all.into_iter().chain(starts).chain(grid) {
        let played = play(app(Some(id), false), SMALL, keys(&format!("{script}<shot>")));
        let note = played.last().lines().rev().nth(1).unwrap_or_default();
        assert!(!note.contains('…') && note.trim().len() > 8, "{id} {script}: {note}");
    }
}

/// What is as far away is one choice, and says what happens then.
#[test]
fn no_two_choices_of_the_clock_are_one() {
    use crate::tui::overlays::Choice;
    let scripts = [
        ("c2", "[keys][keys][choose Grant ravi Decrypt for]"),
        ("c1", "[predict][choose 2][run]"),
        ("c5", ""),
        ("e4", ""),
        ("a3", ""),
    ];
    for (id, script) in scripts {
        let played = play(app(Some(id), false), SMALL, keys(&format!("{script}[clock]<shot>")));
        let Some(Overlay::Menu(menu)) = played.app.shell.overlays.last() else { panic!("{}", played.last()) };
        let waits = menu.rows.iter().filter_map(|row| {
            if let Choice::Wait { seconds, .. } = row.choice { Some(seconds) } else { None }
        });
        let mut waits: Vec<i64> = waits.collect();
        let all = waits.len();
        waits.sort_unstable();
        waits.dedup();
        assert_eq!((waits.len(), menu.rows.len()), (all, all), "{id}: {}", played.last());
        if id == "c2" {
            let five = menu.rows.iter().find(|row| row.label == "5 minutes").expect("it is there");
            assert!(five.detail.contains("the grant for"), "{}: {}", five.detail, played.last());
        }
    }
}

#[test]
fn two_sessions_have_one_name_in_the_palette() {
    let played = play(app(Some("a3"), false), SMALL, keys("[palette in lab]<shot>"));
    let Some(Overlay::Menu(menu)) = played.app.shell.overlays.last() else { panic!("{}", played.last()) };
    let names: Vec<&str> = menu.rows.iter().map(|row| row.label.as_str()).collect();
    let compares: Vec<&&str> = names.iter().filter(|name| name.contains("compare")).collect();
    assert_eq!(compares, [&"compare"]);
    assert!(names.contains(&"layout audit"), "{names:?}");
}
