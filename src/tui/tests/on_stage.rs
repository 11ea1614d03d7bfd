//! Every scenario played to its end at four sizes, by a script of what somebody does, and the cells of the terminal read at
//! each step: the task whole when it begins, the deciding sentence whole at each refusal, the next key named where the
//! solution needs it, nothing of what is to be guessed before the guess, the lesson whole at the end.

use crossterm::event::Event as TerminalEvent;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::script::{self, Step};
use super::{as_it_is, keys};
use crate::lab::{CallStatus, Lab};
use crate::tui::app::App;
use crate::tui::keys::Context;
use crate::tui::layout::{Pane, Region};
use crate::tui::message::{Effect, Event, Message};
use crate::tui::overlays::Overlay;
use crate::tui::update::update;
use crate::tui::view::view;

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (200, 60)];

/// The id of the key, noted down: few operations take an alias.
const KEY: &str = "KEY=$(aws kms describe-key --key-id alias/dynamodb-encryption-key --query KeyMetadata.KeyId --output text)";

/// The ciphertext that lies in the table of settings.
const SEALED: &str = r#"SEALED=$(aws dynamodb get-item --table-name Settings --key '{"Name": {"S": "payroll-password"}}' --query Item.Value.B --output text)"#;

/// What somebody does. `!` before an action says that the solution needs it now: its key is named on the screen.
fn walk(id: &str) -> String {
    let tess = "arn:aws:iam::111122223333:user/tess";
    let kim = "arn:aws:iam::111122223333:user/kim";
    let full = "--user-name tess --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess";
    match id {
        "a0" => "![run]![snippet in lab][choose Key user]![apply]".to_owned(),
        "a1" => [
            "![predict][choose SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT: AWS]![predict][choose Whoever an IAM]![console]".to_owned(),
            line("KEY=$(aws kms create-key --description Customer --query KeyMetadata.KeyId --output text)"),
            line("aws kms create-alias --alias-name alias/dynamodb-encryption-key --target-key-id $KEY"),
            line(
                "aws dynamodb create-table --table-name CustomerData --billing-mode PAY_PER_REQUEST \
                 --attribute-definitions AttributeName=CustomerID,AttributeType=S \
                 --key-schema AttributeName=CustomerID,KeyType=HASH \
                 --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/dynamodb-encryption-key",
            ),
            line(
                r#"aws dynamodb put-item --table-name CustomerData --item '{"CustomerID": {"S": "12345"}, "Name": {"S": "Alice Johnson"}, "Email": {"S": "alice@example.com"}}'"#,
            ),
            "[back]![predict][choose Alice's row]![run][console]".to_owned(),
            line("aws cloudtrail lookup-events"),
            "[back]![predict][choose A data key]".to_owned(),
        ]
        .concat(),
        "a2" => "![predict][choose An error]![run]![identity 2]![run]![predict][choose The key: nothing]".to_owned(),
        "a3" => format!("![predict][choose Allowed: the key policy names]![edit]{}![apply][back]![identity 2]![run]", text(id, Some(&allow(tess)), None)),
        "a4" => [
            "[console]".to_owned(),
            line(KEY),
            line(
                r#"aws iam put-user-policy --user-name tess --policy-name Decrypt --policy-document "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:Decrypt\",\"Resource\":\"$(aws kms describe-key --key-id $KEY --query KeyMetadata.Arn --output text)\"}]}""#,
            ),
            "[back]![identity 2]![run]![predict][choose Denied][choose No Allow in IAM]![identity 1][documents]<type dynamodb-encryption><Enter>![edit]".to_owned(),
            text(id, None, Some("Enable IAM User Permissions")),
            "![apply][back]![identity 2]![run]".to_owned(),
        ]
        .concat(),
        "a5" => "![predict][choose Alice's row]![predict][choose Alice's row]![predict][choose An error]\
                 ![watch]<type Scan Owned><Enter>![run]![watch]<type Scan Managed><Enter>![run]![watch]<type Scan Customer><Enter>\
                 ![run]![identity 3][next-document][edit]<type x>[back][apply][back][discard][yes]![predict][choose A customer managed]"
            .to_owned(),
        "b1" => [
            // The cells of the grid, row by row.
            "![predict][no][yes][yes][no][yes][no][back][console]"
                .to_owned(),
            ["tess:north", "dana:south"]
                .map(|who| {
                    let (who, key) = who.split_once(':').expect("two words");
                    line(&format!(
                        r#"aws iam put-user-policy --user-name {who} --policy-name Decrypt --policy-document "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"kms:Decrypt\",\"Resource\":\"$(aws kms describe-key --key-id alias/{key} --query KeyMetadata.Arn --output text)\"}}]}}""#
                    ))
                })
                .concat(),
            "[back][identity 2][run][identity 4][run]".to_owned(),
        ]
        .concat(),
        "b4" => {
            let guard = serde_json::json!({"Sid": "TwoPeople", "Effect": "Deny", "Principal": {"AWS": kim},
                "Action": ["kms:PutKeyPolicy", "kms:CreateGrant"], "Resource": "*"});
            [
                "![predict][choose Yes: kim can]![run]![keys][choose Grant kim Decrypt]![run]![keys][back][down][choose Revoke]![edit]".to_owned(),
                text(id, Some(&allow(kim)), None),
                "![apply][back]![run][identity 5][console]".to_owned(),
                line("aws cloudtrail lookup-events"),
                "[back]![predict][choose CreateGrant and PutKeyPolicy]![identity 3]![edit]".to_owned(),
                text(id, Some(&guard), None),
                "![apply]".to_owned(),
            ]
            .concat()
        }
        "b5" => {
            let app = serde_json::json!({"Sid": "App", "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:role/ClinicApp"}, "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                    "kms:EncryptionContext:aws:dynamodb:tableName": "CustomerData"}}});
            [
                "![identity 6][console]".to_owned(),
                line(SEALED),
                line("aws kms decrypt --ciphertext-blob $SEALED --query Plaintext --output text"),
                "[back]![predict][choose They fail: it is]![identity 1]![edit]".to_owned(),
                text(id, Some(&app), Some("App")),
                "![apply]".to_owned(),
            ]
            .concat()
        }
        "c1" => format!(
            "[run]![predict][choose Alice's row]![identity 1]![edit]{}![apply][back]![identity 2]![run]![predict][choose She is refused]\
             ![clock][choose 5 minutes]![run]",
            text(id, None, Some("TessReads"))
        ),
        "c2" => {
            let stop = serde_json::json!({"Sid": "Stop", "Effect": "Deny",
                "Principal": {"AWS": "arn:aws:iam::111122223333:user/ravi"}, "Action": "kms:Decrypt", "Resource": "*"});
            format!(
                "[keys][choose Grant ravi Decrypt for]![predict][choose Refused, for now]![identity 5]![run]![keys][back][down]\
                 [choose The same with]![clock][choose 5 minutes]![run]![keys][back][down][choose Retire]\
                 ![predict][choose Alice's row, for]![identity 1]![keys][back][up][choose Revoke]![identity 5]![run]\
                 ![identity 1]![edit]{}![apply][back]![identity 5]![run]",
                text(id, Some(&stop), None)
            )
        }
        "c3" => [
            "![predict][choose Nothing at all]![keys][choose Rotate now]![console]".to_owned(),
            line(
                "aws dynamodb create-table --table-name Visits --billing-mode PAY_PER_REQUEST \
                 --attribute-definitions AttributeName=VisitID,AttributeType=S \
                 --key-schema AttributeName=VisitID,KeyType=HASH \
                 --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/dynamodb-encryption-key",
            ),
            "[back]![predict][choose One rotation, after the year; the rows are as]![keys][choose Rotate by itself]\
             ![clock][choose 1 year]![run]![predict][choose Yes]"
                .to_owned(),
        ]
        .concat(),
        "c5" => "![predict][choose An error]![keys][choose Disable]![run]![clock][choose 2 hours]![keys][choose Enable]\
                 ![clock][choose 2 hours]![run]![predict][choose No]![keys][choose Schedule its deletion in 7 days]![run]![keys]\
                 [choose Cancel the deletion]![keys][choose Enable]"
            .to_owned(),
        "d1" => {
            let account = Some("Enable IAM User Permissions");
            let second = serde_json::json!({"Sid": "Second", "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:user/deployer"},
                "Action": ["kms:GetKeyPolicy", "kms:PutKeyPolicy"], "Resource": "*"});
            [
                "![predict][choose It refuses: deployer]![edit]".to_owned(),
                text(id, None, account),
                "![apply][back]![identity 1]![apply]![predict][choose Nobody]![identity 7]![console]".to_owned(),
                line("aws iam delete-user --user-name lee"),
                "[back]![identity 3][console]".to_owned(),
                line("aws kms describe-key --key-id alias/old-archive"),
                "[back]![identity 1][documents]<type dynamodb-encryption><Enter>![edit]".to_owned(),
                text(id, Some(&second), account),
                "![apply]".to_owned(),
            ]
            .concat()
        }
        "d3" => [
            "![predict][choose She is refused][choose A saved policy]![console]".to_owned(),
            line(&format!("aws iam detach-user-policy {full}")),
            line("aws iam delete-user --user-name tess"),
            line("aws iam create-user --user-name tess"),
            line(&format!("aws iam attach-user-policy {full}")),
            "[back]![identity 2]![run]![identity 1]![edit]".to_owned(),
            text(id, None, None),
            "[apply]".to_owned(),
            text(id, Some(&allow("arn:aws:iam::111122223333:role/Robot")), None),
            "![apply]".to_owned(),
        ]
        .concat(),
        "e1" => [
            "![predict][choose Yes][choose A grant allows]![keys][choose Create a grant]<type --grantee-principal arn:aws:iam::111122223333:user/mallory \
             --operations Decrypt>[run-line][back]![run]![identity 1][console]"
                .to_owned(),
            line(KEY),
            line(
                r#"aws iam put-user-policy --user-name mallory --policy-name MakeTables --policy-document "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:CreateGrant\",\"Resource\":\"$(aws kms describe-key --key-id $KEY --query KeyMetadata.Arn --output text)\",\"Condition\":{\"Bool\":{\"kms:GrantIsForAWSResource\":\"true\"}}}]}""#,
            ),
            line("aws kms revoke-grant --key-id $KEY --grant-id $(aws kms list-grants --key-id $KEY --grantee-principal arn:aws:iam::111122223333:user/mallory --query Grants[0].GrantId --output text)"),
        ]
        .concat(),
        other => panic!("no walk through {other}"),
    }
}

/// Types a line into the console that is open.
fn line(text: &str) -> String {
    assert!(!text.contains('>'), "the script's own sign: {text}");
    format!("<paste {text}>[run-line]")
}

fn allow(principal: &str) -> serde_json::Value {
    serde_json::json!({"Sid": "Added", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:Decrypt",
        "Resource": "*"})
}

/// Puts the key policy of a scenario's k1 with one statement more, or less, in the place of the text that is edited.
fn text(id: &str, add: Option<&serde_json::Value>, remove: Option<&str>) -> String {
    let text = crate::scenario::find_embedded(id).expect("it is embedded").text;
    let scenario: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let mut policy = scenario["world"]["accounts"]["111122223333"]["keys"]["k1"]["policy"].clone();
    let statements = policy["Statement"].as_array_mut().expect("statements");
    statements.retain(|statement| remove.is_none_or(|sid| statement["Sid"] != sid));
    statements.extend(add.cloned());
    // More lines are taken away than the document has.
    format!("{}<paste {policy}>", "[delete-line]".repeat(120))
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
            let why = crate::scenario::sentence(refused, &refused.explain());
            self.shows(why.trim_start_matches("Denied: "), "the deciding sentence");
        }
    }
}

/// The words of a text with single blanks between them, the lines of frames left out.
fn words(text: &str) -> String {
    let plain: String = text.chars().map(|c| if "│┃─╭╮╰╯├┤┬┴┼".contains(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The steps of a walk, each with whether it is needed.
fn steps(script: &str) -> Vec<(Step, bool)> {
    let mut out = Vec::new();
    for (at, part) in script.split('!').enumerate() {
        let all = keys(part);
        out.extend(all.into_iter().enumerate().map(|(n, step)| (step, at > 0 && n == 0)));
    }
    out
}

#[test]
fn every_scenario_is_played_on_the_stage_at_every_size() {
    for embedded in crate::scenario::embedded() {
        let id = embedded.id.split('-').next().expect("a short id");
        for size in SIZES {
            let mut walker = Walker::new(id, size);
            let first = embedded.read().expect("it is sound").tasks[0].say.clone();
            walker.shows(&first, "the first task");
            for (step, needed) in steps(&walk(id)) {
                walker.step(step, needed);
            }
            let done = walker.app.lab().is_some_and(|lab| lab.view.head.done);
            if !done {
                walker.fail("it is not done");
            }
            if matches!(walker.app.shell.overlays.last(), Some(Overlay::Path(_))) {
                // What the learner says comes before the lesson; who says nothing goes on.
                let words = walker.words();
                assert!(walker.app.lab().is_some_and(|lab| lab.view.asks_for_words), "{id}: {words}");
                for (step, _) in steps("<Enter>") {
                    walker.step(step, false);
                }
            }
            let lesson = embedded.read().expect("it is sound").debrief;
            for paragraph in &lesson {
                walker.shows(paragraph, "the lesson");
            }
        }
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
        let reason =
            outcome.decisions.last().map(|record| crate::scenario::sentence(record, &record.explain()));
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
            text.strip_prefix(&format!("{} ", self.number(who)))
                .unwrap_or(text)
                .trim_start()
                .starts_with(name.as_str())
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
    for embedded in crate::scenario::embedded() {
        let id = embedded.id.split('-').next().expect("a short id");
        for size in SIZES {
            let mut walker = Walker::new(id, size);
            let (mut looked_at, mut hidden) = (None, Vec::new());
            for (step, _) in steps(&walk(id)) {
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
