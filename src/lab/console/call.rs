//! `aws SERVICE OPERATION ..`: whose credentials sign, the call, its pages, and what is printed of them.

use serde_json::{Value, json};

use super::help::{HOW, is_simulated, operations_help, parameters_help, services_help, unknown_operation};
use super::model::{Operation, SERVICES, Service};
use super::pages::Collected;
use super::params::{self, Global, Reader, UsageError};
use super::{Console, GENERAL, Printed, SERVICE_ERROR, Target, USAGE, print};
use crate::cloud::{ApiError, Call, CallContext, Caller, Region, SUPPORT, World};

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
        if global.unsigned {
            return Ok(("anonymous".to_owned(), Caller::Anonymous));
        }
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
        if name == "wait" {
            return self.wait(target, &service_name, service, &global, words.collect());
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

    /// `aws dynamodb wait table-exists`: asks every twenty seconds, at most 25 times. Waiting lets the time pass.
    /// Source: AWS CLI Command Reference, `dynamodb wait`.
    fn wait(
        &mut self,
        target: &mut dyn Target,
        service_name: &str,
        service: &Service,
        global: &Global,
        words: Vec<String>,
    ) -> Result<Printed, Failure> {
        let mut words = words.into_iter();
        let (waiter, gone) = match (service_name, words.next().as_deref()) {
            ("dynamodb", Some("table-exists")) => ("TableExists", false),
            ("dynamodb", Some("table-not-exists")) => ("TableNotExists", true),
            (_, other) => {
                let text = format!(
                    "argument subcommand: Invalid choice, valid choices are:\n\ntable-exists\ntable-not-exists\n\n\
                     Invalid choice: '{}'",
                    other.unwrap_or_default()
                );
                return Err(UsageError::Arguments(text).into());
            }
        };
        let Some((operation_name, operation)) = service.operation("describe-table") else {
            return Ok(Printed::default());
        };
        let reader = Reader { service, operation, files: &*self.files, raw_blobs: global.raw_blobs };
        let input = reader.input(words.collect(), global.input_json.as_deref())?;
        let (who, caller) = self.signer(target.world(), global).map_err(Failure::Printed)?;
        let request =
            Request { service_name, service, operation_name, operation, global, who: &who, caller: &caller };
        for _ in 0..25 {
            match self.one_page(target, &request, input.clone()) {
                Err(error) if error.code == "ResourceNotFoundException" && gone => {
                    return Ok(Printed::default());
                }
                Err(error) if error.code == "ResourceNotFoundException" => {}
                Err(error) => {
                    let text = format!("\nWaiter {waiter} failed: {}", request.failed(&error).trim_start());
                    return Ok(Printed::failed(GENERAL, text));
                }
                Ok(found) if !gone && found["Table"]["TableStatus"] == "ACTIVE" => {
                    return Ok(Printed::default());
                }
                Ok(_) => {}
            }
            if target.advance(jiff::SignedDuration::from_secs(20)).is_err() {
                break;
            }
        }
        Ok(Printed::failed(GENERAL, format!("\nWaiter {waiter} failed: Max attempts exceeded\n")))
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
        let options = global.pagination();
        if operation.pages.is_none() && !options.is_empty() {
            return Err(UsageError::Arguments(format!("Unknown options: {}", options.join(", "))).into());
        }
        let limit = operation.pages.as_ref().and_then(|pages| pages.limit.as_deref());
        if let (Some(size), Some(limit)) = (global.page_size, limit.filter(|name| request.takes(name))) {
            input[limit] = json!(size);
        }
        let mut all = pages.map(|pages| Collected::new(pages, global, &mut input)).transpose()?;
        let response = loop {
            let response = match self.one_page(target, request, input.clone()) {
                Ok(response) => response,
                Err(error) => return Ok(Printed::failed(SERVICE_ERROR, request.failed(&error))),
            };
            match (&mut all, response) {
                (Some(all), Value::Object(page)) => {
                    let Some((pages, next)) = pages.zip(all.add(page)) else { break Value::Null };
                    input[&pages.from] = next;
                }
                (_, response) => break response,
            }
        };
        let response = all.map_or(response, |all| Value::Object(all.into_whole()));
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
    ) -> Result<Value, ApiError> {
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

impl Request<'_> {
    /// Whether the simulated cloud takes a parameter.
    fn takes(&self, parameter: &str) -> bool {
        let service = SUPPORT.iter().find(|service| service.service == self.service_name);
        let operations = service.map_or(&[][..], |service| service.operations);
        let of = operations.iter().find(|of| of.operation == self.operation_name);
        of.is_some_and(|of| !of.refuses.contains(&parameter))
    }

    /// An error of the service as the CLI prints it.
    fn failed(&self, error: &ApiError) -> String {
        let (code, message, name) = (&error.code, &error.message, self.operation_name);
        format!("\nAn error occurred ({code}) when calling the {name} operation: {message}\n")
    }
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
