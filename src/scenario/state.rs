//! Fields of aliases, and of whatever a service knows fields of, as checks ask for them.

use serde_json::Value;

use super::names::{Names, UnknownName};
use crate::cloud::{Arn, SERVICES, World};

/// A field of a key, an alias or a table, by AWS's name.
pub(super) fn state(world: &World, names: &Names, of: &str, field: &str) -> Result<Value, UnknownName> {
    if of.starts_with("alias/") && field == "TargetKeyArn" {
        return names.key(world, of).map(Value::String);
    }
    let resource = names.resource(world, of)?;
    let found = resource.parse::<Arn>().ok().and_then(|resource| {
        let service = SERVICES.iter().find(|service| service.prefix == resource.service())?;
        service.field(world, &resource, field)
    });
    found.ok_or_else(|| UnknownName(format!("`{of}` has no {field} here")))
}
