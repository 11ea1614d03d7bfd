//! Whoever a draft names and is not there: made with one call, or the reason why not.

use serde_json::json;

use crate::cloud::{Arn, Call, CallContext, Caller, Probe};
use crate::lab::{Draft, Lab};

/// A user or role that the open draft names and that does not exist.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The principal as the draft writes it.
    pub principal: String,
    /// The call that makes them, with the name and the credentials of whoever makes it; or why nobody here can.
    pub make: Result<Maker, String>,
}

/// Who makes somebody, and how.
#[derive(Clone, Debug)]
pub struct Maker {
    /// What is made, as in `role/Robot`.
    pub what: String,
    pub who: String,
    pub caller: Caller,
    pub call: Call,
}

/// Returns the first principal of the open draft that does not exist.
pub fn missing(lab: &Lab) -> Option<Missing> {
    let draft = lab.draft().filter(|draft| draft.is_edited())?;
    let principal = unknown(draft)?;
    Some(Missing { make: maker(lab, &principal), principal })
}

fn unknown(draft: &Draft) -> Option<String> {
    let found = draft.diagnostics().iter().find(|found| found.code == "bad-principal")?;
    Some(found.span.of(draft.text()).trim_matches('"').to_owned())
}

fn maker(lab: &Lab, principal: &str) -> Result<Maker, String> {
    let home = &lab.stage().names.home;
    let not_made = || {
        format!(
            "`{principal}` cannot be made: AWS makes users and roles, and an id of somebody deleted never comes back; name a \
             user or role by its ARN"
        )
    };
    let arn: Arn = principal.parse().map_err(|_| not_made())?;
    let account = arn.account_id().filter(|_| arn.service() == "iam").ok_or_else(not_made)?;
    let (kind, path) = arn.resource().split_once('/').ok_or_else(not_made)?;
    if account != *home {
        return Err(format!(
            "{kind}/{path} would belong to the account {account}; who is in that account makes them, and you are in {home}"
        ));
    }
    let (path, name) =
        path.rsplit_once('/').map_or(("/".to_owned(), path), |(path, name)| (format!("/{path}/"), name));
    let (operation, input) = match kind {
        "user" => ("CreateUser", json!({"UserName": name, "Path": path})),
        "role" => {
            let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"AWS": format!("arn:aws:iam::{home}:root")}}]});
            let trust = trust.to_string();
            ("CreateRole", json!({"RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust}))
        }
        _ => return Err(not_made()),
    };
    let context = CallContext::in_region(lab.stage().names.region.clone());
    let call = Call::decode("iam", operation, input)
        .map_err(|error| error.message.clone())?
        .with_context(context.clone());
    let persona = lab.persona();
    let probe = Probe { context, ..Probe::new(format!("iam:{operation}"), principal) };
    let may = lab.world().probe(&persona.caller, &probe).is_ok_and(|record| record.decision.is_allowed());
    let (who, caller) = if may && persona.account == *home {
        (persona.name.clone(), persona.caller.clone())
    } else {
        // The account is the learner's, whatever its people may do.
        ("root".to_owned(), Caller::Root(home.clone()))
    };
    Ok(Maker { what: format!("{kind}/{name}"), who, caller, call })
}

/// Makes whoever the open draft names and is not there. Says what was done, or why not.
pub fn make_missing(lab: &mut Lab) -> Result<String, String> {
    let missing = missing(lab).ok_or_else(|| "everybody whom the draft names is there".to_owned())?;
    let Maker { what, who, caller, call } = missing.make?;
    let acting = lab.persona().name.clone();
    let made = lab.call_for(caller, who.clone(), call);
    if let Err(error) = &made.outcome.result {
        return Err(format!("{what} is not made: {error}"));
    }
    let instead = if who == acting { String::new() } else { format!(", since {acting} may not") };
    Ok(format!("{what} is there now: {} by {who}{instead}", made.call.action()))
}
