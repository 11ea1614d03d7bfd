//! What deciding costs: a grid of decisions against the same decisions one by one, a keystroke in a large key
//! policy against one frame of the screen, and `kmslab decide` as a whole process.
//!
//! Run with `cargo bench --bench policy`. Figures depend on the machine; the ratios are what is held.

use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kmslab::cloud::{reference, rulebook};
use kmslab::policy::{
    Context, Document, Grid, Policies, PolicyKind, Principal, Request, Resource, ResourceMode, Source,
    Subject, Target, decide, parse, review,
};
use ratatui::backend::TestBackend;
use ratatui::widgets::{Block, Paragraph};

const SUBJECTS: usize = 100;
const ACTIONS: usize = 50;
const TARGETS: usize = 20;
const STATEMENTS: usize = 30;
const ACCOUNT: &str = "111122223333";

fn main() {
    grid();
    keystroke();
    whole_process();
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

/// The median of some runs.
fn median<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| timed(|| black_box(work())).0).collect();
    times.sort();
    times[times.len() / 2]
}

fn document(kind: PolicyKind, text: &str) -> Arc<Document> {
    parse(text, kind).document.expect("a valid document")
}

fn actions() -> Vec<Arc<str>> {
    let kms = reference().services.get("kms").into_iter().flat_map(|service| service.actions.keys());
    kms.take(ACTIONS).map(|name| format!("kms:{name}").into()).collect()
}

fn arn(target: usize) -> String {
    format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-{target:012}")
}

fn user(subject: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/user-{subject}")
}

/// Thirty statements on single actions and keys; every tenth has a condition.
fn identity_policy(subject: usize, edition: usize) -> String {
    let actions = actions();
    let statements: Vec<String> = (0..STATEMENTS)
        .map(|n| {
            let at = subject * 7 + n * 3 + edition;
            let (first, second) = (&actions[at % ACTIONS], &actions[(at + 11) % ACTIONS]);
            let effect = if n % 9 == 8 { "Deny" } else { "Allow" };
            let condition = if n % 10 == 9 {
                r#", "Condition": {"StringEquals": {"aws:username": "${aws:username}"}}"#
            } else {
                ""
            };
            let resource = if n % 5 == 4 { "*".to_owned() } else { arn(at % TARGETS) };
            format!(
                r#"{{"Sid": "S{n}", "Effect": "{effect}", "Action": ["{first}", "{second}", "kms:List*"], "Resource": "{resource}"{condition}}}"#
            )
        })
        .collect();
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn key_policy(statements: usize) -> String {
    let account = format!(
        r#"{{"Sid": "Account", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}, "Action": "kms:*", "Resource": "*"}}"#
    );
    let more = (0..statements).map(|n| {
        format!(
            ",\n  {{\"Sid\": \"Use {n}\", \"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \"{}\"}}, \"Action\": [\"kms:Encrypt\", \"kms:Decrypt\"], \"Resource\": \"*\"}}",
            user(n)
        )
    });
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n  {account}{}]}}", more.collect::<String>())
}

fn subject(index: usize, policy: &str) -> Subject {
    let name = user(index);
    let principal = Principal::from_arn(&name).expect("a user");
    let identity = vec![Source::new("own", document(PolicyKind::Identity, policy))];
    Subject {
        principal,
        identity,
        boundary: None,
        session: None,
        scps: None,
        endpoint: None,
        context: Context::new(),
    }
}

fn target(index: usize) -> Target {
    let policy = Source::new("key", document(PolicyKind::Resource, &key_policy(3)));
    Target {
        resource: Resource::new(arn(index)),
        policy: Some(policy),
        rcps: None,
        grants: vec![],
        context: Context::new(),
        modes: vec![(ResourceMode::Required, true); ACTIONS],
    }
}

type Parts = (Vec<Subject>, Vec<(Arc<str>, Context)>, Vec<Target>);

fn new_grid() -> Parts {
    let subjects = (0..SUBJECTS).map(|index| subject(index, &identity_policy(index, 0))).collect();
    let actions = actions().into_iter().map(|action| (action, Context::new())).collect();
    (subjects, actions, (0..TARGETS).map(target).collect())
}

fn cells() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..SUBJECTS).flat_map(|s| (0..ACTIONS).flat_map(move |a| (0..TARGETS).map(move |t| (s, a, t))))
}

fn grid() {
    let (subjects, actions, targets) = new_grid();
    let mut grid = Grid::new(subjects.clone(), actions.clone(), targets.clone());
    // The reference gets its questions and its policies ready made.
    let questions: Vec<(Request, Arc<Policies>)> = {
        let policies: Vec<Vec<Arc<Policies>>> = (0..SUBJECTS)
            .map(|s| (0..TARGETS).map(|t| Arc::new(grid.policies(s, 0, t).expect("a cell"))).collect())
            .collect();
        cells().map(|(s, a, t)| (grid.request(s, a, t).expect("a cell"), policies[s][t].clone())).collect()
    };
    for ((s, a, t), (request, policies)) in cells().zip(&questions) {
        assert_eq!(
            grid.decision(s, a, t).as_ref(),
            Some(&decide(request, policies)),
            "the answers are the same"
        );
    }
    println!(
        "grid of {SUBJECTS} identities x {ACTIONS} actions x {TARGETS} resources, {STATEMENTS} statements an identity"
    );
    let one_by_one = median(5, || {
        questions.iter().filter(|(request, policies)| decide(request, policies).is_allowed()).count()
    });
    let from_scratch = median(9, || Grid::new(subjects.clone(), actions.clone(), targets.clone()));
    let mut edition = 0;
    let identity_edit = median(51, || {
        edition += 1;
        grid.replace_subject(7, subject(7, &identity_policy(7, edition)))
    });
    let key_edit = median(21, || {
        edition += 1;
        let text = key_policy(edition % 9);
        grid.replace_policy(3, Some(Source::new("key", document(PolicyKind::Resource, &text))))
    });
    println!("  one by one            {one_by_one:>10.2?}");
    let ratio = |time: Duration| one_by_one.as_secs_f64() / time.as_secs_f64();
    println!("  from scratch          {from_scratch:>10.2?}   {:>8.1} times faster", ratio(from_scratch));
    println!("  one identity edited   {identity_edit:>10.2?}   {:>8.1} times faster", ratio(identity_edit));
    println!("  one key policy edited {key_edit:>10.2?}   {:>8.1} times faster", ratio(key_edit));
}

fn keystroke() {
    let (subjects, actions, targets) = new_grid();
    let mut grid = Grid::new(subjects, actions, targets);
    let statements = (1..1_000).find(|n| key_policy(*n).len() > 32_000).expect("policies grow") - 1;
    let text = key_policy(statements);
    let profile = rulebook().profile("kms-key").expect("a profile");
    let mut times: Vec<Duration> = (0..200)
        .map(|n| {
            // A letter more or less in a Sid near the end.
            let edited =
                text.replace(&format!("Use {}\"", statements - 1), &format!("Use {}\"", "x".repeat(n % 7)));
            let work = || {
                let review = review(&edited, profile, reference());
                let policy = review.document.map(|document| Source::new("key", document));
                grid.replace_policy(3, policy);
                review.diagnostics.len()
            };
            timed(work).0
        })
        .collect();
    times.sort();
    let lines: Vec<String> = (0..60).map(|n| format!("{n:>3} {}", "kms:Decrypt ".repeat(16))).collect();
    let mut terminal = ratatui::Terminal::new(TestBackend::new(200, 60)).expect("a terminal in memory");
    let mut flip = false;
    let frame = median(101, || {
        flip = !flip;
        let title = if flip { "a" } else { "b" };
        let body = Paragraph::new(lines.join("\n")).block(Block::bordered().title(title));
        terminal.draw(|frame| frame.render_widget(body, frame.area())).expect("memory takes it").count
    });
    let p99 = times[times.len() * 99 / 100];
    println!("keystroke in a key policy of {} bytes, to new diagnostics and a new grid", text.len());
    println!(
        "  median {:.2?}, p99 {p99:.2?}; one plain frame of 200x60 takes {frame:.2?}",
        times[times.len() / 2]
    );
}

fn whole_process() {
    const LINES: u32 = 30_000;
    const COUNT: usize = LINES as usize;
    let actions = actions();
    let identity: Vec<String> = (0..300).map(|n| identity_policy(n, n)).collect();
    let keys: Vec<String> = (0..20).map(|n| key_policy(n % 5).replace('\n', " ")).collect();
    let mut input = String::new();
    for n in 0..COUNT {
        let (own, key) = (&identity[n % identity.len()], &keys[n % keys.len()]);
        let (principal, action, resource) = (user(n % 300), &actions[n / 300 % ACTIONS], arn(n % TARGETS));
        let line = format!(
            r#"{{"id": {n}, "request": {{"principal": "{principal}", "action": "{action}", "resource": "{resource}", "context": {{"aws:SourceIp": "203.0.{}.{}"}}}}, "identityPolicies": [{own}], "resourcePolicy": {key}}}"#,
            n / 256,
            n % 256
        );
        input.push_str(&line);
        input.push('\n');
    }
    let path = std::env::temp_dir().join(format!("kmslab-bench-{}.jsonl", std::process::id()));
    std::fs::File::create(&path).and_then(|mut file| file.write_all(input.as_bytes())).expect("a file");
    let whole = median(5, || {
        let status = Command::new(env!("CARGO_BIN_EXE_kmslab"))
            .arg("decide")
            .arg(&path)
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("the program runs").success());
    });
    std::fs::remove_file(&path).expect("the file is there");

    // The parts, on one core: reading is the lines as JSON with their policies left as text.
    let reading =
        median(5, || input.lines().filter(|line| serde_json::from_str::<Line<'_>>(line).is_ok()).count());
    let every_time = median(3, || {
        (0..COUNT).filter(|n| parse(&identity[n % 300], PolicyKind::Identity).document.is_some()).count()
    });
    let compiling = median(5, || {
        let own = identity.iter().map(|text| document(PolicyKind::Identity, text));
        own.chain(keys.iter().map(|text| document(PolicyKind::Resource, text))).collect::<Vec<_>>()
    });
    let ready: Vec<(Request, Policies)> = (0..COUNT)
        .map(|n| {
            let principal = Principal::from_arn(&user(n % 300)).expect("a user");
            let action = actions[n / 300 % ACTIONS].clone();
            let request = Request::new(principal, action, Resource::new(arn(n % TARGETS)), Context::new());
            let subject = subject(n % 300, &identity[n % 300]);
            let mut target = target(n % TARGETS);
            target.policy = Some(Source::new("key", document(PolicyKind::Resource, &keys[n % keys.len()])));
            let mut policies = Policies { identity: subject.identity, ..Policies::default() };
            policies.resource.mode = ResourceMode::Required;
            policies.resource.source = target.policy;
            (request, policies)
        })
        .collect();
    let deciding = median(5, || {
        ready.iter().filter(|(request, policies)| decide(request, policies).is_allowed()).count()
    });
    let megabytes = input.len() / 1_000_000;
    println!("kmslab decide on {LINES} different requests, {megabytes} MB");
    println!("  whole process {whole:.2?}: {:.0} requests a second", f64::from(LINES) / whole.as_secs_f64());
    println!(
        "  parts on one core: reading {reading:.2?}, compiling each document once {compiling:.2?}, deciding {deciding:.2?}"
    );
    println!("  compiling the identity policy of every line anew would take {every_time:.2?}");
}

/// A line with its policies left as text.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(borrow, rename = "identityPolicies")]
    _identity_policies: &'a serde_json::value::RawValue,
    #[serde(borrow, rename = "resourcePolicy")]
    _resource_policy: &'a serde_json::value::RawValue,
}
