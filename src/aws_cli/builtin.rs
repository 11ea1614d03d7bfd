//! The commands beside `aws`: the clock, the reasons, whom to act as, and the few of a shell.

use serde_json::json;

use super::envelope::{self, Work};
use super::global::Global;
use super::help::HELP;
use super::{Console, GENERAL, Printed, SERVICE_ERROR, Target, failure, template};
use crate::cloud::iam::Kind;
use crate::cloud::{Call, CallContext, kms};
use crate::scenario::{Duration, RoleSession, describe_decision};
use crate::template::Scope;

impl Console {
    pub(super) fn dispatch(&mut self, target: &mut dyn Target, mut words: Vec<String>) -> Printed {
        let rest = words.split_off(1);
        match words[0].as_str() {
            "aws" => self.aws(target, &rest),
            "clock" => Self::clock(target, &rest),
            "sleep" => {
                let duration = rest
                    .first()
                    .map(|n| if n.ends_with(char::is_numeric) { format!("{n}s") } else { n.clone() });
                let printed = Self::clock(target, duration.as_slice());
                Printed { out: String::new(), ..printed }
            }
            "why" => match rest.as_slice() {
                [] => self.why(target),
                _ => usage("why: the decisions of the last call; it takes no words"),
            },
            "template" => match rest.as_slice() {
                [] => template::text(target),
                _ => usage("template: the template that this world was made from; it takes no words"),
            },
            "drift" => match rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                [] => template::drift(target, Scope::Detected, &self.names),
                ["all"] => template::drift(target, Scope::Whole, &self.names),
                _ => usage("drift [all]: what has drifted from the template; or also what is not in it"),
            },
            "seal" => envelope::run(Work::Seal, &rest),
            "unseal" => envelope::run(Work::Unseal, &rest),
            "as" => match rest.as_slice() {
                [name] => self.take_on(target, name),
                _ => usage("as NAME: whom to act as; as ROLE/SESSION assumes a role"),
            },
            "echo" => match rest.split_first() {
                Some((first, rest)) if first == "-n" => Printed::ok(rest.join(" ")),
                _ => Printed::ok(rest.join(" ") + "\n"),
            },
            "export" => self.export(&rest),
            "unset" => {
                for name in &rest {
                    self.variables.unset(name);
                }
                Printed::default()
            }
            "true" => Printed::default(),
            "false" => Printed::failed(1, ""),
            "exit" | "quit" => match rest.as_slice() {
                [] => {
                    self.ended = true;
                    Printed { code: self.code, ..Printed::default() }
                }
                [code] if code.parse::<u8>().is_ok() => {
                    self.ended = true;
                    Printed { code: code.parse().unwrap_or(self.code), ..Printed::default() }
                }
                _ => usage("exit [CODE]: leaves the console"),
            },
            "help" if rest.is_empty() => Printed::ok(HELP),
            "help" => usage("help takes no words; `aws help` and `aws SERVICE help` say more"),
            other => Printed::failed(
                127,
                format!("kmslab: {other}: command not found; `help` says what there is\n"),
            ),
        }
    }

    /// Acts as somebody from now on. A session that is not there or has ended, `ROLE/SESSION`, is made by whoever acts now.
    fn take_on(&mut self, target: &mut dyn Target, name: &str) -> Printed {
        let found = self.caller_of(target.world(), name);
        if found.is_none_or(|caller| target.world().principal(&caller).is_err()) {
            let made = match self.names.role_session(name) {
                Some(wanted) => self.assume(target, &wanted),
                None => {
                    Err(Printed::failed(GENERAL, format!("The config profile ({name}) could not be found\n")))
                }
            };
            if let Err(printed) = made {
                return printed;
            }
        }
        self.act_as(name);
        Printed::default()
    }

    /// Makes a session of a role, by a call as any other.
    fn assume(&mut self, target: &mut dyn Target, wanted: &RoleSession<'_>) -> Result<(), Printed> {
        let RoleSession { role, session, account } = wanted;
        let Some(found) = target.world().iam().identity(account, Kind::Role, role) else {
            let text = format!(
                "kmslab: as: there is no role `{role}` in the account {account}; `as ROLE/SESSION` takes \
                                the name of one\n"
            );
            return Err(Printed::failed(GENERAL, text));
        };
        let input = json!({"RoleArn": found.arn(), "RoleSessionName": session});
        let (who, caller) = self.signer(target.world(), &Global::default())?;
        let context = CallContext::in_region(self.names.region.clone());
        let call = Call::decode("sts", "AssumeRole", input).map(|call| call.with_context(context));
        let error = match call {
            Ok(call) => {
                let outcome = target.call(&who, &caller, call);
                self.last = Some(outcome.clone());
                outcome.result.as_ref().err().cloned()
            }
            Err(error) => Some(error),
        };
        let refused = |error| {
            let format = self.error_format(&Global::default());
            Printed::failed(SERVICE_ERROR, failure::of_service(format, "sts", "AssumeRole", &error))
        };
        error.map_or(Ok(()), |error| Err(refused(error)))
    }

    fn export(&mut self, words: &[String]) -> Printed {
        for word in words {
            let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
            if !super::shell::is_name(name) {
                return usage(&format!("export NAME=VALUE: `{name}` is no name"));
            }
            let set = match value {
                Some(value) => self.variables.set(name, value),
                None if self.variables.get(name).is_none() => self.variables.set(name, ""),
                None => Ok(()),
            };
            if let Err(exceeded) = set {
                return Printed::beyond(exceeded);
            }
        }
        Printed::default()
    }

    /// Runs `clock`, which says the time, or `clock +5m`, which moves it.
    fn clock(target: &mut dyn Target, words: &[String]) -> Printed {
        if words.len() > 1 {
            return usage("clock [+5m]: the simulated time; or let some of it pass");
        }
        if let Some(word) = words.first() {
            let duration: Duration = match word.parse() {
                Ok(duration) => duration,
                Err(error) => return Printed::failed(2, format!("kmslab: {error}\n")),
            };
            if let Err(error) = target.advance(duration.signed()) {
                return Printed::failed(2, format!("kmslab: {error}\n"));
            }
        }
        Printed::ok(target.world().now().strftime("%Y-%m-%dT%H:%M:%SZ\n").to_string())
    }

    /// The decisions of the last call, in order.
    fn why(&self, target: &dyn Target) -> Printed {
        let Some(outcome) = &self.last else {
            return Printed::failed(2, "kmslab: why: nothing has been called yet\n");
        };
        if outcome.decisions.is_empty() {
            return Printed::ok("the last call asked for no permission\n");
        }
        let lines = outcome.decisions.iter().enumerate().map(|(at, record)| {
            let arn = &record.request.resource().arn;
            // Nobody at a prompt has met the names that a scenario's file has for its keys.
            let key = kms::key_alias_or_id(target.world(), arn);
            let key = key.map(|key| if key.starts_with("alias/") { key } else { format!("key {key}") });
            let about = key.as_deref().unwrap_or_else(|| self.names.short(arn));
            format!("{}. {}\n", at + 1, describe_decision(record, about, &self.names))
        });
        Printed::ok(lines.collect::<String>())
    }
}

/// A command that was typed wrongly, and how it is typed.
fn usage(how: &str) -> Printed {
    Printed::failed(2, format!("kmslab: {how}\n"))
}
