//! A long random walk: everybody calls everything, with names that exist and names that do not, while time jumps.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::SignedDuration;
use kmslab::cloud::{Call, CallContext, Caller, Fidelity, Region, SERVICES, World};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::codes::may_answer;
use super::lab::{HOME, Lab, MARKERS, Request, base64, root, user};
use super::random::Random;

/// So many calls are made, unless `KMSLAB_WALK` says otherwise: `.ci/run` asks for fifty thousand.
const CALLS: usize = 20_000;

/// What changed the world, in order.
enum Change {
    Called(Box<(Caller, Call)>, u64),
    Lapsed(SignedDuration),
}

struct Walk {
    digest: [u8; 32],
    world: World,
    changes: Vec<Change>,
    succeeded: usize,
    refused: usize,
    failed: usize,
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The world as text, but for the ids of requests, which failed calls use up.
fn state_of(world: &World) -> String {
    let text = format!("{world:?}");
    let mut parts = text.split("request_id: \"");
    let mut state = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        state.push_str(part.split_once('"').map_or(part, |(_, rest)| rest));
    }
    state
}

/// Everything that gives the stored plaintext away.
fn secrets() -> Vec<String> {
    let mut secrets: Vec<String> = MARKERS.iter().map(|marker| (*marker).to_owned()).collect();
    secrets.push(base64(MARKERS[2].as_bytes()));
    secrets
}

fn walk(seed: u64, calls: usize) -> Walk {
    let Lab { mut world, requests, mut callers } = Lab::new(seed, Fidelity::aws());
    let everything: Vec<(&str, &str)> = SERVICES
        .iter()
        .flat_map(|service| service.operations.iter().map(|one| (service.prefix, one.operation)))
        .collect();
    let templates: Vec<Vec<&Request>> = everything
        .iter()
        .map(|(service, operation)| {
            requests.iter().filter(|r| r.service == *service && r.operation == *operation).collect()
        })
        .collect();
    assert!(templates.iter().all(|templates| !templates.is_empty()), "every operation has a request");
    let mut random = Random::new(seed);
    for request in &requests {
        random.learn(&request.input);
    }
    let secrets = secrets();
    let mut digest = Sha256::new();
    let mut changes = Vec::new();
    let mut faults = BTreeMap::new();
    let (mut succeeded, mut refused, mut failed) = (0, 0, 0);
    for count in 0..calls {
        let of_operation = random.rng.one(&templates).clone();
        let template = *random.rng.one(&of_operation);
        let Request { mut service, mut operation, .. } = *template;
        // Finding RSA primes takes longer than a hundred other calls.
        if operation == "GetParametersForImport" && !random.rng.percent(2) {
            continue;
        }
        let mut input = if random.rng.percent(65) {
            random.variation(service, operation, &template.input)
        } else {
            random.input(service, operation)
        };
        let mut caller = match random.rng.below(10) {
            0..4 => template.caller.clone(),
            // Of the others nobody may do anything in an organization.
            _ if service == "organizations" && random.rng.percent(50) => template.caller.clone(),
            4 => root(HOME),
            _ => random.rng.one(&callers).clone(),
        };
        // The administrator gets back now and then what was taken from her, so that the walk goes on.
        if count % 500 == 499 {
            (service, operation, caller) = ("iam", "AttachUserPolicy", root(HOME));
            input = json!({"UserName": "kim", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        }
        let region =
            if random.rng.percent(94) { "us-east-1" } else { *random.rng.one(&["eu-west-1", "nowhere-7"]) };
        let call = match Call::decode(service, operation, input) {
            Ok(call) => call,
            Err(error) => {
                if !may_answer(service, operation, &error.code) {
                    faults.insert(format!("{service} {operation} {}", error.code), error.message.clone());
                }
                digest.update(error.to_string());
                failed += 1;
                continue;
            }
        };
        let mut context = CallContext::in_region(Region::new(region));
        context.connection = u32::from(random.rng.percent(20));
        let call = call.with_context(context);
        let outcome = world.call(&caller, call.clone());
        let is_refused = outcome.decisions.iter().any(|record| !record.decision.is_allowed());
        let records: Vec<String> = outcome.events.iter().map(|event| event.to_json().to_string()).collect();
        for secret in &secrets {
            assert!(
                !records.iter().any(|record| record.contains(secret)),
                "{service} {operation}: {records:?}"
            );
        }
        let shown = match &outcome.result {
            Ok(output) => {
                let output = output.to_json();
                succeeded += 1;
                random.learn(&output);
                if let Some(key) = output["Credentials"]["AccessKeyId"].as_str() {
                    remember(&mut callers, Caller::Session(key.into()), random.rng.below(40));
                }
                if let Some(name) = output["User"]["UserName"].as_str().filter(|_| operation == "CreateUser")
                {
                    remember(&mut callers, user(name), random.rng.below(40));
                }
                let shown = output.to_string();
                // These tell of calls that are not done again, since they failed.
                if !matches!(operation, "LookupEvents" | "GetKeyLastUsage") && service != "iam-toolbox" {
                    changes.push(Change::Called(Box::new((caller.clone(), call)), hash(&shown)));
                }
                shown
            }
            Err(error) => {
                failed += 1;
                if !may_answer(service, operation, &error.code) {
                    faults.insert(format!("{service} {operation} {}", error.code), error.message.clone());
                }
                let is_fault = error.status >= 500 && error.code != "InternalServerError";
                assert!(!is_fault, "{service} {operation}: {error}");
                error.to_string()
            }
        };
        let is_shown = secrets.iter().any(|secret| shown.contains(secret));
        if is_refused || outcome.result.is_err() {
            refused += usize::from(is_refused);
            assert!(!is_shown, "{caller:?} was refused {service} {operation} and sees {shown}");
        }
        if is_shown && service == "kms" {
            let may = outcome.decisions.iter().any(|record| **record.request.action() == *"kms:Decrypt");
            assert!(may, "{operation} shows a plaintext without a decision about kms:Decrypt");
        }
        digest.update(service);
        digest.update(operation);
        digest.update(&shown);
        digest.update(hash(&records.join("\n")).to_le_bytes());
        if random.rng.percent(2) {
            let lapse = match random.rng.below(10) {
                0..7 => SignedDuration::from_secs(i64::try_from(random.rng.below(900)).expect("it is small")),
                7 | 8 => {
                    SignedDuration::from_hours(i64::try_from(random.rng.below(30)).expect("it is small"))
                }
                _ => {
                    SignedDuration::from_hours(i64::try_from(24 * random.rng.below(40)).expect("it is small"))
                }
            };
            world.advance(lapse).expect("forward");
            changes.push(Change::Lapsed(lapse));
        }
        // The audit trail is not kept for ever; the history of LookupEvents is short anyway.
        if count % 5_000 == 4_999 {
            world.clear_events();
        }
    }
    assert!(faults.is_empty(), "these codes are not in the API model: {faults:#?}");
    digest.update(format!("{world:?}"));
    Walk { digest: digest.finalize().into(), world, changes, succeeded, refused, failed }
}

fn remember(callers: &mut Vec<Caller>, caller: Caller, at: usize) {
    const MOST: usize = 40;
    if callers.len() < MOST {
        callers.push(caller);
    } else if at > 12 {
        callers[at] = caller;
    }
}

#[test]
fn a_long_walk_never_panics_never_leaks_and_is_reproduced_from_its_seed() {
    let asked =
        std::env::var("KMSLAB_WALK").ok().map(|calls| calls.parse().expect("KMSLAB_WALK is a number"));
    let calls = asked.unwrap_or(CALLS);
    let again = std::thread::spawn(move || walk(1, calls));
    let first = walk(1, calls);
    let Walk { succeeded, refused, failed, .. } = first;
    println!("{calls} calls: {succeeded} succeeded, {refused} refused, {failed} failed");
    assert!(succeeded > calls / 8, "a walk in which {succeeded} of {calls} calls succeed goes nowhere");
    assert!(refused > calls / 20, "a walk in which {refused} calls are refused tries too little");
    assert!(failed > calls / 5, "a walk in which {failed} calls fail tries too little");
    for secret in secrets() {
        assert!(!format!("{:?}", first.world).contains(&secret), "debug output shows {secret}");
    }
    // Only the calls that succeeded, on another world: the failed ones have left nothing behind.
    let mut world = Lab::new(1, Fidelity::aws()).world;
    for change in first.changes {
        match change {
            Change::Lapsed(lapse) => world.advance(lapse).expect("forward"),
            Change::Called(made, answer) => {
                let (caller, call) = *made;
                let action = call.action();
                let outcome = world.call(&caller, call);
                let output =
                    outcome.result.unwrap_or_else(|error| panic!("{action} failed this time: {error}"));
                assert_eq!(hash(&output.to_json().to_string()), answer, "{action} answers something else");
            }
        }
        if world.events().len() > 5_000 {
            world.clear_events();
        }
    }
    assert!(state_of(&world) == state_of(&first.world), "a failed call has left something behind");
    let again = again.join().expect("the second walk ends as the first did");
    assert_eq!(first.digest, again.digest, "the same seed gives the same bytes");
    assert_ne!(first.digest, walk(2, 500).digest);
}
