//! Everything that the lab screen draws and plain mode tells, put together.

use std::sync::Arc;

use super::parts::Parts;
use super::shifts::{self, Tense, short_name};
use super::why::why_steps;
use super::{
    AnswerView, Applied, AuditRow, CallStatus, Crux, DocumentHead, Due, KeyRow, Mark, MatrixView, Next,
    PathView, RuleCount, StepRow, StorageView, TaskView, WhyStep, answer, audit, clock, crux, documents, due,
    fidelity, keys, mark, matrix, missing, next, path, steps, storage, task,
};
use crate::cloud::World;
use crate::cloud::kms::key_name;
use crate::lab::{Draft, HelpWaits, Lab, Point, Preview, Watched};
use crate::policy::{Severity, line_col};

/// An identity as the identities pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    pub name: String,
    /// The number, which is a key up to 9.
    pub number: usize,
    /// The kind of identity: user, role, root.
    pub kind: String,
    /// Whether calls are made as this one now.
    pub acting: bool,
    /// The verdict on what is applied.
    pub applied: Applied,
    /// The verdict on the draft, while there is one.
    pub draft: Option<Mark>,
    /// Whether that verdict is the one on an older text, because the draft is no policy now.
    pub stale: bool,
}

impl IdentityRow {
    /// Whether the draft changes the verdict.
    pub fn flips(&self) -> bool {
        self.draft.as_ref().zip(self.applied.mark()).is_some_and(|(then, now)| then.status != now.status)
    }

    /// The verdict to show: on the draft if there is one that can be read.
    pub fn shown(&self) -> Option<&Mark> {
        self.draft.as_ref().filter(|_| !self.stale).or(self.applied.mark())
    }
}

/// A key or a table, for the list under the identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRow {
    pub is_key: bool,
    pub name: String,
    /// The id of a key; empty for a table.
    pub id: String,
    /// The state of a key, or what a table is encrypted with.
    pub note: String,
}

/// The first line of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The scenario's short id.
    pub id: String,
    pub title: String,
    pub account: String,
    pub region: String,
    /// The simulated time of day.
    pub clock: String,
    /// Which of AWS's delays are on.
    pub fidelity: String,
    /// The task in work, from 1, and how many there are.
    pub task: (usize, usize),
    /// How long it takes.
    pub minutes: u32,
    /// Whether every task is done.
    pub done: bool,
    /// Whether what is not needed at the moment is dim.
    pub guided: bool,
    /// Set while an earlier moment is on the screen.
    pub past: Option<String>,
    /// The branch, once there are several.
    pub branch: Option<String>,
}

/// Everything the lab screen draws.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabView {
    pub head: Head,
    /// The watched call's short name, over the verdicts.
    pub watched: String,
    /// The watched call in full, such as `dynamodb:Scan CustomerData`.
    pub watched_in_full: String,
    pub identities: Vec<IdentityRow>,
    /// Whom else the draft turns: a short name, with the verdicts before and after.
    pub turned_beside: Vec<(String, CallStatus, CallStatus)>,
    /// Whom the draft on the screen names though they are not there, and whether a key makes them.
    pub missing: Option<(String, bool)>,
    /// What the drafts would do to everybody in the world, in sentences.
    pub forecast: Vec<String>,
    /// What the last step has done to everybody in the world, in sentences.
    pub shifted: Vec<String>,
    /// How many steps have led here.
    pub made: usize,
    pub resources: Vec<ResourceRow>,
    /// The document's head; its text is the editor's.
    pub document: DocumentHead,
    /// Whether any draft differs from what is applied.
    pub dirty: bool,
    /// How many documents have drafts.
    pub drafts: usize,
    /// Whether a draft is no policy now, so that the verdicts on it are those on an older text.
    pub stale: bool,
    /// Where that draft is broken: its line, and its document if that is not on the screen.
    pub broken: String,
    /// Whether what the draft changes is kept back, because a question about that is open.
    pub draft_hidden: bool,
    /// How applying the draft as the acting identity would end, while there is a valid one.
    pub apply: Option<Mark>,
    pub task: TaskView,
    /// What the solution needs next, if that can be said.
    pub next: Option<Next>,
    /// The operation that the next step calls, where the acting identity makes it.
    pub next_operation: Option<String>,
    /// What help that writes a part of the answer waits for; none if it is given.
    pub help_waits: Option<HelpWaits>,
    /// Whether the task offers parts to put a statement together from, for the document on the screen.
    pub parts_offered: bool,
    /// Whether the learner is to be asked for their own words before the lesson.
    pub asks_for_words: bool,
    /// What the steps of the task in work need.
    pub needs: Vec<Next>,
    /// What time alone brings, the nearest first.
    pub due: Vec<Due>,
    /// The way of the watched call.
    pub path: PathView,
    pub answer: AnswerView,
    pub storage: StorageView,
    pub why: Vec<WhyStep>,
    /// What the decision on the stage rests on.
    pub crux: Crux,
    /// The log, newest first.
    pub audit: Vec<AuditRow>,
    /// How many records the filter hides.
    pub audit_hidden: usize,
    /// How many records each rule of EventBridge matches.
    pub rules: Vec<RuleCount>,
    /// Whether the log shows data events.
    pub data_events: bool,
    pub matrix: MatrixView,
    /// Every step so far, newest first.
    pub steps: Vec<StepRow>,
    /// The keys and their grants.
    pub keys: Vec<KeyRow>,
    /// The second of two sessions, while they are shown.
    pub other: Option<OtherSession>,
}

impl LabView {
    /// How many principals of the world the draft flips, shown or not; none if that of some is kept back.
    pub fn flips(&self) -> Option<usize> {
        let shown = self.identities.iter().filter(|row| row.flips()).count();
        (self.is_known() && !self.draft_hidden).then(|| shown + self.turned_beside.len())
    }

    /// Returns the row of the identity that has that number.
    pub fn numbered(&self, number: usize) -> Option<usize> {
        self.identities.iter().position(|row| row.number == number)
    }

    /// Whether calls are made as that identity now.
    pub fn acts(&self, name: &str) -> bool {
        self.identities.iter().any(|row| row.acting && row.name == name)
    }

    /// Whether nobody's verdict is kept back.
    fn is_known(&self) -> bool {
        self.identities.iter().all(|row| row.applied != Applied::Hidden)
    }
}

/// The second of two sessions side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherSession {
    pub path: PathView,
    /// What the watched call returns to it.
    pub answer: AnswerView,
    pub why: Vec<WhyStep>,
}

/// What the view of a session depends on besides the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewOptions {
    /// Whether the log shows data events.
    pub data_events: bool,
    /// Whether what would give the answer to an open question away is kept back.
    pub hide_spoilers: bool,
    /// Two identities to show side by side.
    pub pair: Option<[usize; 2]>,
    /// The point that what is stored is compared with.
    pub storage_since: Point,
    /// The identity whose verdict what was done last has turned, and what it was before.
    pub turned: Option<(usize, CallStatus)>,
    /// The identity that was chosen since the draft was last changed: as long as it acts, nobody else takes the stage.
    pub chosen: Option<usize>,
    /// Whether the answer is the one on the applied policy, though there is a draft.
    pub applied: bool,
    /// The subject of the matrix, if it is in sight. It is left empty if not: nothing else costs as much.
    pub matrix: Option<usize>,
}

/// Everything the lab screen draws.
pub fn lab_view(lab: &Lab, options: ViewOptions) -> LabView {
    let drafts = lab.drafts().count();
    let edited = drafts > 0;
    let draft_hidden = edited && options.hide_spoilers && lab.document_waits_for_guess();
    // Whether anything is said of what the drafts would change.
    let dirty = edited && !draft_hidden;
    // A text that is no policy has no verdicts: what is in force is shown, and those on the last text are marked as such.
    let broken = lab.broken_draft();
    let stale = broken.is_some();
    let readable = dirty && !stale;
    let world = lab.shown_world();
    let drafted = readable && !options.applied;
    let hidden = |who: usize| options.hide_spoilers && lab.is_spoiler(who);
    let who = options.pair.map_or_else(|| subject(lab, &options, drafted, hidden), |[first, _]| first);
    let was = |who: usize| match options.turned {
        Some((turned, before)) if turned == who && !drafted => Some(before),
        Some(_) | None if !drafted => None,
        Some(_) | None => lab.previews().get(who).and_then(Preview::flip).map(|(before, _)| before),
    };
    let way = |who: usize| path::path(lab, who, drafted, was(who), hidden(who));
    let shown = way(who);
    let reader = lab
        .personas()
        .get(who)
        .filter(|_| answer::reads(lab, who, drafted) && !hidden(who))
        .map(|persona| (lab.drafted().filter(|_| drafted).unwrap_or(world), &persona.caller));
    let why = |who: usize| {
        if let Some((_, made)) = answer::made_last(lab, who, drafted) {
            return why_steps(lab, &made.outcome);
        }
        let looked = answer::look(lab, who, drafted).filter(|_| !hidden(who));
        looked.map(|look| why_steps(lab, &look.outcome)).unwrap_or_default()
    };
    let other = |[_, who]: [usize; 2]| OtherSession {
        path: way(who),
        answer: answer::answer(lab, who, readable, drafted, hidden(who)),
        why: why(who),
    };
    let (audit, audit_hidden) = audit::audit(lab, options.data_events);
    // Of two sessions it is the one that acts.
    let about = options.pair.map_or(who, |_| lab.acting());
    let crux = crux::crux(lab, about, drafted, hidden(about), &audit);
    let any_hidden = (0..lab.personas().len()).any(hidden);
    let drafted_shifts = if dirty && !any_hidden { lab.shifts_on_draft() } else { Arc::default() };
    let turned = drafted_shifts.beside.iter();
    let turned = turned.map(|turned| (short_name(lab, &turned.who), turned.before, turned.after));
    let shifted = if any_hidden { Arc::default() } else { lab.shifts_of_last_step() };
    let next = next::next(lab, readable);
    let next_operation = next.as_ref().and_then(|(_, operation)| operation.clone());
    LabView {
        turned_beside: turned.collect(),
        missing: missing::missing(lab).filter(|_| !draft_hidden).map(|missing| match missing.make {
            Ok(maker) => (maker.what, true),
            Err(_) => (missing.principal, false),
        }),
        forecast: shifts::sentences(lab, &drafted_shifts, Tense::Would),
        shifted: shifts::sentences(lab, &shifted, Tense::Was),
        made: lab.history().done().len(),
        head: head(lab),
        watched: watched(lab),
        watched_in_full: lab.watched().map(Watched::title).unwrap_or_default(),
        identities: identities(lab, dirty, stale, hidden),
        resources: resources(world),
        document: documents::head(lab),
        dirty: edited,
        drafts,
        stale,
        broken: broken.map(|draft| broken_at(lab, draft)).unwrap_or_default(),
        draft_hidden,
        apply: lab
            .rehearse_draft()
            .filter(|_| dirty && lab.draft().is_some_and(Draft::is_edited))
            .map(|o| mark(&o)),
        task: task::task(lab, readable),
        next: next.map(|(next, _)| next),
        next_operation,
        help_waits: lab.help_waits(),
        parts_offered: Parts::are_offered(lab),
        asks_for_words: lab.asks_for_words(),
        needs: next::needs(lab),
        due: due::due(lab),
        path: shown,
        answer: answer::answer(lab, who, readable, drafted, hidden(who)),
        storage: storage::storage(lab, options.storage_since, reader),
        why: why(who),
        crux,
        audit,
        audit_hidden,
        rules: audit::rule_counts(lab),
        data_events: options.data_events,
        matrix: options
            .matrix
            .map_or_else(MatrixView::default, |about| matrix::matrix(lab, about, readable, hidden)),
        steps: steps::rows(lab),
        keys: keys::keys(lab),
        other: options.pair.map(other),
    }
}

/// The line of the first thing that is wrong with a draft, and its document unless that is on the screen.
fn broken_at(lab: &Lab, draft: &Draft) -> String {
    let errors = draft.diagnostics().iter().filter(|found| found.severity == Severity::Error);
    let line = errors.map(|found| line_col(draft.text(), found.span.start).0).min().unwrap_or(1);
    match lab.draft().filter(|open| open.document() != draft.document()) {
        None => format!("line {line}"),
        Some(_) => format!("{}, line {line}", documents::document_name(draft.document(), lab.world())),
    }
}

/// The identity whose way and answer are shown: whoever acts, unless the draft, or what was done last, turns somebody else
/// instead.
fn subject(lab: &Lab, options: &ViewOptions, drafted: bool, hidden: impl Fn(usize) -> bool) -> usize {
    let acting = lab.acting();
    let flips = |who: usize| lab.previews().get(who).is_some_and(|preview| preview.flip().is_some());
    if !drafted {
        return options.turned.map_or(acting, |(who, _)| who);
    }
    if options.chosen == Some(acting) || flips(acting) {
        return acting;
    }
    (0..lab.personas().len()).find(|who| flips(*who) && !hidden(*who)).unwrap_or(acting)
}

/// The watched call in a word; in two if the learner has chosen it.
fn watched(lab: &Lab) -> String {
    let Some(watched) = lab.watched() else { return String::new() };
    let operation = watched.call().input.operation();
    if lab.watches_another() {
        format!("{operation} {}", watched.about()).trim_end().to_owned()
    } else {
        operation.to_owned()
    }
}

fn head(lab: &Lab) -> Head {
    let scenario = lab.scenario();
    let home = &lab.stage().names.home;
    let name = lab.world().iam().accounts().find(|(id, _)| *id == home).map(|(_, name)| name);
    let account = match name {
        Some(name) if name != home.as_str() => format!("{name} {home}"),
        _ => home.to_string(),
    };
    let all = scenario.tasks.len();
    let current = lab.current_task();
    let done = lab.history().done().len();
    let steps = lab.history().steps().len();
    let started = lab.history().start().now();
    let days = lab.world().now().duration_since(started).as_hours() / 24;
    let mut time = clock(lab.world().now());
    if days > 0 {
        time = format!("day {} {time}", days + 1);
    }
    Head {
        id: scenario.short_id().to_uppercase(),
        title: scenario.title.clone(),
        account,
        region: lab.stage().names.region.to_string(),
        clock: time,
        fidelity: fidelity::in_short(&scenario.fidelity),
        task: (current.map_or(all, |i| i + 1), all),
        minutes: scenario.minutes,
        done: current.is_none() && all > 0,
        guided: scenario.guided && current.is_some(),
        past: (done < steps).then(|| format!("step {done} of {steps}")),
        branch: (lab.history().others().len() > 0).then(|| steps::branch_name(lab.history().branch())),
    }
}

fn identities(lab: &Lab, dirty: bool, stale: bool, hidden: impl Fn(usize) -> bool) -> Vec<IdentityRow> {
    lab.personas()
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let kept = hidden(i);
            let preview = lab.previews().get(i).filter(|_| !kept);
            IdentityRow {
                name: p.name.clone(),
                number: lab.number(i),
                kind: p.kind().to_owned(),
                acting: i == lab.acting(),
                applied: match preview {
                    _ if kept => Applied::Hidden,
                    Some(preview) => Applied::Is(mark(&preview.now)),
                    None => Applied::Nothing,
                },
                draft: preview.and_then(|s| s.draft.as_ref()).filter(|_| dirty).map(|o| mark(o)),
                stale,
            }
        })
        .collect()
}

fn resources(world: &World) -> Vec<ResourceRow> {
    let keys = world.kms().keys().map(|key| {
        let arn = key.arn();
        let id = key.handle.id.to_string();
        ResourceRow { is_key: true, name: key_name(world, &arn), id, note: key.state().to_string() }
    });
    let tables = world.dynamodb().tables().map(|table| {
        let note = match table.key_arn() {
            Some(arn) => format!("under {}", key_name(world, arn)),
            None => "under an AWS owned key".to_owned(),
        };
        ResourceRow { is_key: false, name: table.handle.name.to_string(), id: String::new(), note }
    });
    keys.chain(tables).collect()
}
