//! One world that is served: with its clock, its snapshots, its last call, and where what changes it is recorded.
//!
//! Whatever changes the world waits for its turn, which holds up no other world. Whoever only looks
//! sees the world as it was before the call that is being made, and waits for nothing.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::journal::{Entry, in_force, line};
use super::last::Last;
use super::moment::{Moment, NotRestored};
use super::recorder::{Acknowledged, Kept, NotKept, Recorder};
use super::snapshots::Snapshots;
use super::turns::Turns;
use crate::cloud::world::ClockError;
use crate::cloud::{Call, Caller, Input, Outcome, Region, World, kms};
use crate::limits::Exceeded;

/// A world that is served.
pub(super) struct Served {
    start: Arc<Moment>,
    now: RwLock<Arc<Moment>>,
    last: Last,
    snapshots: Snapshots,
    turns: Arc<Turns<Turn>>,
    /// What is on the disk.
    kept: Acknowledged,
}

/// What belongs to whoever changes the world.
#[derive(Default)]
struct Turn {
    /// Where what changes the world is recorded.
    recorder: Option<Recorder>,
}

/// Why a world's clock was not moved.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAdvanced {
    /// Time would run backwards or out of range.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The clock was moved, which is not on the disk.
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

impl Served {
    /// A world that begins so, and is forgotten at the end.
    pub fn new(start: Arc<Moment>) -> Self {
        Self::of(start.clone(), start, Turn::default(), Acknowledged::default())
    }

    /// A world that begins so, after calls that have changed it before; from now on such calls are recorded.
    ///
    /// # Errors
    ///
    /// If one of the calls leads to another end than then.
    pub fn restored(
        start: Arc<Moment>,
        entries: Vec<Entry>,
        (recorder, kept): (Recorder, watch::Receiver<Kept>),
    ) -> Result<Self, NotRestored> {
        let mut now = Moment::clone(&start);
        for entry in in_force(entries) {
            now.again(entry)?;
        }
        Ok(Self::of(start, Arc::new(now), Turn { recorder: Some(recorder) }, kept.into()))
    }

    fn of(start: Arc<Moment>, now: Arc<Moment>, turn: Turn, kept: Acknowledged) -> Self {
        let (now, turns) = (RwLock::new(now), Turns::new(turn));
        Self { start, now, last: Last::default(), snapshots: Snapshots::default(), turns, kept }
    }

    /// Returns the world as it is.
    pub fn now(&self) -> Arc<Moment> {
        // What is written there is whole: one pointer.
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts the world in the place of another, which is returned: to take one apart that nobody else holds takes a while, and
    /// is done by who holds no lock.
    fn put(&self, moment: Arc<Moment>) -> Arc<Moment> {
        std::mem::replace(&mut *self.now.write().unwrap_or_else(PoisonError::into_inner), moment)
    }

    /// Vouches for somebody to an application: a token of the world's identity provider.
    pub fn web_identity_token(&self, subject: &str, audience: &str) -> String {
        let mut now = Moment::clone(&self.now());
        now.keep_time();
        now.world.identity_provider().token(subject, audience, now.world.now())
    }

    /// Notes that a request was signed with a key of the world.
    pub async fn note_key_use(self: &Arc<Self>, access_key: &str, service: &'static str, region: &Region) {
        // Most requests have nothing to note, and wait for nothing.
        if self.now().with_key_use(access_key, service, region).is_none() {
            return;
        }
        let (served, access_key, region) = (self.clone(), access_key.to_owned(), region.clone());
        let noted = move |_: &mut Turn| {
            let after = served.now().with_key_use(&access_key, service, &region)?;
            Some(served.put(Arc::new(after)))
        };
        drop(self.turns.take(noted).await);
    }

    /// Makes a call, and waits until all that was done before is on the disk, the call itself included.
    ///
    /// # Errors
    ///
    /// If it cannot be brought to the disk.
    pub async fn call(self: &Arc<Self>, caller: Caller, call: Call) -> Result<Arc<Outcome>, NotKept> {
        let (what, is_quick) = ((call.input.service(), call.input.operation()), is_quick(&call));
        let make = move |served: &Self, turn: &mut Turn| {
            let recorded = turn.recorder.as_ref().map(|_| call.clone());
            // INVARIANT: a call that panics leaves the world as it was.
            let mut after = Moment::clone(&served.now());
            after.keep_time();
            let before = recorded.as_ref().map(|_| after.world.clone());
            let outcome = Arc::new(after.world.call(&caller, call));
            let changed =
                recorded.zip(before).filter(|(_, before)| leaves_a_trace(&outcome, before, &after.world));
            let replaced = (served.put(Arc::new(after)), served.last.note((what, outcome.clone())));
            if let Some((call, before)) = changed {
                turn.record(|| Entry::Call {
                    at: before.now(),
                    caller,
                    service: call.input.service().to_owned(),
                    operation: call.input.operation().to_owned(),
                    input: call.input.to_json(),
                    context: Box::new(call.context),
                    fails: outcome.result.is_err(),
                });
            }
            (outcome, replaced)
        };
        if is_quick {
            return self.change(make).await;
        }
        self.change(|served, turn| tokio::task::block_in_place(|| make(served, turn))).await
    }

    /// Puts the world back to the start.
    ///
    /// # Errors
    ///
    /// If that cannot be brought to the disk.
    pub async fn reset(self: &Arc<Self>) -> Result<(), NotKept> {
        self.change(|served, turn| {
            let replaced = served.put(served.start.clone());
            served.last.forget();
            turn.record(|| Entry::Back(0));
            ((), replaced)
        })
        .await
    }

    /// How many snapshots there are.
    pub fn snapshots(&self) -> usize {
        self.snapshots.len()
    }

    /// Keeps the world as it is under a name.
    ///
    /// # Errors
    ///
    /// If there are too many snapshots, `others` of other worlds included.
    pub async fn snapshot(self: &Arc<Self>, name: &str, others: usize) -> Result<(), Exceeded> {
        let (served, name) = (self.clone(), name.to_owned());
        let keep =
            move |turn: &mut Turn| served.snapshots.keep(name, (served.now(), turn.position()), others);
        self.turns.take(keep).await
    }

    /// Puts the world back to what was kept under a name; answers whether there is such a thing.
    ///
    /// # Errors
    ///
    /// If that cannot be brought to the disk.
    pub async fn restore(self: &Arc<Self>, name: &str) -> Result<bool, NotKept> {
        let name = name.to_owned();
        self.change(move |served, turn| {
            let Some((kept, position)) = served.snapshots.find(&name) else {
                return (false, None);
            };
            let replaced = served.put(kept);
            served.last.forget();
            turn.record(|| Entry::Back(position));
            (true, Some(replaced))
        })
        .await
    }

    /// Moves the clock; returns the world's time.
    ///
    /// # Errors
    ///
    /// If time would run out of range, or it cannot be brought to the disk.
    pub async fn advance(self: &Arc<Self>, by: SignedDuration) -> Result<String, NotAdvanced> {
        let moved = self.change(move |served, turn| {
            let mut after = Moment::clone(&served.now());
            after.keep_time();
            let at = after.world.now();
            if let Err(error) = after.clock.advance(&mut after.world, by) {
                return (Err(error), None);
            }
            let time = after.world.now().to_string();
            let replaced = served.put(Arc::new(after));
            turn.record(|| Entry::Advance { at, seconds: by.as_secs() });
            (Ok(time), Some(replaced))
        });
        Ok(moved.await??)
    }

    /// Says how the world is: its time, and how long its audit trail is.
    pub fn health(&self) -> Value {
        let world = &self.now().world;
        json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
            "time": world.now().to_string(),
            "events": world.events().len(),
            "droppedEvents": world.dropped_events(),
        })
    }

    /// The last call with its decisions.
    pub fn explained(&self) -> Value {
        self.last.explained()
    }

    /// Changes the world in its turn, and waits until all that was recorded so far is on the disk. Whoever comes next has the
    /// turn meanwhile, and shares the wait. What the change has replaced is taken apart out of turn, too.
    async fn change<R: Send + 'static, O: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&Self, &mut Turn) -> (R, O) + Send + 'static,
    ) -> Result<R, NotKept> {
        let served = self.clone();
        let in_turn = move |turn: &mut Turn| (change(&served, turn), turn.position());
        let ((done, replaced), position) = self.turns.take(in_turn).await;
        drop(replaced);
        self.kept.up_to(position).await.map(|()| done)
    }
}

/// Tells whether a call takes about as long as it takes to read its request: what is done with items, and with keys that are no
/// pairs. To make a pair of keys, or to work with one, takes up to seconds.
fn is_quick(call: &Call) -> bool {
    if let Input::Kms(kms::Input::Encrypt(request)) = &call.input {
        return request.encryption_algorithm.is_none();
    }
    if let Input::Kms(kms::Input::Decrypt(request)) = &call.input {
        return request.encryption_algorithm.is_none();
    }
    matches!(&call.input, Input::DynamoDb(_) | Input::Kms(kms::Input::GenerateDataKey(_)))
}

/// Tells whether a call must be made again for the world to go on as it does. What only reads leaves at most a mark, such as
/// when a key was used last, which is not worth a write; but numbers that it drew must never be drawn again.
fn leaves_a_trace(outcome: &Outcome, before: &World, after: &World) -> bool {
    if outcome.events.iter().all(|event| event.read_only) {
        !after.draws_as(before)
    } else {
        !after.goes_on_as(before)
    }
}

impl Turn {
    /// Hands in a line, where lines are recorded.
    fn record(&mut self, entry: impl FnOnce() -> Entry) {
        if let Some(recorder) = &mut self.recorder {
            recorder.add(line(&entry()));
        }
    }

    /// How many lines were handed in.
    fn position(&self) -> u64 {
        self.recorder.as_ref().map_or(0, Recorder::position)
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::super::clock::Clock;
    use super::super::journal::{Beginning, read};
    use super::super::keys::Keys;
    use super::*;
    use crate::cloud::{AccountId, Fidelity};

    /// How a world begins, and the root user of its account, who calls.
    fn start() -> (Arc<Moment>, Caller) {
        let account: AccountId = "111122223333".parse().expect("twelve digits");
        let now = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, now, Fidelity::instant());
        world.add_account(account.clone(), "lab");
        let clock = Clock::of(&world, now);
        (Arc::new(Moment { world, clock }), Caller::Root(account))
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(2).build().expect("a runtime").block_on(work)
    }

    fn call(operation: &str, input: Value) -> Call {
        Call::decode("iam", operation, input).expect("a call")
    }

    fn user(name: &str) -> Call {
        call("CreateUser", json!({"UserName": name}))
    }

    fn names(served: &Served) -> Vec<(String, String)> {
        let now = served.now();
        now.world.iam().identities().map(|user| (user.name.clone(), user.unique_id.clone())).collect()
    }

    #[test]
    fn the_trail_keeps_the_latest_records_and_counts_the_others() {
        let (start, root) = start();
        let mut start = Moment::clone(&start);
        start.world.keep_latest_events(10);
        let served = Arc::new(Served::new(Arc::new(start)));
        for number in 0..50 {
            let outcome = block_on(served.call(root.clone(), user(&format!("u{number}"))));
            assert!(outcome.expect("it need not be kept").result.is_ok());
        }
        let health = served.health();
        let (kept, dropped) = (health["events"].as_u64(), health["droppedEvents"].as_u64());
        assert!(kept.is_some_and(|kept| (10..=20).contains(&kept)), "{health}");
        assert_eq!(kept.zip(dropped).map(|(kept, dropped)| kept + dropped), Some(50));
        let now = served.now();
        let last = now.world.events().next_back().expect("a record");
        assert_eq!(last.request_parameters["userName"], "u49");
    }

    #[test]
    fn what_was_recorded_leads_to_the_same_world() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        let file = std::fs::File::create(&path).expect("a file");
        let (start, root) = start();
        let recorder = Recorder::start(file, 0).expect("a thread");
        let served = Served::restored(start.clone(), Vec::new(), recorder).expect("nothing is done again");
        let served = Arc::new(served);
        block_on(async {
            let done = |call| served.call(root.clone(), call);
            done(user("kim")).await.expect("kept");
            done(call("ListUsers", json!({}))).await.expect("kept");
            served.snapshot("kim", 0).await.expect("few");
            done(user("tess")).await.expect("kept");
            done(user("tess")).await.expect("kept");
            assert_eq!(served.restore("kim").await, Ok(true));
            done(user("ravi")).await.expect("kept");
        });
        // Two users, the way back, a user; what only reads or is refused is not recorded. All of it is on the disk.
        let text = std::fs::read_to_string(&path).expect("a text");
        assert_eq!(text.lines().count(), 4);
        let beginning = Beginning::new(
            "w".to_owned(),
            7,
            jiff::Timestamp::UNIX_EPOCH,
            Zeroizing::default(),
            &Keys::default(),
        );
        let mut whole = line(&beginning).to_vec();
        whole.extend_from_slice(text.as_bytes());
        let entries = read(&whole[..]).unwrap_or_else(|e| panic!("{e:?}")).entries;
        let file = std::fs::File::options().append(true).open(&path).expect("a file");
        let recorder = Recorder::start(file, 4).expect("a thread");
        let again = Served::restored(start, entries, recorder).expect("they are done again");
        assert_eq!(names(&again), names(&served));
        assert_eq!(names(&again).len(), 2);
    }

    #[test]
    fn what_only_reads_is_recorded_where_it_draws_numbers() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = std::fs::File::create(folder.path().join("state")).expect("a file");
        let (start, root) = start();
        let recorder = Recorder::start(file, 0).expect("a thread");
        let served = Served::restored(start, Vec::new(), recorder).expect("nothing is done again");
        let served = Arc::new(served);
        let made = |operation: &str, input: Value| {
            let call = Call::decode("kms", operation, input).expect("a call");
            let outcome = block_on(served.call(root.clone(), call)).expect("kept");
            let output = outcome.result.as_ref().expect(operation).to_json();
            (output, block_on(served.turns.take(|turn| turn.position())))
        };
        let (key, _) = made("CreateKey", json!({}));
        let key = &key["KeyMetadata"]["Arn"];
        assert_eq!(made("DescribeKey", json!({"KeyId": key})).1, 1);
        let (sealed, lines) = made("Encrypt", json!({"KeyId": key, "Plaintext": "c2VjcmV0"}));
        assert_eq!(lines, 2, "a nonce is drawn once");
        assert_eq!(made("Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).1, 2);
    }

    #[test]
    fn what_works_with_pairs_of_keys_is_not_quick() {
        let decrypt = json!({"CiphertextBlob": "YQ==", "KeyId": "alias/a"});
        let by_pair = json!({"CiphertextBlob": "YQ==", "KeyId": "alias/a", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
        let item = json!({"TableName": "T", "Key": {"Id": {"S": "1"}}});
        let sign = json!({"KeyId": "alias/a", "Message": "YQ==", "SigningAlgorithm": "RSASSA_PSS_SHA_256"});
        for (service, operation, input, quick) in [
            ("dynamodb", "GetItem", item, true),
            ("kms", "GenerateDataKey", json!({"KeyId": "alias/a", "KeySpec": "AES_256"}), true),
            ("kms", "Decrypt", decrypt, true),
            ("kms", "Decrypt", by_pair, false),
            ("kms", "Sign", sign, false),
            ("kms", "GenerateDataKeyPair", json!({"KeyId": "alias/a", "KeyPairSpec": "RSA_4096"}), false),
        ] {
            let call = Call::decode(service, operation, input).expect("a call");
            assert_eq!(is_quick(&call), quick, "{operation}");
        }
    }

    #[test]
    fn a_world_waits_for_its_own_turn_alone_and_who_looks_waits_for_nothing() {
        let (start, root) = start();
        let (busy, other) = (Arc::new(Served::new(start.clone())), Arc::new(Served::new(start)));
        let ((go, wait), (tell, told)) = (std::sync::mpsc::channel::<()>(), std::sync::mpsc::channel());
        block_on(async {
            let turns = busy.turns.clone();
            tokio::spawn(async move {
                let work = move |_: &mut Turn| {
                    tell.send(()).expect("somebody waits for it");
                    wait.recv().expect("it may go on");
                };
                turns.take(work).await;
            });
            told.recv().expect("it begins");
            let mut waiting = Box::pin(busy.call(root.clone(), user("kim")));
            assert!(futures::poll!(&mut waiting).is_pending());
            assert_eq!(names(&busy), [], "who looks sees it as it is");
            assert!(other.call(root.clone(), user("kim")).await.is_ok());
            go.send(()).expect("it waits");
            assert!(waiting.await.is_ok());
        });
        assert_eq!(names(&busy), names(&other));
    }
}
