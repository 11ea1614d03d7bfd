//! Every scenario played to its end at four sizes, by a script of what somebody does, and the cells of the terminal read at
//! each step: the task whole when it begins, the deciding sentence whole at each refusal, the next key named where the
//! solution needs it, nothing of what is to be guessed before the guess, the lesson whole at the end.

use crossterm::event::Event as TerminalEvent;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::played::{self, steps};
use super::script::{self, Step};
use super::{as_it_is, keys};
use crate::lab::{CallStatus, Lab};
use crate::scenario::{Embedded, Scenario};
use crate::tui::app::App;
use crate::tui::keys::Context;
use crate::tui::layout::{Pane, Region};
use crate::tui::message::{Effect, Event, Message};
use crate::tui::overlays::Overlay;
use crate::tui::update::update;
use crate::tui::view::view;

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (200, 60)];

/// The scenarios, each with the sizes that it is played at: all four, or as many as `KMSLAB_SIZES` says, other ones for the next.
fn plays() -> impl Iterator<Item = (&'static Embedded, Vec<(u16, u16)>)> {
    let sizes =
        std::env::var("KMSLAB_SIZES").map_or(SIZES.len(), |n| n.parse().expect("KMSLAB_SIZES is a number"));
    assert!((1..=SIZES.len()).contains(&sizes), "KMSLAB_SIZES is from 1 to 4");
    let of = move |number: usize| SIZES.into_iter().cycle().skip(number % SIZES.len()).take(sizes).collect();
    crate::scenario::embedded().iter().enumerate().map(move |(number, embedded)| (embedded, of(number)))
}

/// The screen as somebody sees it, and what is done at it.
struct Walker {
    app: App,
    size: (u16, u16),
    id: String,
}

impl Walker {
    fn new(id: &str, size: (u16, u16)) -> Self {
        let mut walker = Self { app: as_it_is(Some(id), false), size, id: id.to_owned() };
        walker.tell(Message::Resize(Rect::new(0, 0, size.0, size.1)));
        walker
    }

    fn tell(&mut self, message: Message) {
        for effect in update(&mut self.app, message).effects {
            match effect {
                Effect::Work(work) => {
                    work.run();
                    self.tell(Message::Worked);
                }
                Effect::EndFlash(number, _) => self.tell(Message::FlashEnds(number)),
                Effect::Follow(_)
                | Effect::Suspend
                | Effect::Reenter
                | Effect::Redraw
                | Effect::Copy(_)
                | Effect::SetMouse(_)
                | Effect::Bar(_)
                | Effect::Edit(_)
                | Effect::Answer(_)
                | Effect::Notes(_) => {}
            }
        }
    }

    fn cells(&self) -> Buffer {
        let mut terminal =
            Terminal::new(TestBackend::new(self.size.0, self.size.1)).expect("memory is a screen");
        terminal.draw(|frame| view(&self.app, frame)).expect("memory can be drawn on");
        terminal.backend().buffer().clone()
    }

    /// The rows of the screen.
    fn rows(&self) -> Vec<String> {
        let cells = self.cells();
        let row = |y: u16| (0..cells.area.width).map(|x| cells[(x, y)].symbol()).collect();
        (0..cells.area.height).map(row).collect()
    }

    /// All words of the screen, one after the other, frames left out.
    fn words(&self) -> String {
        words(&self.rows().join(" "))
    }

    fn fail(&self, why: &str) -> ! {
        panic!("{} at {:?}: {why}\n{}", self.id, self.size, self.rows().join("\n"));
    }

    /// The text stands whole on the screen, each key by its name.
    fn shows(&self, wanted: &str, what: &str) {
        let keys = &self.app.shell.keys;
        let wanted = crate::scenario::name_keys(wanted, &|name| keys.of_name(name));
        if !self.words().contains(&words(&wanted)) {
            self.fail(&format!("{what} is not whole on the screen: {wanted}"));
        }
    }

    /// The next key is named: the row of the task that says what is next holds the key's name.
    fn names(&self, pressed: &crossterm::event::KeyEvent) {
        let Some(name) = crate::tui::keys::name_of(*pressed) else { self.fail("a key without a name") };
        let named = |row: &String| {
            row.split_once(" next ").is_some_and(|(_, rest)| rest.split_whitespace().any(|word| word == name))
        };
        if !self.rows().iter().any(named) {
            self.fail(&format!("{name} is needed next and is not named"));
        }
    }

    fn step(&mut self, step: Step, needed: bool) {
        let event = match step {
            Step::Event(event) => event,
            // The list is there, or its key brings it in front first.
            Step::Choose(row) => {
                for _ in 0..2 {
                    if self.app.shell.overlays.is_empty() {
                        self.press_keys();
                    }
                }
                script::choosing(&self.rows().join("\n"), &row)
            }
            Step::Guess => match script::guessing(&self.rows().join("\n")) {
                Some(event) => event,
                None => return,
            },
            Step::Answer(key) if script::answers(&self.rows().join("\n")) => {
                Event::Terminal(TerminalEvent::Key(key))
            }
            Step::Answer(_) => return,
            Step::Size(..) | Step::Shot => self.fail("a walk has one size and looks by itself"),
        };
        if needed && let Event::Terminal(TerminalEvent::Key(key)) = &event {
            self.names(key);
        }
        let before = self.standing();
        if let Some(message) = Message::from_event(event) {
            self.tell(message);
        }
        self.look(&before);
    }

    /// Presses the key of the keys pane: it brings the pane in front, then lists what can be done.
    fn press_keys(&mut self) {
        for step in keys("[keys]") {
            if let Step::Event(event) = step
                && let Some(message) = Message::from_event(event)
            {
                self.tell(message);
            }
        }
    }

    /// The task in work, and how many calls were made.
    fn standing(&self) -> (Option<usize>, usize) {
        let lab = self.app.lab().expect("a lab").session.lab();
        (lab.current_task(), lab.history().done().len())
    }

    /// Reads the screen after a step.
    fn look(&self, before: &(Option<usize>, usize)) {
        let screen = self.app.lab().expect("a lab");
        let lab = screen.session.lab();
        let now = self.standing();
        if now.0 != before.0
            && let Some(task) = now.0.and_then(|at| lab.scenario().tasks.get(at))
        {
            self.shows(&task.say, "the task that begins");
        }
        let free = self.app.shell.overlays.is_empty();
        if now.1 > before.1
            && free
            && let Some(made) = lab.history().last().and_then(|step| step.call().cloned())
            && CallStatus::of(&made.outcome) == CallStatus::Denied
            && lab.watched().is_some_and(|watched| watched.is(&made.call))
        {
            let refused = made.outcome.decisions.iter().rev().find(|record| !record.decision.is_allowed());
            let refused = refused.expect("a decision refused it");
            let why = crate::scenario::sentence(refused, &refused.explain(), lab.shown_world());
            self.shows(why.trim_start_matches("Denied: "), "the deciding sentence");
        }
    }
}

/// The words of a text with single blanks between them, the lines of frames left out.
fn words(text: &str) -> String {
    let plain: String = text.chars().map(|c| if "│┃─╭╮╰╯├┤┬┴┼".contains(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_scenario_is_played_on_the_stage_at_every_size() {
    for (embedded, sizes) in plays() {
        let scenario = embedded.read().expect("it is sound");
        for size in sizes {
            play_to_its_end(&mut Walker::new(embedded.id, size), &scenario, played::of(embedded));
        }
    }
}

fn play_to_its_end(walker: &mut Walker, scenario: &Scenario, steps: Vec<(Step, bool)>) {
    walker.shows(&scenario.tasks[0].say, "the first task");
    for (step, needed) in steps {
        walker.step(step, needed);
    }
    let done = walker.app.lab().is_some_and(|lab| lab.view.head.done);
    if !done {
        walker.fail("it is not done");
    }
    if matches!(walker.app.shell.overlays.last(), Some(Overlay::Path(_))) {
        // What the learner says comes before the lesson; who says nothing goes on.
        let words = walker.words();
        let asks = walker.app.lab().is_some_and(|lab| lab.view.asks_for_words);
        assert!(asks, "{}: {words}", walker.id);
        for (step, _) in played::steps("<Enter>") {
            walker.step(step, false);
        }
    }
    for paragraph in &scenario.debrief {
        walker.shows(paragraph, "the lesson");
    }
}

/// Before a guess nothing on the screen tells what the asked call gives: no word, no sign, no reason, no colour of a verdict
/// stands where they stand afterwards.
#[test]
fn nothing_on_the_screen_gives_a_guess_away() {
    for size in SIZES {
        let mut walker = Walker::new("a2", size);
        let play = |walker: &mut Walker, script: &str| {
            for (step, _) in steps(script) {
                walker.step(step, false);
            }
        };
        play(&mut walker, "[identity 2]");
        let (before, hidden) = (walker.cells(), walker.words());
        for told in ["DENIED", "ALLOWED", "kms:Decrypt", "is refused"] {
            assert!(
                !hidden.contains(told),
                "{told} before the guess at {size:?}:\n{}",
                walker.rows().join("\n")
            );
        }
        play(&mut walker, "[predict][choose An error]");
        let (after, told) = (walker.cells(), walker.words());
        assert!(told.contains("DENIED") && told.contains("kms:Decrypt"), "{size:?}: {told}");
        let theme = &walker.app.shell.theme;
        let colours = |cells: &Buffer| {
            let coloured =
                |cell: &&ratatui::buffer::Cell| Some(cell.fg) == theme.denied.fg && cell.symbol() != " ";
            cells.content().iter().filter(coloured).count()
        };
        assert_eq!(colours(&before), 0, "{size:?}:\n{}", walker.rows().join("\n"));
        assert!(colours(&after) > 0, "{size:?}");
    }
}

/// The panes that tell how the call of whoever is on the stage ends.
const TELLING: [Region; 3] = [Region::Path, Region::Pane(Pane::Answer), Region::Pane(Pane::Why)];

impl Walker {
    fn lab(&self) -> &Lab {
        self.app.lab().expect("a lab").session.lab()
    }

    /// The question that is open without an answer.
    fn question(&self) -> Option<String> {
        let open = self.lab().next_prediction()?;
        self.lab().progress().choice_of(&open.id).is_none().then(|| open.id.clone())
    }

    /// Whether keys go to the lab and nothing lies over it.
    fn is_free(&self) -> bool {
        self.app.context() == Context::Lab && self.app.shell.overlays.is_empty()
    }

    /// The number that somebody has as a key.
    fn number(&self, who: usize) -> usize {
        self.app.lab().expect("a lab").view.identities[who].number
    }

    fn act_as(&mut self, who: usize) {
        let number = self.number(who);
        for step in keys(&format!("[identity {number}]")) {
            self.step(step, false);
        }
    }

    /// The cells of a part of the screen.
    fn part(&self, region: Region) -> Vec<ratatui::buffer::Cell> {
        let cells = self.cells();
        let rect = self.app.regions().get(region).unwrap_or_default();
        rect.positions().map(|at| cells[at].clone()).collect()
    }

    /// Whatever of the parts that tell says how a call ends: words and coloured cells.
    fn told(&self) -> Vec<String> {
        let theme = &self.app.shell.theme;
        let mut out = Vec::new();
        for region in TELLING {
            let cells = self.part(region);
            let text: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
            out.extend(
                ["ALLOWED", "DENIED", "FAILED"]
                    .iter()
                    .filter(|word| text.contains(**word))
                    .map(|w| (*w).to_owned()),
            );
            let coloured = |cell: &&ratatui::buffer::Cell| {
                cell.symbol() != " " && [theme.denied.fg, theme.allowed.fg].contains(&Some(cell.fg))
            };
            out.extend(cells.iter().filter(coloured).map(|cell| format!("{} in colour", cell.symbol())));
        }
        out
    }

    /// What the asked call would tell: the reason in words, and the values that it would return.
    fn secrets(&self, who: usize) -> Vec<String> {
        let outcome = self.lab().previews()[who].now.clone();
        let reason = outcome
            .decisions
            .last()
            .map(|record| crate::scenario::sentence(record, &record.explain(), self.lab().shown_world()));
        let reason =
            reason.map(|reason| words(reason.trim_start_matches("Denied: ").trim_start_matches("Allowed: ")));
        let response = outcome.result.as_ref().map(|out| out.to_json().to_string()).unwrap_or_default();
        let values = response.split('"').filter(|value| value.contains('@')).map(str::to_owned);
        reason.into_iter().chain(values.collect::<Vec<_>>()).collect()
    }

    /// The signs beside a name, in the list of everybody and in the matrix.
    fn signs_of(&self, who: usize) -> String {
        let name = &self.lab().personas()[who].name;
        let begins = |text: &str| {
            let text = text.trim_start_matches(['│', '┃', '▸', ' ']);
            let text = text.strip_prefix(&format!("{} ", self.number(who))).unwrap_or(text).trim_start();
            let word = text.split(' ').next().unwrap_or_default();
            // A long name is cut where there is no room for it.
            word == name || word.strip_suffix('…').is_some_and(|cut| cut.len() > 3 && name.starts_with(cut))
        };
        let regions = self.app.regions();
        let mut out = String::new();
        for region in
            [Region::Pane(Pane::Identities), Region::Folded(Pane::Identities), Region::Pane(Pane::Matrix)]
        {
            let Some(rect) = regions.get(region) else { continue };
            let rows = self.rows();
            for row in rows.iter().skip(rect.y.into()).take(rect.height.into()) {
                let row = row.chars().skip(rect.x.into()).take(rect.width.into());
                let row: String = row.map(|c| if c == '▸' { ' ' } else { c }).collect();
                out.extend(
                    row.split("   ")
                        .filter(|piece| begins(piece))
                        .filter(|_| region == Region::Folded(Pane::Identities)),
                );
                out.extend(
                    begins(&row)
                        .then_some(row.as_str())
                        .filter(|_| region != Region::Folded(Pane::Identities)),
                );
            }
        }
        out.chars().filter(|sign| "✓✗!".contains(*sign)).collect()
    }
}

/// Before every guess of every scenario nobody whose call it asks about has a verdict on the screen: no word, no sign, no
/// reason, no value, no colour. After the guess all of that is found by the same eyes.
#[test]
fn no_guess_of_any_scenario_is_given_away() {
    let mut asked = Vec::new();
    for (embedded, sizes) in plays() {
        let id = embedded.id;
        for size in sizes {
            let mut walker = Walker::new(id, size);
            let (mut looked_at, mut hidden) = (None, Vec::new());
            for (step, _) in played::of(embedded) {
                if walker.is_free() {
                    let question = walker.question();
                    let acting = walker.lab().acting();
                    if question.is_some() && question != looked_at {
                        let all = walker.lab().personas().len();
                        hidden = (0..all).filter(|who| walker.lab().is_spoiler(*who)).collect();
                        for who in hidden.clone() {
                            walker.act_as(who);
                            let told = walker.told();
                            let name = walker.lab().personas()[who].name.clone();
                            if !told.is_empty() || !walker.signs_of(who).is_empty() {
                                walker.fail(&format!(
                                    "{question:?} is given away of {name}: {told:?} {}",
                                    walker.signs_of(who)
                                ));
                            }
                            for secret in walker.secrets(who) {
                                if walker.words().contains(&secret) {
                                    walker.fail(&format!("{question:?} is given away: {secret}"));
                                }
                            }
                        }
                        walker.act_as(acting);
                        looked_at.clone_from(&question);
                    }
                    for who in std::mem::take(&mut hidden) {
                        if walker.lab().is_spoiler(who) {
                            hidden.push(who);
                            continue;
                        }
                        walker.act_as(who);
                        let found = !walker.told().is_empty() && !walker.signs_of(who).is_empty();
                        if !found {
                            walker.fail("after the guess nothing is told");
                        }
                        asked.push(format!("{id} {looked_at:?}"));
                        walker.act_as(acting);
                    }
                }
                walker.step(step, false);
            }
        }
    }
    asked.dedup();
    // Those whose verdict is asked, in A1, A2, A5 and B1; other questions are about reasons and later answers.
    assert!(asked.len() >= 4, "{asked:?}");
}
