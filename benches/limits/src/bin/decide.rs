//! What `kmslab decide` costs on lines that hardly repeat a policy, beside another simulator on the same lines.
//!
//! `decide [--lines N] [--seed N] [--rounds N] [--kmslab PATH] [DIR]` makes the lines, has each program answer all of them
//! in turn, round by round, and prints the medians, their ratio and the most memory that each held (Linux: it reads /proc).
//! The other simulator is iam-simulate, a program of its own under the AGPL: `npm install @cloud-copilot/iam-simulate@0.1.173`
//! puts it into DIR, and `decide.mjs` beside this file hands it the lines. Without DIR kmslab runs alone. With `--write FILE`
//! the lines are only written.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
/// Statements of service control policies, of which many lines share one.
const SHARED_POLICIES: u64 = 100;

/// An action, the ARN of what it is done to up to the name of that, and the end of the ARN.
const CALLS: [(&str, &str, &str); 10] = [
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-", ""),
    ("kms:Encrypt", "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-", ""),
    ("kms:GenerateDataKey", "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-", ""),
    ("kms:DescribeKey", "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-", ""),
    ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/Ward", ""),
    ("dynamodb:Scan", "arn:aws:dynamodb:eu-west-1:111122223333:table/Ward", ""),
    ("s3:GetObject", "arn:aws:s3:::clinic-", "/scans/1.dcm"),
    ("s3:PutObject", "arn:aws:s3:::clinic-", "/scans/1.dcm"),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:intake-", ""),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:door-", ""),
];

fn main() {
    let options = Options::read();
    let lines = Lines::make(options.seed, options.lines);
    if let Some(file) = &options.write {
        fs::write(file, &lines.text).expect("the file can be written");
        return;
    }
    let folder = std::env::temp_dir().join(format!("kmslab-decide-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the lines");
    let input = folder.join("lines.jsonl");
    fs::write(&input, &lines.text).expect("the lines can be written");
    println!(
        "{} lines, {:.1} MB, {} policies, {} of them different, seed {}",
        options.lines,
        lines.text.len() as f64 / 1e6,
        lines.policies,
        lines.different,
        options.seed
    );
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("decide.mjs");
    let (driver, input) = (&driver, &input);
    let mut programs = vec![Program::new("kmslab decide", || {
        let mut command = Command::new(&options.kmslab);
        command.arg("decide").arg(input);
        command
    })];
    if let Some(reference) = &options.reference {
        programs.push(Program::new("iam-simulate", move || {
            let mut command = Command::new("node");
            command.arg(driver).arg(input).current_dir(reference);
            command
        }));
    }
    for _ in 0..options.rounds {
        for program in &mut programs {
            program.run(&folder);
        }
    }
    for program in &mut programs {
        program.report();
    }
    if let [kmslab, reference] = &programs[..] {
        println!(
            "kmslab is {:.1} times as fast",
            reference.median().as_secs_f64() / kmslab.median().as_secs_f64()
        );
        let pairs = kmslab.answers.iter().zip(&reference.answers);
        let same = pairs.filter(|(one, other)| one == other).count();
        println!("{same} of {} decisions are the same", options.lines);
    }
    fs::remove_dir_all(&folder).expect("the folder is there");
}

struct Options {
    lines: u64,
    seed: u64,
    rounds: usize,
    kmslab: PathBuf,
    write: Option<PathBuf>,
    reference: Option<PathBuf>,
}

impl Options {
    fn read() -> Self {
        let beside = std::env::current_exe().expect("this program has a path").with_file_name("kmslab");
        let mut options =
            Self { lines: 30_000, seed: 1, rounds: 5, kmslab: beside, write: None, reference: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number =
                || arguments.next().and_then(|text| text.parse().ok()).expect("a number follows");
            match &*argument {
                "--lines" => options.lines = number(),
                "--seed" => options.seed = number(),
                "--rounds" => options.rounds = usize::try_from(number()).expect("few rounds"),
                "--kmslab" => options.kmslab = arguments.next().expect("a path follows").into(),
                "--write" => options.write = arguments.next().map(PathBuf::from),
                folder => options.reference = Some(folder.into()),
            }
        }
        options
    }
}

/// A program that answers the lines, and how that went.
struct Program<'a> {
    name: &'static str,
    command: Box<dyn Fn() -> Command + 'a>,
    times: Vec<Duration>,
    most_memory: u64,
    /// The decision of each line, by its first letter.
    answers: Vec<u8>,
}

impl<'a> Program<'a> {
    fn new(name: &'static str, command: impl Fn() -> Command + 'a) -> Self {
        Self { name, command: Box::new(command), times: Vec::new(), most_memory: 0, answers: Vec::new() }
    }

    /// Runs it once, to the end of the process.
    fn run(&mut self, folder: &Path) {
        let output = folder.join("answers.jsonl");
        let file = fs::File::create(&output).expect("the answers can be written");
        let start = Instant::now();
        let mut child = (self.command)().stdout(Stdio::from(file)).spawn().expect("the program starts");
        self.most_memory = self.most_memory.max(watch(&mut child));
        assert!(child.wait().expect("it ends").success(), "{} fails", self.name);
        self.times.push(start.elapsed());
        let text = fs::read_to_string(&output).expect("the answers are text");
        self.answers = text.lines().map(decision).collect();
    }

    fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times[times.len() / 2]
    }

    fn report(&self) {
        let errors = self.answers.iter().filter(|answer| **answer == b'e').count();
        println!(
            "  {:<14} {:>7.3} s, the median of {} runs; at most {} MB; {errors} lines refused",
            self.name,
            self.median().as_secs_f64(),
            self.times.len(),
            self.most_memory / 1000
        );
    }
}

/// The first letter of the decision in an answer, `e` for an error.
fn decision(answer: &str) -> u8 {
    const MARK: &str = r#""decision":""#;
    let decision = answer.split_once(MARK).and_then(|(_, rest)| rest.bytes().next());
    decision.unwrap_or(b'e')
}

/// The most memory that a process held until it ended, in kB.
fn watch(child: &mut Child) -> u64 {
    const INTERVAL: Duration = Duration::from_millis(4);
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("it can be waited for").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB")).and_then(|peak| peak.parse().ok());
        most = most.max(peak.unwrap_or(0));
        std::thread::sleep(INTERVAL);
    }
    most
}

/// The lines as one text.
struct Lines {
    text: String,
    policies: usize,
    different: usize,
}

impl Lines {
    fn make(seed: u64, lines: u64) -> Self {
        let mut random = Random(seed);
        let shared: Vec<String> =
            (0..SHARED_POLICIES).map(|number| shared_policy(number, &mut random)).collect();
        let mut made = Self { text: String::new(), policies: 0, different: 0 };
        let mut seen: HashSet<String> = HashSet::new();
        for number in 0..lines {
            let (action, start, end) = CALLS[random.below(CALLS.len() as u64) as usize];
            let resource = format!("{start}{:012}{end}", random.below(lines));
            let user = random.below(lines);
            let own = identity_policy(number, action, &resource, &mut random);
            let mut identity = vec![own];
            if random.below(5) == 0 {
                identity.push(identity_policy(number + lines, action, &resource, &mut random));
            }
            let of_resource = resource_policy(number, user, action, &resource, &mut random);
            let scp = (random.below(2) == 0).then(|| &shared[random.below(SHARED_POLICIES) as usize]);
            let address = format!("203.0.113.{}", random.below(256));
            let _ = write!(
                made.text,
                r#"{{"id": {number}, "request": {{"principal": "arn:aws:iam::{ACCOUNT}:user/staff/user-{user}", "action": "{action}", "resource": "{resource}", "resourceAccount": "{ACCOUNT}", "context": {{"aws:SourceIp": "{address}", "aws:SourceVpc": "vpc-{}"}}}}, "identityPolicies": [{}], "resourcePolicy": {of_resource}"#,
                random.below(50),
                identity.join(", ")
            );
            if let Some(scp) = scp {
                let _ = write!(made.text, r#", "scps": [[{scp}]]"#);
            }
            made.text.push_str("}\n");
            made.policies += identity.len() + 1 + usize::from(scp.is_some());
            made.different += identity
                .into_iter()
                .chain([of_resource])
                .filter(|policy| seen.insert(policy.clone()))
                .count();
            made.different += usize::from(scp.is_some_and(|scp| seen.insert(scp.clone())));
        }
        made
    }
}

/// Statements about the request and about others, with and without conditions.
fn identity_policy(number: u64, action: &str, resource: &str, random: &mut Random) -> String {
    let (service, _) = action.split_once(':').expect("an action has a colon");
    let actions = match random.below(4) {
        0 => format!(r#"["{action}"]"#),
        1 => format!(r#"["{service}:List*", "{service}:Get*", "{service}:De*"]"#),
        2 => format!(r#""{service}:*""#),
        _ => format!(r#"["{action}", "{service}:Tag*"]"#),
    };
    let on = match random.below(3) {
        0 => format!(r#""{resource}""#),
        1 => format!(r#"["{resource}", "{}*"]"#, &resource[..resource.len() - 3]),
        _ => r#""*""#.to_owned(),
    };
    let condition = match random.below(4) {
        0 => r#", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/25", "198.51.100.0/24"]}}"#
            .to_owned(),
        1 => format!(r#", "Condition": {{"StringEquals": {{"aws:SourceVpc": "vpc-{}"}}}}"#, random.below(50)),
        _ => String::new(),
    };
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "Own{number}", "Effect": "Allow", "Action": {actions}, "Resource": {on}{condition}}}, {{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:{ACCOUNT}:*"}}]}}"#
    )
}

/// The account, somebody by name, and another account under a condition.
fn resource_policy(number: u64, user: u64, action: &str, resource: &str, random: &mut Random) -> String {
    let (service, _) = action.split_once(':').expect("an action has a colon");
    let on = if service == "kms" { "*" } else { resource };
    let named = if random.below(3) == 0 { user } else { user + 1 };
    let effect = if random.below(8) == 0 { "Deny" } else { "Allow" };
    format!(
        r#"{{"Version": "2012-10-17", "Id": "policy-{number}", "Statement": [{{"Sid": "Account", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}, "Action": "{service}:*", "Resource": "{on}"}}, {{"Effect": "{effect}", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:user/staff/user-{named}"}}, "Action": "{action}", "Resource": "{on}"}}, {{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{OTHER}:root"}}, "Action": "{action}", "Resource": "{on}", "Condition": {{"StringLike": {{"aws:PrincipalArn": "arn:aws:iam::{OTHER}:role/partner-{number}-*"}}}}}}]}}"#
    )
}

fn shared_policy(number: u64, random: &mut Random) -> String {
    let denied = CALLS[random.below(CALLS.len() as u64) as usize].0;
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "*", "Resource": "*"}}, {{"Sid": "Fence{number}", "Effect": "Deny", "Action": "{denied}", "Resource": "*", "Condition": {{"StringEquals": {{"aws:SourceVpc": "vpc-{}"}}}}}}]}}"#,
        random.below(50)
    )
}

/// Numbers that depend on a seed alone (SplitMix64), so that everybody measures the same lines.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
