//! What deciding costs: many questions at once against the same questions one by one, and `kmslab decide` as a whole
//! process.
//!
//! Run with `cargo bench --bench policy`. Figures depend on the machine; the ratios are what is held. A number as argument is
//! how many lines `kmslab decide` gets instead of 30,000; under valgrind 300 are enough.

use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kmslab::cloud::who_can::Detail;
use kmslab::cloud::{AccountId, Call, Caller, DocumentId, Fidelity, Probe, Who, World, reference};
use kmslab::policy::{
    Context, Document, Policies, PolicyKind, Principal, Request, Resource, ResourceMode, Source, Verdict,
    decide, parse,
};
use serde_json::{Value, json};

const ACTIONS: usize = 50;
const TARGETS: usize = 20;
const STATEMENTS: usize = 30;
/// As many as the 6,144 characters of a managed policy hold.
const MANAGED_STATEMENTS: usize = 20;
const POLICIES: usize = 200;
const ACCOUNT: &str = "111122223333";

fn main() {
    answers();
    growth();
    let lines = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(30_000);
    whole_process(lines);
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

/// Makes the line of a length.
type Maker = Box<dyn Fn(usize) -> String>;

/// How much longer an input takes that is twice as long: near 2 where the work grows with the input. `tests/growth` counts
/// steps and bytes for the same promise.
fn growth() {
    let line = |context: Value, policy: &str| {
        let request = json!({"principal": format!("arn:aws:iam::{ACCOUNT}:user/kim"), "action": "s3:GetObject",
            "resource": "*", "context": context});
        format!(r#"{{"request":{request},"identityPolicies":[{policy}]}}"#)
    };
    let matching = |pattern: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringLike": {"a:b": pattern}}}]})
        .to_string()
    };
    let deny = r#"{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}"#;
    let rows: [(&str, bool, Maker); 3] = [
        (
            "variables",
            false,
            Box::new(move |size| {
                line(json!({"a:b": "a".repeat(size / 2)}), &matching(&"${a:b}".repeat(size / 12)))
            }),
        ),
        (
            "plain pattern",
            false,
            Box::new(move |size| {
                line(json!({"a:b": "a".repeat(size / 2)}), &matching(&"*aab".repeat(size / 8)))
            }),
        ),
        (
            "explained statements",
            true,
            Box::new(move |size| {
                let statements = vec![deny; size / deny.len()].join(",");
                line(json!({}), &format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
            }),
        ),
    ];
    for (name, explain, input) in rows {
        let time = |size| {
            let line = input(size);
            median(9, || {
                kmslab::cli::decide::answer_lines(explain, reference(), line.as_bytes(), &mut Vec::new())
            })
        };
        let (small, large) = (time(32 << 10), time(64 << 10));
        println!(
            "{name}: 64 KiB take {large:.1?}, {:.2} times as long as 32 KiB",
            large.as_secs_f64() / small.as_secs_f64()
        );
    }
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

/// Statements on single actions and keys; every tenth has a condition.
fn identity_policy(subject: usize, statements: usize) -> String {
    let actions = actions();
    let statements: Vec<String> = (0..statements)
        .map(|n| {
            let at = subject * 7 + n * 3;
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

/// A statement for the account, and one for each of so many users in turn.
fn key_policy(statements: usize, users: usize) -> String {
    let account = format!(
        r#"{{"Sid": "Account", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}, "Action": "kms:*", "Resource": "*"}}"#
    );
    let more = (0..statements).map(|n| {
        format!(
            ",\n  {{\"Sid\": \"Use {n}\", \"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \"{}\"}}, \"Action\": [\"kms:Encrypt\", \"kms:Decrypt\"], \"Resource\": \"*\"}}",
            user(n % users)
        )
    });
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n  {account}{}]}}", more.collect::<String>())
}

fn ok(world: &mut World, service: &str, operation: &str, input: Value) -> Value {
    let root = Caller::Root(ACCOUNT.parse().expect("twelve digits"));
    let call = Call::decode(service, operation, input).expect("a call");
    world.call(&root, call).result.expect(operation).to_json()
}

/// An account with so many users, each with one of [`POLICIES`] identity policies and DynamoDB's, and so many keys with a key
/// policy of so many statements.
fn account(users: usize, keys: usize, statements: usize) -> (World, Vec<Who>, Vec<String>) {
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut world = World::new(7, now, Fidelity::instant());
    let account: AccountId = ACCOUNT.parse().expect("twelve digits");
    world.add_account(account.clone(), "bench");
    let who: Vec<Who> =
        (0..users).map(|n| Who::Caller(Caller::user(&account, &format!("user-{n}")))).collect();
    for n in 0..POLICIES {
        let policy = json!({"PolicyName": format!("own-{n}"), "PolicyDocument": identity_policy(n, MANAGED_STATEMENTS)});
        ok(&mut world, "iam", "CreatePolicy", policy);
    }
    for n in 0..users {
        let name = format!("user-{n}");
        ok(&mut world, "iam", "CreateUser", json!({"UserName": name}));
        let own = format!("arn:aws:iam::{ACCOUNT}:policy/own-{}", n % POLICIES);
        for arn in [&*own, "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"] {
            ok(&mut world, "iam", "AttachUserPolicy", json!({"UserName": name, "PolicyArn": arn}));
        }
    }
    let policy = key_policy(statements, users);
    let made = (0..keys).map(|_| {
        let key = ok(&mut world, "kms", "CreateKey", json!({"Policy": policy}));
        key["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned()
    });
    let keys = made.collect();
    (world, who, keys)
}

/// Asks each caller each question, one by one.
fn plain(world: &World, who: &[Who], probes: &[Probe]) -> usize {
    let may = |who: &Who, probe: &Probe| {
        world.probe_who(who, probe).is_ok_and(|record| record.decision.is_allowed())
    };
    who.iter().map(|who| probes.iter().filter(|probe| may(who, probe)).count()).sum()
}

/// The same from a grid.
fn gridded(world: &World, who: &[Who], probes: &[Probe]) -> usize {
    let answers = world.answers(who, probes);
    let may = |caller: usize, probe: usize| answers.verdict(caller, probe) == Some(Ok(Verdict::Allowed));
    (0..who.len()).map(|caller| (0..probes.len()).filter(|probe| may(caller, *probe)).count()).sum()
}

fn compare(what: &str, runs: usize, world: &World, who: &[Who], probes: &[Probe]) {
    // The plain loop takes as long for each caller: of many questions a share of the callers stands for all.
    let some = &who[..who.len().min(50_000 / probes.len())];
    assert_eq!(plain(world, some, probes), gridded(world, some, probes), "the answers are the same");
    let count = |list: &[Who]| u32::try_from(list.len()).map(f64::from).expect("some thousands");
    let share = count(some) / count(who);
    let one_by_one = median(runs, || plain(world, some, probes)).div_f64(share);
    let grid = median(runs, || gridded(world, who, probes));
    let ratio = one_by_one.as_secs_f64() / grid.as_secs_f64();
    println!("  {what:<44} {one_by_one:>10.2?} one by one, {grid:>10.2?} at once: {ratio:>6.1} times faster");
}

fn answers() {
    println!(
        "verdicts asked one by one and at once, {MANAGED_STATEMENTS} statements an identity and DynamoDB's policy"
    );
    let large = (1..1_000).find(|n| key_policy(*n, 100).len() > 32_000).expect("policies grow") - 1;
    let on = |key: &str, actions: &[&str]| {
        actions.iter().map(|action| Probe::new(*action, key)).collect::<Vec<_>>()
    };
    let (world, who, keys) = account(100, 1, large);
    let through = Probe { via: Some("dynamodb.amazonaws.com".into()), ..Probe::new("kms:Decrypt", &keys[0]) };
    let scan = Probe::new("dynamodb:Scan", format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/T"));
    compare("a watched Scan, 100 identities", 21, &world, &who, &[scan.clone(), through.clone()]);
    let mut columns = on(
        &keys[0],
        &[
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:DescribeKey",
            "kms:CreateGrant",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:Sign",
        ],
    );
    columns.extend([scan.clone(), through.clone(), Probe::new("dynamodb:PutItem", &scan.resource)]);
    compare("the matrix, 100 identities x 10", 21, &world, &who, &columns);
    for users in [1_000, 10_000] {
        let (world, who, keys) = account(users, 1, large);
        compare(&format!("who can, {users} principals"), 5, &world, &who, &on(&keys[0], &["kms:Decrypt"]));
        if users == 10_000 {
            reports(&world, &who, &keys[0]);
        }
    }
    let (world, who, keys) = account(1_000, TARGETS, 3);
    let actions = actions();
    let probes: Vec<Probe> = keys
        .iter()
        .flat_map(|key| actions.iter().map(|action| Probe::new(&**action, key.as_str())))
        .collect();
    compare("an organisation, 1,000 x 50 actions x 20 keys", 3, &world, &who, &probes);
}

/// A whole answer to "who can", and whom a draft turns, beside the plain loop over the same principals.
fn reports(world: &World, who: &[Who], key: &str) {
    let probe = Probe::new("kms:Decrypt", key);
    let probes = std::slice::from_ref(&probe);
    let one_by_one = median(3, || plain(world, who, probes));
    let report = median(3, || world.who_can(&probe, Detail::Conditions).rows.len());
    let ratio = one_by_one.as_secs_f64() / report.as_secs_f64();
    println!(
        "  {:<44} {one_by_one:>10.2?} one by one, {report:>10.2?} as a report, reasons and all: {ratio:>6.1} times faster",
        "who can, with tiers and conditions"
    );
    // The draft takes Decrypt from every tenth user.
    let text = key_policy(3, who.len()).replace(
        "\"Statement\": [",
        r#""Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:username": "user-*1"}}}, "#,
    );
    let caller = Caller::Root(ACCOUNT.parse().expect("twelve digits"));
    let document = DocumentId::KeyPolicy(key.to_owned());
    let drafted = document.what_if(world, &caller, &text).expect("a policy");
    let loops = median(3, || plain(world, who, probes).abs_diff(plain(&drafted, who, probes)));
    let grids = median(3, || {
        let (before, after) = (world.answers(who, probes), drafted.answers(who, probes));
        (0..who.len()).filter(|at| before.verdict(*at, 0) != after.verdict(*at, 0)).count()
    });
    let ratio = loops.as_secs_f64() / grids.as_secs_f64();
    println!(
        "  {:<44} {loops:>10.2?} one by one, {grids:>10.2?} at once: {ratio:>6.1} times faster",
        "the flips of a draft, 10,000 principals"
    );
    let told = median(3, || {
        let roll = world.roll(probes).with(drafted.roll(probes));
        let (before, after) = (world.tally(probes, &roll), drafted.tally(probes, &roll));
        before.rows().iter().zip(after.rows()).filter(|(before, after)| before != after).count()
    });
    println!("  {:<44} {told:>10.2?}", "whom it takes something from, of everybody");
}

/// Prints what `kmslab decide` costs on a file of that many lines, and its parts.
fn whole_process(lines: u32) {
    let count = lines as usize;
    let actions = actions();
    let identity: Vec<String> = (0..300).map(|n| identity_policy(n, STATEMENTS)).collect();
    let keys: Vec<String> = (0..20).map(|n| key_policy(n % 5, 5).replace('\n', " ")).collect();
    let mut input = String::new();
    for n in 0..count {
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
        (0..count).filter(|n| parse(&identity[n % 300], PolicyKind::Identity).document.is_some()).count()
    });
    let compiling = median(5, || {
        let own = identity.iter().map(|text| document(PolicyKind::Identity, text));
        own.chain(keys.iter().map(|text| document(PolicyKind::Resource, text))).collect::<Vec<_>>()
    });
    let ready: Vec<(Request, Policies)> = (0..count)
        .map(|n| {
            let principal = Principal::from_arn(&user(n % 300)).expect("a user");
            let action = actions[n / 300 % ACTIONS].clone();
            let request = Request::new(principal, action, Resource::new(arn(n % TARGETS)), Context::new());
            let source = |name: &str, kind, text: &str| Source::new(name, document(kind, text));
            let own = source("own", PolicyKind::Identity, &identity[n % 300]);
            let mut policies = Policies { identity: vec![own], ..Policies::default() };
            policies.resource.mode = ResourceMode::Required;
            policies.resource.source = Some(source("key", PolicyKind::Resource, &keys[n % keys.len()]));
            (request, policies)
        })
        .collect();
    let deciding = median(5, || {
        ready.iter().filter(|(request, policies)| decide(request, policies).is_allowed()).count()
    });
    let megabytes = input.len() / 1_000_000;
    println!("kmslab decide on {lines} different requests, {megabytes} MB");
    println!("  whole process {whole:.2?}: {:.0} requests a second", f64::from(lines) / whole.as_secs_f64());
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
