//! From the words behind an operation to its input: each parameter by its type, as the CLI reads them.

use serde_json::{Map, Value, json};

use super::args::{self, Spec, Takes};
use super::aws_line::kebab;
use super::global::{Global, not_here};
use super::model::{Operation, Service, Shape, Type};
use super::usage_error::UsageError;
use super::{blob, python, shorthand, validate};

/// How files that parameters name are read.
pub trait Files {
    /// The bytes of a file, or the operating system's words.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// What reading the parameters of one operation needs to know.
pub struct Reader<'a> {
    pub service: &'a Service,
    pub operation: &'a Operation,
    /// The files that `file://` reads.
    pub files: &'a dyn Files,
    /// Options every command takes.
    pub global: &'a Global,
}

/// An operation's input, and what the CLI does with its pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub input: Value,
    /// Whether pages are added up.
    pub in_pages: bool,
    /// The option `--max-items` of operations that come in pages.
    pub max_items: Option<usize>,
    /// The option `--page-size` of operations that come in pages.
    pub page_size: Option<i64>,
    /// The option `--starting-token` of operations that come in pages.
    pub starting_token: Option<String>,
}

/// What an option of an operation stands for.
enum Meaning<'a> {
    Member(&'a str, Type<'a>),
    /// A switch on or off.
    Switch(&'a str, bool),
    /// One of the CLI's own options.
    Own,
}

impl<'a> Reader<'a> {
    /// The options of the operation.
    fn specs(&self) -> Vec<(Spec, Meaning<'a>)> {
        let shape = self.operation.input.as_deref();
        let required = self.service.required(shape);
        let mut all = Vec::new();
        for (member, kind) in self.service.members(shape) {
            let name = kebab(member);
            let required = required.iter().any(|name| name == member);
            if matches!(kind, Type::Boolean) {
                let off = Spec::new(format!("no-{name}"), Takes::Nothing);
                all.push((Spec::new(name, Takes::Nothing), Meaning::Switch(member, true)));
                all.push((off, Meaning::Switch(member, false)));
                continue;
            }
            let takes =
                if matches!(kind, Type::Shape(Shape::List { .. })) { Takes::Many } else { Takes::One };
            all.push((Spec { required, ..Spec::new(name, takes) }, Meaning::Member(member, kind)));
        }
        for name in ["cli-input-json", "cli-input-yaml"] {
            all.push((Spec::new(name, Takes::One), Meaning::Own));
        }
        all.push((Spec::new("generate-cli-skeleton", Takes::AtMostOne), Meaning::Own));
        if let Some(pages) = &self.operation.pages {
            let paging = [("starting-token", false), ("page-size", true), ("max-items", true)];
            for (name, is_number) in paging {
                // A page can be limited only where the service lets it.
                if name != "page-size" || pages.limit.is_some() {
                    // The CLI's own option stands before a parameter of the same name, unless there are no pages.
                    if let Some(at) = all.iter().position(|(spec, _)| spec.name == name) {
                        if self.global.one_page {
                            continue;
                        }
                        all.remove(at);
                    }
                    all.push((Spec { is_number, ..Spec::new(name, Takes::One) }, Meaning::Own));
                }
            }
        }
        all
    }

    /// Returns the operation's input and the options of its pages.
    pub fn request(&self, words: &[String]) -> Result<Request, UsageError> {
        let (mut specs, meanings): (Vec<Spec>, Vec<Meaning<'_>>) = self.specs().into_iter().unzip();
        // Whoever gives the whole input, or only asks for its form, need not give any of it.
        let begins = |word: &String, option: &str| word.split('=').next() == Some(option);
        if words.iter().any(|w| begins(w, "--cli-input-json") || begins(w, "--generate-cli-skeleton")) {
            for spec in &mut specs {
                spec.required = false;
            }
        }
        let found = args::read(&specs, None, words)?;
        let unknown: Vec<String> = found.rest.into_iter().chain(found.place).collect();
        if !unknown.is_empty() {
            return Err(UsageError::Unknown(unknown.join(", ")));
        }
        let mut request = Request::default();
        let mut input = Map::new();
        let mut whole = Map::new();
        let mut paging = Vec::new();
        for (which, values) in found.options {
            let name = specs[which].name.as_str();
            match meanings[which] {
                Meaning::Switch(member, on) => drop(input.insert(member.to_owned(), json!(on))),
                Meaning::Member(member, kind) => {
                    let value = self.parameter(name, kind, &values)?;
                    input.insert(member.to_owned(), value);
                }
                Meaning::Own => {
                    let value = values.into_iter().next().unwrap_or_default();
                    match name {
                        "cli-input-json" => whole = self.whole(&value)?,
                        "cli-input-yaml" => {
                            return Err(not_here(
                                "--cli-input-yaml",
                                "--cli-input-json takes the same as JSON",
                            ));
                        }
                        "generate-cli-skeleton" => {
                            return Err(not_here(
                                "--generate-cli-skeleton",
                                "`help` behind the operation lists its parameters",
                            ));
                        }
                        _ => paging.push((name, value)),
                    }
                }
            }
        }
        if self.global.one_page && !paging.is_empty() {
            let names: Vec<String> = paging.iter().map(|(name, _)| format!("--{name}")).collect();
            let text = "Cannot specify --no-paginate along with pagination arguments";
            return Err(UsageError::Other(format!("{text}: {}", names.join(", "))));
        }
        for (name, value) in paging {
            match name {
                "starting-token" => request.starting_token = Some(value),
                "page-size" => request.page_size = value.trim().parse().ok(),
                _ => request.max_items = Some(value.trim().parse().unwrap_or(0)),
            }
        }
        for (name, value) in whole {
            input.entry(name).or_insert(value);
        }
        // Whoever asks for a page of their own gets that page and no other.
        request.in_pages = self.operation.pages.as_ref().is_some_and(|pages| {
            let own = |name: &String| input.contains_key(name);
            !self.global.one_page && !own(&pages.from) && !pages.limit.as_ref().is_some_and(own)
        });
        request.input = Value::Object(input);
        if let Some(shape) = &self.operation.input {
            validate::finish(self.service, self.service.kind(shape), &mut request.input)?;
        }
        Ok(request)
    }

    /// `--cli-input-json`: the whole input.
    fn whole(&self, text: &str) -> Result<Map<String, Value>, UsageError> {
        let text = match text.strip_prefix("file://") {
            Some(path) => self.file("--cli-input-json", text, path)?,
            None => text.to_owned(),
        };
        match serde_json::from_str(&text) {
            Ok(value @ Value::Object(_)) => {
                let kind = self.operation.input.as_ref().map_or(Type::Text, |name| self.service.kind(name));
                match self.blobs(kind, value)? {
                    Value::Object(input) => Ok(input),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                        Ok(Map::new())
                    }
                }
            }
            Ok(other) => Err(UsageError::Parameter {
                parameter: "--cli-input-json".to_owned(),
                reason: format!(
                    "Invalid type: expecting map, received <class '{}'>",
                    python::type_name(&other)
                ),
            }),
            // Without dashes, as the CLI says it.
            Err(_) => Err(UsageError::Parameter {
                parameter: "cli-input-json".to_owned(),
                reason: "Invalid JSON received.".to_owned(),
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
            reason: format!("Unable to load paramfile ({path}), text contents could not be decoded.  If this is a binary file, please use the fileb:// prefix instead of the file:// prefix."),
        })
    }

    /// The value of one parameter. Only one whole argument can name a file, and `-` is a value like any other: the standard input
    /// is read for no parameter.
    // Source: aws-cli, awscli/paramfile.py (`LOCAL_PREFIX_MAP`: file:// as text, fileb:// as bytes, nothing else) and AWS CLI
    // User Guide, "cli-usage-parameters-file".
    fn parameter(&self, name: &str, kind: Type<'_>, values: &[String]) -> Result<Value, UsageError> {
        let option = format!("--{name}");
        if let [one] = values {
            if let Some(path) = one.strip_prefix("fileb://") {
                let bytes = self.bytes(&option, one, path)?;
                if !matches!(kind, Type::Blob) {
                    let reason = "fileb:// is for binary parameters; use file://".to_owned();
                    return Err(UsageError::Parameter { parameter: option, reason });
                }
                return Ok(blob::encoded(&bytes));
            }
            if let Some(path) = one.strip_prefix("file://") {
                let text = self.file(&option, one, path)?;
                return self.value(&option, kind, &[text]);
            }
        }
        self.value(&option, kind, values)
    }

    fn value(&self, option: &str, kind: Type<'_>, values: &[String]) -> Result<Value, UsageError> {
        let fault = |reason: String| UsageError::Parameter { parameter: option.to_owned(), reason };
        let from_json = |text: &str| {
            crate::limits::steps::add(text.len());
            serde_json::from_str(text).map_err(|error| {
                let what = python::json_fault(text).unwrap_or_else(|| error.to_string());
                fault(format!("Invalid JSON: {what}\nJSON received: {text}"))
            })
        };
        let is_json = |text: &str| text.trim_start().starts_with(['{', '[']);
        let first = values.first().map_or("", String::as_str);
        let value = match kind {
            Type::Shape(Shape::List { list, .. }) => {
                let element = self.service.kind(list);
                if values.len() == 1 && first.trim_start().starts_with('[') {
                    from_json(first)?
                } else {
                    let read = |text: &String| match element {
                        // Whether they are JSON is decided by the first of them.
                        Type::Shape(_) if is_json(first) => from_json(text),
                        Type::Shape(_) => self.shorthand(option, element, text),
                        scalar @ (Type::Text
                        | Type::Integer
                        | Type::Float
                        | Type::Boolean
                        | Type::Blob
                        | Type::Timestamp) => scalar_of(scalar, text),
                    };
                    Value::Array(values.iter().map(read).collect::<Result<_, _>>()?)
                }
            }
            Type::Shape(_) if first.trim_start().starts_with('{') => from_json(first)?,
            Type::Shape(_) if is_json(first) => return Err(fault(format!("Invalid JSON:\n{first}"))),
            Type::Shape(_) => self.shorthand(option, kind, first)?,
            scalar @ (Type::Text
            | Type::Integer
            | Type::Float
            | Type::Boolean
            | Type::Blob
            | Type::Timestamp) => scalar_of(scalar, first)?,
        };
        self.blobs(kind, value)
    }

    fn shorthand(&self, option: &str, kind: Type<'_>, text: &str) -> Result<Value, UsageError> {
        let file = |text: &str| match text.strip_prefix("file://") {
            Some(path) => self.file(option, text, path).map_err(|error| match error {
                UsageError::Parameter { reason, .. } => reason,
                other @ (UsageError::Arguments(_)
                | UsageError::Unknown(_)
                | UsageError::Validation(_)
                | UsageError::NotSimulated { .. }
                | UsageError::NotHere(_)
                | UsageError::Other(_)
                | UsageError::Unexpected(_)
                | UsageError::Limit(_)) => other.to_string(),
            }),
            None => Ok(text.to_owned()),
        };
        let value = shorthand::parse(text, &file).map_err(|error| UsageError::Parameter {
            parameter: option.to_owned(),
            reason: error.to_string(),
        })?;
        self.typed(kind, value)
    }

    /// Shorthand has text at its leaves; this gives each its type.
    fn typed(&self, kind: Type<'_>, value: Value) -> Result<Value, UsageError> {
        match (kind, value) {
            (Type::Shape(Shape::List { list, .. }), Value::Array(elements)) => {
                let element = self.service.kind(list);
                let elements = elements.into_iter().map(|value| self.typed(element, value));
                elements.collect::<Result<_, _>>().map(Value::Array)
            }
            // A single value may stand for a list of one.
            (Type::Shape(Shape::List { list, .. }), value) => {
                Ok(Value::Array(vec![self.typed(self.service.kind(list), value)?]))
            }
            (Type::Shape(Shape::Structure { members, .. }), Value::Object(fields)) => {
                let typed = fields.into_iter().map(|(field, value)| {
                    let kind = members.get(&field).and_then(Value::as_str);
                    let value = match kind {
                        Some(kind) => self.typed(self.service.kind(kind), value)?,
                        None => value,
                    };
                    Ok((field, value))
                });
                typed.collect::<Result<_, _>>().map(Value::Object)
            }
            (Type::Shape(Shape::Map { map, .. }), Value::Object(fields)) => {
                let kind = self.service.kind(map);
                let typed = fields.into_iter().map(|(field, value)| Ok((field, self.typed(kind, value)?)));
                typed.collect::<Result<_, _>>().map(Value::Object)
            }
            (Type::Boolean, Value::String(text)) => Ok(match text.to_lowercase().as_str() {
                "true" => json!(true),
                "false" => json!(false),
                _ => Value::String(text),
            }),
            (scalar @ (Type::Integer | Type::Float), Value::String(text)) => scalar_of(scalar, &text),
            (_, value) => Ok(value),
        }
    }

    /// Blobs as the wire has them, in base64: they were typed so, or as they are.
    fn blobs(&self, kind: Type<'_>, value: Value) -> Result<Value, UsageError> {
        match (kind, value) {
            (Type::Blob, Value::String(text)) if self.global.raw_blobs => Ok(blob::encoded(text.as_bytes())),
            (Type::Blob, Value::String(text)) => {
                let bytes = blob::decoded(&text);
                let bytes =
                    bytes.ok_or_else(|| UsageError::Unexpected(format!("Invalid base64: \"{text}\"")))?;
                Ok(blob::encoded(&bytes))
            }
            (Type::Shape(Shape::List { list, .. }), Value::Array(elements)) => {
                let kind = self.service.kind(list);
                elements
                    .into_iter()
                    .map(|value| self.blobs(kind, value))
                    .collect::<Result<_, _>>()
                    .map(Value::Array)
            }
            (Type::Shape(Shape::Map { map, .. }), Value::Object(fields)) => {
                let kind = self.service.kind(map);
                let fields = fields.into_iter().map(|(name, value)| Ok((name, self.blobs(kind, value)?)));
                fields.collect::<Result<_, _>>().map(Value::Object)
            }
            (Type::Shape(Shape::Structure { members, .. }), Value::Object(fields)) => {
                let kind = |name: &str| members.get(name).and_then(Value::as_str);
                let fields = fields.into_iter().map(|(name, value)| {
                    let value = match kind(&name) {
                        Some(kind) => self.blobs(self.service.kind(kind), value)?,
                        None => value,
                    };
                    Ok((name, value))
                });
                fields.collect::<Result<_, _>>().map(Value::Object)
            }
            (_, value) => Ok(value),
        }
    }
}

/// A parameter without parts.
fn scalar_of(kind: Type<'_>, text: &str) -> Result<Value, UsageError> {
    Ok(match kind {
        Type::Integer => {
            let number = text.trim().parse::<i64>().map_err(|_| {
                UsageError::Unexpected(format!("invalid literal for int() with base 10: '{text}'"))
            })?;
            json!(number)
        }
        Type::Float => {
            let number = text.trim().parse::<f64>().map_err(|_| {
                UsageError::Unexpected(format!("could not convert string to float: '{text}'"))
            })?;
            json!(number)
        }
        Type::Text | Type::Boolean | Type::Blob | Type::Timestamp | Type::Shape(_) => {
            Value::String(text.to_owned())
        }
    })
}
