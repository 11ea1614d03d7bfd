//! A long random walk over all operations, by everybody, with jumps in time.

use rand::rngs::ChaCha20Rng;
use rand::{Rng as _, SeedableRng as _};

use super::fixture::Fixture;
use super::*;
use crate::cloud::DecisionRecord;

/// A number below `below`.
fn pick(rng: &mut ChaCha20Rng, below: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap_or(0) % below
}

/// Plays `steps` calls and returns what everybody saw.
fn walk(fixture: &Fixture, seed: u64, steps: usize) -> Vec<String> {
    let mut lab = Lab { world: fixture.lab.world.clone() };
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let rows = fixture.rows();
    let callers = [kim(), tess(), root(), stranger()];
    // Values that one operation answers and another takes.
    let mut known: Vec<(&str, Value)> =
        vec![("KeyId", json!(fixture.keys.key)), ("KeyId", json!(fixture.keys.external))];
    let mut trace = Vec::new();
    for _ in 0..steps {
        let row = &rows[pick(&mut rng, rows.len())];
        let mut input = row.input.clone();
        if pick(&mut rng, 2) == 0 {
            let (name, value) = known[pick(&mut rng, known.len())].clone();
            if input.get(name).is_some() {
                input[name] = value;
            }
        }
        let caller = &callers[pick(&mut rng, callers.len())];
        let outcome = lab.call(caller, "kms", row.operation, input);
        let shown = match &outcome.result {
            Ok(output) => {
                assert!(
                    outcome.decisions.iter().all(|record: &DecisionRecord| record.decision.is_allowed()),
                    "{} went through",
                    row.operation
                );
                let output = output.to_json();
                for (answer, name) in
                    [("CiphertextBlob", "CiphertextBlob"), ("GrantId", "GrantId"), ("KeyId", "KeyId")]
                {
                    if let Some(value) = output.get(answer).filter(|value| value.is_string()) {
                        known.push((name, value.clone()));
                    }
                }
                if let Some(arn) = output["KeyMetadata"].get("Arn") {
                    known.push(("KeyId", arn.clone()));
                }
                output.to_string()
            }
            Err(error) => {
                assert_ne!(error.status, 500, "{}: {error}", row.operation);
                error.to_string()
            }
        };
        trace.push(format!("{} {shown}", row.operation));
        if pick(&mut rng, 20) == 0 {
            let hours = i64::try_from(pick(&mut rng, 24 * 20)).unwrap_or(0);
            lab.world.advance(jiff::SignedDuration::from_hours(hours)).expect("forward");
        }
    }
    trace.push(format!("{:?}", lab.world.kms()));
    trace
}

#[test]
fn nothing_panics_no_refusal_leaks_and_the_same_seed_gives_the_same_bytes() {
    let fixture = Fixture::new();
    let trace = walk(&fixture, 1, 1500);
    assert_eq!(trace, walk(&fixture, 1, 1500));
    assert_ne!(trace, walk(&fixture, 2, 1500));
    let failed = trace.iter().filter(|line| line.contains("Exception")).count();
    assert!((300..1400).contains(&failed), "a walk in which {failed} calls failed tries too little");
}
