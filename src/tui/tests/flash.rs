//! What lights up when a verdict turns, and that it goes out again.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::app;
use crate::tui::app::App;
use crate::tui::message::{Effect, Message};
use crate::tui::update::update;
use crate::tui::view::view;

fn press(app: &mut App, code: KeyCode, modifiers: KeyModifiers) -> Vec<Effect> {
    update(app, Message::Key(KeyEvent::new(code, modifiers))).effects
}

const USUAL: Rect = Rect { x: 0, y: 0, width: 120, height: 40 };

/// The lab in which a statement has just been inserted that lets tess in; and what was asked of the outside.
fn flipped(area: Rect, acting: char, reduced_motion: bool) -> (App, Vec<Effect>) {
    let mut app = app(Some("a3"), false);
    app.shell.reduced_motion = reduced_motion;
    update(&mut app, Message::Resize(area));
    press(&mut app, KeyCode::Char(acting), KeyModifiers::NONE);
    // What the draft changes is told once it is guessed.
    press(&mut app, KeyCode::Char('v'), KeyModifiers::NONE);
    press(&mut app, KeyCode::Char('1'), KeyModifiers::NONE);
    press(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    app.shell.flash = None;
    press(&mut app, KeyCode::Char('e'), KeyModifiers::NONE);
    press(&mut app, KeyCode::Char('t'), KeyModifiers::CONTROL);
    press(&mut app, KeyCode::Char('1'), KeyModifiers::NONE);
    assert!(app.shell.flash.is_none(), "nothing has turned yet");
    // For tess.
    let effects = press(&mut app, KeyCode::Char('2'), KeyModifiers::NONE);
    (app, effects)
}

fn drawn(app: &App) -> Buffer {
    let area = app.shell.area;
    let mut terminal = Terminal::new(TestBackend::new(area.width, area.height)).expect("memory is a screen");
    terminal.draw(|frame| view(app, frame)).expect("memory can be drawn on");
    terminal.backend().buffer().clone()
}

/// The words on the screen, row by row.
fn shown(app: &App) -> String {
    drawn(app).content().iter().map(ratatui::buffer::Cell::symbol).collect()
}

/// The words on the screen that are reversed, row by row.
fn reversed(app: &App) -> String {
    let buffer = drawn(app);
    let cells = buffer.content().iter();
    cells.filter(|c| c.modifier.contains(Modifier::REVERSED)).map(ratatui::buffer::Cell::symbol).collect()
}

#[test]
fn a_flip_lights_up_in_every_place_that_shows_it_until_its_time_is_over() {
    let (mut app, effects) = flipped(USUAL, '2', false);
    let flash = app.shell.flash.clone().expect("tess's verdict has turned");
    assert!(flash.identity("tess") && !flash.identity("kim"));
    assert!(flash.answer(), "tess acts, so the answer on the screen is hers");
    assert!(effects.contains(&Effect::EndFlash(flash.number, flash.lasts())));
    // It takes the stage, and lights up in the task over it.
    let on_stage = shown(&app);
    assert!(on_stage.contains("─ tess on your draft ─"), "{on_stage}");
    assert!(on_stage.contains("the stored bytes become  12345"), "{on_stage}");
    assert!(reversed(&app).contains("☑☑"), "{}", reversed(&app));

    assert!(
        !update(&mut app, Message::FlashEnds(flash.number.wrapping_sub(1))).changed,
        "another flash's end"
    );
    assert!(app.shell.flash.is_some());
    assert!(update(&mut app, Message::FlashEnds(flash.number)).changed);
    let dark = shown(&app);
    assert!(!dark.contains("tess on your draft"), "{dark}");
    assert!(dark.contains("✗ → ✓") && !reversed(&app).contains('☑'), "{dark}");
}

/// Where there is no room for the large letters, and in the line of everybody, which stands over them. Whoever acts has a
/// reversed row in any case, so somebody else does.
#[test]
fn a_flip_lights_up_beside_the_name_where_that_is_in_sight() {
    for (width, height) in [(100, 15), (80, 24)] {
        let (mut app, _) = flipped(Rect { width, height, ..USUAL }, '1', false);
        assert!(reversed(&app).contains("✗ → ✓"), "{width}x{height}: {}", shown(&app));
        let number = app.shell.flash.clone().expect("a flash").number;
        update(&mut app, Message::FlashEnds(number));
        assert!(!reversed(&app).contains("✗ → ✓"), "{width}x{height}: {}", shown(&app));
    }
}

#[test]
fn turning_back_lights_up_again_and_outlives_the_first_end() {
    let (mut app, _) = flipped(USUAL, '2', false);
    let first = app.shell.flash.clone().expect("a flash").number;
    press(&mut app, KeyCode::Char('u'), KeyModifiers::CONTROL);
    let second = app.shell.flash.clone().expect("the verdict turned back");
    assert!(second.identity("tess") && second.number != first);
    assert!(!update(&mut app, Message::FlashEnds(first)).changed);
    assert!(app.shell.flash.is_some());
}

#[test]
fn a_key_that_turns_nothing_lights_nothing() {
    let (mut app, _) = flipped(USUAL, '2', false);
    let number = app.shell.flash.clone().expect("a flash").number;
    update(&mut app, Message::FlashEnds(number));
    press(&mut app, KeyCode::Char(' '), KeyModifiers::NONE);
    press(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    press(&mut app, KeyCode::Char('1'), KeyModifiers::NONE);
    assert!(app.shell.flash.is_none(), "who acts changes nobody's verdict");
}

#[test]
fn with_reduced_motion_nothing_lights_up() {
    let (app, effects) = flipped(USUAL, '2', true);
    assert!(app.shell.flash.is_none());
    assert!(!effects.iter().any(|e| matches!(e, Effect::EndFlash(..))));
}
