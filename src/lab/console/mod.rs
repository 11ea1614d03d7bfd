//! The console: lines as people type them for the AWS CLI version 2, answered as it answers.
//!
//! | file | what |
//! |---|---|
//! | `shell` | words, quotes, variables: the part of a shell that documentation uses |
//! | `model` | what the CLI knows of the services |
//! | `params`, `shorthand` | from words to an operation's input |
//! | `print` | from a response to text |
//! | `help` | what there is to type |
//!
//! Every call goes through [`World::call`]. Reads files only where a parameter names one (`file://`, `fileb://`).

mod help;
mod model;
mod params;
mod print;
mod shell;
mod shorthand;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::cloud::{AccountId, Call, CallContext, Caller, Outcome, Region, World};
use crate::scenario::{Lapse, Names, describe_decision};

use help::{HELP, HOW, is_simulated, operations_help, parameters_help, services_help, unknown_operation};
use model::{Operation, Pages, SERVICES, Service};
use params::{Global, Reader, UsageError};
use shell::{Command, Part, SyntaxError, Word};

pub use params::Files;

/// The CLI's exit code for a command that is written wrongly. Source: AWS CLI User Guide, "Command line return codes".
const USAGE: u8 = 252;
/// The CLI's exit code for an error that the service answers. Source: the same.
const SERVICE_ERROR: u8 = 254;
/// The CLI's exit code for anything else. Source: the same.
const GENERAL: u8 = 255;

/// How deep `$( $( .. ) )` may nest.
const DEEPEST: usize = 8;

/// A person at the prompt: whom they play, and what they have set.
pub struct Console {
    names: Names,
    acting: String,
    variables: BTreeMap<String, String>,
    last: Option<Arc<Outcome>>,
    code: u8,
    files: Box<dyn Files + Send>,
    ended: bool,
}

/// What a text led to.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// What is printed, results and errors in order.
    pub text: String,
    /// The exit code of the last command.
    pub code: u8,
    /// The calls made, in order.
    pub calls: Vec<(Caller, Call, Arc<Outcome>)>,
}

/// What one command printed.
#[derive(Default)]
struct Printed {
    out: String,
    err: String,
    code: u8,
}

impl Printed {
    fn ok(out: impl Into<String>) -> Self {
        Self { out: out.into(), ..Self::default() }
    }

    fn failed(code: u8, err: impl Into<String>) -> Self {
        Self { out: String::new(), err: err.into(), code }
    }
}

/// Files as the operating system has them, from the working directory.
#[derive(Clone, Copy, Debug)]
pub struct RealFiles;

impl Files for RealFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        /// A parameter is never longer.
        const MOST: u64 = 8 * 1024 * 1024;
        let path = match path.strip_prefix("~/") {
            Some(_) => return Err(format!("~ is not known here: '{path}'")),
            None => std::path::Path::new(path),
        };
        // The words are Python's, which the CLI passes on.
        let words = |error: &std::io::Error| {
            let number = error.raw_os_error().unwrap_or_default();
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            format!("[Errno {number}] {text}: '{}'", path.display())
        };
        let length = std::fs::metadata(path).map_err(|e| words(&e))?.len();
        if length > MOST {
            return Err(format!("'{}' is larger than 8 MiB", path.display()));
        }
        std::fs::read(path).map_err(|e| words(&e))
    }
}

/// An account with a root user and nothing else, to start from nothing.
pub fn empty_world(seed: u64, clock: jiff::Timestamp, fidelity: crate::cloud::Fidelity) -> (World, Names) {
    // Twelve digits: this cannot fail, and the program's own account is the one that documentation uses.
    let home: AccountId = "111122223333".parse().unwrap_or_else(|_| unreachable!("twelve digits"));
    let mut world = World::new(seed, clock, fidelity);
    world.add_account(home.clone(), "lab");
    (world, Names::new(home, Region::us_east_1()))
}

/// Whether a text is a whole command, or more has to be typed.
pub fn is_complete(text: &str) -> bool {
    !matches!(shell::parse(text), Err(SyntaxError::Incomplete(_)))
}

impl Console {
    /// A console that acts as `acting`, a name that `names` knows.
    pub fn new(names: Names, acting: &str, files: Box<dyn Files + Send>) -> Self {
        Self {
            names,
            acting: acting.to_owned(),
            variables: BTreeMap::new(),
            last: None,
            code: 0,
            files,
            ended: false,
        }
    }

    /// Whom the next command acts as, and `> `.
    pub fn prompt(&self) -> String {
        format!("{}> ", self.variables.get("AWS_PROFILE").filter(|p| !p.is_empty()).unwrap_or(&self.acting))
    }

    /// Whether `exit` was typed.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Acts as somebody else from now on.
    pub fn act_as(&mut self, name: &str) {
        name.clone_into(&mut self.acting);
    }

    /// Runs a text: one command or several.
    pub fn run(&mut self, world: &mut World, text: &str) -> Reply {
        let mut reply = Reply::default();
        let printed = self.script(world, text, 0, &mut reply);
        reply.text = printed.out;
        reply.code = printed.code;
        reply
    }

    /// Runs a text. What it prints on either stream comes in order, on one.
    fn script(&mut self, world: &mut World, text: &str, depth: usize, reply: &mut Reply) -> Printed {
        let commands = match shell::parse(text) {
            Ok(commands) => commands,
            Err(error) => {
                self.code = 2;
                return Printed { out: format!("kmslab: {error}\n"), err: String::new(), code: 2 };
            }
        };
        let mut all = Printed { code: self.code, ..Printed::default() };
        for command in &commands {
            if command.only_after_success && self.code != 0 {
                break;
            }
            let printed = self.command(world, command, depth, reply);
            self.code = printed.code;
            all.code = printed.code;
            all.out += &printed.out;
            all.out += &printed.err;
            if self.ended {
                break;
            }
        }
        all
    }

    fn command(&mut self, world: &mut World, command: &Command, depth: usize, reply: &mut Reply) -> Printed {
        let mut err = String::new();
        let mut code = 0;
        let mut set = Vec::new();
        for (name, value) in &command.assignments {
            let value = self.expand(world, value, depth, reply, &mut err, &mut code).join(" ");
            set.push((name.clone(), value));
        }
        let mut words = Vec::new();
        for word in &command.words {
            words.extend(self.expand(world, word, depth, reply, &mut err, &mut code));
        }
        if words.is_empty() {
            self.variables.extend(set);
            return Printed { out: String::new(), err, code };
        }
        // NAME=value before a command holds for that command only.
        let kept = (!set.is_empty()).then(|| self.variables.clone());
        self.variables.extend(set);
        let mut printed = self.dispatch(world, words, reply);
        if let Some(kept) = kept {
            self.variables = kept;
        }
        printed.out.insert_str(0, &err);
        printed
    }

    /// A word with its variables and commands put in. Outside of double quotes the result is split at blanks.
    fn expand(
        &mut self,
        world: &mut World,
        given: &Word,
        depth: usize,
        reply: &mut Reply,
        err: &mut String,
        code: &mut u8,
    ) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut is_word = given.quoted;
        for part in &given.parts {
            let (text, quoted) = match part {
                Part::Text(text) => {
                    is_word = true;
                    (text.clone(), true)
                }
                Part::Variable { name, quoted } if name == "?" => (self.code.to_string(), *quoted),
                Part::Variable { name, quoted } => {
                    (self.variables.get(name).cloned().unwrap_or_default(), *quoted)
                }
                Part::Output { command, quoted } => {
                    (self.output_of(world, command, depth, reply, err, code), *quoted)
                }
            };
            if quoted {
                if let Some(last) = words.last_mut() {
                    last.push_str(&text);
                }
                continue;
            }
            for (index, piece) in text.split_whitespace().enumerate() {
                is_word = true;
                match words.last_mut() {
                    Some(last) if index == 0 => last.push_str(piece),
                    _ => words.push(piece.to_owned()),
                }
            }
        }
        if is_word { words } else { Vec::new() }
    }

    /// What the commands inside of `$(..)` print; their errors are shown where they happen.
    fn output_of(
        &mut self,
        world: &mut World,
        text: &str,
        depth: usize,
        reply: &mut Reply,
        err: &mut String,
        code: &mut u8,
    ) -> String {
        if depth == DEEPEST {
            err.push_str("kmslab: $(..) is nested too deeply\n");
            *code = 2;
            return String::new();
        }
        let commands = match shell::parse(text) {
            Ok(commands) => commands,
            Err(error) => {
                err.extend(["kmslab: ", &error.to_string(), "\n"]);
                *code = 2;
                return String::new();
            }
        };
        let mut out = String::new();
        for command in &commands {
            let printed = self.command(world, command, depth + 1, reply);
            out += &printed.out;
            *err += &printed.err;
            *code = printed.code;
        }
        out.trim_end_matches('\n').to_owned()
    }

    fn dispatch(&mut self, world: &mut World, mut words: Vec<String>, reply: &mut Reply) -> Printed {
        let rest = words.split_off(1);
        match words[0].as_str() {
            "aws" => self.aws(world, rest, reply),
            "clock" => Self::clock(world, &rest),
            "sleep" => {
                let lapse = rest
                    .first()
                    .map(|n| if n.ends_with(char::is_numeric) { format!("{n}s") } else { n.clone() });
                let printed = Self::clock(world, lapse.as_slice());
                Printed { out: String::new(), ..printed }
            }
            "why" => self.why(),
            "as" => match rest.as_slice() {
                [name] if self.caller_of(world, name).is_some() => {
                    self.act_as(name);
                    self.variables.remove("AWS_PROFILE");
                    Printed::default()
                }
                [name] => {
                    Printed::failed(GENERAL, format!("The config profile ({name}) could not be found\n"))
                }
                _ => Printed::failed(2, "kmslab: as NAME: whom to act as\n"),
            },
            "echo" => Printed::ok(rest.join(" ") + "\n"),
            "export" => self.export(&rest),
            "exit" | "quit" => {
                self.ended = true;
                Printed { code: self.code, ..Printed::default() }
            }
            "help" => Printed::ok(HELP),
            other => Printed::failed(
                127,
                format!("kmslab: {other}: command not found; `help` says what there is\n"),
            ),
        }
    }

    fn export(&mut self, words: &[String]) -> Printed {
        for word in words {
            match word.split_once('=') {
                Some((name, value)) => drop(self.variables.insert(name.to_owned(), value.to_owned())),
                None => drop(self.variables.entry(word.clone()).or_default()),
            }
        }
        Printed::default()
    }

    /// `clock`, `clock +5m`.
    fn clock(world: &mut World, words: &[String]) -> Printed {
        if let Some(word) = words.first() {
            let lapse: Lapse = match word.parse() {
                Ok(lapse) => lapse,
                Err(error) => return Printed::failed(2, format!("kmslab: {error}\n")),
            };
            if let Err(error) = world.advance(lapse.duration()) {
                return Printed::failed(2, format!("kmslab: {error}\n"));
            }
        }
        Printed::ok(world.now().strftime("%Y-%m-%dT%H:%M:%SZ\n").to_string())
    }

    /// The decisions of the last call, in order.
    fn why(&self) -> Printed {
        let Some(outcome) = &self.last else {
            return Printed::failed(2, "kmslab: why: nothing has been called yet\n");
        };
        if outcome.decisions.is_empty() {
            return Printed::ok("the last call asked for no permission\n");
        }
        let lines = outcome.decisions.iter().enumerate();
        let lines =
            lines.map(|(at, record)| format!("{}. {}\n", at + 1, describe_decision(record, &self.names)));
        Printed::ok(lines.collect::<String>())
    }

    /// Whose credentials a profile holds.
    fn caller_of(&self, world: &World, profile: &str) -> Option<Caller> {
        let caller = self.names.caller(profile).ok()?;
        world.principal(&caller).is_ok().then_some(caller)
    }

    /// Who signs: `--profile`, else keys that were exported, else `AWS_PROFILE`, else whoever is acted as.
    fn signer(&self, world: &World, global: &Global) -> Result<Caller, Printed> {
        let variable = |name: &str| self.variables.get(name).filter(|value| !value.is_empty());
        if global.profile.is_none()
            && let Some(key) = variable("AWS_ACCESS_KEY_ID")
        {
            return Ok(Caller::Session(key.as_str().into()));
        }
        let profile = global.profile.as_ref().or(variable("AWS_PROFILE")).unwrap_or(&self.acting);
        self.caller_of(world, profile).ok_or_else(|| {
            Printed::failed(GENERAL, format!("\nThe config profile ({profile}) could not be found\n"))
        })
    }

    fn aws(&mut self, world: &mut World, words: Vec<String>, reply: &mut Reply) -> Printed {
        match self.try_aws(world, words, reply) {
            Ok(printed) | Err(Failure::Printed(printed)) => printed,
            Err(Failure::Usage(error @ UsageError::Arguments(_))) => {
                Printed::failed(USAGE, format!("{HOW}aws: error: {error}\n"))
            }
            Err(Failure::Usage(error)) => Printed::failed(USAGE, format!("\n{error}\n")),
        }
    }

    fn try_aws(
        &mut self,
        world: &mut World,
        words: Vec<String>,
        reply: &mut Reply,
    ) -> Result<Printed, Failure> {
        let (global, words) = params::global(words)?;
        let mut words = words.into_iter();
        let Some(service_name) = words.next() else {
            return Err(
                UsageError::Arguments("the following arguments are required: command".to_owned()).into()
            );
        };
        match service_name.as_str() {
            "help" => return Ok(Printed::ok(services_help())),
            "--version" => return Ok(Printed::ok("aws-cli/2 as simulated by kmslab\n")),
            _ => {}
        }
        let Some(service) = SERVICES.get(&service_name) else {
            let known: Vec<&str> = SERVICES.keys().map(String::as_str).collect();
            let text = format!(
                "argument command: Invalid choice, valid choices are:\n\n{}\n\nInvalid choice: '{service_name}'",
                known.join("\n")
            );
            return Err(UsageError::Arguments(text).into());
        };
        let Some(name) = words.next() else {
            return Err(
                UsageError::Arguments("the following arguments are required: operation".to_owned()).into()
            );
        };
        if name == "help" {
            return Ok(Printed::ok(operations_help(&service_name)));
        }
        let Some((operation_name, operation)) = service.operation(&name) else {
            return Err(unknown_operation(&service_name, service, &name).into());
        };
        if !is_simulated(&service_name, operation_name) {
            let text = format!("\nkmslab does not simulate `aws {service_name} {name}`\n");
            return Err(Failure::Printed(Printed::failed(USAGE, text)));
        }
        let words: Vec<String> = words.collect();
        if words.first().is_some_and(|word| word == "help") {
            return Ok(Printed::ok(parameters_help(&name, service, operation)));
        }
        let reader = Reader { service, operation, files: &*self.files, raw_blobs: global.raw_blobs };
        let input = reader.input(words, global.input_json.as_deref())?;
        let caller = self.signer(world, &global).map_err(Failure::Printed)?;
        let request =
            Request { service_name: &service_name, service, operation_name, operation, global: &global };
        self.call(world, &request, &caller, input, reply)
    }

    /// Makes the call, page by page, and prints what comes of it.
    fn call(
        &mut self,
        world: &mut World,
        request: &Request<'_>,
        caller: &Caller,
        mut input: Value,
        reply: &mut Reply,
    ) -> Result<Printed, Failure> {
        let Request { service_name, service, operation_name, operation, global } = *request;
        let pages =
            operation.pages.as_ref().filter(|pages| !global.one_page && input.get(&pages.from).is_none());
        let mut whole: Option<Map<String, Value>> = None;
        loop {
            let response = match self.one_page(world, request, caller, input.clone(), reply) {
                Ok(response) => response,
                Err(error) => {
                    let crate::cloud::ApiError { code, message, .. } = error;
                    let text = format!(
                        "\nAn error occurred ({code}) when calling the {operation_name} operation: {message}\n"
                    );
                    return Ok(Printed::failed(SERVICE_ERROR, text));
                }
            };
            let Some(pages) = pages else {
                whole = response.as_object().cloned();
                break;
            };
            let next = add_page(&mut whole, pages, &response);
            match next {
                Some(next) => input[&pages.from] = next,
                None => break,
            }
        }
        let response = Value::Object(whole.unwrap_or_default());
        let mut shown = print::shaped(service, operation.output.as_deref(), response, service_name == "iam");
        if let (Some(pages), Some(fields)) = (pages, shown.as_object_mut()) {
            for name in &pages.keeps {
                fields.entry(name.as_str()).or_insert(Value::Null);
            }
        }
        if let Some(expression) = &global.query {
            shown = print::query(expression, &shown)?;
        } else if operation.output.is_none() || shown == json!({}) {
            return Ok(Printed::default());
        }
        let format =
            global.output.as_deref().or(self.variables.get("AWS_DEFAULT_OUTPUT").map(String::as_str));
        Ok(Printed::ok(print::print(format.unwrap_or("json"), operation_name, &shown)))
    }

    fn one_page(
        &mut self,
        world: &mut World,
        request: &Request<'_>,
        caller: &Caller,
        input: Value,
        reply: &mut Reply,
    ) -> Result<Value, crate::cloud::ApiError> {
        let variable = |name: &str| self.variables.get(name).filter(|value| !value.is_empty());
        let region = request.global.region.as_ref();
        let region = region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = region.map_or_else(|| self.names.region.clone(), |name| Region::new(name));
        let call = Call::decode(request.service_name, request.operation_name, input)?;
        let call = call.with_context(CallContext::in_region(region));
        let outcome = Arc::new(world.call(caller, call.clone()));
        self.last = Some(outcome.clone());
        reply.calls.push((caller.clone(), call, outcome.clone()));
        outcome.result.as_ref().map(crate::cloud::Output::to_json).map_err(Clone::clone)
    }
}

/// One command, resolved.
#[derive(Clone, Copy)]
struct Request<'a> {
    service_name: &'a str,
    service: &'a Service,
    operation_name: &'a str,
    operation: &'a Operation,
    global: &'a Global,
}

/// Why a command printed no result.
enum Failure {
    Usage(UsageError),
    Printed(Printed),
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

/// Adds a page to the pages so far; answers where the next one begins.
fn add_page(whole: &mut Option<Map<String, Value>>, pages: &Pages, response: &Value) -> Option<Value> {
    let Value::Object(fields) = response else { return None };
    match whole {
        None => {
            let mut first = fields.clone();
            for name in [Some(&pages.next), pages.more.as_ref()].into_iter().flatten() {
                first.shift_remove(name);
            }
            *whole = Some(first);
        }
        Some(whole) => {
            for name in &pages.results {
                match (whole.get_mut(name), fields.get(name)) {
                    (Some(Value::Array(all)), Some(Value::Array(more))) => all.extend(more.iter().cloned()),
                    (Some(Value::Number(all)), Some(Value::Number(more))) => {
                        let sum = all.as_u64().unwrap_or_default() + more.as_u64().unwrap_or_default();
                        whole.insert(name.clone(), json!(sum));
                    }
                    _ => {}
                }
            }
        }
    }
    let more = pages.more.as_ref().is_none_or(|name| fields.get(name) == Some(&Value::Bool(true)));
    fields.get(&pages.next).filter(|next| more && !next.is_null()).cloned()
}
