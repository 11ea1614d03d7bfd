//! `aws SERVICE OPERATION ..`: whose credentials sign, the call, its pages, and what is printed of them.

use serde_json::{Value, json};

use super::args::invalid_choice;
use super::failure::{self, ErrorFormat};
use super::global::{self, Global};
use super::help::{
    is_simulated, operations_help, parameters_help, services_help, unknown, unknown_operation,
};
use super::model::{Operation, SERVICES, Service};
use super::pages::Collected;
use super::params::{self, Reader};
use super::usage_error::UsageError;
use super::{Console, GENERAL, Printed, SERVICE_ERROR, Target, USAGE, print};
use crate::cloud::{self, ApiError, Call, CallContext, Caller, Region, World};
use crate::limits::console::PRINTED;

impl Console {
    /// Whether there is somebody of that name.
    pub fn knows(&self, world: &World, name: &str) -> bool {
        self.caller_of(world, name).is_some()
    }

    /// Whose credentials a profile holds.
    pub(super) fn caller_of(&self, world: &World, profile: &str) -> Option<Caller> {
        self.names.caller_in(world, profile)
    }

    /// Who signs: `--profile`, else keys that were exported, else `AWS_PROFILE`, else whoever is acted as.
    /// With the name that people call them by.
    pub(super) fn signer(&self, world: &World, global: &Global) -> Result<(String, Caller), Printed> {
        let variable = |name: &str| self.variables.get(name).filter(|value| !value.is_empty());
        if global.unsigned {
            return Ok(("anonymous".to_owned(), Caller::Anonymous));
        }
        if global.profile.is_none()
            && let Some(key) = variable("AWS_ACCESS_KEY_ID")
        {
            let holder = world.iam().holder_of(key).map(|(caller, _)| caller);
            let caller = holder.unwrap_or_else(|| Caller::Session(key.into()));
            let arn = world.principal(&caller).ok().map(|principal| principal.name().to_string());
            let who = arn.map_or_else(|| key.to_owned(), |arn| self.names.short(&arn).to_owned());
            return Ok((who, caller));
        }
        let profile = global.profile.as_deref().or(variable("AWS_PROFILE")).unwrap_or(&self.acting);
        self.caller_of(world, profile).map(|caller| (profile.to_owned(), caller)).ok_or_else(|| {
            Printed::failed(
                GENERAL,
                failure::plain(&format!("The config profile ({profile}) could not be found")),
            )
        })
    }

    pub(super) fn aws(&mut self, target: &mut dyn Target, words: &[String]) -> Printed {
        let mut global = Global::default();
        match self.try_aws(target, words, &mut global) {
            Ok(printed) | Err(Failure::Printed(printed)) => printed,
            Err(Failure::Usage(error)) => failure::of_usage(self.error_format(&global), &error),
        }
    }

    /// Returns how errors are printed: as the option says, else the variable, else enhanced.
    pub(super) fn error_format(&self, global: &Global) -> ErrorFormat {
        let variable = self.variables.get("AWS_CLI_ERROR_FORMAT").map(str::to_lowercase);
        let named = variable.as_deref().and_then(ErrorFormat::named);
        global.error_format.or(named).unwrap_or(ErrorFormat::Enhanced)
    }

    fn try_aws(
        &mut self,
        target: &mut dyn Target,
        words: &[String],
        found: &mut Global,
    ) -> Result<Printed, Failure> {
        let (global, service_name, mut words) = global::global(words)?;
        found.error_format = global.error_format;
        let required = |what: &str| {
            Failure::from(UsageError::Arguments(format!("the following arguments are required: {what}")))
        };
        let service_name = service_name.ok_or_else(|| required("command"))?;
        match service_name.as_str() {
            "help" => return Ok(Printed::ok(services_help())),
            global::VERSION => return Ok(Printed::ok("aws-cli/2 as simulated by kmslab\n")),
            "configure" | "login" | "sso" => {
                let text =
                    "nothing has to be configured here: every user's name is a profile (--profile NAME)";
                return Err(UsageError::NotHere(format!("`aws {service_name}`: {text}")).into());
            }
            _ => {}
        }
        let Some(service) = SERVICES.get(&service_name) else {
            let known: Vec<&str> = SERVICES.keys().map(String::as_str).collect();
            return Err(unknown("command", &known, &service_name, &service_name).into());
        };
        let place =
            words.iter().position(|word| !word.starts_with('-')).ok_or_else(|| required("operation"))?;
        let name = words.remove(place);
        if name == "help" {
            return Ok(Printed::ok(operations_help(&service_name)));
        }
        if name == "wait" {
            return self.wait(target, &service_name, service, &global, &words);
        }
        let Some((operation_name, operation)) = service.operation(&name) else {
            return Err(unknown_operation(&service_name, service, &name).into());
        };
        if !is_simulated(&service_name, operation_name) {
            let text = format!("\nkmslab does not simulate `aws {service_name} {name}`\n");
            return Err(Failure::Printed(Printed::failed(USAGE, text)));
        }
        if words == ["help"] {
            return Ok(Printed::ok(parameters_help(&name, service, operation)));
        }
        let reader = Reader { service, operation, files: &*self.files, global: &global };
        let read = reader.request(&words)?;
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
        self.call(target, &request, &read)
    }

    /// `aws dynamodb wait table-exists`: asks every twenty seconds, at most 25 times. Waiting lets the time pass.
    /// Source: AWS CLI Command Reference, `dynamodb wait`.
    fn wait(
        &mut self,
        target: &mut dyn Target,
        service_name: &str,
        service: &Service,
        global: &Global,
        words: &[String],
    ) -> Result<Printed, Failure> {
        let (waiter, gone) = match (service_name, words.first().map(String::as_str)) {
            ("dynamodb", Some("table-exists")) => ("TableExists", false),
            ("dynamodb", Some("table-not-exists")) => ("TableNotExists", true),
            ("dynamodb", None) => {
                return Err(UsageError::Arguments("too few arguments".to_owned()).into());
            }
            ("dynamodb", Some(other)) => {
                let waiters = ["table-exists", "table-not-exists"];
                let text = format!("argument subcommand: {}", invalid_choice(&waiters, other));
                return Err(UsageError::Arguments(text).into());
            }
            _ => return Err(unknown_operation(service_name, service, "wait").into()),
        };
        let Some((operation_name, operation)) = service.operation("describe-table") else {
            return Ok(Printed::default());
        };
        let reader = Reader { service, operation, files: &*self.files, global };
        let input = reader.request(words.get(1..).unwrap_or_default())?.input;
        let (who, caller) = self.signer(target.world(), global).map_err(Failure::Printed)?;
        let request =
            Request { service_name, service, operation_name, operation, global, who: &who, caller: &caller };
        let mut missed = false;
        for _ in 0..25 {
            match self.one_page(target, &request, input.clone()) {
                Err(error) if error.code == "ResourceNotFoundException" && gone => {
                    return Ok(Printed::default());
                }
                Err(error) if error.code == "ResourceNotFoundException" => missed = true,
                Err(error) => {
                    let (code, message) = (&error.code, &error.message);
                    let text = format!("Waiter {waiter} failed: An error occurred ({code}): {message}");
                    return Ok(Printed::failed(GENERAL, failure::plain(&text)));
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
        let last = if missed {
            ". Previously accepted state: Matched expected service error code: ResourceNotFoundException"
        } else {
            ""
        };
        let text = format!("Waiter {waiter} failed: Max attempts exceeded{last}");
        Ok(Printed::failed(GENERAL, failure::plain(&text)))
    }

    /// Makes the call, page by page, and prints what comes of it.
    fn call(
        &mut self,
        target: &mut dyn Target,
        request: &Request<'_>,
        read: &params::Request,
    ) -> Result<Printed, Failure> {
        let Request { service_name, service, operation_name, operation, global, .. } = *request;
        let mut input = read.input.clone();
        let pages = operation.pages.as_ref().filter(|_| read.in_pages);
        let limit = pages.and_then(|pages| pages.limit.as_deref());
        if let (Some(size), Some(limit)) = (read.page_size, limit.filter(|name| request.takes(name))) {
            input[limit] = json!(size);
        }
        let mut all = pages.map(|pages| Collected::new(pages, read, &mut input)).transpose()?;
        let response = loop {
            let response = match self.one_page(target, request, input.clone()) {
                Ok(response) => response,
                Err(error) => {
                    let format = self.error_format(global);
                    let text = failure::of_service(format, service_name, operation_name, &error);
                    return Ok(Printed::failed(SERVICE_ERROR, text));
                }
            };
            let response =
                print::shaped(service, operation.output.as_deref(), response, service_name == "iam");
            match (&mut all, response) {
                (Some(all), Value::Object(page)) => {
                    let Some((pages, next)) = pages.zip(all.add(page)) else { break Value::Null };
                    input[&pages.from] = next;
                }
                (_, response) => break response,
            }
        };
        let variable = self.variables.get("AWS_DEFAULT_OUTPUT");
        let format = global.output.as_deref().or(variable).unwrap_or("json");
        let parts = match all {
            Some(all) if format == "text" => all.into_each(),
            Some(all) => vec![all.into_whole()],
            None => vec![response],
        };
        let mut printed = Printed::default();
        for part in parts {
            let shown = match &global.query {
                Some(query) => match query.pick(&part) {
                    Ok(found) => found,
                    // What was printed before stays.
                    Err(error) => {
                        let failed = if let UsageError::Limit(exceeded) = error {
                            Printed::beyond(exceeded)
                        } else {
                            Printed::failed(GENERAL, failure::plain(&error.to_string()))
                        };
                        return Ok(Printed { out: printed.out, ..failed });
                    }
                },
                None if operation.output.is_none() => continue,
                None => part,
            };
            printed.out += &print::print(format, operation_name, &shown).map_err(UsageError::Limit)?;
            PRINTED.check(printed.out.len()).map_err(UsageError::Limit)?;
        }
        Ok(printed)
    }

    fn one_page(
        &mut self,
        target: &mut dyn Target,
        request: &Request<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let variable = |name: &str| self.variables.get(name).filter(|value| !value.is_empty());
        let region = request.global.region.as_deref();
        let region = region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = region.map_or_else(|| self.names.region.clone(), Region::new);
        let call = Call::decode(request.service_name, request.operation_name, input)?;
        let call = call.with_context(CallContext::in_region(region));
        let outcome = target.call(request.who, request.caller, call);
        self.last = Some(outcome.clone());
        outcome.result.as_ref().map(crate::cloud::Output::to_json).map_err(Clone::clone)
    }
}

/// A command with its service, operation and options resolved.
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
        let service = cloud::SERVICES.iter().find(|service| service.prefix == self.service_name);
        let of = service.and_then(|service| service.operation(self.operation_name));
        of.is_some_and(|of| !of.refuses.contains(&parameter))
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
