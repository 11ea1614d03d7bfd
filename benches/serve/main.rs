//! `kmslab serve` under load: a signed GetItem from an encrypted table beside a bare server that says hello in JSON.
//!
//! Run with `cargo bench --bench serve`; `cargo bench --bench serve -- ratio` runs one part: `ratio`, `start`, `memory` or
//! `slow`. `KMSLAB_BENCH_REQUESTS` sets how many requests memory is told after, besides 100,000 (1,000,000 unless given).
//! `.ci/serve-beside` sets other emulators beside it. Figures depend on the machine; the ratios are what is held.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

#[path = "../../tests/serve/client.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod client;
mod hello;
mod load;
#[path = "../../tests/serve/server.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod server;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use client::{Pair, Signing, sign};
use load::{Load, Waiting};
use serde_json::{Value, json};
use server::{Port, Server};

/// The connections that ask at the same time.
const CONNECTIONS: usize = 32;

/// How long each server is asked in a round.
const ROUND: Duration = Duration::from_secs(3);

const ROUNDS: usize = 5;

fn main() {
    if hello::is_asked_for() {
        return hello::serve();
    }
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if wanted("start") {
        start();
    }
    if wanted("ratio") {
        ratio();
    }
    if wanted("slow") {
        slow();
    }
    if wanted("memory") {
        memory();
    }
}

/// A4's world, in which tess may read the table: her identity policy lets her, for DynamoDB and for the key.
fn clinic(arguments: &[&str]) -> Server {
    let server = Server::start(&[&["--scenario", "a4"], arguments].concat());
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]});
    let policy = kmslab::wire::percent::encode(policy.to_string().as_bytes(), b"");
    let put = format!("Action=PutUserPolicy&UserName=tess&PolicyName=D&PolicyDocument={policy}");
    assert_eq!(server.form("kim", "iam", &put).status, 200);
    server
}

/// A request that keeps its connection open, signed now.
fn request(address: SocketAddr, pair: &Pair, operation: &str, input: &Value) -> Vec<u8> {
    let body = input.to_string();
    let mut headers = vec![
        ("content-type".to_owned(), "application/x-amz-json-1.0".to_owned()),
        ("host".to_owned(), address.to_string()),
        ("x-amz-target".to_owned(), format!("DynamoDB_20120810.{operation}")),
    ];
    let signing = Signing { pair: pair.clone(), region: "us-east-1", service: "dynamodb", later: 0 };
    sign(&signing, &mut headers, &body);
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    format!("POST / HTTP/1.1\r\n{lines}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn get_item(port: &Port) -> Vec<u8> {
    let input = json!({"TableName": "CustomerData", "Key": {"CustomerID": {"S": "12345"}}});
    request(port.address, &port.pair("tess"), "GetItem", &input)
}

fn put_item(port: &Port) -> Vec<u8> {
    let input = json!({"TableName": "CustomerData", "Item": {"CustomerID": {"S": "777"}, "Name": {"S": "x".repeat(200)}}});
    request(port.address, &port.pair("tess"), "PutItem", &input)
}

/// Somebody who is asked in each round.
struct Asked {
    name: String,
    address: SocketAddr,
    /// The process that answers, where it is known.
    process: Option<u32>,
    request: Vec<u8>,
    loads: Vec<Load>,
    /// How long the processors have worked for the process meanwhile.
    worked: Duration,
}

impl Asked {
    fn new(name: &str, address: SocketAddr, process: Option<u32>, request: Vec<u8>) -> Self {
        Self { name: name.to_owned(), address, process, request, loads: Vec::new(), worked: Duration::ZERO }
    }

    fn ask(&mut self) {
        let before = self.process.map(processor_time);
        self.loads.push(load::ask(self.address, &self.request, CONNECTIONS, ROUND));
        if let (Some(process), Some(before)) = (self.process, before) {
            self.worked += processor_time(process).saturating_sub(before);
        }
    }

    /// Prints a row, with its ratio to another.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn print(&self, reference: &Self) {
        let rates: Vec<f64> = self.loads.iter().map(Load::rate).collect();
        let pairs = self.loads.iter().zip(&reference.loads);
        let ratios = pairs.map(|(load, other)| load.rate() / other.rate()).collect();
        let all = Load::together(&self.loads);
        let work = self.process.map(|_| self.worked.as_secs_f64() * 1e6 / all.count() as f64);
        println!(
            "{:<34} {:>8.0} a second  {:>5.2} of hello  p50 {:>6.2} ms  p99 {:>6.2} ms  {}",
            self.name,
            median(rates),
            median(ratios),
            all.percentile(50),
            all.percentile(99),
            work.map_or(String::new(), |work| format!("{work:>4.0} us of processors each"))
        );
    }
}

/// How long the processors have worked for a process, in user mode and in the system's.
#[cfg(target_os = "linux")]
fn processor_time(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    // Source: proc_pid_stat(5): behind the name, which ends with the last bracket, utime is the 12th field and stime the 13th,
    // in ticks, of which Linux shows 100 a second.
    let fields = stat.rsplit_once(')').expect("a name").1.split_ascii_whitespace();
    let ticks: u64 = fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a figure")).sum();
    Duration::from_millis(ticks * 10)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Rounds in which each server is asked in turn, so that what else the machine does meets all of them.
fn ratio() {
    let bare = hello::Bare::start();
    let plain = clinic(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state").display().to_string();
    let kept = clinic(&["--state", &state]);
    // As on AWS, DynamoDB keeps a table key for five minutes, and does not ask KMS for each item.
    let cached = clinic(&["--fidelity", "aws"]);
    let mut rows = vec![
        Asked::new("hello: axum, JSON", bare.address, Some(bare.process()), get_item(&plain)),
        Asked::new("GetItem, signed, encrypted", plain.address, Some(plain.process()), get_item(&plain)),
        Asked::new("the same, --state", kept.address, Some(kept.process()), get_item(&kept)),
        Asked::new("the same, --fidelity aws", cached.address, Some(cached.process()), get_item(&cached)),
        Asked::new("PutItem, signed, encrypted", plain.address, Some(plain.process()), put_item(&plain)),
        Asked::new("the same, --state", kept.address, Some(kept.process()), put_item(&kept)),
    ];
    rows.append(&mut beside());
    for row in &rows {
        load::ask(row.address, &row.request, CONNECTIONS, Duration::from_millis(500));
    }
    for _ in 0..ROUNDS {
        rows.iter_mut().for_each(Asked::ask);
    }
    println!("{CONNECTIONS} connections, {ROUNDS} rounds of {ROUND:?}, medians");
    for row in &rows {
        row.print(&rows[0]);
    }
}

/// Other emulators that run already, as `NAME=ADDRESS,..` in the environment, each with the table and the item.
fn beside() -> Vec<Asked> {
    let named = std::env::var("KMSLAB_BENCH_BESIDE").unwrap_or_default();
    let others = named.split(',').filter_map(|one| one.split_once('='));
    let row = |(name, address): (&str, &str)| {
        let address: SocketAddr = address.parse().expect("an address and a port");
        let pair = Pair { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), secret: "x".to_owned(), token: None };
        let table = json!({
            "TableName": "CustomerData", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "CustomerID", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "CustomerID", "KeyType": "HASH"}]});
        load::once(address, &request(address, &pair, "CreateTable", &table));
        let item = json!({"TableName": "CustomerData", "Item": {
            "CustomerID": {"S": "12345"}, "Name": {"S": "Alice Johnson"}, "Email": {"S": "alice@example.com"}}});
        let item = request(address, &pair, "PutItem", &item);
        // A table is being made for a moment.
        let until = Instant::now() + Duration::from_secs(10);
        while load::once(address, &item) != 200 {
            assert!(Instant::now() < until, "{name} takes no item");
            std::thread::sleep(Duration::from_millis(50));
        }
        let key = json!({"TableName": "CustomerData", "Key": {"CustomerID": {"S": "12345"}}});
        Asked::new(&format!("{name}: GetItem"), address, None, request(address, &pair, "GetItem", &key))
    };
    others.map(row).collect()
}

/// From the start of the process to its first line.
fn start() {
    let times = (0..20).map(|_| {
        let since = Instant::now();
        let server = Server::start(&["--empty"]);
        let took = since.elapsed().as_secs_f64() * 1e3;
        drop(server);
        took
    });
    println!("start to ready: {:.1} ms, the median of 20", median(times.collect()));
}

/// What many idle and slow connections do to others.
fn slow() {
    let server = clinic(&[]);
    let request = get_item(&server);
    let asked = |name: &str| {
        let load = load::ask(server.address, &request, CONNECTIONS, ROUND);
        println!("{name:<34} {:>8.0} a second  p99 {:>6.2} ms", load.rate(), load.percentile(99));
        load.percentile(99)
    };
    asked("warming up");
    let alone = asked("32 connections alone");
    let waiting = Waiting::open(server.address, 1_000 - CONNECTIONS, &request);
    let crowded = asked("beside 968, half slow, half idle");
    println!(
        "{} of them are open at the end; p99 is {:.2} times as long",
        waiting.open_still(),
        crowded / alone
    );
}

/// The memory of a server after many requests.
fn memory() {
    let most = std::env::var("KMSLAB_BENCH_REQUESTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let server = clinic(&[]);
    println!("memory at the start: {} MB", server.resident() >> 20);
    let mut done = 0;
    for until in [100_000, 200_000, most / 2, most] {
        while done < until {
            // Signed anew: a signature is good for five minutes.
            let request = get_item(&server);
            done += load::ask(server.address, &request, CONNECTIONS, Duration::from_secs(10)).count();
        }
        println!(
            "after {done:>9} requests: {} MB, {} descriptors",
            server.resident() >> 20,
            server.descriptors()
        );
    }
}
