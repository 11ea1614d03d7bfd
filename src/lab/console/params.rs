//! From the words behind an operation to its input: each parameter by its type, as the CLI reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::model::{Operation, Service, Shape, Type};
use super::shorthand;
use crate::lab::kebab;

/// A mistake in how a command is written. The CLI's exit code for it is 252.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// The arguments do not fit: shown below the usage.
    #[error("{0}")]
    Arguments(String),
    /// A value does not fit its parameter.
    #[error("Error parsing parameter '--{parameter}': {reason}")]
    Parameter {
        /// The parameter, as the CLI writes it.
        parameter: String,
        /// What is wrong.
        reason: String,
    },
    /// The input as a whole does not fit the operation.
    #[error("Parameter validation failed:\n{}", .0.join("\n"))]
    Validation(Vec<String>),
    /// Anything else, in the CLI's own words.
    #[error("{0}")]
    Other(String),
}

/// How files that parameters name are read.
pub trait Files {
    /// The bytes of a file, or the operating system's words.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// Options every command takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Global {
    /// `--profile`
    pub profile: Option<String>,
    /// `--region`
    pub region: Option<String>,
    /// `--output`
    pub output: Option<String>,
    /// `--query`
    pub query: Option<String>,
    /// `--cli-input-json`
    pub input_json: Option<String>,
    /// `--cli-binary-format raw-in-base64-out`
    pub raw_blobs: bool,
    /// `--no-paginate`: one page only.
    pub one_page: bool,
    /// `--max-items`
    pub max_items: Option<usize>,
    /// `--page-size`
    pub page_size: Option<u32>,
    /// `--starting-token`
    pub starting_token: Option<String>,
    /// `--no-sign-request`: nobody signs.
    pub unsigned: bool,
}

impl Global {
    /// The pagination options that were given, which only operations with pages take.
    pub fn pagination(&self) -> Vec<&'static str> {
        let given = [
            (self.max_items.is_some(), "--max-items"),
            (self.page_size.is_some(), "--page-size"),
            (self.starting_token.is_some(), "--starting-token"),
        ];
        given.into_iter().filter_map(|(is_given, name)| is_given.then_some(name)).collect()
    }
}

/// Options with a value.
const VALUES: [&str; 14] = [
    "profile",
    "region",
    "output",
    "query",
    "cli-input-json",
    "cli-binary-format",
    "color",
    "endpoint-url",
    "max-items",
    "page-size",
    "starting-token",
    "ca-bundle",
    "cli-connect-timeout",
    "cli-read-timeout",
];

/// Options that change nothing here.
const IGNORED: [&str; 4] = ["no-cli-pager", "no-verify-ssl", "no-cli-auto-prompt", "debug"];

/// The options every command takes that are worth offering.
pub const GLOBALS: [&str; 6] = ["profile", "query", "output", "region", "cli-input-json", "no-paginate"];

/// Whether an option belongs to every command and takes a value.
pub fn is_global(name: &str) -> bool {
    VALUES.contains(&name)
}

/// Whether an option belongs to every command and takes no value.
pub fn takes_nothing(name: &str) -> bool {
    ["no-paginate", "no-sign-request"].contains(&name) || IGNORED.contains(&name)
}

/// Takes the global options out of the words; the rest stays in order.
pub fn global(words: Vec<String>) -> Result<(Global, Vec<String>), UsageError> {
    let mut global = Global::default();
    let mut rest = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix("--") else {
            rest.push(word);
            continue;
        };
        let (name, inline) = option.split_once('=').map_or((option, None), |(n, v)| (n, Some(v.to_owned())));
        if VALUES.contains(&name) {
            let value = inline
                .or_else(|| words.next())
                .ok_or_else(|| UsageError::Arguments(format!("argument --{name}: expected one argument")))?;
            set(&mut global, name, value)?;
        } else if name == "no-paginate" {
            global.one_page = true;
        } else if name == "no-sign-request" {
            global.unsigned = true;
        } else if !IGNORED.contains(&name) {
            rest.push(word);
        }
    }
    Ok((global, rest))
}

fn set(global: &mut Global, name: &str, value: String) -> Result<(), UsageError> {
    let invalid = |legal: &str| {
        let text = format!("argument --{name}: Invalid choice, valid choices are:\n\n{legal}");
        Err(UsageError::Arguments(text))
    };
    match name {
        "profile" => global.profile = Some(value),
        "region" => global.region = Some(value),
        "output" if !["json", "text", "table"].contains(&value.as_str()) => {
            return invalid("json                                     | text\ntable");
        }
        "output" => global.output = Some(value),
        "query" => global.query = Some(value),
        "cli-input-json" => global.input_json = Some(value),
        "cli-binary-format" if !["base64", "raw-in-base64-out"].contains(&value.as_str()) => {
            return invalid("base64                                   | raw-in-base64-out");
        }
        "max-items" | "page-size" => {
            let number = value.parse().ok().filter(|number| *number > 0_u32).ok_or_else(|| {
                UsageError::Arguments(format!("argument --{name}: invalid int value: '{value}'"))
            })?;
            if name == "page-size" {
                global.page_size = Some(number);
            } else {
                global.max_items = usize::try_from(number).ok();
            }
        }
        "starting-token" => global.starting_token = Some(value),
        "cli-binary-format" => global.raw_blobs = value == "raw-in-base64-out",
        "endpoint-url" => {
            let text =
                "--endpoint-url: this console talks to the simulated cloud inside of it and to nothing else";
            return Err(UsageError::Other(text.to_owned()));
        }
        _ => {}
    }
    Ok(())
}

/// What reading the parameters of one operation needs to know.
pub struct Reader<'a> {
    /// The service.
    pub service: &'a Service,
    /// The operation.
    pub operation: &'a Operation,
    /// Where `file://` looks.
    pub files: &'a dyn Files,
    /// Whether blobs are typed as they are, not in base64.
    pub raw_blobs: bool,
}

impl Reader<'_> {
    /// The operation's input.
    pub fn input(&self, words: Vec<String>, input_json: Option<&str>) -> Result<Value, UsageError> {
        let members = self.service.members(self.operation.input.as_deref());
        let mut input = match input_json {
            Some(text) => self.whole(text)?,
            None => Map::new(),
        };
        let mut unknown = Vec::new();
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            let Some(option) = word.strip_prefix("--") else {
                unknown.push(word);
                continue;
            };
            let (name, inline) =
                option.split_once('=').map_or((option, None), |(n, v)| (n, Some(v.to_owned())));
            let named = |wanted: &str| members.iter().find(|(member, _)| kebab(member) == wanted);
            let negated = name.strip_prefix("no-").and_then(named);
            match (named(name), negated) {
                (Some((member, Type::Boolean)), _) => drop(input.insert((*member).to_owned(), json!(true))),
                (None, Some((member, Type::Boolean))) => {
                    drop(input.insert((*member).to_owned(), json!(false)));
                }
                (Some((member, kind)), _) => {
                    let mut values: Vec<String> = inline.into_iter().collect();
                    let many = matches!(
                        kind,
                        Type::Shape(Shape::List { .. } | Shape::Structure { .. } | Shape::Map { .. })
                    );
                    while values.is_empty() || many {
                        let Some(value) = words.next_if(|next| !next.starts_with("--")) else { break };
                        values.push(value);
                    }
                    if values.is_empty() {
                        let text = format!("argument --{name}: expected one argument");
                        return Err(UsageError::Arguments(text));
                    }
                    let value = self.parameter(name, *kind, &values)?;
                    input.insert((*member).to_owned(), value);
                }
                (None, _) => {
                    unknown.push(word.clone());
                    unknown.extend(words.next_if(|next| !next.starts_with("--")));
                }
            }
        }
        if !unknown.is_empty() {
            return Err(UsageError::Arguments(format!("Unknown options: {}", unknown.join(", "))));
        }
        let required = self.service.required(self.operation.input.as_deref());
        let missing: Vec<String> = required
            .iter()
            .filter(|name| !input.contains_key(name.as_str()))
            .map(|name| format!("--{}", kebab(name)))
            .collect();
        if !missing.is_empty() && input_json.is_none() {
            let text = format!("the following arguments are required: {}", missing.join(", "));
            return Err(UsageError::Arguments(text));
        }
        let input = Value::Object(input);
        let mut faults = Vec::new();
        if let Some(shape) = &self.operation.input {
            self.validate("", &input, self.service.kind(shape), &mut faults);
        }
        if faults.is_empty() { Ok(input) } else { Err(UsageError::Validation(faults)) }
    }

    /// `--cli-input-json`: the whole input.
    fn whole(&self, text: &str) -> Result<Map<String, Value>, UsageError> {
        let text = match text.strip_prefix("file://") {
            Some(path) => self.file("cli-input-json", text, path)?,
            None => text.to_owned(),
        };
        match serde_json::from_str(&text) {
            Ok(Value::Object(input)) => Ok(input),
            Ok(other) => Err(UsageError::Other(format!(
                "Invalid type: expecting dict, received {}",
                python_type(&other)
            ))),
            Err(error) => Err(UsageError::Parameter {
                parameter: "cli-input-json".to_owned(),
                reason: format!("Invalid JSON: {error}\nJSON received: {text}"),
            }),
        }
    }

    fn bytes(&self, parameter: &str, given: &str, path: &str) -> Result<Vec<u8>, UsageError> {
        self.files.read(path).map_err(|reason| UsageError::Parameter {
            parameter: parameter.to_owned(),
            reason: format!("Unable to load paramfile {given}: {reason}"),
        })
    }

    fn file(&self, parameter: &str, given: &str, path: &str) -> Result<String, UsageError> {
        String::from_utf8(self.bytes(parameter, given, path)?).map_err(|_| UsageError::Parameter {
            parameter: parameter.to_owned(),
            reason: format!("Unable to load paramfile ({path}), text contents could not be decoded. If this is a binary file, please use the fileb:// prefix instead of the file:// prefix."),
        })
    }

    /// The value of one parameter.
    fn parameter(&self, name: &str, kind: Type<'_>, values: &[String]) -> Result<Value, UsageError> {
        let fault = |reason: String| UsageError::Parameter { parameter: name.to_owned(), reason };
        if let [one] = values {
            if let Some(path) = one.strip_prefix("fileb://") {
                let bytes = self.bytes(name, one, path)?;
                if !matches!(kind, Type::Blob) {
                    return Err(fault("fileb:// is for binary parameters; use file://".to_owned()));
                }
                return Ok(Value::String(STANDARD.encode(bytes)));
            }
            if let Some(path) = one.strip_prefix("file://") {
                let text = self.file(name, one, path)?;
                return self.value(name, kind, &[text]);
            }
        }
        self.value(name, kind, values)
    }

    fn value(&self, name: &str, kind: Type<'_>, values: &[String]) -> Result<Value, UsageError> {
        let fault = |reason: String| UsageError::Parameter { parameter: name.to_owned(), reason };
        let first = values.first().map_or("", String::as_str);
        match kind {
            Type::Shape(shape) => {
                if first.trim_start().starts_with(['{', '[']) && values.len() == 1 {
                    return serde_json::from_str(first)
                        .map_err(|error| fault(format!("Invalid JSON: {error}\nJSON received: {first}")))
                        .map(|value| match (shape, value) {
                            // One element may stand for the list of it.
                            (Shape::List { .. }, value @ Value::Object(_)) => Value::Array(vec![value]),
                            (_, value) => value,
                        });
                }
                match shape {
                    Shape::List { list } => {
                        let element = self.service.kind(list);
                        let elements = values.iter().map(|text| match element {
                            Type::Shape(_) => {
                                let value = if text.trim_start().starts_with(['{', '[']) {
                                    serde_json::from_str(text).map_err(|error| {
                                        fault(format!("Invalid JSON: {error}\nJSON received: {text}"))
                                    })?
                                } else {
                                    shorthand::parse(text).map_err(|e| fault(e.to_string()))?
                                };
                                self.typed(name, element, value)
                            }
                            scalar => self.scalar(name, scalar, text),
                        });
                        elements.collect::<Result<_, _>>().map(Value::Array)
                    }
                    Shape::Structure { .. } | Shape::Map { .. } => {
                        let text = values.join(",");
                        let value = shorthand::parse(&text).map_err(|e| fault(e.to_string()))?;
                        self.typed(name, kind, value)
                    }
                }
            }
            scalar => self.scalar(name, scalar, first),
        }
    }

    fn scalar(&self, name: &str, kind: Type<'_>, text: &str) -> Result<Value, UsageError> {
        let fault = |reason: String| UsageError::Parameter { parameter: name.to_owned(), reason };
        Ok(match kind {
            Type::Integer => {
                let number: i64 = text
                    .trim()
                    .parse()
                    .map_err(|_| fault(format!("invalid literal for int() with base 10: '{text}'")))?;
                json!(number)
            }
            Type::Float => {
                let number: f64 =
                    text.trim().parse().map_err(|_| fault(format!("could not convert string to float: '{text}'")))?;
                json!(number)
            }
            Type::Boolean => json!(text.eq_ignore_ascii_case("true")),
            Type::Blob if self.raw_blobs => Value::String(STANDARD.encode(text)),
            Type::Blob => {
                STANDARD.decode(text).map_err(|_| UsageError::Other(format!("Invalid base64: \"{text}\"")))?;
                Value::String(text.to_owned())
            }
            Type::Timestamp => epoch(text).ok_or_else(|| {
                UsageError::Validation(vec![format!("Invalid type for parameter {name}, value: {text}, type: <class 'str'>, valid types: <class 'datetime.datetime'>, timestamp-string")])
            })?,
            Type::Text | Type::Shape(_) => Value::String(text.to_owned()),
        })
    }

    /// Shorthand has text at its leaves; this gives each its type.
    fn typed(&self, name: &str, kind: Type<'_>, value: Value) -> Result<Value, UsageError> {
        match (kind, value) {
            (Type::Shape(Shape::List { list }), Value::Array(elements)) => {
                let element = self.service.kind(list);
                let elements = elements.into_iter().map(|value| self.typed(name, element, value));
                elements.collect::<Result<_, _>>().map(Value::Array)
            }
            // A single value may stand for a list of one.
            (Type::Shape(Shape::List { list }), value @ (Value::String(_) | Value::Object(_))) => {
                Ok(Value::Array(vec![self.typed(name, self.service.kind(list), value)?]))
            }
            (Type::Shape(Shape::Structure { members, .. }), Value::Object(fields)) => {
                let typed = fields.into_iter().map(|(field, value)| {
                    let kind =
                        members.get(&field).and_then(Value::as_str).map(|name| self.service.kind(name));
                    let value = kind.map_or(Ok(value.clone()), |kind| self.typed(name, kind, value))?;
                    Ok((field, value))
                });
                typed.collect::<Result<_, _>>().map(Value::Object)
            }
            (Type::Shape(Shape::Map { map }), Value::Object(fields)) => {
                let kind = self.service.kind(map);
                let typed =
                    fields.into_iter().map(|(field, value)| Ok((field, self.typed(name, kind, value)?)));
                typed.collect::<Result<_, _>>().map(Value::Object)
            }
            (Type::Shape(_), value) => Ok(value),
            (scalar, Value::String(text)) => self.scalar(name, scalar, &text),
            (_, value) => Ok(value),
        }
    }

    /// What the CLI finds wrong before it sends anything.
    fn validate(&self, path: &str, value: &Value, kind: Type<'_>, faults: &mut Vec<String>) {
        let place = if path.is_empty() { "input".to_owned() } else { path.to_owned() };
        let mut wrong = |expected: &str| {
            faults.push(format!(
                "Invalid type for parameter {place}, value: {}, type: <class '{}'>, valid types: {expected}",
                python_value(value),
                python_type(value)
            ));
        };
        match (kind, value) {
            (Type::Shape(Shape::Structure { members, required, .. }), Value::Object(fields)) => {
                for name in required.iter().filter(|name| !fields.contains_key(name.as_str())) {
                    faults.push(format!("Missing required parameter in {place}: \"{name}\""));
                }
                for (name, value) in fields {
                    let Some(kind) = members.get(name).and_then(Value::as_str) else {
                        let known: Vec<&str> = members.keys().map(String::as_str).collect();
                        faults.push(format!(
                            "Unknown parameter in {place}: \"{name}\", must be one of: {}",
                            known.join(", ")
                        ));
                        continue;
                    };
                    let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.validate(&inner, value, self.service.kind(kind), faults);
                }
            }
            (Type::Shape(Shape::Structure { .. } | Shape::Map { .. }), other) if !other.is_object() => {
                wrong("<class 'dict'>");
            }
            (Type::Shape(Shape::Map { map }), Value::Object(fields)) => {
                for (name, value) in fields {
                    self.validate(&format!("{path}.{name}"), value, self.service.kind(map), faults);
                }
            }
            (Type::Shape(Shape::List { list }), Value::Array(elements)) => {
                for (index, value) in elements.iter().enumerate() {
                    self.validate(&format!("{path}[{index}]"), value, self.service.kind(list), faults);
                }
            }
            (Type::Shape(Shape::List { .. }), _) => wrong("<class 'list'>, <class 'tuple'>"),
            (Type::Text, value) if !value.is_string() => wrong("<class 'str'>"),
            (Type::Integer, value) if !value.is_i64() && !value.is_u64() => wrong("<class 'int'>"),
            (Type::Float, value) if !value.is_number() => {
                wrong("<class 'float'>, <class 'decimal.Decimal'>, <class 'int'>");
            }
            (Type::Boolean, value) if !value.is_boolean() => wrong("<class 'bool'>"),
            (Type::Blob, value) if !value.is_string() => {
                wrong("<class 'bytes'>, <class 'bytearray'>, file-like object");
            }
            _ => {}
        }
    }
}

/// Seconds since the epoch of a time as people write it, or of such a number.
fn epoch(text: &str) -> Option<Value> {
    if let Ok(number) = text.parse::<f64>() {
        return Some(json!(number));
    }
    let time = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| format!("{text}Z").parse())
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .ok()?;
    Some(json!(time.as_second()))
}

fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

fn python_value(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
