//! The shapes, the sizes, the measurement and the table.

use std::fmt::Write as _;
use std::path::Path;

use kmslab::cli::{self, Exit};
use kmslab::limits::{self, Limit, Unit, steps};

/// The sizes of inputs in bytes, each four times the one before.
const SIZES: [usize; 3] = [64 << 10, 256 << 10, 1 << 20];

/// How many times the work of a fourfold input may be: 4, and something for what grows by doubling.
const MOST_PER_FOURFOLD: f64 = 4.5;

/// A reader that refuses may take so many steps for each byte of its input, beside those that a limit of steps allows.
const STEPS_OF_REFUSAL: u64 = 32;

/// A reader that refuses may allocate so many bytes for each byte of its input, whatever a smaller input took.
const BYTES_OF_REFUSAL: u64 = 64;

/// Makes an input of about so many bytes.
pub type Maker = fn(usize) -> Vec<u8>;

/// A reader of bytes from outside, and inputs of each shape for it.
pub struct Reader {
    pub name: &'static str,
    /// Reads an input to its end and does with it what the program does. A refusal is the message of the error; findings,
    /// however bad, are none.
    pub read: fn(&[u8]) -> Result<(), String>,
    /// The same sound part again and again.
    pub repeat: Maker,
    /// Part within part within part.
    pub nest: Maker,
    /// One part with ever more members, all of them different.
    pub widen: Maker,
    /// One token that is as long as the input.
    pub long_token: Maker,
}

/// What reading one input took.
struct Cost {
    bytes: usize,
    steps: u64,
    allocated: u64,
    /// The message of the refusal.
    refusal: Option<String>,
}

impl Cost {
    /// The limit that the refusal names.
    fn limit(&self) -> Option<&'static Limit> {
        let message = self.refusal.as_ref()?;
        let mut all = limits::all().map(|(_, limit)| limit);
        all.find(|limit| message.contains(&format!("the limit `{}`", limit.name)))
    }

    /// How many steps may be taken until the limit answers, whatever a smaller input took.
    fn spared(&self) -> u64 {
        match self.limit() {
            Some(limit) if limit.unit == Unit::Steps => limit.most + STEPS_OF_REFUSAL * self.bytes as u64,
            Some(_) => STEPS_OF_REFUSAL * self.bytes as u64,
            None => 0,
        }
    }

    /// Says what is wrong with this reading by itself.
    fn fault(&self) -> Option<String> {
        let bytes = self.bytes;
        match &self.refusal {
            Some(message) if self.limit().is_none() => {
                Some(format!("{bytes} bytes are refused by no limit: {message}"))
            }
            Some(_) | None => None,
        }
    }
}

/// Holds a reader to the promise, and prints what it took.
pub fn check(reader: &Reader) {
    let shapes: [(&str, Maker); 4] = [
        ("repeat", reader.repeat),
        ("nest", reader.nest),
        ("widen", reader.widen),
        ("long token", reader.long_token),
    ];
    let mut table = String::new();
    let mut faults = Vec::new();
    let mut counts = false;
    for (shape, make) in shapes {
        // What is made once for the whole process is not part of the growth.
        let _warm = (reader.read)(&make(4 << 10));
        let costs = SIZES.map(|size| measure(reader, shape, &make(size), size));
        let [small, middle, large] = &costs;
        counts |= large.steps >= large.bytes as u64 / 8;
        let alone = costs.iter().filter_map(Cost::fault);
        let grown =
            [(small, middle), (middle, large)].into_iter().filter_map(|(before, after)| fault(before, after));
        faults.extend(alone.chain(grown).map(|fault| format!("{}, {shape}: {fault}", reader.name)));
        write!(table, "{:<24} {shape:<11}", reader.name).expect("text");
        for cost in &costs {
            let refused = cost
                .refusal
                .as_ref()
                .map_or(String::new(), |_| format!(" [{}]", cost.limit().map_or("?", |limit| limit.name)));
            write!(table, " | {:>9} steps {:>9} KiB{refused}", cost.steps, cost.allocated >> 10)
                .expect("text");
        }
        for (before, after) in [(small, middle), (middle, large)] {
            let (steps, allocated) = ratios(before, after);
            write!(table, " | x{steps:.2} x{allocated:.2}").expect("text");
        }
        table.push('\n');
    }
    print!("{table}");
    // A reader that counts nothing would pass whatever it does.
    assert!(counts, "{} takes no steps: add `limits::steps::add` to its loops", reader.name);
    assert!(faults.is_empty(), "{}\n{table}", faults.join("\n"));
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
