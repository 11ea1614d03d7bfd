//! `kmslab who-can`: everybody who may do something, in every account and outside, and why.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{anyhow, bail};
use clap::Args;
use serde_json::{Value, json};

use super::Exit;
use crate::cloud::reference;
use crate::cloud::who_can::{Detail, May, Report, Row, Ruling, Tier};
use crate::limits::policy::CONDITION_VALUE;
use crate::plain::output;
use crate::policy::Proviso;
use crate::scenario::{self, Names, ProbeSpec, reason_of};

/// Arguments of `kmslab who-can`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The answer has four tiers: who may here; accounts and principals elsewhere that a policy or \
                             a grant names; services; anybody. ALLOW: as the question stands. IF: under the conditions \
                             named. DENY: not, or only one of the two decisions that the call takes."
)]
pub struct WhoCan {
    /// The action, such as kms:Decrypt
    action: String,
    /// What it is done to: an ARN, a key's alias or short name, the name of a table, a user or a role
    resource: String,
    /// The scenario whose world is asked: an id, which may be shortened, or a file
    #[arg(long, value_name = "ID|FILE", default_value = "a2")]
    scenario: String,
    /// The service that asks in their name, such as dynamodb
    #[arg(long, value_name = "SERVICE")]
    via: Option<String>,
    /// A condition key that every request has, such as aws:SourceIp=203.0.113.7; a key given twice has two values
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// Also list those who may not
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl WhoCan {
    /// Asks the question and prints who can.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        if let Some(unknown) = reference().unknown_action(&self.action) {
            bail!("`{}` is no action: {}. {}", self.action, unknown.what, unknown.remedy);
        }
        let stage = scenario::find(&self.scenario)?.build()?;
        let probe = ProbeSpec {
            caller: String::new(),
            action: self.action.clone(),
            on: self.resource.clone(),
            via: self.via.clone(),
            table: None,
            context: None,
            at: None,
        };
        let detail = if self.all { Detail::Everybody } else { Detail::Conditions };
        let report = stage.who_can(&stage.world, &probe, self.stated()?, detail)?;
        let resource = &report.question.resource;
        if let Some(others) = reference().never_asked_about(&self.action, resource) {
            bail!("{} is never asked about `{resource}`: ask about {others}", self.action);
        }
        if self.json {
            output::json(out, &report_json(&report, &stage.names))?;
        } else {
            for line in lines(&report, &stage.names) {
                output::line(out, line)?;
            }
        }
        Ok(Exit::Done)
    }

    /// The condition keys that every request has.
    fn stated(&self) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
        let mut stated: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in &self.context {
            let (key, value) = pair.split_once('=').filter(|(key, _)| key.contains(':')).ok_or_else(|| {
                anyhow!("`--context {pair}` is no condition key with a value; write it as aws:SourceIp=203.0.113.7")
            })?;
            CONDITION_VALUE.check(value.len())?;
            let known = stated.keys().find(|known| known.eq_ignore_ascii_case(key)).cloned();
            stated.entry(known.unwrap_or_else(|| key.to_owned())).or_default().push(value.to_owned());
        }
        Ok(stated)
    }
}

/// The answer in lines.
fn lines(report: &Report, names: &Names) -> Vec<String> {
    let mut out = Vec::new();
    for tier in Tier::ALL {
        let rows: Vec<&Row> = report.tier(tier).collect();
        let nobody = if rows.is_empty() { " nobody" } else { "" };
        out.push(format!("{}:{nobody}", tier.heading()));
        out.extend(rows.into_iter().map(|row| {
            let word = match row.may() {
                May::Yes => "ALLOW",
                May::If => "IF   ",
                May::No => "DENY ",
            };
            format!("{word}  {}  {}", row.name, reason_of(row, names))
        }));
    }
    out.push("Not looked at:".to_owned());
    out.extend(report.not_looked_at.iter().map(|left| format!("- {left}")));
    out
}

fn report_json(report: &Report, names: &Names) -> Value {
    let question = |probe: &crate::cloud::Probe| json!({"action": probe.action, "resource": probe.resource, "via": probe.via, "context": probe.stated});
    let mut out = json!({
        "question": question(&report.question),
        "keyQuestion": report.key_question.as_ref().map(question),
    });
    for tier in Tier::ALL {
        let rows: Vec<Value> = report.tier(tier).map(|row| row_json(row, names)).collect();
        out[tier.word()] = rows.into();
    }
    out["notLookedAt"] = report.not_looked_at.clone().into();
    out
}

fn row_json(row: &Row, names: &Names) -> Value {
    json!({
        "who": row.name,
        "answer": answer(row.may()),
        "reason": reason_of(row, names),
        "ruling": ruling_json(&row.first),
        "keyRuling": row.key.as_ref().map(ruling_json),
    })
}

fn ruling_json(ruling: &Ruling) -> Value {
    let conditions: Vec<Value> = ruling.provisos.iter().flat_map(proviso_json).collect();
    let example = (!conditions.is_empty()).then_some(&ruling.example);
    json!({
        "action": ruling.record.request.action(),
        "resource": ruling.record.request.resource().arn,
        "answer": answer(ruling.may()),
        "decision": ruling.record.decision,
        "conditions": conditions,
        "example": example,
    })
}

fn proviso_json(proviso: &Proviso) -> Vec<Value> {
    let one = |condition: &crate::policy::LeftCondition| {
        json!({
            "layer": proviso.layer,
            "policy": proviso.policy,
            "statement": proviso.statement,
            "sid": proviso.sid,
            "effect": proviso.effect,
            "operator": condition.operator,
            "key": condition.key,
            "values": condition.values,
        })
    };
    proviso.conditions.iter().map(one).collect()
}

fn answer(may: May) -> &'static str {
    match may {
        May::Yes => "allow",
        May::If => "conditional",
        May::No => "deny",
    }
}
