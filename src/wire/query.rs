//! The Query protocol: a form as the request. Its names say the way to a value: `Tags.member.1.Key=team`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::message::Request;
use super::percent::parameters;
use super::spoken::Spoken;
use crate::aws_cli::model::{SERVICES, Service, Shape, Type};
use crate::cloud::ApiError;
use crate::limits::steps;
use crate::limits::wire::{PARAMETER_PARTS, PARAMETERS};

/// The form of a request: its body, or what stands behind the `?` of one that is got.
pub fn form(request: &Request) -> Option<Vec<(String, String)>> {
    if request.method == "GET" {
        return parameters(&request.query);
    }
    let is_form = request.content_type() == "application/x-www-form-urlencoded";
    parameters(std::str::from_utf8(&request.body).ok().filter(|_| is_form)?)
}

/// Reads the operation and the input of a request.
pub fn request(request: &Request, spoken: &Spoken) -> Result<(String, Value), ApiError> {
    let malformed = |text: String| ApiError::new("MalformedInput", text);
    let form = form(request).ok_or_else(|| malformed(String::new()))?;
    PARAMETERS.check(form.len()).map_err(|e| malformed(e.to_string()))?;
    let action = form.iter().find(|(name, _)| name == "Action").map(|(_, value)| value.clone());
    // Source: "Common errors" of the API References, MissingAction
    let action = action.ok_or_else(|| ApiError::new("MissingAction", "").with_status(400))?;
    let Some(service) = SERVICES.get(spoken.service) else { return Ok((action, json!({}))) };
    let Some(operation) = service.operations.get(&action) else { return Ok((action, json!({}))) };
    let parts = Parts::of(&form).map_err(malformed)?;
    let kind = operation.input.as_deref().map_or(Type::Text, |name| service.kind(name));
    let input = match kind {
        Type::Shape(shape) => value(service, Type::Shape(shape), &parts, &mut Vec::new())?,
        Type::Text | Type::Integer | Type::Float | Type::Boolean | Type::Blob | Type::Timestamp => None,
    };
    Ok((action, input.unwrap_or_else(|| json!({}))))
}

/// The parameters by the parts of their names; indices in their order, 2 before 10.
struct Parts<'a>(BTreeMap<Vec<Part<'a>>, &'a str>);

/// A part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Index(u32),
    Name(&'a str),
}

impl<'a> Parts<'a> {
    fn of(form: &'a [(String, String)]) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for (name, value) in form {
            let parts: Vec<Part<'_>> =
                name.split('.').take(PARAMETER_PARTS.size() + 1).map(Part::of).collect();
            PARAMETER_PARTS.check(parts.len()).map_err(|e| e.to_string())?;
            steps::add(name.len());
            all.entry(parts).or_insert(value.as_str());
        }
        Ok(Self(all))
    }

    /// The value of a name, if there is one.
    fn at(&self, name: &[Part<'a>]) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    /// The next parts behind a name, each once.
    fn below(&self, name: &[Part<'a>]) -> Vec<Part<'a>> {
        let from = self.0.range(name.to_vec()..);
        let mut found: Vec<Part<'a>> = Vec::new();
        for next in from
            .take_while(|(known, _)| known.starts_with(name))
            .filter_map(|(known, _)| known.get(name.len()))
        {
            steps::add(1);
            if found.last() != Some(next) {
                found.push(*next);
            }
        }
        found
    }
}

impl<'a> Part<'a> {
    fn of(text: &'a str) -> Self {
        text.parse().map_or(Self::Name(text), Self::Index)
    }
}

/// The value of a type at a name; `None` if no parameter tells of it. Parameters that the model does not know are passed
/// over, as AWS does.
fn value<'a>(
    service: &'a Service,
    kind: Type<'a>,
    parts: &Parts<'a>,
    name: &mut Vec<Part<'a>>,
) -> Result<Option<Value>, ApiError> {
    let Type::Shape(shape) = kind else {
        return parts.at(name).map(|text| scalar(kind, text)).transpose();
    };
    // An empty list or map is written as a name without a value.
    let is_empty = parts.at(name).is_some();
    match shape {
        Shape::Structure { members, .. } => {
            let mut fields = Map::new();
            for (member, of) in members {
                name.push(Part::of(member));
                let found = value(service, service.kind(of.as_str().unwrap_or("string")), parts, name)?;
                name.pop();
                fields.extend(found.map(|found| (member.clone(), found)));
            }
            // The input itself is always there.
            Ok((!fields.is_empty() || name.is_empty()).then_some(Value::Object(fields)))
        }
        Shape::List { list, .. } => {
            let elements =
                each(parts, name, "member", |name| value(service, service.kind(list), parts, name))?;
            Ok((is_empty || !elements.is_empty()).then_some(Value::Array(elements)))
        }
        Shape::Map { map, .. } => {
            let entries = each(parts, name, "entry", |name| {
                name.push(Part::Name("key"));
                let key = parts.at(name);
                name.pop();
                name.push(Part::Name("value"));
                let found = value(service, service.kind(map), parts, name)?;
                name.pop();
                Ok(key.zip(found))
            })?;
            let entries: Map<String, Value> =
                entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            Ok((is_empty || !entries.is_empty()).then_some(Value::Object(entries)))
        }
    }
}

/// What stands below each index of a list or a map.
fn each<'a, T>(
    parts: &Parts<'a>,
    name: &mut Vec<Part<'a>>,
    word: &'a str,
    mut read: impl FnMut(&mut Vec<Part<'a>>) -> Result<Option<T>, ApiError>,
) -> Result<Vec<T>, ApiError> {
    name.push(Part::Name(word));
    let mut found = Vec::new();
    for index in parts.below(name).into_iter().filter(|part| matches!(part, Part::Index(_))) {
        name.push(index);
        found.extend(read(name)?);
        name.pop();
    }
    name.pop();
    Ok(found)
}

/// A scalar from its text.
fn scalar(kind: Type<'_>, text: &str) -> Result<Value, ApiError> {
    // Doubtful: the text for a number that is none is not recorded. One form is known.
    // Source: the Query API's "Common Errors", which name the code alone.
    let malformed = || ApiError::new("MalformedInput", "");
    match kind {
        Type::Integer => text.parse::<i64>().map(Value::from).map_err(|_| malformed()),
        Type::Float => text.parse::<f64>().map(Value::from).map_err(|_| malformed()),
        Type::Boolean => text.parse::<bool>().map(Value::from).map_err(|_| malformed()),
        Type::Timestamp => {
            let time: Timestamp = text.parse().map_err(|_| malformed())?;
            Ok(json!(time.as_second()))
        }
        Type::Text | Type::Blob | Type::Shape(_) => Ok(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Result<(String, Value), ApiError> {
        let sent = Request {
            method: "POST".to_owned(),
            headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
            body: form.as_bytes().to_vec(),
            ..Request::default()
        };
        let spoken = Spoken::of("iam").expect("IAM speaks");
        request(&sent, spoken)
    }

    #[test]
    fn lists_keep_their_order_and_types_are_the_models() {
        let tag = |n| format!("&Tags.member.{n}.Key=k{n}&Tags.member.{n}.Value=v");
        let many = (1..=11).map(tag).collect::<Vec<_>>().concat();
        let (_, input) =
            read(&format!("Action=CreateRole&MaxSessionDuration=3600{many}")).expect("it is read");
        assert_eq!(input["MaxSessionDuration"], 3600);
        assert_eq!((&input["Tags"][1]["Key"], &input["Tags"][10]["Key"]), (&json!("k2"), &json!("k11")));
        assert_eq!(read("Action=CreateUser&Tags=&Nonsense=1").expect("read").1, json!({"Tags": []}));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for (form, code) in [
            ("UserName=x", "MissingAction"),
            ("Action=CreateRole&MaxSessionDuration=long", "MalformedInput"),
            (&format!("Action=CreateUser&{}=x", "a.".repeat(40)), "MalformedInput"),
        ] {
            assert_eq!(read(form).map_err(|e| e.code), Err(code.into()), "{form}");
        }
    }
}
