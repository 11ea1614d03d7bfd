//! `aws SERVICE OPERATION ..`: whose credentials sign, the call, its pages, and what is printed of them.

use serde_json::{Map, Value, json};

use super::help::{HOW, is_simulated, operations_help, parameters_help, services_help, unknown_operation};
use super::model::{Operation, Pages, SERVICES, Service};
use super::params::{self, Global, Reader, UsageError};
use super::{Console, GENERAL, Printed, SERVICE_ERROR, Target, USAGE, print};
use crate::cloud::{Call, CallContext, Caller, Region, World};

impl Console {
    /// Whether there is somebody of that name.
    pub fn knows(&self, world: &World, name: &str) -> bool {
        self.caller_of(world, name).is_some()
    }

    /// Whose credentials a profile holds.
    pub(super) fn caller_of(&self, world: &World, profile: &str) -> Option<Caller> {
        let caller = self.names.caller(profile).ok()?;
        world.principal(&caller).is_ok().then_some(caller)
    }

    /// Who signs: `--profile`, else keys that were exported, else `AWS_PROFILE`, else whoever is acted as.
    /// With the name that people call them by.
    fn signer(&self, world: &World, global: &Global) -> Result<(String, Caller), Printed> {
        let variable = |name: &str| self.variables.get(name).filter(|value| !value.is_empty());
        if global.profile.is_none()
            && let Some(key) = variable("AWS_ACCESS_KEY_ID")
        {
            let caller = Caller::Session(key.as_str().into());
            let arn = world.principal(&caller).ok().map(|principal| principal.name().to_string());
            let who = arn.map_or_else(|| key.clone(), |arn| self.names.short(&arn).to_owned());
            return Ok((who, caller));
        }
        let profile = global.profile.as_ref().or(variable("AWS_PROFILE")).unwrap_or(&self.acting);
        self.caller_of(world, profile).map(|caller| (profile.clone(), caller)).ok_or_else(|| {
            Printed::failed(GENERAL, format!("\nThe config profile ({profile}) could not be found\n"))
        })
    }

    pub(super) fn aws(&mut self, target: &mut dyn Target, words: Vec<String>) -> Printed {
        match self.try_aws(target, words) {
            Ok(printed) | Err(Failure::Printed(printed)) => printed,
            Err(Failure::Usage(error @ UsageError::Arguments(_))) => {
                Printed::failed(USAGE, format!("{HOW}aws: error: {error}\n"))
            }
            Err(Failure::Usage(error)) => Printed::failed(USAGE, format!("\n{error}\n")),
        }
    }

    fn try_aws(&mut self, target: &mut dyn Target, words: Vec<String>) -> Result<Printed, Failure> {
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
        let (who, caller) = self.signer(target.world(), &global).map_err(Failure::Printed)?;
        let request = Request {
            service_name: &service_name,
            service,
            operation_name,
            operation,
            global: &global,
            who: &who,
            caller: &caller,
        };
        self.call(target, &request, input)
    }

    /// Makes the call, page by page, and prints what comes of it.
    fn call(
        &mut self,
        target: &mut dyn Target,
        request: &Request<'_>,
        mut input: Value,
    ) -> Result<Printed, Failure> {
        let Request { service_name, service, operation_name, operation, global, .. } = *request;
        let pages =
            operation.pages.as_ref().filter(|pages| !global.one_page && input.get(&pages.from).is_none());
        let mut whole: Option<Map<String, Value>> = None;
        loop {
            let response = match self.one_page(target, request, input.clone()) {
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
        target: &mut dyn Target,
        request: &Request<'_>,
        input: Value,
    ) -> Result<Value, crate::cloud::ApiError> {
        let variable = |name: &str| self.variables.get(name).filter(|value| !value.is_empty());
        let region = request.global.region.as_ref();
        let region = region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = region.map_or_else(|| self.names.region.clone(), |name| Region::new(name));
        let call = Call::decode(request.service_name, request.operation_name, input)?;
        let call = call.with_context(CallContext::in_region(region));
        let outcome = target.call(request.who, request.caller, call);
        self.last = Some(outcome.clone());
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
    who: &'a str,
    caller: &'a Caller,
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
