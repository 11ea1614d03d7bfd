//! The shapes, the sizes, the measurement and the table.

use std::fmt::Write as _;
use std::path::Path;

use kmslab::cli::{self, Exit};
use kmslab::limits::{self, Limit, Unit, steps};

/// The sizes of inputs in bytes, each four times the one before.
const SIZES: [usize; 3] = [64 << 10, 256 << 10, 1 << 20];

/// How many times the work of a fourfold input may be: 4, and something for what grows by doubling.
const MOST_PER_FOURFOLD: f64 = 4.75;

/// A reader that refuses may take so many steps for each byte of its input, beside those that a limit of steps allows.
const STEPS_OF_REFUSAL: u64 = 32;

/// A reader that refuses may allocate so many bytes for each byte of its input, whatever a smaller input took.
const BYTES_OF_REFUSAL: u64 = 64;

/// Makes an input of about so many bytes.
pub type Maker = fn(usize) -> Vec<u8>;

/// Inputs of one shape for a reader.
pub enum Shape {
    /// The bytes are made.
    Made(Maker),
    /// The language has no such shape, for this reason.
    Lacks(&'static str),
}

/// A reader of bytes from outside, and inputs of each shape for it.
pub struct Reader {
    pub name: &'static str,
    /// Reads an input to its end and does with it what the program does. A refusal is the message of the error; findings,
    /// however bad, are none.
    pub read: fn(&[u8]) -> Result<(), String>,
    /// The same sound part again and again.
    pub repeat: Shape,
    /// Part within part within part.
    pub nest: Shape,
    /// One part with ever more members, all of them different.
    pub widen: Shape,
    /// One token that is as long as the input.
    pub long_token: Shape,
}

/// What says that an input is beyond a quota of AWS, and what the quota is called here. Such a refusal is the service's, in its
/// words, and no limit of kmslab's.
const QUOTAS: [(&str, &str); 6] = [
    ("Expression size has exceeded the maximum allowed size", "AWS: expression, 4 KB"),
    ("Item size has exceeded the maximum allowed size", "AWS: item, 400 KB"),
    ("Nesting Levels have exceeded supported limits", "AWS: 32 levels"),
    ("Attempting to store more than 38 significant digits", "AWS: 38 digits"),
    ("The expression contains too many operators", "AWS: 300 operators"),
    ("Member must have length less than or equal to", "AWS: length of a member"),
];

/// What reading one input took.
struct Cost {
    bytes: usize,
    steps: u64,
    allocated: u64,
    /// The message of the refusal.
    refusal: Option<String>,
}

/// Tells whether a message of AWS's refuses something for a quota.
pub fn is_quota(message: &str) -> bool {
    QUOTAS.iter().any(|(says, _)| message.contains(says))
}

impl Cost {
    /// The limit that the refusal names.
    fn limit(&self) -> Option<&'static Limit> {
        let message = self.refusal.as_ref()?;
        let mut all = limits::all().map(|(_, limit)| limit);
        all.find(|limit| message.contains(&format!("the limit `{}`", limit.name)))
    }

    /// What the refusal names: a limit or a quota of AWS.
    fn answer(&self) -> Option<&'static str> {
        let quota = || {
            let message = self.refusal.as_ref()?;
            QUOTAS.iter().find(|(says, _)| message.contains(says)).map(|(_, name)| *name)
        };
        self.limit().map(|limit| limit.name).or_else(quota)
    }

    /// How many steps may be taken until the limit answers, whatever a smaller input took.
    fn spared(&self) -> u64 {
        match (&self.refusal, self.limit()) {
            (Some(_), Some(limit)) if limit.unit == Unit::Steps => {
                limit.most + STEPS_OF_REFUSAL * self.bytes as u64
            }
            (Some(_), _) => STEPS_OF_REFUSAL * self.bytes as u64,
            (None, _) => 0,
        }
    }

    /// Says what is wrong with this reading by itself.
    fn fault(&self) -> Option<String> {
        let bytes = self.bytes;
        match &self.refusal {
            Some(message) if self.answer().is_none() => {
                Some(format!("{bytes} bytes are refused by no limit: {message}"))
            }
            Some(_) | None => None,
        }
    }
}

/// The head of the table in Markdown.
const HEAD: &str =
    "| reader | shape | 64 KiB | 256 KiB | 1 MiB | for fourfold |\n|---|---|---|---|---|---|\n";

/// The stack of a thread that reads: as large as the program's main thread and its worker have.
const STACK_BYTES: usize = 8 << 20;

/// Measures readers side by side: each thread counts its own steps and its own memory.
fn measure_all(readers: &[&'static Reader], threads: usize) -> (String, Vec<String>) {
    let parts = readers.chunks(readers.len().div_ceil(threads)).map(|part| {
        let part = part.to_vec();
        let measure = move || part.into_iter().map(measured).collect::<Vec<_>>();
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(measure).expect("a thread")
    });
    let (mut table, mut faults) = (HEAD.to_owned(), Vec::new());
    for part in parts.collect::<Vec<_>>() {
        for (rows, found) in part.join().expect("no panic") {
            table.push_str(&rows);
            faults.extend(found);
        }
    }
    (table, faults)
}

/// Holds readers to the promise, and prints what they took.
pub fn check(readers: &'static [Reader]) {
    let (table, faults) = measure_all(&readers.iter().collect::<Vec<_>>(), 1);
    print!("{table}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Returns the table of readers in Markdown.
pub fn table(readers: &[&'static Reader]) -> String {
    measure_all(readers, 2).0
}

/// The rows of a reader in the table, and where it breaks the promise.
fn measured(reader: &'static Reader) -> (String, Vec<String>) {
    let shapes = [
        ("repeat", &reader.repeat),
        ("nest", &reader.nest),
        ("widen", &reader.widen),
        ("long token", &reader.long_token),
    ];
    let (mut table, mut faults) = (String::new(), Vec::new());
    // Whatever is refused at every size is counted by what it allocates.
    let (mut counts, mut all_refused) = (false, true);
    for (shape, made) in shapes {
        let make = match made {
            Shape::Made(make) => make,
            Shape::Lacks(why) => {
                writeln!(table, "| {} | {shape} | none: {why} | | | |", reader.name).expect("text");
                continue;
            }
        };
        // What is made once for the whole process is not part of the growth.
        let _warm = (reader.read)(&make(4 << 10));
        let costs = SIZES.map(|size| measure(reader, shape, &make(size), size));
        let [small, middle, large] = &costs;
        counts |= costs.iter().any(|cost| cost.refusal.is_none() && cost.steps >= cost.bytes as u64 / 8);
        all_refused &= costs.iter().all(|cost| cost.refusal.is_some());
        let alone = costs.iter().filter_map(Cost::fault);
        let grown =
            [(small, middle), (middle, large)].into_iter().filter_map(|(before, after)| fault(before, after));
        let found: Vec<String> = alone.chain(grown).collect();
        let said = |fault: &str| format!("{}, {shape}: {fault}", reader.name);
        faults.extend(found.iter().map(|fault| said(fault)));
        write!(table, "| {} | {shape} |", reader.name).expect("text");
        for cost in &costs {
            let answer = cost
                .refusal
                .as_ref()
                .map_or(String::new(), |_| format!(": `{}`", cost.answer().unwrap_or("refused by no limit")));
            write!(table, " {} steps, {} KiB{answer} |", cost.steps, cost.allocated >> 10).expect("text");
        }
        let [first, second] = [ratios(small, middle), ratios(middle, large)];
        write!(table, " steps {:.2}, {:.2}; bytes {:.2}, {:.2}", first.0, second.0, first.1, second.1)
            .expect("text");
        writeln!(table, " |").expect("text");
    }
    // A reader that counts nothing would pass whatever it does.
    if !counts && !all_refused {
        faults.push(format!("{} takes no steps: add `limits::steps::add` to its loops", reader.name));
    }
    (table, faults)
}

fn measure(reader: &Reader, shape: &str, input: &[u8], size: usize) -> Cost {
    let name = reader.name;
    assert!(
        (size - size / 8..=size + size / 8).contains(&input.len()),
        "{name}, {shape}: an input of {size} bytes is wanted, and it has {}",
        input.len()
    );
    let (mut ended, mut taken) = (Ok(()), 0);
    let allocated = allocation_counter::measure(|| {
        (ended, taken) = steps::counted(|| (reader.read)(input));
    });
    Cost { bytes: input.len(), steps: taken, allocated: allocated.bytes_total, refusal: ended.err() }
}

/// Says how a larger input takes more than it may, if it does.
fn fault(before: &Cost, after: &Cost) -> Option<String> {
    let (steps, allocated) = ratios(before, after);
    let spared = after.refusal.is_some() && after.allocated <= BYTES_OF_REFUSAL * after.bytes as u64;
    let from = format!("from {} to {} bytes", before.bytes, after.bytes);
    if steps > MOST_PER_FOURFOLD && after.steps > after.spared() {
        Some(format!("{from} {steps:.2} times as many steps"))
    } else if allocated > MOST_PER_FOURFOLD && !spared {
        Some(format!("{from} {allocated:.2} times as much is allocated"))
    } else {
        None
    }
}

/// How many times the steps and the allocated bytes of the smaller input the larger one takes.
fn ratios(before: &Cost, after: &Cost) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2 to the power of 52")]
    let ratio = |before: u64, after: u64| after.max(1) as f64 / before.max(1) as f64;
    (ratio(before.steps, after.steps), ratio(before.allocated, after.allocated))
}

/// Fills at most `size` bytes: `open`, then parts by their number with commas between, then `close`.
pub fn listed(size: usize, open: &str, close: &str, part: impl Fn(usize) -> String) -> Vec<u8> {
    let mut text = open.to_owned();
    for number in 0.. {
        let part = part(number);
        if text.len() + part.len() + close.len() >= size {
            break;
        }
        if number > 0 {
            text.push(',');
        }
        text.push_str(&part);
    }
    text.push_str(close);
    text.into_bytes()
}

/// Fills at most `size` bytes: `before`, one text again and again, `after`.
pub fn filled(size: usize, before: &str, text: &str, after: &str) -> Vec<u8> {
    let room = size.saturating_sub(before.len() + after.len());
    [before, &text.repeat(room / text.len()), after].concat().into_bytes()
}

/// Fills at most `size` bytes: `opens` as often as fits, `within`, and as many `closes`.
pub fn nested(size: usize, opens: &str, within: &str, closes: &str) -> Vec<u8> {
    let times = size.saturating_sub(within.len()) / (opens.len() + closes.len());
    [opens.repeat(times), within.to_owned(), closes.repeat(times)].concat().into_bytes()
}

/// Runs a command of kmslab in this thread with its input as a file, and answers its error, or what it printed.
pub fn command(before: &[&str], name: &str, input: &[u8], after: &[&str]) -> Result<(Exit, Vec<u8>), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, input).expect("written");
    command_on(before, &path, after)
}

/// Runs a command of kmslab in this thread on a file.
pub fn command_on(before: &[&str], path: &Path, after: &[&str]) -> Result<(Exit, Vec<u8>), String> {
    let path = path.to_str().expect("a path of UTF-8");
    let mut out = Vec::new();
    let ended = cli::run(before.iter().chain(&[path]).chain(after).copied(), &mut out);
    ended.map(|exit| (exit, out)).map_err(|error| format!("{error:#}"))
}
