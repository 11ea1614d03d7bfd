//! The records of the audit trail that a check is about.

use super::Names;
use super::format::{AuditCheck, AuditResult};
use crate::cloud::{Event, World};

/// The records that a check is about, its names resolved.
pub(super) struct Sought<'c> {
    check: &'c AuditCheck,
    /// The caller and the resource, if they matter.
    pub of: (Option<String>, Option<String>),
    service: Option<String>,
    directly: bool,
}

impl<'c> Sought<'c> {
    /// Returns what a check looks for, or says who or what is not there.
    pub fn of(check: &'c AuditCheck, names: &Names, world: &World) -> Result<Self, String> {
        let is_over = check.at_most.is_some();
        let absent =
            |name: &String| format!("there is no {name} {}", if is_over { "any more" } else { "yet" });
        let by = check.by.as_ref().map(|name| names.principal_arn(world, name).ok_or_else(|| absent(name)));
        let on = check.on.as_ref().map(|name| names.resource(world, name).map_err(|e| e.to_string()));
        let directly = check.via.as_deref() == Some("nobody");
        let service = check.via.as_deref().filter(|_| !directly).map(service_principal);
        Ok(Self { check, of: (by.transpose()?, on.transpose()?), service, directly })
    }

    /// Tells whether a record is one of them.
    pub fn is(&self, event: &Event) -> bool {
        let result = if event.is_denied() {
            AuditResult::Denied
        } else if event.error.is_some() {
            AuditResult::Error
        } else {
            AuditResult::Ok
        };
        let (by, on) = &self.of;
        event.name == self.check.event
            && by.as_ref().is_none_or(|arn| *event.who == **arn)
            && on.as_ref().is_none_or(|arn| event.resources.iter().any(|r| *r.arn == **arn))
            && self.service.as_ref().is_none_or(|name| event.invoked_by.as_deref() == Some(name.as_str()))
            && !(self.directly && event.invoked_by.is_some())
            && self.check.result.is_none_or(|wanted| wanted == result)
            && self.check.contains.as_ref().is_none_or(|wanted| {
                event.error.as_ref().is_some_and(|(_, message)| message.contains(wanted))
            })
    }
}

/// Returns a service's principal: `dynamodb` is `dynamodb.amazonaws.com`.
pub(super) fn service_principal(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.amazonaws.com") }
}
